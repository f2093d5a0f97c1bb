//! This system as the engine sees it.

use async_trait::async_trait;
use engine::{Context, Ended, FollowUp, Outcome, Refused, RunFilter, Stop, Syncs, System, Work, store_fault};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::fault::Fault;
use model::id::SyncKey;
use model::ledger::{LedgerState, LedgerWrite};
use model::limits;
use model::policy::{Missed, Overlap, Retry, SyncPolicy};
use model::race::{RaceAttemptStatus, RacePlan};
use model::run::{Plan, Run, RunRequest};
use model::schedule::{ScheduleSpec, When};
use serde::Deserialize;
use serde_json::{Value, json};
use store::StoreError;

use super::datasets::{self, Dataset, Found};
use super::plan::{self, Wanted};
use super::upstream::Race;
use super::{Races, sync_key};

/// What the system does besides attempts.
const CHORES: [&str; 4] = ["monitor", "cleanup", "batch", "calendar"];

/// Days a batch looks ahead unless it is told.
pub(super) const DAYS_AHEAD: i64 = 7;

/// What may be asked of a chore.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Chore {
    season: Option<i64>,
    days_ahead: Option<i64>,
}

#[async_trait]
impl System for Races {
    fn name(&self) -> &'static str {
        "races"
    }

    fn syncs(&self) -> Vec<Syncs> {
        CHORES.into_iter().map(|chore| Syncs { key: sync_key(chore), policy: one_after_another() }).collect()
    }

    fn policy(&self, sync: &SyncKey) -> Option<SyncPolicy> {
        let known = plan::race_of(sync).is_some() || CHORES.into_iter().any(|chore| sync_key(chore) == *sync);
        known.then(one_after_another)
    }

    fn schedules(&self) -> Vec<ScheduleSpec> {
        let spec = |chore: &str, title: &str, expression: &str| ScheduleSpec {
            name: format!("races-{chore}"),
            title: title.to_owned(),
            sync: sync_key(chore),
            label: chore.to_owned(),
            params: json!({}),
            when: When::Cron { expression: expression.to_owned() },
            time_zone: "UTC".to_owned(),
            missed: Missed::None,
            missed_window: std::time::Duration::ZERO,
            missed_max: 1,
        };
        vec![
            spec("monitor", "监控遗漏的赛后同步", "5 * * * *"),
            spec("cleanup", "清理过期的赛后同步计划", "0 3 * * *"),
            spec("batch", "批量安排赛后同步", "0 1 * * 0"),
            spec("calendar", "同步赛历", "0 2 * * *"),
        ]
    }

    async fn plan(&self, request: &RunRequest, now: Timestamp) -> Result<Plan, Refused> {
        match plan::race_of(&request.sync) {
            Some(race) => self.plan_attempt(race, request).await,
            None => self.plan_chore(request, now).await,
        }
    }

    fn idempotency_key(&self, _request: &RunRequest, plan: &Plan) -> Option<String> {
        Wanted::parse(&plan.params).map(|wanted| wanted.key()).or_else(|| {
            let key = plan.params.get("key")?.as_str()?;
            Some(key.to_owned())
        })
    }

    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        self.sync_partition(work, ctx).await
    }

    fn stopped(&self, _work: &Work, _stop: Stop) -> Option<LedgerWrite> {
        None
    }

    fn failed(&self, work: &Work, fault: &Fault) -> Option<LedgerWrite> {
        let write = LedgerWrite {
            fault_code: Some(fault.code.clone()),
            fault_message: Some(fault.message.clone()),
            ..LedgerWrite::new(LedgerState::Failed, fault.message.clone())
        };
        let found = Found::nothing(datasets::Outcome::Failed, fault.message.clone());
        let of_dataset = Dataset::from_word(&work.partition.key).is_some();
        Some(if of_dataset { LedgerWrite { detail: Some(detail(&found)), ..write } } else { write })
    }

    async fn follow_up(&self, ended: &Ended, now: Timestamp) -> Result<Vec<FollowUp>, Fault> {
        let Ended::Run(run) = ended else { return Ok(Vec::new()) };
        let wanted = self.after_run(run, now).await;
        let wanted = wanted.map_err(|error| store_fault("writing how a run left its attempt", &error))?;
        Ok(wanted.into_iter().map(FollowUp::Schedule).collect())
    }
}

/// Runs of one sync wait for one another; a partition is tried once, since the next attempt is its retry.
fn one_after_another() -> SyncPolicy {
    SyncPolicy {
        overlap: Overlap::BufferAll,
        max_parallel: Some(1),
        retry: Retry::ONCE,
        source_fault_limit: None,
        pause_keeps_lease: false,
        deaths_max: None,
    }
}

/// What the ledger keeps of a dataset.
pub(super) fn detail(found: &Found) -> Value {
    serde_json::to_value(found).expect("what was found is plain data")
}

fn unavailable(error: &StoreError) -> Refused {
    Refused::Unavailable(error.to_string())
}

fn bad(code: &'static str, message: String) -> Refused {
    Refused::Bad { code, message, detail: Value::Null }
}

impl Races {
    /// The attempt that was asked for by its number, or that is due at the schedule's time.
    async fn plan_attempt(&self, race: Race, request: &RunRequest) -> Result<Plan, Refused> {
        let Race { season, round } = race;
        let plan = self.plans.read().race_plan(season, round).await.map_err(|error| unavailable(&error))?;
        let nothing = |why: &str| Refused::NothingToDo(format!("{season} round {round}: {why}"));
        let plan = plan.ok_or_else(|| nothing("there is no plan"))?;
        let number = request.params.get("attempt").and_then(Value::as_i64);
        let is_meant = |number_of: i64, due: Timestamp| match (number, request.tick) {
            (Some(number), _) => number_of == number,
            (None, Some(tick)) => due == tick.nominal_at,
            (None, None) => false,
        };
        let attempt = plan.attempts.iter().find(|attempt| is_meant(attempt.number, attempt.scheduled_at));
        let attempt = attempt.ok_or_else(|| match request.tick {
            Some(_) => nothing("no attempt is due at that time"),
            None => bad("no_attempt", format!("{season} round {round}: no such attempt")),
        })?;
        match (attempt.status, request.tick) {
            (RaceAttemptStatus::Cancelled, _) => return Err(nothing("the attempt was cancelled")),
            (RaceAttemptStatus::Pending, _) | (_, None) => {}
            (_, Some(_)) => return Err(nothing("the attempt has run")),
        }
        let wanted = Wanted { season, round, attempt: attempt.number, plan: plan.id, after: 0 };
        let runs = self.runs_of(&request.sync).await.map_err(|error| unavailable(&error))?;
        let wanted = Wanted { after: plan::after(&wanted, &runs), ..wanted };
        let params = serde_json::to_value(&wanted).expect("it is plain data");
        Ok(Plan { partitions: plan::datasets(), params, priority: None })
    }

    async fn plan_chore(&self, request: &RunRequest, now: Timestamp) -> Result<Plan, Refused> {
        let chore = request.sync.as_str().strip_prefix("races.").unwrap_or_default();
        let asked: Chore = match &request.params {
            Value::Null => Chore::default(),
            params => serde_json::from_value(params.clone())
                .map_err(|error| bad("bad_params", format!("the parameters of races.{chore}: {error}")))?,
        };
        let at = request.tick.map_or(now, |tick| tick.nominal_at);
        let season = asked.season.unwrap_or_else(|| i64::from(TimeZone::UTC.to_datetime(at).year()));
        let params = match chore {
            "batch" => json!({ "season": season, "days_ahead": asked.days_ahead.unwrap_or(DAYS_AHEAD) }),
            "calendar" => json!({ "season": season, "key": self.calendar_key(&request.sync, season).await? }),
            _ => json!({}),
        };
        Ok(Plan { partitions: plan::whole(chore), params, priority: None })
    }

    /// Whoever wants the calendar of a season while it is fetched means that run.
    async fn calendar_key(&self, sync: &SyncKey, season: i64) -> Result<String, Refused> {
        let runs = self.runs_of(sync).await.map_err(|error| unavailable(&error))?;
        let same = || runs.iter().filter(|run| run.params["season"].as_i64() == Some(season));
        if let Some(key) = same().find(|run| !run.state.is_end()).and_then(|run| run.params["key"].as_str()) {
            return Ok(key.to_owned());
        }
        let newest = same().map(|run| run.id.0).max().unwrap_or(0);
        Ok(format!("season {season} after {newest}"))
    }

    /// The newest runs of a sync, newest first.
    pub(super) async fn runs_of(&self, sync: &SyncKey) -> Result<Vec<Run>, StoreError> {
        let filter = RunFilter { sync: Some(sync.clone()), limit: limits::PAGE_MAX, ..RunFilter::default() };
        self.plans.read().runs(&filter).await
    }

    /// The plans in force of a race's season.
    pub(super) async fn plans_of(&self, season: Option<i64>) -> Result<Vec<RacePlan>, StoreError> {
        self.plans.read().race_plans(season).await
    }
}
