//! What is done twice, at once, or by somebody who is late: counted once, answered alike, and lost to nobody.

use model::id::RunId;
use model::ledger::{LedgerState, LedgerWrite};
use model::policy::Overlap;
use model::state::RunState;
use store::{End, Keep, LostWords, Requested, Store};

use crate::bed::*;

/// Reads the feed on until it tells of the run; hangs when it never does.
async fn read_until(store: &Store, run: RunId, cursor: &mut String) {
    loop {
        let (events, next) = store.read().events(Some(cursor), 100).await.unwrap();
        *cursor = next;
        if events.iter().any(|event| event.run_id == Some(run)) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_retry_sent_twice_is_accepted_twice_and_counts_once() {
    on_both(|store| async move {
        start(&store, wish(&["a"])).await;
        let held = claim_one(&store, 1).await;
        let fault = || model::fault::Fault::again("timeout", "no answer");
        assert!(end(&store, &held, End::Retry(fault(), at(60)), 2).await);
        assert!(end(&store, &held, End::Retry(fault(), at(60)), 3).await);
        assert_eq!(store.read().attempts(held.partition.id).await.unwrap().len(), 1);
    });
}

#[test]
fn a_holder_that_was_reaped_is_refused_although_its_try_is_on_record() {
    on_both(|store| async move {
        start(&store, wish(&["a"])).await;
        let held = claim_one(&store, 1).await;
        store.reap(10, no_words(), at(100)).await.unwrap();
        assert!(!end(&store, &held, End::Succeeded, 101).await);
    });
}

#[test]
fn runs_side_by_side_may_finish_the_same_key_in_one_batch() {
    on_both(|store| async move {
        start(&store, wide(&["a"])).await;
        start(&store, wide(&["a"])).await;
        let held = claim(&store, 2, 1).await;
        let finishes = held.iter().zip(["first", "second"]).map(|(held, words)| {
            let mut finish = finish(held, End::Succeeded);
            finish.ledger = Some(LedgerWrite::new(LedgerState::Succeeded, words));
            finish
        });
        let settled = store.finish(finishes.collect(), at(2)).await.unwrap();
        assert!(settled.answers.iter().all(|answer| answer.accepted));
        let row = store.read().ledger_row(&sync(), "a").await.unwrap().unwrap();
        assert_eq!(row.message.as_deref(), Some("second"));
    });
}

#[test]
fn the_same_request_sent_many_times_at_once_makes_one_run_and_all_hear_of_it() {
    on_both(|store| async move {
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let store = store.clone();
            asked.spawn(async move {
                let mut new = wish(&["a"]);
                new.request.idempotency_key = Some("k".to_owned());
                store.request(new, at(0)).await.unwrap()
            });
        }
        let (mut started, mut known) = (0, 0);
        while let Some(answer) = asked.join_next().await {
            match answer.unwrap() {
                Requested::Started(_) => started += 1,
                Requested::Known(_) => known += 1,
                other => panic!("expected the one run, got {other:?}"),
            }
        }
        assert_eq!((started, known), (1, 19));
    });
}

#[test]
fn no_number_is_given_twice_not_even_after_all_is_forgotten() {
    on_both(|store| async move {
        let (_, mut cursor) = store.read().events(None, 1).await.unwrap();
        let first = start(&store, wish(&[])).await;
        read_until(&store, first.id, &mut cursor).await;
        for ended in store.read().unfollowed(10).await.unwrap() {
            store.follow(&ended, Vec::new(), at(1)).await.unwrap();
        }
        let nothing = Keep { runs: std::time::Duration::ZERO, events: std::time::Duration::ZERO };
        assert_eq!(store.forget(nothing, at(10)).await.unwrap().len(), 1);
        let second = start(&store, wish(&[])).await;
        assert!(second.id > first.id);
        read_until(&store, second.id, &mut cursor).await;
    });
}

#[test]
fn a_key_between_two_tries_is_to_be_done_again_when_its_run_is_cancelled() {
    on_both(|store| async move {
        let run = start(&store, wish(&["a"])).await;
        let held = claim_one(&store, 1).await;
        let begun = LedgerWrite::new(LedgerState::Running, "begun");
        assert!(store.write_ledger(held.partition.id, held.partition.fence, begun, at(2)).await.unwrap());
        let fault = model::fault::Fault::again("timeout", "no answer");
        assert!(end(&store, &held, End::Retry(fault, at(60)), 3).await);
        store.cancel(run.id, no_words(), at(4)).await.unwrap();
        let row = store.read().ledger_row(&sync(), "a").await.unwrap().unwrap();
        assert_eq!((row.state, row.run_id), (LedgerState::Queued, Some(run.id)));
    });
}

#[test]
fn words_that_panic_lose_nothing() {
    on_both(|store| async move {
        start(&store, wish(&["a"])).await;
        claim_one(&store, 1).await;
        let panics: LostWords = std::sync::Arc::new(|_, _| panic!("no words"));
        for seconds in [200, 400, 600] {
            store.reap(10, panics.clone(), at(seconds)).await.unwrap();
            store.promote(10, at(seconds + 90)).await.unwrap();
            claim(&store, 1, seconds + 90).await;
        }
        let runs = store.read().runs(&store::RunFilter { limit: 1, ..Default::default() }).await.unwrap();
        assert_eq!(runs[0].state, RunState::Failed);
    });
}

#[test]
fn claims_come_in_the_order_they_are_to_be_begun() {
    on_both(|store| async move {
        start(&store, wide(&["a", "b"])).await;
        let mut urgent = wide(&["c", "d"]);
        urgent.request.priority = 5;
        start(&store, urgent).await;
        let keys: Vec<String> =
            claim(&store, 4, 1).await.into_iter().map(|held| held.partition.key).collect();
        assert_eq!(keys, ["c", "d", "a", "b"]);
    });
}

#[test]
fn a_cancel_that_makes_room_starts_the_oldest_waiting_run_only() {
    on_both(|store| async move {
        let current = start(&store, with_overlap(&["a"], Overlap::BufferAll)).await;
        for _ in 0..2 {
            let buffered = store.request(with_overlap(&["b"], Overlap::BufferAll), at(1)).await.unwrap();
            assert!(matches!(buffered, Requested::Buffered(_)));
        }
        store.cancel(current.id, no_words(), at(2)).await.unwrap();
        let holder = store.read().lease_holder(&sync()).await.unwrap().unwrap();
        assert_eq!(holder.id.0, current.id.0 + 1);
        assert_eq!(claim(&store, 10, 3).await.len(), 1);
    });
}
