//! The state of the races system: plans, and their attempts as rows of their own.
//!
//! Every write locks its plan's row first, so that what happens to a plan at once happens in some order. A plan is
//! never saved as a whole: a statement touches the columns it is about, guarded by the state it expects. What changed
//! is told in the feed, by the same transaction.

mod attempt;
mod plan;
mod read;
mod rows;

use jiff::Timestamp;
use model::event::EventKind;
use model::race::{RacePlan, race_sync};
use serde_json::json;

use crate::event::{self, About};
use crate::tx::{DbError, Tx};
use crate::{Reader, Store};

/// Plans and attempts, for the system they belong to. Nothing else of the state can be written with it: runs are
/// asked for at the engine. Cheap to clone.
#[derive(Clone)]
pub struct RacePlans(Store);

impl Store {
    /// The races system's own part.
    #[must_use]
    pub fn races(&self) -> RacePlans {
        RacePlans(self.clone())
    }
}

impl RacePlans {
    /// The state, for reading.
    #[must_use]
    pub fn read(&self) -> Reader {
        self.0.read()
    }
}

/// Tells who watches that something about a plan is different.
async fn told(tx: &mut Tx<'_>, plan: &RacePlan, now: Timestamp) -> Result<(), DbError> {
    let sync = race_sync(plan.season, plan.round);
    let about = About { sync: Some(&sync), ..About::default() };
    event::append(tx, EventKind::SystemChanged, about, &json!({ "race_plan": plan.id }), now).await
}
