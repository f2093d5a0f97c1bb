//! Columns of records, tasks and packages in one order, and how a row of them is read.

use model::id::RunId;
use model::task::{
    CallTask, LeadPackage, MatchOrigin, MatchStatus, PackageSource, TaskCounters, TaskPackage, TaskRecord,
    TaskRecordStatus, TaskSyncType, TaskTrigger, TaskWindow,
};

use crate::lease;
use crate::tx::{DbError, Row, Tx, wrong};

/// The lease nobody holds: its row orders all that decides on packages of tasks.
const DECIDING: &str = "tasks.deciding";

/// Columns of a record, as [`record`] reads them.
macro_rules! record_columns {
    () => {
        "id, run_id, sync_type, trigger, status, window_from, window_to, coalesce(started_at, created_at), ended_at, \
         tasks_total, tasks_new, tasks_updated, tasks_matched, tasks_pending, tasks_idle, tasks_failed, error_message, \
         error_details, retry_count, max_retries, holder, read_at, created_at, updated_at"
    };
}
/// Columns of a task `t` and its package `p`, as [`task`] reads them.
macro_rules! task_columns {
    () => {
        "t.id, t.task_id, t.name, t.prefix, t.prefix_parsed, t.target_level, t.agent_group, t.line, t.call_mmdd, \
         t.state, t.total_number, t.called_number, t.connected_number, t.success_number, t.match_status, \
         t.match_origin, p.id, p.external_id, p.name, p.internal_code, t.created_date, t.started_at, t.ended_at, \
         t.imported_at, t.matched_at, t.idle_at"
    };
}
/// Columns of a package, as [`package`] reads them.
macro_rules! package_columns {
    () => {
        "id, external_id, name, source, region, grade, total_leads, valid_leads, available_leads, internal_code, \
         package_level, contact_rate, deleted_at, created_at, updated_at"
    };
}
pub(super) use {package_columns, record_columns, task_columns};

/// Lets nobody else decide on packages of tasks up to the end of the transaction.
pub(super) async fn lock(tx: &mut Tx<'_>) -> Result<(), DbError> {
    lease::lock(tx, DECIDING).await.map(drop)
}

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

pub(super) fn task(mut row: Row) -> Result<CallTask, DbError> {
    let row = &mut row;
    Ok(CallTask {
        id: row.int()?,
        task_id: row.text()?,
        name: row.text()?,
        prefix: row.text()?,
        prefix_parsed: row.bool()?,
        target_level: row.text_or_null()?,
        agent_group: row.text_or_null()?,
        line: row.text_or_null()?,
        call_mmdd: row.text_or_null()?,
        state: row.text_or_null()?,
        total_number: row.int_or_null()?,
        called_number: row.int_or_null()?,
        connected_number: row.int_or_null()?,
        success_number: row.int_or_null()?,
        match_status: row.code(MatchStatus::from_code)?,
        match_origin: row.code(MatchOrigin::from_code)?,
        package: task_package(row)?,
        created_date: row.instant_or_null()?,
        started_at: row.instant_or_null()?,
        ended_at: row.instant_or_null()?,
        imported_at: row.instant()?,
        matched_at: row.instant_or_null()?,
        idle_at: row.instant_or_null()?,
    })
}

fn task_package(row: &mut Row) -> Result<Option<TaskPackage>, DbError> {
    let columns = (row.int_or_null()?, row.text_or_null()?, row.text_or_null()?, row.text_or_null()?);
    Ok(match columns {
        (Some(id), Some(external_id), Some(name), Some(internal_code)) => {
            Some(TaskPackage { id, external_id, name, internal_code })
        }
        _ => None,
    })
}

pub(super) fn package(mut row: Row) -> Result<LeadPackage, DbError> {
    let row = &mut row;
    Ok(LeadPackage {
        id: row.int()?,
        external_id: row.text()?,
        name: row.text()?,
        source: row.code(PackageSource::from_code)?,
        region: row.text()?,
        grade: row.text()?,
        total_leads: row.int_or_null()?,
        valid_leads: row.int_or_null()?,
        available_leads: row.int_or_null()?,
        internal_code: row.text()?,
        package_level: row.text_or_null()?,
        contact_rate: row.text_or_null()?.map(|rate| number(&rate)).transpose()?,
        deleted_at: row.instant_or_null()?,
        created_at: row.instant()?,
        updated_at: row.instant()?,
    })
}

/// A rate is kept as the text of its shortest form.
fn number(rate: &str) -> Result<f64, DbError> {
    rate.parse().map_err(|_| wrong("a rate", rate))
}
