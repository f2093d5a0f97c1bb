//! Where the databases are, and that they are gone with their test.

use std::sync::atomic::{AtomicU32, Ordering};

use connect::tables::Destination;
use store::Store;
use tempfile::TempDir;

/// Which databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Sqlite,
    Postgres,
}

/// Where the databases are.
pub(crate) enum Place {
    Folder(TempDir),
    Database(Database),
}

/// A database of its own on the PostgreSQL of the tests, dropped with it.
pub(crate) struct Database {
    pub(crate) admin: String,
    pub(crate) name: String,
    pub(crate) url: String,
}

impl Place {
    pub(crate) async fn new(base: Base) -> Self {
        match base {
            Base::Sqlite => Self::Folder(tempfile::tempdir().unwrap()),
            Base::Postgres => Self::Database(Database::new().await),
        }
    }

    /// State and destination.
    pub(crate) async fn open(&self) -> (Store, Destination) {
        let store = match self {
            Self::Folder(folder) => Store::sqlite(&folder.path().join("state.db")).await.unwrap(),
            Self::Database(database) => Store::postgres(&database.url).await.unwrap(),
        };
        (store, self.destination().await)
    }

    /// The destination alone.
    pub(crate) async fn destination(&self) -> Destination {
        match self {
            Self::Folder(folder) => Destination::sqlite(folder.path().join("data.db")).await.unwrap(),
            Self::Database(database) => Destination::postgres(&database.url).await.unwrap(),
        }
    }
}

impl Database {
    async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let admin = std::env::var("TEST_DATABASE_URL")
            .expect("TEST_DATABASE_URL names the PostgreSQL the tests use; `make test` starts one");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("systems_{}_{number}", std::process::id());
        let client = admin_client(&admin).await;
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (server, options) = match admin.split_once('?') {
            Some((server, options)) => (server, format!("?{options}")),
            None => (admin.as_str(), String::new()),
        };
        let (server, _) = server.rsplit_once('/').unwrap();
        let url = format!("{server}/{name}{options}");
        Self { admin, name, url }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        if name.is_empty() {
            return;
        }
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let client = admin_client(&admin).await;
                client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
            });
        });
        assert!(dropped.join().is_ok() || std::thread::panicking(), "the database could not be dropped");
    }
}

pub(crate) async fn admin_client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
