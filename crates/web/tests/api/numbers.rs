//! The numbers. Tests of this runtime stay on one thread, so a recorder local to it sees this test and no other.

use axum::body::Body;
use axum::http::Request;
use web::metrics::Metrics;

use crate::house::House;

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
