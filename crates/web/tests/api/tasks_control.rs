//! Syncs of tasks, stopped and resumed through the native API: how their record and their lock stand meanwhile.

use serde_json::{Value, json};

use crate::tasks_bed::Bed;

/// Starts a sync of today through the documented route; its record and its run.
async fn begin(bed: &Bed) -> (Value, i64) {
    let answer = bed.house.post("/api/sync/today/manual?async=1", &Value::Null).await;
    let (status, body) = answer.split_once('\n').unwrap();
    assert!(status.starts_with("202"), "{answer}");
    let body: Value = serde_json::from_str(body).unwrap();
    let run = bed.json("/api/v1/runs").await["runs"][0]["id"].as_i64().unwrap();
    (body["record_id"].clone(), run)
}

async fn told(bed: &Bed, run: i64, verb: &str) {
    let answer = bed.house.post(&format!("/api/v1/runs/{run}/{verb}"), &Value::Null).await;
    assert!(answer.starts_with('2'), "{verb}: {answer}");
}

/// How the newest record of today stands, why it failed, and whether the lock is held.
async fn standing(bed: &Bed, record: &Value) -> (Value, Value, bool) {
    let shown = bed.json(&format!("/api/sync/records/{record}")).await["data"].clone();
    let today = bed.json("/api/sync/status").await["data"]["today"].clone();
    assert_eq!(today["last_sync"]["id"], *record);
    (shown["status"].clone(), shown["error_message"].clone(), today["syncing"].as_bool().unwrap())
}

fn running() -> (Value, Value, bool) {
    (json!("running"), Value::Null, true)
}

#[tokio::test]
async fn a_sync_that_is_paused_holds_its_lock_and_ends_well_when_it_is_resumed() {
    let bed = Bed::new().await;
    let (record, run) = begin(&bed).await;
    told(&bed, run, "pause").await;
    bed.house.work().await;
    assert_eq!(standing(&bed, &record).await, running());
    let other = bed.house.post("/api/sync/today/manual", &Value::Null).await;
    assert!(other.starts_with("409") && other.contains("lock_conflict"), "{other}");
    told(&bed, run, "resume").await;
    assert_eq!(standing(&bed, &record).await, running());
    bed.house.work().await;
    assert_eq!(standing(&bed, &record).await, (json!("success"), Value::Null, false));
}

#[tokio::test]
async fn a_sync_that_is_cancelled_waiting_or_paused_has_failed_and_frees_its_lock() {
    let bed = Bed::new().await;
    for paused in [false, true] {
        let (record, run) = begin(&bed).await;
        if paused {
            told(&bed, run, "pause").await;
        }
        told(&bed, run, "cancel").await;
        bed.house.work().await;
        assert_eq!(
            standing(&bed, &record).await,
            (json!("failed"), json!("同步已取消"), false),
            "paused: {paused}"
        );
    }
    let answer = bed.house.post("/api/v1/runs/1/resume", &Value::Null).await;
    assert!(answer.starts_with("409"), "what has ended does not go on: {answer}");
}
