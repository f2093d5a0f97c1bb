//! Configs and runs as they are shown, key for key.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::file::run::{FileProgress, FileRun, FileRunKind};
use model::file::{FileConfig, FileFilters, FileGuard, FileRename, FileSide, FileStats};
use model::id::RunId;
use model::run::Trigger;
use model::schedule::zone;
use model::state::RunState;
use serde::Serialize;
use store::{FileConfigRow, FileEnd};

/// A config.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the manual")]
pub struct Detail {
    pub id: i64,
    pub name: Option<String>,
    pub enabled: bool,
    pub source: Side,
    pub target: Target,
    pub mode: &'static str,
    pub cron: Option<String>,
    pub timezone: String,
    pub filters: FileFilters,
    pub rename_rules: Vec<FileRename>,
    pub compare: &'static str,
    pub mtime_tolerance_ms: Option<i64>,
    pub delete_guard: FileGuard,
    pub backup_dir: Option<String>,
    pub create_empty_dirs: bool,
    pub transfers: u32,
    pub checkers: u32,
    pub bandwidth_limit: u64,
    pub end_time: Option<String>,
    pub priority: i32,
    pub scheduled: bool,
    pub schedule_reason: Option<&'static str>,
    pub last_sync: Option<String>,
    pub next_run: Option<String>,
    pub created_at: String,
    pub updated_at: String,
}

/// A config of a list, with its newest run.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the manual")]
pub struct Listed {
    #[serde(flatten)]
    pub config: Detail,
    pub newest_run: Option<RunSummary>,
}

/// A tree in a storage, without its secrets.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the manual")]
pub struct Side {
    pub service: String,
    pub options: BTreeMap<String, String>,
    pub path: String,
    pub secrets_set: Vec<String>,
}

/// The tree that is written.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    #[serde(flatten)]
    pub side: Side,
    pub must_exist: bool,
    pub case_insensitive: Option<bool>,
}

/// A run of a config.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the manual")]
pub struct RunSummary {
    pub run_id: RunId,
    pub task_id: String,
    pub trigger: &'static str,
    pub status: &'static str,
    pub dry_run: bool,
    pub attempt: i64,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub stats: FileStats,
    pub progress: Progress,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guarded>,
    pub error_type: Option<String>,
    pub error: Option<String>,
    pub next_try_at: Option<Timestamp>,
}

/// How far a run has come.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the manual")]
pub struct Progress {
    pub phase: Option<&'static str>,
    #[serde(flatten)]
    pub come: FileProgress,
    pub speed_bps: Option<u64>,
    /// To a tenth.
    pub files_per_second: Option<f64>,
    pub eta_seconds: Option<u64>,
}

/// What the guard would say of what a rehearsal found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Guarded {
    /// A run without `confirm` would delete nothing.
    pub would_trip: bool,
    /// Files to delete.
    pub deletes: u64,
    /// Files of the target.
    pub target_files: u64,
    /// The ones of a hundred of the others, to a tenth.
    pub percent: f64,
}

impl Guarded {
    /// Nothing before a rehearsal's end: it is known of whole trees only.
    fn of(kept: &FileRun) -> Option<Self> {
        let guard =
            kept.guard.filter(|_| kept.params.asked.dry_run && kept.run.state == RunState::Succeeded)?;
        let (deletes, target_files) = (kept.stats.to_delete_total, kept.stats.target_list_num);
        #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
        let percent = (deletes as f64 * 1000.0 / target_files.max(1) as f64).round() / 10.0;
        Some(Self { would_trip: !guard.allows(deletes, target_files), deletes, target_files, percent })
    }
}

impl Detail {
    /// A config as it stands at `now`.
    pub(super) fn of(row: FileConfigRow, now: Timestamp) -> Self {
        let reason = row.unscheduled(now).map(model::file::FileUnscheduled::as_str);
        let secrets = |end: FileEnd| {
            row.secrets.iter().filter(|(of, _)| *of == end).map(|(_, name)| name.clone()).collect()
        };
        let (of_source, of_target) = (secrets(FileEnd::Source), secrets(FileEnd::Target));
        let FileConfigRow { id, config, .. } = row;
        let at = Clock::of(&config);
        let FileSide { must_exist, case_insensitive, .. } = config.target;
        Self {
            id,
            name: config.name,
            enabled: config.enabled,
            source: Side::of(config.source, of_source),
            target: Target { side: Side::of(config.target, of_target), must_exist, case_insensitive },
            mode: config.mode.as_str(),
            cron: config.cron,
            timezone: config.timezone,
            filters: config.filters,
            rename_rules: config.rename_rules,
            compare: config.compare.as_str(),
            mtime_tolerance_ms: config.mtime_tolerance_ms,
            delete_guard: config.delete_guard,
            backup_dir: config.backup_dir,
            create_empty_dirs: config.create_empty_dirs,
            transfers: config.transfers,
            checkers: config.checkers,
            bandwidth_limit: config.bandwidth_limit,
            end_time: at.told(config.end_time),
            priority: config.priority,
            scheduled: row.scheduled && reason.is_none(),
            schedule_reason: reason,
            last_sync: at.told(row.last_sync_at),
            next_run: at.told(row.next_run_at.filter(|_| reason.is_none())),
            created_at: at.tell(row.created_at),
            updated_at: at.tell(row.updated_at),
        }
    }
}

impl Side {
    fn of(side: FileSide, secrets_set: Vec<String>) -> Self {
        Self { service: side.service, options: side.options, path: side.path, secrets_set }
    }
}

/// The zone of a config.
struct Clock(TimeZone);

impl Clock {
    fn of(config: &FileConfig) -> Self {
        Self(zone(&config.timezone).unwrap_or(TimeZone::UTC))
    }

    /// With its offset, to the second.
    fn tell(&self, at: Timestamp) -> String {
        offset_time(at, &self.0)
    }

    fn told(&self, at: Option<Timestamp>) -> Option<String> {
        at.map(|at| self.tell(at))
    }
}

impl RunSummary {
    /// A run as it stands at `now`.
    pub(super) fn of(mut kept: FileRun, now: Timestamp) -> Self {
        let guard = Guarded::of(&kept);
        // What was under way when a run stopped is not any more.
        if kept.run.state != RunState::Running {
            kept.progress.current.clear();
        }
        let FileRun { run, params, .. } = kept;
        let trigger = match (run.trigger, params.batch, params.kind) {
            (_, Some(_), _) | (_, _, FileRunKind::Batch) => "batch",
            (Trigger::Schedule, ..) => "schedule",
            _ => "manual",
        };
        let seconds = kept.begun_at.and_then(|begun| seconds(begun, run.ended_at.unwrap_or(now)));
        let speed = seconds.map(|seconds| kept.progress.bytes_done / seconds);
        #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
        let files = |seconds| (kept.progress.files_done as f64 * 10.0 / seconds as f64).round() / 10.0;
        let files_per_second = seconds.map(files);
        let eta = match (kept.progress.listing_done, speed, run.state) {
            (true, Some(speed), RunState::Running) if speed > 0 => {
                Some(kept.progress.bytes_total.saturating_sub(kept.progress.bytes_done) / speed)
            }
            _ => None,
        };
        Self {
            run_id: run.id,
            task_id: params.task_id,
            trigger,
            status: run.state.as_str(),
            dry_run: params.asked.dry_run,
            attempt: kept.attempt,
            started_at: run.started_at,
            finished_at: run.ended_at,
            stats: kept.stats,
            progress: Progress {
                phase: kept.phase.map(model::file::run::FilePhase::as_str),
                come: kept.progress,
                speed_bps: speed,
                files_per_second,
                eta_seconds: eta,
            },
            guard,
            error_type: kept.error_type,
            error: kept.error,
            next_try_at: kept.next_try_at,
        }
    }
}

/// An instant in a zone, to the second, with the offset it has there.
pub(super) fn offset_time(at: Timestamp, zone: &TimeZone) -> String {
    let second = Timestamp::from_second(at.as_second()).unwrap_or(at);
    second.display_with_offset(zone.to_offset(second)).to_string()
}

/// Whole seconds since a try began, which speeds are told by; `None` before there is one.
fn seconds(begun: Timestamp, now: Timestamp) -> Option<u64> {
    u64::try_from(now.duration_since(begun).as_secs()).ok().filter(|seconds| *seconds > 0)
}
