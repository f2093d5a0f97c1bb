//! What can go wrong with a storage, and whether to try again.

use std::io;
use std::time::Duration;

use super::{Place, Storage};

/// One thing that did not work. The text says what was tried with which place, and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{tried}: {why}")]
pub struct Trouble {
    /// What kind of trouble it is.
    pub wrong: Wrong,
    /// What was tried, with the place.
    pub tried: String,
    /// The reason, as the storage gave it.
    pub why: String,
}

/// Kinds of trouble that callers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing is there.
    Missing,
    /// Something else than a folder is there.
    NotFolder,
    /// Something else than a file is there.
    NotFile,
    /// A folder that is to go has something in it.
    NotEmpty,
    /// This user may not.
    Permission,
    /// The storage does not know this user.
    Auth,
    /// No room is left.
    NoSpace,
    /// The storage takes no file of that size.
    Size,
    /// The storage keeps no such name.
    Name,
    /// The storage was not reached, or went away.
    Network,
    /// It did not answer in time.
    Timeout,
    /// It wants to be asked later.
    Busy(Option<Duration>),
    /// Anything else.
    Other,
}

impl Wrong {
    /// Whether the same may work later.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::Network | Self::Timeout | Self::Busy(_) | Self::Other)
    }
}

impl Trouble {
    /// Says what went wrong with what was tried.
    pub fn new(wrong: Wrong, tried: impl Into<String>, why: impl Into<String>) -> Self {
        Self { wrong, tried: tried.into(), why: why.into() }
    }

    /// Trouble of this machine's own files.
    pub(super) fn of_file(tried: String, error: &io::Error) -> Self {
        let wrong = match error.kind() {
            io::ErrorKind::NotFound => Wrong::Missing,
            io::ErrorKind::NotADirectory => Wrong::NotFolder,
            io::ErrorKind::IsADirectory => Wrong::NotFile,
            io::ErrorKind::DirectoryNotEmpty => Wrong::NotEmpty,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Wrong::Permission,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Wrong::NoSpace,
            io::ErrorKind::InvalidFilename => Wrong::Name,
            io::ErrorKind::TimedOut => Wrong::Timeout,
            _ => Wrong::Other,
        };
        Self::new(wrong, tried, error.to_string())
    }
}

/// What should not be there, and is not, is as it should be.
pub(super) fn or_gone(done: Result<(), Trouble>) -> Result<(), Trouble> {
    match done {
        Err(trouble) if trouble.wrong == Wrong::Missing => Ok(()),
        done => done,
    }
}

/// Whether a folder is there with nothing in it, by a fresh listing: for a storage that would remove what is in it too.
pub(super) async fn is_there_and_empty(
    storage: &dyn Storage,
    tried: &str,
    at: &Place,
) -> Result<bool, Trouble> {
    match storage.list(at).await {
        Ok(entries) if entries.is_empty() => Ok(true),
        Ok(_) => Err(Trouble::new(Wrong::NotEmpty, tried, "it is not empty")),
        Err(trouble) => or_gone(Err(trouble)).map(|()| false),
    }
}
