//! What follows from how the attempts of a plan stand.

use super::{RaceAttempt, RaceAttemptStatus, RaceOutcome, RacePlan, RacePlanClass, RacePlanState, RaceShare};

impl RaceOutcome {
    /// Nothing is left to fetch: what is documented as `true`.
    #[must_use]
    pub const fn is_there(self) -> bool {
        matches!(self, Self::Ok | Self::NotApplicable)
    }
}

impl RaceAttemptStatus {
    /// How an attempt stands whose run went through all datasets. A dataset that is not applicable is no success of
    /// its own: where nothing was stored, the attempt failed.
    #[must_use]
    pub fn of(outcomes: &[RaceOutcome; 5]) -> Self {
        if !outcomes.contains(&RaceOutcome::Ok) {
            Self::Failed
        } else if outcomes.iter().all(|outcome| outcome.is_there()) {
            Self::Success
        } else {
            Self::Partial
        }
    }

    /// Its run went through and brought something.
    pub(super) const fn brought_something(self) -> bool {
        matches!(self, Self::Success | Self::Partial)
    }

    /// Its run ended, and was not cancelled.
    pub(super) const fn is_judged(self) -> bool {
        matches!(self, Self::Success | Self::Partial | Self::Failed)
    }
}

impl RacePlan {
    /// All that is to be synced is there: some attempt was a success.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.has(RaceAttemptStatus::Success)
    }

    /// How many of the attempts that ended brought something, successes and partial ones.
    #[must_use]
    pub fn share(&self) -> RaceShare {
        let mut share = RaceShare::default();
        for attempt in self.attempts.iter().filter(|attempt| attempt.status.is_judged()) {
            share.count(attempt.status.brought_something());
        }
        share
    }

    /// [`Self::share`] as 0.0..=1.0; 0.0 when no attempt ended.
    #[must_use]
    pub fn success_rate(&self) -> f64 {
        self.share().rate()
    }

    /// The first attempt, by number, that has not begun.
    #[must_use]
    pub fn next_pending(&self) -> Option<&RaceAttempt> {
        self.attempts.iter().find(|attempt| attempt.status == RaceAttemptStatus::Pending)
    }

    /// Under what it is filed: the first that fits of completed, cancelled, pending; else failed.
    #[must_use]
    pub fn class(&self) -> RacePlanClass {
        if self.is_completed() {
            RacePlanClass::Completed
        } else if self.state == RacePlanState::Cancelled {
            RacePlanClass::Cancelled
        } else if self.has(RaceAttemptStatus::Pending) || self.has(RaceAttemptStatus::Running) {
            RacePlanClass::Pending
        } else {
            RacePlanClass::Failed
        }
    }

    fn has(&self, status: RaceAttemptStatus) -> bool {
        self.attempts.iter().any(|attempt| attempt.status == status)
    }
}
