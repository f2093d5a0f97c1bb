//! What the databases hold, asked past everything of ours.

use rusqlite::types::ValueRef;
use tokio_postgres::SimpleQueryMessage;

use crate::bed::Bed;
use crate::shared::Place;

impl Bed {
    /// The rows of a statement, each with `|` between its values; `NULL` is nothing.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        match &self.place {
            Place::Folder(folder) => {
                let connection = rusqlite::Connection::open(folder.path().join("state.db")).unwrap();
                let mut statement = connection.prepare(sql).unwrap();
                let width = statement.column_count();
                let told = |row: &rusqlite::Row<'_>| {
                    (0..width).map(|at| Ok(text(row.get_ref(at)?))).collect::<rusqlite::Result<Vec<_>>>()
                };
                let rows = statement.query_map([], told).unwrap();
                rows.map(|row| row.unwrap().join("|")).collect()
            }
            Place::Database(database) => {
                let client = crate::shared::place::admin_client(&database.url).await;
                let messages = client.simple_query(sql).await.unwrap().into_iter();
                let rows = messages.filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                });
                let told = |row: tokio_postgres::SimpleQueryRow| {
                    (0..row.len()).map(|at| row.get(at).unwrap_or_default().to_owned()).collect::<Vec<_>>()
                };
                rows.map(|row| told(row).join("|")).collect()
            }
        }
    }

    /// The tables of the state, views left out.
    pub(crate) async fn tables(&self) -> Vec<String> {
        let sql = match &self.place {
            Place::Folder(_) => "SELECT name FROM sqlite_schema WHERE type = 'table'",
            Place::Database(_) => {
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables \
                 WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            }
        };
        self.rows(sql).await
    }
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
