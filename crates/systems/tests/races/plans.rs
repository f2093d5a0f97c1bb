//! Plans made by a batch, moved with the calendar, put away by a cleanup.

use model::state::RunState;
use simulators::jolpica::Trouble;

use crate::bed::{Base, Bed, at};

on_both! {
    a_plan_is_put_away_a_week_after_its_last_attempt
    an_overdue_attempt_runs_before_its_plan_is_put_away
    a_batch_plans_the_races_of_its_days_once
    plans_follow_the_calendar
    a_calendar_cut_short_changes_nothing
}

async fn a_plan_is_put_away_a_week_after_its_last_attempt(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.ok("DELETE", "/2025/11/schedule", "").await;
    bed.clock.set(at("2025-07-07T15:59:30"));
    bed.chore("/cleanup").await;
    bed.ok("GET", "/2025/11/schedule", "").await;
    bed.clock.set(at("2025-07-07T16:00:01"));
    let run = bed.chore("/cleanup").await;
    assert!(bed.log(&run.into()).await.ends_with("✅ 清理完成，共清理 1 个过期计划"));
    assert_eq!(bed.call("GET", "/2025/11/schedule", "").await.0, 404);
    assert_eq!(bed.ok("GET", "/stats", "").await["total_schedules"], 0);
    assert_eq!(bed.plan(11, "").await["status"], "scheduled");
}

async fn an_overdue_attempt_runs_before_its_plan_is_put_away(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    let bed = bed.restarted_at("2025-07-10T00:10:00").await;
    bed.chore("/cleanup").await;
    bed.until(11, 1, "success").await;
    bed.quiet().await;
    bed.clock.set(at("2025-07-17T00:09:00"));
    bed.chore("/cleanup").await;
    bed.ok("GET", "/2025/11/schedule", "").await;
    bed.clock.set(at("2025-07-17T00:12:00"));
    bed.chore("/cleanup").await;
    assert_eq!(bed.call("GET", "/2025/11/schedule", "").await.0, 404);
}

async fn a_batch_plans_the_races_of_its_days_once(base: Base) {
    let bed = Bed::start(base).await;
    let planned = async || {
        let list = bed.ok("GET", "/schedules", "").await;
        let plans = list["schedules"].as_array().unwrap().iter();
        plans.map(|plan| plan["race_round"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let first = bed.ok("POST", "/batch-schedule?days_ahead=6", "").await;
    assert_eq!(first["scheduled_count"], 0, "no calendar is there yet");
    bed.ended(first["task_id"].as_str().unwrap()).await;
    assert_eq!(planned().await, [11]);
    bed.ok("DELETE", "/2025/11/schedule", "").await;
    let second = bed.ok("POST", "/batch-schedule", "").await;
    assert_eq!(second["scheduled_races"][0]["race_round"], 12);
    assert_eq!(second["scheduled_count"], 1);
    bed.ended(second["task_id"].as_str().unwrap()).await;
    assert_eq!(planned().await, [11, 12]);
    assert_eq!(bed.statuses(11).await, ["cancelled"; 3], "a plan that was taken back stays so");
    let log = bed.log(&second["task_id"]).await;
    assert!(log.contains("⏭️ Austrian Grand Prix 已有同步计划，跳过"), "{log}");
    bed.clock.set(at("2025-07-06T22:59:59"));
    bed.until(12, 1, "success").await;
}

async fn plans_follow_the_calendar(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.plan(12, r#"{"race_end_time":"2025-07-06T20:00:00"}"#).await;
    bed.spoil("/2025/races", Trouble::Text { row: 10, field: "time".into(), text: "14:00:00Z".into() });
    bed.spoil("/2025/races", Trouble::Text { row: 11, field: "time".into(), text: "15:00:00Z".into() });
    assert_eq!(bed.calendar().await, RunState::Succeeded);
    assert_eq!(bed.attempt(11, 1).await["scheduled_time"], "2025-06-29T23:00:00+00:00");
    assert_eq!(bed.attempt(12, 1).await["scheduled_time"], "2025-07-07T02:00:00+00:00");
    bed.clock.set(at("2025-06-29T22:59:58"));
    let done = bed.until(11, 1, "success").await;
    assert!(done["executed_time"].as_str().unwrap() >= "2025-06-29T23:00:00", "{done}");

    bed.simulator.set_faults(Vec::new());
    bed.spoil("/2025/races", Trouble::RowVanished { row: 11 });
    assert_eq!(bed.calendar().await, RunState::Succeeded);
    assert_eq!(bed.statuses(12).await, ["cancelled"; 3]);
    assert_eq!(bed.attempt(12, 1).await["reason"], "race_cancelled");
    assert_eq!(bed.call("POST", "/2025/12/schedule", "").await.0, 404);
    bed.simulator.set_faults(Vec::new());
    assert_eq!(bed.calendar().await, RunState::Succeeded);
    assert_eq!(
        bed.plan(12, "").await["message"],
        "同步计划已存在",
        "the race is back, its plan is as it was"
    );
    bed.ok("DELETE", "/2025/12/schedule", "").await;
    assert_eq!(bed.plan(12, "").await["status"], "scheduled");
}

async fn a_calendar_cut_short_changes_nothing(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(24, "").await;
    for trouble in [Trouble::OneThird, Trouble::NotPublished] {
        bed.simulator.set_faults(Vec::new());
        bed.spoil("/2025/races", trouble);
        assert_eq!(bed.calendar().await, RunState::Failed);
        assert_eq!(bed.statuses(24).await, ["pending"; 3]);
    }
}
