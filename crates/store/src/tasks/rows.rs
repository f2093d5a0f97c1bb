//! Columns of records, tasks and packages in one order, and how a row of them is read.

use model::id::RunId;
use model::task::{TaskCounters, TaskRecord, TaskRecordStatus, TaskSyncType, TaskTrigger, TaskWindow};

use crate::tx::{DbError, Row};

/// Columns of a record, as [`record`] reads them.
macro_rules! record_columns {
    () => {
        "id, run_id, sync_type, trigger, status, window_from, window_to, coalesce(started_at, created_at), ended_at, \
         tasks_total, tasks_new, tasks_updated, tasks_matched, tasks_pending, tasks_idle, tasks_failed, error_message, \
         error_details, retry_count, max_retries, holder, read_at, created_at, updated_at"
    };
}
pub(super) use record_columns;

pub(super) fn record(mut row: Row) -> Result<TaskRecord, DbError> {
    let row = &mut row;
    Ok(TaskRecord {
        id: row.int()?,
        run: RunId(row.int()?),
        sync_type: row.code(TaskSyncType::from_code)?,
        trigger: row.code(TaskTrigger::from_code)?,
        status: row.code(TaskRecordStatus::from_code)?,
        window: TaskWindow { from: row.instant()?, to: row.instant()? },
        started_at: row.instant()?,
        ended_at: row.instant_or_null()?,
        counters: TaskCounters {
            total: row.int()?,
            new: row.int()?,
            updated: row.int()?,
            matched: row.int()?,
            pending: row.int()?,
            idle: row.int()?,
            failed: row.int()?,
        },
        error_message: row.text_or_null()?,
        error_details: row.json_or_null()?,
        retry_count: row.int()?,
        max_retries: row.int()?,
        holder: row.text_or_null()?,
        read_at: row.instant_or_null()?,
        created_at: row.instant()?,
        updated_at: row.instant_or_null()?,
    })
}
