//! The states of runs and partitions, and the one table of transitions.

use serde::{Deserialize, Serialize};

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The number stored in the database.
            #[must_use]
            pub const fn code(self) -> i16 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The value of a stored number; `None` for a number no version of this program wrote.
            #[must_use]
            pub const fn from_code(code: i16) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The word used in the API, the log and the console.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value of an API word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use coded;

coded!(
    /// Where a run stands. Codes from 10 on are ends.
    RunState {
        /// Accepted; no partition has been claimed yet (also a buffered run that waits for its lease).
        Queued = 0 "queued",
        /// At least one partition was claimed and the run has not ended.
        Running = 1 "running",
        /// Nothing is running and the next try of some partition is due later.
        Waiting = 2 "waiting",
        /// Held by a person or until a moment (`resume_at`). Holds no lease, unless its policy says so.
        Paused = 3 "paused",
        /// Every partition succeeded or was skipped.
        Succeeded = 10 "succeeded",
        /// Went through all partitions; some failed, some succeeded or were skipped.
        Partial = 11 "partial",
        /// Ended by a fault of the whole run, or every partition failed.
        Failed = 12 "failed",
        /// Ended by a person.
        Cancelled = 13 "cancelled",
    }
);

coded!(
    /// Where a partition stands. Codes from 10 on are ends.
    PartitionState {
        /// To be claimed, now or once the run's `max_parallel` lets it.
        Queued = 0 "queued",
        /// Claimed: a holder, a fence and a lease that runs out.
        Running = 1 "running",
        /// Between two tries; due at `available_at`.
        Waiting = 2 "waiting",
        /// Done; the ledger says so.
        Succeeded = 10 "succeeded",
        /// There was nothing to do for this key.
        Skipped = 11 "skipped",
        /// Given up, with a fault.
        Failed = 12 "failed",
        /// The run was cancelled, or ended by a fault elsewhere, before this was done.
        Cancelled = 13 "cancelled",
        /// Given up because three workers died doing it.
        Quarantined = 14 "quarantined",
    }
);

coded!(
    /// What somebody asked of a run that has work under way.
    Control {
        /// Go on.
        None = 0 "none",
        /// Stop at the next safe point and keep the rest.
        Pause = 1 "pause",
        /// Stop at the next safe point and drop the rest.
        Cancel = 2 "cancel",
    }
);

impl RunState {
    /// No further transition leaves this state.
    #[must_use]
    pub const fn is_end(self) -> bool {
        self.code() >= 10
    }

    /// May a run go from `self` to `next`?
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use RunState::{Cancelled, Failed, Partial, Paused, Queued, Running, Succeeded, Waiting};
        match self {
            Queued => matches!(next, Running | Paused | Cancelled | Failed),
            Running => matches!(next, Waiting | Paused | Succeeded | Partial | Failed | Cancelled | Queued),
            Waiting => matches!(next, Running | Queued | Paused | Failed | Cancelled),
            Paused => matches!(next, Queued | Running | Waiting | Cancelled | Failed),
            Succeeded | Partial | Failed | Cancelled => false,
        }
    }

    /// How a run ends that went through all its partitions.
    #[must_use]
    pub const fn settled(done: i64, failed: i64) -> Self {
        match (done, failed) {
            (_, 0) => Self::Succeeded,
            (0, _) => Self::Failed,
            _ => Self::Partial,
        }
    }
}

impl PartitionState {
    /// No further transition leaves this state.
    #[must_use]
    pub const fn is_end(self) -> bool {
        self.code() >= 10
    }

    /// May a partition go from `self` to `next`?
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use PartitionState::{Cancelled, Failed, Quarantined, Queued, Running, Skipped, Succeeded, Waiting};
        match self {
            Queued => matches!(next, Running | Cancelled),
            Running => !matches!(next, Running),
            Waiting => matches!(next, Queued | Cancelled),
            Succeeded | Skipped | Failed | Cancelled | Quarantined => false,
        }
    }
}
