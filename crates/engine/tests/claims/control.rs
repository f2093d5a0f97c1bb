//! Claims: cancel, pause, resume, shutdown.

use engine::Controlled;
use insta::assert_snapshot;

use crate::bed::{Act, Bed, policy, quiet, worker};

#[tokio::test]
async fn a_cancel_reaches_a_slow_request_with_the_next_beat() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::Listen]);
    let run = bed.start(&["a", "b"]).await;
    bed.step().await;
    bed.engine.cancel(run.id, bed.now()).await.unwrap();
    assert_snapshot!(bed.page().await, @r"");
    bed.beat().await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
    assert_eq!(bed.heard(), ["run 1 started", "a heard cancel", "run 1 left"]);
}

#[tokio::test]
async fn work_that_does_not_listen_is_dropped_when_its_grace_is_over() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::Deaf]);
    let run = bed.start(&["a"]).await;
    bed.step().await;
    bed.engine.cancel(run.id, bed.now()).await.unwrap();
    bed.beat().await;
    bed.pass(1);
    bed.work().await;
    assert_eq!(bed.worker.held(), 1, "it has two seconds");
    bed.pass(1);
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_paused_run_holds_nothing_and_goes_on_from_its_checkpoint() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::CheckpointThenListen]);
    let run = bed.start(&["a", "b"]).await;
    bed.step().await;
    bed.engine.pause(run.id, bed.now()).await.unwrap();
    bed.beat().await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
    assert!(bed.engine.read().leases().await.unwrap().is_empty());
    let other = bed.start(&["x"]).await;
    let resumed = bed.engine.resume(run.id, bed.now()).await.unwrap();
    assert!(matches!(resumed, Controlled::Busy(busy) if busy.id == other.id));
    bed.work().await;
    bed.engine.resume(run.id, bed.now()).await.unwrap();
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_run_that_pauses_itself_goes_on_at_its_time() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::PauseRun(600)]);
    bed.start(&["a", "b"]).await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
    bed.pass(599);
    bed.reap().await;
    bed.work().await;
    assert_eq!(bed.worker.held(), 0);
    bed.pass(1);
    bed.reap().await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_graceful_end_hands_work_back_uncounted_and_another_goes_on() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::CheckpointThenListen]);
    bed.start(&["a"]).await;
    bed.step().await;
    bed.worker.close(bed.now());
    quiet().await;
    let step = bed.step().await;
    assert_eq!((step.finished, step.claimed), (1, 0));
    assert_snapshot!(bed.page().await, @r"");
    let next = worker(&bed.engine, "host-2", 1);
    next.step(bed.now()).await.unwrap();
    quiet().await;
    next.step(bed.now()).await.unwrap();
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn the_second_signal_does_not_wait_for_work_that_does_not_listen() {
    let bed = Bed::new(policy()).await;
    bed.act("a", &[Act::Deaf]);
    bed.start(&["a"]).await;
    bed.step().await;
    bed.worker.drop_all(bed.now());
    quiet().await;
    bed.step().await;
    assert_eq!(bed.worker.held(), 0);
    assert_snapshot!(bed.page().await, @r"");
}
