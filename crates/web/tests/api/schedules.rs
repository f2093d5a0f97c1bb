//! When runs are wanted.

use insta::assert_snapshot;
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_schedule_shows_its_next_five_times() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/schedules/1").await, @r#"
200 OK
{
  "id": 1,
  "label": "nightly",
  "last_nominal_at": null,
  "missed": "none",
  "name": "days.nightly",
  "next": [
    "2025-10-18T12:00:00Z",
    "2025-10-19T12:00:00Z",
    "2025-10-20T12:00:00Z",
    "2025-10-21T12:00:00Z",
    "2025-10-22T12:00:00Z"
  ],
  "params": {
    "end_date": "2025-10-02",
    "start_date": "2025-10-01"
  },
  "paused_at": null,
  "sync": "days.all",
  "time_zone": "Asia/Shanghai",
  "title": "每日夜间同步",
  "version": 1,
  "when": {
    "expression": "0 20 * * *",
    "kind": "cron"
  }
}
"#);
    assert!(house.get("/api/v1/schedules").await.contains("days.nightly"));
    assert!(house.get("/api/v1/schedules/9").await.starts_with("404"));
}

#[tokio::test]
async fn a_person_changes_a_schedule_and_a_bad_cron_changes_nothing() {
    let house = House::new().await;
    let changed = house.patch("/api/v1/schedules/1", &json!({ "cron": "30 21 * * *" })).await;
    assert!(changed.starts_with("200") && changed.contains("2025-10-18T13:30:00Z"), "{changed}");
    assert_snapshot!(house.patch("/api/v1/schedules/1", &json!({ "cron": "61 * * * *" })).await, @r#"
422 Unprocessable Entity
{
  "code": "refused",
  "detail": "cron expression `61 * * * *`: minute `61` is wrong: Number out of bounds",
  "refused": {
    "code": "bad_schedule",
    "detail": {
      "message_zh": "cron 表达式“61 * * * *”：分“61”有误（Number out of bounds）"
    }
  },
  "status": 422,
  "title": "The system refused the request",
  "type": "/api/docs#problem-refused"
}
"#);
    assert!(house.get("/api/v1/schedules/1").await.contains("30 21 * * *"));
    let paused = house.patch("/api/v1/schedules/1", &json!({ "paused": true })).await;
    assert!(paused.contains("\"paused_at\": \"2025-10-17T20:00:00Z\""), "{paused}");
}

#[tokio::test]
async fn what_became_of_each_time_is_kept_with_the_reason() {
    let house = House::new().await;
    house.start("2025-09-01", "2025-09-02").await;
    house.advance(17 * 3_600);
    engine::scheduler::tick(&house.engine, house.engine.now()).await.unwrap();
    assert_snapshot!(house.get("/api/v1/schedules/1/ticks").await, @r#"
200 OK
{
  "ticks": [
    {
      "decided_at": "2025-10-18T13:00:00Z",
      "decision": "missed",
      "nominal_at": "2025-10-18T12:00:00Z",
      "reason": "it went by while nobody looked, and the policy is not to catch up",
      "run_id": null
    }
  ]
}
"#);
    assert!(house.get("/api/v1/schedules/9/ticks").await.starts_with("404"));
}

#[tokio::test]
async fn a_schedule_is_run_outside_its_times() {
    let house = House::new().await;
    let made = house.post("/api/v1/schedules/1/run", &json!(null)).await;
    assert!(made.starts_with("202") && made.contains("\"label\": \"nightly\""), "{made}");
    assert!(house.post("/api/v1/schedules/9/run", &json!(null)).await.starts_with("404"));
}
