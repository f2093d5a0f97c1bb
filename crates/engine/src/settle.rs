//! Follow-ups: what a system wants after a run ended or a time started nothing.
//!
//! They are read off the rows of what ended and was not followed up, so a crash in between loses none.

use jiff::Timestamp;
use model::fault::Fault;
use model::id::SyncKey;
use store::{StoreError, Unfollowed};

use crate::system::{Ended, FollowUp};
use crate::verbs::{Engine, first_time};

/// Ends read at once.
const BATCH: u32 = 100;

/// Follows up what ended; answers how many were (call again while that is not 0). What a system cannot say now is
/// left for the next call.
///
/// # Errors
/// The store failed; what was not followed up stays.
pub async fn tick(engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    let mut followed = 0;
    for end in &engine.read().unfollowed(BATCH).await? {
        let wanted = match wanted(engine, end, now).await {
            Ok(wanted) => wanted,
            Err(fault) => {
                tracing::warn!("what follows {} is asked again: {fault}", said(end));
                continue;
            }
        };
        let mut schedules = Vec::new();
        for follow_up in wanted {
            match follow_up {
                FollowUp::Schedule(spec) => {
                    let next = first_time(&spec, now);
                    schedules.push((spec, next));
                }
                // Asked again after a crash, it finds the run ended.
                FollowUp::Cancel(run) => drop(engine.cancel(run, now).await?),
            }
        }
        engine.store().follow(end, schedules, now).await?;
        followed += 1;
    }
    Ok(followed)
}

/// What ended, for the log.
fn said(end: &Unfollowed) -> String {
    match end {
        Unfollowed::Run(run) => format!("run {}", run.id),
        Unfollowed::Tick(schedule, tick) => format!("{} at {}", schedule.spec.name, tick.nominal_at),
    }
}

async fn wanted(engine: &Engine, end: &Unfollowed, now: Timestamp) -> Result<Vec<FollowUp>, Fault> {
    let (sync, ended): (&SyncKey, Ended) = match end {
        Unfollowed::Run(run) => (&run.sync, Ended::Run((**run).clone())),
        Unfollowed::Tick(schedule, tick) => {
            let (nominal_at, decision) = (tick.nominal_at, tick.decision);
            (&schedule.spec.sync, Ended::Tick { spec: schedule.spec.clone(), nominal_at, decision })
        }
    };
    match engine.systems().iter().find(|system| system.name() == sync.system()) {
        Some(system) => system.follow_up(&ended, now).await,
        None => Ok(Vec::new()),
    }
}
