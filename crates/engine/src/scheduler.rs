//! The scheduler: turns times into requests. On every node, without a leader: the store lets one of them decide.

use std::collections::{BTreeMap, HashSet};

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use model::id::SyncKey;
use model::missed::{self, Due};
use model::policy::Overlap;
use model::run::{Tick, Trigger};
use model::schedule::{Schedule, TickDecision, When};
use store::{StoreError, TickAct, TickCommit, TickPlan};

use crate::measure;
use crate::system::Refused;
use crate::verbs::{Engine, RequestError, request_of};

/// Due schedules read at once.
const DUE_MAX: u32 = 500;

/// Times of one schedule looked at together: enough that the newest ones, which a policy may keep, are among them
/// unless the ones before are all let go.
const TIMES_MAX: usize = 10_000;

/// Times of one schedule recorded in one transaction.
const COMMIT_MAX: usize = 500;

/// Schedules acted on side by side: each waits for the database most of its time.
const SIDE_BY_SIDE: usize = 8;

/// How soon a time is tried again whose plan could not be made because state or destination were away.
const AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// Acts on every schedule that is due and answers when the next one will be.
///
/// # Errors
/// The store failed; what is due stays due.
pub async fn tick(engine: &Engine, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    engine.looking_since(now);
    let mut seen = HashSet::new();
    let mut again: Option<Timestamp> = None;
    loop {
        let (due, next) = engine.read().due_schedules(DUE_MAX, now).await?;
        let fresh: Vec<Schedule> = due.into_iter().filter(|s| !seen.contains(&(s.id, s.version))).collect();
        if fresh.is_empty() {
            engine.polled("scheduler", now);
            return Ok([next, again].into_iter().flatten().min());
        }
        seen.extend(fresh.iter().map(|schedule| (schedule.id, schedule.version)));
        let acted: Vec<_> = stream::iter(in_rows(engine, fresh))
            .map(|row| act_in_turn(engine, row, now))
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        for acted in acted {
            if acted? == Acted::TryAgain {
                again = Some(now + AGAIN);
            }
        }
    }
}

/// The schedules in rows: those of one sync whose runs keep out of each other's way act in turn, as they came due;
/// all others side by side.
fn in_rows(engine: &Engine, due: Vec<Schedule>) -> Vec<Vec<Schedule>> {
    let mut rows = Vec::new();
    let mut row_of: BTreeMap<SyncKey, usize> = BTreeMap::new();
    for schedule in due {
        let sync = &schedule.spec.sync;
        if engine.sync(sync).is_some_and(|(_, policy)| policy.overlap == Overlap::Allow) {
            rows.push(vec![schedule]);
            continue;
        }
        let row = *row_of.entry(sync.clone()).or_insert_with(|| {
            rows.push(Vec::new());
            rows.len() - 1
        });
        rows[row].push(schedule);
    }
    rows
}

async fn act_in_turn(engine: &Engine, row: Vec<Schedule>, now: Timestamp) -> Result<Acted, StoreError> {
    let mut all = Acted::Done;
    for schedule in row {
        if act(engine, &schedule, now).await? == Acted::TryAgain {
            all = Acted::TryAgain;
        }
    }
    Ok(all)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acted {
    Done,
    TryAgain,
}

async fn act(engine: &Engine, schedule: &Schedule, now: Timestamp) -> Result<Acted, StoreError> {
    let Some(first) = schedule.next_nominal_at else { return Ok(Acted::Done) };
    let (times, bad) = due_times(schedule, first, now);
    let decided = missed::decide(&times, &schedule.spec, engine.looking_since(now), now);
    let mut ticks = Vec::new();
    for (nominal_at, due) in times.iter().copied().zip(decided).take(COMMIT_MAX) {
        let act = match (&bad, due) {
            (Some(reason), _) => TickAct::Record(TickDecision::Refused, reason.clone()),
            (None, Due::Leave(reason)) => TickAct::Record(TickDecision::Missed, reason.as_str().to_owned()),
            (None, Due::Ask) => match ask(engine, schedule, nominal_at, now).await {
                Some(act) => act,
                // Not yet; what came before is recorded, this one stays due.
                None => break,
            },
        };
        ticks.push(TickPlan { nominal_at, act });
    }
    let complete = ticks.len() == times.len().min(COMMIT_MAX);
    if ticks.is_empty() {
        return Ok(Acted::TryAgain);
    }
    let next_nominal_at = match times.get(ticks.len()) {
        Some(left) => Some(*left),
        None => after(&schedule.spec.when, times[ticks.len() - 1], &schedule.spec.time_zone),
    };
    commit(
        engine,
        schedule,
        TickCommit { schedule: schedule.id, version: schedule.version, ticks, next_nominal_at },
        now,
    )
    .await?;
    Ok(if complete { Acted::Done } else { Acted::TryAgain })
}

async fn commit(
    engine: &Engine,
    schedule: &Schedule,
    commit: TickCommit,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(done) = engine.store().commit_tick(commit, now).await? else { return Ok(()) };
    let (name, sync) = (&schedule.spec.name, &schedule.spec.sync);
    for tick in done {
        measure::ticked(sync.as_str(), tick.decision.as_str());
        let run = tick.run.as_ref().map(|run| run.id.0);
        if tick.decision == TickDecision::Started {
            measure::lateness(tick.nominal_at, now);
        }
        tracing::info!(
            schedule = %name, sync = %sync, nominal_at = %tick.nominal_at, run.id = run,
            "schedule `{name}` came due: {}", tick.decision
        );
    }
    // A run of `cancel_other` may have asked others to stop.
    engine.ring_controls();
    Ok(())
}

/// The times due by `now`, oldest first, and what is wrong with the schedule's rule, if anything.
fn due_times(schedule: &Schedule, first: Timestamp, now: Timestamp) -> (Vec<Timestamp>, Option<String>) {
    let mut times = vec![first];
    while times.len() < TIMES_MAX {
        let last = times[times.len() - 1];
        match schedule.spec.when.next(last, &schedule.spec.time_zone) {
            Ok(Some(next)) if next <= now => times.push(next),
            Ok(_) => break,
            Err(e) => return (times, Some(e.to_string())),
        }
    }
    (times, None)
}

fn after(when: &When, last: Timestamp, zone: &str) -> Option<Timestamp> {
    // A rule that cannot be read gives no more times; the time at hand says why.
    when.next(last, zone).ok().flatten()
}

/// What one time becomes; `None` when that cannot be known yet.
async fn ask(engine: &Engine, schedule: &Schedule, nominal_at: Timestamp, now: Timestamp) -> Option<TickAct> {
    let mut request = request_of(&schedule.spec, Trigger::Schedule);
    request.tick = Some(Tick { schedule: schedule.id, nominal_at });
    match engine.plan(request, now).await {
        Ok(new) => Some(TickAct::Start(Box::new(new))),
        Err(RequestError::Refused(Refused::NothingToDo(why))) => {
            Some(TickAct::Record(TickDecision::NothingToDo, why))
        }
        Err(RequestError::Refused(Refused::Unavailable(_)) | RequestError::Store(_))
            if now.duration_since(nominal_at) < missed::LATE =>
        {
            None
        }
        Err(refused) => Some(TickAct::Record(TickDecision::Refused, refused.to_string())),
    }
}
