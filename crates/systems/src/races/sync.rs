//! Doing one partition: a dataset of an attempt, or one of the chores.

use std::sync::Arc;
use std::time::Duration;

use connect::http::{Counted, Means};
use engine::{Context, Outcome, Said, Work, store_fault};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use model::fault::Fault;
use model::ledger::{LedgerState, LedgerWrite};
use model::race::{NewRacePlan, RacePlanned};
use serde_json::Value;
use store::StoreError;

use super::datasets::{self, Dataset, Errand, Found};
use super::plan::{self, Left, Wanted};
use super::system::detail;
use super::tables::RaceRow;
use super::upstream::{Race, Source};
use super::{Races, calendar, labels, race_sync};
use crate::upstream::{Note, WorkTime};

/// A request waits so long for the budget that all share.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// A plan is kept so long after its last attempt.
const PLAN_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Hours after a race's end unless somebody says otherwise.
pub(super) const HOURS: [i64; 3] = [6, 12, 24];

/// Where the budget of requests is kept.
const BUDGET: &str = "races.budget";

impl Races {
    pub(super) async fn sync_partition(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        if let Some(wanted) = Wanted::of(&work.run) {
            return self.sync_dataset(work, &wanted, ctx).await;
        }
        match work.partition.key.as_str() {
            "monitor" => self.monitor(work, ctx).await,
            "cleanup" => self.cleanup(work, ctx).await,
            "batch" => self.batch(work, ctx).await,
            "calendar" => self.calendar(work, ctx).await,
            other => Err(Fault::never("unknown_partition", format!("nothing is known of `{other}`"))),
        }
    }

    async fn sync_dataset(&self, work: &Work, wanted: &Wanted, ctx: &Context) -> Result<Outcome, Fault> {
        let (race, now) = (wanted.race(), ctx.now());
        let dataset = Dataset::from_word(&work.partition.key)
            .ok_or_else(|| Fault::never("unknown_dataset", format!("no dataset `{}`", work.partition.key)))?;
        self.settle_former(race, work.run.id, now).await.map_err(reading)?;
        let begun = self.plans.begin_race_attempt(wanted.plan, wanted.attempt, work.run.id, now).await;
        if !begun.map_err(reading)? {
            return Ok(Outcome::Skipped(Said {
                message: Some(labels::DROPPED.to_owned()),
                ..Said::default()
            }));
        }
        if work.run.partitions_finished() == 0 {
            say(ctx, work, labels::attempt_begins(race, wanted.attempt));
        }
        say(ctx, work, labels::dataset_begins(dataset));
        let results = self.found(wanted, Dataset::RaceResults, work).await?.map(|found| found.outcome);
        let (purse, pause) = (self.purse(ctx), WorkTime(ctx.clone()));
        let means = Means::new(&purse, &pause, chance(work));
        let found = datasets::sync(&self.errand(work, &means), dataset, race, results).await?;
        say(ctx, work, labels::dataset_ended(dataset, &found));
        Ok(outcome(&found))
    }

    /// What this very run found of a dataset.
    async fn found(&self, wanted: &Wanted, dataset: Dataset, work: &Work) -> Result<Option<Found>, Fault> {
        let sync = race_sync(wanted.season, wanted.round);
        let row = self.plans.read().ledger_row(&sync, dataset.as_str()).await;
        let row = row.map_err(reading)?;
        let row = row.filter(|row| row.run_id == Some(work.run.id) && row.state.is_end());
        Ok(row.and_then(|row| serde_json::from_value(row.detail?).ok()))
    }

    /// Runs what nobody began in time.
    async fn monitor(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        say(ctx, work, labels::MONITOR_BEGINS);
        let mut left = Left::by(work.run.id);
        for due in self.plans.read().pending_race_attempts(ctx.now()).await.map_err(reading)? {
            let race = Race { season: due.season, round: due.round };
            if self.is_asked_for(race, due.plan, due.number).await? {
                continue;
            }
            say(ctx, work, labels::attempt_missed(race, due.number, due.scheduled_at));
            left.attempts.push((due.season, due.round, due.number));
        }
        say(ctx, work, labels::monitor_ended(left.attempts.len()));
        Ok(done(&left))
    }

    /// Whether a run of the attempt is queued or at work.
    async fn is_asked_for(&self, race: Race, plan: i64, number: i64) -> Result<bool, Fault> {
        let runs = self.runs_of(&race_sync(race.season, race.round)).await.map_err(reading)?;
        let is_it = |wanted: Wanted| wanted.plan == plan && wanted.attempt == number;
        Ok(runs.iter().any(|run| !run.state.is_end() && Wanted::of(run).is_some_and(is_it)))
    }

    /// Puts old plans away.
    async fn cleanup(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        say(ctx, work, labels::CLEANUP_BEGINS);
        let (mut left, mut archived) = (Left::by(work.run.id), 0);
        for plan in self.plans_of(None).await.map_err(reading)? {
            let now = ctx.now();
            let overdue = plan::overdue(&plan, now);
            left.attempts.extend(overdue.iter().map(|attempt| (plan.season, plan.round, attempt.number)));
            if overdue.is_empty() {
                let put_away = self.plans.archive_race_plan(plan.id, now - PLAN_KEPT, now).await;
                archived += usize::from(put_away.map_err(reading)?);
            }
            ctx.go_on()?;
        }
        say(ctx, work, labels::cleanup_ended(archived));
        Ok(done(&left))
    }

    /// Plans the races of the coming days.
    async fn batch(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let of = |name: &str| work.run.params[name].as_i64().unwrap_or_default();
        let (season, days) = (of("season"), of("days_ahead"));
        say(ctx, work, labels::batch_begins(season, days));
        let mut races = RaceRow::of_season(&self.destination, season).await.map_err(Fault::from)?;
        if races.is_empty() {
            self.fetch_calendar(season, work, ctx).await?;
            races = RaceRow::of_season(&self.destination, season).await.map_err(Fault::from)?;
        }
        let races = coming(races, ctx.now(), days);
        let (mut left, count) = (Left::by(work.run.id), races.len());
        for race in races {
            let Some(new) = new_plan(&race) else { continue };
            if self.plans.read().race_plan(season, race.round).await.map_err(reading)?.is_some() {
                say(ctx, work, labels::batch_skips(&race.race_name));
                continue;
            }
            match self.plans.plan_race(new, ctx.now()).await.map_err(reading)? {
                RacePlanned::Made(plan) => {
                    let due: Vec<Timestamp> =
                        plan.attempts.iter().map(|attempt| attempt.scheduled_at).collect();
                    for line in labels::log_planned(&plan.race_name, plan.race_end_at, &due) {
                        say(ctx, work, line);
                    }
                    left.plans.push(plan.id);
                }
                RacePlanned::Known(_) => say(ctx, work, labels::batch_skips(&race.race_name)),
            }
        }
        for line in labels::batch_ended(count, left.plans.len()) {
            say(ctx, work, line);
        }
        Ok(done(&left))
    }

    /// Fetches the calendar of a season and has the plans follow it.
    async fn calendar(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let season = work.run.params["season"].as_i64().unwrap_or_default();
        let left = self.fetch_calendar(season, work, ctx).await?;
        Ok(done(&left))
    }

    async fn fetch_calendar(&self, season: i64, work: &Work, ctx: &Context) -> Result<Left, Fault> {
        say(ctx, work, labels::calendar_begins(season));
        let (purse, pause) = (self.purse(ctx), WorkTime(ctx.clone()));
        let means = Means::new(&purse, &pause, chance(work));
        let changed = calendar::sync(&self.errand(work, &means), season).await?;
        let left = self.follow_calendar(season, work, ctx).await?;
        say(ctx, work, labels::calendar_ended(&changed));
        Ok(left)
    }

    /// Lets every plan of the season follow the stored calendar: also what a former run stored and did not live to
    /// tell.
    async fn follow_calendar(&self, season: i64, work: &Work, ctx: &Context) -> Result<Left, Fault> {
        let mut left = Left::by(work.run.id);
        for race in RaceRow::of_season(&self.destination, season).await.map_err(Fault::from)? {
            let now = ctx.now();
            let changed = match (race.is_cancelled, race.race_end_estimate) {
                (true, _) => self.plans.withdraw_race(season, race.round, now).await,
                (false, Some(end)) => {
                    self.plans.move_race(season, race.round, &race.race_name, end, now).await
                }
                (false, None) => Ok(None),
            };
            left.plans.extend(changed.map_err(reading)?.map(|plan| plan.id));
        }
        Ok(left)
    }

    fn errand<'a>(&'a self, work: &Work, means: &'a Means<'a>) -> Errand<'a> {
        Errand {
            source: Source { client: &self.client, means },
            destination: &self.destination,
            partition: work.partition.id,
            fence: work.partition.fence,
        }
    }

    /// Grants requests out of the budget that all processes share.
    fn purse(&self, ctx: &Context) -> Counted {
        Counted {
            limits: self.settings.limits,
            patience: PATIENCE,
            keeper: Arc::new(Note { key: BUDGET, ctx: ctx.clone() }),
            pause: Arc::new(WorkTime(ctx.clone())),
        }
    }
}

/// A race's plan with the usual hours; nothing when nobody knows its end.
fn new_plan(race: &RaceRow) -> Option<NewRacePlan> {
    Some(NewRacePlan {
        season: race.season,
        round: race.round,
        race_name: race.race_name.clone(),
        race_end_at: race.race_end_estimate?,
        race_end_overridden: false,
        always_run: false,
        retry_hours: HOURS.to_vec(),
    })
}

/// Races of today and of so many days after it, by their UTC dates.
pub(super) fn coming(races: Vec<RaceRow>, now: Timestamp, days: i64) -> Vec<RaceRow> {
    let today = TimeZone::UTC.to_datetime(now).date();
    let last = today.checked_add(days.days()).unwrap_or(Date::MAX);
    let comes = |race: &RaceRow| {
        !race.is_cancelled && race.race_date.is_some_and(|date| (today..=last).contains(&date))
    };
    races.into_iter().filter(comes).collect()
}

/// Only the jitter of pauses hangs on it.
fn chance(work: &Work) -> fastrand::Rng {
    fastrand::Rng::with_seed(
        work.partition.id.0.unsigned_abs() ^ work.partition.fence.0.unsigned_abs().rotate_left(32),
    )
}

#[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
fn reading(error: StoreError) -> Fault {
    store_fault("reading or writing plans", &error)
}

/// A line of the run's log, and of the process's.
fn say(ctx: &Context, work: &Work, line: impl Into<String>) {
    let line = line.into();
    tracing::info!(target: labels::TARGET, run = work.run.id.0, "{line}");
    ctx.log(tracing::Level::INFO, line);
}

/// The outcome of a dataset: what is not there yet is as little there as what failed, and is not tried again by itself.
fn outcome(found: &Found) -> Outcome {
    let state = match found.outcome {
        datasets::Outcome::Ok => LedgerState::Succeeded,
        datasets::Outcome::NotApplicable => LedgerState::Skipped,
        datasets::Outcome::NoDataYet | datasets::Outcome::Failed => LedgerState::Failed,
    };
    let message = found.message.clone();
    let ledger = LedgerWrite {
        message: message.clone(),
        total: found.records,
        succeeded: found.records,
        detail: Some(detail(found)),
        ..LedgerWrite::new(state, "")
    };
    let said = Said { counts: found.written, ledger: Some(ledger), message: message.clone() };
    let message = message.unwrap_or_default();
    match found.outcome {
        datasets::Outcome::Ok => Outcome::Succeeded(said),
        datasets::Outcome::NotApplicable => Outcome::Skipped(said),
        datasets::Outcome::NoDataYet => Outcome::Failed(Fault::never("no_data_yet", message), said),
        datasets::Outcome::Failed => Outcome::Failed(Fault::never("dataset_failed", message), said),
    }
}

/// A chore that is done, with what it left to do.
fn done(left: &Left) -> Outcome {
    let left: Value = serde_json::to_value(left).expect("it is plain data");
    let ledger =
        LedgerWrite { message: None, detail: Some(left), ..LedgerWrite::new(LedgerState::Succeeded, "") };
    Outcome::Succeeded(Said { ledger: Some(ledger), ..Said::default() })
}
