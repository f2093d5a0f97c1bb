//! Arguments and answers of the files system's own operations.

use std::fmt;

use jiff::Timestamp;
use model::file::baseline::FileBaseline;
use model::file::run::{FileItem, FileItemStatus, FileOp, FilePhase, FileProgress};
use model::file::{FileConfig, FileMode, FileStats, FileUnscheduled, paths_meet};
use model::id::RunId;

use crate::types::Right;

/// A config as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct FileConfigRow {
    /// Its number; never given twice.
    pub id: i64,
    /// What it says.
    pub config: FileConfig,
    /// The secrets it has, by end and name.
    pub secrets: Vec<(FileEnd, String)>,
    /// All schedules were cleared since it was last changed.
    pub schedule_cleared: bool,
    /// When its last successful run ended.
    pub last_sync_at: Option<Timestamp>,
    /// Whether it has a schedule.
    pub scheduled: bool,
    /// When that is due next; never while it is paused.
    pub next_run_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl FileConfigRow {
    /// Why it has no schedule; `None` when it has one.
    #[must_use]
    pub fn unscheduled(&self, now: Timestamp) -> Option<FileUnscheduled> {
        self.config.schedule(self.id, self.schedule_cleared, now).err()
    }
}

/// One of a config's two trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileEnd {
    /// Where files come from.
    Source,
    /// Where they go.
    Target,
}

impl FileEnd {
    /// The word of the field that has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

/// A secret that is set, or with `None` removed. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretWrite {
    /// Of which end.
    pub end: FileEnd,
    /// Its name.
    pub name: String,
    /// The secret itself; it is sealed before it is stored.
    pub secret: Option<String>,
}

impl fmt::Debug for SecretWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = if self.secret.is_some() { "set" } else { "removed" };
        write!(f, "{}.{} {done}", self.end.as_str(), self.name)
    }
}

/// What a config is to be.
#[derive(Clone, Debug)]
pub struct FileConfigWrite {
    /// All of it.
    pub config: FileConfig,
    /// Secrets that become others; those not named stay.
    pub secrets: Vec<SecretWrite>,
    /// A schedule that was cleared comes back.
    pub lift: bool,
}

/// What became of a wish to delete a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileConfigDeleted {
    /// It is gone, with its schedule and its secrets.
    Deleted,
    /// There is none.
    Unknown,
    /// This run of it has not ended.
    Active(RunId),
}

/// Which configs.
#[derive(Clone, Debug, Default)]
pub struct FileConfigFilter {
    /// Enabled ones, or others.
    pub enabled: Option<bool>,
    /// Of a mode.
    pub mode: Option<FileMode>,
    /// With a storage of this kind at either end.
    pub service: Option<String>,
    /// With this in the name.
    pub name: Option<String>,
}

/// What came of looking through all configs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilesRefreshed {
    /// Configs there are.
    pub total: usize,
    /// Those that are scheduled now, ascending.
    pub scheduled: Vec<i64>,
    /// Those that are not to be.
    pub skipped: usize,
    /// Those whose cron or zone cannot be read.
    pub wrong: usize,
}

/// What a worker finds when it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct FileBegun {
    /// The config, as it was at the run's first begin.
    pub config: FileConfig,
    /// What earlier tries counted.
    pub stats: FileStats,
}

/// A worker's wish to be the only one that writes below a path, and that nobody's target is where it keeps what it
/// replaces.
#[derive(Clone, Debug)]
pub struct FileClaim {
    /// In whose right.
    pub right: Right,
    /// Which storage.
    pub location: String,
    /// Which path there.
    pub path: String,
    /// The folder in the same storage below which it keeps what it replaces and deletes.
    pub kept: Option<String>,
}

impl FileClaim {
    /// Whether a run that claimed this path, and keeps there, is in its way. Two that keep in one folder are not: each
    /// does in folders with its own run's number.
    pub(super) fn meets(&self, path: &str, kept: Option<&str>) -> bool {
        paths_meet(path, &self.path)
            || kept.is_some_and(|kept| paths_meet(kept, &self.path))
            || self.kept.as_deref().is_some_and(|own| paths_meet(path, own))
    }
}

/// What became of a [`FileClaim`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileClaimed {
    /// It is the only one, as long as it holds its partition.
    Held,
    /// This run writes there.
    InTheWay(RunId),
    /// The fence is old.
    Lost,
}

/// What a worker tells of its run.
#[derive(Clone, Debug)]
pub struct FileTold {
    /// In whose right.
    pub right: Right,
    /// What it is doing.
    pub phase: FilePhase,
    /// What it counted so far, with what earlier tries did.
    pub stats: FileStats,
    /// How far it has come.
    pub progress: FileProgress,
    /// What became of items since it last told.
    pub items: Vec<FileItem>,
    /// Files to remember as they are on both sides.
    pub remembered: Vec<FileBaseline>,
    /// Files to forget, by folder and name.
    pub forgotten: Vec<(String, String)>,
}

/// Which items of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileItemFilter {
    /// That went so.
    pub status: Option<FileItemStatus>,
    /// For which this is done.
    pub op: Option<FileOp>,
}

#[cfg(test)]
mod tests {
    use model::id::{Fence, PartitionId};

    use super::*;

    #[test]
    fn a_claim_meets_targets_and_what_is_kept_of_others_but_not_what_both_keep() {
        let right = Right { partition: PartitionId(1), fence: Fence(1) };
        let claim = |path: &str, kept: Option<&str>| FileClaim {
            right,
            location: "fs".to_owned(),
            path: path.to_owned(),
            kept: kept.map(str::to_owned),
        };
        let cases = [
            (("/a", None), ("/a/b", None), true),
            (("/a", None), ("/ab", None), false),
            (("/a", Some("/old")), ("/old", None), true),
            (("/a", Some("/old")), ("/old/b", None), true),
            (("/a", Some("/old/a")), ("/old", None), true),
            (("/a", Some("/old")), ("/older", None), false),
            (("/a", Some("/b/old")), ("/b", Some("/old")), true),
            (("/a", Some("/old")), ("/b", Some("/old")), false),
            (("/a", Some("/old")), ("/b", Some("/old/b")), false),
        ];
        for (one, other, meets) in cases {
            assert_eq!(claim(one.0, one.1).meets(other.0, other.1), meets, "{one:?} {other:?}");
            assert_eq!(claim(other.0, other.1).meets(one.0, one.1), meets, "{other:?} {one:?}");
        }
    }
}
