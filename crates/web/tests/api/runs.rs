//! Asking for runs, looking at them, and what may be asked of them.

use axum::body::Body;
use axum::http::{Request, header};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::house::{House, shown, text};

#[tokio::test]
async fn a_run_is_asked_for_and_named() {
    let house = House::new().await;
    assert_snapshot!(house.start("2025-10-12", "2025-10-14").await, @r#"
202 Accepted
{
  "control": "none",
  "created_at": "2025-10-17T20:00:00Z",
  "ended_at": null,
  "fault": null,
  "id": 1,
  "items": {
    "deleted": 0,
    "failed": 0,
    "new": 0,
    "skipped": 0,
    "unchanged": 0,
    "updated": 0
  },
  "label": "manual",
  "message": null,
  "nominal_at": null,
  "params": {
    "end_date": "2025-10-14",
    "start_date": "2025-10-12"
  },
  "partitions": {
    "failed": 0,
    "skipped": 0,
    "succeeded": 0,
    "total": 3
  },
  "priority": 0,
  "progress": {
    "estimated_end_at": null,
    "percent": 0.0
  },
  "read_at": null,
  "reference": null,
  "requested_by": null,
  "resume_at": null,
  "schedule_id": null,
  "started_at": null,
  "state": "queued",
  "sync": "days.all",
  "trigger": "manual"
}
"#);
}

#[tokio::test]
async fn the_answer_says_where_the_run_is() {
    let house = House::new().await;
    let params = json!({ "start_date": "2025-10-01", "end_date": "2025-10-01" });
    let wish = json!({ "sync": "days.all", "params": params });
    let response = house.ask(crate::house::json_request("POST", "/api/v1/runs", &wish)).await;
    assert_eq!(response.headers()[header::LOCATION], "/api/v1/runs/1");
}

#[tokio::test]
async fn a_second_run_of_the_sync_meets_the_first_and_changes_nothing() {
    let house = House::new().await;
    house.start("2025-10-12", "2025-10-14").await;
    assert_snapshot!(house.start("2025-10-01", "2025-10-02").await, @r#"
409 Conflict
{
  "code": "busy",
  "detail": "run 1 is active; wait for its end or cancel it",
  "run_id": 1,
  "status": 409,
  "title": "Another run of this sync is active",
  "type": "/api/docs#problem-busy"
}
"#);
    let runs: Value =
        serde_json::from_str(house.get("/api/v1/runs").await.split_once('\n').unwrap().1).unwrap();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_same_key_makes_one_run() {
    let house = House::new().await;
    let wish =
        json!({ "sync": "days.all", "params": { "start_date": "2025-10-01", "end_date": "2025-10-01" } });
    let ask = || {
        Request::post("/api/v1/runs")
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "a-1")
            .body(Body::from(wish.to_string()))
            .unwrap()
    };
    let first = house.ask(ask()).await;
    assert_eq!(first.status(), 202);
    house.work().await;
    let second = house.ask(ask()).await;
    assert_eq!(second.status(), 200);
    let (first, second) = (text(first).await, text(second).await);
    let id = |body: &str| serde_json::from_str::<Value>(body).unwrap()["id"].clone();
    assert_eq!(id(&first), id(&second));
}

#[tokio::test]
async fn wrong_wishes_say_what_is_wrong() {
    let house = House::new().await;
    let ask = |body: Value| async {
        let body = body;
        house.post("/api/v1/runs", &body).await
    };
    assert_snapshot!(ask(json!({ "sync": "days.other" })).await, @r#"
404 Not Found
{
  "code": "unknown_sync",
  "detail": "no sync is called days.other; GET /api/v1/syncs lists them",
  "status": 404,
  "title": "There is no such sync",
  "type": "/api/docs#problem-unknown_sync"
}
"#);
    assert_snapshot!(ask(json!({ "sync": "days.all", "params": { "start_date": "soon" } })).await, @r#"
422 Unprocessable Entity
{
  "code": "refused",
  "detail": "start_date: `soon` is no date",
  "refused": {
    "code": "bad_date",
    "detail": {
      "parameter": "start_date"
    }
  },
  "status": 422,
  "title": "The system refused the request",
  "type": "/api/docs#problem-refused"
}
"#);
    assert_snapshot!(ask(json!({ "sync": "days.all", "colour": "red" })).await, @r#"
400 Bad Request
{
  "code": "bad_body",
  "detail": "Failed to deserialize the JSON body into the target type: colour: unknown field `colour`, expected one of `sync`, `params`, `label`, `priority`, `requested_by` at line 1 column 9",
  "status": 400,
  "title": "The request body is wrong",
  "type": "/api/docs#problem-bad_body"
}
"#);
}

#[tokio::test]
async fn wrong_requests_are_refused_in_the_language_asked_for() {
    let house = House::new().await;
    let backwards = json!({ "start_date": "2025-10-02", "end_date": "2025-10-01" });
    let wish = json!({ "sync": "days.all", "params": backwards });
    assert_snapshot!(house.post("/api/v1/runs", &wish).await, @r#"
409 Conflict
{
  "code": "nothing_to_do",
  "detail": "the range has no day",
  "status": 409,
  "title": "There is nothing to do",
  "type": "/api/docs#problem-nothing_to_do"
}
"#);
    assert_snapshot!(house.get_chinese("/api/v1/runs/99").await, @r#"
404 Not Found
{
  "code": "unknown_run",
  "detail": "没有编号为 99 的运行；过期的运行会被清理",
  "run_id": 99,
  "status": 404,
  "title": "运行不存在",
  "type": "/api/docs#problem-unknown_run"
}
"#);
    assert_snapshot!(house.get("/api/v1/runs?lang=zh&state=lost").await, @r#"
400 Bad Request
{
  "code": "bad_parameter",
  "detail": "参数无法解析：state=lost: one of queued, running, waiting, paused, succeeded, partial, failed, cancelled is allowed",
  "status": 400,
  "title": "参数有误",
  "type": "/api/docs#problem-bad_parameter"
}
"#);
    assert_snapshot!(house.get("/api/v1/runs?limit=501").await, @r#"
400 Bad Request
{
  "code": "bad_parameter",
  "detail": "limit=501: 1 to 500 is allowed",
  "status": 400,
  "title": "A parameter is wrong",
  "type": "/api/docs#problem-bad_parameter"
}
"#);
    let plain = Request::post("/api/v1/runs").body(Body::from("{}")).unwrap();
    assert_snapshot!(shown(house.ask(plain).await).await, @r#"
415 Unsupported Media Type
{
  "code": "media_type",
  "detail": "send the header Content-Type: application/json",
  "status": 415,
  "title": "The request body is not declared as JSON",
  "type": "/api/docs#problem-media_type"
}
"#);
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused() {
    let house = House::new().await;
    let body = json!({ "sync": "days.all", "params": { "filler": "x".repeat(model::limits::BODY_MAX) } });
    assert_snapshot!(house.post("/api/v1/runs", &body).await, @r#"
413 Payload Too Large
{
  "code": "body_too_large",
  "detail": "a body has at most 1048576 bytes",
  "status": 413,
  "title": "The request body is too large",
  "type": "/api/docs#problem-body_too_large"
}
"#);
}

#[tokio::test]
async fn a_run_that_went_through_says_what_became_of_each_partition() {
    let house = House::new().await;
    house.start("2025-10-12", "2025-10-14").await;
    house.work().await;
    assert_snapshot!(house.get("/api/v1/runs/1").await, @r#"
200 OK
{
  "control": "none",
  "created_at": "2025-10-17T20:00:00Z",
  "ended_at": "2025-10-17T20:00:00Z",
  "fault": null,
  "id": 1,
  "items": {
    "deleted": 0,
    "failed": 0,
    "new": 10,
    "skipped": 0,
    "unchanged": 0,
    "updated": 0
  },
  "label": "manual",
  "message": null,
  "nominal_at": null,
  "params": {
    "end_date": "2025-10-14",
    "start_date": "2025-10-12"
  },
  "partitions": {
    "failed": 1,
    "skipped": 1,
    "succeeded": 1,
    "total": 3
  },
  "priority": 0,
  "progress": {
    "estimated_end_at": null,
    "percent": 100.0
  },
  "read_at": null,
  "reference": null,
  "requested_by": null,
  "resume_at": null,
  "schedule_id": null,
  "started_at": "2025-10-17T20:00:00Z",
  "state": "partial",
  "sync": "days.all",
  "trigger": "manual"
}
"#);
    let page = house.get("/api/v1/runs/1/partitions?state=failed,skipped").await;
    let page: Value = serde_json::from_str(page.split_once('\n').unwrap().1).unwrap();
    let keys: Vec<&Value> = page["partitions"].as_array().unwrap().iter().map(|row| &row["key"]).collect();
    assert_eq!(keys, ["2025-10-13", "2025-10-14"]);
    assert_eq!(page["partitions"][0]["fault"]["message"], "2025-10-13 does not work");
}

#[tokio::test]
async fn the_log_of_a_run_is_read_on_from_where_it_was_left() {
    let house = House::new().await;
    house.start("2025-10-11", "2025-10-12").await;
    house.work().await;
    let first = house.get("/api/v1/runs/1/log?limit=1").await;
    assert!(first.contains("doing 2025-10-11"), "{first}");
    let first: Value = serde_json::from_str(first.split_once('\n').unwrap().1).unwrap();
    let rest = house.get(&format!("/api/v1/runs/1/log?cursor={}", first["next"].as_str().unwrap())).await;
    assert!(rest.contains("doing 2025-10-12") && !rest.contains("doing 2025-10-11"), "{rest}");
    assert!(house.get("/api/v1/runs/9/log").await.starts_with("404"));
}

#[tokio::test]
async fn runs_are_paged_newest_first() {
    let house = House::new().await;
    for day in ["2025-10-01", "2025-10-02", "2025-10-03"] {
        house.start(day, day).await;
        house.work().await;
    }
    let page = |text: String| serde_json::from_str::<Value>(text.split_once('\n').unwrap().1).unwrap();
    let first = page(house.get("/api/v1/runs?limit=2&system=days&state=succeeded").await);
    let ids: Vec<&Value> = first["runs"].as_array().unwrap().iter().map(|run| &run["id"]).collect();
    assert_eq!(ids, [3, 2]);
    let last =
        page(house.get(&format!("/api/v1/runs?limit=2&cursor={}", first["next"].as_str().unwrap())).await);
    assert_eq!(last["runs"][0]["id"], 1);
    assert_eq!(last["next"], Value::Null);
    assert_eq!(page(house.get("/api/v1/runs?state=failed").await)["runs"], json!([]));
}

#[tokio::test]
async fn pause_resume_and_cancel_answer_by_the_state_of_the_run() {
    let house = House::new().await;
    house.start("2025-10-01", "2025-10-02").await;
    let state = |text: String| {
        let (status, body) = text.split_once('\n').unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        format!("{status} {} {}", body["state"], body["code"])
    };
    let mut answers = Vec::new();
    for verb in ["resume", "pause", "pause", "resume", "cancel", "cancel", "pause", "resume"] {
        answers.push(format!(
            "{verb}: {}",
            state(house.post(&format!("/api/v1/runs/1/{verb}"), &Value::Null).await)
        ));
    }
    assert_snapshot!(answers.join("\n"), @r#"
resume: 409 Conflict null "state"
pause: 200 OK "paused" null
pause: 200 OK "paused" null
resume: 200 OK "queued" null
cancel: 200 OK "cancelled" null
cancel: 200 OK "cancelled" null
pause: 409 Conflict null "state"
resume: 409 Conflict null "state"
"#);
    assert!(house.post("/api/v1/runs/9/pause", &Value::Null).await.starts_with("404"));
}

#[tokio::test]
async fn retry_makes_a_run_of_what_failed() {
    let house = House::new().await;
    house.start("2025-10-12", "2025-10-14").await;
    let early = house.post("/api/v1/runs/1/retry", &Value::Null).await;
    assert!(early.starts_with("409") && early.contains("\"state\""), "{early}");
    house.work().await;
    let made = house.post("/api/v1/runs/1/retry", &Value::Null).await;
    assert!(made.starts_with("202"), "{made}");
    let made: Value = serde_json::from_str(made.split_once('\n').unwrap().1).unwrap();
    assert_eq!(
        (&made["id"], &made["partitions"]["total"], &made["trigger"]),
        (&json!(2), &json!(1), &json!("retry"))
    );
    house.start("2025-10-01", "2025-10-01").await;
    house.work().await;
    house.start("2025-10-01", "2025-10-01").await;
    house.work().await;
    let none = house.post("/api/v1/runs/3/retry", &Value::Null).await;
    assert!(none.contains("nothing_to_do"), "{none}");
    assert!(house.post("/api/v1/runs/9/retry", &Value::Null).await.starts_with("404"));
}

#[tokio::test]
async fn ended_runs_are_unread_until_somebody_says_so() {
    let house = House::new().await;
    house.start("2025-10-01", "2025-10-01").await;
    house.work().await;
    assert!(house.get("/api/v1/systems").await.contains("\"unread\": 1"));
    assert_snapshot!(house.post("/api/v1/runs/mark-read", &json!({ "up_to": 1 })).await, @r#"
200 OK
{
  "marked": 1,
  "unread": 0
}
"#);
    assert!(house.get("/api/v1/systems").await.contains("\"unread\": 0"));
}
