//! Requests, claims, outcomes, reaping.

use model::fault::Fault;
use model::policy::Overlap;
use model::run::Reference;
use model::state::{Control, PartitionState, RunState};
use serde_json::json;
use store::{Beat, End, Finish, PartitionFilter, Requested, RunEffect, RunFilter};

use crate::bed::{
    LEASE, at, claim, claim_one, end, finish, no_words, on_both, run, start, wide, wish, with_overlap,
};

#[test]
fn a_run_goes_from_request_to_success() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a", "b"])).await;
        assert_eq!((made.state, made.partitions_total), (RunState::Queued, 2));
        let first = claim_one(&store, 1).await;
        assert_eq!((first.partition.key.as_str(), first.partition.fence.0), ("a", 1));
        assert_eq!(first.run.state, RunState::Running);
        assert_eq!(claim(&store, 9, 1).await.len(), 0, "one at a time");
        assert!(end(&store, &first, End::Succeeded, 2).await);
        let second = claim_one(&store, 3).await;
        assert_eq!(second.partition.payload, json!({"of": "b"}));
        let settled = store.finish(vec![finish(&second, End::Skipped)], at(4)).await.unwrap();
        let ended = &settled.ended[0];
        assert_eq!((ended.state, ended.counts.new), (RunState::Succeeded, 2));
        assert_eq!((ended.partitions_succeeded, ended.partitions_skipped), (1, 1));
        assert_eq!((ended.started_at, ended.ended_at), (Some(at(1)), Some(at(4))));
        assert_eq!(store.read().leases().await.unwrap().len(), 0);
        let attempts = store.read().attempts(first.partition.id).await.unwrap();
        assert_eq!((attempts.len(), attempts[0].outcome.as_str()), (1, "succeeded"));
    });
}

#[test]
fn a_new_try_does_not_say_what_the_last_one_said() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a"])).await;
        let said = async || {
            let all = PartitionFilter { limit: 9, ..PartitionFilter::default() };
            let partition = store.read().partitions(made.id, &all).await.unwrap().remove(0);
            (partition.state, partition.message)
        };
        let first = claim_one(&store, 1).await;
        let failed = End::Retry(Fault::again("source", "connection timeout"), at(5));
        let timeout = Finish { message: Some("connection timeout".to_owned()), ..finish(&first, failed) };
        store.finish(vec![timeout], at(2)).await.unwrap();
        let waiting = (PartitionState::Waiting, Some("connection timeout".to_owned()));
        assert_eq!(said().await, waiting, "while it waits it says why");

        store.promote(10, at(6)).await.unwrap();
        let second = claim_one(&store, 7).await;
        assert_eq!((second.partition.attempt, second.partition.message.as_deref()), (2, None));
        assert_eq!(said().await, (PartitionState::Running, None));
        assert!(end(&store, &second, End::Released, 8).await);
        assert_eq!(said().await, (PartitionState::Queued, None), "it goes back without an old remark");

        let third = claim_one(&store, 9).await;
        assert!(end(&store, &third, End::Succeeded, 10).await);
        assert_eq!(said().await, (PartitionState::Succeeded, None));
    });
}

#[test]
fn of_fifty_requests_at_once_one_wins_and_the_others_name_it() {
    on_both(|store| async move {
        let requests = (0..50).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.request(wish(&["a"]), at(0)).await.unwrap() })
        });
        let mut won = Vec::new();
        let mut named = Vec::new();
        for answer in futures_util::future::join_all(requests).await {
            match answer.unwrap() {
                Requested::Started(run) => won.push(run.id),
                Requested::Busy(run) => named.push(run.id),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((won.len(), named.len()), (1, 49));
        assert!(named.iter().all(|id| *id == won[0]));
    });
}

#[test]
fn a_reference_is_made_unique_by_counting_up() {
    on_both(|store| async move {
        let named = || {
            let mut new = with_overlap(&["a"], Overlap::Allow);
            new.request.reference = Some(Reference { prefix: "x_".to_owned(), number: 7 });
            new
        };
        let first = start(&store, named()).await;
        let second = start(&store, named()).await;
        assert_eq!(first.reference.as_deref(), Some("x_7"));
        assert_eq!(second.reference.as_deref(), Some("x_8"));
        let found = store.read().run_by_reference(&first.sync, "x_8").await.unwrap();
        assert_eq!(found.map(|run| run.id), Some(second.id));
        for number in 9..300 {
            let next = start(&store, named()).await;
            assert_eq!(next.reference, Some(format!("x_{number}")), "however many were named before");
        }
    });
}

#[test]
fn an_idempotency_key_makes_one_run() {
    on_both(|store| async move {
        let keyed = || {
            let mut new = with_overlap(&["a"], Overlap::Allow);
            new.request.idempotency_key = Some("once".to_owned());
            new
        };
        let first = start(&store, keyed()).await;
        let again = store.request(keyed(), at(1)).await.unwrap();
        assert!(matches!(again, Requested::Known(run) if run.id == first.id));
        let of = async |key| store.read().run_by_key(&first.sync, key).await.unwrap().map(|run| run.id);
        assert_eq!((of("once").await, of("twice").await), (Some(first.id), None));
    });
}

#[test]
fn an_empty_plan_ends_at_once_and_holds_nothing() {
    on_both(|store| async move {
        assert_eq!(start(&store, wish(&[])).await.state, RunState::Succeeded);
        assert_eq!(store.read().leases().await.unwrap().len(), 0);
    });
}

#[test]
fn a_key_twice_in_a_plan_is_refused_and_nothing_stays() {
    on_both(|store| async move {
        let refused = store.request(wish(&["a", "a"]), at(0)).await.unwrap_err().to_string();
        assert!(refused.contains("`a`"), "{refused}");
        let filter = RunFilter { limit: 10, ..RunFilter::default() };
        assert_eq!(store.read().runs(&filter).await.unwrap().len(), 0);
        start(&store, wish(&["a"])).await;
    });
}

#[test]
fn an_old_fence_changes_nothing() {
    on_both(|store| async move {
        start(&store, wish(&["a"])).await;
        let stale = claim_one(&store, 0).await;
        store.reap(10, no_words(), at(31)).await.unwrap();
        let living = claim_one(&store, 32).await;
        assert_eq!(living.partition.id, stale.partition.id);
        assert!(living.partition.fence > stale.partition.fence);
        assert!(!end(&store, &stale, End::Succeeded, 33).await, "the first holder is too late");
        let (id, fence) = (stale.partition.id, stale.partition.fence);
        assert!(!store.checkpoint(id, fence, json!(1), at(33)).await.unwrap());
        assert!(end(&store, &living, End::Succeeded, 34).await);
        let ended = run(&store, &living.run).await;
        assert_eq!((ended.state, ended.partitions_succeeded), (RunState::Succeeded, 1));
        let outcomes = store.read().attempts(id).await.unwrap();
        let outcomes: Vec<&str> = outcomes.iter().map(|attempt| attempt.outcome.as_str()).collect();
        assert_eq!(outcomes, ["lost", "succeeded"]);
    });
}

#[test]
fn of_two_claims_in_one_batch_only_the_newer_counts() {
    on_both(|store| async move {
        let run_started = start(&store, wish(&["a", "b"])).await;
        let stale = claim_one(&store, 0).await;
        store.reap(10, no_words(), at(31)).await.unwrap();
        let living = claim_one(&store, 32).await;
        let both = vec![finish(&stale, End::Released), finish(&living, End::Succeeded)];
        let settled = store.finish(both, at(33)).await.unwrap();
        let accepted: Vec<bool> = settled.answers.iter().map(|answer| answer.accepted).collect();
        assert_eq!(accepted, [false, true]);
        let run = run(&store, &run_started).await;
        assert_eq!((run.partitions_succeeded, run.counts.new), (1, 1));
    });
}

#[test]
fn a_finish_sent_twice_counts_once_and_is_accepted_twice() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a", "b"])).await;
        let first = claim_one(&store, 0).await;
        assert!(end(&store, &first, End::Succeeded, 1).await);
        assert!(end(&store, &first, End::Succeeded, 2).await);
        assert_eq!(run(&store, &made).await.partitions_succeeded, 1);
    });
}

#[test]
fn a_beat_keeps_the_lease_and_stores_progress() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a"])).await;
        let held = claim_one(&store, 0).await;
        let beat = Beat {
            partition: held.partition.id,
            fence: held.partition.fence,
            units: model::partition::UnitProgress { done: 3, failed: 1, total: Some(9) },
            counts: model::counts::ItemCounts::default(),
            message: Some("on it".to_owned()),
            run_message: Some("fallback".to_owned()),
        };
        let answers = store.beat(vec![beat.clone()], LEASE, at(20)).await.unwrap();
        assert_eq!((answers.len(), answers[0].control), (1, Control::None));
        store.reap(10, no_words(), at(40)).await.unwrap();
        let current = store.read().current_partition(made.id).await.unwrap().unwrap();
        assert_eq!(current.state, PartitionState::Running, "renewed at 20, so alive at 40");
        assert_eq!((current.units.done, current.message.as_deref()), (3, Some("on it")));
        assert_eq!(run(&store, &made).await.message.as_deref(), Some("fallback"));
        store.reap(10, no_words(), at(51)).await.unwrap();
        assert_eq!(store.beat(vec![beat], LEASE, at(52)).await.unwrap().len(), 0, "lost to its holder");
    });
}

#[test]
fn a_retry_waits_and_comes_back_with_its_checkpoint() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a"])).await;
        let held = claim_one(&store, 0).await;
        let (id, fence) = (held.partition.id, held.partition.fence);
        assert!(store.checkpoint(id, fence, json!({"page": 2}), at(1)).await.unwrap());
        end(&store, &held, End::Retry(Fault::again("timeout", "no answer"), at(60)), 2).await;
        assert_eq!(run(&store, &made).await.state, RunState::Waiting);
        let next = store.read().next_try(made.id).await.unwrap().unwrap();
        assert_eq!(
            (next.attempt, next.available_at, next.fault_code),
            (1, Some(at(60)), Some("timeout".into()))
        );
        assert_eq!(store.promote(10, at(30)).await.unwrap(), Some(at(60)));
        assert_eq!(claim(&store, 1, 30).await.len(), 0);
        store.promote(10, at(60)).await.unwrap();
        let again = claim_one(&store, 61).await;
        assert_eq!((again.partition.attempt, again.partition.checkpoint), (2, Some(json!({"page": 2}))));
        assert_eq!(store.read().next_try(made.id).await.unwrap().map(|next| next.id), None);
    });
}

#[test]
fn a_released_try_does_not_count() {
    on_both(|store| async move {
        start(&store, wish(&["a"])).await;
        let held = claim_one(&store, 0).await;
        assert!(end(&store, &held, End::Released, 1).await);
        let again = claim_one(&store, 2).await;
        assert_eq!((again.partition.attempt, again.partition.crashes), (1, 0));
        assert!(!end(&store, &held, End::Succeeded, 3).await);
    });
}

#[test]
fn three_deaths_quarantine_a_partition() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a"])).await;
        for death in 0..3 {
            let second = death * 1000;
            store.promote(10, at(second)).await.unwrap();
            claim_one(&store, second).await;
            store.reap(10, no_words(), at(second + 31)).await.unwrap();
        }
        let ended = run(&store, &made).await;
        assert_eq!((ended.state, ended.partitions_failed), (RunState::Failed, 1));
        let partitions = PartitionFilter { limit: 9, ..PartitionFilter::default() };
        let partitions = store.read().partitions(made.id, &partitions).await.unwrap();
        assert_eq!(partitions[0].state, PartitionState::Quarantined);
    });
}

#[test]
fn source_faults_in_a_row_end_the_run_and_leave_the_rest() {
    on_both(|store| async move {
        let mut new = wish(&["a", "b", "c", "d"]);
        new.policy.source_fault_limit = Some(2);
        let made = start(&store, new).await;
        let down = || End::Failed(Fault::never("eof", "closed").from_source());
        let first = claim_one(&store, 0).await;
        end(&store, &first, down(), 1).await;
        let second = claim_one(&store, 2).await;
        let settled = store.finish(vec![finish(&second, down())], at(3)).await.unwrap();
        let ended = &settled.ended[0];
        assert_eq!((ended.state, ended.partitions_failed), (RunState::Failed, 2));
        assert_eq!(ended.fault_message.as_deref(), Some("closed"));
        let left =
            PartitionFilter { states: vec![PartitionState::Cancelled], limit: 9, ..Default::default() };
        assert_eq!(store.read().partitions(made.id, &left).await.unwrap().len(), 2);
    });
}

#[test]
fn higher_priority_goes_first_then_the_older_run() {
    on_both(|store| async move {
        start(&store, wide(&["old"])).await;
        start(&store, wide(&["young"])).await;
        let mut urgent = wide(&["urgent"]);
        urgent.request.priority = 5;
        start(&store, urgent).await;
        let mut keys = Vec::new();
        for _ in 0..3 {
            keys.push(claim_one(&store, 1).await.partition.key);
        }
        assert_eq!(keys, ["urgent", "old", "young"]);
    });
}

#[test]
fn partitions_of_other_systems_are_left_alone() {
    on_both(|store| async move {
        start(&store, wish(&["a"])).await;
        let none = store.claim("host-1", &["races".to_owned()], 5, LEASE, at(0)).await.unwrap();
        assert_eq!(none.len(), 0);
    });
}

#[test]
fn two_workers_never_claim_the_same_partition() {
    on_both(|store| async move {
        let keys: Vec<String> = (0..200).map(|n| format!("{n:03}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let made = start(&store, wide(&keys)).await;
        let workers = (0..4).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut done = Vec::new();
                loop {
                    let claimed = claim(&store, 7, 1).await;
                    if claimed.is_empty() {
                        return done;
                    }
                    let ends = claimed.iter().map(|claimed| finish(claimed, End::Succeeded)).collect();
                    store.finish(ends, at(2)).await.unwrap();
                    done.extend(claimed.into_iter().map(|claimed| claimed.partition.key));
                }
            })
        });
        let mut done: Vec<String> = Vec::new();
        for worker in futures_util::future::join_all(workers).await {
            done.extend(worker.unwrap());
        }
        done.sort();
        assert_eq!(done.len(), 200);
        done.dedup();
        assert_eq!(done.len(), 200);
        let ended = run(&store, &made).await;
        assert_eq!((ended.state, ended.counts.new), (RunState::Succeeded, 200));
    });
}

#[test]
fn a_run_says_what_its_partition_says_of_it() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a", "b"])).await;
        let first = claim_one(&store, 0).await;
        let mut said = finish(&first, End::Succeeded);
        said.run = RunEffect::Say("per_stock from here".to_owned());
        store.finish(vec![said], at(1)).await.unwrap();
        assert_eq!(run(&store, &made).await.message.as_deref(), Some("per_stock from here"));
    });
}

#[test]
fn ended_runs_are_counted_by_quarters_of_an_hour() {
    on_both(|store| async move {
        let fault = Fault::never("bad", "no such thing");
        for (end, second) in
            [(End::Succeeded, 899), (End::Succeeded, 890), (End::Failed(fault), 895), (End::Succeeded, 900)]
        {
            start(&store, wide(&["a"])).await;
            let held = claim_one(&store, second).await;
            assert!(self::end(&store, &held, end, second).await);
        }
        let counted = |since| {
            let store = store.clone();
            async move {
                let rows = store.read().runs_ended(at(since)).await.unwrap();
                rows.iter()
                    .map(|r| (r.quarter.duration_since(at(0)).as_secs(), r.state, r.count))
                    .collect::<Vec<_>>()
            }
        };
        let first = at(0).as_second().rem_euclid(900);
        assert_eq!(first, 0, "the suite's zero is a quarter's beginning");
        let all = [(0, RunState::Succeeded, 2), (0, RunState::Failed, 1), (900, RunState::Succeeded, 1)];
        assert_eq!(counted(0).await, all);
        assert_eq!(counted(900).await, all[2..]);
    });
}
