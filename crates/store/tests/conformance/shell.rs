//! A person's own connection to the state, beside the store: for documented tables and statements.

use jiff::Timestamp;
use store::Store;
use tokio_postgres::SimpleQueryMessage;

use crate::bed::Database;

/// A person's own connection to the state.
pub(crate) enum Shell {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl Shell {
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        match self {
            Self::Sqlite(shell) => {
                let mut statement = shell.prepare(sql).unwrap();
                let columns = statement.column_count();
                let row = |row: &rusqlite::Row<'_>| {
                    (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at).map(word)).collect()
                };
                statement.query_map([], row).unwrap().map(Result::unwrap).collect()
            }
            Self::Postgres(shell) => {
                let messages = shell.simple_query(sql).await.unwrap();
                let rows = messages.iter().filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                });
                rows.map(|row| (0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()).collect()
            }
        }
    }

    pub(crate) async fn row(&self, sql: &str) -> String {
        let row = self.rows(sql).await.remove(0);
        row.into_iter().map(|cell| cell.unwrap_or_else(|| "-".to_owned())).collect::<Vec<_>>().join(" ")
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(shell) => shell.execute_batch(sql).map_err(|e| e.to_string()),
            Self::Postgres(shell) => shell.batch_execute(sql).await.map_err(|e| e.to_string()),
        }
    }

    pub(crate) async fn columns(&self, table: &str) -> String {
        match self {
            Self::Sqlite(shell) => {
                let statement = shell.prepare(&format!("SELECT * FROM {table}")).unwrap();
                statement.column_names().collect::<Vec<_>>().join(" ")
            }
            Self::Postgres(shell) => {
                let statement = shell.prepare(&format!("SELECT * FROM {table}")).await.unwrap();
                statement.columns().iter().map(tokio_postgres::Column::name).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// The database's own clock, which the documented statements go by.
    pub(crate) async fn now(&self) -> Timestamp {
        let seconds = match self {
            Self::Sqlite(_) => self.row("SELECT unixepoch()").await,
            Self::Postgres(_) => self.row("SELECT floor(extract(epoch FROM now()))::bigint").await,
        };
        Timestamp::from_second(seconds.parse().unwrap()).unwrap()
    }
}

fn word(value: rusqlite::types::Value) -> Option<String> {
    use rusqlite::types::Value;
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(number.to_string()),
        Value::Text(text) => Some(text),
        Value::Blob(_) => panic!("no column of ours is a blob"),
    }
}

/// Runs a claim on each database beside a person's connection; on PostgreSQL also one that knows nothing of our schema.
pub(crate) fn beside_a_shell<F: Future<Output = ()>>(claim: impl Fn(Store, Shell) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let store = Store::sqlite(&path).await.unwrap();
        claim(store, Shell::Sqlite(rusqlite::Connection::open(&path).unwrap())).await;
        for settings in [
            "SET TIME ZONE 'UTC'; SET search_path = syncline",
            "SET TIME ZONE 'Asia/Shanghai'",
            "SET TIME ZONE 'America/Los_Angeles'",
        ] {
            let database = Database::create().await;
            let store = Store::postgres(&database.url).await.unwrap();
            let (shell, connection) =
                tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            shell.batch_execute(settings).await.unwrap();
            claim(store, Shell::Postgres(shell)).await;
            database.remove().await;
        }
    });
}
