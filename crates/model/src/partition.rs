//! A partition: the unit of work inside a run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::counts::ItemCounts;
use crate::id::{Fence, PartitionId, RunId};
use crate::state::PartitionState;

/// How far a partition's work has come. Units are what the system counts by (stocks, files, pages).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitProgress {
    /// Finished, failed ones included; never above `total` when that is known.
    pub done: i64,
    /// Finished without success.
    pub failed: i64,
    /// All, once known.
    pub total: Option<i64>,
}

/// A partition as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Partition {
    /// Its number.
    pub id: PartitionId,
    /// Its run.
    pub run_id: RunId,
    /// Its place in the run's plan, from 0.
    pub ordinal: i64,
    /// Unique inside the run; the ledger's key.
    pub key: String,
    /// Its state.
    pub state: PartitionState,
    /// Tries begun in this run. May go back (a released try does not count); never a token.
    pub attempt: u32,
    /// Holders that died with it.
    pub crashes: u32,
    /// Grows with each claim and each loss.
    pub fence: Fence,
    /// The process that holds it, `host-pid`.
    pub holder: Option<String>,
    /// When the holder must have renewed.
    pub lease_until: Option<Timestamp>,
    /// When it may be claimed next, while waiting.
    pub available_at: Option<Timestamp>,
    /// What the system needs to do it.
    pub payload: Value,
    /// Where to go on after a stop.
    pub checkpoint: Option<Value>,
    /// How far it has come.
    pub units: UnitProgress,
    /// Items counted.
    pub counts: ItemCounts,
    /// What its newest try has to say; a try begins without a word.
    pub message: Option<String>,
    /// Of the last fault.
    pub fault_code: Option<String>,
    /// Of the last fault.
    pub fault_message: Option<String>,
    /// First claim.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Option<Timestamp>,
}
