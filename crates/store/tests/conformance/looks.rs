//! What a person looks at in a run: failed partitions first, its tries, its faults, the end of its log.

use model::fault::Fault;
use model::run::{Run, Trigger};
use store::{End, NewLogLine, PartitionFilter, RunFilter, Store};

use crate::bed::*;

/// A run of `a` (done in its second try), `b` and `c` (failed), `d` (under way) and `e` (queued).
async fn mixed(store: &Store) -> Run {
    let made = start(store, wide(&["a", "b", "c", "d", "e"])).await;
    let held = claim(store, 4, 1).await;
    let fault = |text: &str| Fault::never("unlucky", text);
    assert!(end(store, &held[0], End::Retry(Fault::again("timeout", "no answer"), at(5)), 2).await);
    assert!(end(store, &held[1], End::Failed(fault("b is bad")), 3).await);
    assert!(end(store, &held[2], End::Failed(fault("c is bad")), 4).await);
    store.promote(10, at(5)).await.unwrap();
    let again = claim_one(store, 6).await;
    assert_eq!(again.partition.key, "a");
    assert!(end(store, &again, End::Succeeded, 7).await);
    made
}

#[test]
fn failed_partitions_come_first_and_pages_of_them_meet() {
    on_both(|store| async move {
        let made = mixed(&store).await;
        let keys = async |filter: &PartitionFilter| -> String {
            let page = store.read().partitions_failed_first(made.id, filter).await.unwrap();
            page.into_iter().map(|partition| partition.key).collect()
        };
        let mut filter = PartitionFilter { limit: 3, ..PartitionFilter::default() };
        assert_eq!(keys(&filter).await, "bcd");
        filter.after = Some(3);
        assert_eq!(keys(&filter).await, "ae");
        filter =
            PartitionFilter { states: vec![model::state::PartitionState::Failed], after: None, limit: 9 };
        assert_eq!(keys(&filter).await, "bc");
    });
}

#[test]
fn tries_of_a_run_are_those_on_record_and_those_under_way() {
    on_both(|store| async move {
        let made = mixed(&store).await;
        start(&store, wide(&["elsewhere"])).await;
        let tries = store.read().tries(made.id, 10).await.unwrap();
        let said: Vec<String> = tries
            .iter()
            .map(|one| format!("{}{} {} {}", one.key, one.attempt, one.outcome, one.ended_at.is_some()))
            .collect();
        let wanted =
            ["a2 succeeded true", "d1 running false", "c1 failed true", "b1 failed true", "a1 retry true"];
        assert_eq!(said, wanted);
        assert_eq!((tries[4].started_at, tries[4].fault_code.as_deref()), (at(1), Some("timeout")));
        assert_eq!(store.read().tries(made.id, 2).await.unwrap().len(), 2);
    });
}

#[test]
fn faults_of_a_run_are_counted_by_their_code() {
    on_both(|store| async move {
        let made = mixed(&store).await;
        let faults = store.read().faults(made.id, 10).await.unwrap();
        assert_eq!(faults.len(), 1);
        let fault = &faults[0];
        assert_eq!((fault.code.as_deref(), fault.partitions), (Some("unlucky"), 2));
        assert_eq!(fault.message.as_deref(), Some("b is bad"));
    });
}

#[test]
fn a_log_is_read_back_from_its_end() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a"])).await;
        let line = |number: i64| NewLogLine {
            run_id: made.id,
            partition_id: None,
            at: at(number),
            level: "info".to_owned(),
            message: number.to_string(),
        };
        store.append_log((1..=5).map(line).collect()).await.unwrap();
        let newest = store.read().log_before(made.id, None, 2).await.unwrap();
        let older = store.read().log_before(made.id, Some(newest[0].id), 9).await.unwrap();
        let said =
            |lines: &[store::LogLine]| lines.iter().map(|line| line.message.clone()).collect::<String>();
        assert_eq!((said(&newest), said(&older)), ("45".to_owned(), "123".to_owned()));
    });
}

#[test]
fn runs_are_listed_by_who_asked() {
    on_both(|store| async move {
        let mut again = wide(&["a"]);
        again.request.trigger = Trigger::Retry;
        let retry = start(&store, again).await;
        let by_hand = start(&store, wide(&["a"])).await;
        for system in [None, Some("stocks".to_owned())] {
            for (trigger, id) in [(Trigger::Retry, retry.id), (Trigger::Manual, by_hand.id)] {
                let filter = RunFilter {
                    triggers: vec![trigger],
                    system: system.clone(),
                    limit: 9,
                    ..Default::default()
                };
                let runs = store.read().runs(&filter).await.unwrap();
                assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [id]);
            }
        }
    });
}
