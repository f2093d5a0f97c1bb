//! The destination and its fenced transaction, as systems see them.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use model::counts::ItemCounts;
use model::id::{Fence, PartitionId};

use super::batch::Batch;
use super::error::TablesError;
use super::postgres::Postgres;
use super::select::{Filter, Select};
use super::sqlite::Sqlite;
use super::table::{Row, Table};
use super::value::Value;

/// Where synced rows go. Cheap to clone; all clones are one destination.
#[derive(Clone)]
pub struct Destination {
    inner: Arc<Inner>,
    state: Arc<str>,
}

struct Inner {
    driver: Driver,
    tables: RwLock<Vec<&'static Table>>,
}

/// The two databases; closed, because nothing else must ever be one.
enum Driver {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Everything a partition writes at once. Nothing reaches the destination before [`Transaction::commit`]; dropping
/// it writes nothing.
///
/// Its writes happen in the order they were given. Doing the same transaction again changes nothing more.
#[must_use = "a transaction that is not committed writes nothing"]
pub struct Transaction {
    destination: Destination,
    pub(crate) work: Work,
}

/// What a driver is given to do, all or nothing.
pub(crate) struct Work {
    pub(crate) state: Arc<str>,
    pub(crate) partition: PartitionId,
    pub(crate) fence: Fence,
    pub(crate) now: Timestamp,
    pub(crate) writes: Vec<Write>,
}

/// One write of a transaction.
pub(crate) enum Write {
    /// Missing rows are made; what becomes of the others is said.
    Put(Batch, Existing),
    /// Missing rows are made, different ones changed, and rows within the filters that are not in the batch go.
    ReplaceSet(Batch, Vec<Filter>),
    /// Rows within the filters go.
    Delete(&'static Table, Vec<Filter>),
}

/// What becomes of a row that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It takes every value.
    Change,
    /// It takes the values that are not empty.
    Complete,
    /// It stays.
    Keep,
}

/// A transaction that happened: what each of its writes did, in their order. A write counts new, updated, unchanged
/// and deleted rows.
#[derive(Clone, Debug, Default)]
pub struct Committed(Vec<(&'static str, ItemCounts)>);

impl Destination {
    /// A SQLite file, made when it is missing.
    ///
    /// # Errors
    /// When it cannot be opened or made.
    pub async fn sqlite(path: impl AsRef<Path>) -> Result<Self, TablesError> {
        Ok(Self::over(Driver::Sqlite(Sqlite::open(path.as_ref().to_owned()).await?)))
    }

    /// A PostgreSQL database, schema `public`.
    ///
    /// # Errors
    /// When the address is none, or nobody answers there.
    pub async fn postgres(url: &str) -> Result<Self, TablesError> {
        Self::postgres_in(url, "public").await
    }

    /// A schema of a PostgreSQL database, made when it is missing.
    ///
    /// # Errors
    /// As [`Destination::postgres`].
    pub async fn postgres_in(url: &str, schema: &str) -> Result<Self, TablesError> {
        Ok(Self::over(Driver::Postgres(Postgres::connect(url, schema).await?)))
    }

    fn over(driver: Driver) -> Self {
        Self { inner: Arc::new(Inner { driver, tables: RwLock::default() }), state: Arc::from("") }
    }

    /// The same destination as written by the state store of that name.
    ///
    /// Partitions are numbered by a state store; where several write to one destination, or a new one follows a lost
    /// one, their names keep the fences of equal numbers apart.
    #[must_use]
    pub fn of_state(&self, name: &str) -> Self {
        Self { inner: Arc::clone(&self.inner), state: Arc::from(name) }
    }

    /// Makes the tables that are missing, adds the columns that are missing (nullable there, filled as their
    /// [`Backfill`](super::Backfill) says), and registers them all. Removes and narrows nothing. Several processes
    /// may do it at once.
    ///
    /// # Errors
    /// [`TablesError::Shape`] when a table is there that cannot hold such rows.
    pub async fn ensure(&self, tables: &[&'static Table]) -> Result<(), TablesError> {
        for table in tables {
            table.check()?;
        }
        match &self.inner.driver {
            Driver::Sqlite(sqlite) => sqlite.ensure(tables).await?,
            Driver::Postgres(postgres) => postgres.ensure(tables).await?,
        }
        let mut registered = self.inner.tables.write().unwrap_or_else(PoisonError::into_inner);
        for table in tables {
            registered.retain(|other| other.name != table.name);
            registered.push(table);
        }
        Ok(())
    }

    /// Whether a table of that name is there (a view is none): for taking over what another program left.
    ///
    /// # Errors
    /// When the destination cannot be asked.
    pub async fn holds(&self, table: &'static Table) -> Result<bool, TablesError> {
        match &self.inner.driver {
            Driver::Sqlite(sqlite) => sqlite.holds(table).await,
            Driver::Postgres(postgres) => postgres.holds(table).await,
        }
    }

    /// The tables registered by [`Destination::ensure`], by name.
    #[must_use]
    pub fn tables(&self) -> Vec<&'static Table> {
        let mut tables = self.inner.tables.read().unwrap_or_else(PoisonError::into_inner).clone();
        tables.sort_by_key(|table| table.name);
        tables
    }

    /// A transaction in the right of a partition's holder. Costs nothing before its commit.
    pub fn begin(&self, partition: PartitionId, fence: Fence, now: Timestamp) -> Transaction {
        let work = Work { state: Arc::clone(&self.state), partition, fence, now, writes: Vec::new() };
        Transaction { destination: self.clone(), work }
    }

    /// The rows of a read.
    ///
    /// # Errors
    /// [`TablesError::Select`] when it asks for what is not there.
    pub async fn rows(&self, select: &Select) -> Result<Vec<Vec<Value>>, TablesError> {
        match &self.inner.driver {
            Driver::Sqlite(sqlite) => sqlite.rows(select).await,
            Driver::Postgres(postgres) => postgres.rows(select).await,
        }
    }

    /// The single number of an aggregate without groups, 0 when it is over nothing.
    ///
    /// # Errors
    /// As [`Destination::rows`].
    pub async fn number(&self, select: &Select) -> Result<i64, TablesError> {
        Ok(self.rows(select).await?.first().and_then(|row| row.first()?.int()).unwrap_or(0))
    }

    /// Answers when the destination does.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), TablesError> {
        match &self.inner.driver {
            Driver::Sqlite(sqlite) => sqlite.ping().await,
            Driver::Postgres(postgres) => postgres.ping().await,
        }
    }

    /// Forgets the fences of partitions that last wrote before `before`. A holder that slept for longer could write
    /// again, so let it be weeks.
    ///
    /// # Errors
    /// When the destination cannot be written.
    pub async fn forget_fences(&self, before: Timestamp) -> Result<u64, TablesError> {
        match &self.inner.driver {
            Driver::Sqlite(sqlite) => sqlite.forget_fences(before).await,
            Driver::Postgres(postgres) => postgres.forget_fences(before).await,
        }
    }
}

impl Transaction {
    /// Rows to be made where missing and changed where different; of rows with the same key the last counts.
    ///
    /// # Errors
    /// The first value that does not fit its column; the transaction is as it was before. See [`super::check`].
    pub fn merge<R: Row>(&mut self, rows: &[R]) -> Result<(), TablesError> {
        self.put(rows, Existing::Change)
    }

    /// As [`Transaction::merge`], but where a row has no value in a column, the row that is there keeps its own. What
    /// is kept is seen in this very transaction: of two that complete a row at once, neither loses the other's.
    ///
    /// # Errors
    /// As [`Transaction::merge`].
    pub fn complete<R: Row>(&mut self, rows: &[R]) -> Result<(), TablesError> {
        self.put(rows, Existing::Complete)
    }

    /// Rows to be made where missing; those that are there stay as they are and count as unchanged.
    ///
    /// # Errors
    /// As [`Transaction::merge`].
    pub fn insert<R: Row>(&mut self, rows: &[R]) -> Result<(), TablesError> {
        self.put(rows, Existing::Keep)
    }

    fn put<R: Row>(&mut self, rows: &[R], existing: Existing) -> Result<(), TablesError> {
        self.work.writes.push(Write::Put(Batch::of(rows)?, existing));
        Ok(())
    }

    /// As [`Transaction::merge`], and rows within `scope` that are not among `rows` are deleted.
    ///
    /// # Errors
    /// As [`Transaction::merge`], and when `scope` is empty: that would be the whole table.
    pub fn replace_set<R: Row>(&mut self, rows: &[R], scope: &[Filter]) -> Result<(), TablesError> {
        within_something(R::TABLE, scope)?;
        self.work.writes.push(Write::ReplaceSet(Batch::of(rows)?, scope.to_vec()));
        Ok(())
    }

    /// Deletes the rows within `scope`.
    ///
    /// # Errors
    /// When `scope` is empty: that would be the whole table.
    pub fn delete(&mut self, table: &'static Table, scope: &[Filter]) -> Result<(), TablesError> {
        within_something(table, scope)?;
        self.work.writes.push(Write::Delete(table, scope.to_vec()));
        Ok(())
    }

    /// Does it all, together with noting the fence, in one transaction of the database.
    ///
    /// Dropping the answer before it comes leaves the writes done or not done, never half done; repeating is safe.
    ///
    /// # Errors
    /// [`TablesError::Fenced`] when a newer holder of the partition has written. Whatever the error, nothing was
    /// written (for [`TablesError::Lost`]: nothing, or all of it).
    pub async fn commit(self) -> Result<Committed, TablesError> {
        let Self { destination, work } = self;
        match &destination.inner.driver {
            Driver::Sqlite(sqlite) => sqlite.commit(work).await,
            Driver::Postgres(postgres) => postgres.commit(work).await,
        }
    }
}

impl Write {
    /// Where it goes.
    pub(crate) fn table(&self) -> &'static Table {
        match self {
            Self::Put(batch, _) | Self::ReplaceSet(batch, _) => batch.table,
            Self::Delete(table, _) => table,
        }
    }
}

impl Committed {
    pub(crate) fn push(&mut self, table: &'static Table, written: ItemCounts) {
        self.0.push((table.name, written));
    }

    /// What all writes to one table did.
    #[must_use]
    pub fn of(&self, table: &Table) -> ItemCounts {
        self.sum(|name| name == table.name)
    }

    /// What all writes did.
    #[must_use]
    pub fn total(&self) -> ItemCounts {
        self.sum(|_| true)
    }

    fn sum(&self, counts: impl Fn(&str) -> bool) -> ItemCounts {
        let mut sum = ItemCounts::default();
        for (_, written) in self.0.iter().filter(|(name, _)| counts(name)) {
            sum += *written;
        }
        sum
    }
}

fn within_something(table: &Table, scope: &[Filter]) -> Result<(), TablesError> {
    if scope.is_empty() {
        let why = "a scope without a condition would be the whole table".to_owned();
        return Err(TablesError::Select { table: table.name.to_owned(), why });
    }
    Ok(())
}
