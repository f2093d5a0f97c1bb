//! What a system holds in its hands while it does a partition.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use model::counts::ItemCounts;
use model::fault::Fault;
use model::ledger::LedgerWrite;
use model::partition::UnitProgress;
use serde_json::Value;

use store::Reader;

/// Gives the time. The real one is in `loops.rs`; tests set theirs by hand.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Why work must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A person cancelled the run.
    Cancel,
    /// The run pauses.
    Pause,
    /// The process is going down; the work goes on elsewhere or after a restart.
    Shutdown,
    /// Somebody else holds the partition now, or nobody renewed it in time.
    LostLease,
}

/// See the module. Every call that writes carries the partition's fence; an old fence stops the work.
#[derive(Clone)]
pub struct Context {}

impl Context {
    /// The time.
    pub fn now(&self) -> Timestamp {
        todo!()
    }
    /// The state, for reading.
    pub fn read(&self) -> &Reader {
        todo!()
    }
    /// Counts items; shown live, added up at the end.
    pub fn count(&self, items: ItemCounts) {
        todo!()
    }
    /// Says how far the partition has come; stored with the next beat.
    pub fn progress(&self, units: UnitProgress) {
        todo!()
    }
    /// Says something about the partition; stored with the next beat.
    pub fn say(&self, message: impl Into<String>) {
        todo!()
    }
    /// Says something about the run as a whole (a fallback taken); kept on the run, shown live.
    pub fn say_run(&self, message: impl Into<String>) {
        todo!()
    }
    /// A line in the run's log.
    pub fn log(&self, level: tracing::Level, message: impl Into<String>) {
        todo!()
    }
    /// A safe point: stores where to go on. `Err` when the work must stop (return it with `?`).
    pub async fn checkpoint(&self, state: Value) -> Result<(), Fault> {
        todo!()
    }
    /// A safe point without anything to store.
    pub fn go_on(&self) -> Result<(), Fault> {
        todo!()
    }
    /// Resolves when the work must stop: for `select!` beside a slow request.
    pub async fn stop_asked(&self) -> Stop {
        todo!()
    }
    /// Writes the ledger row of the partition's key now.
    pub async fn ledger(&self, write: LedgerWrite) -> Result<(), Fault> {
        todo!()
    }
    /// Takes up to `wanted` from an upstream's budget of that day; see [`store::Spent`].
    pub async fn spend(
        &self,
        upstream: &str,
        day: Date,
        wanted: u32,
        limit: u64,
    ) -> Result<store::Spent, Fault> {
        todo!()
    }
    /// Gives back what was granted and not used.
    pub async fn unspend(&self, upstream: &str, day: Date, unused: u32) -> Result<(), Fault> {
        todo!()
    }
    /// Keeps a small note of the system, shared by all processes; `None` removes it.
    pub async fn put_note(&self, key: &str, value: Option<&Value>) -> Result<(), Fault> {
        todo!()
    }
}
