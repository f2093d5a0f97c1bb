//! Claims: what time asks for.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use engine::{Refused, RequestError, ScheduleChange, scheduler, settle};
use insta::assert_snapshot;
use model::policy::{Missed, Overlap, SyncPolicy};
use model::schedule::{ScheduleSpec, When};
use serde_json::json;

use crate::bed::{Act, Bed, policy, sync};

fn cron(expression: &str, time_zone: &str, missed: Missed) -> ScheduleSpec {
    ScheduleSpec {
        name: "t.timed".to_owned(),
        title: "Timed".to_owned(),
        sync: sync(),
        label: "timed".to_owned(),
        params: json!({"keys": ["a"]}),
        when: When::Cron { expression: expression.to_owned() },
        time_zone: time_zone.to_owned(),
        missed,
        missed_window: Duration::from_secs(6 * 3600),
        missed_max: 2,
    }
}

async fn bed(expression: &str, time_zone: &str, missed: Missed) -> Bed {
    let bed = Bed::with(policy(), vec![cron(expression, time_zone, missed)]).await;
    bed.engine.register(bed.now()).await.unwrap();
    bed
}

async fn tick(bed: &Bed) {
    scheduler::tick(&bed.engine, bed.now()).await.unwrap();
}

#[tokio::test]
async fn nothing_starts_because_the_server_started() {
    let bed = bed("0 20 * * *", "Asia/Shanghai", Missed::All).await;
    tick(&bed).await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_time_starts_its_run_once() {
    let bed = bed("0 20 * * *", "Asia/Shanghai", Missed::None).await;
    bed.set("2025-10-09T12:00:00Z");
    tick(&bed).await;
    tick(&bed).await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_week_of_minutes_takes_moments_and_loses_none() {
    let bed = bed("* * * * *", "America/New_York", Missed::None).await;
    let began = Instant::now();
    // The week in which New York sets its clocks back.
    bed.set("2025-10-30T00:00:00Z");
    let schedule = bed.engine.read().schedule_by_name("t.timed").await.unwrap().unwrap();
    let change = ScheduleChange { cron: Some("*/30 * * * *".to_owned()), ..ScheduleChange::default() };
    bed.engine.change_schedule(schedule.id, change, bed.now()).await.unwrap();
    for _ in 0..7 * 48 {
        bed.pass(1_800);
        tick(&bed).await;
        bed.work().await;
    }
    let ticks = bed.engine.read().ticks(schedule.id, 1_000).await.unwrap();
    assert_eq!(ticks.len(), 7 * 48);
    let mut decided = BTreeMap::new();
    for tick in ticks {
        *decided.entry(tick.decision.as_str()).or_insert(0) += 1;
    }
    assert_eq!(decided, BTreeMap::from([("started", 336)]));
    assert!(began.elapsed() < Duration::from_secs(30), "a week took {:?}", began.elapsed());
}

#[tokio::test]
async fn a_fixed_time_is_kept_over_a_change_of_clocks() {
    let bed = bed("30 1 * * *", "Europe/London", Missed::None).await;
    bed.set("2025-10-25T12:00:00Z");
    let schedule = bed.engine.read().schedule_by_name("t.timed").await.unwrap().unwrap();
    let change = ScheduleChange { cron: Some("30 1 * * *".to_owned()), ..ScheduleChange::default() };
    bed.engine.change_schedule(schedule.id, change, bed.now()).await.unwrap();
    for _ in 0..48 {
        bed.pass(3_600 / 2 * 2);
        tick(&bed).await;
    }
    bed.work().await;
    let ticks = bed.engine.read().ticks(schedule.id, 10).await.unwrap();
    let times: Vec<String> = ticks.iter().rev().map(|tick| tick.nominal_at.to_string()).collect();
    // Once on the day with two half past ones, the first of them.
    assert_eq!(times, ["2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"]);
}

#[tokio::test]
async fn times_nobody_saw_become_what_the_policy_says() {
    let mut pages = Vec::new();
    for missed in [Missed::None, Missed::Latest, Missed::All] {
        let bed = bed("0 * * * *", "UTC", missed).await;
        bed.set("2025-10-09T08:10:00Z");
        tick(&bed).await;
        let schedule = bed.engine.read().schedule_by_name("t.timed").await.unwrap().unwrap();
        let mut ticks = bed.engine.read().ticks(schedule.id, 100).await.unwrap();
        ticks.reverse();
        let words: Vec<String> = ticks
            .iter()
            .map(|tick| format!("{}={}", tick.nominal_at.strftime("%H"), tick.decision))
            .collect();
        pages.push(format!("{missed}: {}", words.join(" ")));
    }
    assert_snapshot!(pages.join("\n"), @r"");
}

#[tokio::test]
async fn a_time_that_starts_nothing_says_why_and_is_followed_up() {
    let bed = bed("0 * * * *", "UTC", Missed::None).await;
    *bed.script.refuse.lock().unwrap() = Some(Refused::NothingToDo("all days are there".to_owned()));
    bed.set("2025-10-09T01:00:00Z");
    tick(&bed).await;
    *bed.script.refuse.lock().unwrap() = None;
    bed.act("x", &[Act::Listen]);
    bed.start(&["x"]).await;
    bed.set("2025-10-09T02:00:00Z");
    tick(&bed).await;
    let once = ScheduleSpec {
        name: "t.again".to_owned(),
        when: When::Once { at: "2025-10-09T02:30:00Z".parse().unwrap() },
        ..cron("", "UTC", Missed::None)
    };
    *bed.script.follow_up.lock().unwrap() = Some(once);
    while settle::tick(&bed.engine, bed.now()).await.unwrap() > 0 {}
    assert_eq!(bed.heard(), ["2025-10-09T01:00:00Z nothing_to_do", "2025-10-09T02:00:00Z skipped_overlap"]);
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_time_whose_plan_cannot_be_made_waits_a_little() {
    let bed = bed("0 * * * *", "UTC", Missed::None).await;
    *bed.script.refuse.lock().unwrap() = Some(Refused::Unavailable("the destination is away".to_owned()));
    bed.set("2025-10-09T01:00:00Z");
    let next = scheduler::tick(&bed.engine, bed.now()).await.unwrap();
    assert_eq!(next, Some("2025-10-09T01:00:05Z".parse().unwrap()));
    bed.pass(5);
    *bed.script.refuse.lock().unwrap() = None;
    tick(&bed).await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_follow_up_comes_once_in_effect_whoever_asks() {
    let bed = bed("0 20 * * *", "Asia/Shanghai", Missed::None).await;
    bed.start(&["a"]).await;
    bed.work().await;
    let once = ScheduleSpec {
        name: "t.again".to_owned(),
        when: When::Once { at: "2025-10-09T01:00:00Z".parse().unwrap() },
        ..cron("", "UTC", Missed::None)
    };
    *bed.script.follow_up.lock().unwrap() = Some(once);
    assert_eq!(settle::tick(&bed.engine, bed.now()).await.unwrap(), 1);
    assert_eq!(settle::tick(&bed.engine, bed.now()).await.unwrap(), 0);
    bed.set("2025-10-09T01:00:00Z");
    tick(&bed).await;
    bed.pass(60);
    tick(&bed).await;
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn a_person_changes_a_schedule_and_a_bad_expression_is_refused() {
    let bed = bed("0 20 * * *", "Asia/Shanghai", Missed::None).await;
    let schedule = bed.engine.read().schedule_by_name("t.timed").await.unwrap().unwrap();
    let change = ScheduleChange { cron: Some("0 25 * * *".to_owned()), ..ScheduleChange::default() };
    let refused = bed.engine.change_schedule(schedule.id, change, bed.now()).await.unwrap_err();
    assert!(matches!(refused, RequestError::Refused(Refused::Bad { code: "bad_schedule", .. })));
    assert_snapshot!(refused.to_string(), @r"");
    let pause = |paused| ScheduleChange { paused: Some(paused), ..ScheduleChange::default() };
    bed.engine.change_schedule(schedule.id, pause(true), bed.now()).await.unwrap();
    bed.set("2025-10-10T13:00:00Z");
    tick(&bed).await;
    bed.engine.change_schedule(schedule.id, pause(false), bed.now()).await.unwrap();
    tick(&bed).await;
    // What went by in the pause was not wanted.
    assert_snapshot!(bed.page().await, @r"");
    bed.engine.run_schedule(schedule.id, bed.now()).await.unwrap();
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}

#[tokio::test]
async fn buffered_times_run_one_after_the_other() {
    let policy = SyncPolicy { overlap: Overlap::BufferAll, ..policy() };
    let bed = Bed::with(policy, vec![cron("0 * * * *", "UTC", Missed::All)]).await;
    bed.engine.register(bed.now()).await.unwrap();
    bed.set("2025-10-09T02:00:30Z");
    tick(&bed).await;
    assert_snapshot!(bed.page().await, @r"");
    bed.work().await;
    assert_snapshot!(bed.page().await, @r"");
}
