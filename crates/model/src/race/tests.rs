//! The documented rules by example, and what holds for any plans.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn plan(state: RacePlanState, statuses: &[RaceAttemptStatus]) -> RacePlan {
    let attempts = statuses.iter().zip(1..).map(|(status, number)| RaceAttempt {
        number,
        hours: number,
        scheduled_at: Timestamp::UNIX_EPOCH,
        executed_at: None,
        status: *status,
        reason: None,
        results: json!({}),
        details: json!({}),
        error_message: None,
        run: None,
    });
    RacePlan {
        id: 1,
        season: 2025,
        round: 11,
        race_name: "Austrian Grand Prix".to_owned(),
        race_end_at: Timestamp::UNIX_EPOCH,
        race_end_overridden: false,
        always_run: false,
        retry_hours: (1..).take(statuses.len()).collect(),
        state,
        created_at: Timestamp::UNIX_EPOCH,
        cancelled_at: None,
        archived_at: None,
        attempts: attempts.collect(),
    }
}

#[test]
fn an_attempt_is_judged_by_its_five_outcomes() {
    use RaceOutcome::{Failed, NoDataYet, NotApplicable, Ok};
    for (outcomes, status) in [
        ([Ok, Ok, Ok, Ok, Ok], RaceAttemptStatus::Success),
        ([Ok, Ok, NotApplicable, Ok, Ok], RaceAttemptStatus::Success),
        ([Ok, Ok, NotApplicable, NoDataYet, Ok], RaceAttemptStatus::Partial),
        ([Failed, Ok, NotApplicable, Failed, Failed], RaceAttemptStatus::Partial),
        ([Failed, Failed, NotApplicable, Failed, Failed], RaceAttemptStatus::Failed),
        ([NoDataYet, NoDataYet, NoDataYet, NoDataYet, NoDataYet], RaceAttemptStatus::Failed),
    ] {
        assert_eq!(RaceAttemptStatus::of(&outcomes), status, "{outcomes:?}");
    }
}

#[test]
fn a_plan_is_filed_under_the_first_that_fits() {
    use RaceAttemptStatus::{Cancelled, Failed, Partial, Pending, Running, Success};
    use RacePlanState::Active;
    let taken_back = RacePlanState::Cancelled;
    for (state, statuses, class) in [
        (Active, [Pending, Pending], RacePlanClass::Pending),
        (Active, [Failed, Running], RacePlanClass::Pending),
        (Active, [Partial, Failed], RacePlanClass::Failed),
        (Active, [Cancelled, Cancelled], RacePlanClass::Failed),
        (Active, [Success, Pending], RacePlanClass::Completed),
        (taken_back, [Success, Cancelled], RacePlanClass::Completed),
        (taken_back, [Running, Cancelled], RacePlanClass::Cancelled),
        (taken_back, [Partial, Cancelled], RacePlanClass::Cancelled),
    ] {
        assert_eq!(plan(state, &statuses).class(), class, "{state} {statuses:?}");
    }
}

#[test]
fn a_rate_counts_what_ended_and_a_partial_one_as_well_gone() {
    use RaceAttemptStatus::{Cancelled, Failed, Partial, Pending, Running, Success};
    let mixed = plan(RacePlanState::Active, &[Failed, Partial, Cancelled, Running, Pending, Success, Failed]);
    assert_eq!(mixed.share(), RaceShare { successes: 2, total: 4 });
    assert!((mixed.success_rate() - 0.5).abs() < f64::EPSILON);
    assert_eq!(mixed.next_pending().map(|attempt| attempt.number), Some(5));
    let idle = plan(RacePlanState::Active, &[Pending, Cancelled]);
    assert_eq!((idle.share().rate().to_bits(), idle.is_completed()), (0.0f64.to_bits(), false));
}

/// The documented example: a partial attempt without the drivers' standings, then a success.
#[test]
fn datasets_are_counted_over_attempts_that_say_what_was_there() {
    use RaceAttemptStatus::{Cancelled, Partial, Success};
    let mut one = plan(RacePlanState::Active, &[Partial, Success, Cancelled]);
    for (attempt, drivers) in [(0, false), (1, true)] {
        one.attempts[attempt].results = json!({"race_results": true, "qualifying_results": true,
            "sprint_results": true, "driver_standings": drivers, "constructor_standings": true});
    }
    let sum = RaceStatistics::of(&[one]);
    assert_eq!((sum.plans, sum.completed, sum.attempts), (1, 1, RaceShare { successes: 2, total: 2 }));
    let successes: Vec<u32> = sum.datasets.iter().map(|share| share.successes).collect();
    assert_eq!(successes, [2, 2, 2, 1, 2]);
    assert!(sum.datasets.iter().all(|share| share.total == 2));
    assert_eq!(RaceStatistics::of(&[]), RaceStatistics::default());
}

fn any_plan() -> impl Strategy<Value = RacePlan> {
    let attempt = (proptest::sample::select(RaceAttemptStatus::ALL), proptest::option::of(0..32u8));
    let state = prop_oneof![Just(RacePlanState::Active), Just(RacePlanState::Cancelled)];
    (state, proptest::collection::vec(attempt, 0..8)).prop_map(|(state, attempts)| {
        let statuses: Vec<RaceAttemptStatus> = attempts.iter().map(|(status, _)| *status).collect();
        let mut plan = plan(state, &statuses);
        for (attempt, (_, there)) in plan.attempts.iter_mut().zip(attempts) {
            let Some(there) = there else { continue };
            let datasets = RaceDataset::ALL.iter().enumerate();
            let results =
                datasets.map(|(bit, dataset)| (dataset.to_string(), (there >> bit & 1 == 1).into()));
            attempt.results = Value::Object(results.collect());
        }
        plan
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_four_classes_sum_to_all_plans_and_rates_are_ratios(
        plans in proptest::collection::vec(any_plan(), 0..20)
    ) {
        let sum = RaceStatistics::of(&plans);
        prop_assert_eq!(sum.completed + sum.cancelled + sum.pending + sum.failed, sum.plans);
        prop_assert_eq!(usize::try_from(sum.plans).unwrap(), plans.len());
        let of = |class| plans.iter().filter(|plan| plan.class() == class).count();
        prop_assert_eq!(usize::try_from(sum.completed).unwrap(), of(RacePlanClass::Completed));
        prop_assert_eq!(usize::try_from(sum.failed).unwrap(), of(RacePlanClass::Failed));
        let rates = plans.iter().map(RacePlan::success_rate);
        for rate in rates.chain(sum.datasets.iter().map(|share| share.rate())).chain([sum.attempts.rate()]) {
            prop_assert!((0.0..=1.0).contains(&rate), "{}", rate);
        }
        for plan in &plans {
            prop_assert_eq!(plan.is_completed(), plan.class() == RacePlanClass::Completed);
            prop_assert!(plan.class() != RacePlanClass::Failed || plan.next_pending().is_none());
        }
    }

    #[test]
    fn a_status_says_what_the_outcomes_say(
        outcomes in proptest::array::uniform5(proptest::sample::select(RaceOutcome::ALL))
    ) {
        let stored = outcomes.iter().filter(|outcome| **outcome == RaceOutcome::Ok).count();
        let there = outcomes.iter().filter(|outcome| outcome.is_there()).count();
        let expected = match (stored, there) {
            (0, _) => RaceAttemptStatus::Failed,
            (_, 5) => RaceAttemptStatus::Success,
            _ => RaceAttemptStatus::Partial,
        };
        prop_assert_eq!(RaceAttemptStatus::of(&outcomes), expected);
    }
}
