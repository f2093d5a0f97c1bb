//! Attempts that were stopped, and runs after the first one.

use model::id::RunId;
use serde_json::json;
use simulators::jolpica::{Fault, Trouble};
use systems::races::tables;

use crate::bed::{Base, Bed, at};
use crate::shared::until;

on_both! {
    a_cancel_between_datasets_keeps_what_is_stored
    a_cancel_ends_the_wait_after_a_429
    a_cancelled_run_cancels_its_attempt_alone
    a_queued_attempt_that_was_cancelled_never_runs
    a_retried_run_completes_what_the_former_one_found
    an_attempt_that_runs_always_applies_a_correction
}

async fn cancelled_while(base: Base, trouble: Trouble) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.spoil("/2025/11/results", trouble);
    let run = bed.execute(11, 1).await;
    until(&bed.engine, || async { (bed.simulator.requests().len() == 2).then_some(()) }).await;
    assert_eq!(bed.attempt(11, 1).await["status"], "running");
    bed.ok("DELETE", "/2025/11/schedule", "").await;
    let cancelled = bed.until(11, 1, "cancelled").await;
    assert_eq!((&cancelled["results"], &cancelled["reason"]), (&json!({}), &"cancelled".into()));
    let finished: Vec<&String> = cancelled["details"].as_object().unwrap().keys().collect();
    assert_eq!(finished, ["qualifying_results"]);
    assert_eq!(bed.rows(tables::QUALIFYING_RESULTS, 11).await, 20);
    assert_eq!(bed.statuses(11).await, ["cancelled"; 3]);
    assert!(bed.log(&run.into()).await.ends_with("\n🚫 比赛后数据同步已取消"));
    bed.simulator.set_faults(Vec::new());
    bed.clock.set(at("2025-06-30T18:00:00"));
    bed.chore("/monitor").await;
    assert_eq!((bed.statuses(11).await, bed.simulator.requests().len()), (vec!["cancelled".into(); 3], 2));
}

async fn a_cancel_between_datasets_keeps_what_is_stored(base: Base) {
    cancelled_while(base, Trouble::Delay { millis: 15_000 }).await;
}

async fn a_cancel_ends_the_wait_after_a_429(base: Base) {
    cancelled_while(base, Trouble::Status { code: 429, retry_after: Some("300".into()) }).await;
}

async fn a_cancelled_run_cancels_its_attempt_alone(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    // Between two pages.
    bed.spoil("/2025/11/results", Trouble::PageCap { rows: 7 });
    bed.spoil("/2025/11/results", Trouble::Delay { millis: 500 });
    let run = bed.execute(11, 1).await;
    until(&bed.engine, || async { (bed.simulator.requests().len() == 3).then_some(()) }).await;
    bed.engine.cancel(RunId(run.parse().unwrap()), bed.engine.now()).await.unwrap();
    let cancelled = bed.until(11, 1, "cancelled").await;
    assert_eq!((&cancelled["results"], &cancelled["reason"]), (&json!({}), &"cancelled".into()));
    let finished: Vec<&String> = cancelled["details"].as_object().unwrap().keys().collect();
    assert_eq!(finished, ["qualifying_results"]);
    assert_eq!(bed.rows(tables::RACE_RESULTS, 11).await, 0, "a listing that was broken off is not stored");
    assert_eq!(bed.statuses(11).await, ["cancelled", "pending", "pending"]);
    bed.simulator.set_faults(Vec::new());
    bed.clock.set(at("2025-06-30T03:59:59"));
    bed.until(11, 2, "success").await;
    assert_eq!(bed.statuses(11).await, ["cancelled", "success", "cancelled"]);
}

async fn a_queued_attempt_that_was_cancelled_never_runs(base: Base) {
    let mut bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.drive_schedules();
    let run = bed.execute(11, 1).await;
    bed.ok("DELETE", "/2025/11/schedule", "").await;
    bed.drive();
    bed.ended(&run).await;
    assert_eq!(bed.statuses(11).await, ["cancelled"; 3]);
    assert_eq!(bed.simulator.requests().len(), 0);
}

async fn a_retried_run_completes_what_the_former_one_found(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.simulator.set_faults(vec![Fault::always(
        "/2025/11/qualifying",
        Trouble::Status { code: 404, retry_after: None },
    )]);
    let run = bed.execute(11, 1).await;
    let partial = bed.until(11, 1, "partial").await;
    let stored = ["race_results", "driver_standings", "constructor_standings"];
    assert!(stored.iter().all(|dataset| partial["details"][dataset]["outcome"] == "ok"), "{partial}");
    assert_eq!(partial["details"]["qualifying_results"]["message"], "上游返回 HTTP 404");
    bed.simulator.set_faults(Vec::new());
    bed.simulator.clear_requests();
    bed.engine.retry(RunId(run.parse().unwrap()), bed.engine.now()).await.unwrap().unwrap();
    let done = bed.until(11, 1, "success").await;
    assert_eq!(done["details"].as_object().unwrap().len(), 5);
    assert_eq!((done["error_message"].clone(), bed.simulator.requests().len()), (json!(null), 1));
}

async fn an_attempt_that_runs_always_applies_a_correction(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(12, r#"{"always_run":true}"#).await;
    bed.clock.set(at("2025-07-06T23:00:00"));
    bed.until(12, 1, "success").await;
    assert_eq!(bed.statuses(12).await, ["success", "pending", "pending"]);
    let run = bed.attempt(12, 1).await["run_id"].as_str().unwrap().to_owned();
    let first = bed.run(&run).await.counts;
    assert_eq!((first.new, first.updated, first.unchanged), (70, 0, 0));
    let texts = async || bed.column(tables::RACE_RESULTS, 12, "position_text").await;
    assert!(!texts().await.contains(&"D".to_owned()));
    bed.spoil("/2025/12/results", Trouble::Disqualified { row: 5 });
    bed.clock.set(at("2025-07-07T05:00:00"));
    let second = bed.until(12, 2, "success").await;
    let changed = bed.run(second["run_id"].as_str().unwrap()).await.counts;
    assert_eq!((changed.new, changed.updated, changed.unchanged, changed.deleted), (0, 1, 69, 0));
    let corrected = texts().await;
    assert_eq!((corrected.len(), corrected.iter().filter(|text| *text == "D").count()), (20, 1));
    bed.clock.set(at("2025-07-07T17:00:00"));
    let third = bed.until(12, 3, "success").await;
    let same = bed.run(third["run_id"].as_str().unwrap()).await.counts;
    assert_eq!((same.new, same.updated, same.unchanged, same.deleted), (0, 0, 70, 0));
}
