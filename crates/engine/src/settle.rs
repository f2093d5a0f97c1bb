//! Follow-ups: what a system wants after a run ended or a time started nothing.
//!
//! They are read off the rows of what ended and was not followed up, so a crash in between loses none.

use jiff::Timestamp;
use model::id::SyncKey;
use store::{StoreError, Unfollowed};

use crate::system::{Ended, FollowUp};
use crate::verbs::{Engine, first_time};

/// Ends read at once.
const BATCH: u32 = 100;

/// Follows up what ended; answers how many were looked at (call again while that is not 0).
///
/// # Errors
/// The store failed; what was not followed up stays.
pub async fn tick(engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    let ends = engine.read().unfollowed(BATCH).await?;
    for end in &ends {
        let wanted = wanted(engine, end, now).await;
        let wanted = wanted.into_iter().map(|f| {
            let next = first_time(&f.spec, now);
            (f.spec, next)
        });
        engine.store().follow(end, wanted.collect(), now).await?;
    }
    Ok(ends.len())
}

async fn wanted(engine: &Engine, end: &Unfollowed, now: Timestamp) -> Vec<FollowUp> {
    let (sync, ended): (&SyncKey, Ended) = match end {
        Unfollowed::Run(run) => (&run.sync, Ended::Run((**run).clone())),
        Unfollowed::Tick(schedule, tick) => {
            let (nominal_at, decision) = (tick.nominal_at, tick.decision);
            (&schedule.spec.sync, Ended::Tick { spec: schedule.spec.clone(), nominal_at, decision })
        }
    };
    match engine.systems().iter().find(|system| system.name() == sync.system()) {
        Some(system) => system.follow_up(&ended, now).await,
        None => Vec::new(),
    }
}
