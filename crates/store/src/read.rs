//! Reading runs, their partitions and their tries.

use std::sync::Arc;

use jiff::Timestamp;
use model::id::{Fence, PartitionId, RunId, SyncKey};
use model::partition::Partition;
use model::run::Run;
use serde_json::Value;

use crate::Reader;
use crate::db::Result;
use crate::request::{KNOWN, by_id};
use crate::rows::{self, partition_columns, run_columns};
use crate::sql::Sql;
use crate::tx::args;
use crate::types::{Attempt, EndedRuns, PartitionFilter, RunFilter};

static BY_REFERENCE: Sql =
    Sql::new(concat!("SELECT ", run_columns!(), " FROM run WHERE sync = $1 AND reference = $2"));
static HOLDER: Sql = Sql::new(concat!(
    "SELECT ",
    run_columns!(),
    " FROM run WHERE id = (SELECT run_id FROM lease WHERE key = $1)"
));
/// The filter's parts that are not asked for are wide open: an id above all, the first and last instant.
macro_rules! run_filter {
    ($column:literal) => {
        concat!(
            "SELECT ",
            run_columns!(),
            " FROM run WHERE ",
            $column,
            " = $1 AND id < $2 AND (CAST($3 AS BIGINT) = 0 OR state IN LIST_INT($4)) AND created_at >= $5 AND created_at < $6 ",
            "AND (CAST($8 AS BIGINT) = 0 OR trigger IN LIST_INT($9)) ORDER BY id DESC LIMIT $7"
        )
    };
}
static RUNS: Sql = Sql::new(concat!(
    "SELECT ",
    run_columns!(),
    " FROM run WHERE CAST($1 AS TEXT) IS NULL AND id < $2 AND (CAST($3 AS BIGINT) = 0 OR state IN LIST_INT($4)) ",
    "AND created_at >= $5 AND created_at < $6 AND (CAST($8 AS BIGINT) = 0 OR trigger IN LIST_INT($9)) ",
    "ORDER BY id DESC LIMIT $7"
));
static RUNS_OF_SYSTEM: Sql = Sql::new(run_filter!("system"));
static RUNS_OF_SYNC: Sql = Sql::new(run_filter!("sync"));
static UNREAD: Sql = Sql::new(
    "SELECT count(*) FROM run WHERE read_at IS NULL AND state >= 10 \
     AND (CAST($1 AS TEXT) IS NULL OR system = CAST($1 AS TEXT))",
);
static ENDED: Sql = Sql::new(
    "SELECT ended_at / 900000000 * 900000000, state, count(*) FROM run WHERE ended_at >= $1 GROUP BY 1, 2 ORDER BY 1, 2",
);
static PARTITIONS: Sql = Sql::new(concat!(
    "SELECT ",
    partition_columns!(),
    " FROM partition WHERE run_id = $1 AND ordinal > $2 AND (CAST($3 AS BIGINT) = 0 OR state IN LIST_INT($4)) ORDER BY ordinal LIMIT $5"
));
/// What failed first, then what is under way, then the rest in plan order.
static FAILED_FIRST: Sql = Sql::new(concat!(
    "SELECT ",
    partition_columns!(),
    " FROM partition WHERE run_id = $1 AND (CAST($2 AS BIGINT) = 0 OR state IN LIST_INT($3)) ",
    "ORDER BY CASE WHEN state IN (12, 14) THEN 0 WHEN state IN (1, 2) THEN 1 ELSE 2 END, ordinal LIMIT $4 OFFSET $5"
));
static RUNNING: Sql = Sql::new(concat!(
    "SELECT ",
    partition_columns!(),
    " FROM partition WHERE run_id = $1 AND state = 1 ORDER BY ordinal LIMIT 1"
));
static NEXT_TRY: Sql = Sql::new(concat!(
    "SELECT ",
    partition_columns!(),
    " FROM partition WHERE run_id = $1 AND state = 2 ORDER BY available_at, ordinal LIMIT 1"
));
static TOUCHED: Sql = Sql::new(concat!(
    "SELECT ",
    partition_columns!(),
    " FROM partition WHERE run_id = $1 AND started_at IS NOT NULL ",
    "ORDER BY coalesce(ended_at, started_at) DESC, ordinal DESC LIMIT 1"
));
static FAILED: Sql = Sql::new(concat!(
    "SELECT ",
    partition_columns!(),
    " FROM partition WHERE run_id = $1 AND state IN (12, 14) ORDER BY ended_at DESC, ordinal DESC LIMIT $2"
));
static ATTEMPTS: Sql = Sql::new(
    "SELECT partition_id, fence, attempt, holder, started_at, ended_at, outcome, fault_code, fault_message \
     FROM attempt WHERE partition_id = $1 ORDER BY fence",
);

fn codes(codes: impl Iterator<Item = i16>) -> (i64, Value) {
    let codes: Vec<i16> = codes.collect();
    (i64::try_from(codes.len()).unwrap_or(i64::MAX), Value::from(codes))
}

impl Reader {
    /// A run by number.
    ///
    /// # Errors
    /// The store failed.
    pub async fn run(&self, id: RunId) -> Result<Option<Run>> {
        self.read_tx("reading a run", move |tx| Box::pin(by_id(tx, id))).await
    }

    /// A run by its public name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn run_by_reference(&self, sync: &SyncKey, reference: &str) -> Result<Option<Run>> {
        let args = Arc::new(args![sync.as_str(), reference]);
        self.read_tx("reading a run", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.first(&BY_REFERENCE, &*args).await?.map(rows::run).transpose() })
        })
        .await
    }

    /// The run that a request with this idempotency key made.
    ///
    /// # Errors
    /// The store failed.
    pub async fn run_by_key(&self, sync: &SyncKey, key: &str) -> Result<Option<Run>> {
        let args = Arc::new(args![sync.as_str(), key]);
        self.read_tx("reading a run", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.first(&KNOWN, &*args).await?.map(rows::run).transpose() })
        })
        .await
    }

    /// The run that holds the sync's lease.
    ///
    /// # Errors
    /// The store failed.
    pub async fn lease_holder(&self, sync: &SyncKey) -> Result<Option<Run>> {
        let args = Arc::new(args![sync.as_str()]);
        self.read_tx("reading a lease", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.first(&HOLDER, &*args).await?.map(rows::run).transpose() })
        })
        .await
    }

    /// Runs, newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>> {
        let (count, states) = codes(filter.states.iter().map(|state| state.code()));
        let (triggers_count, triggers) = codes(filter.triggers.iter().map(|trigger| trigger.code()));
        let (sql, of) = match (&filter.sync, &filter.system) {
            (Some(sync), _) => (&RUNS_OF_SYNC, Some(sync.as_str().to_owned())),
            (None, Some(system)) => (&RUNS_OF_SYSTEM, Some(system.clone())),
            (None, None) => (&RUNS, None),
        };
        let args = Arc::new(args![
            of,
            filter.before.map_or(i64::MAX, |id| id.0),
            count,
            states,
            filter.since.map_or(i64::MIN, Timestamp::as_microsecond),
            filter.until.map_or(i64::MAX, Timestamp::as_microsecond),
            filter.limit,
            triggers_count,
            triggers,
        ]);
        self.read_tx("listing runs", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.all(sql, &*args).await?.into_iter().map(rows::run).collect() })
        })
        .await
    }

    /// Ended runs nobody acknowledged.
    ///
    /// # Errors
    /// The store failed.
    pub async fn unread(&self, system: Option<&str>) -> Result<i64> {
        let args = Arc::new(args![system]);
        self.read_tx("counting unread runs", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.number(&UNREAD, &*args).await })
        })
        .await
    }

    /// How many runs ended how, by quarters of an hour: days of any zone are made of those.
    ///
    /// # Errors
    /// The store failed.
    pub async fn runs_ended(&self, since: Timestamp) -> Result<Vec<EndedRuns>> {
        self.read_tx("counting ended runs", move |tx| {
            Box::pin(async move {
                let rows = tx.all(&ENDED, &args![since.as_microsecond()]).await?;
                rows.into_iter().map(rows::ended_runs).collect()
            })
        })
        .await
    }

    /// Partitions of a run, in plan order.
    ///
    /// # Errors
    /// The store failed.
    pub async fn partitions(&self, run: RunId, filter: &PartitionFilter) -> Result<Vec<Partition>> {
        let (count, states) = codes(filter.states.iter().map(|state| state.code()));
        let args = Arc::new(args![run.0, filter.after.unwrap_or(-1), count, states, filter.limit]);
        self.read_tx("listing partitions", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(
                async move { tx.all(&PARTITIONS, &*args).await?.into_iter().map(rows::partition).collect() },
            )
        })
        .await
    }

    /// Partitions of a run for a person to look at: failed ones first, then those under way, then the rest, each in
    /// plan order. `after` passes over so many rows here.
    ///
    /// # Errors
    /// The store failed.
    pub async fn partitions_failed_first(
        &self,
        run: RunId,
        filter: &PartitionFilter,
    ) -> Result<Vec<Partition>> {
        let (count, states) = codes(filter.states.iter().map(|state| state.code()));
        let args = Arc::new(args![run.0, count, states, filter.limit, filter.after.unwrap_or(0)]);
        self.read_tx("listing partitions", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                tx.all(&FAILED_FIRST, &*args).await?.into_iter().map(rows::partition).collect()
            })
        })
        .await
    }

    /// The partition now running with the smallest ordinal, else the one touched last.
    ///
    /// # Errors
    /// The store failed.
    pub async fn current_partition(&self, run: RunId) -> Result<Option<Partition>> {
        self.read_tx("reading a run's partition", move |tx| {
            Box::pin(async move {
                let row = match tx.first(&RUNNING, &args![run.0]).await? {
                    Some(row) => Some(row),
                    None => tx.first(&TOUCHED, &args![run.0]).await?,
                };
                row.map(rows::partition).transpose()
            })
        })
        .await
    }

    /// The partition whose next try comes first, of those that wait between two; it carries the fault of its last.
    ///
    /// # Errors
    /// The store failed.
    pub async fn next_try(&self, run: RunId) -> Result<Option<Partition>> {
        self.read_tx("reading a run's next try", move |tx| {
            Box::pin(
                async move { tx.first(&NEXT_TRY, &args![run.0]).await?.map(rows::partition).transpose() },
            )
        })
        .await
    }

    /// The newest `limit` failed partitions, newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn failed_partitions(&self, run: RunId, limit: u32) -> Result<Vec<Partition>> {
        self.read_tx("listing failed partitions", move |tx| {
            Box::pin(async move {
                tx.all(&FAILED, &args![run.0, limit]).await?.into_iter().map(rows::partition).collect()
            })
        })
        .await
    }

    /// Tries of a partition, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn attempts(&self, partition: PartitionId) -> Result<Vec<Attempt>> {
        self.read_tx("listing tries", move |tx| {
            Box::pin(async move {
                let rows = tx.all(&ATTEMPTS, &args![partition.0]).await?;
                rows.into_iter()
                    .map(|mut row| {
                        Ok(Attempt {
                            partition: PartitionId(row.int()?),
                            fence: Fence(row.int()?),
                            attempt: u32::try_from(row.int()?).unwrap_or_default(),
                            holder: row.text()?,
                            started_at: row.instant()?,
                            ended_at: row.instant()?,
                            outcome: row.text()?,
                            fault_code: row.text_or_null()?,
                            fault_message: row.text_or_null()?,
                        })
                    })
                    .collect()
            })
        })
        .await
    }
}
