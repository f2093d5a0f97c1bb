//! Tasks of a call platform, fetched for a window of days, stored, and matched to the packages of leads they call.
//!
//! Two syncs: the last three days, and today. A run is one partition: its window is fetched whole, then written batch
//! by batch. The engine's exclusive lease of a sync is what its documented table of locks shows: it is held from
//! acceptance to the run's end, renewed by the life of the run itself, and never left behind by a dead one.

mod config;
mod contract;
mod english;
mod fallback;
pub mod labels;
mod matching;
pub mod packages;
mod plan;
mod records;
mod stats;
mod sync;
mod system;
mod upstream;
mod verbs;

use model::fault::Fault;
use store::CallTasks;

pub use config::{BadConfig, Config, Credentials, Guanke, Schedules, Settings, TaskSource, Upstream};
pub use contract::{SLOW, contract_refusal, contract_routes};
pub(crate) use english::ENGLISH;
pub use matching::{Candidate, Change, FailedTask, Group, MatchError, Offer, PackageNamed, TaskShown};
pub use stats::{Stats, StatsDay, StatsDuration};
pub use store::{LinkedTasks, PackageFilter, PackageKey, Page, Paged, TaskCounts, TaskRecordFilter};
pub use verbs::{Asked, InTheWay, StartError};

/// Characters of a holder's name.
const HOLDER_MAX: usize = 100;

/// The system.
pub struct Tasks {
    pub(crate) settings: Settings,
    /// Records, tasks and packages are this system's own state.
    pub(crate) store: CallTasks,
    guanke: upstream::Guanke,
    /// `{host}-{pid}` of this process, to be shown.
    pub(crate) holder: String,
}

impl Tasks {
    /// The system over its state; `holder` is what it calls this process.
    ///
    /// # Errors
    /// The machine's certificates cannot be read.
    pub fn new(settings: Settings, store: CallTasks, holder: &str) -> Result<Self, Fault> {
        let guanke = upstream::Guanke::new(settings.upstream.clone(), settings.max_retries)?;
        Ok(Self { settings, store, guanke, holder: holder.chars().take(HOLDER_MAX).collect() })
    }

    /// What it was made with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The lines of a start, for the process that acts on schedules.
    #[must_use]
    pub fn log_schedules(&self) -> Vec<String> {
        if self.settings.upstream.credentials.is_none() {
            return vec![labels::LOG_NO_SCHEDULES.to_owned()];
        }
        let lines = self.wanted_schedules().map(|(of, cron)| labels::log_scheduled(of, cron));
        std::iter::once(labels::LOG_SCHEDULER.to_owned()).chain(lines).collect()
    }
}
