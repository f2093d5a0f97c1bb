//! The embedded database: one writer thread with group commit, readers beside it.
//!
//! Operations that arrive while a transaction is being written join the next one, so that many share one flush. Each
//! runs in a savepoint of its own: one that fails leaves the others alone. Nothing is answered before the commit.

use std::fs::{File, OpenOptions, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, StatementStatus, ToSql};
use tokio::sync::oneshot;

use crate::tx::{Answer, Arg, Cell, DbError, Row, Touched, Tx};
use crate::{StoreError, schema};

/// Operations that share one commit at most: above this the wait of the first grows and the gain does not.
const GROUP_MAX: usize = 256;

/// Readers run beside each other; more than the cores of a small machine gain nothing.
const READERS: usize = 2;

/// How long SQLite waits for a lock somebody else holds (a backup, a person's shell).
const BUSY: Duration = Duration::from_secs(10);

/// A connection with its statements.
pub(crate) struct Connection(rusqlite::Connection);

type Waiting = Box<dyn FnOnce(Result<(), DbError>) + Send>;
/// An operation of the writer: runs inside the group's transaction, or hears why there is none, and says whom to
/// answer once the group is committed.
type Job = Box<dyn FnOnce(Result<&mut Connection, DbError>) -> Waiting + Send>;
type Read = Box<dyn FnOnce(&mut Connection) + Send>;

/// See the module.
#[derive(Clone)]
pub(crate) struct Sqlite {
    writer: Writer,
    /// `None` in memory, where reads go through the writer.
    readers: Option<Sender<Read>>,
    /// Held as long as the database is open.
    _lock: Option<Arc<File>>,
}

#[derive(Clone)]
enum Writer {
    Thread(Sender<Job>),
    /// In memory there is no flush to share: an operation is done where it is asked for, without a wait, so that a
    /// simulation over it takes the same way each time.
    Here(Arc<Mutex<Connection>>),
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let memory = path == Path::new(":memory:");
        let lock = if memory { None } else { Some(Arc::new(lock(path)?)) };
        let fail = |e: DbError| StoreError::Failed {
            tried: "opening the database",
            reason: format!("{}: {}", path.display(), words(e)),
        };
        let mut connection = Connection::open(path, OpenFlags::default()).map_err(fail)?;
        connection.prepare_writer(memory).map_err(fail)?;
        if memory {
            let writer = Writer::Here(Arc::new(Mutex::new(connection)));
            return Ok(Self { writer, readers: None, _lock: None });
        }
        let (writer, jobs) = channel();
        spawn("syncline-writer", move || write_loop(connection, &jobs));
        let readers = Some(start_readers(path).map_err(fail)?);
        Ok(Self { writer: Writer::Thread(writer), readers, _lock: lock })
    }

    /// Runs an operation in the next group and answers after its commit.
    pub(crate) async fn write<T, F>(&self, operation: F) -> Result<(T, Touched), DbError>
    where
        T: Send + 'static,
        F: for<'a, 't> FnOnce(&'a mut Tx<'t>) -> Answer<'a, T> + Send + 'static,
    {
        let writer = match &self.writer {
            Writer::Thread(writer) => writer,
            Writer::Here(connection) => {
                return connection.lock().unwrap_or_else(PoisonError::into_inner).in_savepoint(operation);
            }
        };
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |group| {
            let result = group.and_then(|connection| connection.in_savepoint(operation));
            Box::new(move |committed| {
                // Nobody listens any more when the caller was dropped; what is committed stays committed.
                drop(answer.send(result.and_then(|value| committed.map(|()| value))));
            })
        });
        writer.send(job).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Runs a reading operation beside the writer.
    pub(crate) async fn read<T, F>(&self, operation: F) -> Result<(T, Touched), DbError>
    where
        T: Send + 'static,
        F: for<'a, 't> FnOnce(&'a mut Tx<'t>) -> Answer<'a, T> + Send + 'static,
    {
        let Some(readers) = &self.readers else {
            return self.write(operation).await;
        };
        let (answer, answered) = oneshot::channel();
        let read: Read = Box::new(move |connection| {
            let result = connection.in_snapshot(operation);
            drop(answer.send(result));
        });
        readers.send(read).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

fn gone() -> DbError {
    DbError::Lost("the database thread has ended".to_owned())
}

fn words(e: DbError) -> String {
    match e {
        DbError::Lost(reason) | DbError::Conflict(reason) | DbError::Failed(reason) => reason,
        DbError::TooLarge { what, .. } => format!("{what} is too large"),
    }
}

/// The lock file tells two processes apart; SQLite's own locks would let both in.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let failed = |reason: String| StoreError::Failed {
        tried: "locking the database",
        reason: format!("{}: {reason}", name.display()),
    };
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(|e| failed(e.to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.display().to_string() }),
        Err(TryLockError::Error(e)) => Err(failed(e.to_string())),
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) {
    thread::Builder::new().name(name.to_owned()).spawn(body).expect("the system can start one more thread");
}

fn start_readers(path: &Path) -> Result<Sender<Read>, DbError> {
    let (sender, reads) = channel::<Read>();
    let reads = Arc::new(Mutex::new(reads));
    for _ in 0..READERS {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open(path, flags)?;
        let reads = Arc::clone(&reads);
        spawn("syncline-reader", move || {
            while let Some(read) = next(&reads) {
                read(&mut connection);
            }
        });
    }
    Ok(sender)
}

fn next(reads: &Mutex<Receiver<Read>>) -> Option<Read> {
    reads.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn write_loop(mut connection: Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut open = connection.begin();
        let mut waiting = Vec::new();
        let mut group = Some(first);
        while let Some(job) = group.take() {
            waiting.push(job(open.clone().map(|()| &mut connection)));
            // A full disk takes the whole transaction back: what comes next must not run outside of one.
            if open.is_ok() && connection.0.is_autocommit() {
                open = Err(DbError::Failed("the transaction was taken back by the database".to_owned()));
            }
            if waiting.len() < GROUP_MAX {
                group = jobs.try_recv().ok();
            }
        }
        let committed = open.and_then(|()| connection.commit());
        for answer in waiting {
            answer(committed.clone());
        }
    }
    // A reader that is closed last leaves the log behind: written into the database here, one file is the whole state.
    drop(connection.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
}

impl Connection {
    fn open(path: &Path, flags: OpenFlags) -> Result<Self, DbError> {
        let connection = rusqlite::Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(256);
        // Else a statement is planned anew whenever other values are bound to it: a third of all time (measured).
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self(connection))
    }

    fn prepare_writer(&mut self, memory: bool) -> Result<(), DbError> {
        if !memory {
            self.0.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        }
        self.0.execute_batch("PRAGMA foreign_keys = ON;")?;
        let version: i64 = self.0.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let steps = schema::sqlite(version)?;
        if !steps.is_empty() {
            let newest = schema::newest();
            self.0.execute_batch(&format!(
                "BEGIN IMMEDIATE; {steps} PRAGMA user_version = {newest}; COMMIT;"
            ))?;
        }
        Ok(())
    }

    fn begin(&self) -> Result<(), DbError> {
        self.0.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    fn commit(&self) -> Result<(), DbError> {
        let committed = self.0.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
        if committed.is_err() {
            // A failed commit leaves the transaction open; without one this says so and changes nothing.
            drop(self.0.execute_batch("ROLLBACK"));
        }
        Ok(committed.map(drop)?)
    }

    fn in_savepoint<T, F>(&mut self, operation: F) -> Result<(T, Touched), DbError>
    where
        F: for<'a, 't> FnOnce(&'a mut Tx<'t>) -> Answer<'a, T>,
    {
        self.0.prepare_cached("SAVEPOINT operation")?.execute([])?;
        let result = self.in_tx(operation);
        if result.is_err() {
            // Where the whole transaction was taken back, the savepoint went with it; the operation's error stands.
            drop(self.0.execute_batch("ROLLBACK TO operation; RELEASE operation"));
            return result;
        }
        self.0.prepare_cached("RELEASE operation")?.execute([])?;
        result
    }

    fn in_snapshot<T, F>(&mut self, operation: F) -> Result<(T, Touched), DbError>
    where
        F: for<'a, 't> FnOnce(&'a mut Tx<'t>) -> Answer<'a, T>,
    {
        self.0.prepare_cached("BEGIN")?.execute([])?;
        let result = self.in_tx(operation);
        self.0.prepare_cached("COMMIT")?.execute([])?;
        result
    }

    fn in_tx<T, F>(&mut self, operation: F) -> Result<(T, Touched), DbError>
    where
        F: for<'a, 't> FnOnce(&'a mut Tx<'t>) -> Answer<'a, T>,
    {
        let mut tx = Tx::sqlite(self);
        // A panic is the operation's failure; the thread that all others depend on goes on.
        let done = catch_unwind(AssertUnwindSafe(|| operation(&mut tx).now_or_never()));
        let done = done.map_err(|_| DbError::Failed("the operation panicked".to_owned()))?;
        let value = done.expect("nothing on SQLite waits")?;
        Ok((value, tx.touched))
    }

    /// All rows, and the steps it took to find them.
    pub(crate) fn all(&mut self, sql: &str, args: &[Arg]) -> Result<(Vec<Row>, u64), DbError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(args))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let cells = (0..columns).map(|at| cell(row.get_ref(at)?)).collect::<Result<Vec<_>, DbError>>()?;
            out.push(Row::new(cells));
        }
        drop(rows);
        let steps = statement.reset_status(StatementStatus::VmStep);
        Ok((out, u64::try_from(steps).unwrap_or_default()))
    }

    pub(crate) fn run(&mut self, sql: &str, args: &[Arg]) -> Result<u64, DbError> {
        let changed = self.0.prepare_cached(sql)?.execute(rusqlite::params_from_iter(args))?;
        Ok(changed as u64)
    }
}

fn cell(value: ValueRef<'_>) -> Result<Cell, DbError> {
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(number) => Ok(Cell::Int(number)),
        ValueRef::Text(text) => {
            Ok(Cell::Text(std::str::from_utf8(text).map_err(|e| DbError::Failed(e.to_string()))?.to_owned()))
        }
        other => Err(DbError::Failed(format!("a column of kind {} was not expected", other.data_type()))),
    }
}

impl ToSql for Arg {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(value) => ToSqlOutput::Borrowed(ValueRef::Integer(*value)),
            Self::Bool(value) => ToSqlOutput::Borrowed(ValueRef::Integer((*value).into())),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
        })
    }
}
