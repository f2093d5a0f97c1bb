//! What only the inside of this room can arrange: a full disk, a caller that leaves.

use std::sync::Arc;

use jiff::Timestamp;
use model::fault::{Again, Fault};
use model::id::{Fence, PartitionId};

use super::super::batch::Batch;
use super::super::cell::Cells;
use super::super::destination::{Committed, Existing, Work, Write};
use super::super::error::TablesError;
use super::super::select::{Aggregate, Select};
use super::super::table::{Column, Kind, Row, Table};
use super::super::value::Value;
use super::Sqlite;

struct Line(i64);

impl Row for Line {
    const TABLE: &'static Table = &Table::new(
        "line",
        &[Column::required("number", Kind::Int64), Column::required("text", Kind::LongText)],
        &["number"],
    );
    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.0);
        out.push("forty characters or so, to need some room");
    }
}

async fn merge(sqlite: &Sqlite, lines: i64) -> Result<Committed, TablesError> {
    let rows: Vec<Line> = (0..lines).map(Line).collect();
    let (state, now) = (Arc::from(""), Timestamp::UNIX_EPOCH);
    let writes = vec![Write::Put(Batch::of(&rows).unwrap(), Existing::Change)];
    sqlite.commit(Work { state, partition: PartitionId(1), fence: Fence(1), now, writes }).await
}

async fn limit_pages(sqlite: &Sqlite, pages: u32) {
    let limit = sqlite.write(move |connection| {
        connection.pragma_update(None, "max_page_count", pages).expect("a limit can be set");
        Ok(())
    });
    limit.await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_said_and_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(folder.path().join("data.db")).await.unwrap();
    sqlite.ensure(&[Line::TABLE]).await.unwrap();
    merge(&sqlite, 10).await.unwrap();
    limit_pages(&sqlite, 40).await;
    let error = merge(&sqlite, 20_000).await.unwrap_err();
    assert!(matches!(error, TablesError::Full { .. }), "{error}");
    assert_eq!(error.to_string(), "writing `line`: the destination is full: database or disk is full");
    assert_eq!(Fault::from(error).again, Again::Again);
    let count = Select::from(Line::TABLE).aggregate(&[Aggregate::Count]);
    assert_eq!(sqlite.rows(&count).await.unwrap(), [[Value::Int(10)]]);
    limit_pages(&sqlite, 1_000_000).await;
    let written = merge(&sqlite, 20_000).await.unwrap().total();
    assert_eq!((written.new, written.unchanged), (19_990, 10));
}

#[tokio::test]
async fn a_transaction_whose_caller_left_before_its_turn_is_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(folder.path().join("data.db")).await.unwrap();
    sqlite.ensure(&[Line::TABLE]).await.unwrap();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let busy = sqlite.write(move |_| {
        let _ = gate.recv();
        Ok(())
    });
    let mut busy = Box::pin(busy);
    let _ = futures_util::poll!(&mut busy);
    let mut abandoned = Box::pin(merge(&sqlite, 10));
    let _ = futures_util::poll!(&mut abandoned);
    drop(abandoned);
    open.send(()).unwrap();
    busy.await.unwrap();
    let count = Select::from(Line::TABLE).aggregate(&[Aggregate::Count]);
    merge(&sqlite, 0).await.unwrap();
    assert_eq!(sqlite.rows(&count).await.unwrap(), [[Value::Int(0)]]);
}
