//! Wrong requests, byte for byte.

use axum::body::Body;
use axum::http::{Request, header};

use crate::bed::{Base, Bed, ROOT};

on_both! {
    numbers_out_of_bounds_are_refused_and_nothing_is_made
    every_bad_body_is_refused_and_the_plan_is_left_alone
    what_is_unknown_is_told_in_the_documented_words
    paths_and_methods_have_their_own_answers
}

async fn numbers_out_of_bounds_are_refused_and_nothing_is_made(base: Base) {
    let bed = Bed::idle(base).await;
    let integer = "Input should be a valid integer, unable to parse string as an integer";
    assert_eq!(
        bed.ask("POST", "/abc/11/schedule", None).await.line(),
        format!(
            r#"422 {{"detail":[{{"type":"int_parsing","loc":["path","season_year"],"msg":"{integer}","input":"abc"}}],"message":"参数校验失败: path.season_year: {integer}"}}"#
        )
    );
    assert_eq!(
        bed.ask("POST", "/1949/11/schedule", None).await.line(),
        r#"422 {"detail":[{"type":"greater_than_equal","loc":["path","season_year"],"msg":"Input should be greater than or equal to 1950","input":"1949","ctx":{"ge":1950}}],"message":"参数校验失败: path.season_year: Input should be greater than or equal to 1950"}"#
    );
    for (method, path, kind, place) in [
        ("POST", "/2025/41/schedule", "less_than_equal", "path.race_round"),
        ("GET", "/2101/1/schedule", "less_than_equal", "path.season_year"),
        ("DELETE", "/2025/-1/schedule", "greater_than_equal", "path.race_round"),
        ("POST", "/2025/11/execute/0", "greater_than_equal", "path.attempt_number"),
        ("POST", "/2025/11/execute/x", "int_parsing", "path.attempt_number"),
        ("GET", "/%ff/11/schedule", "int_parsing", "path.season_year"),
        ("GET", "/schedules?season_year=", "int_parsing", "query.season_year"),
        ("GET", "/stats?season_year=1", "greater_than_equal", "query.season_year"),
        ("POST", "/batch-schedule?days_ahead=-1", "greater_than_equal", "query.days_ahead"),
        ("POST", "/batch-schedule?days_ahead=367", "less_than_equal", "query.days_ahead"),
    ] {
        let answer = bed.ask(method, path, None).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["detail"][0]["type"]), (422, &kind.into()), "{path}: {body}");
        assert!(body["message"].as_str().unwrap().starts_with(&format!("参数校验失败: {place}: ")), "{body}");
    }
    assert_eq!(
        bed.ask("GET", "/schedules?status_filter=zzz", None).await.line(),
        r#"422 {"detail":[{"type":"literal_error","loc":["query","status_filter"],"msg":"Input should be 'pending', 'completed', 'failed', 'cancelled' or 'all'","input":"zzz","ctx":{"expected":"'pending', 'completed', 'failed', 'cancelled' or 'all'"}}],"message":"参数校验失败: query.status_filter: Input should be 'pending', 'completed', 'failed', 'cancelled' or 'all'"}"#
    );
    assert_eq!(bed.json("GET", "/schedules").await["total_count"], 0);
    assert!(bed.simulator.requests().is_empty(), "what is refused asks nothing of the source");
}

async fn every_bad_body_is_refused_and_the_plan_is_left_alone(base: Base) {
    let bed = Bed::start(base).await;
    bed.json("POST", "/2025/11/schedule").await;
    let before = bed.ask("GET", "/2025/11/schedule", None).await.line();
    let long = format!(r#"{{"retry_intervals":[{}1]}}"#, "1,".repeat(20));
    for (body, kind) in [
        (r#"{"retry_intervals":[]}"#, "too_short"),
        (r#"{"retry_intervals":[0]}"#, "greater_than_equal"),
        (r#"{"retry_intervals":[721]}"#, "less_than_equal"),
        (r#"{"retry_intervals":[6,6]}"#, "value_error"),
        (long.as_str(), "too_long"),
        (r#"{"retry_intervals":["a"]}"#, "int_parsing"),
        (r#"{"retry_intervals":[1.5]}"#, "int_from_float"),
        (r#"{"retry_intervals":[true]}"#, "int_type"),
        (r#"{"retry_intervals":"6"}"#, "list_type"),
        (r#"{"race_end_time":"soon"}"#, "datetime_parsing"),
        ("{bad", "json_invalid"),
        ("[6]", "model_attributes_type"),
    ] {
        for path in ["/2025/11/schedule", "/2025/12/schedule"] {
            let answer = bed.ask("POST", path, Some(body)).await;
            assert_eq!((answer.status, &answer.json()["detail"][0]["type"]), (422, &kind.into()), "{body}");
        }
    }
    let text = Request::post(format!("{ROOT}/2025/12/schedule")).header(header::CONTENT_TYPE, "text/plain");
    let answer = bed.send(text.body(Body::from("{}")).unwrap()).await;
    assert_eq!(
        answer.line(),
        r#"422 {"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":"{}"}],"message":"参数校验失败: body: Input should be a valid dictionary or object to extract fields from"}"#
    );
    let untyped = Request::post(format!("{ROOT}/2025/12/schedule")).body(Body::from("{bad")).unwrap();
    assert_eq!(bed.send(untyped).await.json()["detail"][0]["loc"], serde_json::json!(["body", 1]));
    assert_eq!(bed.ask("GET", "/2025/11/schedule", None).await.line(), before);
    assert_eq!(bed.ask("GET", "/2025/12/schedule", None).await.status, 404, "no plan was made");
}

async fn what_is_unknown_is_told_in_the_documented_words(base: Base) {
    let bed = Bed::start(base).await;
    bed.json("POST", "/2025/11/schedule").await;
    let told = |text: &str| {
        format!(
            r#"404 {{"success":false,"message":"{text}","data":null,"error_code":404,"detail":"{text}"}}"#
        )
    };
    let race = told("未找到 2025 赛季第 40 轮比赛");
    assert_eq!(bed.ask("POST", "/2025/40/schedule", None).await.line(), race);
    let plan = told("未找到 2025 赛季第 12 轮的同步计划");
    for (method, path) in
        [("GET", "/2025/12/schedule"), ("DELETE", "/2025/12/schedule"), ("POST", "/2025/12/execute/1")]
    {
        assert_eq!(bed.ask(method, path, None).await.line(), plan, "{method} {path}");
    }
}

async fn paths_and_methods_have_their_own_answers(base: Base) {
    let bed = Bed::idle(base).await;
    let nowhere = r#"404 {"detail":"Not Found","message":"Not Found"}"#;
    for path in ["", "/", "/nothing", "/2025/11", "/2025/11/schedule/x", "/nothing/"] {
        assert_eq!(bed.ask("GET", path, None).await.line(), nowhere, "{path}");
    }
    assert_eq!(bed.call("GET", "/api/v1/standings/2025", None).await.line(), nowhere);
    let refused = r#"405 {"detail":"Method Not Allowed","message":"Method Not Allowed"}"#;
    for (method, path, allowed) in [
        ("PUT", "/2025/11/schedule", "GET, POST, DELETE"),
        ("GET", "/2025/11/execute/1", "POST"),
        ("POST", "/schedules", "GET"),
        ("DELETE", "/stats", "GET"),
        ("GET", "/monitor", "POST"),
    ] {
        let answer = bed.ask(method, path, None).await;
        assert_eq!(answer.line(), refused, "{method} {path}");
        assert_eq!(answer.head[header::ALLOW], allowed, "{method} {path}");
    }
    for path in ["/schedules", "/pending", "/stats", "/2025/11/schedule", "/monitor"] {
        let answer = bed.ask("HEAD", path, None).await;
        assert_eq!(answer.status, 405, "HEAD {path}");
        assert!(answer.head.contains_key(header::ALLOW), "HEAD {path}");
    }
    for (path, to) in [
        ("/schedules/?season_year=2025", "/schedules?season_year=2025"),
        ("/2025/11/schedule/", "/2025/11/schedule"),
        ("/monitor/", "/monitor"),
    ] {
        let answer = bed.ask("POST", path, None).await;
        assert_eq!((answer.status, answer.text.as_str()), (307, ""), "{path}");
        assert_eq!(answer.head[header::LOCATION], format!("{ROOT}{to}"));
    }
}
