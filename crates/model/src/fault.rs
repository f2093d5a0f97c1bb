//! What went wrong upstream or at a destination, with the answer to "try again?" in its type.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Whether the same attempt may succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Again {
    /// Yes, after the sync's ordinary pause.
    Again,
    /// Yes, but not before this much time has gone by (`Retry-After`, a rate limit).
    After(Duration),
    /// No: asking the same thing again gets the same answer.
    Never,
}

/// How far a fault reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// This partition only; the run goes on with the others.
    Partition,
    /// The whole run ends `failed`; partitions not yet begun stay untouched.
    Run,
}

/// An upstream's or connector's error. `message` reads alone, says what was tried and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Short and stable, for machines: `connect`, `timeout`, `10001011`, `destination`.
    pub code: String,
    /// For people.
    pub message: String,
    /// Try again?
    pub again: Again,
    /// What it ends.
    pub reach: Reach,
    /// The source itself is in trouble (down, refusing, garbled), so the next partition will likely meet the
    /// same: counts towards the run's limit of consecutive source faults.
    pub from_source: bool,
}

impl Fault {
    /// Worth another try, reaching one partition.
    pub fn again(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            again: Again::Again,
            reach: Reach::Partition,
            from_source: false,
        }
    }

    /// Not worth another try, reaching one partition.
    pub fn never(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { again: Again::Never, ..Self::again(code, message) }
    }

    /// The same fault, marked as the source's own trouble.
    #[must_use]
    pub fn from_source(self) -> Self {
        Self { from_source: true, ..self }
    }

    /// The same fault, ending the whole run.
    #[must_use]
    pub fn ends_run(self) -> Self {
        Self { reach: Reach::Run, ..self }
    }

    /// The same fault, not to be tried before `pause` has gone by.
    #[must_use]
    pub fn after(self, pause: Duration) -> Self {
        Self { again: Again::After(pause), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
