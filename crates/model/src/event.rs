//! Events: rows of the append-only feed that the console, the API and webhooks live on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{RunId, ScheduleId, SyncKey};
use crate::state::coded;

coded!(
    /// What happened.
    EventKind {
        /// A run was accepted.
        RunCreated = 0 "run.created",
        /// Partitions of a run began, advanced or ended.
        RunProgressed = 1 "run.progressed",
        /// A run was paused, resumed or asked to stop.
        RunControlled = 2 "run.controlled",
        /// A run ended.
        RunEnded = 3 "run.ended",
        /// A schedule's time came; `data.decision` says what became of it.
        ScheduleTicked = 4 "schedule.ticked",
        /// A schedule was made, changed or removed.
        ScheduleChanged = 5 "schedule.changed",
        /// The ledger changed by an import or a person.
        LedgerChanged = 6 "ledger.changed",
        /// Something changed that a system keeps beside runs and ledger, and shows with this sync; `data` says what, in
        /// the system's words.
        SystemChanged = 7 "system.changed",
    }
);

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Where a reader goes on after this one. Opaque: the databases order events differently.
    pub cursor: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Which sync.
    pub sync: Option<SyncKey>,
    /// Which run.
    pub run_id: Option<RunId>,
    /// Which schedule.
    pub schedule_id: Option<ScheduleId>,
    /// Details by kind.
    pub data: Value,
}
