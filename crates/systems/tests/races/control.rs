//! Who starts an attempt, who stops it, and what a stopped server leaves.

use std::sync::Arc;

use engine::RunFilter;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulators::jolpica::{Fault, Trouble};
use store::Probe;
use systems::races::upstream::Race;
use systems::races::{Executed, Scheduled, Terms};

use crate::bed::{Base, Bed, at};
use crate::shared::until;
use crate::watch::{Moment, Watch};

on_both! {
    whoever_asks_for_an_attempt_gets_the_same_run
    an_attempt_superseded_while_it_is_asked_for_is_opened_again
    an_attempt_is_run_again_however_it_stands
    a_wish_for_an_attempt_that_is_told_twice_runs_it_once
    one_attempt_of_a_cancelled_plan_is_opened_again
    what_passed_while_no_server_ran_waits_for_a_monitor
    overdue_attempts_run_one_after_another_until_one_succeeds
    a_plan_made_under_a_key_begins_every_overdue_attempt
    a_calendar_is_fetched_once_for_one_wish
    an_overdue_attempt_waits_for_the_one_before_it
}

/// As a plan is, unless somebody says otherwise.
fn terms() -> Terms {
    Terms { hours: vec![6, 12, 24], always_run: false, race_end: None }
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

async fn an_attempt_is_run_again_however_it_stands(base: Base) {
    let mut bed = Bed::start(base).await;
    bed.plan(11, "").await;
    let away = Trouble::Status { code: 404, retry_after: None };
    let run = async |bed: &Bed, number| {
        let run = bed.execute(11, number).await;
        bed.ended(&run).await;
        let attempt = bed.attempt(11, number).await;
        assert_eq!(attempt["run_id"], run.as_str());
        attempt
    };
    bed.spoil("*", away.clone());
    for before in ["pending, hours before its time", "failed"] {
        let failed = run(&bed, 1).await;
        assert_eq!(failed["status"], "failed", "{before}");
        assert!(failed["error_message"].is_string(), "{failed}");
    }
    bed.simulator.set_faults(vec![Fault::always("/2025/11/qualifying", away)]);
    let partial = run(&bed, 1).await;
    assert_eq!((&partial["status"], &partial["error_message"]), (&json!("partial"), &json!(null)));
    bed.simulator.set_faults(Vec::new());
    let done = run(&bed, 1).await;
    assert_eq!((&done["status"], &done["error_message"]), (&json!("success"), &json!(null)));
    assert_eq!(bed.attempt(11, 3).await["reason"], "superseded");
    assert_eq!(run(&bed, 1).await["status"], "success", "one that succeeded");
    assert_eq!(run(&bed, 3).await["status"], "success", "one that was superseded");
    bed.ok("DELETE", "/2025/11/schedule", "").await;
    assert_eq!(run(&bed, 2).await["status"], "success", "one that was cancelled");
    assert_eq!(bed.statuses(11).await, ["success"; 3]);
    bed.rest().await;
    let before = bed.attempt(11, 1).await;
    bed.execute(11, 1).await;
    assert_eq!(bed.attempt(11, 1).await, before, "until its run starts it is shown as it was");
}

async fn an_attempt_superseded_while_it_is_asked_for_is_opened_again(base: Base) {
    let mut bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.rest().await;
    bed.execute(11, 1).await;
    // The run succeeded, but its process died before the attempt, and with it those to come, heard of it.
    let watch = Arc::new(Watch::until("ending an attempt", Moment::Before, 1));
    let process = bed.process(Arc::clone(&watch) as Arc<dyn Probe>);
    until(&bed.engine, || async { watch.is_dead().then_some(()) }).await;
    drop(process);
    assert_eq!(bed.statuses(11).await, ["running", "pending", "pending"]);
    let run = bed.execute(11, 2).await;
    assert_eq!(bed.statuses(11).await, ["success", "pending", "cancelled"]);
    bed.drive();
    assert_eq!(bed.until(11, 2, "success").await["run_id"], run.as_str());
}

async fn a_wish_for_an_attempt_that_is_told_twice_runs_it_once(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    let race = Race { season: 2025, round: 11 };
    let wish = async |key: &str| {
        let engine = bed.engine.once(Some(key));
        match bed.races.execute(&engine, race, 1).await.unwrap() {
            Executed::Run(run, _) => run.id.0.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let (one, other) = tokio::join!(wish("one"), wish("one"));
    assert_eq!(one, other);
    bed.ended(&one).await;
    assert_eq!(wish("one").await, one, "after its end too");
    let second = wish("other").await;
    assert_ne!(second, one, "another wish is another run");
    bed.ended(&second).await;
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

async fn a_plan_made_under_a_key_begins_every_overdue_attempt(base: Base) {
    let bed = Bed::start(base).await;
    bed.calendar().await;
    bed.clock.set(at("2025-07-02T00:00:00"));
    let away = Trouble::Status { code: 404, retry_after: None };
    bed.simulator.set_faults(vec![Fault::times("/2025/11/qualifying", 1, away)]);
    let engine = bed.engine.once(Some("a wish"));
    let race = Race { season: 2025, round: 11 };
    let planned = bed.races.schedule(&engine, race, terms()).await.unwrap();
    assert!(matches!(planned, Scheduled::Made(_)), "{planned:?}");
    bed.until(11, 2, "success").await;
    assert_eq!(bed.statuses(11).await, ["partial", "success", "cancelled"]);
}

async fn a_calendar_is_fetched_once_for_one_wish(base: Base) {
    let bed = Bed::start(base).await;
    bed.spoil("/2025/races", Trouble::Status { code: 404, retry_after: None });
    let engine = bed.engine.once(Some("a wish"));
    for _ in 0..2 {
        let race = Race { season: 2025, round: 11 };
        let planned = bed.races.schedule(&engine, race, terms()).await.unwrap();
        assert!(matches!(planned, Scheduled::CalendarAway | Scheduled::CalendarOnItsWay), "{planned:?}");
        bed.quiet().await;
    }
    let runs = bed.engine.read().runs(&RunFilter { limit: 10, ..RunFilter::default() }).await.unwrap();
    assert_eq!(runs.len(), 1);
}

async fn an_overdue_attempt_waits_for_the_one_before_it(base: Base) {
    let bed = Bed::start(base).await;
    bed.clock.set(at("2025-07-02T00:00:00"));
    let away = Trouble::Status { code: 404, retry_after: None };
    bed.simulator.set_faults(vec![Fault::times("/2025/11/qualifying", 1, away)]);
    bed.plan(11, "").await;
    let done = bed.until(11, 2, "success").await;
    assert_eq!(bed.statuses(11).await, ["partial", "success", "cancelled"]);
    let first = bed.attempt(11, 1).await;
    let ended = bed.run(first["run_id"].as_str().unwrap()).await.ended_at.unwrap();
    let began: Timestamp = done["executed_time"].as_str().unwrap().parse().unwrap();
    assert!(began >= ended, "{began} {ended}");
}
