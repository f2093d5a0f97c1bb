//! The right to run a sync exclusively: one row per key, held by at most one run.

use jiff::Timestamp;
use model::id::{Fence, RunId};

use crate::Reader;
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args};
use crate::types::LeaseRow;

static KNOW: Sql = Sql::new("INSERT INTO lease (key) VALUES ($1) ON CONFLICT (key) DO NOTHING");
static LOCK: Sql = Sql::new("SELECT run_id FROM lease WHERE key = $1 FOR UPDATE");
static TAKE: Sql = Sql::new(
    "UPDATE lease SET run_id = $2, acquired_at = $3, fence = fence + 1 WHERE key = $1 AND run_id IS NULL",
);
static FREE: Sql =
    Sql::new("UPDATE lease SET run_id = NULL, acquired_at = NULL WHERE key = $1 AND run_id = $2");
static HELD: Sql =
    Sql::new("SELECT key, run_id, acquired_at, fence FROM lease WHERE run_id IS NOT NULL ORDER BY key");

/// Locks the lease to the end of the transaction and says who holds it.
pub(crate) async fn lock(tx: &mut Tx<'_>, key: &str) -> std::result::Result<Option<RunId>, DbError> {
    tx.run(&KNOW, &args![key]).await?;
    let row = tx.first(&LOCK, &args![key]).await?;
    Ok(row.map(|mut row| row.int_or_null()).transpose()?.flatten().map(RunId))
}

/// True when the lease was free and is the run's now.
pub(crate) async fn take(
    tx: &mut Tx<'_>,
    key: &str,
    run: RunId,
    now: Timestamp,
) -> std::result::Result<bool, DbError> {
    Ok(tx.run(&TAKE, &args![key, run.0, now]).await? == 1)
}

pub(crate) async fn free(tx: &mut Tx<'_>, key: &str, run: RunId) -> std::result::Result<(), DbError> {
    tx.run(&FREE, &args![key, run.0]).await.map(drop)
}

impl Reader {
    /// All leases held.
    ///
    /// # Errors
    /// The store failed.
    pub async fn leases(&self) -> Result<Vec<LeaseRow>> {
        self.read_tx("listing leases", |tx| {
            Box::pin(async move {
                let rows = tx.all(&HELD, &[]).await?;
                rows.into_iter()
                    .map(|mut row| {
                        Ok(LeaseRow {
                            key: row.text()?,
                            run_id: RunId(row.int()?),
                            acquired_at: row.instant()?,
                            fence: Fence(row.int()?),
                        })
                    })
                    .collect()
            })
        })
        .await
    }
}
