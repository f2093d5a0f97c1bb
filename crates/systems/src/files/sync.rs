//! Doing a run: one tree made like another, or all configs asked for one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connect::storage::{Paced, Place, Trouble, Wrong};
use engine::{Context, Outcome, RequestError, Said, Work, store_fault};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use model::counts::ItemCounts;
use model::fault::Fault;
use model::file::baseline::FileBaseline;
use model::file::run::{FileAsked, FileProgress, FileRunParams};
use model::file::{FileConfig, FileMode, FileSide, FileStats};
use model::ledger::{LedgerState, LedgerWrite};
use model::partition::UnitProgress;
use model::run::{RunRequest, Trigger};
use model::schedule::zone;
use serde::{Deserialize, Serialize};
use store::{FileClaim, FileClaimed, FileConfigRow, FileEnd, FileTold, Right};

use super::filter::Filter;
use super::plan::{Params, Wanted};
use super::rename::Rename;
use super::tree::{self, Backup, Failure, Shared, Told, Trees, Watch};
use super::{Files, TEMPORARY, form, labels, service};

/// A run that has not begun so long after its slot does not begin.
const LATE: SignedDuration = SignedDuration::from_secs(3600);

/// How long to wait before asking again for what somebody else has.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// Progress is kept this often.
const TELL: SignedDuration = SignedDuration::from_secs(1);

/// What a batch keeps between its steps.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Batch {
    /// Its configs, in the order they were asked for.
    pub(super) configs: Vec<i64>,
    /// Those that could not be, and why.
    pub(super) refused: Vec<(i64, String)>,
}

impl Files {
    /// One config's trees.
    pub(super) async fn sync_one(
        &self,
        params: &FileRunParams,
        work: &Work,
        ctx: &Context,
    ) -> Result<Outcome, Fault> {
        if too_late(work, ctx.now()) {
            return Err(Fault::never("expired", labels::TOO_LATE).ends_run());
        }
        let Ok(_place) = self.places.try_acquire() else { return Ok(later(ctx, labels::NO_PLACE)) };
        let id = params.config.unwrap_or_default();
        let row = self.store.read().file_config(id).await;
        let row = row.map_err(|error| store_fault("reading a config of files", &error))?;
        let row = row.ok_or_else(|| Fault::never("config", labels::GONE).ends_run())?;
        let right = Right::from(&work.partition);
        if !params.asked.dry_run
            && let Some(wait) = self.claim(&row, right, ctx).await?
        {
            return Ok(wait);
        }
        let begun = self.store.begin_file_run(right, &row.config, ctx.now()).await;
        let begun =
            begun.map_err(|error| store_fault("beginning a run of files", &error))?.ok_or_else(stopped)?;
        let trees = self.trees(id, begun.config, params.asked, (work, ctx.now())).await?;
        let eyes = Eyes::new(self, ctx, (id, begun.stats), work);
        let (stats, done) = tree::sync(&trees, &eyes).await;
        self.ended(id, work, ctx, (&stats, done))
    }

    /// The right to write below the target's path; `Some` while another run has it.
    async fn claim(
        &self,
        row: &FileConfigRow,
        right: Right,
        ctx: &Context,
    ) -> Result<Option<Outcome>, Fault> {
        let target = &row.config.target;
        let (location, path) = service::location(target);
        let claim = FileClaim { right, location, path };
        let claimed = self.store.claim_target(claim, ctx.now()).await;
        match claimed.map_err(|error| store_fault("claiming a target", &error))? {
            FileClaimed::Held => Ok(None),
            FileClaimed::InTheWay(run) => Ok(Some(later(ctx, &labels::in_the_way(run.0)))),
            FileClaimed::Lost => Err(stopped()),
        }
    }

    /// Both trees, opened, with what decides between them.
    async fn trees(
        &self,
        id: i64,
        mut config: FileConfig,
        asked: FileAsked,
        (work, now): (&Work, Timestamp),
    ) -> Result<Trees, Fault> {
        let wrong = |why: String| Fault::never("config", why).ends_run();
        let rules = |wrongs: Vec<super::Wrong>| {
            wrong(wrongs.into_iter().map(|w| w.message).collect::<Vec<_>>().join("; "))
        };
        for side in [&config.source, &config.target] {
            if side.service == "fs" && !form::allowed(&side.path, &self.settings.local_roots) {
                return Err(wrong(format!("{} 不在允许的本地目录之下", side.path)));
            }
        }
        // A link may have been laid since it was saved.
        if form::overlap(&config) {
            return Err(wrong(labels::OVERLAP.to_owned()));
        }
        if let Some(compare) = asked.compare {
            config.compare = compare;
        }
        if asked.verify && config.mode == FileMode::Overwrite {
            config.mode = FileMode::Full;
        }
        let filter = Filter::new(&config.filters).map_err(rules)?;
        let rename = Rename::new(&config.rename_rules).map_err(rules)?;
        let opened = |trouble: Trouble| wrong(trouble.to_string());
        let (theirs, ours) =
            (self.secrets(id, FileEnd::Source).await?, self.secrets(id, FileEnd::Target).await?);
        let source = service::open(&config.source, &theirs, now).map_err(opened)?;
        let target = service::open(&config.target, &ours, now).map_err(opened)?;
        let shared = match theirs == ours {
            true => shared(&config, &ours, now).map_err(opened)?,
            false => None,
        };
        let backup = backup(&config, (work, now), &ours).map_err(opened)?;
        // Half of its eight digits are the claim's: what an earlier one left is known by them.
        let claim = work.partition.fence.0.unsigned_abs() & 0xffff;
        let temporary = format!("{TEMPORARY}{id}-{}-{claim:04x}", work.run.id.0);
        let source = match config.bandwidth_limit {
            0 => source,
            limit => Arc::new(Paced::new(source, limit)),
        };
        Ok(Trees { source, target, config, filter, rename, asked, temporary, backup, shared })
    }

    async fn secrets(&self, id: i64, end: FileEnd) -> Result<Vec<(String, String)>, Fault> {
        let secrets = self.store.file_secrets(id, end).await;
        secrets.map_err(|error| store_fault("reading secrets", &error))
    }

    fn ended(
        &self,
        id: i64,
        work: &Work,
        ctx: &Context,
        (stats, done): (&FileStats, Result<(), Failure>),
    ) -> Result<Outcome, Fault> {
        let seconds =
            work.partition.started_at.map_or(0.0, |from| ctx.now().duration_since(from).as_secs_f64());
        tracing::info!(target: labels::TARGET, "{}", labels::log_done(id, seconds, stats));
        match done {
            Ok(()) => {
                let ledger = LedgerWrite {
                    total: whole(stats.source_list_num),
                    succeeded: whole(stats.source_list_num),
                    ..LedgerWrite::new(LedgerState::Succeeded, labels::done(stats))
                };
                let message = Some(labels::done(stats));
                Ok(Outcome::Succeeded(Said { ledger: Some(ledger), message, ..Said::default() }))
            }
            Err(failure) => {
                let fault = failure.fault();
                let minutes = 1 << (work.partition.attempt.saturating_sub(1)).min(2);
                Err(match fault.again {
                    model::fault::Again::Again if !matches!(failure, Failure::Stopped(_)) => {
                        fault.after(Duration::from_mins(minutes))
                    }
                    _ => fault,
                })
            }
        }
    }

    /// All configs that are enabled, each by a run of its own; it waits without holding anybody up.
    pub(super) async fn sync_all(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let mut batch = match &work.partition.checkpoint {
            Some(kept) => serde_json::from_value(kept.clone()).unwrap_or_default(),
            None => self.enabled(ctx.now()).await?,
        };
        let asked = self.store.read().file_runs_of_batch(work.run.id).await;
        let asked = asked.map_err(|error| store_fault("reading the runs of a batch", &error))?;
        let known = |id: i64| asked.iter().any(|run| run.params.config == Some(id));
        for id in batch.configs.clone() {
            if known(id) || batch.refused.iter().any(|(refused, _)| *refused == id) {
                continue;
            }
            match ctx.request(child(id, work)).await {
                Ok(_) => {}
                Err(RequestError::Store(error)) => {
                    return Err(store_fault("asking for a run of files", &error));
                }
                Err(refused) => batch.refused.push((id, refused.to_string())),
            }
        }
        ctx.checkpoint(serde_json::to_value(&batch).unwrap_or_default()).await?;
        let runs = self.store.read().file_runs_of_batch(work.run.id).await;
        let runs = runs.map_err(|error| store_fault("reading the runs of a batch", &error))?;
        let ended = runs.iter().filter(|run| run.run.state.is_end()).count() + batch.refused.len();
        match ended >= batch.configs.len() {
            true => Ok(Outcome::Succeeded(Said::default())),
            false => Ok(later(ctx, &labels::batch_waits(ended, batch.configs.len()))),
        }
    }

    /// Configs that may be run, the most urgent first.
    async fn enabled(&self, now: Timestamp) -> Result<Batch, Fault> {
        let all = self.store.read().all_file_configs().await;
        let mut all = all.map_err(|error| store_fault("listing configs of files", &error))?;
        all.retain(|row| row.config.enabled && !row.config.expired(now));
        all.sort_by_key(|row| (-row.config.priority, row.id));
        Ok(Batch { configs: all.into_iter().map(|row| row.id).collect(), refused: Vec::new() })
    }
}

/// Where a run keeps what it replaces and deletes, when its config says so.
fn backup(
    config: &FileConfig,
    (work, now): (&Work, Timestamp),
    secrets: &[(String, String)],
) -> Result<Option<Backup>, Trouble> {
    let Some(folder) = config.backup_dir.as_deref() else { return Ok(None) };
    let (above, target, kept) = tree::from_above(&config.target.path, folder);
    let storage = service::open(&FileSide { path: above, ..config.target.clone() }, secrets, now)?;
    let begun = work.run.started_at.unwrap_or(work.run.created_at);
    let zone = zone(&config.timezone).unwrap_or(TimeZone::UTC);
    let name = format!("{}-{}", zone.to_datetime(begun).strftime("%Y%m%dT%H%M%S"), work.run.id.0);
    let (target, kept) = (place(&target)?, place(&kept)?);
    let inside = target.is_root().then(|| kept.clone());
    let kept = kept.descend(&place(&name)?);
    Ok(Some(Backup { storage, target, kept, inside }))
}

/// The storage both trees lie in, when both are reached by the same means. Whether it copies is its own to say.
fn shared(
    config: &FileConfig,
    secrets: &[(String, String)],
    now: Timestamp,
) -> Result<Option<Shared>, Trouble> {
    let (source, target) = (&config.source, &config.target);
    if (&source.service, &source.options) != (&target.service, &target.options) {
        return Ok(None);
    }
    let (above, source, target) = tree::from_above(&source.path, &target.path);
    let storage = service::open(&FileSide { path: above, ..config.target.clone() }, secrets, now)?;
    Ok(Some(Shared { storage, source: place(&source)?, target: place(&target)? }))
}

fn place(path: &str) -> Result<Place, Trouble> {
    Place::parse(path).map_err(|bad| Trouble::new(Wrong::Name, format!("opening {path}"), bad.to_string()))
}

/// A config's run on behalf of a batch.
fn child(config: i64, work: &Work) -> RunRequest {
    let params = Params { asked: FileAsked::default(), batch: Some(work.run.id) };
    RunRequest {
        sync: Wanted::Sync(config).sync(),
        trigger: Trigger::Manual,
        label: labels::BATCH.to_owned(),
        params: params.sent(),
        priority: 0,
        reference: None,
        idempotency_key: Some(format!("batch-{}", work.run.id.0)),
        tick: None,
        requested_by: work.run.requested_by.clone(),
    }
}

/// Whether a scheduled run waited too long for its first try.
fn too_late(work: &Work, now: Timestamp) -> bool {
    let begun = work.partition.attempt > 1 || work.partition.checkpoint.is_some();
    !begun && work.run.nominal_at.is_some_and(|slot| now.duration_since(slot) > LATE)
}

fn later(ctx: &Context, why: &str) -> Outcome {
    Outcome::PauseRun(ctx.now() + AGAIN, why.to_owned())
}

fn stopped() -> Fault {
    Fault::again("stopped", "the work must stop")
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What the trees' work asks and tells, by the engine.
struct Eyes<'a> {
    files: &'a Files,
    ctx: &'a Context,
    config: i64,
    right: Right,
    /// What earlier tries did.
    before: FileStats,
    rng: Mutex<fastrand::Rng>,
    told: Mutex<(Timestamp, ItemCounts)>,
}

impl<'a> Eyes<'a> {
    fn new(files: &'a Files, ctx: &'a Context, begun: (i64, FileStats), work: &Work) -> Self {
        let ((config, before), right) = (begun, Right::from(&work.partition));
        let seed = work.partition.id.0.unsigned_abs() << 16 ^ work.partition.fence.0.unsigned_abs();
        let told = Mutex::new((ctx.now(), ItemCounts::default()));
        Self { files, ctx, config, right, before, rng: Mutex::new(fastrand::Rng::with_seed(seed)), told }
    }

    /// Counts what is new since it was last told.
    fn count(&self, stats: &FileStats, progress: &FileProgress) {
        let now = ItemCounts {
            new: whole(stats.added_success),
            updated: whole(stats.updated_success),
            unchanged: whole(stats.unchanged),
            deleted: whole(stats.deleted_success),
            failed: whole(stats.failed()),
            skipped: whole(stats.skipped),
        };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let was = std::mem::replace(&mut *told, (self.ctx.now(), now)).1;
        self.ctx.count(ItemCounts {
            new: now.new - was.new,
            updated: now.updated - was.updated,
            unchanged: now.unchanged - was.unchanged,
            deleted: now.deleted - was.deleted,
            failed: now.failed - was.failed,
            skipped: now.skipped - was.skipped,
        });
        let total = progress.listing_done.then(|| whole(progress.files_total));
        self.ctx.progress(UnitProgress { done: whole(progress.files_done), failed: now.failed, total });
    }
}

#[async_trait]
impl Watch for Eyes<'_> {
    fn go_on(&self) -> Result<(), Fault> {
        self.ctx.go_on()
    }

    async fn stopped(&self) -> Fault {
        let _ = self.ctx.stop_asked().await;
        self.ctx.go_on().err().unwrap_or_else(stopped)
    }

    async fn wait(&self, pause: Duration) -> Result<(), Fault> {
        self.ctx.wait_until(self.ctx.now() + pause).await
    }

    fn chance(&self) -> f64 {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    fn curious(&self) -> bool {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).0;
        self.ctx.now().duration_since(told) >= TELL
    }

    async fn curiosity(&self) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).0;
        // Who must stop hears it elsewhere.
        let _ = self.ctx.wait_until(told + TELL).await;
    }

    async fn remembered(&self, folder: &Place) -> Result<Vec<FileBaseline>, Fault> {
        let remembered = self.files.store.read().file_baseline(self.config, folder.as_str()).await;
        remembered.map_err(|error| store_fault("reading what is remembered of files", &error))
    }

    async fn told(&self, told: Told) -> Result<(), Fault> {
        self.count(&told.stats, &told.progress);
        let told = FileTold {
            right: self.right,
            phase: told.phase,
            stats: told.stats.after(&self.before),
            progress: told.progress,
            items: told.items.into_iter().map(tree::Item::kept).collect(),
            remembered: told.marks.remembered,
            forgotten: told.marks.forgotten,
        };
        let kept = self.files.store.tell_file_run(told, self.ctx.now()).await;
        match kept.map_err(|error| store_fault("telling of a run of files", &error))? {
            true => Ok(()),
            false => Err(stopped()),
        }
    }
}
