//! What starts by itself, and what does not.

use model::schedule::{Schedule, TickDecision, When};
use simulators::baostock::Faults;
use systems::stocks::MissingDays;

use crate::bed::{Base, Bed, Making, at};

on_both! {
    the_evening_syncs_the_day_and_shows_like_any_run
    a_failed_day_is_tried_hourly_across_midnight_with_its_date
    a_try_that_succeeds_is_the_last
    a_cancelled_evening_is_not_tried_again
    the_morning_finds_gaps
    a_busy_lease_starts_nothing_and_is_tried_again
    a_morning_that_stays_busy_is_tried_until_five
    nothing_starts_with_the_server
}

async fn schedule(bed: &Bed, name: &str) -> Option<Schedule> {
    bed.engine.read().schedule_by_name(name).await.unwrap()
}

/// The next time of the retry, once it is another than `before`.
async fn next_retry(bed: &Bed, before: Option<&str>) -> String {
    bed.until(|| async {
        let schedule = schedule(bed, "stocks.retry_sync").await?;
        let next = schedule.next_nominal_at?;
        assert!(matches!(schedule.spec.when, When::Once { .. }));
        let text = jiff::tz::Offset::constant(8).to_datetime(next).to_string();
        (Some(text.as_str()) != before).then_some(text)
    })
    .await
}

async fn the_evening_syncs_the_day_and_shows_like_any_run(base: Base) {
    let slow = Faults { latency: 200, ..Faults::default() };
    let bed = Making::new(base).at("2025-10-09T19:59:59").faults(slow).start().await;
    let active = bed
        .until(|| async {
            let active = bed.get("/sync/batch/active").await["data"].clone();
            (!active.is_null()).then_some(active)
        })
        .await;
    let task = active["task_id"].as_str().unwrap();
    assert!(task.starts_with("2025-10-09_2025-10-09_"), "{task}");
    let conflict = bed.post("/sync/today", None).await;
    assert_eq!(conflict["current_task"]["task_type"], "scheduler_daily");
    assert_eq!(bed.ended(task).await["success"], 1);
    let record = bed.record("2025-10-09").await;
    assert!(!record["remarks"].as_str().unwrap().contains("批量"), "{record}");
    assert_eq!(schedule(&bed, "stocks.daily_sync").await.unwrap().spec.title, "每日20点同步数据");
}

async fn a_failed_day_is_tried_hourly_across_midnight_with_its_date(base: Base) {
    let bed = Making::new(base).at("2025-10-09T19:59:59").start().await;
    bed.simulator().publish_until(Some("2025-09-30".parse().unwrap()));
    let mut next = next_retry(&bed, None).await;
    assert_eq!(next, "2025-10-09T21:00:00");
    let mut tries = 0;
    while next != "2025-10-10T06:00:00" {
        bed.clock.set(at(&next));
        next = next_retry(&bed, Some(&next)).await;
        tries += 1;
        assert_eq!(bed.get("/date/2025-10-10").await["status"], "not_found", "the date is kept");
    }
    assert_eq!(tries, 9);
    bed.clock.set(at("2025-10-10T06:00:00"));
    bed.until(|| async {
        schedule(&bed, "stocks.retry_sync").await?.next_nominal_at.is_none().then_some(())
    })
    .await;
    bed.until(|| async { bed.get("/sync/batch/active").await["data"].is_null().then_some(()) }).await;
    let runs = engine::RunFilter { limit: 50, ..Default::default() };
    let runs = bed.engine.read().runs(&runs).await.unwrap();
    assert_eq!(runs.iter().filter(|run| run.label == "scheduler_retry").count(), 10, "the last one at six");
    assert_eq!(bed.record("2025-10-09").await["status"], "failed");
}

/// The retry has no further time.
async fn no_retry_follows(bed: &Bed) {
    bed.until(|| async { bed.get("/sync/batch/active").await["data"].is_null().then_some(()) }).await;
    bed.until(|| async {
        let next = schedule(bed, "stocks.retry_sync").await.and_then(|schedule| schedule.next_nominal_at);
        next.is_none().then_some(())
    })
    .await;
}

async fn a_try_that_succeeds_is_the_last(base: Base) {
    let bed = Making::new(base).at("2025-10-10T19:59:59").start().await;
    bed.simulator().publish_until(Some("2025-09-30".parse().unwrap()));
    let mut next = next_retry(&bed, None).await;
    // Two tries that fail, the second after midnight, and one after the data came.
    while next != "2025-10-11T01:00:00" {
        bed.clock.set(at(&next));
        next = next_retry(&bed, Some(&next)).await;
    }
    bed.simulator().publish_until(None);
    bed.clock.set(at(&next));
    bed.until(|| async { (bed.record("2025-10-10").await["status"] == "success").then_some(()) }).await;
    no_retry_follows(&bed).await;
    assert_eq!(bed.get("/date/2025-10-11").await["status"], "not_found", "the date is kept");
}

async fn a_cancelled_evening_is_not_tried_again(base: Base) {
    let slow = Faults { latency: 10_000, ..Faults::default() };
    let bed = Making::new(base).at("2025-10-09T19:59:59").faults(slow).start().await;
    let task = bed
        .until(|| async {
            bed.get("/sync/batch/active").await["data"]["task_id"].as_str().map(str::to_owned)
        })
        .await;
    bed.post(&format!("/sync/batch/{task}/cancel"), None).await;
    assert_eq!(bed.ended(&task).await["status"], "cancelled");
    no_retry_follows(&bed).await;
}

async fn a_morning_that_stays_busy_is_tried_until_five(base: Base) {
    let mut bed = Making::new(base).at("2025-10-09T07:30:00").idle().await;
    bed.drive_schedules();
    bed.batch("2025-09-22", "2025-09-22").await;
    bed.clock.set(at("2025-10-09T08:00:00"));
    for hour in 9..=17 {
        let next = at(&format!("2025-10-09T{hour:02}:00:00"));
        bed.until(|| async {
            let again = schedule(&bed, "stocks.check_missing_again").await?;
            (again.next_nominal_at == Some(next)).then_some(())
        })
        .await;
        bed.clock.set(next);
    }
    bed.until(|| async {
        let again = schedule(&bed, "stocks.check_missing_again").await?;
        let ticks = bed.engine.read().ticks(again.id, 20).await.unwrap();
        (again.next_nominal_at.is_none() && !ticks.is_empty()).then_some(())
    })
    .await;
    let runs = engine::RunFilter { limit: 50, ..Default::default() };
    assert_eq!(bed.engine.read().runs(&runs).await.unwrap().len(), 1, "a busy lease starts nothing");
}

async fn the_morning_finds_gaps(base: Base) {
    let bed = Making::new(base).at("2025-10-18T07:59:59").config(|c| c.check_missing_days = 9).start().await;
    let task = bed
        .until(|| async {
            let active = bed.get("/sync/batch/active").await["data"].clone();
            active["task_id"].as_str().map(str::to_owned)
        })
        .await;
    let progress = bed.ended(&task).await;
    assert_eq!(
        (&progress["start_date"], &progress["end_date"]),
        (&"2025-10-09".into(), &"2025-10-17".into())
    );
    assert_eq!((&progress["success"], &progress["skipped"]), (&7.into(), &2.into()), "{progress}");
    let missing = bed.stocks.missing_days(9, bed.clock.now()).await.unwrap();
    assert_eq!(missing, MissingDays { dates: Vec::new(), unknown: Vec::new() });
    // The Saturday is nobody's gap once the calendar is known to say so.
    assert_eq!(bed.sync("2025-10-18", "2025-10-18").await["skipped"], 1);
    bed.clock.set(at("2025-10-19T08:00:00"));
    let ticked = bed
        .until(|| async {
            let schedule = schedule(&bed, "stocks.check_missing").await.unwrap();
            let ticks = bed.engine.read().ticks(schedule.id, 2).await.unwrap();
            (ticks.len() == 2).then(|| ticks[0].clone())
        })
        .await;
    assert_eq!(ticked.decision, TickDecision::NothingToDo);
}

async fn a_busy_lease_starts_nothing_and_is_tried_again(base: Base) {
    let mut bed = Making::new(base).at("2025-10-09T07:30:00").idle().await;
    bed.drive_schedules();
    let task = bed.batch("2025-09-22", "2025-09-22").await;
    bed.clock.set(at("2025-10-09T08:00:00"));
    let again =
        bed.until(|| async { schedule(&bed, "stocks.check_missing_again").await?.next_nominal_at }).await;
    assert_eq!(again, at("2025-10-09T09:00:00"));
    bed.clock.set(at("2025-10-09T20:00:00"));
    assert_eq!(next_retry(&bed, None).await, "2025-10-09T21:00:00");
    bed.post(&format!("/sync/batch/{task}/cancel"), None).await;
    bed.ended(&task).await;
}

async fn nothing_starts_with_the_server(base: Base) {
    let bed = Making::new(base).at("2025-10-09T20:30:00").start().await;
    bed.until(|| async { schedule(&bed, "stocks.daily_sync").await?.next_nominal_at }).await;
    let bed = bed.restarted().await;
    let next = schedule(&bed, "stocks.daily_sync").await.unwrap().next_nominal_at;
    assert_eq!(next, Some(at("2025-10-10T20:00:00")));
    let runs = engine::RunFilter { limit: 5, ..Default::default() };
    assert_eq!(bed.engine.read().runs(&runs).await.unwrap(), []);
    assert_eq!(bed.simulator().stats().connections, 0);
}
