//! Time, as the caller gives it: what it is now, and waiting until it is later.

use async_trait::async_trait;
use jiff::Timestamp;

/// The work must stop, so waiting is over. The caller knows why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped")]
pub struct Stopped;

/// Lets time go by, by the same clock that tells it.
#[async_trait]
pub trait Pause: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Returns when `now` is not before `at`; with [`Stopped`] as soon as the work must stop.
    async fn until(&self, at: Timestamp) -> Result<(), Stopped>;
}
