//! What a run's end means: for its attempt, for the schedule of its plan, for attempts it found waiting.
//!
//! A run's end is followed up once in effect, also when the process died in between. An attempt follows its run here
//! and nowhere else; who begins a run of the same plan settles the former one first.

use jiff::Timestamp;
use model::id::RunId;
use model::limits;
use model::race::{RaceAttemptEnd, RaceAttemptStatus, RaceCancelReason, RacePlanState};
use model::run::Run;
use model::schedule::ScheduleSpec;
use model::state::RunState;
use serde_json::{Map, Value};
use store::{PartitionFilter, StoreError};

use super::datasets::{Dataset, Found, Outcome};
use super::plan::{self, Left, Wanted};
use super::system::detail;
use super::upstream::Race;
use super::{Races, labels, race_sync, sync_key};

impl Races {
    /// What is wanted after a run.
    pub(super) async fn after_run(&self, run: &Run, now: Timestamp) -> Result<Vec<ScheduleSpec>, StoreError> {
        if let Some(wanted) = Wanted::of(run) {
            self.settle(run, &wanted, now).await?;
            let plan = self.plans.read().race_plan_by_id(wanted.plan).await?;
            return Ok(plan.iter().map(plan::schedule).collect());
        }
        let mut specs = Vec::new();
        let left = self.left_by(run).await?;
        for id in left.plans {
            let Some(plan) = self.plans.read().race_plan_by_id(id).await? else { continue };
            let race = Race { season: plan.season, round: plan.round };
            let overdue = plan::overdue(&plan, now);
            specs.extend(overdue.into_iter().map(|attempt| plan::at_once(race, attempt.number, now)));
            specs.push(plan::schedule(&plan));
        }
        for (season, round, number) in left.attempts {
            specs.push(plan::at_once(Race { season, round }, number, now));
        }
        Ok(specs)
    }

    /// What a chore's run left to do.
    async fn left_by(&self, run: &Run) -> Result<Left, StoreError> {
        let chore = run.sync.as_str().strip_prefix("races.").unwrap_or_default();
        let row = self.plans.read().ledger_row(&sync_key(chore), chore).await?;
        let left = row.and_then(|row| serde_json::from_value::<Left>(row.detail?).ok());
        Ok(left.filter(|left| left.run == run.id.0).unwrap_or_default())
    }

    /// Writes the ends of runs of a race that have ended and were not followed up yet.
    pub(super) async fn settle_former(
        &self,
        race: Race,
        than: RunId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for run in self.runs_of(&race_sync(race.season, race.round)).await? {
            if run.id < than
                && run.state.is_end()
                && let Some(wanted) = Wanted::of(&run)
            {
                self.settle(&run, &wanted, now).await?;
            }
        }
        Ok(())
    }

    /// Writes how a run left its attempt. Said twice it changes nothing.
    async fn settle(&self, run: &Run, wanted: &Wanted, now: Timestamp) -> Result<(), StoreError> {
        let found = self.found_by(run, wanted).await?;
        let plan = self.plans.read().race_plan_by_id(wanted.plan).await?;
        let is_wanted = plan.is_some_and(|plan| plan.state == RacePlanState::Active);
        let end = match run.state {
            RunState::Cancelled => cancelled(&found),
            _ if !is_wanted => cancelled(&found),
            _ => end_of(run, &found),
        };
        let line = end.line.clone();
        if self.plans.end_race_attempt(wanted.plan, wanted.attempt, run.id, end, now).await? {
            tracing::info!(target: labels::TARGET, run = run.id.0, "{line}");
        } else if run.state == RunState::Cancelled {
            self.plans.cancel_race_attempt(wanted.plan, wanted.attempt, run.id, now).await?;
        }
        Ok(())
    }

    /// What is known of the datasets: what this run found, or a former one where this one had not to look.
    async fn found_by(&self, run: &Run, wanted: &Wanted) -> Result<Vec<(Dataset, Found)>, StoreError> {
        let sync = race_sync(wanted.season, wanted.round);
        let all = PartitionFilter { limit: limits::PAGE_MAX, ..PartitionFilter::default() };
        let partitions = self.plans.read().partitions(run.id, &all).await?;
        let asked: Vec<String> = partitions.into_iter().map(|partition| partition.key).collect();
        let mut known = Vec::new();
        for dataset in Dataset::ALL.iter().copied() {
            let Some(row) = self.plans.read().ledger_row(&sync, dataset.as_str()).await? else { continue };
            if asked.iter().any(|key| key == dataset.as_str()) && row.run_id != Some(run.id) {
                continue;
            }
            if row.state.is_end()
                && let Some(found) = row.detail.and_then(|detail| serde_json::from_value(detail).ok())
            {
                known.push((dataset, found));
            }
        }
        Ok(known)
    }
}

/// Dataset → something of what was found of it.
fn object(found: &[(Dataset, Found)], value: fn(&Found) -> Value) -> Value {
    Value::Object(found.iter().map(|(dataset, found)| (dataset.as_str().to_owned(), value(found))).collect())
}

/// What a run that was cancelled says of its attempt, or one whose plan was taken back.
fn cancelled(found: &[(Dataset, Found)]) -> RaceAttemptEnd {
    RaceAttemptEnd {
        status: RaceAttemptStatus::Cancelled,
        reason: Some(RaceCancelReason::Cancelled),
        results: Value::Object(Map::new()),
        details: object(found, detail),
        error_message: None,
        line: labels::ATTEMPT_CANCELLED.to_owned(),
    }
}

/// What a run's end says of its attempt.
fn end_of(run: &Run, found: &[(Dataset, Found)]) -> RaceAttemptEnd {
    let details = object(found, detail);
    let outcomes: Vec<Outcome> = found.iter().map(|(_, found)| found.outcome).collect();
    let Ok(outcomes) = <[Outcome; 5]>::try_from(outcomes) else {
        let error = run.fault_message.clone().or_else(|| run.message.clone());
        let error = error.unwrap_or_else(|| labels::INTERNAL.to_owned());
        return RaceAttemptEnd {
            status: RaceAttemptStatus::Failed,
            reason: None,
            results: Value::Object(Map::new()),
            details,
            line: labels::attempt_failed(&error),
            error_message: Some(error),
        };
    };
    let status = RaceAttemptStatus::of(&outcomes);
    let error_message = (status == RaceAttemptStatus::Failed).then(|| {
        let said = found.iter().filter(|(_, found)| !found.is_there());
        said.filter_map(|(_, found)| found.message.clone()).collect::<Vec<String>>().join("; ")
    });
    let stored = outcomes.iter().filter(|outcome| **outcome == Outcome::Ok).count();
    let results = object(found, |found| Value::Bool(found.is_there()));
    let line = labels::attempt_ended(stored);
    RaceAttemptEnd { status, reason: None, results, details, error_message, line }
}
