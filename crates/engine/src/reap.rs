//! Takes work back from holders that died, and makes due what is due.

use std::sync::Arc;

use jiff::Timestamp;
use model::limits;
use store::{Claimed, Lost, LostWords, StoreError};

use crate::context::Stop;
use crate::measure;
use crate::system::Work;
use crate::verbs::Engine;

/// Reaps expired leases and promotes; answers when something is due next.
///
/// # Errors
/// The store failed; call again.
pub async fn tick(engine: &Engine, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let settled = engine.store().reap(limits::REAP_BATCH_MAX, words(engine), now).await?;
    settled.ended.iter().for_each(measure::run_ended);
    engine.store().promote(limits::REAP_BATCH_MAX, now).await
}

/// What systems say in the ledger of work that nobody holds: its holder died, or gave it back before it was stopped.
pub(crate) fn words(engine: &Engine) -> LostWords {
    let systems = engine.systems().to_vec();
    Arc::new(move |claimed: &Claimed, lost: &Lost| {
        let system = systems.iter().find(|system| system.name() == claimed.run.sync.system())?;
        let work = Work { partition: claimed.partition.clone(), run: claimed.run.clone() };
        match lost {
            Lost::GivenUp(fault) => system.failed(&work, fault),
            Lost::Cancelled => system.stopped(&work, Stop::Cancel),
            Lost::Paused => system.stopped(&work, Stop::Pause),
        }
    })
}
