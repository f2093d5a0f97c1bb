//! Plans of races: made once, taken back, moved, put away; and their attempts, each its newest run's.

use std::collections::BTreeSet;

use model::event::{Event, EventKind};
use model::id::{RunId, SyncKey};
use model::race::{
    NewRacePlan, RaceAttemptEnd, RaceAttemptStatus, RaceCancelReason, RacePlan, RacePlanState, RacePlanned,
};
use serde_json::json;
use store::Store;

use crate::bed::{at, no_words, on_both, start, wish};

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
    match store.races().plan_race(new, at(0)).await.unwrap() {
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
        line: "it ended".to_owned(),
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
                store.races().cancel_race_plan(2025, 11, at(1)).await.unwrap().unwrap();
            }
            let plans = (0..20).map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.races().plan_race(wanted(11), at(2)).await.unwrap() })
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
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(7), at(1)).await.unwrap());
        let cancelled = store.races().cancel_race_plan(2025, 11, at(2)).await.unwrap().unwrap();
        assert_eq!((cancelled.state, cancelled.cancelled_at), (RacePlanState::Cancelled, Some(at(2))));
        assert_eq!(statuses(&cancelled), "running cancelled/cancelled cancelled/cancelled");
        assert_eq!(store.races().cancel_race_plan(2025, 11, at(3)).await.unwrap(), Some(cancelled.clone()));
        assert_eq!(store.read().race_plan(2025, 11).await.unwrap(), Some(cancelled));
        let next = made(&store, wanted(11)).await;
        assert_eq!(statuses(&next), "pending pending pending");
        assert_eq!(now_of(&store, &plan).await.state, RacePlanState::Replaced);
        assert_eq!(store.read().race_plans(None).await.unwrap(), [next]);
        assert_eq!(store.races().cancel_race_plan(2025, 12, at(3)).await.unwrap(), None);
    });
}

#[test]
fn a_success_cancels_what_is_pending_unless_the_plan_runs_always() {
    on_both(|store| async move {
        for (always_run, others) in [(false, "cancelled/superseded"), (true, "pending")] {
            let round = if always_run { 12 } else { 11 };
            let plan = made(&store, NewRacePlan { always_run, ..wanted(round) }).await;
            assert!(store.races().begin_race_attempt(plan.id, 2, RunId(7), at(5)).await.unwrap());
            let success = ended(RaceAttemptStatus::Success);
            assert!(
                store.races().end_race_attempt(plan.id, 2, RunId(7), success.clone(), at(6)).await.unwrap()
            );
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
            assert!(store.races().begin_race_attempt(plan.id, number, RunId(number), at(5)).await.unwrap());
            let end = RaceAttemptEnd { error_message: Some("no".to_owned()), ..ended(status) };
            assert!(
                store.races().end_race_attempt(plan.id, number, RunId(number), end, at(6)).await.unwrap()
            );
        }
        assert_eq!(statuses(&now_of(&store, &plan).await), "failed partial pending");
    });
}

#[test]
fn a_run_begins_its_attempt_once_and_goes_on_with_it_after_a_crash() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(7), at(5)).await.unwrap());
        let begun = now_of(&store, &plan).await;
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(7), at(9)).await.unwrap());
        assert_eq!(now_of(&store, &plan).await, begun, "nothing changed");
        assert!(!store.races().begin_race_attempt(plan.id, 1, RunId(8), at(9)).await.unwrap(), "it is 7's");
        assert!(
            !store.races().begin_race_attempt(plan.id, 4, RunId(8), at(9)).await.unwrap(),
            "there is none"
        );
        assert!(!store.races().begin_race_attempt(plan.id + 1, 1, RunId(8), at(9)).await.unwrap());
        store.races().cancel_race_plan(2025, 11, at(10)).await.unwrap();
        assert!(!store.races().begin_race_attempt(plan.id, 2, RunId(9), at(11)).await.unwrap(), "cancelled");
        assert!(
            !store.races().begin_race_attempt(plan.id, 1, RunId(7), at(11)).await.unwrap(),
            "not wanted any more"
        );
    });
}

#[test]
fn an_old_run_neither_ends_nor_begins_what_a_newer_one_has() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(7), at(5)).await.unwrap());
        let failed =
            RaceAttemptEnd { error_message: Some("no".to_owned()), ..ended(RaceAttemptStatus::Failed) };
        assert!(store.races().end_race_attempt(plan.id, 1, RunId(7), failed.clone(), at(6)).await.unwrap());
        assert!(
            !store.races().begin_race_attempt(plan.id, 1, RunId(7), at(7)).await.unwrap(),
            "it has ended"
        );
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(8), at(8)).await.unwrap());
        let again = now_of(&store, &plan).await.attempts.swap_remove(0);
        assert_eq!((again.executed_at, again.error_message, again.results), (Some(at(8)), None, json!({})));
        assert!(!store.races().end_race_attempt(plan.id, 1, RunId(7), failed, at(9)).await.unwrap());
        assert_eq!(statuses(&now_of(&store, &plan).await), "running pending pending");
        let success = ended(RaceAttemptStatus::Success);
        assert!(store.races().end_race_attempt(plan.id, 1, RunId(8), success.clone(), at(10)).await.unwrap());
        let done = now_of(&store, &plan).await;
        assert!(
            !store.races().end_race_attempt(plan.id, 1, RunId(8), success, at(11)).await.unwrap(),
            "ended before"
        );
        assert!(!store.races().begin_race_attempt(plan.id, 1, RunId(6), at(12)).await.unwrap());
        assert_eq!(now_of(&store, &plan).await, done);
    });
}

#[test]
fn an_attempt_opened_again_brings_its_plan_back_and_no_other_attempt() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(7), at(1)).await.unwrap());
        let partial = ended(RaceAttemptStatus::Partial);
        assert!(store.races().end_race_attempt(plan.id, 1, RunId(7), partial, at(2)).await.unwrap());
        store.races().cancel_race_plan(2025, 11, at(3)).await.unwrap();
        let open = store.races().reopen_race_attempt(plan.id, 2, at(4)).await.unwrap().unwrap();
        assert_eq!((open.state, open.cancelled_at), (RacePlanState::Active, None));
        assert_eq!(statuses(&open), "partial pending cancelled/cancelled");
        let again = store.races().reopen_race_attempt(plan.id, 1, at(5)).await.unwrap().unwrap();
        assert_eq!(again, open, "what ended stays as it is until a run begins");
        assert_eq!(store.races().reopen_race_attempt(plan.id, 4, at(6)).await.unwrap(), None);
        store.races().cancel_race_plan(2025, 11, at(7)).await.unwrap();
        assert_eq!(store.races().reopen_race_attempt(plan.id, 4, at(8)).await.unwrap(), None);
        assert_eq!(now_of(&store, &plan).await.state, RacePlanState::Cancelled, "nothing was opened");
        made(&store, wanted(11)).await;
        assert_eq!(store.races().reopen_race_attempt(plan.id, 2, at(9)).await.unwrap(), None, "replaced");
    });
}

#[test]
fn a_plan_taken_back_while_its_run_works_is_not_ended_by_what_the_run_found() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(7), at(1)).await.unwrap());
        store.races().cancel_race_plan(2025, 11, at(2)).await.unwrap();
        let success = ended(RaceAttemptStatus::Success);
        assert!(store.races().end_race_attempt(plan.id, 1, RunId(7), success.clone(), at(3)).await.unwrap());
        let first = now_of(&store, &plan).await.attempts.swap_remove(0);
        assert_eq!(
            (first.status, first.reason),
            (RaceAttemptStatus::Cancelled, Some(RaceCancelReason::Cancelled))
        );
        assert_eq!(
            (first.results, first.details),
            (json!({}), success.details),
            "what was finished is listed"
        );
    });
}

#[test]
fn a_run_cancelled_before_it_began_takes_its_attempt_along_once() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.races().cancel_race_attempt(plan.id, 1, RunId(7), at(1)).await.unwrap());
        assert_eq!(statuses(&now_of(&store, &plan).await), "cancelled/cancelled pending pending");
        store.races().reopen_race_attempt(plan.id, 1, at(2)).await.unwrap().unwrap();
        assert!(
            !store.races().cancel_race_attempt(plan.id, 1, RunId(7), at(3)).await.unwrap(),
            "said before"
        );
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(8), at(4)).await.unwrap());
        assert!(
            !store.races().cancel_race_attempt(plan.id, 1, RunId(9), at(5)).await.unwrap(),
            "8 is at work"
        );
        assert_eq!(statuses(&now_of(&store, &plan).await), "running pending pending");
    });
}

#[test]
fn a_race_that_moves_takes_its_pending_attempts_along() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(7), at(1)).await.unwrap());
        let name = "Styrian Grand Prix";
        let moved = store.races().move_race(2025, 11, name, at(HOUR), at(2)).await.unwrap().unwrap();
        assert_eq!((moved.race_name.as_str(), moved.race_end_at), (name, at(HOUR)));
        let times: Vec<_> = moved.attempts.iter().map(|attempt| attempt.scheduled_at).collect();
        assert_eq!(times, [at(6 * HOUR), at(13 * HOUR), at(25 * HOUR)], "the first keeps its time");
        assert_eq!(store.races().move_race(2025, 11, name, at(HOUR), at(3)).await.unwrap(), None, "no news");
        made(&store, NewRacePlan { race_end_overridden: true, ..wanted(12) }).await;
        assert_eq!(
            store.races().move_race(2025, 12, name, at(HOUR), at(3)).await.unwrap(),
            None,
            "a person's end"
        );
        store.races().cancel_race_plan(2025, 11, at(4)).await.unwrap();
        assert_eq!(
            store.races().move_race(2025, 11, name, at(2 * HOUR), at(5)).await.unwrap(),
            None,
            "not active"
        );
        assert_eq!(store.races().move_race(2025, 13, name, at(HOUR), at(5)).await.unwrap(), None, "no plan");
    });
}

#[test]
fn a_race_gone_from_the_calendar_cancels_what_is_pending() {
    on_both(|store| async move {
        let plan = made(&store, wanted(11)).await;
        assert!(store.races().begin_race_attempt(plan.id, 2, RunId(7), at(1)).await.unwrap());
        let gone = store.races().withdraw_race(2025, 11, at(2)).await.unwrap().unwrap();
        assert_eq!(gone.state, RacePlanState::Active);
        assert_eq!(statuses(&gone), "cancelled/race_cancelled running cancelled/race_cancelled");
        assert_eq!(store.races().withdraw_race(2025, 11, at(3)).await.unwrap(), None);
    });
}

#[test]
fn a_plan_is_put_away_when_all_is_long_past_and_nothing_is_under_way() {
    on_both(|store| async move {
        let plan = made(&store, NewRacePlan { retry_hours: vec![6, 12], ..wanted(11) }).await;
        let archive = async |before: i64| {
            store.races().archive_race_plan(plan.id, at(before), at(90 * 24 * HOUR)).await.unwrap()
        };
        let late = 20 * HOUR;
        assert!(!archive(late).await, "two are pending");
        assert!(store.races().begin_race_attempt(plan.id, 1, RunId(1), at(6 * HOUR)).await.unwrap());
        store
            .races()
            .end_race_attempt(plan.id, 1, RunId(1), ended(RaceAttemptStatus::Failed), at(6 * HOUR))
            .await
            .unwrap();
        assert!(store.races().begin_race_attempt(plan.id, 2, RunId(2), at(13 * HOUR)).await.unwrap());
        assert!(!archive(late).await, "one is running");
        store
            .races()
            .end_race_attempt(plan.id, 2, RunId(2), ended(RaceAttemptStatus::Failed), at(14 * HOUR))
            .await
            .unwrap();
        let mut queued = wish(&["race_results"]);
        queued.request.sync = SyncKey::parse("races.attempt.2025.11").unwrap();
        let queued = start(&store, queued).await;
        assert!(!archive(late).await, "a run is queued");
        store.cancel(queued.id, no_words(), at(15 * HOUR)).await.unwrap();
        assert!(!archive(13 * HOUR).await, "begun at that very moment");
        assert!(archive(13 * HOUR + 1).await);
        assert!(!archive(late).await, "once");
        let away = now_of(&store, &plan).await;
        assert_eq!((away.state, away.archived_at), (RacePlanState::Archived, Some(at(90 * 24 * HOUR))));
        assert_eq!(store.read().race_plan(2025, 11).await.unwrap(), None);
        assert_eq!(store.races().reopen_race_attempt(plan.id, 1, at(0)).await.unwrap(), None);
        assert!(!store.races().begin_race_attempt(plan.id, 1, RunId(9), at(0)).await.unwrap());
        made(&store, wanted(11)).await;
    });
}

#[test]
fn plans_are_listed_by_season_and_round_with_their_attempts() {
    on_both(|store| async move {
        let mut all = Vec::new();
        for (season, round) in [(2026, 1), (2025, 12), (2025, 2)] {
            all.push(made(&store, NewRacePlan { season, ..wanted(round) }).await);
        }
        all.reverse();
        assert_eq!(store.read().race_plans(None).await.unwrap(), all);
        assert_eq!(store.read().race_plans(Some(2025)).await.unwrap(), all[..2]);
        assert_eq!(store.read().race_plans(Some(2024)).await.unwrap(), []);
    });
}

#[test]
fn pending_attempts_that_are_due_come_by_time_then_by_race() {
    on_both(|store| async move {
        let late = made(&store, NewRacePlan { retry_hours: vec![1, 2, 9], ..wanted(12) }).await;
        made(&store, NewRacePlan { retry_hours: vec![2, 3], ..wanted(2) }).await;
        made(&store, NewRacePlan { season: 2024, retry_hours: vec![2], ..wanted(20) }).await;
        made(&store, NewRacePlan { retry_hours: vec![1], ..wanted(1) }).await;
        store.races().cancel_race_plan(2025, 1, at(0)).await.unwrap();
        assert!(store.races().begin_race_attempt(late.id, 1, RunId(7), at(HOUR)).await.unwrap());
        let due = async |second: i64| -> Vec<(i64, i64, i64)> {
            let due = store.read().pending_race_attempts(at(second)).await.unwrap();
            due.iter().map(|attempt| (attempt.season, attempt.round, attempt.number)).collect()
        };
        assert_eq!(due(3 * HOUR).await, [(2024, 20, 1), (2025, 2, 1), (2025, 12, 2), (2025, 2, 2)]);
        assert_eq!(due(2 * HOUR - 1).await, []);
        let first = store.read().pending_race_attempts(at(2 * HOUR)).await.unwrap().swap_remove(2);
        assert_eq!((first.plan, first.scheduled_at), (late.id, at(2 * HOUR)));
    });
}

#[test]
fn every_change_of_a_plan_is_told_once() {
    on_both(|store| async move {
        let (_, mut cursor) = store.read().events(None, 1).await.unwrap();
        let races = store.races();
        let plan = made(&store, wanted(11)).await;
        // Everything twice: what changes nothing is not told.
        for second in [1, 2] {
            races.move_race(2025, 11, "Grand Prix", at(HOUR), at(second)).await.unwrap();
        }
        for second in [3, 4] {
            races.begin_race_attempt(plan.id, 1, RunId(1), at(second)).await.unwrap();
        }
        for second in [5, 6] {
            let partial = ended(RaceAttemptStatus::Partial);
            races.end_race_attempt(plan.id, 1, RunId(1), partial, at(second)).await.unwrap();
        }
        for second in [7, 8] {
            races.cancel_race_attempt(plan.id, 2, RunId(2), at(second)).await.unwrap();
        }
        for second in [9, 10] {
            races.withdraw_race(2025, 11, at(second)).await.unwrap();
        }
        for second in [11, 12] {
            races.reopen_race_attempt(plan.id, 3, at(second)).await.unwrap();
        }
        for second in [13, 14] {
            races.cancel_race_plan(2025, 11, at(second)).await.unwrap();
        }
        for second in [15, 16] {
            races.plan_race(wanted(11), at(second)).await.unwrap();
        }
        let plan = races.cancel_race_plan(2025, 11, at(17)).await.unwrap().unwrap();
        for _ in 0..2 {
            races.archive_race_plan(plan.id, at(90 * HOUR), at(90 * HOUR)).await.unwrap();
        }
        let last = start(&store, wish(&["a"])).await;
        let mut seen = Vec::new();
        while seen.last().is_none_or(|event: &Event| event.run_id != Some(last.id)) {
            let (events, next) = store.read().events(Some(&cursor), 100).await.unwrap();
            seen.extend(events);
            cursor = next;
        }
        let sync = SyncKey::parse("races.attempt.2025.11").unwrap();
        seen.retain(|event| event.kind == EventKind::SystemChanged && event.sync.as_ref() == Some(&sync));
        let told: Vec<i64> = seen.iter().map(|event| event.at.duration_since(at(0)).as_secs()).collect();
        assert_eq!(told, [0, 1, 3, 5, 7, 9, 11, 13, 15, 17, 90 * HOUR]);
        assert_eq!(seen[10].data, json!({ "race_plan": plan.id }));
    });
}
