//! The verbs: all that anybody may ask of the engine.

use std::sync::Arc;

use jiff::Timestamp;
use model::id::{RunId, ScheduleId};
use model::run::RunRequest;
use model::schedule::Schedule;
use store::{Controlled, Reader, Requested, ScheduleChange, Store, StoreError};

use crate::context::Clock;
use crate::system::{Refused, System};

/// Why a request was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No system has a sync of that name.
    #[error("no sync is called `{0}`")]
    UnknownSync(String),
    /// The system refused it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The state store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {}

impl Engine {
    /// An engine over a store with its systems. Starts nothing; see `loops`.
    pub fn new(store: Store, systems: Vec<Arc<dyn System>>, clock: Clock) -> Self {
        todo!()
    }
    /// The time.
    pub fn now(&self) -> Timestamp {
        todo!()
    }
    /// The state, for reading.
    pub fn read(&self) -> &Reader {
        todo!()
    }
    /// Wakers for those who watch.
    pub fn rings(&self) -> store::Rings {
        todo!()
    }
    /// The systems, by name.
    pub fn systems(&self) -> &[Arc<dyn System>] {
        todo!()
    }
    /// Accepts a run: plan, then one transaction. The only way anything starts.
    pub async fn request(&self, request: RunRequest, now: Timestamp) -> Result<Requested, RequestError> {
        todo!()
    }
    /// The plan a request would get, without accepting it.
    pub async fn preview(
        &self,
        request: &RunRequest,
        now: Timestamp,
    ) -> Result<model::run::Plan, RequestError> {
        todo!()
    }
    /// A new run of the failed (and quarantined, cancelled) partitions of an ended run.
    pub async fn retry(&self, run: RunId, now: Timestamp) -> Result<Option<Requested>, RequestError> {
        todo!()
    }
    /// See [`Store::cancel`].
    pub async fn cancel(&self, run: RunId, now: Timestamp) -> Result<Controlled, StoreError> {
        todo!()
    }
    /// See [`Store::pause`].
    pub async fn pause(&self, run: RunId, now: Timestamp) -> Result<Controlled, StoreError> {
        todo!()
    }
    /// See [`Store::resume`].
    pub async fn resume(&self, run: RunId, now: Timestamp) -> Result<Controlled, StoreError> {
        todo!()
    }
    /// A run of the schedule's request now, outside its times.
    pub async fn run_schedule(
        &self,
        id: ScheduleId,
        now: Timestamp,
    ) -> Result<Option<Requested>, RequestError> {
        todo!()
    }
    /// A person's change of a schedule; a bad cron expression is refused with its explanation.
    pub async fn change_schedule(
        &self,
        id: ScheduleId,
        change: ScheduleChange,
        now: Timestamp,
    ) -> Result<Option<Schedule>, RequestError> {
        todo!()
    }
    /// Acknowledges ended runs up to `up_to`.
    pub async fn mark_read(
        &self,
        system: Option<&str>,
        up_to: RunId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        todo!()
    }
    /// Imports ledger rows that are not there yet (takeover of an older system's table).
    pub async fn import_ledger(
        &self,
        sync: &model::id::SyncKey,
        rows: Vec<store::LedgerImport>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        todo!()
    }
}
