//! What is kept of a run beside the run: begun with it, told by its worker, ended with it.
//!
//! A worker's words count as long as its fence does. Its claim on a target is held by its partition's own claim: who
//! lost the one has lost the other, and nothing is left behind by a dead one.

use std::sync::Arc;

use jiff::Timestamp;
use model::file::run::{FilePhase, FileRunParams};
use model::file::{FileConfig, SYSTEM};
use model::id::RunId;
use model::run::Run;
use model::state::RunState;
use serde_json::{Value, json};

use super::types::{FileBegun, FileClaim, FileClaimed, FileTold};
use super::{FileSyncs, baseline, told};
use crate::claim::held;
use crate::db::Result;
use crate::lease;
use crate::request::as_json;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args, wrong};
use crate::types::Right;

/// The lease nobody holds: its row orders all claims on targets.
const TARGETS: &str = "files.targets";

static INSERT: Sql = Sql::new(
    "INSERT INTO file_run (run_id, task_id, kind, config_id, batch_id, params) VALUES ($1, $2, $3, $4, $5, $6)",
);
static BEGIN: Sql = Sql::new(
    "UPDATE file_run SET attempt = attempt + 1, phase = $3, begun_at = $4, \
     config = coalesce(config, $2) WHERE run_id = (SELECT run_id FROM partition WHERE id = $1) \
     RETURNING run_id, config, stats",
);
/// What was done stays; what was not is tried again.
static FORGET: Sql = Sql::new("DELETE FROM file_item WHERE run_id = $1 AND status <> 10");
static CLAIMED: Sql = Sql::new(
    "SELECT f.run_id, f.path, f.kept_path FROM file_run f JOIN partition p ON p.run_id = f.run_id AND p.state = 1 \
     AND p.lease_until > $2 WHERE f.location = $1 ORDER BY f.run_id",
);
static RUN_OF: Sql = Sql::new("SELECT run_id FROM partition WHERE id = $1");
static CLAIM: Sql =
    Sql::new("UPDATE file_run SET location = $2, path = $3, kept_path = $4 WHERE run_id = $1");
static PHASE: Sql = Sql::new("UPDATE file_run SET phase = $2 WHERE run_id = $1");
static TELL: Sql = Sql::new(
    "UPDATE file_run SET phase = $2, stats = $3, progress = $4 \
     WHERE run_id = (SELECT run_id FROM partition WHERE id = $1) RETURNING run_id, config_id",
);
static LAST: Sql = Sql::new("SELECT coalesce(max(seq), 0) FROM file_item WHERE run_id = $1");
static ITEMS: Sql = Sql::new(
    "INSERT INTO file_item (run_id, seq, op, src_path, dst_path, size, reason, status, error_type, error, at) \
     SELECT $2, $3 + x.of_at, x.of_op, x.of_from, x.of_to, x.of_size, x.of_reason, x.of_status, x.of_type, x.of_error, \
     $4 FROM BATCH($1: of_at INT, of_op INT, of_from TEXT, of_to TEXT, of_size INT, of_reason TEXT, of_status INT, \
     of_type TEXT, of_error TEXT) AS x ORDER BY x.of_at",
);
/// Why its only partition was given up, when it was.
static WHY: Sql = Sql::new(
    "UPDATE file_run SET error_type = p.fault_code, error = p.fault_message FROM partition AS p \
     WHERE p.run_id = file_run.run_id AND file_run.run_id = $1 AND p.state >= 10",
);
static SYNCED: Sql = Sql::new("UPDATE file_config SET last_sync_at = $2 WHERE id = $1");

/// Begins what is kept of a run.
pub(crate) async fn accepted(tx: &mut Tx<'_>, run: &Run) -> std::result::Result<(), DbError> {
    let params = params(run)?;
    let args = args![
        run.id.0,
        params.task_id.as_str(),
        params.kind.code(),
        params.config,
        params.batch.map(|batch| batch.0),
        as_json(&params)
    ];
    tx.run(&INSERT, &args).await.map(drop)
}

/// A run ended: why it failed is kept with it; its config has been synced, if it went well and was no rehearsal.
pub(crate) async fn ended(tx: &mut Tx<'_>, run: &Run, now: Timestamp) -> std::result::Result<(), DbError> {
    let params = params(run)?;
    tx.run(&WHY, &args![run.id.0]).await?;
    let Some(config) = params.config else { return Ok(()) };
    if run.state == RunState::Succeeded && !params.asked.dry_run {
        tx.run(&SYNCED, &args![config, now]).await?;
        told(tx, now).await?;
    }
    Ok(())
}

fn params(run: &Run) -> std::result::Result<FileRunParams, DbError> {
    serde_json::from_value(run.params.clone())
        .map_err(|e| wrong(&format!("what {SYSTEM} needs of its run ({e})"), &run.params.to_string()))
}

impl FileSyncs {
    /// A worker begins a try of a run. Answers the config as it was when the run first began. `None`: the fence is old.
    ///
    /// # Errors
    /// The store failed.
    pub async fn begin_file_run(
        &self,
        right: Right,
        config: &FileConfig,
        now: Timestamp,
    ) -> Result<Option<FileBegun>> {
        let args = Arc::new(args![right.partition.0, as_json(config), FilePhase::Probing.code(), now]);
        self.0
            .write_tx("beginning a run of files", move |tx| {
                let args = Arc::clone(&args);
                Box::pin(async move {
                    if !held(tx, right).await? {
                        return Ok(None);
                    }
                    let Some(mut row) = tx.first(&BEGIN, &*args).await? else { return Ok(None) };
                    tx.run(&FORGET, &args![row.int()?]).await?;
                    Ok(Some(FileBegun { config: row.json()?, stats: row.json()? }))
                })
            })
            .await
    }

    /// Claims the path of a target for a run: nobody else writes there, above it or below it, while it holds its
    /// partition. Where it keeps what it replaces, above it or below it, nobody else has a target meanwhile; others may
    /// keep there too.
    ///
    /// # Errors
    /// The store failed.
    pub async fn claim_target(&self, claim: FileClaim, now: Timestamp) -> Result<FileClaimed> {
        let claim = Arc::new(claim);
        self.0
            .write_tx("claiming a target", move |tx| {
                let claim = Arc::clone(&claim);
                Box::pin(async move { claim_path(tx, &claim, now).await })
            })
            .await
    }

    /// Keeps what a worker tells. False: the fence is old.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tell_file_run(&self, told: FileTold, now: Timestamp) -> Result<bool> {
        let told = Arc::new(told);
        self.0
            .write_tx("telling of a run of files", move |tx| {
                let told = Arc::clone(&told);
                Box::pin(async move { tell(tx, &told, now).await })
            })
            .await
    }
}

async fn claim_path(
    tx: &mut Tx<'_>,
    claim: &FileClaim,
    now: Timestamp,
) -> std::result::Result<FileClaimed, DbError> {
    lease::lock(tx, TARGETS).await?;
    if !held(tx, claim.right).await? {
        return Ok(FileClaimed::Lost);
    }
    let row = tx.first(&RUN_OF, &args![claim.right.partition.0]).await?;
    let own = row.ok_or_else(|| wrong("the run of a partition", "none"))?.int()?;
    for mut row in tx.all(&CLAIMED, &args![claim.location.as_str(), now]).await? {
        let (run, path, kept) = (row.int()?, row.text()?, row.text_or_null()?);
        if run != own && claim.meets(&path, kept.as_deref()) {
            tx.run(&PHASE, &args![own, FilePhase::WaitingLease.code()]).await?;
            return Ok(FileClaimed::InTheWay(RunId(run)));
        }
    }
    let args = args![own, claim.location.as_str(), claim.path.as_str(), claim.kept.as_deref()];
    tx.run(&CLAIM, &args).await?;
    Ok(FileClaimed::Held)
}

async fn tell(tx: &mut Tx<'_>, told: &FileTold, now: Timestamp) -> std::result::Result<bool, DbError> {
    if !held(tx, told.right).await? {
        return Ok(false);
    }
    let args =
        args![told.right.partition.0, told.phase.code(), as_json(&told.stats), as_json(&told.progress)];
    let Some(mut row) = tx.first(&TELL, &args).await? else { return Ok(false) };
    let (run, config) = (row.int()?, row.int_or_null()?);
    if let Some(config) = config {
        baseline::tell(tx, config, (&told.remembered, &told.forgotten)).await?;
    }
    if told.items.is_empty() {
        return Ok(true);
    }
    let last = tx.number(&LAST, &args![run]).await?;
    let items: Vec<Value> = told
        .items
        .iter()
        .zip(1_i64..)
        .map(|(item, at)| {
            json!({
                "of_at": at, "of_op": item.op.code(), "of_from": item.from, "of_to": item.to, "of_size": item.size,
                "of_reason": item.reason, "of_status": item.status.code(), "of_type": item.error_type,
                "of_error": item.error,
            })
        })
        .collect();
    tx.run(&ITEMS, &args![Value::from(items), run, last, now]).await?;
    Ok(true)
}
