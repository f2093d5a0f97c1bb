//! Cancel, pause, resume, overlap, retention.

use std::time::Duration;

use model::ledger::{LedgerState, LedgerWrite};
use model::policy::Overlap;
use model::state::{Control, PartitionState, RunState};
use store::{Beat, Controlled, End, Keep, Lost, LostWords, PartitionFilter, Requested, RunEffect};

use crate::bed::{
    LEASE, at, claim, claim_one, end, finish, no_words, on_both, run, start, sync, wish, with_overlap,
};

fn beat(claimed: &store::Claimed) -> Beat {
    Beat {
        partition: claimed.partition.id,
        fence: claimed.partition.fence,
        units: Default::default(),
        counts: Default::default(),
        message: None,
        run_message: None,
    }
}

#[test]
fn cancelling_a_queued_run_ends_it_at_once() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a", "b"])).await;
        let done = store.cancel(made.id, no_words(), at(1)).await.unwrap();
        assert!(matches!(done, Controlled::Done(run) if run.state == RunState::Cancelled));
        assert!(matches!(store.cancel(made.id, no_words(), at(2)).await.unwrap(), Controlled::Unchanged(_)));
        assert!(matches!(store.pause(made.id, no_words(), at(2)).await.unwrap(), Controlled::Refused(_)));
        assert_eq!(claim(&store, 9, 3).await.len(), 0);
        start(&store, wish(&["a"])).await;
    });
}

#[test]
fn cancelling_a_running_run_tells_its_holder_and_ends_with_it() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a", "b"])).await;
        let held = claim_one(&store, 0).await;
        let asked = store.cancel(made.id, no_words(), at(1)).await.unwrap();
        assert!(matches!(asked, Controlled::Done(run) if run.state == RunState::Running));
        let answers = store.beat(vec![beat(&held)], LEASE, at(2)).await.unwrap();
        assert_eq!(answers[0].control, Control::Cancel);
        assert!(matches!(store.request(wish(&["x"]), at(2)).await.unwrap(), Requested::Busy(_)));
        let settled = store.finish(vec![finish(&held, End::Cancelled)], at(3)).await.unwrap();
        assert_eq!(settled.ended[0].state, RunState::Cancelled);
        start(&store, wish(&["x"])).await;
    });
}

#[test]
fn a_paused_run_frees_its_lease_and_goes_on_where_it_was() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a", "b"])).await;
        let held = claim_one(&store, 0).await;
        store.pause(made.id, no_words(), at(1)).await.unwrap();
        assert!(matches!(store.pause(made.id, no_words(), at(1)).await.unwrap(), Controlled::Unchanged(_)));
        let answers = store.beat(vec![beat(&held)], LEASE, at(2)).await.unwrap();
        assert_eq!(answers[0].control, Control::Pause);
        end(&store, &held, End::Released, 3).await;
        assert_eq!(run(&store, &made).await.state, RunState::Paused);
        assert_eq!(claim(&store, 9, 4).await.len(), 0);
        let other = start(&store, wish(&["x"])).await;
        let busy = store.resume(made.id, at(5)).await.unwrap();
        assert!(matches!(busy, Controlled::Busy(run) if run.id == other.id));
        store.cancel(other.id, no_words(), at(6)).await.unwrap();
        let on = store.resume(made.id, at(7)).await.unwrap();
        assert!(matches!(on, Controlled::Done(run) if run.state == RunState::Running));
        assert_eq!(claim_one(&store, 8).await.partition.key, "a");
    });
}

#[test]
fn resuming_what_is_not_paused_is_refused() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a"])).await;
        assert!(matches!(store.resume(made.id, at(1)).await.unwrap(), Controlled::Refused(_)));
        let unknown = model::id::RunId(made.id.0 + 1000);
        assert!(matches!(store.resume(unknown, at(1)).await.unwrap(), Controlled::Unknown));
        assert!(matches!(store.cancel(unknown, no_words(), at(1)).await.unwrap(), Controlled::Unknown));
    });
}

#[test]
fn a_pause_until_a_moment_ends_by_itself() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a"])).await;
        let held = claim_one(&store, 0).await;
        let mut later = finish(&held, End::Released);
        later.run = RunEffect::PauseUntil(at(600), "budget spent".to_owned());
        store.finish(vec![later], at(1)).await.unwrap();
        let paused = run(&store, &made).await;
        assert_eq!((paused.state, paused.resume_at), (RunState::Paused, Some(at(600))));
        assert_eq!(paused.message.as_deref(), Some("budget spent"));
        assert_eq!(store.promote(10, at(2)).await.unwrap(), Some(at(600)));
        let other = start(&store, wish(&["x"])).await;
        store.promote(10, at(600)).await.unwrap();
        assert_eq!(run(&store, &made).await.state, RunState::Paused, "the lease is another's");
        store.cancel(other.id, no_words(), at(601)).await.unwrap();
        store.promote(10, at(602)).await.unwrap();
        assert_eq!(claim_one(&store, 603).await.partition.attempt, 1, "the pause took no try");
    });
}

#[test]
fn a_buffered_run_starts_when_the_lease_is_free() {
    on_both(|store| async move {
        let first = start(&store, with_overlap(&["a"], Overlap::BufferOne)).await;
        let second = store.request(with_overlap(&["b"], Overlap::BufferOne), at(1)).await.unwrap();
        assert!(matches!(second, Requested::Buffered(_)));
        let third = store.request(with_overlap(&["c"], Overlap::BufferOne), at(2)).await.unwrap();
        assert!(matches!(third, Requested::Busy(run) if run.id == first.id));
        let held = claim_one(&store, 3).await;
        assert_eq!(claim(&store, 9, 3).await.len(), 0);
        end(&store, &held, End::Succeeded, 4).await;
        assert_eq!(claim_one(&store, 5).await.partition.key, "b");
    });
}

#[test]
fn cancel_other_takes_the_place_of_the_current_run() {
    on_both(|store| async move {
        let first = start(&store, with_overlap(&["a"], Overlap::CancelOther)).await;
        let held = claim_one(&store, 0).await;
        let second = store.request(with_overlap(&["b"], Overlap::CancelOther), at(1)).await.unwrap();
        assert!(matches!(second, Requested::Buffered(_)));
        end(&store, &held, End::Cancelled, 2).await;
        assert_eq!(run(&store, &first).await.state, RunState::Cancelled);
        let third = store.request(with_overlap(&["c"], Overlap::CancelOther), at(3)).await.unwrap();
        assert!(matches!(third, Requested::Started(_)), "the second was queued and ended at once: {third:?}");
        assert_eq!(claim_one(&store, 4).await.partition.key, "c");
    });
}

#[test]
fn a_holder_that_finished_before_it_heard_of_the_cancel_keeps_its_success() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a", "b"])).await;
        let held = claim_one(&store, 0).await;
        store.cancel(made.id, no_words(), at(1)).await.unwrap();
        end(&store, &held, End::Succeeded, 2).await;
        let ended = run(&store, &made).await;
        assert_eq!((ended.state, ended.partitions_succeeded), (RunState::Cancelled, 1));
        let left =
            PartitionFilter { states: vec![PartitionState::Cancelled], limit: 9, ..Default::default() };
        assert_eq!(store.read().partitions(made.id, &left).await.unwrap().len(), 1);
    });
}

#[test]
fn former_work_of_the_embedded_database_is_given_back_uncounted() {
    on_both(|store| async move {
        start(&store, wish(&["a"])).await;
        claim_one(&store, 0).await;
        let embedded = format!("{store:?}").contains("SQLite");
        let released = store.release_former(no_words(), at(1)).await.unwrap();
        assert_eq!(released, u64::from(embedded));
        if embedded {
            assert_eq!(claim_one(&store, 2).await.partition.attempt, 1);
        }
    });
}

#[test]
fn former_work_of_a_sync_with_a_bound_of_its_own_counts_as_a_death() {
    on_both(|store| async move {
        let mut wish = wish(&["a"]);
        wish.policy.deaths_max = Some(2);
        store.upsert_sync(&wish.request.sync, &wish.policy, at(0)).await.unwrap();
        let made = start(&store, wish).await;
        let embedded = format!("{store:?}").contains("SQLite");
        for second in [1, 2] {
            claim_one(&store, second).await;
            store.release_former(no_words(), at(second)).await.unwrap();
            if !embedded {
                store.reap(10, no_words(), at(second + 31)).await.unwrap();
                store.promote(10, at(second + 31)).await.unwrap();
            }
        }
        let ended = run(&store, &made).await;
        assert_eq!((ended.state, ended.partitions_failed), (RunState::Failed, 1));
        assert_eq!(store.read().leases().await.unwrap().len(), 0);
    });
}

#[test]
fn old_runs_are_forgotten_with_all_that_hangs_on_them() {
    on_both(|store| async move {
        let old = start(&store, wish(&["a"])).await;
        let held = claim_one(&store, 0).await;
        end(&store, &held, End::Succeeded, 1).await;
        let keep = Keep { runs: Duration::from_secs(100), events: Duration::from_secs(100) };
        assert_eq!(store.forget(keep, at(500)).await.unwrap().len(), 0, "its follow-up is still open");
        for ended in store.read().unfollowed(9).await.unwrap() {
            assert!(store.follow(&ended, Vec::new(), at(2)).await.unwrap());
            assert!(!store.follow(&ended, Vec::new(), at(2)).await.unwrap(), "once");
        }
        assert_eq!(store.forget(keep, at(50)).await.unwrap().len(), 0, "not old yet");
        let gone = store.forget(keep, at(500)).await.unwrap();
        assert_eq!(gone[0].id, old.id);
        assert!(store.read().run(old.id).await.unwrap().is_none());
        assert_eq!(store.read().attempts(held.partition.id).await.unwrap().len(), 0);
    });
}

#[test]
fn of_a_key_handed_back_in_the_middle_the_system_speaks_when_its_run_is_stopped() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a", "b"])).await;
        for (second, verb) in [(10, "paused"), (20, "cancelled")] {
            let held = claim_one(&store, second).await;
            let under_way = LedgerWrite::new(LedgerState::Running, "under way");
            let (id, fence) = (held.partition.id, held.partition.fence);
            assert!(store.write_ledger(id, fence, under_way, at(second)).await.unwrap());
            assert!(end(&store, &held, End::Released, second + 1).await);
            let words: LostWords = std::sync::Arc::new(|lost, fate| {
                let word = if matches!(fate, Lost::Paused) { "paused" } else { "cancelled" };
                Some(LedgerWrite::new(LedgerState::Queued, format!("{word} {}", lost.partition.key)))
            });
            if verb == "paused" {
                store.pause(made.id, words, at(second + 2)).await.unwrap();
                store.resume(made.id, at(second + 3)).await.unwrap();
            } else {
                store.cancel(made.id, words, at(second + 2)).await.unwrap();
            }
            let row = store.read().ledger_row(&sync(), "a").await.unwrap().unwrap();
            assert_eq!((row.state, row.message), (LedgerState::Queued, Some(format!("{verb} a"))));
            assert_eq!(store.read().ledger_row(&sync(), "b").await.unwrap(), None, "not begun, not touched");
        }
    });
}
