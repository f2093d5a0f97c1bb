//! A run: the queue entry, the history record and the progress record in one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::counts::ItemCounts;
use crate::id::{RunId, ScheduleId, SyncKey};
use crate::state::{Control, RunState, coded};

coded!(
    /// Who or what asked for a run.
    Trigger {
        /// A person, by the console or an API client.
        Manual = 0 "manual",
        /// A schedule's time came.
        Schedule = 1 "schedule",
        /// Failed partitions of an ended run, again.
        Retry = 2 "retry",
        /// Missing ledger keys, by a person.
        Backfill = 3 "backfill",
    }
);

/// A wish for a run. The only thing anything can be started with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRequest {
    /// Which sync.
    pub sync: SyncKey,
    /// Who asked.
    pub trigger: Trigger,
    /// The system's own word for the kind of request, kept on the run (`web_batch`).
    pub label: String,
    /// What to sync, in the system's own shape; its `plan` reads and checks it.
    pub params: Value,
    /// Higher goes first; 0 is ordinary.
    pub priority: i16,
    /// A public name for the run, where the system documents one.
    pub reference: Option<Reference>,
    /// Two requests of one sync with the same key make one run.
    pub idempotency_key: Option<String>,
    /// Which schedule's which time asked, when time did.
    pub tick: Option<Tick>,
    /// The person or token, for the record.
    pub requested_by: Option<String>,
}

/// One time of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// The schedule.
    pub schedule: ScheduleId,
    /// The time meant, which may be earlier than the time of acting.
    pub nominal_at: Timestamp,
}

/// A public name `{prefix}{number}`: the first free number from `number` on is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// All of the name before its number.
    pub prefix: String,
    /// The first number to try.
    pub number: i64,
}

/// What a system makes of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// In the order they shall be begun. Empty plans are allowed: the run ends at once as succeeded.
    pub partitions: Vec<PlannedPartition>,
    /// The parameters as normalised by the system, kept on the run.
    pub params: Value,
    /// How urgent it is, when the system knows: whoever asks, and whatever schedule.
    pub priority: Option<i16>,
}

/// A partition to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedPartition {
    /// Unique inside the run; the ledger's key.
    pub key: String,
    /// What the system needs to do it, beyond the key.
    pub payload: Value,
}

/// A run as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// Its sync.
    pub sync: SyncKey,
    /// Its state.
    pub state: RunState,
    /// What was asked of it and not yet carried out.
    pub control: Control,
    /// Who asked for it.
    pub trigger: Trigger,
    /// The system's word for the kind of request.
    pub label: String,
    /// Its public name, where the system documents one.
    pub reference: Option<String>,
    /// The plan's parameters.
    pub params: Value,
    /// Higher goes first.
    pub priority: i16,
    /// Which schedule's time asked.
    pub schedule_id: Option<ScheduleId>,
    /// The time that schedule meant.
    pub nominal_at: Option<Timestamp>,
    /// The person or token that asked.
    pub requested_by: Option<String>,
    /// Partitions in all.
    pub partitions_total: i64,
    /// Partitions that succeeded.
    pub partitions_succeeded: i64,
    /// Partitions that were skipped.
    pub partitions_skipped: i64,
    /// Partitions that failed or were quarantined.
    pub partitions_failed: i64,
    /// Items over all ended partitions.
    pub counts: ItemCounts,
    /// What the run has to say beyond its numbers (a fallback taken, why it is paused).
    pub message: Option<String>,
    /// Of the fault that ended it.
    pub fault_code: Option<String>,
    /// Of the fault that ended it.
    pub fault_message: Option<String>,
    /// When the request was accepted.
    pub created_at: Timestamp,
    /// When the first partition was claimed.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Paused until then; `None` while paused means until a person resumes it.
    pub resume_at: Option<Timestamp>,
    /// When a person acknowledged its end.
    pub read_at: Option<Timestamp>,
}

impl Run {
    /// Partitions with an outcome.
    #[must_use]
    pub fn partitions_finished(&self) -> i64 {
        self.partitions_succeeded + self.partitions_skipped + self.partitions_failed
    }
}
