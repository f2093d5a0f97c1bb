//! The state of the tasks system: records of its runs, the platform's tasks, the packages of leads they belong to.
//!
//! A record is a projection of its run (`record`). What decides on a task's package — a sync's batch, a person, a
//! change of the packages — first takes one lock (`rows::lock`), so that two of them never decide on what the other
//! is about to change; none of them takes longer than a batch. What a person or an import changed is told in the feed,
//! by the same transaction; what a sync changes its run tells.

mod day;
mod decide;
mod import;
mod package;
mod packages;
mod read;
pub(crate) mod record;
mod records;
mod rows;
mod rule;
mod types;
mod write;

use jiff::Timestamp;
use model::event::EventKind;
use model::id::SyncKey;
use serde_json::json;

use crate::event::{self, About};
use crate::tx::{DbError, Tx};
use crate::{Reader, Store};

pub use types::*;

/// Records, tasks and packages, for the system they belong to. Runs are asked for at the engine. Cheap to clone.
#[derive(Clone)]
pub struct CallTasks(Store);

impl Store {
    /// The tasks system's own part.
    #[must_use]
    pub fn tasks(&self) -> CallTasks {
        CallTasks(self.clone())
    }
}

impl CallTasks {
    /// The state, for reading.
    #[must_use]
    pub fn read(&self) -> Reader {
        self.0.read()
    }
}

/// Which of what the system keeps is different, for who watches it.
#[derive(Clone, Copy)]
enum Part {
    /// Records, by other than their runs.
    Records,
    /// Tasks and packages.
    Matching,
}

/// Tells who watches that a part is different.
async fn told(tx: &mut Tx<'_>, part: Part, now: Timestamp) -> Result<(), DbError> {
    let name = match part {
        Part::Records => "tasks.records",
        Part::Matching => "tasks.matching",
    };
    let sync = SyncKey::parse(name).expect("a word of ours fits a sync's name");
    let about = About { sync: Some(&sync), ..About::default() };
    event::append(tx, EventKind::SystemChanged, about, &json!({}), now).await
}
