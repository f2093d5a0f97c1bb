//! A schedule and its times, as the API shows them.

use jiff::Timestamp;
use model::schedule::{Schedule, TickRow, When};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::words::{MissedWord, TickDecisionWord};

/// When runs of a sync are wanted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ScheduleView {
    /// Its number.
    id: i64,
    /// Unique, `<system>.<what>`.
    #[schema(example = "stocks.daily_sync")]
    name: String,
    /// For people.
    title: String,
    /// Which sync it asks runs of.
    sync: String,
    /// The system's word for the request.
    label: String,
    /// The request's parameters.
    #[schema(value_type = Object)]
    params: Value,
    /// The rule that gives the times.
    when: WhenView,
    /// IANA name of the zone the rule is read in.
    #[schema(example = "Asia/Shanghai")]
    time_zone: String,
    /// What is done with times that went by unseen.
    #[schema(value_type = MissedWord)]
    missed: &'static str,
    /// Not acted on while set.
    #[schema(value_type = Option<String>, format = DateTime)]
    paused_at: Option<Timestamp>,
    /// Its newest time acted on.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_nominal_at: Option<Timestamp>,
    /// Its next times, at most five; none when none is left.
    #[schema(value_type = Vec<String>)]
    next: Vec<Timestamp>,
    /// Grows with each change.
    version: i64,
}

/// The rule that gives the times.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum WhenView {
    /// A cron expression, read in the schedule's time zone.
    Cron {
        /// Five fields, or six with seconds first.
        expression: String,
    },
    /// Fixed moments relative to something that happens.
    Offsets {
        /// The moment the offsets count from.
        #[schema(value_type = String, format = DateTime)]
        event_at: Timestamp,
        /// Seconds after it, ascending.
        offsets_seconds: Vec<i64>,
    },
    /// One moment.
    Once {
        /// That moment.
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
    },
}

impl ScheduleView {
    /// A schedule with its next times.
    pub(crate) fn of(schedule: Schedule, next: Vec<Timestamp>) -> Self {
        let spec = schedule.spec;
        Self {
            id: schedule.id.0,
            name: spec.name,
            title: spec.title,
            sync: spec.sync.to_string(),
            label: spec.label,
            params: spec.params,
            when: match spec.when {
                When::Cron { expression } => WhenView::Cron { expression },
                When::Offsets { event_at, offsets_seconds } => {
                    WhenView::Offsets { event_at, offsets_seconds }
                }
                When::Once { at } => WhenView::Once { at },
            },
            time_zone: spec.time_zone,
            missed: spec.missed.as_str(),
            paused_at: schedule.paused_at,
            last_nominal_at: schedule.last_nominal_at,
            next,
            version: schedule.version,
        }
    }
}

/// The record of one time of a schedule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TickView {
    /// The time meant.
    #[schema(value_type = String, format = DateTime)]
    nominal_at: Timestamp,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    decided_at: Timestamp,
    /// What became of it.
    #[schema(value_type = TickDecisionWord)]
    decision: &'static str,
    /// Why, where it started nothing.
    reason: Option<String>,
    /// The run it made.
    run_id: Option<i64>,
}

impl From<TickRow> for TickView {
    fn from(tick: TickRow) -> Self {
        Self {
            nominal_at: tick.nominal_at,
            decided_at: tick.decided_at,
            decision: tick.decision.as_str(),
            reason: tick.reason,
            run_id: tick.run_id.map(|id| id.0),
        }
    }
}
