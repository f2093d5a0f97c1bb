//! A run, as the API shows it.

use jiff::Timestamp;
use model::partition::Partition;
use model::run::Run;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::words::{ControlWord, RunStateWord, TriggerWord};
use super::{FaultView, ItemsView};
use crate::progress::Progress;

/// A run: the queue entry, the history record and the progress record in one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunView {
    /// Its number.
    id: i64,
    /// Which sync.
    #[schema(example = "stocks.daily")]
    sync: String,
    /// Where it stands.
    #[schema(value_type = RunStateWord)]
    state: &'static str,
    /// What was asked of it and not yet carried out.
    #[schema(value_type = ControlWord)]
    control: &'static str,
    /// Who or what asked for it.
    #[schema(value_type = TriggerWord)]
    trigger: &'static str,
    /// The system's word for the kind of request.
    label: String,
    /// Its public name, where the system documents one.
    reference: Option<String>,
    /// The parameters, as the system normalised them.
    #[schema(value_type = Object)]
    params: Value,
    /// Higher goes first.
    priority: i16,
    /// Which schedule asked.
    schedule_id: Option<i64>,
    /// The time that schedule meant.
    #[schema(value_type = Option<String>, format = DateTime)]
    nominal_at: Option<Timestamp>,
    /// The person or program that asked.
    requested_by: Option<String>,
    /// Partitions by outcome.
    partitions: PartitionsView,
    /// Items over all ended partitions.
    items: ItemsView,
    /// How far it has come.
    progress: ProgressView,
    /// What it has to say beyond its numbers.
    message: Option<String>,
    /// What ended it.
    fault: Option<FaultView>,
    /// When the request was accepted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When the first partition was claimed.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Paused until then; null while paused means until a person resumes it.
    #[schema(value_type = Option<String>, format = DateTime)]
    resume_at: Option<Timestamp>,
    /// When a person acknowledged its end.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
}

/// Partitions of a run by outcome.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct PartitionsView {
    /// In all.
    total: i64,
    /// Done.
    succeeded: i64,
    /// Nothing to do.
    skipped: i64,
    /// Given up.
    failed: i64,
}

/// How far a run has come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProgressView {
    /// One decimal; 100 only at the end.
    percent: f64,
    /// When it ends at the present rate; null until a rate is known, while paused, and after the end.
    #[schema(value_type = Option<String>, format = DateTime)]
    estimated_end_at: Option<Timestamp>,
    /// The partition now being done. Only where one run is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<CurrentView>,
    /// While all that is left waits for another try, the one that comes first. Only where one run is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_try: Option<NextTryView>,
}

/// A partition between two tries.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct NextTryView {
    /// Its key.
    key: String,
    /// Tries that failed.
    attempt: u32,
    /// Why the last one failed.
    fault: Option<FaultView>,
    /// When the next one begins.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

impl NextTryView {
    fn of(partition: Partition) -> Self {
        Self {
            key: partition.key,
            attempt: partition.attempt,
            fault: FaultView::of(partition.fault_code, partition.fault_message),
            at: partition.available_at,
        }
    }
}

/// The partition now being done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CurrentView {
    /// Its key.
    key: String,
    /// Units finished, failed ones included.
    units_done: i64,
    /// Units in all, once known.
    units_total: Option<i64>,
    /// Units failed.
    units_failed: i64,
    /// What it has to say.
    message: Option<String>,
}

impl RunView {
    /// The same with the partition whose next try comes first, where that was read.
    pub(crate) fn waiting_for(mut self, next_try: Option<Partition>) -> Self {
        self.progress.next_try = next_try.map(NextTryView::of);
        self
    }

    /// A run with the partition now being done, where that was read.
    pub(crate) fn of(run: Run, current: Option<&Partition>, now: Timestamp) -> Self {
        let progress = Progress::of(&run, current, now);
        let current = current.filter(|_| !run.state.is_end()).map(|partition| CurrentView {
            key: partition.key.clone(),
            units_done: partition.units.done,
            units_total: partition.units.total,
            units_failed: partition.units.failed,
            message: partition.message.clone(),
        });
        Self {
            id: run.id.0,
            sync: run.sync.to_string(),
            state: run.state.as_str(),
            control: run.control.as_str(),
            trigger: run.trigger.as_str(),
            label: run.label,
            reference: run.reference,
            params: run.params,
            priority: run.priority,
            schedule_id: run.schedule_id.map(|id| id.0),
            nominal_at: run.nominal_at,
            requested_by: run.requested_by,
            partitions: PartitionsView {
                total: run.partitions_total,
                succeeded: run.partitions_succeeded,
                skipped: run.partitions_skipped,
                failed: run.partitions_failed,
            },
            items: run.counts.into(),
            progress: ProgressView {
                percent: progress.percent,
                estimated_end_at: progress.estimated_end_at,
                current,
                next_try: None,
            },
            message: run.message,
            fault: FaultView::of(run.fault_code, run.fault_message),
            created_at: run.created_at,
            started_at: run.started_at,
            ended_at: run.ended_at,
            resume_at: run.resume_at,
            read_at: run.read_at,
        }
    }
}
