//! The engine: request, plan, claim, sync, checkpoint, settle, reap; schedules; control.
//!
//! What must not enter: anything a system knows, SQL, a clock outside `loops.rs`.

mod context;
mod system;
mod verbs;

pub use context::{Clock, Context, Stop};
pub use store::{
    Attempt, Controlled, LeaseRow, LedgerFilter, LogLine, Order, PartitionFilter, Reader, Requested, Rings,
    RunFilter, ScheduleChange, Spent, StoreError,
};
pub use system::{Ended, FollowUp, Outcome, Refused, Said, Syncs, System, Work};
pub use verbs::{Engine, RequestError};
