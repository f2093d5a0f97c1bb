//! Times of schedules: a week of them by the clock of Shanghai, each fired once whatever the number of servers, none
//! made up, none beside a run at work.

use std::collections::BTreeMap;

use engine::worker::{Worker, WorkerSpec};
use engine::{Engine, scheduler};
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use model::run::{RunRequest, Trigger};
use model::schedule::TickDecision;
use model::task::{TaskRecord, TaskRecordStatus, TaskSyncType, TaskTrigger};
use serde_json::json;
use store::{Page, TaskRecordFilter};

use crate::bed::{Base, Bed, at};
use crate::journal::journal;
use crate::shared::until;

on_both! {
    a_week_has_nineteen_times_a_day_and_two_servers_fire_each_once
    nothing_runs_at_a_start_and_what_went_by_is_shown_as_missed
    a_server_that_ran_before_a_time_may_see_it_five_minutes_late
    a_time_that_finds_the_lock_held_is_told_and_leaves_no_record
    the_lines_of_a_start_are_the_documented_ones
}

/// The hours of each type, of every day.
fn hours(of: TaskSyncType) -> Vec<i8> {
    match of {
        TaskSyncType::Historical => vec![1, 10, 15, 21],
        TaskSyncType::Today => (9..=23).collect(),
    }
}

fn shanghai(at: jiff::Timestamp) -> DateTime {
    TimeZone::get("Asia/Shanghai").unwrap().to_datetime(at)
}

fn worker(engine: &Engine) -> Worker {
    let spec = WorkerSpec { holder: "test-1".into(), slots: 4 };
    Worker::new(engine.clone(), spec, fastrand::Rng::with_seed(1))
}

/// Does all there is to do.
async fn work(engine: &Engine, worker: &Worker) {
    loop {
        worker.step(engine.now()).await.unwrap();
        if worker.held() == 0 {
            return;
        }
        worker.outcome().await;
    }
}

/// All records, oldest first.
async fn records(bed: &Bed) -> Vec<TaskRecord> {
    let page = Page { offset: 0, limit: 1000 };
    let mut listed = bed.store.read().task_records(&TaskRecordFilter::default(), page).await.unwrap().rows;
    listed.reverse();
    listed
}

/// What became of the times of a type's schedule, newest first.
async fn decisions(bed: &Bed, of: TaskSyncType) -> Vec<(i8, TickDecision)> {
    let schedule = bed.engine.read().schedule_by_name(&format!("tasks-{of}")).await.unwrap().unwrap();
    let ticks = bed.engine.read().ticks(schedule.id, 500).await.unwrap();
    ticks.into_iter().map(|tick| (shanghai(tick.nominal_at).hour(), tick.decision)).collect()
}

async fn a_week_has_nineteen_times_a_day_and_two_servers_fire_each_once(base: Base) {
    let bed = Bed::idle(base).await;
    let twin = bed.twin("twin-2", |_| ()).await;
    let worker = worker(&bed.engine);
    let noon = bed.clock.now();
    for half_hours in 1..=7 * 48 {
        bed.clock.set(noon + SignedDuration::from_mins(30 * half_hours));
        let before = records(&bed).await.len();
        let now = bed.clock.now();
        let (one, other) = tokio::join!(scheduler::tick(&bed.engine, now), scheduler::tick(&twin, now));
        one.unwrap();
        other.unwrap();
        let local = shanghai(now);
        let due =
            TaskSyncType::ALL.iter().filter(|of| local.minute() == 0 && hours(**of).contains(&local.hour()));
        assert_eq!(records(&bed).await.len() - before, due.count(), "{local}");
        work(&bed.engine, &worker).await;
    }
    let records = records(&bed).await;
    let mut days: BTreeMap<_, BTreeMap<&str, Vec<i8>>> = BTreeMap::new();
    for record in &records {
        assert_eq!((record.status, record.trigger), (TaskRecordStatus::Success, TaskTrigger::Auto));
        let local = shanghai(record.created_at);
        let today = local.date().to_datetime(Time::midnight());
        let window = (shanghai(record.window.from), shanghai(record.window.to));
        let expected = match record.sync_type {
            TaskSyncType::Historical => (today - 3.days(), today - 1.second()),
            TaskSyncType::Today => (today, shanghai(record.window.to)),
        };
        assert_eq!(window, expected, "{local}");
        days.entry(local.date())
            .or_default()
            .entry(record.sync_type.as_str())
            .or_default()
            .push(local.hour());
    }
    assert_eq!((records.len(), days.len()), (7 * 19, 8), "from noon to noon");
    for (day, of_day) in days.iter().skip(1).take(6) {
        let whole = TaskSyncType::ALL.iter().map(|of| (of.as_str(), hours(*of))).collect();
        assert_eq!(of_day, &whole, "{day}");
    }
    for of in TaskSyncType::ALL {
        let decided = decisions(&bed, *of).await;
        assert_eq!(decided.len(), 7 * hours(*of).len());
        assert!(decided.iter().all(|(_, decision)| *decision == TickDecision::Started), "{decided:?}");
    }
}

async fn nothing_runs_at_a_start_and_what_went_by_is_shown_as_missed(base: Base) {
    let bed = Bed::idle(base).await;
    scheduler::tick(&bed.engine, bed.clock.now()).await.unwrap();
    assert!(records(&bed).await.is_empty(), "the first start ever");
    bed.clock.set(at("2025-10-24T07:30:00"));
    let started = bed.twin("second-2", |_| ()).await;
    scheduler::tick(&started, bed.clock.now()).await.unwrap();
    assert!(records(&bed).await.is_empty(), "a start at half past three, after hours without a server");
    let missed = |hours: &[i8]| hours.iter().map(|hour| (*hour, TickDecision::Missed)).collect::<Vec<_>>();
    assert_eq!(decisions(&bed, TaskSyncType::Today).await, missed(&[15, 14, 13]));
    assert_eq!(decisions(&bed, TaskSyncType::Historical).await, missed(&[15]));
    bed.clock.set(at("2025-10-24T08:00:01"));
    scheduler::tick(&started, bed.clock.now()).await.unwrap();
    let records = records(&bed).await;
    let begun: Vec<_> = records.iter().map(|record| (record.sync_type, record.trigger)).collect();
    assert_eq!(begun, [(TaskSyncType::Today, TaskTrigger::Auto)], "the next time is an ordinary one");
}

async fn a_server_that_ran_before_a_time_may_see_it_five_minutes_late(base: Base) {
    let bed = Bed::idle(base).await;
    scheduler::tick(&bed.engine, bed.clock.now()).await.unwrap();
    for (late, decision) in [("05:04:59", TickDecision::Started), ("06:05:01", TickDecision::Missed)] {
        bed.clock.set(at(&format!("2025-10-24T{late}")));
        scheduler::tick(&bed.engine, bed.clock.now()).await.unwrap();
        assert_eq!(decisions(&bed, TaskSyncType::Today).await[0].1, decision, "{late}");
    }
    assert_eq!(records(&bed).await.len(), 1);
}

async fn a_time_that_finds_the_lock_held_is_told_and_leaves_no_record(base: Base) {
    journal();
    let mut bed = Bed::idle(base).await;
    // A name of this test's own: the journal is everybody's.
    let holder = format!("busy-{base:?}-7");
    let busy = bed.twin(&holder, |_| ()).await;
    let sync = TaskSyncType::Today.sync();
    let request = RunRequest {
        sync,
        trigger: Trigger::Manual,
        label: "manual".to_owned(),
        params: json!({}),
        priority: 0,
        reference: None,
        idempotency_key: None,
        tick: None,
        requested_by: None,
    };
    busy.request(request, busy.now()).await.unwrap();
    bed.clock.set(at("2025-10-24T05:00:01"));
    bed.drive_schedules();
    let line = format!("⏭️ 跳过定时同步: 今日数据同步，锁定者：{holder}");
    until(&bed.engine, || async { journal().contains(&line).then_some(()) }).await;
    bed.rest().await;
    assert_eq!(decisions(&bed, TaskSyncType::Today).await, [(13, TickDecision::SkippedOverlap)]);
    assert_eq!(records(&bed).await.len(), 1, "no record, no run");
    assert_eq!(bed.rows("SELECT count(*) FROM sync_records").await, ["1"]);
    work(&bed.engine, &worker(&bed.engine)).await;
    bed.clock.set(at("2025-10-24T06:00:01"));
    scheduler::tick(&bed.engine, bed.clock.now()).await.unwrap();
    let record = bed.record(2).await;
    assert_eq!((&record["trigger_type"], &record["trigger_type_label"]), (&json!("auto"), &json!("自动")));
}

async fn the_lines_of_a_start_are_the_documented_ones(base: Base) {
    let bed = Bed::idle(base).await;
    let lines = [
        "✅ 定时任务调度器已启动",
        "📅 已注册定时任务: 历史数据同步 [1:00, 10:00, 15:00, 21:00]",
        "📅 已注册定时任务: 今日数据同步 [9:00-23:00 每小时]",
    ];
    assert_eq!(bed.tasks.log_schedules(), lines);
    let other = Bed::idle_with(base, |config| {
        config.schedules.historical = "*/5 * * * *".to_owned();
        config.schedules.today = String::new();
    })
    .await;
    assert_eq!(other.tasks.log_schedules(), [lines[0], "📅 已注册定时任务: 历史数据同步 [*/5 * * * *]"]);
}
