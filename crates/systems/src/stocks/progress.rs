//! How far a run has come, as documented: computed from rows alone, so that every process shows the same.

use std::collections::HashMap;

use engine::{RunFilter, StoreError};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use model::partition::Partition;
use model::progress::{fraction, percent};
use model::run::Run;
use model::state::{Control, PartitionState, RunState};
use serde::{Serialize, Serializer};

use super::eta::{self, Basis, Current};
use super::labels::{self, RunCounts};
use super::look::Range;
use super::{Stocks, follow, shanghai, sync_key};

/// Failed days shown.
const ERRORS_SHOWN: u32 = 10;

/// PROGRESS of the documented routes. Every key is always there.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are those of the documented answer")]
pub struct Progress {
    pub status: &'static str,
    pub total: i64,
    pub current: i64,
    pub success: i64,
    pub failed: i64,
    pub skipped: i64,
    pub current_date: String,
    pub message: String,
    #[serde(serialize_with = "one_decimal")]
    pub progress_percent: f64,
    pub start_time: String,
    pub end_time: Option<String>,
    pub start_date: String,
    pub end_date: String,
    pub task_start_time: String,
    pub estimated_completion: Option<String>,
    pub duration_seconds: Option<i64>,
    pub errors: Vec<DayError>,
    pub error_count: i64,
    pub stocks: StockCounts,
}

/// A failed day of a run.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are those of the documented answer")]
pub struct DayError {
    pub date: String,
    pub error: String,
    pub time: Option<String>,
}

/// Stocks of the running day.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the keys are those of the documented answer")]
pub struct StockCounts {
    pub total: i64,
    pub done: i64,
    pub failed: i64,
}

/// 100 of a completed run is written without a fraction, as documented.
fn one_decimal<S: Serializer>(percent: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if *percent >= 100.0 { serializer.serialize_i64(100) } else { serializer.serialize_f64(*percent) }
}

/// A run's public name.
pub(crate) fn task_id(run: &Run) -> String {
    run.reference.clone().unwrap_or_else(|| {
        let (first, last) = follow::bounds(run);
        format!("{first}_{last}_{}", run.created_at.as_second())
    })
}

/// A run's dates by outcome.
pub(crate) fn counts_of(run: &Run) -> RunCounts {
    RunCounts {
        success: run.partitions_succeeded,
        failed: run.partitions_failed,
        skipped: run.partitions_skipped,
    }
}

/// Whole seconds from a run's acceptance to its end, pauses included.
pub(crate) fn seconds_of(run: &Run) -> i64 {
    run.ended_at.map_or(0, |end| whole_seconds(run.created_at, end))
}

/// Whole seconds between the two, never negative.
pub(crate) fn whole_seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(0)
}

/// A run's status word.
pub(crate) fn status_word(run: &Run) -> &'static str {
    match run.state {
        RunState::Queued | RunState::Running | RunState::Waiting => "running",
        RunState::Paused => "paused",
        RunState::Succeeded | RunState::Partial => "completed",
        // It went through all its dates, though every one failed, unless a fault ended it.
        RunState::Failed if run.fault_message.is_none() => "completed",
        RunState::Failed => "failed",
        RunState::Cancelled => "cancelled",
    }
}

/// Where the run stands: whole days, and the part of the day under way. Reading run and day in two queries must
/// never let it fall, so the place of the day itself counts too: its days before are all finished.
fn position(run: &Run, day: Option<&Partition>) -> f64 {
    let finished = number(run.partitions_finished());
    let Some(day) = day.filter(|day| day.started_at.is_some()) else { return finished };
    let at = number(day.ordinal);
    let place = match day.state {
        PartitionState::Succeeded
        | PartitionState::Skipped
        | PartitionState::Failed
        | PartitionState::Quarantined => at + 1.0,
        PartitionState::Queued
        | PartitionState::Running
        | PartitionState::Waiting
        | PartitionState::Cancelled => at + fraction(day.units.done, day.units.total).min(0.999),
    };
    finished.max(place)
}

/// Percent with one decimal; 100 for a completed run only.
fn percent_of(run: &Run, day: Option<&Partition>) -> f64 {
    let ended = if status_word(run) == "completed" {
        model::progress::Ended::Yes
    } else {
        model::progress::Ended::No
    };
    percent(0, position(run, day), run.partitions_total, 0.0, ended)
}

fn message_of(run: &Run, day: Option<&Partition>, percent: f64) -> String {
    let counts = counts_of(run);
    match (status_word(run), run.control) {
        ("completed", _) => labels::run_completed(counts, seconds_of(run)),
        ("failed", _) => labels::run_failed(run.fault_message.as_deref().unwrap_or_default()),
        ("cancelled", _) => labels::run_cancelled(counts),
        (_, Control::Cancel) => labels::CANCELLING.to_owned(),
        ("paused", _) => match (run.resume_at, &run.message) {
            (Some(_), Some(message)) => message.clone(),
            _ => labels::RUN_PAUSED.to_owned(),
        },
        _ => match day.filter(|day| day.started_at.is_some()) {
            Some(day) => labels::progress(&day.key, percent),
            None => labels::PREPARING.to_owned(),
        },
    }
}

impl Stocks {
    /// The run holding the lease, else the newest paused one.
    ///
    /// # Errors
    /// The state cannot be read.
    pub async fn active_run(&self) -> Result<Option<Run>, StoreError> {
        if let Some(run) = self.reader.lease_holder(&sync_key()).await? {
            return Ok(Some(run));
        }
        let filter = RunFilter {
            sync: Some(sync_key()),
            states: vec![RunState::Paused],
            limit: 1,
            ..RunFilter::default()
        };
        Ok(self.reader.runs(&filter).await?.into_iter().next())
    }

    /// PROGRESS of a run.
    ///
    /// # Errors
    /// The state cannot be read.
    pub async fn progress(&self, run: &Run, now: Timestamp) -> Result<Progress, StoreError> {
        let day = self.reader.current_partition(run.id).await?;
        let day = day.filter(|day| day.started_at.is_some());
        let errors = self.errors(run).await?;
        let going = matches!(run.state, RunState::Queued | RunState::Running | RunState::Waiting);
        let running = day.as_ref().filter(|day| going && day.state == PartitionState::Running);
        let estimated_completion = if going { self.estimate(run, running, now).await } else { None };
        let percent = percent_of(run, day.as_ref());
        let counts = counts_of(run);
        let (start_date, end_date) = follow::bounds(run);
        Ok(Progress {
            status: status_word(run),
            total: run.partitions_total,
            current: run.partitions_finished(),
            success: counts.success,
            failed: counts.failed,
            skipped: counts.skipped,
            message: message_of(run, day.as_ref(), percent),
            progress_percent: percent,
            start_time: shanghai::iso(run.created_at),
            end_time: run.ended_at.map(shanghai::iso),
            start_date,
            end_date,
            task_start_time: shanghai::iso(run.created_at),
            estimated_completion: estimated_completion.map(shanghai::iso),
            duration_seconds: run.ended_at.map(|_| seconds_of(run)),
            errors: errors.into_iter().rev().map(day_error).collect(),
            error_count: run.partitions_failed,
            stocks: running.map_or_else(StockCounts::default, stock_counts),
            current_date: day.map(|day| day.key).unwrap_or_default(),
        })
    }

    /// The last failed days of the run as it was read, newest first. Days that failed since then are left out, or
    /// the list would show more of them than the count beside it.
    async fn errors(&self, run: &Run) -> Result<Vec<Partition>, StoreError> {
        if run.partitions_failed == 0 {
            return Ok(Vec::new());
        }
        let mut errors = self.reader.failed_partitions(run.id, 2 * ERRORS_SHOWN).await?;
        errors.retain(|day| day.ordinal < run.partitions_finished());
        errors.truncate(ERRORS_SHOWN as usize);
        Ok(errors)
    }

    async fn estimate(&self, run: &Run, day: Option<&Partition>, now: Timestamp) -> Option<Timestamp> {
        let basis = self.basis(run, now).await?;
        let current = day.map(|day| Current {
            since: day.started_at.unwrap_or(now),
            done: day.units.done,
            total: day.units.total.unwrap_or(0),
            rate: day.checkpoint.as_ref().and_then(|kept| kept.get("rate")?.as_f64()),
        });
        eta::foretell(basis, current, now)
    }

    /// Numbers that change when a day ends are read then, once, and kept: many ask at that moment. A destination that
    /// is away foretells nothing.
    async fn basis(&self, run: &Run, now: Timestamp) -> Option<Basis> {
        let finished = run.partitions_finished();
        let mut kept = self.foreseen.lock().await;
        let known = kept.get(&run.id);
        if let Some(known) = known.filter(|known| known.at >= finished) {
            return Some(known.basis);
        }
        let (first, last) = follow::bounds(run);
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        // Nobody else writes days while the run has its lease, and its own are not looked at again.
        let stored = known.map(|known| known.stored.clone());
        let range = self.look_knowing(stored, first, last, now).await.ok()?;
        let basis = self.read_basis(run, &range, now).await?;
        if kept.len() >= FORESEEN_MAX {
            kept.clear();
        }
        kept.insert(run.id, Foreseen { at: finished, basis, stored: range.stored });
        Some(basis)
    }

    async fn read_basis(&self, run: &Run, range: &Range, now: Timestamp) -> Option<Basis> {
        let filter = engine::PartitionFilter {
            states: vec![PartitionState::Queued],
            after: None,
            limit: model::limits::PAGE_MAX,
        };
        let queued = self.reader.partitions(run.id, &filter).await.ok()?;
        let redo = run.params.get("force").and_then(serde_json::Value::as_bool) == Some(true);
        let rest = queued.iter().filter_map(|day| day.key.parse().ok()).filter(|date| {
            range.day(*date) == super::check::Day::Trading
                && !self.is_unpublished(*date, now)
                && (redo || range.check(*date).need == super::check::Need::Sync)
        });
        let rest = i64::try_from(rest.count()).unwrap_or(i64::MAX);
        let synced: Vec<SignedDuration> = range
            .rows
            .values()
            .filter(|row| row.run_id == Some(run.id) && row.state == model::ledger::LedgerState::Succeeded)
            .filter_map(|row| Some(row.ended_at?.duration_since(row.started_at?)))
            .collect();
        let seconds: f64 = synced.iter().map(SignedDuration::as_secs_f64).sum();
        let days = i64::try_from(synced.len()).unwrap_or(i64::MAX);
        Some(Basis { day_seconds: (days > 0).then(|| seconds / number(days)), rest })
    }
}

/// Runs foreseen at once: there is one at a time, and a few paused ones.
const FORESEEN_MAX: usize = 16;

/// What a run's end is foretold from.
pub(crate) struct Foreseen {
    /// Days of the run that had ended when it was read.
    at: i64,
    basis: Basis,
    /// Rows there were before the run.
    stored: HashMap<Date, i64>,
}

fn day_error(day: Partition) -> DayError {
    DayError {
        error: day.fault_message.or(day.message).unwrap_or_default(),
        time: day.ended_at.map(shanghai::iso),
        date: day.key,
    }
}

fn stock_counts(day: &Partition) -> StockCounts {
    let total = day.units.total.unwrap_or(0);
    StockCounts { total, done: day.units.done, failed: day.units.failed }
}

#[expect(clippy::cast_precision_loss, reason = "counts of days are far below 2^52")]
fn number(count: i64) -> f64 {
    count as f64
}
