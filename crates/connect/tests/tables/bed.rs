//! What a test stands on: a destination of its own, and rows to put there.

use std::sync::atomic::{AtomicU32, Ordering};

use connect::tables::{Cells, Column, Committed, Destination, Kind, Row, Select, Stamps, Table, TablesError};
use jiff::Timestamp;
use jiff::civil::Date;
use model::counts::ItemCounts;
use model::id::{Fence, PartitionId};
use rust_decimal::Decimal;
use tokio_postgres::NoTls;

/// A destination of one test's own, gone with it.
pub(crate) struct Bed {
    pub(crate) destination: Destination,
    pub(crate) place: Place,
}

/// Where a bed is, for looking at it from outside.
pub(crate) enum Place {
    Sqlite(tempfile::TempDir),
    Postgres { client: tokio_postgres::Client, url: String, schema: String },
}

/// A daily bar, small.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) day: Date,
    pub(crate) code: String,
    pub(crate) name: Option<String>,
    pub(crate) close: Option<Decimal>,
    pub(crate) volume: Option<i64>,
    pub(crate) flag: i16,
}

impl Row for Bar {
    const TABLE: &'static Table = &Table::new(
        "bar",
        &[
            Column::required("trade_date", Kind::Date),
            Column::required("stock_code", Kind::Text { max: 10 }),
            Column::optional("name", Kind::Text { max: 5 }),
            Column::optional("close", Kind::Decimal { precision: 10, scale: 2 }),
            Column::optional("volume", Kind::Int64),
            Column::required("flag", Kind::Int16),
        ],
        &["trade_date", "stock_code"],
    )
    .with_id()
    .with_stamps(Stamps::CreatedAndUpdated)
    .with_indexes(&[&["stock_code"]]);

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.day);
        out.push(&self.code);
        out.push(&self.name);
        out.push(self.close);
        out.push(self.volume);
        out.push(self.flag);
    }
}

/// A bar of one code on one day of October 2025, at so many cents.
pub(crate) fn bar(day: i8, code: &str, cents: i64) -> Bar {
    Bar {
        day: Date::constant(2025, 10, day),
        code: code.to_owned(),
        name: Some("平安银行".to_owned()),
        close: Some(Decimal::new(cents, 2)),
        volume: Some(cents * 100),
        flag: 3,
    }
}

/// A moment of the tests' day.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

impl Bed {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let destination = Destination::sqlite(folder.path().join("data.db")).await.unwrap();
        Self { destination, place: Place::Sqlite(folder) }
    }

    pub(crate) async fn postgres() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let url = std::env::var("TEST_DATABASE_URL")
            .expect("TEST_DATABASE_URL names the PostgreSQL the tests use; `make test` starts one");
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let schema = format!("tables_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        client.batch_execute(&format!("CREATE SCHEMA {schema}; SET search_path = {schema}")).await.unwrap();
        let destination = Destination::postgres_in(&url, &schema).await.unwrap();
        Self { destination, place: Place::Postgres { client, url, schema } }
    }

    /// The same place through another destination, as another process has it.
    pub(crate) async fn another(&self) -> Destination {
        match &self.place {
            Place::Sqlite(folder) => Destination::sqlite(folder.path().join("data.db")).await.unwrap(),
            Place::Postgres { url, schema, .. } => Destination::postgres_in(url, schema).await.unwrap(),
        }
    }

    /// The same place through a connection with another option, the table of bars ready.
    pub(crate) async fn through(&self, option: &str) -> Destination {
        let Place::Postgres { url, schema, .. } = &self.place else { panic!("only PostgreSQL has options") };
        let joint = if url.contains('?') { '&' } else { '?' };
        let destination = Destination::postgres_in(&format!("{url}{joint}{option}"), schema).await.unwrap();
        destination.ensure(&[Bar::TABLE]).await.unwrap();
        destination
    }

    pub(crate) fn schema(&self) -> &str {
        let Place::Postgres { schema, .. } = &self.place else { panic!("only PostgreSQL has schemas") };
        schema
    }

    /// Makes the table of bars ready.
    pub(crate) async fn with_bars(self) -> Self {
        self.destination.ensure(&[Bar::TABLE]).await.unwrap();
        self
    }

    /// Runs statements from outside.
    pub(crate) async fn outside(&self, sql: &str) {
        match &self.place {
            Place::Sqlite(folder) => {
                rusqlite::Connection::open(folder.path().join("data.db"))
                    .unwrap()
                    .execute_batch(sql)
                    .unwrap();
            }
            Place::Postgres { client, .. } => client.batch_execute(sql).await.unwrap(),
        }
    }

    /// The text of the single value a statement answers, read from outside.
    pub(crate) async fn look(&self, sql: &str) -> String {
        match &self.place {
            Place::Sqlite(folder) => {
                let connection = rusqlite::Connection::open(folder.path().join("data.db")).unwrap();
                let value: rusqlite::types::Value = connection.query_row(sql, [], |row| row.get(0)).unwrap();
                match value {
                    rusqlite::types::Value::Null => String::new(),
                    rusqlite::types::Value::Integer(value) => value.to_string(),
                    rusqlite::types::Value::Real(value) => value.to_string(),
                    rusqlite::types::Value::Text(value) => value,
                    rusqlite::types::Value::Blob(_) => panic!("no test looks at bytes"),
                }
            }
            Place::Postgres { client, .. } => {
                let rows = client.simple_query(sql).await.unwrap();
                let row = rows.iter().find_map(|message| match message {
                    tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                });
                row.expect("a row").get(0).unwrap_or_default().to_owned()
            }
        }
    }

    /// Merges in one transaction of partition 1, fence 1.
    pub(crate) async fn merge<R: Row>(&self, rows: &[R], second: i64) -> Result<ItemCounts, TablesError> {
        let mut transaction = self.destination.begin(PartitionId(1), Fence(1), at(second));
        transaction.merge(rows)?;
        Ok(transaction.commit().await?.total())
    }

    /// All rows of a table as lines of text, without the surrogate id.
    pub(crate) async fn lines(&self, table: &'static Table) -> Vec<String> {
        let names: Vec<&str> =
            table.all_columns().iter().map(|column| column.name).filter(|name| *name != "id").collect();
        let rows = self.destination.rows(&Select::from(table).columns(&names)).await.unwrap();
        rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect()
    }

    pub(crate) async fn close(self) {
        if let Place::Postgres { client, schema, .. } = self.place {
            client.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).await.unwrap();
        }
    }
}

/// New, updated, unchanged, deleted.
pub(crate) fn counts(written: ItemCounts) -> (i64, i64, i64, i64) {
    (written.new, written.updated, written.unchanged, written.deleted)
}

/// The same of a whole transaction.
pub(crate) fn total(committed: &Committed) -> (i64, i64, i64, i64) {
    counts(committed.total())
}

/// Makes a claim a test on each database.
#[macro_export]
macro_rules! on_both {
    ($($claim:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                super::$claim($crate::bed::Bed::sqlite().await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                super::$claim($crate::bed::Bed::postgres().await).await;
            })*
        }
    };
}
