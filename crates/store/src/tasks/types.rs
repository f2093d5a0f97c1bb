//! Arguments and answers of the tasks system's own operations.

use jiff::Timestamp;
use model::id::{Fence, PartitionId, RunId};
use model::task::{TaskCounters, TaskRecordStatus, TaskRow, TaskRowFault, TaskSyncType, TaskTrigger};

/// What a worker has to say of its record beyond tasks written.
#[derive(Clone, Debug)]
pub struct TaskNote {
    /// In whose right.
    pub partition: PartitionId,
    /// In whose right.
    pub fence: Fence,
    /// Which record.
    pub record: i64,
    /// What it counts from now on.
    pub counters: TaskCounters,
    /// Rows that failed, added to those noted before.
    pub faults: Vec<TaskRowFault>,
    /// The most a record keeps.
    pub limit: usize,
}

/// Rows of a page or less, to be written in one transaction.
#[derive(Clone, Debug)]
pub struct TaskWrite {
    /// In whose right.
    pub partition: PartitionId,
    /// In whose right.
    pub fence: Fence,
    /// The record of the run that writes them.
    pub record: i64,
    /// Each task once; of two the later counts.
    pub rows: Vec<TaskRow>,
    /// What the record counts without them.
    pub before: TaskCounters,
}

/// What came of a [`TaskWrite`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskBatch {
    /// What the record counts with them: `before` and these rows.
    pub counters: TaskCounters,
    /// Rows that were left as they are, and why; counted in `failed`, not noted yet.
    pub faults: Vec<TaskRowFault>,
}

/// A part of a listing.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Rows to pass over.
    pub offset: i64,
    /// At most this many.
    pub limit: i64,
}

/// A part of a listing and how long all of it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Paged<T> {
    /// The part.
    pub rows: Vec<T>,
    /// Rows in all.
    pub total: i64,
}

/// Which records to list. What is not asked for is any. Newest first.
#[derive(Clone, Debug, Default)]
pub struct TaskRecordFilter {
    /// Of one type.
    pub sync_type: Option<TaskSyncType>,
    /// Standing in one of these ways; empty is any.
    pub statuses: Vec<TaskRecordStatus>,
    /// Started by one of these.
    pub trigger: Option<TaskTrigger>,
    /// Ended and not read only.
    pub unread: bool,
}

/// Who syncs a type now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskLock {
    /// The run.
    pub run: RunId,
    /// `{host}-{pid}`.
    pub holder: Option<String>,
    /// Since when.
    pub locked_at: Timestamp,
}

/// What statistics need of a record that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskOutcome {
    /// Its number.
    pub record: i64,
    /// Which days it covered.
    pub sync_type: TaskSyncType,
    /// How it ended.
    pub status: TaskRecordStatus,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Tasks in all.
    pub total: i64,
    /// Of these, with a package.
    pub matched: i64,
}
