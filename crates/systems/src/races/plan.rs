//! Which partitions a request means, and when a plan's attempts are due. Pure, but for what a request is held to.

use jiff::Timestamp;
use model::id::{RunId, SyncKey};
use model::policy::Missed;
use model::race::{RaceAttempt, RaceAttemptStatus, RacePlan, RacePlanState};
use model::run::{PlannedPartition, Run};
use model::schedule::{ScheduleSpec, When};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::datasets::{Dataset, WORK};
use super::race_sync;
use super::upstream::Race;

/// Seconds of an hour, in which attempts are counted.
const HOUR: i64 = 3600;

/// An attempt as its run carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wanted {
    pub season: i64,
    pub round: i64,
    pub attempt: i64,
    /// Number of its plan.
    pub plan: i64,
    /// Its newest run that had ended when this one was asked for; 0 without one. Whoever asks between the same two
    /// ends means the same run.
    pub after: i64,
}

impl Wanted {
    pub(super) fn of(run: &Run) -> Option<Self> {
        Self::parse(&run.params)
    }

    pub(super) fn parse(params: &Value) -> Option<Self> {
        serde_json::from_value(params.clone()).ok()
    }

    pub(super) fn race(&self) -> Race {
        Race { season: self.season, round: self.round }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.plan, self.attempt) == (other.plan, other.attempt)
    }

    /// Words that are the same for the same run.
    pub(super) fn key(&self) -> String {
        let Self { plan, attempt, after, .. } = self;
        format!("plan {plan} attempt {attempt} after {after}")
    }
}

/// The race of a sync `races.attempt.SEASON.ROUND`.
pub(super) fn race_of(sync: &SyncKey) -> Option<Race> {
    let (season, round) = sync.as_str().strip_prefix("races.attempt.")?.split_once('.')?;
    let race = Race { season: season.parse().ok()?, round: round.parse().ok()? };
    (race_sync(race.season, race.round) == *sync).then_some(race)
}

/// A partition for each dataset, in the order of work.
pub(super) fn datasets() -> Vec<PlannedPartition> {
    let partition =
        |dataset: Dataset| PlannedPartition { key: dataset.as_str().to_owned(), payload: Value::Null };
    WORK.into_iter().map(partition).collect()
}

/// One partition for a run that is one piece of work.
pub(super) fn whole(key: &str) -> Vec<PlannedPartition> {
    vec![PlannedPartition { key: key.to_owned(), payload: Value::Null }]
}

/// Of the runs of an attempt (newest first): the newest that ended, unless one is queued or at work; then what that
/// one came after.
pub(super) fn after(wanted: &Wanted, runs: &[Run]) -> i64 {
    let same =
        runs.iter().filter_map(|run| Some((run, Wanted::of(run)?))).filter(|(_, of)| of.is_same(wanted));
    let mut newest = 0;
    for (run, of) in same {
        if !run.state.is_end() {
            return of.after;
        }
        newest = newest.max(run.id.0);
    }
    newest
}

/// When a plan's attempts are due. One that is cancelled gives no times. Attempts that have run stay in it: a
/// schedule that changed is looked at from then on only, and a time due at that moment would be left out.
pub(super) fn schedule(plan: &RacePlan) -> ScheduleSpec {
    let wanted = plan.attempts.iter().filter(|attempt| attempt.status != RaceAttemptStatus::Cancelled);
    let offsets_seconds = match plan.state {
        RacePlanState::Active => wanted.map(|attempt| attempt.hours * HOUR).collect(),
        _ => Vec::new(),
    };
    let RacePlan { season, round, race_name, race_end_at, .. } = plan;
    ScheduleSpec {
        name: format!("races-plan-{season}-{round}"),
        title: format!("{season} {race_name}"),
        sync: race_sync(*season, *round),
        label: "attempt".into(),
        params: json!({}),
        when: When::Offsets { event_at: *race_end_at, offsets_seconds },
        time_zone: "UTC".into(),
        missed: Missed::None,
        missed_window: std::time::Duration::ZERO,
        missed_max: 0,
    }
}

/// An attempt once, now: it is due, and no schedule will ask for it.
pub(super) fn at_once(race: Race, attempt: i64, now: Timestamp) -> ScheduleSpec {
    let Race { season, round } = race;
    ScheduleSpec {
        name: format!("races-attempt-{season}-{round}-{attempt}"),
        title: format!("{season} / {round} / {attempt}"),
        sync: race_sync(season, round),
        label: "overdue".into(),
        params: json!({ "attempt": attempt }),
        when: When::Once { at: now },
        time_zone: "UTC".into(),
        missed: Missed::Latest,
        missed_window: std::time::Duration::from_secs(7 * 24 * 3600),
        missed_max: 1,
    }
}

/// The pending attempts of an active plan whose time has come, in their order.
pub(super) fn overdue(plan: &RacePlan, now: Timestamp) -> Vec<&RaceAttempt> {
    if plan.state != RacePlanState::Active {
        return Vec::new();
    }
    let due =
        |attempt: &&RaceAttempt| attempt.status == RaceAttemptStatus::Pending && attempt.scheduled_at <= now;
    plan.attempts.iter().filter(due).collect()
}

/// What a run that has ended had left to do elsewhere: found by who follows it up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Left {
    /// The run that says so.
    pub run: i64,
    /// Plans whose schedule is to be made or follow.
    #[serde(default)]
    pub plans: Vec<i64>,
    /// Attempts to be run now: season, round, number.
    #[serde(default)]
    pub attempts: Vec<(i64, i64, i64)>,
}

impl Left {
    pub(super) fn by(run: RunId) -> Self {
        Self { run: run.0, ..Self::default() }
    }
}
