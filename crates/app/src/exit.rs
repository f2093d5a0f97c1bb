//! The documented exit codes, and failures that carry theirs.

use std::process::ExitCode;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: what was asked is done, or under way where that was asked.
    Done,
    /// 1: it failed, or was cancelled.
    Failed,
    /// 2: the arguments or the configuration are wrong; nothing was done.
    Usage,
    /// 3: another run holds the sync.
    Busy,
    /// 3, of `tasks`: it is done, but not all of it.
    Partly,
    /// 4: no server answers.
    Unreachable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Busy | Exit::Partly => 3,
            Exit::Unreachable => 4,
        })
    }
}

/// Why a command did not do what was asked: one line for people, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Failed, format!("{error:#}"))
    }
}
