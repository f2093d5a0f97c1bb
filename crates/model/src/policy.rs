//! What a sync answers when it is asked again while it runs, and when to try a partition again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fault::{Again, Fault};
use crate::state::coded;

coded!(
    /// What happens to a request while another run of the same sync holds its lease.
    Overlap {
        /// Refused, naming the current run.
        Reject = 0 "reject",
        /// Not started, and recorded as skipped when time asked.
        Skip = 1 "skip",
        /// One request waits for the lease; a further one is refused.
        BufferOne = 2 "buffer_one",
        /// All wait for the lease, oldest first.
        BufferAll = 3 "buffer_all",
        /// The current run is cancelled; this one waits for its lease.
        CancelOther = 4 "cancel_other",
        /// Runs side by side: there is no lease.
        Allow = 5 "allow",
    }
);

coded!(
    /// Which of the times that went by while nobody looked are still run.
    Missed {
        /// None: each is recorded as skipped.
        None = 0 "none",
        /// The newest only.
        Latest = 1 "latest",
        /// All, oldest first, up to a maximum.
        All = 2 "all",
    }
);

/// When a failed partition is tried again. The first try is not a retry: `tries = 1` means once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// All tries, the first included.
    pub tries: u32,
    /// Pause before the second try.
    pub base: Duration,
    /// Each further pause is this many times the one before.
    pub factor: u32,
    /// No pause is longer.
    pub cap: Duration,
}

impl Retry {
    /// One try.
    pub const ONCE: Self = Self { tries: 1, base: Duration::ZERO, factor: 1, cap: Duration::ZERO };

    /// The pause after try number `attempt` (from 1) failed with `fault`, or `None` to give up.
    ///
    /// `jitter` in `0.0..=1.0` takes up to a quarter off, so that many failures do not return at once.
    #[must_use]
    pub fn pause(&self, attempt: u32, fault: &Fault, jitter: f64) -> Option<Duration> {
        if attempt >= self.tries {
            return None;
        }
        let least = match fault.again {
            Again::Never => return None,
            Again::After(least) => least,
            Again::Again => Duration::ZERO,
        };
        let growth = self.factor.saturating_pow(attempt.saturating_sub(1));
        let pause = self.base.saturating_mul(growth).min(self.cap);
        Some(pause.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0)).max(least))
    }
}

/// What holds for every run of one sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncPolicy {
    /// While a run of it is active.
    pub overlap: Overlap,
    /// Partitions of one run worked on at once; `None` is no limit.
    pub max_parallel: Option<u32>,
    /// Tries of a partition inside one run.
    pub retry: Retry,
    /// A run ends `failed` after this many partitions in a row failed by the source; `None` is never.
    pub source_fault_limit: Option<u32>,
    /// A paused run keeps the sync's lease, so that no other starts before it was resumed and ended.
    #[serde(default)]
    pub pause_keeps_lease: bool,
    /// A partition is given up when so many workers died with it, and a process that died with its worker counts.
    /// `None` is the engine's own bound, for which only workers count that others outlived.
    #[serde(default)]
    pub deaths_max: Option<u32>,
}
