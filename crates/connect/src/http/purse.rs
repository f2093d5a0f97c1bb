//! Somebody to ask before each request is sent. [`Counted`] shares one [`Budget`] among all who ask the same
//! upstream, in however many processes: where it is kept is a [`Keeper`]'s.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use model::fault::Fault;

use super::budget::{Budget, Decision, Limits};
use super::pause::{Pause, Stopped};
pub use crate::baostock::budget::BUDGET_SPENT;
pub use crate::baostock::is_budget_spent;

/// Grants requests. An error is handed up unchanged, and nothing is sent.
#[async_trait]
pub trait Purse: Send + Sync {
    /// Returns when one request may be sent.
    async fn spend(&self) -> Result<(), Fault>;

    /// The upstream was asked too often: nobody is granted anything before `until`.
    async fn hold(&self, until: Timestamp) -> Result<(), Fault>;
}

/// No limit: for tests, benches and an upstream of one's own.
#[derive(Clone, Copy, Debug)]
pub struct Unlimited;

#[async_trait]
impl Purse for Unlimited {
    async fn spend(&self) -> Result<(), Fault> {
        Ok(())
    }

    async fn hold(&self, _until: Timestamp) -> Result<(), Fault> {
        Ok(())
    }
}

/// Keeps a budget where all who share it find it, and where it outlives the process.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// As it stands; `Budget::default()` when there is none yet.
    async fn load(&self) -> Result<Budget, Fault>;

    /// Puts `new` in the place of `old`, in one step. False, and nothing done, when something else stands there by
    /// now.
    async fn swap(&self, old: &Budget, new: &Budget) -> Result<bool, Fault>;
}

/// Keeps a budget as long as the process lives.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Budget>);

#[async_trait]
impl Keeper for Memory {
    async fn load(&self) -> Result<Budget, Fault> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn swap(&self, old: &Budget, new: &Budget) -> Result<bool, Fault> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_as_it_was = *kept == *old;
        if is_as_it_was {
            kept.clone_from(new);
        }
        Ok(is_as_it_was)
    }
}

/// Grants requests within limits, waiting where it must.
#[derive(Clone)]
pub struct Counted {
    /// What the upstream allows.
    pub limits: Limits,
    /// Waiting longer than this for one request is a fault, [`BUDGET_SPENT`].
    pub patience: Duration,
    /// Where the budget is.
    pub keeper: Arc<dyn Keeper>,
    /// The time.
    pub pause: Arc<dyn Pause>,
}

#[async_trait]
impl Purse for Counted {
    async fn spend(&self) -> Result<(), Fault> {
        let patience = SignedDuration::try_from(self.patience).unwrap_or(SignedDuration::MAX);
        let give_up_at = self.pause.now().checked_add(patience).unwrap_or(Timestamp::MAX);
        loop {
            let budget = self.keeper.load().await?;
            let now = self.pause.now();
            match budget.ask(&self.limits, give_up_at, now) {
                // Where the swap fails, somebody else was granted something.
                Decision::Go(next) if self.keeper.swap(&budget, &next).await? => return Ok(()),
                Decision::Go(_) => {}
                Decision::Wait(at) => self.pause.until(at).await.map_err(stopped)?,
                Decision::Exhausted(at) => return Err(spent(&self.limits, at.duration_since(now))),
            }
        }
    }

    async fn hold(&self, until: Timestamp) -> Result<(), Fault> {
        loop {
            let budget = self.keeper.load().await?;
            let held = budget.held(until);
            if held == budget || self.keeper.swap(&budget, &held).await? {
                return Ok(());
            }
        }
    }
}

fn stopped(_: Stopped) -> Fault {
    Fault::again("stopped", "stopped while waiting for the upstream's budget")
}

/// It reaches one partition: the budget comes back bit by bit, not all at once.
fn spent(limits: &Limits, pause: SignedDuration) -> Fault {
    let Limits { per_second, per_hour, .. } = limits;
    let message =
        format!("the upstream's limit of {per_second} requests a second and {per_hour} an hour is used up");
    Fault::again(BUDGET_SPENT, message).after(Duration::try_from(pause).unwrap_or_default())
}
