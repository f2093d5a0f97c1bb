//! Statements past everything that holds the databases.

use crate::bed::{Place, admin_client};

/// Runs them on `state.db` or `data.db`, where the databases are two.
pub(crate) async fn outside(place: &Place, file: &str, sql: &str) {
    match place {
        Place::Folder(folder) => {
            let connection = rusqlite::Connection::open(folder.path().join(file)).unwrap();
            connection.pragma_update(None, "foreign_keys", false).unwrap();
            connection.execute_batch(sql).unwrap();
        }
        Place::Database(database) => admin_client(&database.url).await.batch_execute(sql).await.unwrap(),
    }
}
