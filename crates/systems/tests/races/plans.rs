//! Plans made by a batch, moved with the calendar, put away by a cleanup.

use model::race::RacePlanState;
use model::state::RunState;
use serde_json::json;
use simulators::jolpica::Trouble;
use systems::races::tables;

use crate::bed::{Base, Bed, at};

on_both! {
    what_a_replaced_plan_did_stays_in_the_history
    a_plan_is_put_away_a_week_after_its_last_attempt
    an_overdue_attempt_runs_before_its_plan_is_put_away
    a_batch_plans_the_races_of_its_days_once
    a_batch_leaves_out_what_the_calendar_lost_and_what_is_over
    plans_follow_the_calendar
    a_race_without_a_time_ends_at_three_and_one_without_a_date_when_told
    a_calendar_cut_short_changes_nothing
}

async fn what_a_replaced_plan_did_stays_in_the_history(base: Base) {
    let bed = Bed::start(base).await;
    let old = bed.plan(11, "").await;
    let run = bed.execute(11, 1).await;
    bed.until(11, 1, "success").await;
    for _ in 0..2 {
        bed.ok("DELETE", "/2025/11/schedule", "").await;
        assert_eq!(bed.statuses(11).await, ["success", "cancelled", "cancelled"]);
    }
    assert_eq!(bed.plan(11, "").await, old, "made anew in the same words");
    assert_eq!(bed.statuses(11).await, ["pending"; 3]);
    let kept = bed.run(&run).await;
    assert_eq!((kept.sync.as_str(), kept.state), ("races.attempt.2025.11", RunState::Succeeded));
    let id = kept.params["plan"].as_i64().unwrap();
    let replaced = bed.engine.read().race_plan_by_id(id).await.unwrap().unwrap();
    assert_eq!(replaced.state, RacePlanState::Replaced);
    assert_eq!(replaced.attempts[0].run, Some(kept.id));
    assert!(bed.log(&run.into()).await.ends_with("4/5 项成功"));
}

async fn a_plan_is_put_away_a_week_after_its_last_attempt(base: Base) {
    let mut bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.execute(11, 1).await;
    bed.until(11, 1, "success").await;
    bed.ok("DELETE", "/2025/11/schedule", "").await;
    bed.wake_at("2025-07-07T15:59:30").await;
    bed.chore("/cleanup").await;
    bed.ok("GET", "/2025/11/schedule", "").await;
    bed.wake_at("2025-07-07T16:00:01").await;
    let run = bed.chore("/cleanup").await;
    assert!(bed.log(&run.into()).await.ends_with("✅ 清理完成，共清理 1 个过期计划"));
    for (method, path) in [("GET", "schedule"), ("DELETE", "schedule"), ("POST", "execute/1")] {
        assert_eq!(bed.call(method, &format!("/2025/11/{path}"), "").await.0, 404, "{method} {path}");
    }
    assert_eq!(bed.ok("GET", "/stats", "").await["total_schedules"], 0);
    assert_eq!(bed.ok("GET", "/schedules", "").await["total_count"], 0);
    assert_eq!(bed.rows(tables::RACE_RESULTS, 11).await, 20, "what it brought home stays");
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

async fn a_batch_leaves_out_what_the_calendar_lost_and_what_is_over(base: Base) {
    let bed = Bed::start(base).await;
    bed.spoil("/2025/races", Trouble::Text { row: 9, field: "date".into(), text: "2025-06-28".into() });
    assert_eq!(bed.calendar().await, RunState::Succeeded);
    bed.spoil("/2025/races", Trouble::RowVanished { row: 11 });
    assert_eq!(bed.calendar().await, RunState::Succeeded);
    // Today's race is the first of the days; yesterday's is over, that of a week from now is cancelled.
    let batch = bed.ok("POST", "/batch-schedule?days_ahead=7", "").await;
    let rounds = json!([{"race_round": 11, "race_name": "Austrian Grand Prix"}]);
    assert_eq!((&batch["scheduled_count"], &batch["scheduled_races"]), (&json!(1), &rounds));
    bed.ended(batch["task_id"].as_str().unwrap()).await;
    assert_eq!(bed.ok("GET", "/schedules", "").await["total_count"], 1);
    let log = bed.log(&batch["task_id"]).await;
    assert!(log.ends_with("   即将到来的比赛: 1 场\n   新安排的计划: 1 个"), "{log}");
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

async fn a_race_without_a_time_ends_at_three_and_one_without_a_date_when_told(base: Base) {
    let bed = Bed::start(base).await;
    bed.spoil("/2025/races", Trouble::Missing { row: 10, field: "time".into() });
    bed.spoil("/2025/races", Trouble::Missing { row: 11, field: "date".into() });
    assert_eq!(bed.calendar().await, RunState::Succeeded);
    assert_eq!(bed.plan(11, "").await["race_end_time"], "2025-06-29T15:00:00+00:00");
    let (status, refused) = bed.call("POST", "/2025/12/schedule", "").await;
    let told = "安排同步计划失败: 无法确定比赛 British Grand Prix 的结束时间";
    assert_eq!((status, &refused["detail"]), (500, &json!(told)));
    let planned = bed.plan(12, r#"{"race_end_time":"2025-07-06T17:00:00"}"#).await;
    assert_eq!(planned["race_end_time"], "2025-07-06T17:00:00+00:00");
    // The date is known later: what a person said stays.
    bed.simulator.set_faults(Vec::new());
    assert_eq!(bed.calendar().await, RunState::Succeeded);
    assert_eq!(bed.attempt(11, 1).await["scheduled_time"], "2025-06-29T22:00:00+00:00");
    assert_eq!(bed.attempt(12, 1).await["scheduled_time"], "2025-07-06T23:00:00+00:00");
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
