//! Wrong requests, byte for byte.

use axum::body::Body;
use axum::http::Request;

use crate::bed::{Base, Bed, Making};

const ROOT: &str = "/api/v1/sync-status";

async fn bed() -> Bed {
    Making::new(Base::Sqlite).idle().await
}

async fn says(bed: &Bed, method: &str, path: &str, body: Option<&str>) -> String {
    let (status, text) = bed.call(method, &format!("{ROOT}{path}"), body).await;
    format!("{status} {text}")
}

#[tokio::test]
async fn wrong_dates_and_days_are_refused_in_the_documented_words() {
    let bed = bed().await;
    let date = r#"400 {"detail":"日期格式错误，应为 YYYY-MM-DD"}"#;
    for path in ["/date/2025-10-9", "/date/2025-W41-4", "/date/2025-02-30", "/date/%202025-10-09"] {
        assert_eq!(says(&bed, "GET", path, None).await, date, "{path}");
    }
    for path in ["/check/soon", "/sync/date/2025-13-01"] {
        assert_eq!(says(&bed, "POST", path, None).await, date, "{path}");
    }
    assert_eq!(says(&bed, "GET", "/list?start_date=2025-1-1", None).await, date);
    let days = r#"400 {"detail":"天数范围应在 1-365 之间"}"#;
    for path in
        ["/recent?days=0", "/recent?days=366", "/summary?days=-1", "/pending?days_back=99999999999999999999"]
    {
        assert_eq!(says(&bed, "GET", path, None).await, days, "{path}");
    }
    assert_eq!(says(&bed, "POST", "/sync/pending?days_back=0", None).await, days);
}

#[tokio::test]
async fn wrong_numbers_are_refused_in_the_documented_words() {
    let bed = bed().await;
    assert_eq!(
        says(&bed, "GET", "/recent?days=abc", None).await,
        r#"422 {"detail":[{"type":"int_parsing","loc":["query","days"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"abc"}]}"#
    );
    assert_eq!(
        says(&bed, "GET", "/list?page=0", None).await,
        r#"422 {"detail":[{"type":"greater_than_equal","loc":["query","page"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}}]}"#
    );
    assert_eq!(
        says(&bed, "GET", "/list?page=0&page_size=101", None).await,
        r#"422 {"detail":[{"type":"greater_than_equal","loc":["query","page"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}},{"type":"less_than_equal","loc":["query","page_size"],"msg":"Input should be less than or equal to 100","input":"101","ctx":{"le":100}}]}"#
    );
    for path in ["/recent?days=1.0", "/recent?days=%2B5", "/list?page=1.0"] {
        assert!(says(&bed, "GET", path, None).await.starts_with("200 "), "{path}");
    }
}

#[tokio::test]
async fn a_slash_behind_a_route_is_an_unknown_path() {
    let bed = bed().await;
    let unknown = r#"404 {"detail":"Not Found"}"#;
    let read = ["/today", "/date/2025-10-09", "/recent", "/pending", "/summary", "/list"];
    let followed = ["/sync/batch/active", "/sync/batch/progress/none"];
    let started =
        ["/check/2025-10-09", "/sync/today", "/sync/date/2025-10-09", "/sync/pending", "/sync/batch"];
    let steered = ["/sync/batch/none/cancel", "/sync/batch/none/pause", "/sync/batch/none/resume"];
    let asked = read.iter().chain(&followed).map(|path| ("GET", *path));
    let posted = started.iter().chain(&steered).map(|path| ("POST", *path));
    for (method, path) in asked.chain(posted) {
        let body = (path == "/sync/batch").then_some("{}");
        assert_ne!(says(&bed, method, path, body).await, unknown, "{method} {path}");
        for slash in ["/", "/?limit=2", "//"] {
            let path = format!("{path}{slash}");
            assert_eq!(says(&bed, method, &path, body).await, unknown, "{method} {path}");
        }
    }
    for path in ["", "?limit=2", "/", "/?limit=2", "//"] {
        assert_eq!(says(&bed, "GET", path, None).await, unknown, "the prefix and {path}");
        assert_eq!(says(&bed, "POST", path, None).await, unknown, "the prefix and {path}");
    }
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_have_their_own_answers() {
    let bed = bed().await;
    assert_eq!(says(&bed, "GET", "/nothing", None).await, r#"404 {"detail":"Not Found"}"#);
    assert_eq!(says(&bed, "POST", "/today", None).await, r#"405 {"detail":"Method Not Allowed"}"#);
    assert_eq!(says(&bed, "GET", "/sync/batch", None).await, r#"405 {"detail":"Method Not Allowed"}"#);
    let gone = r#"200 {"status":"error","message":"任务不存在或已过期"}"#;
    assert_eq!(says(&bed, "GET", "/sync/batch/progress/none", None).await, gone);
    assert_eq!(says(&bed, "POST", "/sync/batch/none/cancel", None).await, gone);
    assert_eq!(
        says(&bed, "GET", "/sync/batch/active", None).await,
        r#"200 {"status":"success","data":null}"#
    );
    assert_eq!(
        says(&bed, "GET", "/today", None).await,
        r#"200 {"status":"not_found","date":"2025-10-18","message":"未找到今日同步记录"}"#
    );
    assert_eq!(
        says(&bed, "GET", "/date/20251009", None).await,
        r#"200 {"status":"not_found","date":"20251009","message":"未找到同步记录"}"#
    );
    assert_eq!(
        says(&bed, "POST", "/check/2025-10-09", None).await,
        r#"200 {"status":"success","date":"2025-10-09","need_sync":true,"reason":"未找到同步记录，需要同步"}"#
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_batch_is_said_in_the_documented_words() {
    let bed = bed().await;
    for (body, answer) in [
        ("", r#"422 {"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}"#),
        (
            r#"{"start_date":"2025-10-09"}"#,
            r#"422 {"detail":[{"type":"missing","loc":["body","end_date"],"msg":"Field required","input":{"start_date":"2025-10-09"}}]}"#,
        ),
        (
            r#"{"z":1,"a":2}"#,
            r#"422 {"detail":[{"type":"missing","loc":["body","start_date"],"msg":"Field required","input":{"z":1,"a":2}},{"type":"missing","loc":["body","end_date"],"msg":"Field required","input":{"z":1,"a":2}}]}"#,
        ),
        (
            r#"{"start_date":1,"end_date":"2025-10-09"}"#,
            r#"422 {"detail":[{"type":"string_type","loc":["body","start_date"],"msg":"Input should be a valid string","input":1}]}"#,
        ),
        (
            "[1]",
            r#"422 {"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":[1]}]}"#,
        ),
        (
            r#"{"start_date":"2025-10-09","end_date":"2025-10-09","mode":"fast"}"#,
            r#"422 {"detail":[{"type":"value_error","loc":["body","mode"],"msg":"mode 应为 market 或 per_stock","input":"fast"}]}"#,
        ),
        (
            r#"{"start_date":"2025-10-9","end_date":"2025-10-09"}"#,
            r#"200 {"status":"error","message":"日期格式错误，应为 YYYY-MM-DD"}"#,
        ),
        (
            r#"{"start_date":"2025-10-10","end_date":"2025-10-09"}"#,
            r#"200 {"status":"error","message":"开始日期不能晚于结束日期"}"#,
        ),
        (
            r#"{"start_date":"2025-01-01","end_date":"2025-04-01"}"#,
            r#"200 {"status":"error","message":"日期范围不能超过90天"}"#,
        ),
    ] {
        assert_eq!(says(&bed, "POST", "/sync/batch", Some(body)).await, answer, "{body}");
    }
    let bad = says(&bed, "POST", "/sync/batch", Some("{bad")).await;
    let start = r#"422 {"detail":[{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},"ctx":{"error":""#;
    assert!(bad.starts_with(start), "{bad}");
    let plain = Request::post(format!("{ROOT}/sync/batch")).header("content-type", "text/plain");
    let (status, text) = bed.send(plain.body(Body::from("{}")).unwrap()).await;
    assert_eq!(status, 422);
    assert!(
        text.contains(r#""type":"model_attributes_type","loc":["body"]"#) && text.contains(r#""input":"{}""#)
    );
}

#[tokio::test]
async fn ninety_days_start_and_a_busy_lease_is_said_before_a_bad_date() {
    let bed = bed().await;
    let started = says(
        &bed,
        "POST",
        "/sync/batch",
        Some(r#"{"start_date":"20250101","end_date":"2025-03-31","unknown":[]}"#),
    )
    .await;
    assert_eq!(
        started,
        r#"200 {"status":"success","data":{"task_id":"20250101_2025-03-31_1760731200","total_days":90,"message":"批量同步任务已启动，将同步 90 天的数据"}}"#
    );
    let conflict = r#"200 {"status":"error","message":"已有同步任务正在运行，请等待当前任务完成后再试","current_task":{"task_type":"web_batch","start_time":"2025-10-18T04:00:00","start_date":"2025-01-01","end_date":"2025-03-31","total_days":90,"task_id":"20250101_2025-03-31_1760731200"}}"#;
    for (path, body) in [
        ("/sync/batch", Some(r#"{"start_date":"soon","end_date":"never"}"#)),
        ("/sync/today", None),
        ("/sync/date/2025-10-09", None),
        ("/sync/pending", None),
    ] {
        assert_eq!(says(&bed, "POST", path, body).await, conflict, "{path}");
    }
    let missing = says(&bed, "POST", "/sync/batch", Some("{}")).await;
    assert!(missing.starts_with("422 "), "the body is looked at first: {missing}");
}
