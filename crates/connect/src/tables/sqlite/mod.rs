//! The destination on SQLite: one writer thread that takes whole transactions, and read connections beside it.
//!
//! A transaction reaches the thread complete, so a caller that goes away never leaves one open.

mod cells;
mod commit;
mod ensure;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::ddl;
use super::destination::{Committed, Work};
use super::error::TablesError;
use super::select::Select;
use super::sql::Dialect;
use super::table::Table;
use super::value::Value;

/// Transactions waiting for the thread; more wait in their callers.
const QUEUE: usize = 64;

/// Connections for reading: more would only share the same two or four cores.
const READERS: usize = 4;

/// How long another process may hold the file's write lock.
const BUSY: Duration = Duration::from_secs(20);

/// Statements kept ready per connection: a handful per table.
const STATEMENTS: usize = 128;

/// Pages the log holds before it is put back into the file: 32 MiB, so that a backfill does it seldom.
const CHECKPOINT_PAGES: u32 = 8_000;

/// Cache of the writing connection: the pages a day of bars changes, several times over.
const CACHE_KIB: i32 = 16 << 10;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

pub(crate) struct Sqlite {
    writer: mpsc::Sender<Job>,
    readers: Arc<Readers>,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    seats: Semaphore,
}

impl Sqlite {
    pub(crate) async fn open(path: PathBuf) -> Result<Self, TablesError> {
        let opening = path.clone();
        let connection = tokio::task::spawn_blocking(move || open_writer(&opening))
            .await
            .expect("opening a database does not panic")?;
        let (writer, jobs) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("destination".to_owned())
            .spawn(move || write(connection, jobs))
            .map_err(|error| TablesError::Lost {
                tried: "starting a thread".to_owned(),
                why: error.to_string(),
            })?;
        let readers = Readers { path, idle: Mutex::default(), seats: Semaphore::new(READERS) };
        Ok(Self { writer, readers: Arc::new(readers) })
    }

    pub(crate) async fn ensure(&self, tables: &[&'static Table]) -> Result<(), TablesError> {
        let tables = tables.to_vec();
        self.write(move |connection| ensure::ensure(connection, &tables)).await
    }

    pub(crate) async fn commit(&self, work: Work) -> Result<Committed, TablesError> {
        self.write(move |connection| commit::commit(connection, &work)).await
    }

    pub(crate) async fn rows(&self, select: &Select) -> Result<Vec<Vec<Value>>, TablesError> {
        let query = Dialect::Sqlite.select(select)?;
        let table = select.table.name;
        self.read(move |connection| cells::query(connection, table, &query)).await
    }

    pub(crate) async fn holds(&self, table: &'static Table) -> Result<bool, TablesError> {
        self.read(|connection| {
            connection
                .query_row(
                    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1",
                    [table.name],
                    |row| row.get::<_, i64>(0),
                )
                .map(|count| count > 0)
                .map_err(|error| failed("looking for a table", &error))
        })
        .await
    }

    pub(crate) async fn ping(&self) -> Result<(), TablesError> {
        self.read(|connection| {
            connection
                .query_row("SELECT 1", [], |_| Ok(()))
                .map_err(|error| failed("asking for an answer", &error))
        })
        .await
    }

    pub(crate) async fn forget_fences(&self, before: Timestamp) -> Result<u64, TablesError> {
        self.write(move |connection| {
            let text = super::value::civil_text(super::value::utc(before));
            let forgotten = connection.execute(&ddl::forget_fences(&Dialect::Sqlite), [text]);
            forgotten.map(|rows| rows as u64).map_err(|error| failed("forgetting old fences", &error))
        })
        .await
    }

    /// Has the writer thread do `job`; not done when the caller is gone before its turn.
    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, TablesError> + Send + 'static,
    ) -> Result<T, TablesError> {
        let stopped = || TablesError::Lost {
            tried: "writing".to_owned(),
            why: "the thread that writes has stopped".to_owned(),
        };
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            if !answer.is_closed() {
                let _ = answer.send(job(connection));
            }
        });
        self.writer.send(job).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, TablesError> + Send + 'static,
    ) -> Result<T, TablesError> {
        let readers = Arc::clone(&self.readers);
        let _seat = self.readers.seats.acquire().await.expect("the seats are never closed");
        let reading = tokio::task::spawn_blocking(move || {
            let idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => open_reader(&readers.path)?,
            };
            let answer = job(&connection);
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer
        });
        reading.await.expect("reading does not panic")
    }
}

fn write(mut connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.blocking_recv() {
        job(&mut connection);
    }
}

fn open_writer(path: &Path) -> Result<Connection, TablesError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A commit that was reported must outlive a power cut: the state store builds on it.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    };
    open().map_err(|error| failed(&format!("opening {}", path.display()), &error))
}

fn open_reader(path: &Path) -> Result<Connection, TablesError> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    };
    open().map_err(|error| failed(&format!("opening {} for reading", path.display()), &error))
}

/// The error in this room's terms.
fn failed(tried: &str, error: &rusqlite::Error) -> TablesError {
    let (tried, why) = (tried.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => TablesError::Full { tried, why },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => TablesError::Busy { tried, why },
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory) => {
            TablesError::Lost { tried, why }
        }
        _ => TablesError::Refused { tried, why },
    }
}
