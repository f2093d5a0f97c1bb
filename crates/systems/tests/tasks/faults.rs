//! A platform that misbehaves: what is tried again, how often, what a record says of it, and that no secret is said.

use serde_json::{Value, json};

use crate::bed::{Base, Bed};

on_both! {
    what_may_pass_is_tried_again_and_told
    what_does_not_pass_fails_the_run_and_changes_no_task
    a_refused_token_is_replaced_once_and_not_counted
    without_the_right_credentials_there_is_one_login_and_without_any_none
    a_listing_is_whole_or_the_run_fails
    odd_forms_of_a_listing_give_the_same_tasks
    no_secret_is_said_anywhere
}

async fn failed(bed: &Bed, path: &str) -> (String, Value) {
    let (status, answer) = bed.call("POST", path).await;
    assert_eq!((status, &answer["error_type"]), (500, &json!("sync_failed")), "{answer}");
    let record = bed.record(answer["record_id"].as_i64().unwrap()).await;
    assert_eq!((&record["status"], &record["error_message"]), (&json!("failed"), &answer["error"]));
    (answer["error"].as_str().unwrap().to_owned(), record)
}

async fn what_may_pass_is_tried_again_and_told(base: Base) {
    let bed = Bed::start(base).await;
    let _hurry = bed.hurry();
    bed.spoil(&["http-500=1x2"]);
    let answer = bed.ok("POST", "/today/manual").await;
    assert_eq!(answer["summary"]["total"], 4);
    assert_eq!(bed.record(1).await["retry_count"], 2);
    assert_eq!(bed.asked(), (3, 1));
    let lines = bed.log(1).await;
    assert_eq!(
        lines[..3],
        [
            "⚠️ 第 1/3 次重试，等待 2 秒：获取任务列表失败: HTTP 500",
            "⚠️ 第 2/3 次重试，等待 4 秒：获取任务列表失败: HTTP 500",
            "✅ 第 2 次重试成功：获取任务列表",
        ]
    );
}

async fn what_does_not_pass_fails_the_run_and_changes_no_task(base: Base) {
    let bed = Bed::start_with(base, |config| {
        config.guanke.page_size = 2;
        config.guanke.timeout_seconds = 1;
    })
    .await;
    let _hurry = bed.hurry();
    bed.ok("POST", "/today/manual").await;
    for (fault, error) in [
        ("http-500=2x4", "获取任务列表失败: HTTP 500"),
        ("http-429=2x4", "获取任务列表失败: HTTP 429"),
        ("timeout=2x4", "获取任务列表失败: 请求超时"),
        ("drop=2x4", "获取任务列表失败: 连接失败"),
        ("truncated-json=2x4", "获取任务列表失败: 响应不完整"),
        ("code=2:500", "获取任务列表失败: "),
        ("null-data", "获取任务列表失败: 响应缺少任务列表"),
    ] {
        bed.spoil(&[fault]);
        bed.simulator.clear_requests();
        let (said, record) = failed(&bed, "/historical/manual").await;
        assert!(said.starts_with(error), "{fault}: {said}");
        assert_eq!((&record["retry_count"], &record["tasks_total"]), (&json!(3), &json!(0)), "{fault}");
        let pages = if fault == "null-data" { 4 } else { 5 };
        assert_eq!(bed.asked(), (pages, 0), "{fault}");
    }
    let ids = vec!["7100001".to_owned(), "7100005".to_owned()];
    assert_eq!(bed.store.read().call_task_names(&ids).await.unwrap().len(), 1, "only today's are there");
    bed.spoil(&["empty"]);
    assert_eq!(bed.ok("POST", "/historical/manual").await["summary"]["total"], 0);
}

async fn a_refused_token_is_replaced_once_and_not_counted(base: Base) {
    let bed = Bed::start(base).await;
    bed.ok("POST", "/today/manual").await;
    for fault in ["token-invalid=1", "token-expired=1", "http-401=1"] {
        bed.spoil(&[fault]);
        bed.simulator.clear_requests();
        let record = bed.ok("POST", "/today/manual").await["record_id"].as_i64().unwrap();
        assert_eq!(bed.asked(), (2, 1), "{fault}");
        assert_eq!(bed.record(record).await["retry_count"], 0, "{fault}");
    }
}

async fn without_the_right_credentials_there_is_one_login_and_without_any_none(base: Base) {
    let bed = Bed::start(base).await;
    bed.spoil(&["bad-credentials"]);
    let (said, record) = failed(&bed, "/today/manual").await;
    assert!(said.starts_with("Token 获取失败: "), "{said}");
    assert_eq!((bed.asked(), &record["retry_count"]), ((0, 1), &json!(0)));
    let bed = Bed::start_with(base, |config| config.guanke.username = "me".into()).await;
    let (said, _) = failed(&bed, "/today/manual").await;
    assert_eq!(said, "未配置冠客 API 认证信息（需要用户名密码或密钥）");
    assert_eq!(bed.asked(), (0, 0));
    assert_eq!(bed.engine.read().schedules().await.unwrap().len(), 0, "nothing is scheduled either");
    assert_eq!(bed.tasks.log_schedules(), ["⚠️ 未配置冠客 API 认证信息，任务同步定时任务未注册"]);
}

async fn a_listing_is_whole_or_the_run_fails(base: Base) {
    let bed = Bed::start_with(base, |config| config.guanke.page_size = 2).await;
    let _hurry = bed.hurry();
    bed.spoil(&["short-page=2"]);
    let (said, record) = failed(&bed, "/historical/manual").await;
    assert_eq!(said, "任务列表不完整：应有 6 条，实得 4 条");
    assert_eq!(record["retry_count"], 3);
    assert_eq!(bed.asked().0, 12, "four times three pages");
    bed.spoil(&["duplicate"]);
    let answer = bed.ok("POST", "/historical/manual").await;
    assert_eq!((&answer["summary"]["total"], &answer["summary"]["new"]), (&json!(6), &json!(6)));
    bed.spoil(&["bad-rows"]);
    let answer = bed.ok("POST", "/historical/manual").await;
    let counted = ["total", "new", "updated", "failed"].map(|key| answer["summary"][key].as_i64().unwrap());
    assert_eq!(counted, [9, 0, 6, 3]);
    let record = bed.record(answer["record_id"].as_i64().unwrap()).await;
    assert_eq!(record["status"], "partial");
    let details = record["error_details"].as_array().unwrap();
    let errors: Vec<&str> = details.iter().map(|detail| detail["error"].as_str().unwrap()).collect();
    assert_eq!(errors.len(), 3);
    assert!(errors.contains(&"任务ID缺失") && errors.contains(&"任务名称缺失"), "{errors:?}");
    assert!(errors.iter().any(|error| error.starts_with("字段格式错误: ")), "{errors:?}");
}

async fn odd_forms_of_a_listing_give_the_same_tasks(base: Base) {
    let bed = Bed::start_with(base, |config| config.guanke.page_size = 4).await;
    bed.ok("POST", "/historical/manual").await;
    for fault in ["string-ids", "camel-names", "no-total"] {
        bed.spoil(&[fault]);
        let answer = bed.ok("POST", "/historical/manual").await;
        let counted =
            ["total", "new", "updated", "failed"].map(|key| answer["summary"][key].as_i64().unwrap());
        assert_eq!(counted, [6, 0, 6, 0], "{fault}");
    }
}

async fn no_secret_is_said_anywhere(base: Base) {
    let bed = Bed::start(base).await;
    let _hurry = bed.hurry();
    let mut said = String::new();
    // The first one before there is a token: a run with one asks for no other.
    for faults in [["echo-secret", "bad-credentials"], ["echo-secret", "code=1:500"]] {
        bed.spoil(&faults);
        let (error, record) = failed(&bed, "/today/manual").await;
        let id = record["id"].as_i64().unwrap();
        said.push_str(&format!("{error} {record} {}", bed.log(id).await.join(" ")));
    }
    assert!(said.contains("***"), "{said}");
    for secret in ["sim-pass", "sim%2Dpass", "sim-secret"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}
