//! Trees of files, copied from one storage to another on a cron.
//!
//! A config is a sync; its run has one partition, the tree. Both trees are walked in step, files are copied on the
//! way, and what the source does not have is deleted last, if at all. A config's schedule changes with the config, in
//! one transaction.

mod abandon;
mod compare;
mod config;
mod contract;
mod english;
mod eyes;
mod fields;
mod filter;
mod form;
mod journal;
pub mod labels;
mod merge;
mod peek;
mod plan;
mod refusal;
mod rename;
mod service;
mod shown;
mod sync;
mod system;
mod tree;
mod verbs;
mod wrong;

use std::sync::{Mutex, PoisonError};

use store::FileSyncs;
use tokio::sync::Semaphore;

pub use config::{BadConfig, Config, Settings};
pub use contract::{contract_refusal, contract_routes};
pub(crate) use english::ENGLISH;
pub use peek::{Seen, SeenEntry};
pub use service::{Opt, StorageKind, services};
pub use shown::{Detail, Listed, Progress, RunSummary, Side};
pub use store::{FileConfigFilter, FileItemFilter, Page, Paged};
pub use verbs::{Deleted, FilesError, Started};
pub use wrong::Wrong;

/// What temporary names of all runs begin with; left out on both sides.
pub(crate) const TEMPORARY: &str = ".syncline-tmp-";

/// The system.
pub struct Files {
    pub(crate) settings: Settings,
    /// Configs and what is kept of runs are this system's own state.
    pub(crate) store: FileSyncs,
    /// For public names of runs.
    rng: Mutex<fastrand::Rng>,
    /// Runs at work at once in this process.
    places: Semaphore,
}

impl Files {
    /// The system over its state.
    #[must_use]
    pub fn new(settings: Settings, store: FileSyncs, rng: fastrand::Rng) -> Self {
        let places = Semaphore::new(settings.max_concurrent_runs);
        Self { settings, store, rng: Mutex::new(rng), places }
    }

    /// A public name for a run.
    fn task_id(&self) -> String {
        plan::uuid(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
