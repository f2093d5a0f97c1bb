//! The call platform's tasks, the packages of leads they call, and the records of their syncs.
//!
//! A record is what people read of a run of this system; it is written with the run's state and never read back by the
//! engine. What a task's package is stands in the task; what a package's state is follows from its tasks and is
//! computed where it is read.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::{RunId, SyncKey};
use crate::state::coded;

pub mod levels;
pub mod name;
pub mod package;
pub mod row;
pub mod similarity;
#[cfg(test)]
mod tests;

coded!(
    /// Which days a sync covers.
    TaskSyncType {
        /// Three whole days, up to yesterday.
        Historical = 0 "historical",
        /// Today, up to now.
        Today = 1 "today",
    }
);

coded!(
    /// How a record stands. Codes from 10 on are ends.
    TaskRecordStatus {
        /// Its run has not ended, whatever it is doing.
        Running = 0 "running",
        /// No task failed.
        Success = 10 "success",
        /// Some tasks failed, not all.
        Partial = 11 "partial",
        /// The run failed or was cancelled.
        Failed = 12 "failed",
    }
);

coded!(
    /// Who started a sync.
    TaskTrigger {
        /// A schedule.
        Auto = 0 "auto",
        /// A person.
        Manual = 1 "manual",
    }
);

coded!(
    /// Whether a task has a package.
    MatchStatus {
        /// Not yet.
        Pending = 0 "pending",
        /// It has one.
        Matched = 1 "matched",
        /// It needs none.
        Idle = 2 "idle",
    }
);

coded!(
    /// Who decided on a task's package.
    MatchOrigin {
        /// The rule, which may decide again.
        Auto = 0 "auto",
        /// A person: no sync, rename or import changes it.
        Manual = 1 "manual",
    }
);

coded!(
    /// Where a package's leads come from.
    PackageSource {
        /// Bought; its levels are N, O1, O2, ….
        Purchased = 0 "采买",
        /// For practice; its levels are P1, P2, ….
        Practice = 1 "练习",
    }
);

impl TaskSyncType {
    /// The sync's name in the engine.
    ///
    /// # Panics
    /// Never: the names are well formed.
    #[must_use]
    pub fn sync(self) -> SyncKey {
        SyncKey::parse(&format!("tasks.{self}")).expect("a word of ours fits a sync's name")
    }

    /// The type whose sync this is.
    #[must_use]
    pub fn of_sync(sync: &SyncKey) -> Option<Self> {
        Self::from_word(sync.as_str().strip_prefix("tasks.")?)
    }
}

/// What a sync covers, both ends included. Fixed when the run is accepted; a number of microseconds in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskWindow {
    /// Its first moment.
    #[serde(with = "jiff::fmt::serde::timestamp::microsecond::required")]
    pub from: Timestamp,
    /// Its last one.
    #[serde(with = "jiff::fmt::serde::timestamp::microsecond::required")]
    pub to: Timestamp,
}

impl TaskWindow {
    /// The window of a run accepted at `accepted`, by the days of `zone`.
    ///
    /// # Panics
    /// When `accepted` lies within days of the calendar's ends.
    #[must_use]
    pub fn of(sync_type: TaskSyncType, accepted: Timestamp, zone: &TimeZone) -> Self {
        let today = accepted.to_zoned_datetime(zone.clone()).date();
        let midnight =
            |date: Date| date.to_zoned_datetime(zone.clone()).expect("a day of our time").timestamp();
        let to_second =
            |at: Timestamp| Timestamp::from_second(at.as_second() - 1).expect("a day of our time");
        match sync_type {
            TaskSyncType::Historical => {
                let first = today.checked_sub(Span::new().days(3)).expect("a day of our time");
                Self { from: midnight(first), to: to_second(midnight(today)) }
            }
            TaskSyncType::Today => Self { from: midnight(today), to: accepted },
        }
    }
}

/// What a record counts. `total = new + updated + failed` and `matched + pending + idle = new + updated`, unless the
/// run failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCounters {
    /// Distinct tasks listed, and rows without an id.
    pub total: i64,
    /// Inserted by this run.
    pub new: i64,
    /// Known before.
    pub updated: i64,
    /// Written, and with a package now.
    pub matched: i64,
    /// Written, and without one.
    pub pending: i64,
    /// Written, and in need of none.
    pub idle: i64,
    /// Rows that could not be written.
    pub failed: i64,
}

/// A row that could not be written, and why. The fields are the documented ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRowFault {
    /// Empty when the row had none.
    pub task_id: String,
    /// Empty when unknown.
    pub task_name: String,
    /// For people.
    pub error: String,
}

/// The record of one sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRecord {
    /// Its number, of its own small series.
    pub id: i64,
    /// The run it tells of.
    pub run: RunId,
    /// Which days.
    pub sync_type: TaskSyncType,
    /// Who asked.
    pub trigger: TaskTrigger,
    /// How it stands.
    pub status: TaskRecordStatus,
    /// What it covers.
    pub window: TaskWindow,
    /// When it was accepted, and once a worker took it first, that moment.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What came of it.
    pub counters: TaskCounters,
    /// Why it failed.
    pub error_message: Option<String>,
    /// The first rows that failed; `None` when none did.
    pub error_details: Option<Vec<TaskRowFault>>,
    /// The most retries one call upstream needed.
    pub retry_count: i64,
    /// The most it could have had.
    pub max_retries: i64,
    /// `{host}-{pid}` of the process that accepted it, then of the one that does it.
    pub holder: Option<String>,
    /// When a person acknowledged its end; unread is `None`.
    pub read_at: Option<Timestamp>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

impl TaskRecord {
    /// Whole seconds from start to end, each truncated first.
    #[must_use]
    pub fn duration_seconds(&self) -> Option<i64> {
        self.ended_at.map(|ended| ended.as_second() - self.started_at.as_second())
    }
}

/// A task as listed upstream, checked. `None` is a value that was not given and leaves what is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    /// The platform's id, up to 64 characters; never a number.
    pub task_id: String,
    /// Trimmed, 1–255 characters.
    pub name: String,
    /// The platform's own word or number.
    pub state: Option<String>,
    /// Leads in all.
    pub total_number: Option<i64>,
    /// Called.
    pub called_number: Option<i64>,
    /// Answered.
    pub connected_number: Option<i64>,
    /// Won.
    pub success_number: Option<i64>,
    /// The platform's times.
    pub created_at: Option<Timestamp>,
    /// See `created_at`.
    pub started_at: Option<Timestamp>,
    /// See `created_at`.
    pub ended_at: Option<Timestamp>,
    /// When the row was read upstream: a row read earlier never overwrites one read later.
    pub fetched_at: Timestamp,
}

/// A task as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallTask {
    /// Its number here.
    pub id: i64,
    /// The platform's id.
    pub task_id: String,
    /// Its name.
    pub name: String,
    /// What of the name says its package; the whole name when it follows no rule.
    pub prefix: String,
    /// The name follows the rule.
    pub prefix_parsed: bool,
    /// `N`, `O3`, `P1`.
    pub target_level: Option<String>,
    /// `A-`.
    pub agent_group: Option<String>,
    /// `L3`.
    pub line: Option<String>,
    /// `1019`.
    pub call_mmdd: Option<String>,
    /// The platform's own word or number.
    pub state: Option<String>,
    /// Leads in all; `None` is unknown, here and below.
    pub total_number: Option<i64>,
    /// Called.
    pub called_number: Option<i64>,
    /// Answered.
    pub connected_number: Option<i64>,
    /// Won.
    pub success_number: Option<i64>,
    /// Whether it has a package.
    pub match_status: MatchStatus,
    /// Who decided that.
    pub match_origin: MatchOrigin,
    /// Its package, exactly when matched; possibly one that was deleted.
    pub package: Option<TaskPackage>,
    /// When the platform made it.
    pub created_date: Option<Timestamp>,
    /// When the platform began it.
    pub started_at: Option<Timestamp>,
    /// When the platform ended it.
    pub ended_at: Option<Timestamp>,
    /// When it was first stored.
    pub imported_at: Timestamp,
    /// Since when it has its package.
    pub matched_at: Option<Timestamp>,
    /// Since when it needs none.
    pub idle_at: Option<Timestamp>,
}

/// What a task shows of its package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPackage {
    /// Its number here.
    pub id: i64,
    /// Its number where it came from.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// The prefix of its tasks.
    pub internal_code: String,
}

/// A package of leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadPackage {
    /// Its number here.
    pub id: i64,
    /// Its number where it came from; once among those not deleted.
    pub external_id: String,
    /// Usually the name of its file.
    pub name: String,
    /// Bought, or for practice.
    pub source: PackageSource,
    /// 职场.
    pub region: String,
    /// 年级.
    pub grade: String,
    /// Leads in it.
    pub total_leads: Option<i64>,
    /// Of these, with a number that works.
    pub valid_leads: Option<i64>,
    /// Of these, not used up.
    pub available_leads: Option<i64>,
    /// The prefix of its tasks' names; once among those not deleted.
    pub internal_code: String,
    /// `N`, `O3`, `P1`.
    pub package_level: Option<String>,
    /// As given; the rate that follows from the tasks is computed where it is read.
    pub contact_rate: Option<f64>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A package to be, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLeadPackage {
    /// See [`LeadPackage::external_id`].
    pub external_id: String,
    /// See [`LeadPackage::name`].
    pub name: String,
    /// See [`LeadPackage::source`].
    pub source: PackageSource,
    /// See [`LeadPackage::region`].
    pub region: String,
    /// See [`LeadPackage::grade`].
    pub grade: String,
    /// See [`LeadPackage::total_leads`].
    pub total_leads: Option<i64>,
    /// See [`LeadPackage::valid_leads`].
    pub valid_leads: Option<i64>,
    /// See [`LeadPackage::available_leads`].
    pub available_leads: Option<i64>,
    /// See [`LeadPackage::internal_code`]: given, or derived before.
    pub internal_code: String,
    /// See [`LeadPackage::package_level`].
    pub package_level: Option<String>,
    /// See [`LeadPackage::contact_rate`].
    pub contact_rate: Option<f64>,
}

/// What a day's statistics of the platform say of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDay {
    /// The platform's id.
    pub task_id: String,
    /// Which day, by the platform's calendar.
    pub day: Date,
    /// Called that day.
    pub called_number: i64,
    /// Answered that day.
    pub connected_number: i64,
    /// Won that day.
    pub success_number: i64,
}
