//! What is particular to SQLite.

use connect::tables::{Destination, TablesError};

use crate::bed::{Bed, Place, bar, counts};

#[tokio::test]
async fn dates_times_and_decimals_are_what_other_programs_expect() {
    let bed = Bed::sqlite().await.with_bars().await;
    bed.merge(&[bar(9, "600000", 1234), bar(9, "600001", 1200)], 0).await.unwrap();
    let shown = "SELECT group_concat(trade_date || ' ' || close || ' ' || typeof(close) || ' ' || created_at, ', ') FROM bar";
    assert_eq!(
        bed.look(shown).await,
        "2025-10-09 12.34 real 2025-10-09 08:53:20, 2025-10-09 12 integer 2025-10-09 08:53:20"
    );
    assert_eq!(
        bed.look("SELECT count(*) FROM bar WHERE trade_date = date('2025-10-09') AND close > 12.3").await,
        "1"
    );
}

#[tokio::test]
async fn the_key_is_created_date_first_and_answers_either_order() {
    let bed = Bed::sqlite().await.with_bars().await;
    bed.merge(&[bar(9, "600000", 1)], 0).await.unwrap();
    bed.outside(
        "INSERT INTO bar (trade_date, stock_code, close, flag) VALUES ('2025-10-09', '600000', 2, 3) \
         ON CONFLICT (stock_code, trade_date) DO UPDATE SET close = excluded.close",
    )
    .await;
    assert_eq!(bed.look("SELECT close FROM bar").await, "2");
    let index = "SELECT name FROM pragma_index_info((SELECT name FROM pragma_index_list('bar') WHERE origin = 'u')) WHERE seqno = 0";
    assert_eq!(bed.look(index).await, "trade_date");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.db");
    std::fs::write(&path, "not a database, but long enough to have a header".repeat(10)).unwrap();
    let error = Destination::sqlite(&path).await.err().expect("no destination").to_string();
    assert!(error.starts_with(&format!("opening {}", path.display())), "{error}");
    let missing = folder.path().join("nowhere/data.db");
    assert!(matches!(Destination::sqlite(&missing).await, Err(TablesError::Lost { .. })));
}

#[tokio::test]
async fn another_program_in_the_file_is_waited_for() {
    let bed = Bed::sqlite().await.with_bars().await;
    let Place::Sqlite(folder) = &bed.place else { unreachable!() };
    let other = rusqlite::Connection::open(folder.path().join("data.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let rows = [bar(9, "1", 1)];
    let merging = bed.merge(&rows, 0);
    let (written, ()) = tokio::join!(merging, async {
        tokio::task::yield_now().await;
        other.execute_batch("COMMIT").unwrap();
    });
    assert_eq!(counts(written.unwrap()), (1, 0, 0, 0));
}
