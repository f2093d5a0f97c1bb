//! The two databases behind one enum, and how an operation is run on either.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::StoreError;
use crate::postgres::Postgres;
use crate::ring::{Bell, Rings};
use crate::sql::Sql;
use crate::sqlite::Sqlite;
use crate::tx::{Answer, Cost, DbError, Touched, Tx};

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// The state store, for the engine. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    reader: Reader,
}

/// The reading half, for everybody. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    db: Db,
    bell: Bell,
    probe: Option<Arc<dyn Probe>>,
}

#[derive(Clone)]
enum Db {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Asked around every operation; lets a simulation crash, lose and delay what it likes.
pub trait Probe: Send + Sync {
    /// Before the operation reaches the database.
    fn before(&self, tried: &'static str) -> ProbeAnswer;
    /// After its commit, before the caller hears of it.
    fn after(&self, tried: &'static str) -> ProbeAnswer;
    /// What it cost, told after its commit. Whoever bounds the work of something listens.
    fn cost(&self, _tried: &'static str, _cost: Cost) {}
}

/// See [`Probe`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeAnswer {
    /// Go on.
    Go,
    /// Go on when polled again: others may come in between.
    Wait,
    /// The caller is told that the store is unavailable.
    Fail,
    /// The caller never hears again: its process is dead or stalled.
    Hang,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.reader.fmt(f)
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.db {
            Db::Sqlite(_) => "Store(SQLite)",
            Db::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}

static CLOCK: Sql = Sql::two("SELECT 0", "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
static PING: Sql = Sql::new("SELECT count(*) FROM sync");

impl Store {
    /// Opens (creates, migrates) the embedded database at `path`; `:memory:` is a new one that goes with the store.
    ///
    /// # Errors
    /// The file cannot be opened, is another process's, or was written by a newer version.
    #[expect(clippy::unused_async, reason = "both databases are opened the same way")]
    pub async fn sqlite(path: &Path) -> Result<Self> {
        let db = Db::Sqlite(Sqlite::open(path)?);
        Ok(Self { reader: Reader { db, bell: Bell::new(), probe: None } })
    }

    /// Connects to PostgreSQL and migrates schema `syncline`.
    ///
    /// # Errors
    /// The URL is wrong, the server does not answer, or the state was written by a newer version.
    pub async fn postgres(url: &str) -> Result<Self> {
        let bell = Bell::new();
        let db = Db::Postgres(Postgres::open(url, bell.clone()).await?);
        Ok(Self { reader: Reader { db, bell, probe: None } })
    }

    /// The same store with a probe around every operation.
    #[must_use]
    pub fn with_probe(&self, probe: Arc<dyn Probe>) -> Self {
        let mut reader = self.reader.clone();
        reader.probe = Some(probe);
        Self { reader }
    }

    /// The reading half.
    #[must_use]
    pub fn read(&self) -> Reader {
        self.reader.clone()
    }

    /// Wakers.
    #[must_use]
    pub fn rings(&self) -> Rings {
        self.reader.bell.rings()
    }

    /// How far the database's clock is ahead of `now` (zero on SQLite): leases are kept by the database's clock.
    ///
    /// # Errors
    /// The store failed.
    pub async fn clock_offset(&self, now: Timestamp) -> Result<SignedDuration> {
        let theirs =
            self.read_tx("reading the database's clock", |tx| Box::pin(tx.number(&CLOCK, &[]))).await?;
        Ok(match self.reader.db {
            Db::Sqlite(_) => SignedDuration::ZERO,
            Db::Postgres(_) => SignedDuration::from_micros(theirs - now.as_microsecond()),
        })
    }

    /// True for the embedded database, which one process has to itself.
    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self.reader.db, Db::Sqlite(_))
    }

    pub(crate) async fn read_tx<T, F>(&self, tried: &'static str, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Answer<'a, T> + Send + Sync + 'static,
    {
        self.reader.read_tx(tried, operation).await
    }

    /// Runs an operation in one transaction and rings for what it touched. `tried` completes "failed while …".
    pub(crate) async fn write_tx<T, F>(&self, tried: &'static str, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Answer<'a, T> + Send + Sync + 'static,
    {
        self.reader.probe_before(tried).await?;
        let result = match &self.reader.db {
            Db::Sqlite(db) => db.write(operation).await,
            Db::Postgres(db) => db.write(operation).await,
        };
        let (value, touched) = result.map_err(|e| e.into_store(tried))?;
        self.ring(touched);
        self.reader.probe_after(tried, touched.cost).await?;
        Ok(value)
    }

    fn ring(&self, touched: Touched) {
        self.reader.bell.ring(touched);
        if let Db::Postgres(db) = &self.reader.db
            && touched.any()
        {
            db.ring();
        }
    }
}

impl Reader {
    /// Answers when the database does.
    ///
    /// # Errors
    /// The store failed.
    pub async fn ping(&self) -> Result<()> {
        self.read_tx("asking whether the database answers", |tx| Box::pin(tx.number(&PING, &[])))
            .await
            .map(drop)
    }

    pub(crate) async fn read_tx<T, F>(&self, tried: &'static str, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Answer<'a, T> + Send + Sync + 'static,
    {
        self.probe_before(tried).await?;
        let result = match &self.db {
            Db::Sqlite(db) => db.read(operation).await,
            Db::Postgres(db) => db.read(operation).await,
        };
        let (value, touched) = result.map_err(|e| e.into_store(tried))?;
        self.probe_after(tried, touched.cost).await?;
        Ok(value)
    }

    async fn probe_before(&self, tried: &'static str) -> Result<()> {
        match &self.probe {
            Some(probe) => obey(probe.before(tried), tried).await,
            None => Ok(()),
        }
    }

    async fn probe_after(&self, tried: &'static str, cost: Cost) -> Result<()> {
        match &self.probe {
            Some(probe) => {
                probe.cost(tried, cost);
                obey(probe.after(tried), tried).await
            }
            None => Ok(()),
        }
    }
}

async fn obey(answer: ProbeAnswer, tried: &'static str) -> Result<()> {
    match answer {
        ProbeAnswer::Go => Ok(()),
        ProbeAnswer::Wait => {
            let mut waited = false;
            std::future::poll_fn(|cx| {
                if std::mem::replace(&mut waited, true) {
                    return std::task::Poll::Ready(Ok(()));
                }
                cx.waker().wake_by_ref();
                std::task::Poll::Pending
            })
            .await
        }
        ProbeAnswer::Fail => Err(StoreError::Unavailable { tried, reason: "the probe says so".to_owned() }),
        ProbeAnswer::Hang => std::future::pending().await,
    }
}

impl DbError {
    pub(crate) fn into_store(self, tried: &'static str) -> StoreError {
        match self {
            Self::Lost(reason) | Self::Conflict(reason) => StoreError::Unavailable { tried, reason },
            Self::Failed(reason) => StoreError::Failed { tried, reason },
            Self::TooLarge { what, size, limit } => StoreError::TooLarge { what, size, limit },
        }
    }
}
