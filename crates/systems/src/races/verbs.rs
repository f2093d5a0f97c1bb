//! What people ask of this system: plans of races, and runs now. The documented routes and the console ask here.

use std::collections::BTreeSet;
use std::time::Duration;

use connect::tables::TablesError;
use engine::{Engine, Refused, RequestError, Requested, StoreError};
use jiff::Timestamp;
use model::id::{RunId, SyncKey};
use model::race::{DueRaceAttempt, NewRacePlan, RacePlan, RacePlanState, RacePlanned};
use model::run::{Run, RunRequest, Trigger};
use model::state::RunState;
use serde_json::{Value, json};

use super::sync::coming;
use super::tables::{RaceRow, SeasonRow};
use super::upstream::Race;
use super::{Races, labels, plan, race_sync, sync_key};

/// How long a person is kept waiting for a season's calendar.
const CALENDAR_WAIT: Duration = Duration::from_secs(3);

/// So often an attempt is opened that something else cancels before its run is asked for.
const EXECUTE_TRIES: u32 = 5;

/// How a plan is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Hours after the race's end: ascending, no two alike, at least one.
    pub hours: Vec<i64>,
    /// A success does not end it.
    pub always_run: bool,
    /// The race's end, when it is not as the calendar has it.
    pub race_end: Option<Timestamp>,
}

/// What became of planning a race.
#[derive(Clone, Debug, PartialEq)]
pub enum Scheduled {
    /// It has a plan now.
    Made(RacePlan),
    /// It had one.
    Known(RacePlan),
    /// The calendar has no such race, or it was cancelled.
    NoRace,
    /// Nobody knows when the race of this name ends.
    NoEnd(String),
    /// The season's calendar is being fetched.
    CalendarOnItsWay,
    /// The season's calendar could not be fetched.
    CalendarAway,
}

/// What became of running an attempt now.
#[derive(Clone, Debug)]
pub enum Executed {
    /// Its run: a new one, or the one that was under way.
    Run(Box<Run>, Box<RacePlan>),
    /// The race has no plan.
    NoPlan,
    /// The plan has no such attempt.
    NoAttempt,
}

/// A batch that was started.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Its run.
    pub run: Run,
    /// Round and name of each race it will plan, as far as the stored calendar tells.
    pub races: Vec<(i64, String)>,
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum VerbError {
    /// The state could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The destination could not be read.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// The engine refused.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// It took too long.
    #[error("no answer in {0:?}")]
    Late(Duration),
}

impl VerbError {
    /// What a person is told: nothing of what is inside.
    #[must_use]
    pub fn why(&self) -> &'static str {
        let away = match self {
            Self::Store(error) | Self::Request(RequestError::Store(error)) => {
                matches!(error, StoreError::Unavailable { .. })
            }
            Self::Tables(error) => matches!(error, TablesError::Lost { .. } | TablesError::Busy { .. }),
            Self::Request(error) => matches!(error, RequestError::Refused(Refused::Unavailable(_))),
            Self::Late(_) => true,
        };
        if away { labels::DATABASE_AWAY } else { labels::INTERNAL }
    }
}

impl Races {
    /// Gives a race its plan. A race that has an active one keeps that, as it is. Where the season has no calendar
    /// yet, one is fetched, under the engine's key, and waited for a little.
    ///
    /// # Errors
    /// The state or the destination failed.
    pub async fn schedule(&self, engine: &Engine, race: Race, terms: Terms) -> Result<Scheduled, VerbError> {
        let row = match self.listed(race).await? {
            Listed::Race(row) => row,
            Listed::NoRace => return Ok(Scheduled::NoRace),
            Listed::NoCalendar => match self.calendar_in_time(engine, race.season).await? {
                Some(RunState::Succeeded) => match self.listed(race).await? {
                    Listed::Race(row) => row,
                    Listed::NoRace | Listed::NoCalendar => return Ok(Scheduled::NoRace),
                },
                Some(_) => return Ok(Scheduled::CalendarAway),
                None => return Ok(Scheduled::CalendarOnItsWay),
            },
        };
        // A race with a plan answers with it, whatever is known of its end.
        if let Some(plan) = self.plan_of(race).await?.filter(|plan| plan.state == RacePlanState::Active) {
            return Ok(Scheduled::Known(plan));
        }
        let Some(race_end_at) = terms.race_end.or(row.race_end_estimate) else {
            return Ok(Scheduled::NoEnd(row.race_name));
        };
        let new = NewRacePlan {
            season: race.season,
            round: race.round,
            race_name: row.race_name,
            race_end_at,
            race_end_overridden: terms.race_end.is_some(),
            always_run: terms.always_run,
            retry_hours: terms.hours,
        };
        match self.plans.plan_race(new, engine.now()).await? {
            RacePlanned::Made(plan) => {
                // Made once, armed once; each of several attempts that are due is a wish of its own, so without a key.
                self.arm(&engine.once(None), &plan).await?;
                Ok(Scheduled::Made(plan))
            }
            RacePlanned::Known(plan) => Ok(Scheduled::Known(plan)),
        }
    }

    /// Has the attempts of a new plan run at their times; those that are due already now.
    async fn arm(&self, engine: &Engine, plan: &RacePlan) -> Result<(), VerbError> {
        let due: Vec<Timestamp> = plan.attempts.iter().map(|attempt| attempt.scheduled_at).collect();
        for line in labels::log_planned(&plan.race_name, plan.race_end_at, &due) {
            tracing::info!(target: labels::TARGET, "{line}");
        }
        let now = engine.now();
        engine.put_schedule(&plan::schedule(plan), now).await?;
        for attempt in plan::overdue(plan, now) {
            let params = json!({ "attempt": attempt.number });
            ask(engine, race_sync(plan.season, plan.round), "overdue", params).await?;
        }
        Ok(())
    }

    /// The race's plan, active or cancelled.
    ///
    /// # Errors
    /// The state failed.
    pub async fn plan_of(&self, race: Race) -> Result<Option<RacePlan>, VerbError> {
        Ok(self.plans.read().race_plan(race.season, race.round).await?)
    }

    /// Takes the race's plan back, with what is queued or at work for it. Again changes nothing. `None`: it has none.
    ///
    /// # Errors
    /// The state failed.
    pub async fn cancel(&self, engine: &Engine, race: Race) -> Result<Option<RacePlan>, VerbError> {
        let now = engine.now();
        let Some(plan) = self.plans.cancel_race_plan(race.season, race.round, now).await? else {
            return Ok(None);
        };
        engine.put_schedule(&plan::schedule(&plan), now).await?;
        for run in self.runs_of(&race_sync(race.season, race.round)).await? {
            if !run.state.is_end() {
                engine.cancel(run.id, now).await?;
            }
        }
        tracing::info!(target: labels::TARGET, "{}", labels::log_plan_cancelled(race));
        Ok(Some(plan))
    }

    /// Runs an attempt now, whenever it is due and however it stands. One that was cancelled is pending again. Its run
    /// that is queued or at work is the one meant, whoever asked for that.
    ///
    /// # Errors
    /// The state failed.
    pub async fn execute(&self, engine: &Engine, race: Race, number: i64) -> Result<Executed, VerbError> {
        let mut tries = EXECUTE_TRIES;
        loop {
            tries -= 1;
            match self.try_execute(engine, race, number).await {
                // Another attempt succeeded, or the plan was taken back, since this one was opened.
                Err(VerbError::Request(RequestError::Refused(Refused::NothingToDo(_)))) if tries > 0 => {}
                done => return done,
            }
        }
    }

    async fn try_execute(&self, engine: &Engine, race: Race, number: i64) -> Result<Executed, VerbError> {
        let Some(plan) = self.plan_of(race).await? else { return Ok(Executed::NoPlan) };
        if plan.attempts.iter().all(|attempt| attempt.number != number) {
            return Ok(Executed::NoAttempt);
        }
        let sync = race_sync(race.season, race.round);
        if let Some(run) = engine.known(&sync).await? {
            return Ok(Executed::Run(Box::new(run), Box::new(plan)));
        }
        // A cancelled run that is not written into its attempt yet would cancel what is opened here.
        let newest = RunId(i64::MAX);
        self.settle_former(race, newest, engine.now()).await?;
        let opened = self.plans.reopen_race_attempt(plan.id, number, engine.now()).await?;
        // Put away, or replaced, since it was looked at.
        let Some(plan) = opened else { return Ok(Executed::NoPlan) };
        let is_meant =
            |run: &Run| (&run.params["plan"], &run.params["attempt"]) == (&json!(plan.id), &json!(number));
        let run = match self.under_way(&sync, is_meant).await? {
            Some(run) => run,
            None => ask(engine, sync, "execute", json!({ "attempt": number })).await?,
        };
        Ok(Executed::Run(Box::new(run), Box::new(plan)))
    }

    /// Attempts whose time has come and that did not begin; those first that were due first.
    ///
    /// # Errors
    /// The state failed.
    pub async fn pending(&self, now: Timestamp) -> Result<Vec<DueRaceAttempt>, VerbError> {
        Ok(self.plans.read().pending_race_attempts(now).await?)
    }

    /// Starts a run that begins what is overdue.
    ///
    /// # Errors
    /// The state failed.
    pub async fn start_monitor(&self, engine: &Engine) -> Result<Run, VerbError> {
        ask(engine, sync_key("monitor"), "monitor", json!({})).await
    }

    /// Starts a run that archives old plans.
    ///
    /// # Errors
    /// The state failed.
    pub async fn start_cleanup(&self, engine: &Engine) -> Result<Run, VerbError> {
        ask(engine, sync_key("cleanup"), "cleanup", json!({})).await
    }

    /// Starts a run that fetches a season's calendar; the one there is while that is under way.
    ///
    /// # Errors
    /// The state failed.
    pub async fn start_calendar(&self, engine: &Engine, season: i64) -> Result<Run, VerbError> {
        let sync = sync_key("calendar");
        let is_meant = |run: &Run| run.params["season"].as_i64() == Some(season);
        match self.under_way(&sync, is_meant).await? {
            Some(run) => Ok(run),
            None => ask(engine, sync, "calendar", json!({ "season": season })).await,
        }
    }

    /// The run of a sync that is queued or at work for what is meant.
    async fn under_way(
        &self,
        sync: &SyncKey,
        is_meant: impl Fn(&Run) -> bool,
    ) -> Result<Option<Run>, VerbError> {
        Ok(self.runs_of(sync).await?.into_iter().find(|run| !run.state.is_end() && is_meant(run)))
    }

    /// Starts a run that plans the races of the coming days.
    ///
    /// # Errors
    /// The state or the destination failed.
    pub async fn start_batch(&self, engine: &Engine, season: i64, days: i64) -> Result<Batch, VerbError> {
        let races = self.unplanned(season, days, engine.now()).await?;
        let params = json!({ "season": season, "days_ahead": days });
        let run = ask(engine, sync_key("batch"), "batch", params).await?;
        Ok(Batch { run, races: races.into_iter().map(|race| (race.round, race.race_name)).collect() })
    }

    /// Races of the stored calendar from today to so many days ahead that have no plan, as a batch plans them.
    async fn unplanned(&self, season: i64, days: i64, now: Timestamp) -> Result<Vec<RaceRow>, VerbError> {
        let planned: BTreeSet<i64> =
            self.plans_of(Some(season)).await?.iter().map(|plan| plan.round).collect();
        let mut races = coming(RaceRow::of_season(&self.destination, season).await?, now, days);
        races.retain(|race| race.race_end_estimate.is_some() && !planned.contains(&race.round));
        Ok(races)
    }

    /// What the stored calendar says of a race.
    async fn listed(&self, race: Race) -> Result<Listed, VerbError> {
        Ok(match RaceRow::of(&self.destination, race.season, race.round).await? {
            Some(row) if !row.is_cancelled => Listed::Race(Box::new(row)),
            Some(_) => Listed::NoRace,
            None => match SeasonRow::of(&self.destination, race.season).await? {
                Some(_) => Listed::NoRace,
                None => Listed::NoCalendar,
            },
        })
    }

    /// How the run ended that fetches a season's calendar; `None`: it is still at work.
    async fn calendar_in_time(&self, engine: &Engine, season: i64) -> Result<Option<RunState>, VerbError> {
        let run = self.start_calendar(engine, season).await?;
        let ended = async {
            let mut events = engine.rings().events;
            loop {
                events.borrow_and_update();
                match engine.read().run(run.id).await? {
                    Some(run) if !run.state.is_end() => {}
                    Some(run) => return Ok(run.state),
                    None => return Ok(RunState::Cancelled),
                }
                if events.changed().await.is_err() {
                    return Ok(RunState::Cancelled);
                }
            }
        };
        match tokio::time::timeout(CALENDAR_WAIT, ended).await {
            Ok(ended) => ended.map(Some),
            Err(_) => Ok(None),
        }
    }
}

/// What the stored calendar says of a race.
enum Listed {
    Race(Box<RaceRow>),
    NoRace,
    NoCalendar,
}

/// Asks for a run; the one there is when that is the same, or in the way.
async fn ask(engine: &Engine, sync: SyncKey, label: &str, params: Value) -> Result<Run, VerbError> {
    let request = RunRequest {
        sync,
        trigger: Trigger::Manual,
        label: label.to_owned(),
        params,
        priority: 0,
        reference: None,
        idempotency_key: None,
        tick: None,
        requested_by: None,
    };
    let requested = engine.request(request, engine.now()).await?;
    let (Requested::Started(run) | Requested::Buffered(run) | Requested::Known(run) | Requested::Busy(run)) =
        requested;
    Ok(run)
}
