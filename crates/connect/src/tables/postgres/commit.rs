//! One transaction on PostgreSQL.
//!
//! Rows go by binary COPY into a temporary table that the connection keeps, and from there only those that are
//! missing or different go on: a pass without changes writes nothing but its fence. Where no row can be in the way
//! they are copied straight into the table.

use deadpool_postgres::{Object, Transaction};
use jiff::Timestamp;
use model::counts::ItemCounts;
use tokio_postgres::error::SqlState;

use super::super::batch::Batch;
use super::super::cell::Cell;
use super::super::ddl;
use super::super::destination::{Committed, Existing, Work, Write};
use super::super::error::TablesError;
use super::super::select::Filter;
use super::super::sql::{Dialect, Statement, list, prefixed, quoted};
use super::super::table::{Kind, Table};
use super::cells::{Bound, bound};
use super::copy::copy;
use super::ensure::Shape;
use super::{Postgres, failed, is};

/// Tries when others were in the way (deadlock, serialization): the loser waits for the winner's locks, so each try
/// comes after one of the others has finished.
const TRIES: u32 = 8;

/// Taken by every try after the first, so that losers come one after the other and do not meet again.
const LANE: &str = "SELECT pg_advisory_xact_lock(7963274, 2)";

/// Rows per value of the key's first column from which a scan of those values beats looking up each row.
const DENSE: usize = 16;

/// Whether rows may be copied straight into a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Straight {
    Try,
    Never,
}

/// How a try goes about it.
#[derive(Clone, Copy)]
struct How {
    straight: Straight,
    tries: u32,
}

impl Postgres {
    /// Does all of `work` or nothing.
    pub(crate) async fn commit(&self, work: Work) -> Result<Committed, TablesError> {
        let tried = "committing rows";
        let shapes: Vec<Shape> =
            work.writes.iter().map(|write| self.shape(write.table())).collect::<Result<_, _>>()?;
        let mut client = self.client(tried).await?;
        let mut how = How { straight: Straight::Try, tries: 1 };
        loop {
            match self.attempt(&mut client, &work, &shapes, how).await {
                Ok(committed) => return Ok(committed),
                Err(Trouble::Told(error)) => return Err(error),
                // Somebody made a row after we had looked: from now on by the stage, which can take that.
                Err(Trouble::Driver(_, error))
                    if how.straight == Straight::Try && is(&error, &SqlState::UNIQUE_VIOLATION) =>
                {
                    how.straight = Straight::Never;
                }
                Err(Trouble::Driver(_, error))
                    if how.tries < TRIES
                        && (is(&error, &SqlState::T_R_DEADLOCK_DETECTED)
                            || is(&error, &SqlState::T_R_SERIALIZATION_FAILURE)) =>
                {
                    how.tries += 1;
                }
                Err(Trouble::Driver(table, error)) => {
                    let tried = table.map_or_else(|| tried.to_owned(), |table| format!("writing `{table}`"));
                    return Err(failed(&tried, &error));
                }
            }
        }
    }

    async fn attempt(
        &self,
        client: &mut Object,
        work: &Work,
        shapes: &[Shape],
        how: How,
    ) -> Result<Committed, Trouble> {
        let transaction = client.transaction().await?;
        if how.tries > 1 {
            transaction.batch_execute(LANE).await?;
        }
        self.take_fence(&transaction, work).await?;
        let mut committed = Committed::default();
        let mut staged = Vec::new();
        for (write, shape) in work.writes.iter().zip(shapes) {
            let table = write.table();
            let mut writing = Writing {
                transaction: &transaction,
                dialect: &self.dialect,
                shape,
                staged: &mut staged,
                now: work.now,
                straight: how.straight,
            };
            let written = writing.write(write).await.map_err(|trouble| trouble.at(table.name))?;
            committed.push(table, written);
        }
        transaction.commit().await?;
        Ok(committed)
    }

    async fn take_fence(&self, transaction: &Transaction<'_>, work: &Work) -> Result<(), Trouble> {
        let (partition, fence) = (work.partition.0, work.fence.0);
        let statement = transaction.prepare_cached(&ddl::take_fence(&self.dialect)).await?;
        let now = Bound(Cell::Instant(work.now));
        match transaction.execute(&statement, &[&&*work.state, &partition, &fence, &now]).await? {
            0 => Err(TablesError::Fenced { partition, fence }.into()),
            _ => Ok(()),
        }
    }
}

/// One write in the making.
struct Writing<'a> {
    transaction: &'a Transaction<'a>,
    dialect: &'a Dialect,
    shape: &'a Shape,
    /// Stages that hold rows of an earlier write of this transaction.
    staged: &'a mut Vec<&'static str>,
    now: Timestamp,
    straight: Straight,
}

impl Writing<'_> {
    async fn write(&mut self, write: &Write) -> Result<ItemCounts, Trouble> {
        match write {
            Write::Put(batch, existing) => self.put(batch, *existing).await,
            Write::ReplaceSet(batch, scope) => {
                self.stage(batch).await?;
                let written = self.merge(batch, Existing::Change).await?;
                Ok(ItemCounts { deleted: self.delete(batch.table, scope, Spare::Staged).await?, ..written })
            }
            Write::Delete(table, scope) => Ok(ItemCounts {
                deleted: self.delete(table, scope, Spare::None).await?,
                ..ItemCounts::default()
            }),
        }
    }

    async fn put(&mut self, batch: &Batch, existing: Existing) -> Result<ItemCounts, Trouble> {
        if batch.len() == 0 {
            return Ok(ItemCounts::default());
        }
        if self.straight == Straight::Try && self.shape.exact && self.is_free(batch).await? {
            return self.copy_straight(batch).await;
        }
        self.stage(batch).await?;
        self.merge(batch, existing).await
    }

    /// Whether no row is where the batch goes, as far as one look at the key's first column tells.
    async fn is_free(&self, batch: &Batch) -> Result<bool, Trouble> {
        let table = self.dialect.table(batch.table.name);
        let taken: bool = match span(batch) {
            Some(span) => {
                let text = format!("SELECT EXISTS (SELECT 1 FROM {table} AS t WHERE {})", span.condition(1));
                let statement = self.transaction.prepare_cached(&text).await?;
                self.transaction.query_one(&statement, &[&span.first, &span.last]).await?.get(0)
            }
            None => {
                let text = format!("SELECT EXISTS (SELECT 1 FROM {table})");
                let statement = self.transaction.prepare_cached(&text).await?;
                self.transaction.query_one(&statement, &[]).await?.get(0)
            }
        };
        Ok(!taken)
    }

    async fn copy_straight(&self, batch: &Batch) -> Result<ItemCounts, Trouble> {
        let names: Vec<&str> = all_names(batch.table);
        let text = format!(
            "COPY {} ({}) FROM STDIN WITH (FORMAT binary)",
            self.dialect.table(batch.table.name),
            list(&names)
        );
        let statement = self.transaction.prepare_cached(&text).await?;
        copy(self.transaction, &statement, batch, Some(self.now)).await?;
        Ok(ItemCounts { new: batch.len() as i64, ..ItemCounts::default() })
    }

    /// Puts the batch into the stage, which the connection keeps: making one anew each time would write to the
    /// catalogue.
    async fn stage(&mut self, batch: &Batch) -> Result<(), Trouble> {
        let name = batch.table.name;
        self.transaction.batch_execute(&self.shape.create_stage).await?;
        if self.staged.contains(&name) {
            self.transaction.batch_execute(&format!("DELETE FROM {}", self.shape.stage)).await?;
        } else {
            self.staged.push(name);
        }
        let names: Vec<&str> = batch.table.columns.iter().map(|column| column.name).collect();
        let text = format!("COPY {} ({}) FROM STDIN WITH (FORMAT binary)", self.shape.stage, list(&names));
        let statement = self.transaction.prepare_cached(&text).await?;
        copy(self.transaction, &statement, batch, None).await?;
        Ok(())
    }

    /// Moves the staged rows that are missing, and those that are different, into the table.
    async fn merge(&self, batch: &Batch, existing: Existing) -> Result<ItemCounts, Trouble> {
        let table = batch.table;
        let span = span(batch).filter(|span| batch.len() >= span.values * DENSE);
        // Without statistics of the stage the planner may rescan the table once a row; each case has one right plan.
        let plan = match &span {
            Some(_) => {
                "SET LOCAL enable_nestloop = off; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on"
            }
            None => {
                "SET LOCAL enable_nestloop = on; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
            }
        };
        self.transaction.batch_execute(plan).await?;
        let text = self.merge_text(table, existing, span.as_ref());
        let statement = self.transaction.prepare_cached(&text).await?;
        let now = Bound(Cell::Instant(self.now));
        let row = match &span {
            Some(span) => self.transaction.query_one(&statement, &[&now, &span.first, &span.last]).await?,
            None => self.transaction.query_one(&statement, &[&now]).await?,
        };
        let (new, updated): (i64, i64) = (row.get(0), row.get(1));
        Ok(ItemCounts {
            new,
            updated,
            unchanged: batch.len() as i64 - new - updated,
            ..ItemCounts::default()
        })
    }

    fn merge_text(&self, table: &'static Table, existing: Existing, span: Option<&Span<'_>>) -> String {
        let rest: Vec<&str> = table.rest_positions().iter().map(|at| table.columns[*at].name).collect();
        let own: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let name = self.dialect.table(table.name);
        let change = existing != Existing::Keep && !rest.is_empty();
        // What a column is to hold; `t` is the row that is there, as it is when it is locked.
        let value = |from: &str, name: &str| match existing {
            Existing::Complete => format!("coalesce({from}{0}, t.{0})", quoted(name)),
            Existing::Change | Existing::Keep => format!("{from}{}", quoted(name)),
        };
        let differs = |from: &str| {
            let values: Vec<String> = rest.iter().map(|name| value(from, name)).collect();
            format!("ROW({}) IS DISTINCT FROM ROW({})", prefixed("t.", &rest), values.join(", "))
        };
        let sets = |from: &str, stamp: &str| {
            let mut sets: Vec<String> =
                rest.iter().map(|name| format!("{} = {}", quoted(name), value(from, name))).collect();
            if !table.stamp_names().is_empty() {
                sets.push(format!("\"updated_at\" = {stamp}"));
            }
            sets.join(", ")
        };
        let within = span.map_or_else(String::new, |span| format!(" AND {}", span.condition(2)));
        let (or_differs, conflict, updated) = if change {
            let differ = differs("excluded.");
            (
                format!(" OR {}", differs("s.")),
                format!("UPDATE SET {} WHERE {differ}", sets("excluded.", "excluded.\"updated_at\"")),
                // Changing what is known to be there is much cheaper than running into it.
                format!(
                    "UPDATE {name} AS t SET {} FROM different AS s WHERE s._syncline_there AND {}{within} AND {} RETURNING 1",
                    sets("s.", "$1::timestamptz"),
                    same_key(table, "t.", "s."),
                    differs("s.")
                ),
            )
        } else {
            (String::new(), "NOTHING".to_owned(), "SELECT 1 WHERE false".to_owned())
        };
        // A row that was inserted has never been locked by anybody: its `xmax` is 0. One that somebody else made
        // meanwhile, so that it was updated, carries this transaction's number there.
        format!(
            "WITH different AS MATERIALIZED (SELECT {}, t.{first} IS NOT NULL AS _syncline_there FROM {stage} AS s \
             LEFT JOIN {name} AS t ON {on}{within} WHERE t.{first} IS NULL{or_differs}), \
             updated AS ({updated}), \
             written AS (INSERT INTO {name} AS t ({}) SELECT {}{} FROM different WHERE NOT _syncline_there ORDER BY {key} \
             ON CONFLICT ({key}) DO {conflict} RETURNING t.xmax = 0 AS fresh) \
             SELECT count(*) FILTER (WHERE fresh), \
             count(*) FILTER (WHERE NOT fresh) + (SELECT count(*) FROM updated), $1::timestamptz FROM written",
            prefixed("s.", &own),
            list(&all_names(table)),
            list(&own),
            ", $1::timestamptz".repeat(table.stamp_names().len()),
            first = quoted(table.key[0]),
            stage = self.shape.stage,
            on = same_key(table, "t.", "s."),
            key = list(table.key),
        )
    }

    /// Deletes the rows within `scope`, sparing those of the stage when told so.
    async fn delete(&self, table: &'static Table, scope: &[Filter], spare: Spare) -> Result<i64, Trouble> {
        let mut statement = Statement {
            text: format!("DELETE FROM {} AS t", self.dialect.table(table.name)),
            args: Vec::new(),
        };
        self.dialect.conditions(&mut statement, table, scope)?;
        if spare == Spare::Staged {
            statement.text.push_str(&format!(
                " AND NOT EXISTS (SELECT 1 FROM {} AS s WHERE {})",
                self.shape.stage,
                same_key(table, "t.", "s.")
            ));
        }
        let args = bound(&statement.args);
        let args: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
            args.iter().map(|arg| &**arg as &(dyn tokio_postgres::types::ToSql + Sync)).collect();
        Ok(self.transaction.execute(&statement.text, &args).await? as i64)
    }
}

/// Which rows a deletion leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spare {
    None,
    Staged,
}

/// From where to where a batch goes in the key's first column.
struct Span<'a> {
    column: &'static str,
    place: &'static str,
    first: Bound<'a>,
    last: Bound<'a>,
    /// How many different values.
    values: usize,
}

impl Span<'_> {
    /// The condition that a row lies within, its ends bound from the `n`th place.
    fn condition(&self, n: usize) -> String {
        format!("t.{} BETWEEN ${n}::{} AND ${}::{}", quoted(self.column), self.place, n + 1, self.place)
    }
}

/// The batch's span. `None` for text, which the table may order in another way than bytes do.
fn span(batch: &Batch) -> Option<Span<'_>> {
    let at = *batch.table.key_positions().first()?;
    let column = batch.table.columns[at];
    let place = match column.kind {
        Kind::Int16 | Kind::Int32 | Kind::Int64 => "bigint",
        Kind::Date => "date",
        Kind::Timestamp => "timestamp",
        Kind::Instant => "timestamptz",
        Kind::Decimal { .. } | Kind::Real | Kind::Bool | Kind::Text { .. } | Kind::LongText => return None,
    };
    let last = batch.len().checked_sub(1)?;
    let values = 1 + (1..batch.len()).filter(|row| batch.at(*row, at) != batch.at(*row - 1, at)).count();
    let (first, last) = (Bound(batch.at(0, at)), Bound(batch.at(last, at)));
    Some(Span { column: column.name, place, first, last, values })
}

fn same_key(table: &Table, left: &str, right: &str) -> String {
    let pairs: Vec<String> =
        table.key.iter().map(|name| format!("{left}{0} = {right}{0}", quoted(name))).collect();
    pairs.join(" AND ")
}

/// The table's own columns and its stamps.
fn all_names(table: &Table) -> Vec<&'static str> {
    table.columns.iter().map(|column| column.name).chain(table.stamp_names().iter().copied()).collect()
}

/// What stopped a try: already in this room's terms, or still the driver's, which decides about another try.
enum Trouble {
    Told(TablesError),
    Driver(Option<&'static str>, tokio_postgres::Error),
}

impl Trouble {
    fn at(self, table: &'static str) -> Self {
        match self {
            Self::Driver(_, error) => Self::Driver(Some(table), error),
            told @ Self::Told(_) => told,
        }
    }
}

impl From<TablesError> for Trouble {
    fn from(error: TablesError) -> Self {
        Self::Told(error)
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(None, error)
    }
}
