//! When runs are wanted.

use axum::body::Body;
use axum::http::Request;
use insta::assert_snapshot;
use serde_json::json;

use crate::house::{House, shown};

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
  "detail": "cron expression `61 * * * *`: minute `61` is wrong; allowed are 0–59, `*`, ranges such as `10-20`, steps such as `*/5` or `10-40/5`, and lists of these",
  "refused": {
    "code": "bad_schedule",
    "detail": {
      "field": "cron",
      "message_zh": "cron 表达式“61 * * * *”：分“61”有误；允许 0–59、`*`、范围（如 `10-20`）、步长（如 `*/5`、`10-40/5`）及其列表"
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
async fn a_schedule_is_read_in_another_zone_and_an_unknown_zone_changes_nothing() {
    let house = House::new().await;
    let changed = house.patch("/api/v1/schedules/1", &json!({ "time_zone": "america/new_york" })).await;
    // 20:00 in New York while its clocks are four hours behind.
    assert!(changed.contains("\"time_zone\": \"America/New_York\""), "{changed}");
    assert!(changed.contains("2025-10-18T00:00:00Z") && changed.contains("\"version\": 2"), "{changed}");
    let wish = json!({ "cron": "0 9 * * *", "time_zone": "Mars/Olympus" });
    assert_snapshot!(house.patch("/api/v1/schedules/1", &wish).await, @r#"
422 Unprocessable Entity
{
  "code": "refused",
  "detail": "no time zone is called `Mars/Olympus`; expected an IANA name, for example `Asia/Shanghai`",
  "refused": {
    "code": "bad_schedule",
    "detail": {
      "field": "time_zone",
      "message_zh": "没有名为“Mars/Olympus”的时区；应为 IANA 名称，例如 Asia/Shanghai"
    }
  },
  "status": 422,
  "title": "The system refused the request",
  "type": "/api/docs#problem-refused"
}
"#);
    let left = house.get("/api/v1/schedules/1").await;
    assert!(left.contains("0 20 * * *") && left.contains("\"version\": 2"), "{left}");
}

#[tokio::test]
async fn a_rule_that_is_no_cron_expression_is_paused_and_run_but_not_edited() {
    let house = House::new().await;
    let id = house.put_once("2025-10-18T01:00:00Z").await;
    let address = format!("/api/v1/schedules/{id}");
    for wish in [json!({ "cron": "0 9 * * *" }), json!({ "time_zone": "UTC" })] {
        let refused = house.patch(&address, &wish).await;
        assert!(refused.starts_with("422") && refused.contains("\"not_cron\""), "{refused}");
    }
    assert!(house.get(&address).await.contains("\"kind\": \"once\""));
    assert!(house.patch(&address, &json!({ "paused": true })).await.starts_with("200"));
    assert!(house.post(&format!("{address}/run"), &json!(null)).await.starts_with("202"));
}

#[tokio::test]
async fn a_persons_change_outlives_a_restart() {
    let house = House::new().await;
    let wish = json!({ "cron": "15 6 * * 1-5", "time_zone": "Europe/London", "paused": true });
    let changed = house.patch("/api/v1/schedules/1", &wish).await;
    house.engine.register(house.engine.now()).await.unwrap();
    assert_eq!(house.get("/api/v1/schedules/1").await, changed);
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

#[tokio::test]
async fn a_removed_schedule_stays_away_until_it_is_restored() {
    let house = House::new().await;
    let remove = async || {
        let request = Request::delete("/api/v1/schedules/1").body(Body::empty()).unwrap();
        house.ask(request).await.status().as_u16()
    };
    assert_eq!((remove().await, remove().await), (204, 404));
    house.engine.register(house.engine.now()).await.unwrap();
    assert_snapshot!(house.get("/api/v1/schedules").await, @r#"
200 OK
{
  "schedules": []
}
"#);
    let restored = house.post("/api/v1/schedules/restore", &json!(null)).await;
    assert!(restored.starts_with("200") && restored.contains("days.nightly"), "{restored}");
}

#[tokio::test]
async fn a_schedule_that_follows_a_config_is_paused_here_and_changed_there() {
    let house = House::with_files().await;
    let side = |path: &str| json!({ "service": "fs", "path": path });
    let config = json!({ "source": side("/nowhere/a"), "target": side("/nowhere/b"), "cron": "0 2 * * *" });
    assert!(house.post("/api/v1/files/configs", &config).await.starts_with("201"));
    let listed = house.get("/api/v1/schedules").await;
    assert!(listed.contains("\"name\": \"sync_config_1\"") && listed.contains("\"id\": 2,"), "{listed}");
    let address = "/api/v1/schedules/2";
    assert_snapshot!(house.patch(address, &json!({ "cron": "0 3 * * *", "paused": true })).await, @r#"
422 Unprocessable Entity
{
  "code": "refused",
  "detail": "schedule `sync_config_1` follows file sync config 1: change that instead; the schedule itself can be paused and run only",
  "refused": {
    "code": "schedule_follows",
    "detail": {
      "message_zh": "计划“sync_config_1”跟随同步配置 1：请在那里修改；计划本身只能暂停、恢复和立即运行"
    }
  },
  "status": 422,
  "title": "The system refused the request",
  "type": "/api/docs#problem-refused"
}
"#);
    for wish in [json!({ "time_zone": "UTC" }), json!({ "params": { "force": true } })] {
        assert!(house.patch(address, &wish).await.starts_with("422"), "{wish}");
    }
    assert!(house.delete(address).await.contains("schedule_follows"));
    let form = shown(house.form("/schedules/2", "verb=change&cron=0+3+*+*+*&time_zone=UTC").await).await;
    assert!(form.starts_with("422") && form.contains("file sync config 1"), "{form}");
    let request = Request::delete(address).header("accept-language", "zh-CN").body(Body::empty()).unwrap();
    let chinese = shown(house.ask(request).await).await;
    assert!(chinese.contains("\"detail\": \"计划“sync_config_1”跟随同步配置 1："), "{chinese}");
    let left = house.get(address).await;
    assert!(left.contains("0 2 * * *") && left.contains("\"version\": 1,"), "{left}");
    for paused in [true, false] {
        assert!(house.patch(address, &json!({ "paused": paused })).await.starts_with("200"));
    }
    assert!(house.patch("/api/v1/files/configs/1", &json!({ "cron": "0 3 * * *" })).await.starts_with("200"));
    assert!(house.get(address).await.contains("0 3 * * *"));
    assert!(house.delete("/api/v1/files/configs/1").await.starts_with("204"));
    assert!(house.get(address).await.starts_with("404"));
}
