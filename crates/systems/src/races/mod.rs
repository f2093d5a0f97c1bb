//! Results and standings of each race of a Formula 1 season, fetched some hours after its end until they are complete.
//!
//! A race has a plan, a plan has attempts at the race's end + k hours, an attempt's run has a partition for each of
//! five datasets. One sync a race, so that its attempts run one after another.

pub mod calendar;
mod config;
mod contract;
pub mod datasets;
mod ends;
mod english;
pub mod labels;
mod plan;
pub mod read;
mod standings;
mod sync;
mod system;
pub mod tables;
pub mod upstream;
mod verbs;

use connect::http::Client;
use connect::tables::{Destination, TablesError};
use model::fault::Fault;
use model::id::SyncKey;
pub(crate) use model::race::race_sync;
use store::RacePlans;

pub use config::{BadConfig, Config, Settings};
pub use contract::{contract_refusal, contract_routes};
pub(crate) use english::ENGLISH;
pub use verbs::{Batch, Executed, Scheduled, Terms, VerbError};

/// The system.
pub struct Races {
    pub(crate) settings: Settings,
    pub(crate) destination: Destination,
    /// Plans and attempts are this system's own state.
    pub(crate) plans: RacePlans,
    pub(crate) client: Client,
}

impl Races {
    /// The system over its destination and its plans.
    ///
    /// # Errors
    /// The system's certificates cannot be read.
    pub fn new(settings: Settings, destination: Destination, plans: RacePlans) -> Result<Self, Fault> {
        let client = upstream::client(settings.upstream.clone())?;
        Ok(Self { settings, destination, plans, client })
    }

    /// Makes the tables of the destination.
    ///
    /// # Errors
    /// The destination is away, or has a table that cannot hold such rows.
    pub async fn prepare(&self) -> Result<(), TablesError> {
        self.destination.ensure(&tables::ALL).await
    }
}

/// The name of one of the system's own syncs: `races.monitor`.
pub(crate) fn sync_key(what: &str) -> SyncKey {
    SyncKey::parse(&format!("races.{what}")).expect("it has the shape of a sync's name")
}
