//! What is kept of a run of a config beyond the run itself: what was asked, what is under way, what became of each file.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{FileCompare, FileGuard, FileMode, FileStats};
use crate::id::RunId;
use crate::run::Run;
use crate::state::coded;

coded!(
    /// What a run of this system is for.
    FileRunKind {
        /// One config.
        Sync = 0 "sync",
        /// All configs that are enabled.
        Batch = 1 "batch",
    }
);

coded!(
    /// What a run is doing.
    FilePhase {
        /// Another run writes to its target.
        WaitingLease = 0 "waiting_lease",
        /// It asks whether both roots are there.
        Probing = 1 "probing",
        /// Both trees are walked; files are copied beside it.
        Comparing = 2 "comparing",
        /// The walk is done; files are copied.
        Transferring = 3 "transferring",
        /// What the source does not have is deleted.
        Deleting = 4 "deleting",
        /// All is done.
        Finishing = 5 "finishing",
    }
);

coded!(
    /// What is done with an item.
    FileOp {
        /// A new file is copied.
        Add = 0 "add",
        /// A file that changed is copied.
        Update = 1 "update",
        /// A file is deleted.
        Delete = 2 "delete",
        /// A folder is made.
        MakeFolder = 3 "mkdir",
        /// A folder is removed.
        RemoveFolder = 4 "rmdir",
        /// A folder is listed.
        List = 5 "list",
    }
);

coded!(
    /// How an item went.
    FileItemStatus {
        /// It is only planned: what a dry run says.
        Pending = 0 "pending",
        /// Done.
        Completed = 10 "completed",
        /// It could not be done.
        Failed = 12 "failed",
        /// It was left alone.
        Skipped = 11 "skipped",
    }
);

/// What a run may do beyond its config.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileAsked {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Delete more than the guard allows.
    pub confirm: bool,
    /// At most so many even then.
    pub max_delete: Option<u64>,
    /// Take an empty source for what it is.
    pub force: bool,
    /// Compare in another way than the config says.
    pub compare: Option<FileCompare>,
    /// Say whether the target is like the source, whatever the mode.
    pub verify: bool,
}

/// What a run's request leaves for what is kept of it: its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRunParams {
    /// Its public name: a UUID.
    pub task_id: String,
    /// What it is for.
    pub kind: FileRunKind,
    /// Which config; none of a batch.
    pub config: Option<i64>,
    /// What the config was called then.
    pub config_name: Option<String>,
    /// Of a batch's run: the batch.
    #[serde(default)]
    pub batch: Option<RunId>,
    /// What was asked for.
    #[serde(default)]
    pub asked: FileAsked,
}

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileProgress {
    /// Both trees were seen whole, so that totals stand.
    pub listing_done: bool,
    /// Files compared.
    pub checked: u64,
    /// Files to copy, as far as is known.
    pub files_total: u64,
    /// Files copied.
    pub files_done: u64,
    /// Bytes to copy, as far as is known.
    pub bytes_total: u64,
    /// Bytes copied, those of files under way included.
    pub bytes_done: u64,
    /// Some of the files under way.
    pub current: Vec<FileUnderWay>,
}

/// A file under way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileUnderWay {
    /// Where it goes, below the target.
    pub path: String,
    /// Bytes of it that have gone.
    pub bytes_done: u64,
    /// Its bytes.
    pub size: u64,
}

/// What is kept of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRun {
    /// The run itself.
    pub run: Run,
    /// What its request left.
    pub params: FileRunParams,
    /// How its config syncs; `None`: nothing has begun.
    pub mode: Option<FileMode>,
    /// What it may delete without being asked; `None`: nothing has begun.
    pub guard: Option<FileGuard>,
    /// Tries begun.
    pub attempt: i64,
    /// What it is doing; `None`: nothing has begun.
    pub phase: Option<FilePhase>,
    /// What was counted in its newest try.
    pub stats: FileStats,
    /// How far it has come.
    pub progress: FileProgress,
    /// When its newest try began.
    pub begun_at: Option<Timestamp>,
    /// Why it failed, or its newest try while it waits for another: the kind.
    pub error_type: Option<String>,
    /// The same in words.
    pub error: Option<String>,
    /// When its next try begins, while it waits for it.
    pub next_try_at: Option<Timestamp>,
}

/// One line of a run's items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileItem {
    /// What is done.
    pub op: FileOp,
    /// The file of the source, from its root.
    pub from: Option<String>,
    /// The item of the target, from its root.
    pub to: String,
    /// Bytes.
    pub size: u64,
    /// Why: `new`, `size`, `mtime`, `checksum`, `overwrite`, `extra`, `kind`.
    pub reason: Option<String>,
    /// How it went.
    pub status: FileItemStatus,
    /// Of a failure: its documented type.
    pub error_type: Option<String>,
    /// Of a failure: what was tried and what came of it.
    pub error: Option<String>,
}
