//! Columns of configs, runs and items in one order, and how a row of them is read.

use model::file::FileConfig;
use model::file::run::{FileItem, FileItemStatus, FileOp, FilePhase, FileRun};

use model::run::Run;

use super::types::{FileConfigRow, FileEnd};
use crate::tx::{DbError, Row};

/// Columns of a config `c` and its schedule `s`, as [`config`] reads them. A schedule that is paused has no next time.
macro_rules! config_columns {
    () => {
        "c.id, c.config, c.schedule_cleared, c.last_sync_at, s.id, \
         CASE WHEN s.paused_at IS NULL THEN s.next_nominal_at END, c.created_at, c.updated_at"
    };
}
/// Configs with their schedules.
macro_rules! configs {
    () => {
        " FROM file_config c LEFT JOIN schedule s ON s.name = 'sync_config_' || c.id"
    };
}
/// Columns of what is kept of a run `f`, as [`file_run`] reads them after the run's own. Why it failed is known of its
/// partition `p` first, while that waits for another try.
macro_rules! file_run_columns {
    () => {
        "f.params, f.config, f.attempt, f.phase, f.stats, f.progress, f.begun_at, coalesce(f.error_type, p.fault_code), \
         coalesce(f.error, p.fault_message), p.available_at"
    };
}
/// What is kept of runs, with the partition of each that waits.
macro_rules! file_runs {
    () => {
        " FROM file_run f LEFT JOIN partition p ON p.run_id = f.run_id AND p.state = 2"
    };
}
pub(super) use {config_columns, configs, file_run_columns, file_runs};

/// A config without its secrets.
pub(super) fn config(mut row: Row) -> Result<FileConfigRow, DbError> {
    let row = &mut row;
    let (id, config) = (row.int()?, row.json()?);
    Ok(FileConfigRow {
        id,
        config,
        secrets: Vec::new(),
        schedule_cleared: row.bool()?,
        last_sync_at: row.instant_or_null()?,
        scheduled: row.int_or_null()?.is_some(),
        next_run_at: row.instant_or_null()?,
        created_at: row.instant()?,
        updated_at: row.instant()?,
    })
}

/// What is kept of a run, read with the run.
pub(super) fn file_run(mut row: Row, run: Run) -> Result<FileRun, DbError> {
    let row = &mut row;
    let params = row.json()?;
    let begun_with = row.json_or_null::<FileConfig>()?;
    Ok(FileRun {
        run,
        params,
        mode: begun_with.as_ref().map(|config| config.mode),
        guard: begun_with.map(|config| config.delete_guard),
        attempt: row.int()?,
        phase: row.int_or_null()?.map(phase).transpose()?,
        stats: row.json()?,
        progress: row.json()?,
        begun_at: row.instant_or_null()?,
        error_type: row.text_or_null()?,
        error: row.text_or_null()?,
        next_try_at: row.instant_or_null()?,
    })
}

fn phase(code: i64) -> Result<FilePhase, DbError> {
    let known = i16::try_from(code).ok().and_then(FilePhase::from_code);
    known.ok_or_else(|| crate::tx::wrong("a phase", &code.to_string()))
}

pub(super) fn item(mut row: Row) -> Result<(i64, FileItem), DbError> {
    let row = &mut row;
    let seq = row.int()?;
    let item = FileItem {
        op: row.code(FileOp::from_code)?,
        from: row.text_or_null()?,
        to: row.text()?,
        size: row.int()?.unsigned_abs(),
        reason: row.text_or_null()?,
        status: row.code(FileItemStatus::from_code)?,
        error_type: row.text_or_null()?,
        error: row.text_or_null()?,
    };
    Ok((seq, item))
}

/// Whose secrets an end of a config has.
pub(super) fn owner(config: i64, end: FileEnd) -> String {
    format!("files.config.{config}.{}", end.as_str())
}
