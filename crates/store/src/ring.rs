//! The ring: wakes those who wait for rows. A hint; rows and polling are the truth.

use tokio::sync::watch;

/// Each value grows with every ring. Register before looking at rows, so that no ring is missed.
#[derive(Clone, Debug)]
pub struct Rings {
    /// Partitions may have become ready, or a control was set.
    pub work: watch::Receiver<u64>,
    /// Events were appended.
    pub events: watch::Receiver<u64>,
    /// Schedules changed.
    pub schedules: watch::Receiver<u64>,
}
