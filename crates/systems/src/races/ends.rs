//! What a run's end means: for its attempt, for the schedule of its plan, for attempts it found waiting.
//!
//! A run's end is followed up once in effect, also when the process died in between. An attempt follows its run here
//! and nowhere else; who begins a run of the same plan settles the former one first.

use jiff::Timestamp;
use model::id::RunId;
use model::limits;
use model::race::{RaceAttemptEnd, RaceAttemptStatus, RaceCancelReason};
use model::run::Run;
use model::schedule::ScheduleSpec;
use model::state::RunState;
use serde_json::{Map, Value};
use store::{NewLogLine, PartitionFilter, StoreError};

use super::datasets::{Dataset, Found, Outcome};
use super::plan::{self, Left, Wanted};
use super::upstream::Race;
use super::{Races, labels, race_sync, sync_key};

impl Races {
    /// What is wanted after a run.
    pub(super) async fn after_run(&self, run: &Run, now: Timestamp) -> Result<Vec<ScheduleSpec>, StoreError> {
        if let Some(wanted) = Wanted::of(run) {
            self.settle(run, &wanted, now).await?;
            let plan = self.store.read().race_plan_by_id(wanted.plan).await?;
            return Ok(plan.iter().map(plan::schedule).collect());
        }
        let mut specs = Vec::new();
        let left = self.left_by(run).await?;
        for id in left.plans {
            let Some(plan) = self.store.read().race_plan_by_id(id).await? else { continue };
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
        let row = self.store.read().ledger_row(&sync_key(chore), chore).await?;
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
        let end = end_of(run, &found);
        let line = match end.status {
            RaceAttemptStatus::Cancelled => labels::ATTEMPT_CANCELLED.to_owned(),
            _ if end.results.as_object().is_none_or(Map::is_empty) => {
                labels::attempt_failed(end.error_message.as_deref().unwrap_or_default())
            }
            _ => labels::attempt_ended(stored(&found)),
        };
        let (plan, number, ended_by) = (wanted.plan, wanted.attempt, end.status);
        if self.store.end_race_attempt(plan, number, run.id, end, now).await? {
            let level = if ended_by == RaceAttemptStatus::Failed { "ERROR" } else { "INFO" };
            tracing::info!(target: labels::TARGET, run = run.id.0, "{line}");
            let line = NewLogLine {
                run_id: run.id,
                partition_id: None,
                at: now,
                level: level.into(),
                message: line,
            };
            self.store.append_log(vec![line]).await?;
        } else if run.state == RunState::Cancelled {
            self.store.cancel_race_attempt(plan, number, run.id, now).await?;
        }
        Ok(())
    }

    /// What is known of the datasets: what this run found, or a former one where this one had not to look.
    async fn found_by(&self, run: &Run, wanted: &Wanted) -> Result<Vec<(Dataset, Found)>, StoreError> {
        let sync = race_sync(wanted.season, wanted.round);
        let all = PartitionFilter { limit: limits::PAGE_MAX, ..PartitionFilter::default() };
        let partitions = self.store.read().partitions(run.id, &all).await?;
        let asked: Vec<String> = partitions.into_iter().map(|partition| partition.key).collect();
        let mut known = Vec::new();
        for dataset in Dataset::WIRE {
            let Some(row) = self.store.read().ledger_row(&sync, dataset.key()).await? else { continue };
            if asked.iter().any(|key| key == dataset.key()) && row.run_id != Some(run.id) {
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

/// Datasets that were stored.
fn stored(found: &[(Dataset, Found)]) -> usize {
    found.iter().filter(|(_, found)| found.outcome == Outcome::Ok).count()
}

/// What a run's end says of its attempt. Pure.
fn end_of(run: &Run, found: &[(Dataset, Found)]) -> RaceAttemptEnd {
    let object = |value: fn(&Found) -> Value| {
        Value::Object(found.iter().map(|(dataset, found)| (dataset.key().to_owned(), value(found))).collect())
    };
    let details = object(super::system::detail);
    let none = || Value::Object(Map::new());
    if run.state == RunState::Cancelled {
        return RaceAttemptEnd {
            status: RaceAttemptStatus::Cancelled,
            reason: Some(RaceCancelReason::Cancelled),
            results: none(),
            details,
            error_message: None,
        };
    }
    let outcomes: Vec<Outcome> = found.iter().map(|(_, found)| found.outcome).collect();
    let Ok(outcomes) = <[Outcome; 5]>::try_from(outcomes) else {
        let error = run.fault_message.clone().or_else(|| run.message.clone());
        return RaceAttemptEnd {
            status: RaceAttemptStatus::Failed,
            reason: None,
            results: none(),
            details,
            error_message: Some(error.unwrap_or_else(|| labels::INTERNAL.to_owned())),
        };
    };
    let status = RaceAttemptStatus::of(&outcomes);
    let error = (status == RaceAttemptStatus::Failed).then(|| {
        let said = found.iter().filter(|(_, found)| !found.is_there());
        said.filter_map(|(_, found)| found.message.clone()).collect::<Vec<String>>().join("; ")
    });
    let results = object(|found| Value::Bool(found.is_there()));
    RaceAttemptEnd { status, reason: None, results, details, error_message: error }
}
