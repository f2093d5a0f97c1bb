//! The ledger: the newest outcome per (sync, key), written under a partition's fence and read to find gaps.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::event::EventKind;
use model::id::{Fence, PartitionId, RunId, SyncKey};
use model::ledger::{LedgerRow, LedgerState, LedgerWrite};
use serde_json::{Value, json};

use crate::db::Result;
use crate::event::{self, About};
use crate::rows::{self, ledger_columns};
use crate::sql::Sql;
use crate::tx::{Arg, DbError, Tx, args};
use crate::types::{LedgerFilter, LedgerImport, Order};
use crate::{Reader, Store};

static HELD: Sql = Sql::new(
    "SELECT run_id, key, holder FROM partition WHERE id = $1 AND fence = $2 AND state = 1 FOR UPDATE",
);
static SYNC_OF: Sql = Sql::new("SELECT sync FROM run WHERE id = $1");
/// An outcome belongs to the try under way when that try's run said `running` before; else it is a try of its own.
static WRITE: Sql = Sql::new(
    "INSERT INTO ledger (sync, key, state, run_id, process_id, total, succeeded, failed, message, fault_code, \
     fault_message, detail, started_at, ended_at, created_at, updated_at) \
     SELECT x.of_sync, x.of_key, x.of_state, x.of_run, x.of_process, x.of_total, x.of_succeeded, x.of_failed, \
     x.of_message, x.of_code, x.of_fault, x.of_detail, CASE WHEN x.of_state <> 0 THEN CAST($2 AS BIGINT) END, \
     CASE WHEN x.of_state >= 10 THEN CAST($2 AS BIGINT) END, CAST($2 AS BIGINT), CAST($2 AS BIGINT) \
     FROM BATCH($1: of_sync TEXT, of_key TEXT, of_state INT, of_run INT, of_process TEXT, of_total INT, \
     of_succeeded INT, of_failed INT, of_message TEXT, of_code TEXT, of_fault TEXT, of_detail TEXT) AS x WHERE TRUE \
     ON CONFLICT (sync, key) DO UPDATE SET state = excluded.state, run_id = excluded.run_id, \
     process_id = excluded.process_id, total = excluded.total, succeeded = excluded.succeeded, \
     failed = excluded.failed, message = excluded.message, fault_code = excluded.fault_code, \
     fault_message = excluded.fault_message, detail = coalesce(excluded.detail, ledger.detail), \
     started_at = CASE WHEN excluded.state = 0 OR (ledger.state = 1 AND ledger.run_id = excluded.run_id) \
     THEN ledger.started_at ELSE excluded.started_at END, ended_at = excluded.ended_at, \
     updated_at = excluded.updated_at",
);
static IMPORT: Sql = Sql::new(
    "INSERT INTO ledger (sync, key, state, total, succeeded, failed, message, fault_code, fault_message, detail, \
     started_at, ended_at, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (sync, key) DO NOTHING",
);
static ONE: Sql =
    Sql::new(concat!("SELECT ", ledger_columns!(), " FROM ledger WHERE sync = $1 AND key = $2"));

/// A key's outcome on its way into the ledger.
pub(crate) struct Entry<'a> {
    pub(crate) sync: &'a str,
    pub(crate) key: &'a str,
    pub(crate) run: RunId,
    pub(crate) holder: Option<&'a str>,
    pub(crate) write: &'a LedgerWrite,
}

pub(crate) async fn write(
    tx: &mut Tx<'_>,
    entries: &[Entry<'_>],
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    if entries.is_empty() {
        return Ok(());
    }
    // Runs side by side may say something of one key in one batch: the last word stands.
    let newest: BTreeMap<(&str, &str), &Entry<'_>> =
        entries.iter().map(|entry| ((entry.sync, entry.key), entry)).collect();
    let batch: Vec<Value> = newest
        .into_values()
        .map(|entry| {
            let write = entry.write;
            json!({
                "of_sync": entry.sync, "of_key": entry.key, "of_state": write.state.code(), "of_run": entry.run.0,
                "of_process": entry.holder.map(process_of), "of_total": write.total,
                "of_succeeded": write.succeeded, "of_failed": write.failed, "of_message": write.message,
                "of_code": write.fault_code, "of_fault": write.fault_message,
                "of_detail": write.detail.as_ref().map(Value::to_string),
            })
        })
        .collect();
    tx.run(&WRITE, &args![Value::from(batch), now]).await.map(drop)
}

/// The process id out of a holder's name, `host-pid` with perhaps more behind a `/`.
fn process_of(holder: &str) -> &str {
    let name = holder.split('/').next().unwrap_or(holder);
    name.rsplit('-').next().unwrap_or(name)
}

impl Store {
    /// Writes the ledger row of the partition's key while it is held. False: the fence is old.
    ///
    /// # Errors
    /// The store failed.
    pub async fn write_ledger(
        &self,
        partition: PartitionId,
        fence: Fence,
        write: LedgerWrite,
        now: Timestamp,
    ) -> Result<bool> {
        let write = Arc::new(write);
        self.write_tx("writing the ledger", move |tx| {
            let write = Arc::clone(&write);
            Box::pin(async move {
                let Some(mut row) = tx.first(&HELD, &args![partition.0, fence.0]).await? else {
                    return Ok(false);
                };
                let (run, key, holder) = (RunId(row.int()?), row.text()?, row.text_or_null()?);
                let Some(mut row) = tx.first(&SYNC_OF, &args![run.0]).await? else { return Ok(false) };
                let sync = row.text()?;
                let entry = Entry { sync: &sync, key: &key, run, holder: holder.as_deref(), write: &write };
                self::write(tx, &[entry], now).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Imports ledger rows that are not there yet (takeover of an older system's table).
    ///
    /// # Errors
    /// The store failed; nothing was imported.
    pub async fn import_ledger(
        &self,
        sync: &SyncKey,
        rows: Vec<LedgerImport>,
        now: Timestamp,
    ) -> Result<u64> {
        let (sync, rows) = (sync.clone(), Arc::new(rows));
        self.write_tx("importing into the ledger", move |tx| {
            let (sync, rows) = (sync.clone(), Arc::clone(&rows));
            Box::pin(async move {
                let mut imported = 0;
                for row in rows.iter() {
                    let write = &row.write;
                    let args = args![
                        sync.as_str(),
                        row.key.as_str(),
                        write.state.code(),
                        write.total,
                        write.succeeded,
                        write.failed,
                        write.message.as_deref(),
                        write.fault_code.as_deref(),
                        write.fault_message.as_deref(),
                        write.detail.as_ref(),
                        row.started_at,
                        row.ended_at,
                        row.created_at.unwrap_or(now),
                        now,
                    ];
                    imported += tx.run(&IMPORT, &args).await?;
                }
                let about = About { sync: Some(&sync), ..About::default() };
                let data = json!({"imported": imported});
                event::append(tx, EventKind::LedgerChanged, about, &data, now).await?;
                Ok(imported)
            })
        })
        .await
    }
}

/// The rows of a filter: sync, smallest and largest key (or NULL), states (or an empty list).
macro_rules! matching {
    () => {
        "FROM ledger WHERE sync = $1 AND key >= coalesce(CAST($2 AS TEXT), '') \
         AND (CAST($3 AS TEXT) IS NULL OR key <= CAST($3 AS TEXT)) \
         AND (CAST($4 AS BIGINT) = 0 OR state IN LIST_INT($5))"
    };
}
static ASCENDING: Sql =
    Sql::new(concat!("SELECT ", ledger_columns!(), " ", matching!(), " ORDER BY key LIMIT $6 OFFSET $7"));
static DESCENDING: Sql = Sql::new(concat!(
    "SELECT ",
    ledger_columns!(),
    " ",
    matching!(),
    " ORDER BY key DESC LIMIT $6 OFFSET $7"
));
static COUNTS: Sql =
    Sql::new(concat!("SELECT state, count(*) ", matching!(), " GROUP BY state ORDER BY state"));
static LIVING: Sql = Sql::new(
    "SELECT p.key FROM partition p JOIN run r ON r.id = p.run_id \
     WHERE p.state = 1 AND r.sync = $1 AND p.lease_until > $2 ORDER BY p.key",
);

fn filter_args(sync: &SyncKey, filter: &LedgerFilter) -> [Arg; 5] {
    let states: Vec<i16> = filter.states.iter().map(|state| state.code()).collect();
    args![
        sync.as_str(),
        filter.from.as_deref(),
        filter.to.as_deref(),
        i64::try_from(states.len()).unwrap_or(i64::MAX),
        Value::from(states),
    ]
}

impl Reader {
    /// One ledger row.
    ///
    /// # Errors
    /// The store failed.
    pub async fn ledger_row(&self, sync: &SyncKey, key: &str) -> Result<Option<LedgerRow>> {
        let args = Arc::new(args![sync.as_str(), key]);
        self.read_tx("reading the ledger", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.first(&ONE, &*args).await?.map(rows::ledger).transpose() })
        })
        .await
    }

    /// Ledger rows by key.
    ///
    /// # Errors
    /// The store failed.
    pub async fn ledger(&self, sync: &SyncKey, filter: &LedgerFilter) -> Result<Vec<LedgerRow>> {
        let page = args![filter.limit.map_or(i64::MAX, i64::from), filter.offset];
        let args: Arc<Vec<Arg>> = Arc::new(filter_args(sync, filter).into_iter().chain(page).collect());
        let sql = match filter.order {
            Order::Ascending => &ASCENDING,
            Order::Descending => &DESCENDING,
        };
        self.read_tx("reading the ledger", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.all(sql, &args).await?.into_iter().map(rows::ledger).collect() })
        })
        .await
    }

    /// How many ledger rows are in each state (same filter, without order, offset and limit).
    ///
    /// # Errors
    /// The store failed.
    pub async fn ledger_counts(
        &self,
        sync: &SyncKey,
        filter: &LedgerFilter,
    ) -> Result<Vec<(LedgerState, i64)>> {
        let args = Arc::new(filter_args(sync, filter));
        self.read_tx("counting the ledger", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                let rows = tx.all(&COUNTS, &*args).await?;
                rows.into_iter().map(|mut row| Ok((row.code(LedgerState::from_code)?, row.int()?))).collect()
            })
        })
        .await
    }

    /// Keys of the sync that are being done now by a living holder.
    ///
    /// # Errors
    /// The store failed.
    pub async fn living(&self, sync: &SyncKey, now: Timestamp) -> Result<Vec<String>> {
        let args = Arc::new(args![sync.as_str(), now]);
        self.read_tx("reading living leases", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(
                async move { tx.all(&LIVING, &*args).await?.into_iter().map(|mut row| row.text()).collect() },
            )
        })
        .await
    }
}
