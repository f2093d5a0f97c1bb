//! Retention: lets old runs and events go, a batch at a time.

use jiff::Timestamp;
use store::{Keep, StoreError};

use crate::verbs::Engine;

/// Forgets one batch, and has the systems let go what is old of their own; answers how many runs went (call again while
/// that is not 0).
///
/// # Errors
/// The store failed; what is old stays until the next call.
pub async fn tick(engine: &Engine, keep: Keep, now: Timestamp) -> Result<usize, StoreError> {
    let gone = engine.store().forget(keep, now).await?;
    for run in &gone {
        if let Some(system) = engine.systems().iter().find(|system| system.name() == run.sync.system()) {
            system.run_forgotten(run);
        }
    }
    for system in engine.systems() {
        if let Err(fault) = system.keep(now).await {
            tracing::warn!("old rows of `{}` stay until the next time: {fault}", system.name());
        }
    }
    Ok(gone.len())
}
