//! The plans of the races system and their attempts: its own state, beside the runs that carry them out.
//!
//! An attempt is what people and schedules count; a run is what did it. A run's end is written into its attempt once,
//! guarded by the run's number, so that an older run never overwrites what a newer one found.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{RunId, SyncKey};
use crate::state::coded;

mod rules;
mod statistics;
#[cfg(test)]
mod tests;

pub use statistics::{RaceShare, RaceStatistics};

/// The sync of a race: its attempts run one after another, those of other races beside them.
#[must_use]
pub fn race_sync(season: i64, round: i64) -> SyncKey {
    let key = format!("races.attempt.{season}.{round}");
    SyncKey::parse(&key).expect("it has the shape of a sync's name")
}

coded!(
    /// What an attempt syncs, in the order in which it is shown.
    RaceDataset {
        /// The race itself.
        RaceResults = 0 "race_results",
        /// Its qualifying.
        QualifyingResults = 1 "qualifying_results",
        /// The sprint of a weekend that has one.
        SprintResults = 2 "sprint_results",
        /// The drivers' standings after it.
        DriverStandings = 3 "driver_standings",
        /// The constructors' standings after it.
        ConstructorStandings = 4 "constructor_standings",
    }
);

coded!(
    /// What came of one dataset.
    RaceOutcome {
        /// A complete answer for this round, stored.
        Ok = 0 "ok",
        /// The weekend has no such session.
        NotApplicable = 1 "not_applicable",
        /// A complete answer that has nothing of this race yet.
        NoDataYet = 2 "no_data_yet",
        /// Anything else.
        Failed = 3 "failed",
    }
);

coded!(
    /// What people file a plan under.
    RacePlanClass {
        /// An attempt was a success.
        Completed = 0 "completed",
        /// Taken back before one was.
        Cancelled = 1 "cancelled",
        /// An attempt is still to come, or at work.
        Pending = 2 "pending",
        /// None of these.
        Failed = 3 "failed",
    }
);

coded!(
    /// Whether a plan is in force.
    RacePlanState {
        /// Its attempts run.
        Active = 0 "active",
        /// Taken back; still the race's plan until another is made.
        Cancelled = 1 "cancelled",
        /// Old and done: no longer shown.
        Archived = 2 "archived",
        /// Another plan took its place.
        Replaced = 3 "replaced",
    }
);

coded!(
    /// How an attempt stands.
    RaceAttemptStatus {
        /// Not begun.
        Pending = 0 "pending",
        /// Its run is at work.
        Running = 1 "running",
        /// All five datasets are there.
        Success = 2 "success",
        /// Some are.
        Partial = 3 "partial",
        /// None is, or its run failed.
        Failed = 4 "failed",
        /// Will not run; see its reason.
        Cancelled = 5 "cancelled",
    }
);

coded!(
    /// Why an attempt was cancelled.
    RaceCancelReason {
        /// Its plan or its run was cancelled.
        Cancelled = 0 "cancelled",
        /// Another attempt of its plan succeeded.
        Superseded = 1 "superseded",
        /// The race is gone from the calendar.
        RaceCancelled = 2 "race_cancelled",
    }
);

/// A plan with its attempts, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RacePlan {
    /// Its number.
    pub id: i64,
    /// Season of its race.
    pub season: i64,
    /// Round of its race.
    pub round: i64,
    /// Name of its race.
    pub race_name: String,
    /// What the hours count from.
    pub race_end_at: Timestamp,
    /// The end was given by a person: a race that moves does not move it.
    pub race_end_overridden: bool,
    /// A success does not end it.
    pub always_run: bool,
    /// Hours after the end, ascending, one for each attempt.
    pub retry_hours: Vec<i64>,
    /// Whether it is in force.
    pub state: RacePlanState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was taken back.
    pub cancelled_at: Option<Timestamp>,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// In the order of their numbers, which start at 1.
    pub attempts: Vec<RaceAttempt>,
}

/// One attempt of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceAttempt {
    /// From 1, by hours.
    pub number: i64,
    /// Hours after the race's end.
    pub hours: i64,
    /// When it is due.
    pub scheduled_at: Timestamp,
    /// When its newest run began.
    pub executed_at: Option<Timestamp>,
    /// How it stands.
    pub status: RaceAttemptStatus,
    /// Why it was cancelled.
    pub reason: Option<RaceCancelReason>,
    /// Dataset → whether it is there; empty until a run ended.
    pub results: Value,
    /// Dataset → outcome, records, message.
    pub details: Value,
    /// Why its newest run failed.
    pub error_message: Option<String>,
    /// Its newest run that began, or was cancelled before it did.
    pub run: Option<RunId>,
}

/// A plan to be.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRacePlan {
    /// Season of its race.
    pub season: i64,
    /// Round of its race.
    pub round: i64,
    /// Name of its race.
    pub race_name: String,
    /// What the hours count from.
    pub race_end_at: Timestamp,
    /// Given by a person.
    pub race_end_overridden: bool,
    /// A success does not end it.
    pub always_run: bool,
    /// Hours after the end: ascending, no two alike.
    pub retry_hours: Vec<i64>,
}

/// What came of making a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum RacePlanned {
    /// It was made; a cancelled one it took the place of is `replaced`.
    Made(RacePlan),
    /// The race has an active one.
    Known(RacePlan),
}

/// A pending attempt of an active plan whose time came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRaceAttempt {
    /// Number of its plan.
    pub plan: i64,
    /// Season of its race.
    pub season: i64,
    /// Round of its race.
    pub round: i64,
    /// Its number in the plan.
    pub number: i64,
    /// When it was due.
    pub scheduled_at: Timestamp,
}

/// What the end of a run says of its attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct RaceAttemptEnd {
    /// Success, partial, failed or cancelled.
    pub status: RaceAttemptStatus,
    /// Why cancelled.
    pub reason: Option<RaceCancelReason>,
    /// See [`RaceAttempt::results`].
    pub results: Value,
    /// See [`RaceAttempt::details`].
    pub details: Value,
    /// See [`RaceAttempt::error_message`].
    pub error_message: Option<String>,
    /// The last line of the run's log.
    pub line: String,
}
