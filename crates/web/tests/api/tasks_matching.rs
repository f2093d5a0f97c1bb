//! Which task belongs to which package, and what people decide about it.

use insta::assert_snapshot;
use model::task::TaskSyncType;
use serde_json::{Value, json};

use crate::tasks_bed::Bed;

/// `id status origin package` of every task, by id.
async fn standing(bed: &Bed) -> Vec<String> {
    let answer = bed.json("/api/v1/tasks?state=all&per_page=100").await;
    let mut lines: Vec<String> = answer["tasks"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

fn line(task: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let [id, status, origin] = ["task_id", "match_status", "match_origin"].map(|key| text(&task[key]));
    format!("{id} {status} {origin} {}", text(&task["package"]["external_package_id"]))
}

#[tokio::test]
async fn synced_tasks_have_the_package_of_their_prefix_or_wait_for_one() {
    let bed = Bed::synced().await;
    assert_eq!(
        standing(&bed).await,
        [
            "7100001 matched auto 559336",
            "7100002 matched auto 559263",
            "7100003 matched auto 550003",
            "7100004 pending auto -",
            "7100005 pending auto -",
            "7100006 pending auto -",
            "7100007 pending auto -",
            "7100008 pending auto -",
            "7100009 pending auto -",
            "9007199254740993123 matched auto 559263",
        ]
    );
}

#[tokio::test]
async fn pending_tasks_come_in_groups_with_what_fits_best() {
    let bed = Bed::synced().await;
    let answer = bed.json("/api/v1/tasks?state=pending").await;
    assert_eq!(answer["counts"], json!({ "pending": 6, "matched": 4, "idle": 0, "total": 10 }));
    assert_eq!((&answer["total"], &answer["pages"], &answer["page"]), (&json!(6), &json!(1), &json!(1)));
    let groups = answer["groups"].as_array().unwrap();
    let told: Vec<String> = groups
        .iter()
        .map(|group| {
            let shares = group["candidates"].as_array().unwrap().iter();
            let shares: Vec<String> = shares.map(|candidate| candidate["similarity"].to_string()).collect();
            let best = &group["recommendation"]["external_package_id"];
            format!("{} {} [{}]", group["prefix"].as_str().unwrap(), best, shares.join(" "))
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r#"
    0909-高中加购-15000-P5-C--L3-1014 null []
    0920-高中加购-5000-O7-A--L3-1021 null []
    淮安-0913A-高中-3747 "550002" [97 56 56 52]
    禹州-0718-高中加购-P4-A-L10-1026 null []
    禹州-0826-高中-721 "541437" [83 62 60 60]
    禹州-0908A-高中-4868 "557462" [97 94 94 58]
    "#);
}

#[tokio::test]
async fn a_group_has_the_documented_keys() {
    let bed = Bed::synced().await;
    let answer = bed.house.get("/api/v1/tasks?state=pending&q=7100007").await;
    let answer = answer.split("\"groups\"").nth(1).unwrap().split("\"imported_at\"").next().unwrap();
    assert_snapshot!(answer, @r#"
    : [
        {
          "candidates": [
            {
              "external_package_id": "541437",
              "internal_code": "禹州-0826-高中-1000",
              "package_id": 1,
              "similarity": 83
            },
            {
              "external_package_id": "557462",
              "internal_code": "禹州-0908-高中-4868",
              "package_id": 7,
              "similarity": 62
            },
            {
              "external_package_id": "542025",
              "internal_code": "禹州-0908B-高中-4868",
              "package_id": 2,
              "similarity": 60
            },
            {
              "external_package_id": "542026",
              "internal_code": "禹州-0908C-高中-4868",
              "package_id": 3,
              "similarity": 60
            }
          ],
          "parsed": true,
          "prefix": "禹州-0826-高中-721",
          "recommendation": {
            "external_package_id": "541437",
            "internal_code": "禹州-0826-高中-1000",
            "package_id": 1,
            "similarity": 83
          },
          "task_count": 1,
          "tasks": [
            {
              "called_number": 300,
              "connected_number": 90,
              "contact_ratio": 0.3,
              "idle_at": null,
    "#);
}

#[tokio::test]
async fn decisions_of_people_stay_whatever_is_synced() {
    let bed = Bed::synced().await;
    let wish = json!({ "task_ids": [7_100_006, "no such", "7100006"], "external_package_id": "550002" });
    assert_snapshot!(bed.house.post("/api/v1/tasks/match", &wish).await, @r#"
    200 OK
    {
      "changed": 1,
      "failed": [
        {
          "error": "任务不存在",
          "task_id": "no such"
        }
      ],
      "unchanged": 0
    }
    "#);
    let idle = json!({ "task_ids": ["7100004", "9007199254740993123"] });
    assert!(bed.house.post("/api/v1/tasks/idle", &idle).await.contains("\"changed\": 2"));
    assert!(bed.house.post("/api/v1/tasks/idle", &idle).await.contains("\"unchanged\": 2"));
    let rematch = json!({ "task_ids": ["7100001"], "auto": false });
    assert!(bed.house.post("/api/v1/tasks/rematch", &rematch).await.contains("\"changed\": 1"));
    for sync_type in TaskSyncType::ALL {
        bed.sync(*sync_type).await;
    }
    bed.import(&bed.platform.packages_csv()).await;
    let decided = [
        "7100001 pending manual -",
        "7100004 idle manual -",
        "7100006 matched manual 550002",
        "9007199254740993123 idle manual -",
    ];
    let standing = standing(&bed).await;
    for line in decided {
        assert!(standing.contains(&line.to_owned()), "{line} in {standing:?}");
    }
}

#[tokio::test]
async fn the_rule_decides_again_where_it_is_asked_to() {
    let bed = Bed::synced().await;
    let ids = json!(["7100001", "7100006"]);
    bed.house.post("/api/v1/tasks/idle", &json!({ "task_ids": ids })).await;
    let answer = bed.house.post("/api/v1/tasks/rematch", &json!({ "task_ids": ids, "auto": true })).await;
    assert!(answer.contains("\"changed\": 2"), "{answer}");
    let standing = standing(&bed).await;
    for line in ["7100001 matched auto 559336", "7100006 pending auto -"] {
        assert!(standing.contains(&line.to_owned()), "{line} in {standing:?}");
    }
}

#[tokio::test]
async fn wishes_that_make_no_sense_change_nothing() {
    let bed = Bed::synced().await;
    let many: Vec<String> = (0..=1000).map(|id| id.to_string()).collect();
    let asked = async |body: Value| {
        let answer = bed.house.post("/api/v1/tasks/match", &body).await;
        let code =
            answer.split("\"code\": \"").nth(1).unwrap_or_default().split('"').next().unwrap_or_default();
        format!("{} {code}", &answer[..3])
    };
    assert_eq!(asked(json!({ "task_ids": [], "package_id": 1 })).await, "400 invalid_parameter");
    assert_eq!(asked(json!({ "task_ids": many, "package_id": 1 })).await, "400 invalid_parameter");
    assert_eq!(asked(json!({ "task_ids": ["7100006"] })).await, "400 invalid_parameter");
    let both = json!({ "task_ids": ["7100006"], "package_id": 1, "external_package_id": "550002" });
    assert_eq!(asked(both).await, "400 invalid_parameter");
    assert_eq!(asked(json!({ "task_ids": ["7100006"], "package_id": 99 })).await, "404 package_not_found");
    assert_eq!(asked(json!({ "task_ids": [1.5], "package_id": 1 })).await, "400 bad_body");
    for path in ["/api/v1/tasks", "/api/v1/tasks?state=x", "/api/v1/tasks/stats?days=366"] {
        let answer = bed.house.get(path).await;
        assert!(answer.starts_with("400") && answer.contains("invalid_parameter"), "{path}: {answer}");
    }
    assert!(standing(&bed).await.contains(&"7100006 pending auto -".to_owned()));
}

#[tokio::test]
async fn a_start_beside_another_is_refused_in_the_documented_words() {
    let bed = Bed::new().await;
    let wish = json!({ "sync": "tasks.today", "params": {} });
    assert!(bed.house.post("/api/v1/runs", &wish).await.starts_with("202"));
    assert_snapshot!(bed.house.post("/api/v1/runs", &wish).await, @r#"
    409 Conflict
    {
      "code": "lock_conflict",
      "detail": "同步任务正在进行中，请稍后再试\n锁定者：test-1\n锁定时间：2025-10-18 04:00:00",
      "status": 409,
      "title": "Another run of this sync is active",
      "type": "/api/docs#problem-lock_conflict"
    }
    "#);
    bed.house.work().await;
    let stats = bed.json("/api/v1/tasks/stats?days=2").await;
    assert_eq!(stats["days"][1]["success_rate"], 100.0);
    assert_eq!(stats["days"][0]["success_rate"], Value::Null);
    assert_eq!(stats["durations"][0]["sync_type"], "today");
}
