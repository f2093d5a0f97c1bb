//! A schedule: when runs of a sync are wanted.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ScheduleId, SyncKey};
use crate::policy::Missed;
use crate::state::coded;

/// The rule that gives the times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum When {
    /// A cron expression, read in the schedule's time zone.
    Cron {
        /// Five fields, or six with seconds first.
        expression: String,
    },
    /// Fixed moments relative to something that happens (a race's end).
    Offsets {
        /// The moment the offsets count from.
        event_at: Timestamp,
        /// Seconds after it, ascending.
        offsets_seconds: Vec<i64>,
    },
    /// One moment.
    Once {
        /// That moment.
        at: Timestamp,
    },
}

/// What a system or a person wants scheduled. Schedules are known by `name`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleSpec {
    /// Unique, `<system>.<what>`: `stocks.daily_sync`.
    pub name: String,
    /// For people; documented where the contract documents it.
    pub title: String,
    /// Which sync it asks runs of.
    pub sync: SyncKey,
    /// The system's word for the request, kept on the run (`scheduler_daily`).
    pub label: String,
    /// The request's parameters; the system's plan computes dates from the nominal time.
    pub params: Value,
    /// The rule.
    pub when: When,
    /// IANA name of the zone the rule is read in.
    pub time_zone: String,
    /// What to do with times that went by unseen.
    pub missed: Missed,
    /// Times older than this are never caught up.
    pub missed_window: Duration,
    /// At most this many are caught up at once.
    pub missed_max: u32,
}

/// A schedule as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its number.
    pub id: ScheduleId,
    /// What is wanted.
    pub spec: ScheduleSpec,
    /// Its newest time acted on.
    pub last_nominal_at: Option<Timestamp>,
    /// Its next time; `None` when there is none left.
    pub next_nominal_at: Option<Timestamp>,
    /// Not acted on while set.
    pub paused_at: Option<Timestamp>,
    /// Grows with each change, so that a decision taken on an old reading is refused.
    pub version: i64,
}

coded!(
    /// What became of one time of a schedule.
    TickDecision {
        /// A run was made.
        Started = 0 "started",
        /// A run was made that waits for its lease.
        Buffered = 1 "buffered",
        /// The lease was busy.
        SkippedOverlap = 2 "skipped_overlap",
        /// It went by unseen and the policy does not catch it up.
        Missed = 3 "missed",
        /// The system found nothing to do.
        NothingToDo = 4 "nothing_to_do",
        /// The system refused the request; the reason is kept.
        Refused = 5 "refused",
    }
);

/// The record of one time of a schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TickRow {
    /// The time meant.
    pub nominal_at: Timestamp,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// What became of it.
    pub decision: TickDecision,
    /// Why, in words, where it started nothing.
    pub reason: Option<String>,
    /// The run it made.
    pub run_id: Option<crate::id::RunId>,
}
