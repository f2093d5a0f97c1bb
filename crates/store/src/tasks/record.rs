//! The record of a run: begun with it, ended with it, and what its worker notes on the way.
//!
//! A worker's words count as long as its fence does; the end is the engine's and needs none.

use std::sync::Arc;

use jiff::Timestamp;
use model::run::{Run, Trigger};
use model::state::{PartitionState, RunState};
use model::task::{TaskCounters, TaskRecordStatus, TaskRowFault, TaskSyncType, TaskTrigger, TaskWindow};
use serde::Deserialize;

use super::types::TaskNote;
use super::{CallTasks, Part, told};
use crate::claim::held;
use crate::db::Result;
use crate::request::as_json;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args, wrong};
use crate::types::Right;

static INSERT: Sql = Sql::new(
    "INSERT INTO task_record (run_id, sync_type, trigger, status, window_from, window_to, max_retries, holder, \
     created_at) VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8)",
);
/// What the only partition of a run came to.
static OUTCOME: Sql = Sql::new(
    "SELECT state, fault_code, fault_message FROM partition WHERE run_id = $1 AND state >= 10 \
     ORDER BY ordinal LIMIT 1",
);
static FAILED: Sql = Sql::new("SELECT tasks_failed FROM task_record WHERE run_id = $1");
/// One that was deleted meanwhile is there again, and unread.
static END: Sql = Sql::new(
    "UPDATE task_record SET status = $2, error_message = $3, ended_at = $4, updated_at = $4, \
     read_at = CASE WHEN deleted_at IS NULL THEN read_at END, deleted_at = NULL WHERE run_id = $1 AND status = 0",
);
static BEGIN: Sql = Sql::new(
    "UPDATE task_record SET started_at = coalesce(started_at, $3), holder = $2, tasks_total = 0, tasks_new = 0, \
     tasks_updated = 0, tasks_matched = 0, tasks_pending = 0, tasks_idle = 0, tasks_failed = 0, error_details = NULL, \
     updated_at = $3 WHERE run_id = (SELECT run_id FROM partition WHERE id = $1) AND status = 0 RETURNING id",
);
static COUNT: Sql = Sql::new(
    "UPDATE task_record SET tasks_total = $2, tasks_new = $3, tasks_updated = $4, tasks_matched = $5, \
     tasks_pending = $6, tasks_idle = $7, tasks_failed = $8, updated_at = $9 WHERE id = $1 AND status = 0",
);
static DETAILS: Sql = Sql::new("SELECT error_details FROM task_record WHERE id = $1");
static NOTE: Sql = Sql::new("UPDATE task_record SET error_details = $2 WHERE id = $1 AND status = 0");
static RETRIES: Sql = Sql::new(
    "UPDATE task_record SET retry_count = $2, updated_at = $3 WHERE id = $1 AND status = 0 AND retry_count < $2",
);
static READ: Sql = Sql::new(
    "UPDATE task_record SET read_at = $2, updated_at = $2 WHERE id = $1 AND deleted_at IS NULL AND read_at IS NULL",
);
static SHOWN: Sql = Sql::new("SELECT count(*) FROM task_record WHERE id = $1 AND deleted_at IS NULL");
static READ_ALL: Sql = Sql::new(
    "UPDATE task_record SET read_at = $1, updated_at = $1 WHERE read_at IS NULL AND deleted_at IS NULL AND status >= 10",
);
static PURGE: Sql = Sql::new("DELETE FROM task_record WHERE status >= 10 AND created_at < $1");

/// What a record says of a run whose workers died.
const LOST: &str = "工作进程中断，任务未完成";

/// What the system's plan leaves for its record.
#[derive(Deserialize)]
struct Params {
    window: TaskWindow,
    holder: Option<String>,
    max_retries: i64,
}

/// Begins the record of a run.
pub(crate) async fn accepted(tx: &mut Tx<'_>, run: &Run) -> std::result::Result<(), DbError> {
    let Some(sync_type) = TaskSyncType::of_sync(&run.sync) else { return Ok(()) };
    let params: Params = serde_json::from_value(run.params.clone())
        .map_err(|e| wrong(&format!("what a record needs of its run ({e})"), &run.params.to_string()))?;
    let trigger = if run.trigger == Trigger::Schedule { TaskTrigger::Auto } else { TaskTrigger::Manual };
    let args = args![
        run.id.0,
        sync_type.code(),
        trigger.code(),
        params.window.from,
        params.window.to,
        params.max_retries,
        params.holder,
        run.created_at
    ];
    tx.run(&INSERT, &args).await.map(drop)
}

/// Ends the record of a run that ended, however it did.
pub(crate) async fn ended(tx: &mut Tx<'_>, run: &Run, now: Timestamp) -> std::result::Result<(), DbError> {
    let (status, message) = match run.state {
        RunState::Cancelled => (TaskRecordStatus::Failed, Some("同步已取消".to_owned())),
        RunState::Failed | RunState::Partial => (TaskRecordStatus::Failed, Some(reason(tx, run).await?)),
        _ => {
            let failed = tx.first(&FAILED, &args![run.id.0]).await?;
            let failed = failed.map(|mut row| row.int()).transpose()?.unwrap_or_default();
            (if failed == 0 { TaskRecordStatus::Success } else { TaskRecordStatus::Partial }, None)
        }
    };
    tx.run(&END, &args![run.id.0, status.code(), message, now]).await.map(drop)
}

impl CallTasks {
    /// A worker begins (or, after a crash, begins again): the record of its run shows who, since when, and nothing
    /// counted. Answers its number; `None` when the fence is old or the run has no record at work.
    ///
    /// # Errors
    /// The store failed.
    pub async fn begin_record(&self, right: Right, holder: &str, now: Timestamp) -> Result<Option<i64>> {
        let args = Arc::new(args![right.partition.0, holder, now]);
        self.0
            .write_tx("beginning a record", move |tx| {
                let args = Arc::clone(&args);
                Box::pin(async move {
                    if !held(tx, right).await? {
                        return Ok(None);
                    }
                    let row = tx.first(&BEGIN, &*args).await?;
                    row.map(|mut row| row.int()).transpose()
                })
            })
            .await
    }

    /// Sets what the record counts and adds rows that failed, up to its limit. False: the fence is old.
    ///
    /// # Errors
    /// The store failed.
    pub async fn note_faults(&self, faults: TaskNote, now: Timestamp) -> Result<bool> {
        let faults = Arc::new(faults);
        self.0
            .write_tx("noting rows that failed", move |tx| {
                let faults = Arc::clone(&faults);
                Box::pin(async move { note(tx, &faults, now).await })
            })
            .await
    }

    /// A call upstream needed this many retries; the most of a run stands. False: the fence is old.
    ///
    /// # Errors
    /// The store failed.
    pub async fn set_retries(&self, right: Right, record: i64, retries: i64, now: Timestamp) -> Result<bool> {
        self.0
            .write_tx("counting retries", move |tx| {
                Box::pin(async move {
                    if !held(tx, right).await? {
                        return Ok(false);
                    }
                    tx.run(&RETRIES, &args![record, retries, now]).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Marks a record as read; the first time stands. False: there is none.
    ///
    /// # Errors
    /// The store failed.
    pub async fn mark_read(&self, record: i64, now: Timestamp) -> Result<bool> {
        self.0
            .write_tx("marking a record as read", move |tx| {
                Box::pin(async move {
                    if tx.run(&READ, &args![record, now]).await? == 0 {
                        return Ok(tx.number(&SHOWN, &args![record]).await? == 1);
                    }
                    told(tx, Part::Records, now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Marks all records as read whose runs have ended, and counts them.
    ///
    /// # Errors
    /// The store failed.
    pub async fn mark_all_read(&self, now: Timestamp) -> Result<u64> {
        self.0
            .write_tx("marking all records as read", move |tx| {
                Box::pin(async move {
                    let read = tx.run(&READ_ALL, &args![now]).await?;
                    if read > 0 {
                        told(tx, Part::Records, now).await?;
                    }
                    Ok(read)
                })
            })
            .await
    }

    /// Deletes records that ended and were begun before that moment, and counts them.
    ///
    /// # Errors
    /// The store failed.
    pub async fn purge_records(&self, before: Timestamp) -> Result<u64> {
        self.0
            .write_tx("deleting old records", move |tx| {
                Box::pin(async move { tx.run(&PURGE, &args![before]).await })
            })
            .await
    }
}

/// Sets what a record counts.
pub(super) async fn count(
    tx: &mut Tx<'_>,
    record: i64,
    counters: TaskCounters,
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    let args = args![
        record,
        counters.total,
        counters.new,
        counters.updated,
        counters.matched,
        counters.pending,
        counters.idle,
        counters.failed,
        now
    ];
    tx.run(&COUNT, &args).await.map(drop)
}

async fn note(tx: &mut Tx<'_>, note: &TaskNote, now: Timestamp) -> std::result::Result<bool, DbError> {
    if !held(tx, note.right).await? {
        return Ok(false);
    }
    count(tx, note.record, note.counters, now).await?;
    if note.faults.is_empty() {
        return Ok(true);
    }
    let Some(mut row) = tx.first(&DETAILS, &args![note.record]).await? else { return Ok(true) };
    let mut details: Vec<TaskRowFault> = row.json_or_null()?.unwrap_or_default();
    let room = note.limit.saturating_sub(details.len());
    details.extend(note.faults.iter().take(room).cloned());
    tx.run(&NOTE, &args![note.record, as_json(&details)]).await?;
    Ok(true)
}

/// Why a run failed: its own fault, or its partition's; who read of a worker's death is told so in words of theirs.
async fn reason(tx: &mut Tx<'_>, run: &Run) -> std::result::Result<String, DbError> {
    if let Some(message) = &run.fault_message {
        return Ok(message.clone());
    }
    let Some(mut row) = tx.first(&OUTCOME, &args![run.id.0]).await? else {
        return Ok(LOST.to_owned());
    };
    let state = row.code(PartitionState::from_code)?;
    let (code, message) = (row.text_or_null()?, row.text_or_null()?);
    let lost = state == PartitionState::Quarantined || code.as_deref() == Some("lease_lost");
    Ok(message.filter(|message| !lost && !message.is_empty()).unwrap_or_else(|| LOST.to_owned()))
}
