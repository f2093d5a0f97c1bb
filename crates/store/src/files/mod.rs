//! The state of the files system: its configs with their schedules and secrets, and what is kept of their runs.
//!
//! A config and its schedule change in one transaction, so that what is scheduled is what the configs say. What is kept
//! of a run is begun with the run (`run::accepted`), told by its worker under its fence, and goes with the run.

mod baseline;
mod config;
mod read;
mod rows;
pub(crate) mod run;
mod schedule;
mod types;
mod upload;

use std::sync::Arc;

use jiff::Timestamp;
use model::event::EventKind;
use model::id::SyncKey;
use serde_json::json;

use crate::event::{self, About};
use crate::tx::{DbError, Tx};
use crate::{Reader, Seal, Store};

pub use types::*;

/// Configs and what is kept of their runs, for the system they belong to. Cheap to clone.
#[derive(Clone)]
pub struct FileSyncs(Store, Arc<Seal>);

impl Store {
    /// The files system's own part; its secrets are sealed with this.
    #[must_use]
    pub fn files(&self, seal: Arc<Seal>) -> FileSyncs {
        FileSyncs(self.clone(), seal)
    }
}

impl FileSyncs {
    /// The state, for reading.
    #[must_use]
    pub fn read(&self) -> Reader {
        self.0.read()
    }
}

/// Tells who watches that configs are different.
async fn told(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), DbError> {
    let sync = SyncKey::parse("files.configs").expect("a word of ours fits a sync's name");
    let about = About { sync: Some(&sync), ..About::default() };
    event::append(tx, EventKind::SystemChanged, about, &json!({}), now).await
}
