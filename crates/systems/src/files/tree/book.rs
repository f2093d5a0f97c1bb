//! What was done: counts, and a line for each item that was not simply the same.

use std::sync::{Mutex, MutexGuard, PoisonError};

use connect::storage::Place;
use model::file::FileStats;

use crate::files::compare::Reason;

/// What is done with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Update,
    Delete,
    MakeFolder,
    RemoveFolder,
    List,
}

impl Op {
    /// The documented word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::MakeFolder => "mkdir",
            Self::RemoveFolder => "rmdir",
            Self::List => "list",
        }
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Only planned: what a dry run says.
    Pending,
    Completed,
    Failed,
    Skipped,
}

impl Status {
    /// The documented word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One line of a run's items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) op: Op,
    pub(crate) from: Option<Place>,
    pub(crate) to: Place,
    pub(crate) size: u64,
    pub(crate) reason: Option<Reason>,
    pub(crate) status: Status,
    /// Of a failure: its documented type and what was tried.
    pub(crate) error: Option<(&'static str, String)>,
}

impl Item {
    pub(super) fn new(op: Op, to: &Place, status: Status) -> Self {
        Self { op, from: None, to: to.clone(), size: 0, reason: None, status, error: None }
    }

    pub(super) fn failed(self, error_type: &'static str, message: impl Into<String>) -> Self {
        Self { status: Status::Failed, error: Some((error_type, message.into())), ..self }
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Book(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    stats: FileStats,
    items: Vec<Item>,
    failed: u64,
}

impl Book {
    fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stats(&self) -> FileStats {
        self.open().stats
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut FileStats)) {
        count(&mut self.open().stats);
    }

    pub(super) fn note(&self, item: Item) {
        let mut pages = self.open();
        pages.failed += u64::from(item.status == Status::Failed);
        pages.items.push(item);
    }

    /// Items noted as failed.
    pub(super) fn failed(&self) -> u64 {
        self.open().failed
    }

    pub(super) fn take_items(&self) -> Vec<Item> {
        std::mem::take(&mut self.open().items)
    }

    pub(super) fn items(&self) -> usize {
        self.open().items.len()
    }
}
