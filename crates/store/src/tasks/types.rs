//! Arguments and answers of the tasks system's own operations.

use jiff::Timestamp;
use model::id::RunId;
use model::task::{
    CallTask, LeadPackage, TaskCounters, TaskRecordStatus, TaskRow, TaskRowFault, TaskSyncType, TaskTrigger,
};

use crate::types::Right;

/// What a worker has to say of its record beyond tasks written.
#[derive(Clone, Debug)]
pub struct TaskNote {
    /// In whose right.
    pub right: Right,
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
    pub right: Right,
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

/// Which package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageKey {
    /// By its number here.
    Id(i64),
    /// By its number where it came from.
    External(String),
}

/// What came of a person's decision on some tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TasksChanged {
    /// Tasks that stand otherwise now.
    pub changed: u64,
    /// Tasks that stood like this before.
    pub unchanged: u64,
    /// Ids of no task of ours, in the order given.
    pub unknown: Vec<String>,
}

/// What came of making or changing a package.
#[derive(Clone, Debug, PartialEq)]
pub enum PackagePut {
    /// It is stored, and this many pending tasks were matched with it.
    Stored(Box<LeadPackage>, u64),
    /// This other package has its external id or its code.
    Duplicate(i64),
    /// There is none to change.
    Unknown,
}

/// What becomes of the tasks of a package that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkedTasks {
    /// They stay with it; a sync that lists one says that its package is gone.
    Keep,
    /// They are pending, and the rule may match them again.
    Pending,
}

/// What came of deleting a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageDeleted {
    /// It is gone; it had this many tasks.
    Deleted(u64),
    /// It has this many tasks, and nothing was said of them.
    InUse(u64),
    /// There is none.
    Unknown,
}

/// What came, or would come, of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageImport {
    /// Packages made.
    pub created: u64,
    /// Packages changed.
    pub updated: u64,
    /// Packages that were like this before.
    pub unchanged: u64,
    /// Pending tasks matched with them.
    pub matched_tasks: u64,
    /// Which of those given were left out, because the package of this external id has their code.
    pub refused: Vec<(usize, String)>,
}

/// Tasks whose names say the same of their package.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskGroup {
    /// What they say; the whole name when it follows no rule.
    pub prefix: String,
    /// The names follow the rule.
    pub parsed: bool,
    /// Pending ones, by their names.
    pub tasks: Vec<CallTask>,
}

/// How many tasks there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// Without a package.
    pub pending: i64,
    /// With one.
    pub matched: i64,
    /// In need of none.
    pub idle: i64,
}

/// Which packages to list.
#[derive(Clone, Debug, Default)]
pub struct PackageFilter {
    /// Of one 职场.
    pub region: Option<String>,
    /// With this in their external id, name or code.
    pub contains: Option<String>,
}

/// A package and what its tasks come to.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageRow {
    /// The package.
    pub package: LeadPackage,
    /// Its tasks.
    pub tasks: i64,
    /// Their levels, each with the calls made on it.
    pub levels: Vec<(String, i64)>,
    /// Calls answered.
    pub connected: i64,
    /// Calls won.
    pub success: i64,
}

/// What all stored days say of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDaySum {
    /// The platform's id.
    pub task_id: String,
    /// Called.
    pub called: i64,
    /// Answered.
    pub connected: i64,
    /// Won.
    pub success: i64,
}
