//! What people ask of this system: a sync now. The documented routes, the native ones and the console ask here.

use engine::{Engine, RequestError, Requested, StoreError};
use model::id::RunId;
use model::limits;
use model::run::{Run, RunRequest, Trigger};
use model::task::{TaskRecord, TaskSyncType};
use serde_json::json;

use super::{Tasks, labels};

/// What became of a start.
#[derive(Clone, Debug)]
pub enum Asked {
    /// The record of the run there is now.
    Started(Box<TaskRecord>),
    /// Another run of the type is at work; nothing was started.
    Busy(InTheWay),
}

/// Who is in the way of a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InTheWay {
    /// `{host}-{pid}` of the process that does it.
    pub holder: String,
    /// When it was accepted, by the clock of the syncs: `YYYY-MM-DD HH:MM:SS`.
    pub since: String,
}

impl InTheWay {
    /// The documented words.
    #[must_use]
    pub fn words(&self) -> String {
        labels::busy(&self.holder, &self.since)
    }
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

    /// What is known of a run that is in the way.
    ///
    /// # Errors
    /// The state failed.
    pub async fn busy(&self, run: &Run) -> Result<InTheWay, StoreError> {
        let record = self.store.read().task_record_of_run(run.id).await?;
        let holder = record.and_then(|record| record.holder).unwrap_or_default();
        let since = self.settings.zone.to_datetime(run.created_at);
        Ok(InTheWay { holder, since: since.strftime("%Y-%m-%d %H:%M:%S").to_string() })
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
            // The ring is a hint that may be lost on the way from another process.
            let _ = tokio::time::timeout(limits::POLL, events.changed()).await;
        }
    }

    async fn record_of(&self, run: RunId) -> Result<TaskRecord, StartError> {
        self.store.read().task_record_of_run(run).await?.ok_or(StartError::NoRecord(run))
    }
}
