//! Columns of the main tables in one order, and how a row of them is read.

use model::counts::ItemCounts;
use model::id::{Fence, PartitionId, RunId, ScheduleId, SyncKey};
use model::ledger::{LedgerRow, LedgerState};
use model::partition::{Partition, UnitProgress};
use model::run::{Run, Trigger};
use model::schedule::{Schedule, TickDecision, TickRow};
use model::state::{Control, PartitionState, RunState};

use crate::tx::{DbError, Row, wrong};
use crate::types::EndedRuns;

/// Columns of a run, for `SELECT` and `RETURNING`, as [`run`] reads them.
macro_rules! run_columns {
    () => {
        "id, sync, state, control, trigger, label, reference, params, priority, schedule_id, nominal_at, requested_by, \
         partitions_total, partitions_succeeded, partitions_skipped, partitions_failed, items_new, items_updated, \
         items_unchanged, items_deleted, items_failed, items_skipped, message, fault_code, fault_message, created_at, \
         started_at, ended_at, resume_at, read_at"
    };
}
/// Columns of a partition, as [`partition`] reads them.
macro_rules! partition_columns {
    () => {
        "id, run_id, ordinal, key, state, attempt, crashes, fence, holder, lease_until, available_at, payload, \
         checkpoint, units_done, units_failed, units_total, items_new, items_updated, items_unchanged, items_deleted, \
         items_failed, items_skipped, message, fault_code, fault_message, started_at, ended_at"
    };
}
/// Columns of a ledger row, as [`ledger`] reads them.
macro_rules! ledger_columns {
    () => {
        "id, sync, key, state, run_id, process_id, total, succeeded, failed, message, fault_code, fault_message, detail, \
         started_at, ended_at, created_at, updated_at"
    };
}
/// Columns of a schedule, as [`schedule`] reads them.
macro_rules! schedule_columns {
    () => {
        "id, spec, last_nominal_at, next_nominal_at, paused_at, version"
    };
}
/// Columns of a schedule's time, as [`tick`] reads them.
macro_rules! tick_columns {
    () => {
        "nominal_at, decided_at, decision, reason, run_id"
    };
}
pub(crate) use {ledger_columns, partition_columns, run_columns, schedule_columns, tick_columns};

pub(crate) fn sync_key(text: &str) -> Result<SyncKey, DbError> {
    SyncKey::parse(text).map_err(|_| wrong("a sync's name", text))
}

/// A row of an instant, a state and a count.
pub(crate) fn ended_runs(mut row: Row) -> Result<EndedRuns, DbError> {
    Ok(EndedRuns { quarter: row.instant()?, state: row.code(RunState::from_code)?, count: row.int()? })
}

pub(crate) fn counts(row: &mut Row) -> Result<ItemCounts, DbError> {
    Ok(ItemCounts {
        new: row.int()?,
        updated: row.int()?,
        unchanged: row.int()?,
        deleted: row.int()?,
        failed: row.int()?,
        skipped: row.int()?,
    })
}

pub(crate) fn run(mut row: Row) -> Result<Run, DbError> {
    let row = &mut row;
    Ok(Run {
        id: RunId(row.int()?),
        sync: sync_key(&row.text()?)?,
        state: row.code(RunState::from_code)?,
        control: row.code(Control::from_code)?,
        trigger: row.code(Trigger::from_code)?,
        label: row.text()?,
        reference: row.text_or_null()?,
        params: row.json()?,
        priority: i16::try_from(row.int()?).unwrap_or_default(),
        schedule_id: row.int_or_null()?.map(ScheduleId),
        nominal_at: row.instant_or_null()?,
        requested_by: row.text_or_null()?,
        partitions_total: row.int()?,
        partitions_succeeded: row.int()?,
        partitions_skipped: row.int()?,
        partitions_failed: row.int()?,
        counts: counts(row)?,
        message: row.text_or_null()?,
        fault_code: row.text_or_null()?,
        fault_message: row.text_or_null()?,
        created_at: row.instant()?,
        started_at: row.instant_or_null()?,
        ended_at: row.instant_or_null()?,
        resume_at: row.instant_or_null()?,
        read_at: row.instant_or_null()?,
    })
}

pub(crate) fn partition(mut row: Row) -> Result<Partition, DbError> {
    let row = &mut row;
    Ok(Partition {
        id: PartitionId(row.int()?),
        run_id: RunId(row.int()?),
        ordinal: row.int()?,
        key: row.text()?,
        state: row.code(PartitionState::from_code)?,
        attempt: u32::try_from(row.int()?).unwrap_or_default(),
        crashes: u32::try_from(row.int()?).unwrap_or_default(),
        fence: Fence(row.int()?),
        holder: row.text_or_null()?,
        lease_until: row.instant_or_null()?,
        available_at: row.instant_or_null()?,
        payload: row.json()?,
        checkpoint: row.json_or_null()?,
        units: UnitProgress { done: row.int()?, failed: row.int()?, total: row.int_or_null()? },
        counts: counts(row)?,
        message: row.text_or_null()?,
        fault_code: row.text_or_null()?,
        fault_message: row.text_or_null()?,
        started_at: row.instant_or_null()?,
        ended_at: row.instant_or_null()?,
    })
}

pub(crate) fn ledger(mut row: Row) -> Result<LedgerRow, DbError> {
    let row = &mut row;
    Ok(LedgerRow {
        id: row.int()?,
        sync: sync_key(&row.text()?)?,
        key: row.text()?,
        state: row.code(LedgerState::from_code)?,
        run_id: row.int_or_null()?.map(RunId),
        process_id: row.text_or_null()?,
        total: row.int()?,
        succeeded: row.int()?,
        failed: row.int()?,
        message: row.text_or_null()?,
        fault_code: row.text_or_null()?,
        fault_message: row.text_or_null()?,
        detail: row.json_or_null()?,
        started_at: row.instant_or_null()?,
        ended_at: row.instant_or_null()?,
        created_at: row.instant()?,
        updated_at: row.instant()?,
    })
}

pub(crate) fn schedule(row: &mut Row) -> Result<Schedule, DbError> {
    Ok(Schedule {
        id: ScheduleId(row.int()?),
        spec: row.json()?,
        last_nominal_at: row.instant_or_null()?,
        next_nominal_at: row.instant_or_null()?,
        paused_at: row.instant_or_null()?,
        version: row.int()?,
    })
}

pub(crate) fn tick(row: &mut Row) -> Result<TickRow, DbError> {
    Ok(TickRow {
        nominal_at: row.instant()?,
        decided_at: row.instant()?,
        decision: row.code(TickDecision::from_code)?,
        reason: row.text_or_null()?,
        run_id: row.int_or_null()?.map(RunId),
    })
}
