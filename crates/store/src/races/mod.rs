//! The state of the races system: plans, and their attempts as rows of their own.
//!
//! Every write locks its plan's row first, so that what happens to a plan at once happens in some order. A plan is
//! never saved as a whole: a statement touches the columns it is about, guarded by the state it expects.

mod attempt;
mod plan;
mod read;
mod rows;

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
