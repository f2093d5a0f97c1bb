//! Plans counted: how many stand how, and how often what was there.

use super::{RaceDataset, RacePlan, RacePlanClass};

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RaceShare {
    /// How many went well.
    pub successes: u32,
    /// Of how many.
    pub total: u32,
}

impl RaceShare {
    /// The ratio, 0.0..=1.0; 0.0 of none.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.total == 0 { 0.0 } else { f64::from(self.successes) / f64::from(self.total) }
    }

    pub(super) fn count(&mut self, success: bool) {
        self.total += 1;
        self.successes += u32::from(success);
    }

    fn add(&mut self, other: Self) {
        self.successes += other.successes;
        self.total += other.total;
    }
}

/// What plans add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RaceStatistics {
    /// All plans.
    pub plans: u32,
    /// See [`RacePlanClass`]; the four sum to `plans`.
    pub completed: u32,
    /// As above.
    pub cancelled: u32,
    /// As above.
    pub pending: u32,
    /// As above.
    pub failed: u32,
    /// Attempts that brought something, of those that ended and were not cancelled.
    pub attempts: RaceShare,
    /// How often each dataset was there, in the order of [`RaceDataset::ALL`], of attempts that say so.
    pub datasets: [RaceShare; 5],
}

impl RaceStatistics {
    /// Counts plans.
    #[must_use]
    pub fn of(plans: &[RacePlan]) -> Self {
        let mut sum = Self::default();
        for plan in plans {
            sum.plans += 1;
            *sum.class(plan.class()) += 1;
            sum.attempts.add(plan.share());
            for attempt in &plan.attempts {
                let Some(results) = attempt.results.as_object().filter(|results| !results.is_empty()) else {
                    continue;
                };
                for (dataset, share) in RaceDataset::ALL.iter().zip(&mut sum.datasets) {
                    share.count(results.get(dataset.as_str()).is_some_and(|there| *there == true));
                }
            }
        }
        sum
    }

    const fn class(&mut self, class: RacePlanClass) -> &mut u32 {
        match class {
            RacePlanClass::Completed => &mut self.completed,
            RacePlanClass::Cancelled => &mut self.cancelled,
            RacePlanClass::Pending => &mut self.pending,
            RacePlanClass::Failed => &mut self.failed,
        }
    }
}
