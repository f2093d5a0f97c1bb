//! The documented bodies and refusals, key for key.

use serde_json::json;

use crate::bed::{Base, Bed};

on_both! {
    a_sync_by_hand_answers_with_its_summary_whatever_is_sent
    a_sync_is_answered_before_its_end_when_that_is_asked_for
    records_are_listed_and_read_in_the_documented_form
    what_is_wrong_with_a_request_is_told_in_the_documented_words
    a_server_that_goes_down_answers_at_once_and_starts_nothing
    who_goes_away_before_the_end_leaves_the_run_to_it
    what_is_unread_is_counted_over_all_records_that_have_ended
}

async fn a_sync_by_hand_answers_with_its_summary_whatever_is_sent(base: Base) {
    let bed = Bed::start(base).await;
    bed.import_packages().await;
    let mut answers = Vec::new();
    for body in ["", "{}", "{\"x", "plain text"] {
        let (status, text) = bed.text("POST", "/today/manual", body).await;
        assert_eq!(status, 200, "{text}");
        let mut answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(answer["summary"]["duration"].as_i64().unwrap() < 30, "{text}");
        answer["summary"]["duration"] = json!(0);
        answers.push(answer);
    }
    let summary = |new: i64, updated: i64| json!({"total": 4, "new": new, "updated": updated, "matched": 3, "pending": 1, "failed": 0, "duration": 0});
    assert_eq!(answers[0], json!({"success": true, "record_id": 1, "summary": summary(4, 0)}));
    for (nth, answer) in answers.iter().enumerate().skip(1) {
        assert_eq!(*answer, json!({"success": true, "record_id": nth + 1, "summary": summary(0, 4)}));
    }
    let historical = bed.ok("POST", "/historical/manual").await;
    let counted = |key: &str| historical["summary"][key].as_i64().unwrap();
    assert_eq!((counted("total"), counted("matched"), counted("pending")), (6, 1, 5));
}

async fn a_sync_is_answered_before_its_end_when_that_is_asked_for(base: Base) {
    let mut bed = Bed::idle(base).await;
    for wish in ["async=1", "async=true"] {
        let path = if wish == "async=1" { "/today/manual?async=1" } else { "/historical/manual?async=true" };
        let (status, answer) = bed.call("POST", path).await;
        let record = if wish == "async=1" { 1 } else { 2 };
        assert_eq!(
            (status, answer),
            (202, json!({"success": true, "record_id": record, "status": "running"}))
        );
    }
    bed.drive();
    assert_eq!(bed.ended(1).await["status"], "success");
    assert_eq!(bed.ended(2).await["status"], "success");
}

async fn records_are_listed_and_read_in_the_documented_form(base: Base) {
    let bed = Bed::start(base).await;
    let none = bed.ok("GET", "/records").await;
    let empty = json!({"records": [], "total": 0, "page": 1, "per_page": 20, "pages": 0, "unread_count": 0});
    assert_eq!(none, json!({"success": true, "data": empty}));
    bed.ok("POST", "/historical/manual").await;
    bed.ok("POST", "/today/manual").await;
    let listed = bed.ok("GET", "/records?per_page=1&page=2&other=x").await["data"].clone();
    assert_eq!(
        [&listed["total"], &listed["page"], &listed["per_page"], &listed["pages"], &listed["unread_count"]],
        [2, 2, 1, 2, 2]
    );
    let record = &listed["records"][0];
    assert_eq!(
        record["duration"].as_i64().unwrap(),
        seconds(record, "end_time") - seconds(record, "start_time")
    );
    let mut shown = record.clone();
    for key in ["start_time", "end_time", "created_at"] {
        assert!(record[key].as_str().unwrap().starts_with("2025-10-24T12:00:"), "{record}");
        shown[key] = json!("…");
    }
    shown["duration"] = json!(0);
    assert_eq!(
        shown,
        json!({
            "id": 1, "sync_type": "historical", "sync_type_label": "历史数据", "trigger_type": "manual",
            "trigger_type_label": "手动", "status": "success", "status_label": "成功", "start_time": "…",
            "end_time": "…", "duration": 0, "tasks_total": 6, "tasks_new": 6, "tasks_updated": 0,
            "tasks_matched": 0, "tasks_pending": 6, "tasks_failed": 0, "retry_count": 0, "max_retries": 3,
            "is_read": false, "read_at": null, "created_at": "…"
        })
    );
    let detail = bed.record(1).await;
    assert_eq!(detail.as_object().unwrap().len(), 23);
    assert_eq!((&detail["error_message"], &detail["error_details"]), (&json!(null), &json!(null)));
    assert_eq!(bed.ok("GET", "/records?sync_type=today").await["data"]["total"], 1);
    assert_eq!(bed.ok("GET", "/records?page=7").await["data"]["records"], json!([]));
    assert_eq!(bed.ok("POST", "/records/1/read").await, json!({"success": true, "message": "已标记为已读"}));
    let read_at = bed.record(1).await["read_at"].clone();
    assert!(read_at.is_string());
    bed.clock.pass(jiff::SignedDuration::from_secs(60));
    bed.ok("POST", "/records/1/read").await;
    assert_eq!(bed.record(1).await["read_at"], read_at, "the first time stands");
    assert_eq!(bed.ok("GET", "/records?unread=1").await["data"]["total"], 1);
    assert_eq!(
        bed.ok("POST", "/records/read-all").await,
        json!({"success": true, "message": "已标记所有记录为已读"})
    );
    assert_eq!(bed.ok("GET", "/records").await["data"]["unread_count"], 0);
}

fn seconds(record: &serde_json::Value, key: &str) -> i64 {
    let at: jiff::civil::DateTime = record[key].as_str().unwrap().parse().unwrap();
    jiff::tz::TimeZone::UTC.to_timestamp(at).unwrap().as_second()
}

async fn what_is_wrong_with_a_request_is_told_in_the_documented_words(base: Base) {
    let bed = Bed::start(base).await;
    let refused = |kind: &str, error: &str| json!({"success": false, "error": error, "error_type": kind});
    for path in ["/records/7", "/records/abc", "/records/99999999999999999999", "/records/%FF"] {
        assert_eq!(bed.call("GET", path).await, (404, refused("not_found", "记录不存在")), "{path}");
        let read = bed.call("POST", &format!("{path}/read")).await;
        assert_eq!(read, (404, refused("not_found", "记录不存在")), "{path}");
    }
    for path in ["", "/", "/nothing", "/records/", "/status/", "/records/1/"] {
        assert_eq!(bed.call("GET", path).await, (404, refused("not_found", "接口不存在")), "{path}");
    }
    for (method, path) in [("GET", "/today/manual"), ("DELETE", "/records"), ("GET", "/records/read-all")] {
        let answer = bed.call(method, path).await;
        assert_eq!(answer, (405, refused("method_not_allowed", "请求方法不允许")), "{path}");
    }
    for (path, error) in [
        ("/records?sync_type=x", "参数错误：sync_type 只能是 historical 或 today"),
        ("/records?status=x", "参数错误：status 取值无效"),
    ] {
        assert_eq!(bed.call("GET", path).await, (400, refused("invalid_parameter", error)));
    }
    let answer = bed.call("POST", "/today/manual?async=2").await;
    assert_eq!(answer, (400, refused("invalid_parameter", "参数错误：async 只能是 1 或 0")));
    assert_eq!(bed.ok("GET", "/records").await["data"]["total"], 0, "nothing was started");
}

async fn a_server_that_goes_down_answers_at_once_and_starts_nothing(base: Base) {
    let bed = Bed::idle(base).await;
    let waiting = bed.call("POST", "/today/manual");
    let down = async {
        crate::shared::until(&bed.engine, || async {
            let lock = bed.store.read().task_lock(model::task::TaskSyncType::Today).await.unwrap();
            lock.map(|_| ())
        })
        .await;
        bed.stopping.cancel();
    };
    let (answer, ()) = tokio::join!(waiting, down);
    assert_eq!(answer, (202, json!({"success": true, "record_id": 1, "status": "running"})));
    let refused = json!({"success": false, "error": "服务正在停止，请稍后再试", "error_type": "unavailable"});
    assert_eq!(bed.call("POST", "/historical/manual").await, (503, refused));
}

async fn who_goes_away_before_the_end_leaves_the_run_to_it(base: Base) {
    let mut bed = Bed::idle(base).await;
    let begun = crate::shared::until(&bed.engine, || async {
        let lock = bed.store.read().task_lock(model::task::TaskSyncType::Today).await.unwrap();
        lock.map(|_| ())
    });
    tokio::select! {
        answer = bed.call("POST", "/today/manual") => panic!("nobody works yet: {answer:?}"),
        () = begun => {}
    }
    bed.drive();
    let record = bed.ended(1).await;
    assert_eq!((&record["status"], &record["is_read"]), (&json!("success"), &json!(false)));
    assert_eq!(bed.ok("GET", "/records").await["data"]["unread_count"], 1);
}

async fn what_is_unread_is_counted_over_all_records_that_have_ended(base: Base) {
    let mut bed = Bed::start(base).await;
    bed.ok("POST", "/today/manual").await;
    bed.ok("POST", "/historical/manual").await;
    bed.rest().await;
    bed.call("POST", "/today/manual?async=1").await;
    for narrowed in
        ["", "?sync_type=today", "?sync_type=historical&page=9", "?status=failed", "?unread=1&per_page=1"]
    {
        let unread = bed.ok("GET", &format!("/records{narrowed}")).await["data"]["unread_count"].clone();
        assert_eq!(unread, 2, "{narrowed}: the one at work does not count, and nothing narrows it");
    }
    bed.ok("POST", "/records/read-all").await;
    assert_eq!(bed.ok("GET", "/records").await["data"]["unread_count"], 0);
    let running = bed.record(3).await;
    assert_eq!((&running["is_read"], &running["read_at"]), (&json!(false), &json!(null)));
    bed.drive();
    bed.ended(3).await;
    assert_eq!(bed.ok("GET", "/records").await["data"]["unread_count"], 1, "its end is announced");
}
