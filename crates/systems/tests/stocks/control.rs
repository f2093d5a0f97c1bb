//! Cancel, pause, resume; restarts; how long progress is kept.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use simulators::baostock::Faults;

use crate::bed::{Base, Bed, Making};

on_both! {
    a_cancel_takes_effect_inside_a_slow_reply
    a_paused_run_goes_on_where_it_was
    a_failed_day_that_pauses_in_its_next_try_has_no_error_left
    a_paused_run_outlives_a_restart
    a_day_back_in_the_queue_is_left_by_a_cancel_and_by_a_pause_as_one_in_work
    a_restart_in_mid_day_loses_and_doubles_nothing
    progress_is_kept_for_thirty_days
}

fn dripping() -> Faults {
    Faults { slow_drip: NonZeroU64::new(50), ..Faults::default() }
}

async fn running(bed: &Bed, task: &str) {
    bed.until(|| async { (bed.record("2025-10-09").await["status"] == "syncing").then_some(()) }).await;
    assert_eq!(bed.progress(task).await["status"], "running");
}

async fn control(bed: &Bed, task: &str, verb: &str) -> serde_json::Value {
    bed.post(&format!("/sync/batch/{task}/{verb}"), None).await
}

async fn a_cancel_takes_effect_inside_a_slow_reply(base: Base) {
    let bed = Making::new(base).faults(dripping()).start().await;
    let task = bed.batch("2025-10-09", "2025-10-10").await;
    running(&bed, &task).await;
    let began = Instant::now();
    let asked = control(&bed, &task, "cancel").await;
    assert_eq!(asked["data"]["message"], "取消请求已提交");
    let ended = bed.ended(&task).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(
        (&ended["status"], &ended["message"]),
        (&"cancelled".into(), &"任务已取消: 成功0, 失败0, 跳过0".into())
    );
    let record = bed.record("2025-10-09").await;
    assert_eq!((&record["status"], &record["remarks"]), (&"pending".into(), &"已取消".into()));
    assert_eq!(bed.get("/date/2025-10-10").await["status"], "not_found", "a day not begun is untouched");
    assert_eq!(bed.stored("2025-10-09").await, 0);

    assert_eq!(control(&bed, &task, "cancel").await["status"], "success");
    assert_eq!(control(&bed, &task, "pause").await["message"], "任务已结束，无法暂停");
    assert_eq!(control(&bed, &task, "resume").await["message"], "任务未暂停，无法恢复");
}

async fn paused(bed: &Bed, task: &str) {
    assert_eq!(control(bed, task, "pause").await["data"]["message"], "暂停请求已提交");
    bed.until(|| async { (bed.progress(task).await["status"] == "paused").then_some(()) }).await;
}

async fn a_paused_run_goes_on_where_it_was(base: Base) {
    let bed = Making::new(base).faults(dripping()).start().await;
    let first = bed.batch("2025-10-09", "2025-10-10").await;
    running(&bed, &first).await;
    assert_eq!(control(&bed, &first, "resume").await["message"], "任务未暂停，无法恢复");
    paused(&bed, &first).await;
    let progress = bed.progress(&first).await;
    assert_eq!(
        (&progress["message"], &progress["estimated_completion"]),
        (&"任务已暂停".into(), &serde_json::Value::Null)
    );
    let record = bed.record("2025-10-09").await;
    assert_eq!((&record["status"], &record["remarks"]), (&"pending".into(), &"已暂停".into()));
    assert_eq!(bed.get("/sync/batch/active").await["data"]["task_id"], first, "the newest paused run");

    let second = bed.batch("2025-10-10", "2025-10-10").await;
    let conflict = control(&bed, &first, "resume").await;
    assert_eq!(conflict["current_task"]["task_id"], second, "{conflict}");
    bed.simulator().set_faults(Faults::default());
    assert_eq!(bed.ended(&second).await["success"], 1);

    assert_eq!(control(&bed, &first, "resume").await["data"]["message"], "任务已恢复");
    let ended = bed.ended(&first).await;
    assert_eq!(
        (&ended["success"], &ended["skipped"]),
        (&1.into(), &1.into()),
        "a day synced meanwhile is skipped"
    );
    assert_eq!(bed.stored("2025-10-09").await, bed.expected("2025-10-09").len());
    assert_eq!(control(&bed, &first, "cancel").await["message"], "任务已结束，无法取消");
}

async fn a_failed_day_that_pauses_in_its_next_try_has_no_error_left(base: Base) {
    let bed = Making::new(base).faults(Faults { empty_list: true, ..Faults::default() }).start().await;
    let day = "2025-10-09";
    assert_eq!(bed.sync(day, day).await["failed"], 1);
    let record = bed.record(day).await;
    assert!(record["error_message"].is_string() && record["end_time"].is_string(), "{record}");

    bed.simulator().set_faults(dripping());
    let task = bed.batch(day, day).await;
    running(&bed, &task).await;
    paused(&bed, &task).await;
    let record = bed.record(day).await;
    assert_eq!((&record["status"], &record["remarks"]), (&"pending".into(), &"已暂停".into()));
    for gone in ["error_message", "end_time", "duration_seconds"] {
        assert!(record[gone].is_null(), "{gone}: {record}");
    }
    let (status, checked) = bed.call("POST", &format!("/api/v1/sync-status/check/{day}"), None).await;
    assert!(status == 200 && checked.contains("状态为待同步"), "{checked}");
}

async fn a_paused_run_outlives_a_restart(base: Base) {
    let bed = Making::new(base).faults(dripping()).start().await;
    let task = bed.batch("2025-10-09", "2025-10-09").await;
    running(&bed, &task).await;
    paused(&bed, &task).await;
    let bed = bed.restarted().await;
    assert_eq!(bed.progress(&task).await["status"], "paused");
    bed.simulator().set_faults(Faults::default());
    control(&bed, &task, "resume").await;
    assert_eq!(bed.ended(&task).await["success"], 1);
}

async fn a_day_back_in_the_queue_is_left_by_a_cancel_and_by_a_pause_as_one_in_work(base: Base) {
    for (verb, remarks) in [("cancel", "已取消"), ("pause", "已暂停")] {
        let mut bed = Making::new(base).faults(dripping()).start().await;
        let task = bed.batch("2025-10-09", "2025-10-10").await;
        running(&bed, &task).await;
        // The server goes down, the day waits for the next one, and somebody has no more need of it.
        bed.stop().await;
        assert_eq!(bed.record("2025-10-09").await["status"], "syncing");
        control(&bed, &task, verb).await;
        let record = bed.record("2025-10-09").await;
        assert_eq!((&record["status"], &record["remarks"]), (&"pending".into(), &remarks.into()));
        assert_eq!(bed.get("/date/2025-10-10").await["status"], "not_found", "a day not begun is untouched");
    }
}

async fn a_restart_in_mid_day_loses_and_doubles_nothing(base: Base) {
    let slow = Faults { latency: 15, ..Faults::default() };
    let bed =
        Making::new(base).stocks(1_200).config(|c| c.mode = "per_stock".into()).faults(slow).start().await;
    let task = bed.batch("2025-10-09", "2025-10-09").await;
    bed.until(|| async { (bed.progress(&task).await["stocks"]["done"].as_i64()? > 510).then_some(()) }).await;
    let shown = bed.progress(&task).await["progress_percent"].as_f64().unwrap();
    let bed = bed.restarted().await;
    let first = bed.progress(&task).await;
    assert!(first["progress_percent"].as_f64().unwrap() >= shown, "{shown} then {first}");
    bed.simulator().set_faults(Faults::default());
    let ended = bed.ended(&task).await;
    assert_eq!((&ended["status"], &ended["success"]), (&"completed".into(), &1.into()), "{ended}");
    assert_eq!(bed.stored("2025-10-09").await, bed.expected("2025-10-09").len());
    let asked = bed.requests("95");
    assert!(asked < 1_800, "stocks already there are not asked for again: {asked}");
    let record = bed.record("2025-10-09").await;
    assert_eq!((&record["status"], &record["failed_count"]), (&"success".into(), &0.into()));
}

async fn progress_is_kept_for_thirty_days(base: Base) {
    let bed = Bed::start(base).await;
    let task = bed.batch("2025-10-09", "2025-10-09").await;
    let ended = bed.ended(&task).await;
    bed.pass(SignedDuration::from_hours(29 * 24));
    assert_eq!(bed.progress(&task).await, ended);
    bed.pass(SignedDuration::from_hours(2 * 24));
    let gone = bed.get(&format!("/sync/batch/progress/{task}")).await;
    assert_eq!(gone, serde_json::json!({"status":"error","message":"任务不存在或已过期"}));
}
