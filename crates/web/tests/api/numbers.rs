//! The numbers. Tests of this runtime stay on one thread, so a recorder local to it sees this test and no other.

use std::time::Instant;

use axum::body::Body;
use axum::http::Request;
use web::metrics::Metrics;

use crate::house::House;
use crate::live::{listen, read_until};

#[tokio::test]
async fn the_numbers_have_stable_names() {
    let (recorder, metrics) = Metrics::apart();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::counted(metrics).await;
    house.start("2025-10-01", "2025-10-02").await;
    house.ask(Request::builder().method("BREW").uri("/tea/7").body(Body::empty()).unwrap()).await;
    let text = house.get("/metrics").await;
    for line in [
        "syncline_http_requests_total{method=\"POST\",path=\"/api/v1/runs\",status=\"202\"} 1",
        "syncline_http_requests_total{method=\"other\",path=\"other\",status=\"404\"} 1",
        "syncline_http_request_seconds_bucket{method=\"POST\",path=\"/api/v1/runs\",le=\"0.01\"}",
        "syncline_runs{state=\"queued\"} 1",
        "syncline_runs_unread 0",
        "syncline_ready 1",
        "syncline_schedule_overdue_seconds 0",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    house.work().await;
    let text = house.get("/metrics").await;
    for line in [
        "syncline_runs{state=\"queued\"} 0",
        "syncline_runs_unread 1",
        "syncline_runs_total{sync=\"days.all\",state=\"succeeded\"} 1",
        "syncline_last_poll_timestamp_seconds{role=\"worker\"} 1760731200",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

/// Drawings of pages so far.
async fn drawings(house: &House) -> u64 {
    let text = house.get("/metrics").await;
    let line = text.lines().find_map(|line| line.strip_prefix("syncline_drawings_total "));
    line.map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn a_page_is_drawn_once_for_all_who_look_at_it() {
    let (recorder, metrics) = Metrics::apart();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::counted(metrics).await;
    let mut looks = Vec::new();
    for lang in ["en", "zh"] {
        for _ in 0..50 {
            looks.push(listen(&house, &format!("/live?lang={lang}"), None).await);
        }
    }
    for look in &mut looks {
        read_until(look, "\"id\":\"history\"").await;
    }
    let began = Instant::now();
    let before = drawings(&house).await;
    house.start("2025-10-01", "2025-10-01").await;
    for look in &mut looks {
        read_until(look, "#1 days.all").await;
    }
    // Beside the one change, time may have gone by on a slow machine.
    let most = 2 * (1 + began.elapsed().as_secs() / 5 + 1);
    let drawn = drawings(&house).await - before;
    assert!((2..=most).contains(&drawn), "{drawn} drawings for two languages, at most {most}");
}

#[tokio::test]
async fn a_burst_of_changes_is_drawn_together_and_its_end_is_shown() {
    let (recorder, metrics) = Metrics::apart();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::counted(metrics).await;
    let mut look = listen(&house, "/runs/live?lang=en", None).await;
    read_until(&mut look, "runs-list").await;
    let (began, before) = (Instant::now(), drawings(&house).await);
    house.start("2025-10-01", "2025-10-01").await;
    for _ in 0..50 {
        house.post("/api/v1/runs/1/pause", &serde_json::Value::Null).await;
        house.post("/api/v1/runs/1/resume", &serde_json::Value::Null).await;
    }
    house.post("/api/v1/runs/1/cancel", &serde_json::Value::Null).await;
    read_until(&mut look, "cancelled").await;
    let drawn = u128::from(drawings(&house).await - before);
    let most = began.elapsed().as_millis() / 200 + 2;
    assert!(drawn <= most, "{drawn} drawings of 103 changes, at most {most}");
}

#[tokio::test]
async fn a_page_that_nobody_looks_at_is_not_drawn_and_is_new_to_who_comes_later() {
    let (recorder, metrics) = Metrics::apart();
    let _local = metrics::set_default_local_recorder(&recorder);
    let house = House::counted(metrics).await;
    let mut look = listen(&house, "/live?lang=en", None).await;
    read_until(&mut look, "\"id\":\"history\"").await;
    drop(look);
    let before = drawings(&house).await;
    for _ in 0..20 {
        house.start("2025-10-01", "2025-10-01").await;
        house.work().await;
    }
    assert!(drawings(&house).await <= before + 1, "at most the drawing under way");
    let mut look = listen(&house, "/live?lang=en", None).await;
    let read = read_until(&mut look, "\"id\":\"history\"").await;
    assert!(read.contains("/runs/20"), "{read}");
}
