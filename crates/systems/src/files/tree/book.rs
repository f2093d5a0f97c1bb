//! What was done: counts, and a line for each item that was not simply the same.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use connect::storage::Place;
use model::file::FileStats;
use model::file::baseline::FileBaseline;
use model::file::run::{FileItem, FileItemStatus as Status, FileOp as Op, FilePhase, FileProgress};

use super::Told;
use crate::files::compare::Reason;
use crate::files::merge::normal;

/// As many items are held at most until they are told.
const ITEMS_MAX: usize = 20_000;

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

    /// A file of the target alone.
    pub(super) fn extra(at: &Place, status: Status) -> Self {
        Self { reason: Some(Reason::Extra), ..Self::new(Op::Delete, at, status) }
    }

    /// As it is kept.
    pub(crate) fn kept(self) -> FileItem {
        let (error_type, error) = self.error.map(|(kind, why)| (kind.to_owned(), why)).unzip();
        FileItem {
            op: self.op,
            from: self.from.map(|from| from.as_str().to_owned()),
            to: self.to.as_str().to_owned(),
            size: self.size,
            reason: self.reason.map(|reason| reason.as_str().to_owned()),
            status: self.status,
            error_type,
            error,
        }
    }

    pub(super) fn failed(self, error_type: &'static str, message: impl Into<String>) -> Self {
        Self { status: Status::Failed, error: Some((error_type, message.into())), ..self }
    }
}

/// A place by which a file is remembered: in one form, whichever its storage tells it in.
pub(super) fn composed(at: &Place) -> Place {
    match normal(at.as_str()) {
        Cow::Borrowed(_) => at.clone(),
        // A name that would become too long stays as it is.
        Cow::Owned(normal) => Place::parse(&normal).unwrap_or_else(|_| at.clone()),
    }
}

/// See the module.
pub(super) struct Book(Mutex<Pages>);

impl Default for Book {
    fn default() -> Self {
        let (stats, progress) = (FileStats::default(), FileProgress::default());
        let phase = FilePhase::Probing;
        let (items, marks) = (Vec::new(), Marks::default());
        Self(Mutex::new(Pages { phase, stats, progress, items, marks, failed: 0 }))
    }
}

struct Pages {
    phase: FilePhase,
    stats: FileStats,
    progress: FileProgress,
    items: Vec<Item>,
    marks: Marks,
    failed: u64,
}

/// Files to remember, and files to forget by folder and name.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub(crate) remembered: Vec<FileBaseline>,
    pub(crate) forgotten: Vec<(String, String)>,
}

impl Book {
    fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stats(&self) -> FileStats {
        self.open().stats
    }

    pub(super) fn come(&self, come: impl FnOnce(&mut FileProgress)) {
        come(&mut self.open().progress);
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

    pub(super) fn enter(&self, phase: FilePhase) {
        self.open().phase = phase;
    }

    /// All of it; items are told once.
    pub(super) fn told(&self) -> Told {
        let mut pages = self.open();
        let (items, marks) = (std::mem::take(&mut pages.items), std::mem::take(&mut pages.marks));
        Told { phase: pages.phase, stats: pages.stats, progress: pages.progress.clone(), items, marks }
    }

    pub(super) fn remember(&self, file: FileBaseline) {
        self.open().marks.remembered.push(file);
    }

    pub(super) fn forget(&self, at: &Place) {
        let at = composed(at);
        self.open().marks.forgotten.push((at.folder().as_str().to_owned(), at.name().to_owned()));
    }

    /// How many lines were not told yet.
    pub(super) fn items(&self) -> usize {
        let pages = self.open();
        pages.items.len().max(pages.marks.remembered.len()).max(pages.marks.forgotten.len())
    }

    /// So many items were not told yet that no more should be done.
    pub(super) fn is_full(&self) -> bool {
        self.items() >= ITEMS_MAX
    }
}
