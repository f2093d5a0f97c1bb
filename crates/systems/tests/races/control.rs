//! Who starts an attempt, who stops it, and what a stopped server leaves.

use jiff::SignedDuration;

use crate::bed::{Base, Bed, at};

on_both! {
    whoever_asks_for_an_attempt_gets_the_same_run
    one_attempt_of_a_cancelled_plan_is_opened_again
    what_passed_while_no_server_ran_waits_for_a_monitor
    overdue_attempts_run_one_after_another_until_one_succeeds
}

async fn whoever_asks_for_an_attempt_gets_the_same_run(base: Base) {
    let mut bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.drive_schedules();
    let (one, other) = tokio::join!(bed.execute(11, 1), bed.execute(11, 1));
    assert_eq!(one, other);
    bed.clock.set(at("2025-06-29T22:00:01"));
    bed.drive();
    let monitor = bed.ok("POST", "/monitor", "").await["task_id"].as_str().unwrap().to_owned();
    bed.ended(&monitor).await;
    let done = bed.until(11, 1, "success").await;
    assert_eq!(done["run_id"], one.as_str());
    assert_eq!(bed.simulator.requests().len(), 4, "it ran once");
    let again = bed.execute(11, 1).await;
    assert_ne!(again, one, "a run that has ended is not joined");
    bed.ended(&again).await;
}

async fn one_attempt_of_a_cancelled_plan_is_opened_again(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    for _ in 0..2 {
        bed.ok("DELETE", "/2025/11/schedule", "").await;
    }
    assert_eq!(bed.statuses(11).await, ["cancelled"; 3]);
    bed.clock.pass(SignedDuration::from_hours(5));
    let run = bed.execute(11, 2).await;
    let done = bed.until(11, 2, "success").await;
    assert_eq!(done["run_id"], run.as_str());
    assert_eq!(bed.statuses(11).await, ["cancelled", "success", "cancelled"]);
    assert_eq!(bed.attempt(11, 1).await["reason"], "cancelled");
    let plan = bed.ok("GET", "/2025/11/schedule", "").await;
    assert_eq!(plan["schedule"]["cancelled"], false);
}

async fn what_passed_while_no_server_ran_waits_for_a_monitor(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    let bed = bed.restarted_at("2025-06-29T23:10:00").await;
    let pending = bed.ok("GET", "/pending", "").await;
    assert_eq!(pending["pending_count"], 1, "{pending}");
    let monitor = async || bed.ok("POST", "/monitor", "").await["task_id"].as_str().unwrap().to_owned();
    let first = monitor().await;
    bed.ended(&first).await;
    let done = bed.until(11, 1, "success").await;
    assert!(done["executed_time"].as_str().unwrap() > "2025-06-29T23:10:00", "{done}");
    let second = monitor().await;
    bed.ended(&second).await;
    assert_eq!(bed.simulator.requests().len(), 4, "it ran once");
    assert!(bed.log(&first.into()).await.ends_with("✅ 立即执行了 1 个遗漏的同步任务"));
    assert!(bed.log(&second.into()).await.ends_with("✅ 没有待执行的同步任务"));
}

async fn overdue_attempts_run_one_after_another_until_one_succeeds(base: Base) {
    let bed = Bed::start(base).await;
    bed.clock.set(at("2025-07-02T00:00:00"));
    bed.plan(11, "").await;
    bed.until(11, 1, "success").await;
    assert_eq!(bed.statuses(11).await, ["success", "cancelled", "cancelled"]);
}
