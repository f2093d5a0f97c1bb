//! The ledger: the newest outcome per (sync, partition key). Gaps are read off it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{RunId, SyncKey};
use crate::state::coded;

coded!(
    /// What is known of a key.
    LedgerState {
        /// Known and to be done.
        Queued = 0 "queued",
        /// Being done now.
        Running = 1 "running",
        /// There.
        Succeeded = 10 "succeeded",
        /// Nothing to do for it, now or for good: the system knows which.
        Skipped = 11 "skipped",
        /// Tried, not there.
        Failed = 12 "failed",
    }
);

impl LedgerState {
    /// Whether it says how a try went.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Succeeded | Self::Skipped | Self::Failed)
    }
}

/// One row of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// Stable per (sync, key).
    pub id: i64,
    /// Which sync.
    pub sync: SyncKey,
    /// Which partition key.
    pub key: String,
    /// The newest outcome.
    pub state: LedgerState,
    /// The run that wrote it last.
    pub run_id: Option<RunId>,
    /// Process id of the worker that wrote it last, decimal.
    pub process_id: Option<String>,
    /// Items in all, as the system counts them.
    pub total: i64,
    /// Items that succeeded.
    pub succeeded: i64,
    /// Items that failed.
    pub failed: i64,
    /// What the system remarks, in its documented words.
    pub message: Option<String>,
    /// The fault's code, when failed.
    pub fault_code: Option<String>,
    /// The fault's message; a success may carry a warning here.
    pub fault_message: Option<String>,
    /// What the system keeps of its own about the key.
    pub detail: Option<Value>,
    /// Begin of the newest try.
    pub started_at: Option<Timestamp>,
    /// End of the newest try.
    pub ended_at: Option<Timestamp>,
    /// First heard of.
    pub created_at: Timestamp,
    /// Last written.
    pub updated_at: Timestamp,
}

/// What a system says about a key; carried by the partition's fence.
///
/// `started_at` is set by the store when `state` becomes `Running`, `ended_at` when it becomes an end; going to
/// `Running` clears end, fault and counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerWrite {
    /// The outcome.
    pub state: LedgerState,
    /// Items in all.
    pub total: i64,
    /// Items that succeeded.
    pub succeeded: i64,
    /// Items that failed.
    pub failed: i64,
    /// The remark.
    pub message: Option<String>,
    /// The fault's code.
    pub fault_code: Option<String>,
    /// The fault's, or a warning's, message.
    pub fault_message: Option<String>,
    /// What the system keeps of its own; `None` leaves what is there.
    pub detail: Option<Value>,
}

impl LedgerWrite {
    /// An outcome with a remark and nothing counted.
    pub fn new(state: LedgerState, message: impl Into<String>) -> Self {
        Self {
            state,
            total: 0,
            succeeded: 0,
            failed: 0,
            message: Some(message.into()),
            fault_code: None,
            fault_message: None,
            detail: None,
        }
    }
}
