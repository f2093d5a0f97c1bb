//! What is there, what is missing, and filling it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::house::House;

#[tokio::test]
async fn the_ledger_shows_the_newest_outcome_per_key() {
    let house = House::new().await;
    house.start("2025-10-12", "2025-10-14").await;
    house.work().await;
    assert_snapshot!(house.get("/api/v1/ledger?sync=days.all&state=failed").await, @r#"
200 OK
{
  "counts": {
    "failed": 1,
    "queued": 0,
    "running": 0,
    "skipped": 0,
    "succeeded": 0
  },
  "next": null,
  "rows": [
    {
      "detail": null,
      "ended_at": "2025-10-17T20:00:00Z",
      "failed": 0,
      "fault": {
        "code": "unlucky",
        "message": "2025-10-13 does not work"
      },
      "key": "2025-10-13",
      "message": "failed",
      "run_id": 1,
      "started_at": "2025-10-17T20:00:00Z",
      "state": "failed",
      "succeeded": 0,
      "total": 0,
      "updated_at": "2025-10-17T20:00:00Z"
    }
  ]
}
"#);
    let page = house.get("/api/v1/ledger?sync=days.all&limit=2").await;
    let page: Value = serde_json::from_str(page.split_once('\n').unwrap().1).unwrap();
    let keys: Vec<&Value> = page["rows"].as_array().unwrap().iter().map(|row| &row["key"]).collect();
    assert_eq!(keys, ["2025-10-14", "2025-10-13"]);
    let rest = house
        .get(&format!("/api/v1/ledger?sync=days.all&limit=2&cursor={}", page["next"].as_str().unwrap()))
        .await;
    assert!(rest.contains("2025-10-12") && !rest.contains("2025-10-13"), "{rest}");
}

#[tokio::test]
async fn gaps_are_what_a_plan_wants_and_the_ledger_does_not_show() {
    let house = House::new().await;
    house.start("2025-10-12", "2025-10-14").await;
    house.work().await;
    assert_snapshot!(house.get("/api/v1/ledger/gaps?sync=days.all&from=2025-10-11&to=2025-10-15").await, @r#"
200 OK
{
  "gaps": [
    {
      "fault": null,
      "key": "2025-10-11",
      "state": null
    },
    {
      "fault": {
        "code": "unlucky",
        "message": "2025-10-13 does not work"
      },
      "key": "2025-10-13",
      "state": "failed"
    },
    {
      "fault": null,
      "key": "2025-10-15",
      "state": null
    }
  ],
  "planned": 5
}
"#);
    assert!(house.get("/api/v1/ledger/gaps?sync=days.all&from=x&to=y").await.starts_with("422"));
}

#[tokio::test]
async fn a_backfill_is_an_ordinary_run() {
    let house = House::new().await;
    let wish = json!({ "sync": "days.all", "from": "2025-10-01", "to": "2025-10-03" });
    let made = house.post("/api/v1/ledger/backfill", &wish).await;
    assert!(made.starts_with("202") && made.contains("\"trigger\": \"backfill\""), "{made}");
    house.work().await;
    let gaps = house.get("/api/v1/ledger/gaps?sync=days.all&from=2025-10-01&to=2025-10-03").await;
    assert!(gaps.contains("\"gaps\": []"), "{gaps}");
}
