//! The engine: request, plan, claim, sync, checkpoint, settle, reap; schedules; control.
//!
//! What must not enter: anything a system knows, SQL, a clock outside `loops.rs`.

mod again;
mod context;
mod hold;
pub mod keep;
mod known_runs;
pub mod loops;
mod measure;
mod outcome;
pub mod reap;
pub mod scheduler;
pub mod settle;
mod system;
mod verbs;
pub mod worker;

pub use context::{Clock, Context, Stop, store_fault};
pub use store::{
    Attempt, Controlled, EndedRuns, LeaseRow, LedgerFilter, LedgerImport, LogLine, Order, PartitionFilter,
    Reader, Requested, Rings, RunFault, RunFilter, RunTry, ScheduleChange, Spent, StoreError,
};
pub use system::{Ended, FollowUp, Keeper, Outcome, Refused, Rows, Said, Syncs, System, Work};
pub use verbs::{Engine, RequestError};
