//! What holds for every request: shapes of errors, guards, health, numbers.

use axum::body::Body;
use axum::http::{Request, header};
use insta::assert_snapshot;
use serde_json::Value;

use crate::house::{House, shown};

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_problems_on_our_paths() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/nothing").await, @"");
    assert_snapshot!(house.post("/api/v1/health?lang=zh", &Value::Null).await, @"");
    let response = house.ask(Request::get("/nothing").body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
}

#[tokio::test]
async fn contract_routes_keep_their_own_shape() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/days-status/today").await, @"");
    assert_snapshot!(house.get("/api/v1/days-status/nothing").await, @"");
    assert_snapshot!(house.post("/api/v1/days-status/today", &Value::Null).await, @"");
}

#[tokio::test]
async fn a_foreign_page_can_neither_write_nor_read_by_a_rebound_name() {
    let house = House::new().await;
    let write = Request::post("/api/v1/runs/1/cancel")
        .header(header::HOST, "127.0.0.1:8000")
        .header(header::ORIGIN, "https://evil.example");
    assert_snapshot!(shown(house.ask(write.body(Body::empty()).unwrap()).await).await, @"");
    let read = Request::get("/api/v1/days-status/today").header(header::HOST, "rebound.example:8000");
    assert_snapshot!(shown(house.ask(read.body(Body::empty()).unwrap()).await).await, @"");
}

#[tokio::test]
async fn health_readiness_and_version_are_plain() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/health").await, @"");
    assert_snapshot!(house.get("/api/v1/ready").await, @"");
    assert_snapshot!(house.get("/api/v1/version").await, @"");
    assert_snapshot!(house.get("/api/v1/syncs").await, @"");
}

#[tokio::test]
async fn a_server_whose_loops_stand_still_is_not_ready() {
    let house = House::new().await;
    house.work().await;
    assert!(house.get("/api/v1/ready").await.contains("\"last_poll_at\": \"2025-10-17T20:00:00Z\""));
    house.advance(61);
    assert_snapshot!(house.get("/api/v1/ready").await, @"");
}
