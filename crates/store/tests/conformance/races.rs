//! Plans of races: made once, taken back, moved, put away; and their attempts, each its newest run's.

use std::collections::BTreeSet;

use model::id::RunId;
use model::race::{NewRacePlan, RaceAttemptEnd, RaceAttemptStatus, RacePlan, RacePlanState, RacePlanned};
use serde_json::json;
use store::Store;

use crate::bed::{at, on_both};

const HOUR: i64 = 3600;

fn wanted(round: i64) -> NewRacePlan {
    NewRacePlan {
        season: 2025,
        round,
        race_name: "Austrian Grand Prix".to_owned(),
        race_end_at: at(0),
        race_end_overridden: false,
        always_run: false,
        retry_hours: vec![6, 12, 24],
    }
}

async fn made(store: &Store, new: NewRacePlan) -> RacePlan {
    match store.plan_race(new, at(0)).await.unwrap() {
        RacePlanned::Made(plan) => plan,
        RacePlanned::Known(plan) => panic!("known already: {plan:?}"),
    }
}

async fn now_of(store: &Store, plan: &RacePlan) -> RacePlan {
    store.read().race_plan_by_id(plan.id).await.unwrap().expect("the plan is there")
}

fn ended(status: RaceAttemptStatus) -> RaceAttemptEnd {
    RaceAttemptEnd {
        status,
        reason: None,
        results: json!({"race_results": true}),
        details: json!({"race_results": {"outcome": "ok", "records": 20, "message": null}}),
        error_message: None,
    }
}

/// The statuses of a plan's attempts in a line, with their reasons.
fn statuses(plan: &RacePlan) -> String {
    let words = plan.attempts.iter().map(|attempt| match attempt.reason {
        Some(reason) => format!("{}/{reason}", attempt.status),
        None => attempt.status.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_plan_is_made_with_an_attempt_for_each_of_its_hours() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert_eq!((plan.state, plan.created_at, plan.cancelled_at), (RacePlanState::Active, at(0), None));
        assert_eq!((plan.race_end_at, plan.retry_hours.as_slice()), (at(0), &[6, 12, 24][..]));
        let times: Vec<_> = plan.attempts.iter().map(|a| (a.number, a.hours, a.scheduled_at)).collect();
        assert_eq!(times, [(1, 6, at(6 * HOUR)), (2, 12, at(12 * HOUR)), (3, 24, at(24 * HOUR))]);
        let first = &plan.attempts[0];
        assert_eq!((first.status, first.reason, first.run), (RaceAttemptStatus::Pending, None, None));
        assert_eq!((&first.results, &first.details, &first.executed_at), (&json!({}), &json!({}), &None));
        assert_eq!(store.read().race_plan(2025, 11).await.unwrap(), Some(plan));
        assert_eq!(store.read().race_plan(2025, 12).await.unwrap(), None);
    });
}

#[test]
fn of_twenty_plans_of_a_race_at_once_one_is_made_and_the_others_know_it() {
    on_both(|store| async move {
        for taken_back in [false, true] {
            if taken_back {
                store.cancel_race_plan(2025, 11, at(1)).await.unwrap().unwrap();
            }
            let plans = (0..20).map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.plan_race(wanted(11), at(2)).await.unwrap() })
            });
            let mut made = 0;
            let mut ids = BTreeSet::new();
            for answer in futures_util::future::join_all(plans).await {
                let plan = match answer.unwrap() {
                    RacePlanned::Made(plan) => {
                        made += 1;
                        plan
                    }
                    RacePlanned::Known(plan) => plan,
                };
                assert_eq!(plan.attempts.len(), 3);
                ids.insert(plan.id);
            }
            assert_eq!((made, ids.len()), (1, 1));
        }
        assert_eq!(store.read().race_plans(None).await.unwrap().len(), 1);
    });
}

#[test]
fn a_plan_is_taken_back_once_and_another_takes_its_place() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.begin_race_attempt(plan.id, 1, RunId(7), at(1)).await.unwrap());
        let cancelled = store.cancel_race_plan(2025, 11, at(2)).await.unwrap().unwrap();
        assert_eq!((cancelled.state, cancelled.cancelled_at), (RacePlanState::Cancelled, Some(at(2))));
        assert_eq!(statuses(&cancelled), "running cancelled/cancelled cancelled/cancelled");
        assert_eq!(store.cancel_race_plan(2025, 11, at(3)).await.unwrap(), Some(cancelled.clone()));
        assert_eq!(store.read().race_plan(2025, 11).await.unwrap(), Some(cancelled));
        let next = made(&store, wanted(11)).await;
        assert_eq!(statuses(&next), "pending pending pending");
        assert_eq!(now_of(&store, &plan).await.state, RacePlanState::Replaced);
        assert_eq!(store.read().race_plans(None).await.unwrap(), [next]);
        assert_eq!(store.cancel_race_plan(2025, 12, at(3)).await.unwrap(), None);
    });
}

#[test]
fn a_success_cancels_what_is_pending_unless_the_plan_runs_always() {
    on_both(|store| async move {
        for (always_run, others) in [(false, "cancelled/superseded"), (true, "pending")] {
            let round = if always_run { 12 } else { 11 };
            let plan = made(&store, NewRacePlan { always_run, ..wanted(round) }).await;
            assert!(store.begin_race_attempt(plan.id, 2, RunId(7), at(5)).await.unwrap());
            let success = ended(RaceAttemptStatus::Success);
            assert!(store.end_race_attempt(plan.id, 2, RunId(7), success.clone(), at(6)).await.unwrap());
            let after = now_of(&store, &plan).await;
            assert_eq!(statuses(&after), format!("{others} success {others}"), "lower numbers too");
            let second = &after.attempts[1];
            assert_eq!((second.executed_at, second.run), (Some(at(5)), Some(RunId(7))));
            assert_eq!((&second.results, &second.details), (&success.results, &success.details));
        }
    });
}

#[test]
fn what_is_not_a_success_leaves_the_others_pending() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        for (number, status) in [(1, RaceAttemptStatus::Failed), (2, RaceAttemptStatus::Partial)] {
            assert!(store.begin_race_attempt(plan.id, number, RunId(number), at(5)).await.unwrap());
            let end = RaceAttemptEnd { error_message: Some("no".to_owned()), ..ended(status) };
            assert!(store.end_race_attempt(plan.id, number, RunId(number), end, at(6)).await.unwrap());
        }
        assert_eq!(statuses(&now_of(&store, &plan).await), "failed partial pending");
    });
}

#[test]
fn a_run_begins_its_attempt_once_and_goes_on_with_it_after_a_crash() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.begin_race_attempt(plan.id, 1, RunId(7), at(5)).await.unwrap());
        let begun = now_of(&store, &plan).await;
        assert!(store.begin_race_attempt(plan.id, 1, RunId(7), at(9)).await.unwrap());
        assert_eq!(now_of(&store, &plan).await, begun, "nothing changed");
        assert!(!store.begin_race_attempt(plan.id, 1, RunId(8), at(9)).await.unwrap(), "it is 7's");
        assert!(!store.begin_race_attempt(plan.id, 4, RunId(8), at(9)).await.unwrap(), "there is none");
        assert!(!store.begin_race_attempt(plan.id + 1, 1, RunId(8), at(9)).await.unwrap());
        store.cancel_race_plan(2025, 11, at(10)).await.unwrap();
        assert!(!store.begin_race_attempt(plan.id, 2, RunId(9), at(11)).await.unwrap(), "cancelled");
        assert!(
            !store.begin_race_attempt(plan.id, 1, RunId(7), at(11)).await.unwrap(),
            "not wanted any more"
        );
    });
}

#[test]
fn an_old_run_neither_ends_nor_begins_what_a_newer_one_has() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.begin_race_attempt(plan.id, 1, RunId(7), at(5)).await.unwrap());
        let failed =
            RaceAttemptEnd { error_message: Some("no".to_owned()), ..ended(RaceAttemptStatus::Failed) };
        assert!(store.end_race_attempt(plan.id, 1, RunId(7), failed.clone(), at(6)).await.unwrap());
        assert!(!store.begin_race_attempt(plan.id, 1, RunId(7), at(7)).await.unwrap(), "it has ended");
        assert!(store.begin_race_attempt(plan.id, 1, RunId(8), at(8)).await.unwrap());
        let again = now_of(&store, &plan).await.attempts.swap_remove(0);
        assert_eq!((again.executed_at, again.error_message, again.results), (Some(at(8)), None, json!({})));
        assert!(!store.end_race_attempt(plan.id, 1, RunId(7), failed, at(9)).await.unwrap());
        assert_eq!(statuses(&now_of(&store, &plan).await), "running pending pending");
        let success = ended(RaceAttemptStatus::Success);
        assert!(store.end_race_attempt(plan.id, 1, RunId(8), success.clone(), at(10)).await.unwrap());
        let done = now_of(&store, &plan).await;
        assert!(
            !store.end_race_attempt(plan.id, 1, RunId(8), success, at(11)).await.unwrap(),
            "ended before"
        );
        assert!(!store.begin_race_attempt(plan.id, 1, RunId(6), at(12)).await.unwrap());
        assert_eq!(now_of(&store, &plan).await, done);
    });
}
