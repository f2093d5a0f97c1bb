//! What is particular to PostgreSQL.

use connect::tables::{Cells, Column, Destination, Kind, Row, Select, Table, TablesError, Value};
use model::fault::{Again, Fault};
use model::id::{Fence, PartitionId};
use rust_decimal::Decimal;

use crate::bed::{Bar, Bed, Place, at, bar, counts};

fn day(day: i8, codes: i64) -> Vec<Bar> {
    (0..codes).map(|code| bar(day, &format!("{code:06}"), code)).collect()
}

#[tokio::test]
async fn a_pass_without_changes_writes_next_to_no_log() {
    let bed = Bed::postgres().await.with_bars().await;
    let rows = day(9, 5_000);
    bed.merge(&rows, 0).await.unwrap();
    // Others write to the same log, so the quietest of many passes counts.
    let mut least = u64::MAX;
    for second in 1..=50 {
        let before = bed.look("SELECT pg_current_wal_insert_lsn()").await;
        assert_eq!(counts(bed.merge(&rows, second).await.unwrap()), (0, 0, 5_000, 0));
        let written =
            bed.look(&format!("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '{before}')")).await;
        least = least.min(written.parse().unwrap());
        if least < 1_000 {
            break;
        }
    }
    assert!(least < 1_000, "{least} bytes");
    bed.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_connection_is_worth_another_try_and_the_next_commit_works() {
    let bed = Bed::postgres().await.with_bars().await;
    bed.merge(&day(9, 10), 0).await.unwrap();
    bed.outside("BEGIN; LOCK TABLE bar IN ACCESS EXCLUSIVE MODE").await;
    let destination = bed.destination.clone();
    let committing = tokio::spawn(async move {
        let mut transaction = destination.begin(PartitionId(1), Fence(1), at(1));
        transaction.merge(&day(9, 20)).unwrap();
        transaction.commit().await
    });
    let terminate = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE relation = 'bar'::regclass AND NOT granted";
    while bed.look(terminate).await == "0" {}
    let error = committing.await.unwrap().unwrap_err();
    bed.outside("COMMIT").await;
    assert!(matches!(error, TablesError::Lost { .. }), "{error}");
    assert_eq!(Fault::from(error).again, Again::Again);
    assert_eq!(bed.look("SELECT count(*) FROM bar").await, "10");
    assert_eq!(counts(bed.merge(&day(9, 20), 2).await.unwrap()), (10, 0, 10, 0));
    // Connections that are cut while idle are found out before they are used.
    let other = bed.through(&format!("application_name={schema}", schema = bed.schema())).await;
    let merge = async |rows: &[Bar]| {
        let mut transaction = other.begin(PartitionId(1), Fence(1), at(3));
        transaction.merge(rows).unwrap();
        transaction.commit().await.unwrap().total()
    };
    assert_eq!(counts(merge(&day(9, 20)).await), (0, 0, 20, 0));
    let terminate = format!(
        "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE application_name = '{}'",
        bed.schema()
    );
    assert_ne!(bed.look(&terminate).await, "0");
    assert_eq!(counts(merge(&day(9, 21)).await), (1, 0, 20, 0));
    bed.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_made_after_the_look_is_merged_all_the_same() {
    let bed = Bed::postgres().await.with_bars().await;
    // Not yet committed, so the look does not see it and the straight copy runs into it.
    bed.outside(
        "BEGIN; INSERT INTO bar (trade_date, stock_code, close, flag) VALUES ('2025-10-09', '000003', 7, 3)",
    )
    .await;
    let destination = bed.destination.clone();
    let committing = tokio::spawn(async move {
        let mut transaction = destination.begin(PartitionId(1), Fence(1), at(1));
        transaction.merge(&day(9, 20)).unwrap();
        transaction.commit().await
    });
    while bed
        .look(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted AND \
                    transactionid = pg_current_xact_id()::xid",
        )
        .await
        == "0"
    {}
    bed.outside("COMMIT").await;
    assert_eq!(counts(committing.await.unwrap().unwrap().total()), (19, 1, 0, 0));
    bed.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deadlocks_are_resolved_inside() {
    let bed = Bed::postgres().await.with_bars().await;
    // PostgreSQL looks for deadlocks after a second; the test does not wait that long each time.
    let destination = bed.through("options=-c%20deadlock_timeout%3D20ms").await;
    let commits: Vec<_> = (0..4i64)
        .map(|number| {
            let destination = destination.clone();
            tokio::spawn(async move {
                for round in 0..5 {
                    let mut transaction = destination.begin(PartitionId(number), Fence(1), at(round));
                    // Half of them take the days in the other order.
                    let days = if number % 2 == 0 { [9, 10] } else { [10, 9] };
                    for day in days {
                        transaction.merge(&[bar(day, "1", number * 100 + round)]).unwrap();
                    }
                    transaction.commit().await.unwrap();
                }
            })
        })
        .collect();
    for commit in commits {
        commit.await.unwrap();
    }
    bed.close().await;
}

#[tokio::test]
async fn the_key_is_created_date_first_and_answers_either_order() {
    let bed = Bed::postgres().await.with_bars().await;
    bed.merge(&[bar(9, "600000", 1)], 0).await.unwrap();
    bed.outside(
        "INSERT INTO bar (trade_date, stock_code, close, flag) VALUES ('2025-10-09', '600000', 2, 3) \
         ON CONFLICT (stock_code, trade_date) DO UPDATE SET close = excluded.close",
    )
    .await;
    assert_eq!(bed.look("SELECT close FROM bar").await, "2.00");
    let key = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'bar'::regclass AND contype = 'u'";
    assert_eq!(bed.look(key).await, "UNIQUE (trade_date, stock_code)");
    let types = "SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute \
                 WHERE attrelid = 'bar'::regclass AND attnum > 0";
    assert_eq!(
        bed.look(types).await,
        "bigint, date, character varying(10), character varying(5), numeric(10,2), bigint, smallint, \
         timestamp with time zone, timestamp with time zone"
    );
    bed.close().await;
}

#[tokio::test]
async fn no_secret_is_in_a_message() {
    for url in [
        "postgres://me:hunter2@127.0.0.1:1/x",
        "postgres://me:hunter2@[::bad/x",
        "host=127.0.0.1 port=1 password=hunter2 bad",
    ] {
        let error = Destination::postgres(url).await.err().expect("nobody answers there");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let unreachable = Destination::postgres("postgres://me:hunter2@127.0.0.1:1/x").await.err().unwrap();
    assert!(matches!(unreachable, TablesError::Lost { .. }), "{unreachable}");
}

#[tokio::test]
async fn a_table_that_was_not_made_ready_is_said() {
    let bed = Bed::postgres().await;
    let error = bed.merge(&[bar(9, "1", 1)], 0).await.unwrap_err();
    assert_eq!(error.to_string(), "table `bar`: it was not made ready before it was written");
    bed.close().await;
}

struct Exact {
    at: i32,
    wide: Decimal,
    narrow: Decimal,
    moment: jiff::Timestamp,
}

impl Row for Exact {
    const TABLE: &'static Table = &Table::new(
        "exact",
        &[
            Column::required("at", Kind::Int32),
            Column::required("wide", Kind::Decimal { precision: 28, scale: 10 }),
            Column::required("narrow", Kind::Decimal { precision: 10, scale: 2 }),
            Column::required("date", Kind::Date),
            Column::required("wall", Kind::Timestamp),
            Column::required("moment", Kind::Instant),
        ],
        &["at"],
    );
    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        let wall = jiff::tz::TimeZone::UTC.to_datetime(self.moment);
        out.push(self.at);
        out.push(self.wide);
        out.push(self.narrow);
        out.push(wall.date());
        out.push(wall);
        out.push(self.moment);
    }
}

#[tokio::test]
async fn what_is_encoded_is_what_postgres_shows() {
    let bed = Bed::postgres().await;
    bed.destination.ensure(&[Exact::TABLE]).await.unwrap();
    let mut random = fastrand::Rng::with_seed(20_251_009);
    let rows: Vec<Exact> = (0..5_000)
        .map(|at| {
            let digits = random.u32(0..=28);
            let bound = 10i128.pow(digits);
            let narrow = i64::try_from(bound.min(10_000_000_000)).unwrap();
            Exact {
                at,
                wide: Decimal::from_i128_with_scale(random.i128(-bound + 1..bound), 10),
                narrow: Decimal::new(random.i64(-narrow + 1..narrow), 2),
                moment: jiff::Timestamp::from_second(random.i64(-62_135_596_800..253_402_300_799 - 86_400))
                    .unwrap(),
            }
        })
        .collect();
    assert_eq!(bed.merge(&rows, 0).await.unwrap().new, 5_000);
    let Place::Postgres { client, .. } = &bed.place else { unreachable!() };
    client.batch_execute("SET timezone = 'UTC'").await.unwrap();
    let shown = client
        .query(
            "SELECT wide::text, narrow::text, date::text, wall::text, moment::text FROM exact ORDER BY at",
            &[],
        )
        .await
        .unwrap();
    for (row, shown) in rows.iter().zip(&shown) {
        let wall = jiff::tz::TimeZone::UTC.to_datetime(row.moment);
        let text = |at: usize| shown.get::<_, String>(at);
        assert_eq!(text(0), format!("{:.10}", row.wide));
        assert_eq!(text(1), format!("{:.2}", row.narrow));
        assert_eq!(text(2), wall.date().to_string());
        assert_eq!(text(3), wall.to_string().replace('T', " "));
        assert_eq!(text(4), format!("{}+00", wall.to_string().replace('T', " ")));
    }
    let read = bed.destination.rows(&Select::from(Exact::TABLE)).await.unwrap();
    for (row, read) in rows.iter().zip(&read) {
        assert_eq!(read[1], Value::Decimal(row.wide));
        assert_eq!(read[2], Value::Decimal(row.narrow));
        assert_eq!(read[5], Value::Instant(row.moment));
    }
    assert_eq!(counts(bed.merge(&rows, 1).await.unwrap()), (0, 0, 5_000, 0));
    bed.close().await;
}
