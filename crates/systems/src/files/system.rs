//! This system as the engine sees it.

use std::time::Duration;

use async_trait::async_trait;
use engine::{
    Context, Ended, FollowUp, Keeper, Outcome, Refused, Stop, StoreError, Syncs, System, Work, store_fault,
};
use jiff::Timestamp;
use model::fault::Fault;
use model::file::FileConfig;
use model::file::run::{FileRunKind, FileRunParams};
use model::id::SyncKey;
use model::ledger::{LedgerState, LedgerWrite};
use model::policy::{Overlap, Retry, SyncPolicy};
use model::run::{Plan, Run, RunRequest};
use model::schedule::ScheduleSpec;
use model::state::RunState;
use serde_json::Value;

use super::plan::{self, Params, Wanted};
use super::{Files, labels};

#[async_trait]
impl System for Files {
    fn name(&self) -> &'static str {
        model::file::SYSTEM
    }

    fn syncs(&self) -> Vec<Syncs> {
        vec![Syncs { key: Wanted::Batch.sync(), policy: policy(Wanted::Batch) }]
    }

    fn policy(&self, sync: &SyncKey) -> Option<SyncPolicy> {
        Wanted::of(sync).map(policy)
    }

    /// Schedules follow the configs, and are changed with them.
    fn schedules(&self) -> Vec<ScheduleSpec> {
        Vec::new()
    }

    fn keeper(&self, schedule: &ScheduleSpec) -> Option<Keeper> {
        let config = model::file::config_of(&schedule.sync)?;
        let own = schedule.name == format!("{}{config}", model::file::SCHEDULE_PREFIX);
        own.then(|| Keeper { english: format!("file sync config {config}"), chinese: labels::keeper(config) })
    }

    async fn plan(&self, request: &RunRequest, now: Timestamp) -> Result<Plan, Refused> {
        let Some(wanted) = Wanted::of(&request.sync) else {
            return Err(bad("unknown_sync", format!("nothing is known of `{}`", request.sync)));
        };
        let params = Params::parse(&request.params).map_err(|error| bad("parameters", error.to_string()))?;
        let config = match wanted.config() {
            Some(config) => self.may_run(wanted, config, request, now).await?,
            None => None,
        };
        Ok(plan::plan(wanted, config.as_ref(), self.task_id(), params))
    }

    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let params = kept(&work.run)?;
        match params.kind {
            FileRunKind::Batch => self.sync_all(&params, work, ctx).await,
            FileRunKind::Sync => self.sync_one(&params, work, ctx).await,
        }
    }

    fn stopped(&self, _work: &Work, _stop: Stop) -> Option<LedgerWrite> {
        None
    }

    fn failed(&self, _work: &Work, fault: &Fault) -> Option<LedgerWrite> {
        Some(LedgerWrite {
            fault_code: Some(fault.code.clone()),
            fault_message: Some(fault.message.clone()),
            ..LedgerWrite::new(LedgerState::Failed, fault.message.clone())
        })
    }

    /// Who ends a batch ends the runs it asked for.
    async fn follow_up(&self, ended: &Ended, _now: Timestamp) -> Result<Vec<FollowUp>, Fault> {
        let Ended::Run(run) = ended else { return Ok(Vec::new()) };
        if run.state != RunState::Cancelled || Wanted::of(&run.sync) != Some(Wanted::Batch) {
            return Ok(Vec::new());
        }
        let children = self.store.read().file_runs_of_batch(run.id).await;
        let children = children.map_err(|error| store_fault("reading the runs of a batch", &error))?;
        let at_work = children.into_iter().filter(|child| !child.run.state.is_end());
        Ok(at_work.map(|child| FollowUp::Cancel(child.run.id)).collect())
    }

    fn run_started(&self, run: &Run) {
        if let Ok(params) = kept(run) {
            tracing::info!(target: labels::TARGET, "{}", labels::log_task(&params.task_id, labels::BEGAN));
        }
    }

    async fn run_left(&self, run: &Run) {
        let how = match run.state {
            RunState::Succeeded => labels::SUCCEEDED,
            RunState::Failed | RunState::Partial => labels::FAILED,
            _ => return,
        };
        if let Ok(params) = kept(run) {
            tracing::info!(target: labels::TARGET, "{}", labels::log_task(&params.task_id, how));
        }
    }
}

impl Files {
    /// The config, when a run of it may be asked for.
    async fn may_run(
        &self,
        wanted: Wanted,
        config: i64,
        request: &RunRequest,
        now: Timestamp,
    ) -> Result<Option<FileConfig>, Refused> {
        let read = self.store.read();
        let row = read.file_config(config).await.map_err(|error| unavailable(&error))?;
        let row = row.ok_or_else(|| bad("unknown_config", labels::unknown(&config.to_string())))?;
        if let Wanted::Sync(_) = wanted {
            let scheduled = request.tick.is_some();
            if row.config.expired(now) {
                return Err(match scheduled {
                    true => Refused::NothingToDo(labels::EXPIRED.to_owned()),
                    false => bad("expired", labels::expired(config)),
                });
            }
            if !row.config.enabled {
                return Err(bad("disabled", labels::disabled(config)));
            }
            if scheduled && self.at_work(config).await.map_err(|error| unavailable(&error))? {
                return Err(Refused::NothingToDo(labels::STILL_RUNNING.to_owned()));
            }
        }
        Ok(Some(row.config))
    }

    /// Whether a run of the config has not ended.
    async fn at_work(&self, config: i64) -> Result<bool, StoreError> {
        let active = RunState::ALL.iter().copied().filter(|state| !state.is_end()).collect::<Vec<_>>();
        let page = store::Page { limit: 1, offset: 0 };
        let runs = self.store.read().file_runs(config, &active, page).await?;
        Ok(runs.rows.iter().any(|run| !run.params.asked.dry_run))
    }
}

/// A failed run is tried again after one, two and four minutes; what is only looked at is not.
pub(super) fn policy(of: Wanted) -> SyncPolicy {
    let minute = Duration::from_mins(1);
    let (overlap, retry) = match of {
        Wanted::Sync(_) => (Overlap::BufferAll, Retry { tries: 4, base: minute, factor: 2, cap: 4 * minute }),
        Wanted::DryRun(_) | Wanted::Batch => (Overlap::Allow, Retry::ONCE),
    };
    SyncPolicy {
        overlap,
        max_parallel: Some(1),
        retry,
        source_fault_limit: None,
        pause_keeps_lease: false,
        deaths_max: None,
    }
}

/// What the run's request left.
pub(super) fn kept(run: &Run) -> Result<FileRunParams, Fault> {
    serde_json::from_value(run.params.clone())
        .map_err(|_| Fault::never("internal", "the run's parameters cannot be read").ends_run())
}

fn bad(code: &'static str, message: String) -> Refused {
    Refused::Bad { code, message, detail: Value::Null }
}

fn unavailable(error: &StoreError) -> Refused {
    Refused::Unavailable(error.to_string())
}
