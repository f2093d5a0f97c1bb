//! What people ask of this system: a sync now. The documented routes, the native ones and the console ask here.

use engine::{Engine, RequestError, Requested, StoreError};
use model::id::RunId;
use model::run::{Run, RunRequest, Trigger};
use model::task::{TaskRecord, TaskSyncType};
use serde_json::json;

use super::{Tasks, labels};

/// What became of a start.
#[derive(Clone, Debug)]
pub enum Asked {
    /// The record of the run there is now.
    Started(Box<TaskRecord>),
    /// Another run of the type is at work; nothing was started. The documented words.
    Busy(String),
}

/// Why a start could not be decided.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The state could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine refused.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A run without its record.
    #[error("run {0} has no record")]
    NoRecord(RunId),
}

impl Tasks {
    /// Starts a sync, unless one of the type is at work.
    ///
    /// # Errors
    /// The state failed.
    pub async fn start(&self, engine: &Engine, of: TaskSyncType) -> Result<Asked, StartError> {
        let request = RunRequest {
            sync: of.sync(),
            trigger: Trigger::Manual,
            label: "manual".to_owned(),
            params: json!({}),
            priority: 0,
            reference: None,
            idempotency_key: None,
            tick: None,
            requested_by: None,
        };
        match engine.request(request, engine.now()).await? {
            Requested::Busy(run) => Ok(Asked::Busy(self.busy(&run).await?)),
            Requested::Started(run) | Requested::Buffered(run) | Requested::Known(run) => {
                Ok(Asked::Started(Box::new(self.record_of(run.id).await?)))
            }
        }
    }

    /// What is said of a run that is in the way.
    ///
    /// # Errors
    /// The state failed.
    pub async fn busy(&self, run: &Run) -> Result<String, StoreError> {
        let record = self.store.read().task_record_of_run(run.id).await?;
        let holder = record.and_then(|record| record.holder).unwrap_or_default();
        Ok(labels::busy(&holder, run.created_at, &self.settings.zone))
    }

    /// The record as it ends, however long that takes.
    ///
    /// # Errors
    /// The state failed.
    pub async fn end_of(&self, engine: &Engine, run: RunId) -> Result<TaskRecord, StartError> {
        let mut events = engine.rings().events;
        loop {
            events.borrow_and_update();
            let record = self.record_of(run).await?;
            if record.ended_at.is_some() {
                return Ok(record);
            }
            // Without a ring there is no process left to wait in.
            if events.changed().await.is_err() {
                return Err(StartError::NoRecord(run));
            }
        }
    }

    async fn record_of(&self, run: RunId) -> Result<TaskRecord, StartError> {
        self.store.read().task_record_of_run(run).await?.ok_or(StartError::NoRecord(run))
    }
}
