//! Results and standings of each race of a Formula 1 season, fetched some hours after its end until they are complete.
//!
//! A race has a plan, a plan has attempts at the race's end + k hours, an attempt's run has a partition for each of
//! five datasets. One sync a race, so that its attempts run one after another.

pub mod calendar;
mod config;
pub mod datasets;
pub mod read;
mod standings;
pub mod tables;
pub mod upstream;

use connect::tables::Destination;
use model::id::SyncKey;
use store::Store;

pub use config::{BadConfig, Config, Settings};

/// The system.
pub struct Races {
    /// What is configured.
    pub settings: Settings,
    /// Where the synced tables are.
    pub destination: Destination,
    /// Plans and attempts are this system's own state.
    pub store: Store,
}

impl Races {
    /// The system over its destination and its plans.
    #[must_use]
    pub fn new(settings: Settings, destination: Destination, store: Store) -> Self {
        Self { settings, destination, store }
    }
}

/// The name of one of the system's own syncs: `races.monitor`, or of a race: `races.attempt.2025.11`.
#[must_use]
pub fn sync_key(what: &str) -> SyncKey {
    SyncKey::parse(&format!("races.{what}")).expect("it has the shape of a sync's name")
}

/// The sync of a race: its attempts run one after another, those of other races beside them.
#[must_use]
pub fn race_sync(season: i64, round: i64) -> SyncKey {
    sync_key(&format!("attempt.{season}.{round}"))
}
