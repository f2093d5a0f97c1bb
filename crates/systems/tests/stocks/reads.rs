//! Listings, counts, checks, and the starts that answer at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use simulators::baostock::Faults;
use store::{Probe, ProbeAnswer};

use crate::bed::{Base, Bed, Making, at, send};
use crate::passage::Passage;

on_both! {
    listings_filter_count_and_page
    single_days_and_pending_days_start_at_once
    a_day_that_is_there_is_not_started
    a_year_of_pending_days_takes_as_many_queries_as_five
}

async fn listings_filter_count_and_page(base: Base) {
    let bed = Bed::start(base).await;
    bed.sync("2025-09-29", "2025-10-09").await;
    let list = bed.get("/list?page_size=4").await["data"].clone();
    assert_eq!((&list["total"], &list["total_pages"], &list["page"]), (&11.into(), &3.into(), &1.into()));
    assert_eq!(list["stats"], serde_json::json!({"total":11,"success":3,"failed":0,"syncing":0,"skipped":8}));
    assert_eq!(list["records"][0]["sync_date"], "2025-10-09");
    assert_eq!(list["records"].as_array().unwrap().len(), 4);
    let third = bed.get("/list?page_size=4&page=3").await["data"].clone();
    assert_eq!(third["records"].as_array().unwrap().len(), 3);
    assert_eq!(third["records"][2]["sync_date"], "2025-09-29");

    let some = bed.get("/list?start_date=20251001&end_date=2025-10-05&status=&page=1").await["data"].clone();
    assert_eq!((&some["total"], &some["stats"]["skipped"]), (&5.into(), &5.into()));
    let good = bed.get("/list?status=success").await["data"].clone();
    assert_eq!(
        (&good["total"], &good["stats"]["success"], &good["stats"]["skipped"]),
        (&3.into(), &3.into(), &0.into())
    );
    let none = bed.get("/list?status=unheard").await["data"].clone();
    assert_eq!(
        (&none["total"], &none["total_pages"], &none["records"]),
        (&0.into(), &0.into(), &serde_json::json!([]))
    );
    let beyond = bed.get("/list?page=99999999999").await["data"].clone();
    assert_eq!((&beyond["total"], &beyond["records"]), (&11.into(), &serde_json::json!([])));

    let recent = bed.get("/recent?days=10").await;
    assert_eq!(recent["total"], 2, "from 2025-10-08 on: {recent}");
    let summary = bed.get("/summary?days=30").await["data"].clone();
    assert_eq!(summary["total_days"], 11);
    assert_eq!(
        summary["status_count"],
        serde_json::json!({"pending":0,"syncing":0,"success":3,"failed":0,"skipped":8})
    );
    assert_eq!(summary["recent_records"].as_array().unwrap().len(), 10);

    let pending = bed.get("/pending?days_back=11").await;
    assert_eq!(pending["dates"][0], "2025-10-18");
    assert_eq!((&pending["total"], &pending["dates"][8]), (&9.into(), &"2025-10-10".into()), "{pending}");
}

async fn single_days_and_pending_days_start_at_once(base: Base) {
    let slow = Faults { latency: 10_000, ..Faults::default() };
    let bed = Making::new(base).at("2025-10-09T18:00:00").faults(slow).start().await;
    let began = Instant::now();
    let today = bed.post("/sync/today", None).await;
    assert!(began.elapsed() < Duration::from_secs(2), "a busy machine is forgiven, ten seconds are not");
    let task = today["data"]["task_id"].as_str().unwrap().to_owned();
    assert_eq!(
        today.to_string(),
        serde_json::json!({"status":"success","data":{"status":"started","date":"2025-10-09","total_records":0,
            "message":"同步任务已启动，将在后台执行","task_id":task}})
        .to_string()
    );
    assert!(task.starts_with("2025-10-09_2025-10-09_"), "{task}");
    bed.until(|| async { (bed.record("2025-10-09").await["status"] == "syncing").then_some(()) }).await;
    bed.post(&format!("/sync/batch/{task}/cancel"), None).await;
    bed.ended(&task).await;
    bed.simulator().set_faults(Faults::default());

    let pending = bed.post("/sync/pending?days_back=3", None).await["data"].clone();
    assert_eq!((&pending["status"], &pending["total"]), (&"started".into(), &3.into()));
    assert_eq!(pending["results"][0]["date"], "2025-10-07");
    assert_eq!(
        pending["results"][2],
        serde_json::json!({"date":"2025-10-09","status":"pending","message":"状态为待同步"})
    );
    let progress = bed.ended(pending["task_id"].as_str().unwrap()).await;
    assert_eq!((&progress["success"], &progress["skipped"]), (&1.into(), &2.into()));
    let nothing = bed.post("/sync/pending?days_back=3", None).await;
    assert_eq!(
        nothing,
        serde_json::json!({"status":"success","data":{"status":"success","message":"没有待同步的日期","synced_dates":[]}})
    );
}

async fn a_day_that_is_there_is_not_started(base: Base) {
    let bed = Bed::start(base).await;
    bed.sync("2025-10-08", "2025-10-09").await;
    let there = bed.post("/sync/date/20251009", None).await;
    assert_eq!(
        there,
        serde_json::json!({"status":"success","data":{"status":"skipped","date":"20251009","message":"状态为 success，无需同步"}})
    );
    let check = bed.post("/check/2025-10-08", None).await;
    assert_eq!((&check["need_sync"], &check["reason"]), (&false.into(), &"状态为 skipped，无需同步".into()));
    bed.clock.set(at("2025-10-09T08:00:00"));
    let single = bed.post("/sync/date/2025-10-10", None).await["data"].clone();
    assert_eq!(single["status"], "started", "whether it is published is the run's to say");
    bed.ended(single["task_id"].as_str().unwrap()).await;
    let check = bed.post("/check/2025-10-10", None).await;
    assert_eq!((&check["need_sync"], &check["reason"]), (&true.into(), &"数据尚未发布，需要重新同步".into()));
}

/// Counts what is asked of the state.
#[derive(Default)]
struct Operations(AtomicU64);

impl Probe for Operations {
    fn before(&self, _tried: &'static str) -> ProbeAnswer {
        self.0.fetch_add(1, Ordering::SeqCst);
        ProbeAnswer::Go
    }

    fn after(&self, _tried: &'static str) -> ProbeAnswer {
        ProbeAnswer::Go
    }
}

async fn a_year_of_pending_days_takes_as_many_queries_as_five(base: Base) {
    let bed = Bed::start(base).await;
    bed.sync("2025-09-15", "2025-10-17").await;
    let operations = Arc::new(Operations::default());
    let watched = bed.watched(operations.clone());
    let mut taken = Vec::new();
    for (days, expected) in [(5, 1), (365, 332)] {
        let before = operations.0.load(Ordering::SeqCst);
        let path = format!("/api/v1/sync-status/pending?days_back={days}");
        let (status, text) = send(&watched, Request::get(path).body(Body::empty()).unwrap()).await;
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((status, &answer["total"]), (200, &expected.into()), "{days}: {text}");
        taken.push(operations.0.load(Ordering::SeqCst) - before);
    }
    assert!((1..=4).contains(&taken[0]) && taken[0] == taken[1], "{taken:?}");
}

/// Each statement is counted where it passes, between the server and its database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_of_pending_days_takes_as_many_statements_as_five() {
    let bed = Bed::start(Base::Postgres).await;
    bed.sync("2025-09-15", "2025-10-17").await;
    let passage = Passage::to(bed.url().unwrap()).await;
    let (routes, _kept) = bed.routes_over(&passage.url).await;
    let mut taken = Vec::new();
    // The first answers of a connection include what it learns about types.
    for days in [5, 5, 5, 365] {
        let before = passage.statements();
        let path = format!("/api/v1/sync-status/pending?days_back={days}");
        let (status, text) = send(&routes, Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(status, 200, "{text}");
        taken.push(passage.statements() - before);
    }
    assert!(taken[2] > 0 && taken[2] == taken[3] && taken[3] <= 12, "{taken:?}");
}
