//! Doing a run: one tree made like another, or all configs asked for one.

use std::sync::Arc;
use std::time::Duration;

use connect::storage::{Paced, Place, Trouble, Wrong};
use engine::{Context, Outcome, RequestError, Said, Work, store_fault};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use model::fault::Fault;
use model::file::run::{FileAsked, FileRunParams};
use model::file::{FileConfig, FileMode, FileSide, FileStats};
use model::ledger::{LedgerState, LedgerWrite};
use model::run::{RunRequest, Trigger};
use model::schedule::zone;
use model::state::RunState;
use serde::{Deserialize, Serialize};
use store::{FileClaim, FileClaimed, FileEnd, Right};

use super::eyes::Eyes;
use super::filter::Filter;
use super::journal::Journal;
use super::plan::{Params, Wanted};
use super::rename::Rename;
use super::system::policy;
use super::tree::{self, Backup, Bound, Failure, Shared, Trees};
use super::{Files, TEMPORARY, form, labels, service};

/// A run that has not begun so long after its slot does not begin.
const LATE: SignedDuration = SignedDuration::from_secs(3600);

/// How long to wait before asking again for what somebody else has.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// What a batch keeps between its steps.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Batch {
    /// Its configs, in the order they were asked for.
    pub(super) configs: Vec<i64>,
    /// Those that could not be, and why.
    pub(super) refused: Vec<(i64, String)>,
}

impl Files {
    /// One config's trees; how that went is told in the run's log.
    pub(super) async fn sync_one(
        &self,
        params: &FileRunParams,
        work: &Work,
        ctx: &Context,
    ) -> Result<Outcome, Fault> {
        let journal = Journal::new(ctx, params, work.partition.attempt);
        let done = self.sync_trees(params, work, (ctx, &journal)).await;
        let wanted = Wanted::of(&work.run.sync).unwrap_or(Wanted::Batch);
        journal.ended(&done, &policy(wanted).retry);
        done
    }

    async fn sync_trees(
        &self,
        params: &FileRunParams,
        work: &Work,
        (ctx, journal): (&Context, &Journal<'_>),
    ) -> Result<Outcome, Fault> {
        if too_late(work, ctx.now()) {
            return Err(Fault::never("expired", labels::TOO_LATE).ends_run());
        }
        let Ok(_place) = self.places.try_acquire() else { return Ok(later(ctx, labels::NO_PLACE)) };
        let id = params.config.unwrap_or_default();
        let row = self.store.read().file_config(id).await;
        let row = row.map_err(|error| store_fault("reading a config of files", &error))?;
        let row = row.ok_or_else(|| Fault::never("config", labels::GONE).ends_run())?;
        let kept = self.store.read().file_config_of_run(work.run.id).await;
        let kept = kept.map_err(|error| store_fault("reading the config of a run of files", &error))?;
        let config = kept.unwrap_or(row.config);
        let right = Right::from(&work.partition);
        if !params.asked.dry_run
            && let Some(wait) = self.claim(&config, right, ctx).await?
        {
            return Ok(wait);
        }
        let begun = self.store.begin_file_run(right, &config, ctx.now()).await;
        let begun =
            begun.map_err(|error| store_fault("beginning a run of files", &error))?.ok_or_else(stopped)?;
        let from = ctx.now();
        journal.began();
        let trees = self.trees(id, begun.config, params.asked, (work, ctx.now())).await?;
        let eyes = Eyes::new((self, journal), ctx, (id, begun.stats), work);
        let (stats, done) = tree::sync(&trees, &eyes).await;
        let words = match params.asked.dry_run {
            true => labels::planned(&stats, eyes.files_total().saturating_sub(stats.to_add_total)),
            false => labels::done(&stats),
        };
        let seconds = ctx.now().duration_since(from).as_secs_f64();
        let line = match &done {
            Err(Failure::Stopped(_)) => labels::log_stopped(id, seconds, &stats),
            _ if params.asked.dry_run => labels::log_planned(id, seconds, &words),
            _ => labels::log_done(id, seconds, &stats),
        };
        journal.counted(&line, &stats);
        outcome(work, &stats, words, done)
    }

    /// The right to write below the target's path, and to keep in its backup folder what is replaced; `Some` while
    /// another run is in the way.
    async fn claim(
        &self,
        config: &FileConfig,
        right: Right,
        ctx: &Context,
    ) -> Result<Option<Outcome>, Fault> {
        let target = &config.target;
        let (location, path) = service::location(target);
        let kept = config.backup_dir.clone();
        let kept = kept.map(|path| service::location(&FileSide { path, ..target.clone() }).1);
        let claim = FileClaim { right, location, path, kept };
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
        Ok(Trees {
            source,
            target,
            config,
            filter,
            rename,
            asked,
            temporary,
            backup,
            shared,
            bound: Bound::default(),
        })
    }

    async fn secrets(&self, id: i64, end: FileEnd) -> Result<Vec<(String, String)>, Fault> {
        let secrets = self.store.file_secrets(id, end).await;
        secrets.map_err(|error| store_fault("reading secrets", &error))
    }

    /// All configs that are enabled, each by a run of its own; it waits without holding anybody up.
    pub(super) async fn sync_all(
        &self,
        params: &FileRunParams,
        work: &Work,
        ctx: &Context,
    ) -> Result<Outcome, Fault> {
        let journal = Journal::new(ctx, params, work.partition.attempt);
        let mut batch = match &work.partition.checkpoint {
            Some(kept) => serde_json::from_value(kept.clone()).unwrap_or_default(),
            None => {
                journal.began();
                self.enabled(ctx.now()).await?
            }
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
                Err(refused) => {
                    ctx.log(tracing::Level::WARN, labels::refused(id, &refused.to_string()));
                    batch.refused.push((id, refused.to_string()));
                }
            }
        }
        ctx.checkpoint(serde_json::to_value(&batch).unwrap_or_default()).await?;
        let runs = self.store.read().file_runs_of_batch(work.run.id).await;
        let runs = runs.map_err(|error| store_fault("reading the runs of a batch", &error))?;
        let ended = runs.iter().filter(|run| run.run.state.is_end()).count() + batch.refused.len();
        let all = batch.configs.len();
        if ended < all {
            return Ok(later(ctx, &labels::batch_waits(ended, all)));
        }
        let good = runs.iter().filter(|run| run.run.state == RunState::Succeeded).count();
        ctx.log(tracing::Level::INFO, labels::batch_done(good, all));
        let done = Ok(Outcome::Succeeded(Said::default()));
        journal.ended(&done, &policy(Wanted::Batch).retry);
        done
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

/// What a try means to the engine: another one follows after one, two, then four minutes.
fn outcome(
    work: &Work,
    stats: &FileStats,
    words: String,
    done: Result<(), Failure>,
) -> Result<Outcome, Fault> {
    let Err(failure) = done else {
        let ledger = LedgerWrite {
            total: whole(stats.source_list_num),
            succeeded: whole(stats.source_list_num),
            ..LedgerWrite::new(LedgerState::Succeeded, words.clone())
        };
        return Ok(Outcome::Succeeded(Said {
            ledger: Some(ledger),
            message: Some(words),
            ..Said::default()
        }));
    };
    let fault = failure.fault();
    let minutes = 1 << (work.partition.attempt.saturating_sub(1)).min(2);
    Err(match fault.again {
        model::fault::Again::Again if !matches!(failure, Failure::Stopped(_)) => {
            fault.after(Duration::from_mins(minutes))
        }
        _ => fault,
    })
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

pub(super) fn stopped() -> Fault {
    Fault::again("stopped", "the work must stop")
}

pub(super) fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
