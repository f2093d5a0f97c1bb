//! What the files system keeps: a config says which tree is copied where, when and how.
//!
//! A config here is one that was found right; reading and refusing what people send is the system's.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cron::Cron;
use crate::id::SyncKey;
use crate::policy::Missed;
use crate::schedule::{ScheduleSpec, When, zone};
use crate::state::coded;

pub mod baseline;
pub mod cron;
pub mod run;
pub mod upload;

coded!(
    /// What becomes of a tree's files.
    FileMode {
        /// New and changed files are copied; nothing is deleted.
        Incremental = 0 "incremental",
        /// The target becomes like the source: what is not there is deleted.
        Full = 1 "full",
        /// As full, and every file is copied again.
        Overwrite = 2 "overwrite",
    }
);

coded!(
    /// How two files of one size are told apart.
    FileCompare {
        /// By their times; by their content where times tell nothing.
        Auto = 0 "auto",
        /// They are the same.
        Size = 1 "size",
        /// By their content.
        Checksum = 2 "checksum",
    }
);

coded!(
    /// What a rule looks at.
    FileRuleTarget {
        /// The name.
        Name = 0 "name",
        /// The path from the root of the tree.
        Path = 1 "path",
        /// What follows the last dot of a file's name.
        Extension = 2 "extension",
    }
);

coded!(
    /// What an exclusion is for.
    FileItemType {
        /// Files.
        File = 0 "file",
        /// Folders.
        Folder = 1 "folder",
        /// Both.
        Any = 2 "any",
    }
);

coded!(
    /// How an exclusion's pattern is meant.
    FileMatchMode {
        /// It is part of the value.
        Contains = 0 "contains",
        /// It is the value.
        Exact = 1 "exact",
        /// With `*` and `?` it is the whole value.
        Wildcard = 2 "wildcard",
        /// A regular expression finds something in the value.
        Regex = 3 "regex",
    }
);

/// One sync of files, without what only its row knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileConfig {
    /// For people.
    pub name: Option<String>,
    /// Whether its schedule acts and it may be run.
    pub enabled: bool,
    /// Where files come from.
    pub source: FileSide,
    /// Where they go.
    pub target: FileSide,
    /// What becomes of them.
    pub mode: FileMode,
    /// When, as five cron fields.
    pub cron: Option<String>,
    /// The zone of `cron`.
    pub timezone: String,
    /// Which files are left alone.
    pub filters: FileFilters,
    /// What files are called in the target.
    pub rename_rules: Vec<FileRename>,
    /// How changed files are found.
    pub compare: FileCompare,
    /// Times this close are the same, instead of what the storages are able to tell.
    pub mtime_tolerance_ms: Option<i64>,
    /// What may be deleted without being asked.
    pub delete_guard: FileGuard,
    /// Where replaced and deleted files are kept, in the target's storage.
    pub backup_dir: Option<String>,
    /// Whether folders without files are made.
    pub create_empty_dirs: bool,
    /// Files copied at once.
    pub transfers: u32,
    /// Folders listed at once.
    pub checkers: u32,
    /// Bytes a second; 0 for no limit.
    pub bandwidth_limit: u64,
    /// After this it neither acts nor may be run.
    pub end_time: Option<Timestamp>,
    /// Larger starts sooner.
    pub priority: i32,
}

coded!(
    /// Why a config has no schedule.
    FileUnscheduled {
        /// It is disabled.
        Disabled = 0 "disabled",
        /// It has no cron.
        NoCron = 1 "no_cron",
        /// All schedules were cleared since it was last changed.
        Cleared = 2 "cleared",
        /// Its end has passed.
        Expired = 3 "expired",
        /// Its cron or its zone cannot be read.
        CronInvalid = 4 "cron_invalid",
    }
);

/// What the schedules of configs are called before their numbers.
pub const SCHEDULE_PREFIX: &str = "sync_config_";

/// The system of all configs.
pub const SYSTEM: &str = "files";

/// The sync of a config.
///
/// # Panics
/// Never: a number fits a sync's name.
#[must_use]
pub fn sync_of(config: i64) -> SyncKey {
    SyncKey::parse(&format!("{SYSTEM}.config.{config}")).expect("a number fits a sync's name")
}

/// The config of a sync; `None` when it is another kind of sync.
#[must_use]
pub fn config_of(sync: &SyncKey) -> Option<i64> {
    sync.as_str().strip_prefix("files.config.")?.parse().ok()
}

/// Whether one path is the other or lies in it: `/a` holds `/a/b`, and not `/ab`.
#[must_use]
pub fn paths_meet(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        let outer = outer.trim_end_matches('/');
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    within(one, other) || within(other, one)
}

impl FileConfig {
    /// What people call its runs.
    #[must_use]
    pub fn label(&self, id: i64) -> String {
        match self.name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => format!("同步任务: {name}"),
            None => format!("同步任务: 配置{id}"),
        }
    }

    /// Whether its end has passed.
    #[must_use]
    pub fn expired(&self, now: Timestamp) -> bool {
        self.end_time.is_some_and(|end| end <= now)
    }

    /// Its schedule, or why it has none. `cleared`: all schedules were, and nobody lifted it.
    ///
    /// # Errors
    /// Why it has none.
    pub fn schedule(
        &self,
        id: i64,
        cleared: bool,
        now: Timestamp,
    ) -> Result<(ScheduleSpec, Timestamp), FileUnscheduled> {
        if !self.enabled {
            return Err(FileUnscheduled::Disabled);
        }
        let written = self.cron.as_deref().map(str::trim).filter(|cron| !cron.is_empty());
        let written = written.ok_or(FileUnscheduled::NoCron)?;
        if self.expired(now) {
            return Err(FileUnscheduled::Expired);
        }
        let expression = cron::canonical(written).map_err(|_| FileUnscheduled::CronInvalid)?;
        let (Ok(parsed), Ok(zone)) = (Cron::parse(&expression), zone(&self.timezone)) else {
            return Err(FileUnscheduled::CronInvalid);
        };
        if cleared {
            return Err(FileUnscheduled::Cleared);
        }
        let next = parsed.next(now, &zone).ok_or(FileUnscheduled::CronInvalid)?;
        let spec = ScheduleSpec {
            name: format!("{SCHEDULE_PREFIX}{id}"),
            title: self.label(id),
            sync: sync_of(id),
            label: self.label(id),
            params: json!({}),
            when: When::Cron { expression },
            time_zone: self.timezone.clone(),
            missed: Missed::None,
            missed_window: std::time::Duration::ZERO,
            missed_max: 1,
        };
        Ok((spec, next))
    }
}

/// A tree in a storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSide {
    /// The storage's kind: `fs`.
    pub service: String,
    /// What the storage is reached by, without secrets.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// The tree's root: begins with a slash, does not end with one.
    pub path: String,
    /// A target that is not there is an error rather than made.
    #[serde(default)]
    pub must_exist: bool,
    /// Whether the target takes capitals for small letters; `None`: it is found out.
    #[serde(default)]
    pub case_insensitive: Option<bool>,
}

impl FileSide {
    /// Whether another tree is meant by the other.
    #[must_use]
    pub fn elsewhere(&self, other: &Self) -> bool {
        (&self.service, &self.options, &self.path) != (&other.service, &other.options, &other.path)
    }
}

/// Which files are left alone, in source and target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFilters {
    /// Lines as git reads them in its ignore files.
    pub rules: Vec<String>,
    /// Plainer rules, before the others.
    pub exclusions: Vec<FileExclusion>,
    /// Whether `rules` tell capitals from small letters.
    pub case_sensitive: bool,
}

/// A plain rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileExclusion {
    /// What is looked for.
    pub pattern: String,
    /// Where.
    pub target: FileRuleTarget,
    /// Of what.
    pub item_type: FileItemType,
    /// How.
    pub mode: FileMatchMode,
    /// Whether capitals differ from small letters.
    pub case_sensitive: bool,
}

/// A rule for names in the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRename {
    /// What is replaced, as a regular expression.
    pub match_regex: String,
    /// By what, `\1` being the first group.
    pub replace_string: String,
    /// In the name, or in the path.
    pub target_scope: FileRuleTarget,
    /// Whether capitals differ from small letters.
    pub case_sensitive: bool,
}

/// How much may be deleted without being asked; `None` is any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileGuard {
    /// Files.
    pub max_files: Option<u64>,
    /// Of a hundred files in the target.
    pub max_percent: Option<u32>,
}

impl Default for FileGuard {
    fn default() -> Self {
        Self { max_files: Some(100), max_percent: Some(10) }
    }
}

impl FileGuard {
    /// Whether deleting `planned` of `present` files stays within it. A tenth of a thousand is a hundred.
    #[must_use]
    pub fn allows(self, planned: u64, present: u64) -> bool {
        let share = u128::from(planned) * 100;
        self.max_files.is_none_or(|most| planned <= most)
            && self.max_percent.is_none_or(|most| share <= u128::from(most) * u128::from(present))
    }
}

/// Files of one run, counted. Folders are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileStats {
    /// New files copied.
    pub added_success: u64,
    /// New files that could not be.
    pub added_fail: u64,
    /// Changed files copied.
    pub updated_success: u64,
    /// Changed files that could not be.
    pub updated_fail: u64,
    /// Files deleted.
    pub deleted_success: u64,
    /// Files that could not be.
    pub deleted_fail: u64,
    /// New files found.
    pub to_add_total: u64,
    /// Files found that are to go.
    pub to_delete_total: u64,
    /// Files of the source, after filters.
    pub source_list_num: u64,
    /// Files of the target, after filters.
    pub target_list_num: u64,
    /// Files that are the same on both sides.
    pub unchanged: u64,
    /// Things left alone: links, devices, what vanished meanwhile.
    pub skipped: u64,
    /// Bytes copied.
    pub bytes: u64,
    /// Folders made.
    pub dirs_created: u64,
    /// Folders removed.
    pub dirs_deleted: u64,
}

impl FileStats {
    /// What this try counted, with what earlier ones did. What they only saw is seen again.
    #[must_use]
    pub fn after(&self, before: &Self) -> Self {
        Self {
            added_success: self.added_success + before.added_success,
            updated_success: self.updated_success + before.updated_success,
            deleted_success: self.deleted_success + before.deleted_success,
            bytes: self.bytes + before.bytes,
            dirs_created: self.dirs_created + before.dirs_created,
            dirs_deleted: self.dirs_deleted + before.dirs_deleted,
            ..*self
        }
    }

    /// Files that could not be copied or deleted.
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.added_fail + self.updated_fail + self.deleted_fail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_meets_what_holds_it_and_what_it_holds_and_not_its_neighbour() {
        for (one, other) in [("/a", "/a"), ("/a", "/a/b"), ("/a/b/c", "/a"), ("/", "/a"), ("/a", "/")] {
            assert!(paths_meet(one, other), "{one} {other}");
        }
        for (one, other) in [("/a", "/ab"), ("/a/b", "/a/c"), ("/ab/c", "/a")] {
            assert!(!paths_meet(one, other), "{one} {other}");
        }
    }

    #[test]
    fn exactly_the_limit_passes_and_one_more_does_not() {
        let guard = FileGuard::default();
        assert!(guard.allows(100, 1000));
        assert!(!guard.allows(101, 10_000), "one file more than a hundred");
        assert!(!guard.allows(101, 1000));
        assert!(guard.allows(10, 100));
        assert!(!guard.allows(11, 100), "eleven of a hundred are more than a tenth");
        assert!(guard.allows(0, 0));
        let off = FileGuard { max_files: None, max_percent: None };
        assert!(off.allows(u64::MAX, 1));
    }
}
