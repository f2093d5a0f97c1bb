//! Daily bars of the Chinese A shares: by date range on demand, every evening by itself, with gaps looked for every
//! morning.
//!
//! One sync, [`sync_key`]: a run is dates, a partition is a date, the ledger is what is known of each date.

mod bars;
mod calendar;
mod check;
mod config;
mod contract;
mod coverage;
mod day;
mod english;
mod eta;
mod filter;
mod follow;
mod labels;
mod look;
mod market;
mod per_stock;
mod plan;
mod progress;
mod record;
mod repair;
mod shanghai;
mod start;
mod sync;
mod system;
mod tables;
mod takeover;
mod upstream;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use connect::tables::Destination;
use engine::Reader;
use model::id::{RunId, SyncKey};

pub use config::{BadConfig, Config, Mode, Secret, Settings};
pub use contract::{contract_refusal, contract_routes};
pub use coverage::{CoveredDay, MissingDays};
pub(crate) use english::ENGLISH;
pub use labels::{POOL_LAZY, SCHEDULER_STARTED, scheduler_failed};
pub use look::Unreadable;
pub use plan::{Days, How, Redo, Wish};
pub use progress::{DayError, Progress, StockCounts};
pub use record::{Record, RecordFilter, Records, Stats};
pub use repair::Failure;
pub use start::{Start, StartError, Started};
pub use tables::{BARS, CALENDAR, FACTORS, FAILURES};
pub use takeover::TakeoverError;
pub use upstream::Patience;

/// The name of the one sync.
#[must_use]
pub fn sync_key() -> SyncKey {
    SyncKey::parse("stocks.daily").expect("it has the shape of a sync's name")
}

/// The system.
pub struct Stocks {
    pub(crate) settings: Settings,
    pub(crate) destination: Destination,
    pub(crate) reader: Reader,
    /// What is kept for the runs this process works on: connections, fallbacks taken.
    sessions: Mutex<HashMap<RunId, Arc<upstream::Session>>>,
    patience: Patience,
    /// What the ends of runs are foretold from.
    foreseen: tokio::sync::Mutex<HashMap<RunId, progress::Foreseen>>,
}

impl Stocks {
    /// The system over its destination. `reader` reads the state the engine writes.
    #[must_use]
    pub fn new(settings: Settings, destination: Destination, reader: Reader) -> Self {
        Self {
            settings,
            destination,
            reader,
            sessions: Mutex::default(),
            patience: Patience::default(),
            foreseen: tokio::sync::Mutex::default(),
        }
    }

    /// The same with another patience towards the source.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The day it is in Shanghai.
    #[must_use]
    pub fn today(now: jiff::Timestamp) -> jiff::civil::Date {
        shanghai::today(now)
    }

    /// The moment of a documented time, such as `2025-10-18T04:00:00`: it is Shanghai's.
    #[must_use]
    pub fn moment(text: &str) -> Option<jiff::Timestamp> {
        let there: jiff::civil::DateTime = text.parse().ok()?;
        Some(shanghai::moment(there.date(), there.time()))
    }

    /// What is configured.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Makes the tables of the destination.
    ///
    /// # Errors
    /// The destination is away, or has a table that cannot hold such rows.
    pub async fn prepare(&self) -> Result<(), connect::tables::TablesError> {
        self.destination.ensure(&tables::ALL).await
    }
}

/// A date as people write it: exactly `YYYY-MM-DD` or `YYYYMMDD`, a real day.
#[must_use]
pub fn parse_date(text: &str) -> Option<jiff::civil::Date> {
    shanghai::parse_date(text)
}

/// A panic while a short lock was held leaves plain values behind; they stay usable.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
