//! A schedule: when runs of a sync are wanted.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cron::{BadCron, Cron, Language};
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

/// A schedule that gives no times.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSchedule {
    /// Its expression cannot be read.
    #[error(transparent)]
    Cron(#[from] BadCron),
    /// No zone of that name.
    #[error("{}", self.explain(Language::English))]
    TimeZone(String),
}

impl BadSchedule {
    /// What is wrong, in words.
    #[must_use]
    pub fn explain(&self, language: Language) -> String {
        match (self, language) {
            (Self::Cron(bad), _) => bad.explain(language),
            (Self::TimeZone(name), Language::English) => {
                format!("no time zone is called `{name}`; expected an IANA name, for example `Asia/Shanghai`")
            }
            (Self::TimeZone(name), Language::Chinese) => {
                format!("没有名为“{name}”的时区；应为 IANA 名称，例如 Asia/Shanghai")
            }
        }
    }
}

/// The zone of an IANA name.
///
/// # Errors
/// No zone is called so.
pub fn zone(name: &str) -> Result<TimeZone, BadSchedule> {
    TimeZone::get(name).map_err(|_| BadSchedule::TimeZone(name.to_owned()))
}

impl When {
    /// The first time after `after` under the zone called `time_zone`; `None` when there is none left.
    ///
    /// # Errors
    /// The expression or the zone's name cannot be read.
    pub fn next(&self, after: Timestamp, time_zone: &str) -> Result<Option<Timestamp>, BadSchedule> {
        match self {
            Self::Cron { expression } => {
                let zone = zone(time_zone)?;
                Ok(Cron::parse(expression)?.next(after, &zone))
            }
            Self::Offsets { event_at, offsets_seconds } => Ok(offsets_seconds
                .iter()
                .filter_map(|seconds| event_at.checked_add(SignedDuration::from_secs(*seconds)).ok())
                .filter(|at| *at > after)
                .min()),
            Self::Once { at } => Ok((*at > after).then_some(*at)),
        }
    }

    /// The time a schedule put at `now` is first due. A single moment is due even when it has passed: it was asked
    /// for, and its missed policy decides.
    ///
    /// # Errors
    /// As [`When::next`].
    pub fn first(&self, now: Timestamp, time_zone: &str) -> Result<Option<Timestamp>, BadSchedule> {
        match self {
            Self::Once { at } => Ok(Some(*at)),
            Self::Cron { .. } | Self::Offsets { .. } => self.next(now, time_zone),
        }
    }
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
