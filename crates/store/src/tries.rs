//! What a run's partitions went through, over all of them: their tries, and the faults they ended with.

use model::id::{PartitionId, RunId};

use crate::Reader;
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Row, args};
use crate::types::{RunFault, RunTry};

/// A try is on record when it has ended; what is under way stands on its partition.
static TRIES: Sql = Sql::new(
    "SELECT p.id, p.key, a.attempt, a.holder, a.started_at, a.ended_at, a.outcome, a.fault_code \
     FROM partition p JOIN attempt a ON a.partition_id = p.id WHERE p.run_id = $1 \
     UNION ALL SELECT id, key, attempt, coalesce(holder, ''), claimed_at, NULL, 'running', NULL \
     FROM partition WHERE run_id = $1 AND state = 1 ORDER BY 5 DESC, 1 DESC LIMIT $2",
);
static FAULTS: Sql = Sql::new(
    "SELECT fault_code, min(fault_message), count(*) FROM partition WHERE run_id = $1 AND state IN (12, 14) \
     GROUP BY fault_code ORDER BY 3 DESC, 1 LIMIT $2",
);

impl Reader {
    /// The newest `limit` tries of a run's partitions, the one begun last first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tries(&self, run: RunId, limit: u32) -> Result<Vec<RunTry>> {
        self.read_tx("listing a run's tries", move |tx| {
            Box::pin(
                async move { tx.all(&TRIES, &args![run.0, limit]).await?.into_iter().map(one_try).collect() },
            )
        })
        .await
    }

    /// The faults a run's failed partitions ended with, by code, the most frequent first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn faults(&self, run: RunId, limit: u32) -> Result<Vec<RunFault>> {
        self.read_tx("listing a run's faults", move |tx| {
            Box::pin(
                async move { tx.all(&FAULTS, &args![run.0, limit]).await?.into_iter().map(fault).collect() },
            )
        })
        .await
    }
}

fn one_try(mut row: Row) -> std::result::Result<RunTry, DbError> {
    Ok(RunTry {
        partition: PartitionId(row.int()?),
        key: row.text()?,
        attempt: u32::try_from(row.int()?).unwrap_or_default(),
        holder: row.text()?,
        started_at: row.instant()?,
        ended_at: row.instant_or_null()?,
        outcome: row.text()?,
        fault_code: row.text_or_null()?,
    })
}

fn fault(mut row: Row) -> std::result::Result<RunFault, DbError> {
    Ok(RunFault { code: row.text_or_null()?, message: row.text_or_null()?, partitions: row.int()? })
}
