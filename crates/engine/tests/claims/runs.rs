//! Claims: runs and their partitions, from the request to the end.

use engine::Requested;
use insta::assert_snapshot;
use model::fault::Fault;
use model::policy::{Overlap, SyncPolicy};
use model::state::RunState;
use std::time::Duration;

use crate::bed::{Act, Bed, again, policy, wish, with_retry, worker};

#[tokio::test]
async fn a_run_goes_partition_by_partition_to_its_end() {
    let bed = Bed::new(policy()).await;
    bed.act("b", &[Act::Skip]);
    bed.start(&["a", "b"]).await;
    assert_snapshot!(bed.page().await, @r"");
    bed.step().await;
    assert_snapshot!(bed.page().await, @r"");
    bed.step().await;
    assert_snapshot!(bed.page().await, @r"");
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
    assert_eq!(bed.heard(), ["run 1 started", "run 1 left"]);
}

#[tokio::test]
async fn a_fault_is_tried_again_with_growing_pauses_until_the_tries_are_used_up() {
    let bed = Bed::new(with_retry(3)).await;
    bed.act("a", &[Act::Fail(again()), Act::Fail(again()), Act::Fail(again())]);
    bed.start(&["a"]).await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
    bed.pass(10);
    bed.reap().await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
    bed.pass(30);
    bed.reap().await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_fault_says_itself_when_it_may_be_tried_again() {
    let bed = Bed::new(with_retry(3)).await;
    bed.act("a", &[Act::Fail(again().after(Duration::from_secs(300)))]);
    bed.act("b", &[Act::Fail(Fault::never("gone", "it is gone"))]);
    bed.start(&["a", "b"]).await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_panic_is_a_fault_of_its_partition_and_the_worker_goes_on() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::Panic]);
    bed.start(&["a", "b"]).await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_fault_of_the_whole_run_ends_it_and_leaves_the_rest_untouched() {
    let bed = Bed::new(policy()).await;
    bed.act("b", &[Act::Fail(Fault::never("banned", "we are banned").ends_run())]);
    bed.start(&["a", "b", "c"]).await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn source_faults_in_a_row_end_the_run() {
    let bed = Bed::new(SyncPolicy { source_fault_limit: Some(2), ..policy() }).await;
    let down = Fault::never("connect", "the source is down").from_source();
    bed.act("a", &[Act::Fail(down.clone())]);
    bed.act("c", &[Act::Fail(down.clone())]);
    bed.act("d", &[Act::Fail(down)]);
    bed.start(&["a", "b", "c", "d", "e"]).await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_partition_that_killed_three_workers_is_quarantined() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::Deaf, Act::Deaf, Act::Deaf]);
    bed.start(&["a", "b"]).await;
    for boot in 1..=3 {
        let doomed = worker(&bed.engine, &format!("host-{boot}"), 1);
        doomed.step(bed.now()).await.unwrap();
        crate::bed::quiet().await;
        drop(doomed);
        bed.pass(31);
        bed.reap().await;
        bed.pass(60);
        bed.reap().await;
    }
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_worker_that_cannot_renew_stops_itself_before_its_lease_is_anothers() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::Listen]);
    bed.start(&["a"]).await;
    bed.step().await;
    bed.pass(26);
    bed.worker.enforce(bed.now());
    assert_eq!(bed.worker.held(), 1);
    bed.pass(1);
    bed.worker.enforce(bed.now());
    bed.step().await;
    bed.work().await;
    assert_eq!(bed.worker.held(), 0);
    assert_eq!(bed.worker.holding(), []);
    bed.pass(4);
    bed.reap().await;
    bed.work().await;
    assert_eq!(bed.engine.read().runs(&Default::default()).await.unwrap().len(), 0, "a limit of nothing");
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn beats_keep_work_that_takes_longer_than_a_lease() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::CheckpointThenListen]);
    let run = bed.start(&["a"]).await;
    bed.step().await;
    for _ in 0..100 {
        bed.pass(1);
        bed.beat().await;
        bed.reap().await;
    }
    assert_snapshot!(bed.page().await, @r"");
    let log = bed.engine.read().log(run.id, 0, 10).await.unwrap();
    assert_eq!(log[0].message, "half way");
    let current = bed.engine.read().current_partition(run.id).await.unwrap().unwrap();
    assert_eq!((current.units.done, current.units.total), (1, Some(2)));
}

#[tokio::test]
async fn a_retry_is_a_new_run_of_what_failed() {
    let bed = Bed::new(policy()).await;
    bed.act("b", &[Act::Fail(Fault::never("gone", "it is gone"))]);
    let run = bed.start(&["a", "b", "c"]).await;
    assert!(bed.engine.retry(run.id, bed.now()).await.unwrap().is_none(), "it has not ended");
    bed.work().await;
    let again = bed.engine.retry(run.id, bed.now()).await.unwrap();
    assert!(matches!(again, Some(Requested::Started(_))));
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
    let good = model::id::RunId(2);
    assert!(bed.engine.retry(good, bed.now()).await.unwrap().is_none(), "nothing of it failed");
}

#[tokio::test]
async fn each_overlap_policy_does_as_it_says() {
    let mut said = Vec::new();
    for overlap in Overlap::ALL {
        let bed = Bed::new(SyncPolicy { overlap: *overlap, ..policy() }).await;
        bed.act("a", &[Act::Listen]);
        bed.start(&["a"]).await;
        bed.step().await;
        let answers = [bed.ask(&["b"]).await, bed.ask(&["c"]).await];
        bed.beat().await;
        bed.work().await;
        let words = answers.map(|answer| match answer {
            Requested::Started(_) => "started",
            Requested::Buffered(_) => "buffered",
            Requested::Known(_) => "known",
            Requested::Busy(_) => "busy",
        });
        let filter = engine::RunFilter { limit: 9, ..Default::default() };
        let mut states: Vec<RunState> =
            bed.engine.read().runs(&filter).await.unwrap().iter().map(|run| run.state).collect();
        states.reverse();
        let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        said.push(format!("{overlap}: {}; {}", words.join(", "), states.join(", ")));
    }
    assert_snapshot!(said.join("\n"), @r"");
}

#[tokio::test]
async fn a_request_nobody_can_serve_changes_nothing() {
    let bed = Bed::new(policy()).await;
    let mut stray = wish(&["a"]);
    stray.sync = model::id::SyncKey::parse("nobody.home").unwrap();
    let refused = bed.engine.request(stray, bed.now()).await.unwrap_err();
    assert_eq!(refused.to_string(), "no sync is called `nobody.home`");
    let refused = bed.engine.request(wish(&["a", "a"]), bed.now()).await.unwrap_err();
    assert_eq!(refused.to_string(), "the plan names partition `a` twice");
    assert_snapshot!(bed.page().await, @r"");
}
