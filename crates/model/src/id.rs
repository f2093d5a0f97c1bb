//! Identities: newtypes, so that a run's number is never taken for a partition's.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// A run's number in the state store.
    RunId
);
number!(
    /// A partition's number in the state store; the same over all its tries.
    PartitionId
);
number!(
    /// A schedule's number in the state store.
    ScheduleId
);
number!(
    /// Grows with every acquisition of a partition, and with every loss its holder did not decide.
    ///
    /// A write that carries an older fence than the stored one is refused.
    Fence
);

/// The name of a sync, `<system>.<what>`, for example `stocks.daily`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SyncKey(String);

impl SyncKey {
    /// Takes `<system>.<what>`: lower-case letters, digits, `_`, `-` and at least one dot.
    ///
    /// # Errors
    /// The offending text, when it has another shape or is longer than 100 bytes.
    pub fn parse(text: &str) -> Result<Self, BadSyncKey> {
        let fits = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
        };
        let valid = text.len() <= 100 && text.contains('.') && text.split('.').all(fits);
        if valid { Ok(Self(text.to_owned())) } else { Err(BadSyncKey(text.to_owned())) }
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first dot: which system does this sync.
    #[must_use]
    pub fn system(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }
}

impl fmt::Display for SyncKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no sync's name.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a sync's name: expected `<system>.<what>`, for example `stocks.daily`")]
pub struct BadSyncKey(String);
