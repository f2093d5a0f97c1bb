//! The state of the tasks system: records of its runs, the platform's tasks, the packages of leads they belong to.
//!
//! A record is a projection of its run (`record`). What decides on a task's package — a sync's batch, a person, a
//! change of the packages — first takes one lock (`rows::lock`), so that two of them never decide on what the other
//! is about to change; none of them takes longer than a batch.

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
