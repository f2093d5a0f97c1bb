//! The daily request budget as the client sees it: somebody to ask before each frame is sent.
//!
//! Who counts, where the count is kept and when it starts anew is the caller's; so is the time.

use std::time::Duration;

use async_trait::async_trait;
use model::fault::Fault;

/// [`Fault::code`] of a spent budget.
pub const BUDGET_SPENT: &str = "budget_spent";

/// Grants frames. Asked before every frame, login and logout included; an error is handed up unchanged and
/// nothing is sent.
#[async_trait]
pub trait Budget: Send + Sync {
    /// Takes `frames` from what is left today.
    async fn spend(&self, frames: u32) -> Result<(), Fault>;
}

/// No limit: for tests, benches and a source of one's own.
#[derive(Clone, Copy, Debug)]
pub struct Unlimited;

#[async_trait]
impl Budget for Unlimited {
    async fn spend(&self, _frames: u32) -> Result<(), Fault> {
        Ok(())
    }
}

/// The fault a [`Budget`] answers with when the day's `limit` is used up; `pause` is the time until there is a
/// new one. It reaches the run: every other partition would meet the same.
pub fn budget_spent(limit: u64, pause: Duration) -> Fault {
    let message = format!("the data source's limit of {limit} requests a day is used up");
    Fault::again(BUDGET_SPENT, message).after(pause).ends_run()
}

/// Whether the run is to be held until there is a new budget, rather than called failed.
pub fn is_budget_spent(fault: &Fault) -> bool {
    fault.code == BUDGET_SPENT
}
