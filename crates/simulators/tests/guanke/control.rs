//! The control routes.

use serde_json::{Value, json};

use super::http::{TODAY, call, fixed, fixed_with, list, log_in, send};

#[tokio::test]
async fn requests_are_told_without_what_lets_in() {
    let simulator = fixed().await;
    let token = log_in(&simulator).await;
    send(&simulator, "GET", "/token/secret?secret=sim-secret", "", "").await;
    send(&simulator, "GET", &list(TODAY, TODAY, 1, 1), &token, "").await;
    let came = send(&simulator, "GET", "/__sim/requests", "", "").await;
    let told = came.json();
    let paths: Vec<&Value> = told.as_array().unwrap().iter().map(|request| &request["path"]).collect();
    assert_eq!(paths, ["/token", "/token/secret", "/task/list/v2"]);
    let names: Vec<&String> = told[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["method", "path", "time"]);
    let kept = format!("{:?}", simulator.requests());
    for secret in ["sim-pass", "sim-secret", &token] {
        assert!(!came.text().contains(secret) && !kept.contains(secret), "{secret}");
    }
    assert!(kept.contains("pageSize=1"), "what a call asked for can be looked at");
    assert_eq!(send(&simulator, "DELETE", "/__sim/requests", "", "").await.json(), json!([]));
}

#[tokio::test]
async fn faults_are_read_and_set_and_calls_count_from_there() {
    let simulator = fixed_with(&["http-500=1x2"]).await;
    let ask = || async { call(&simulator, &list(TODAY, TODAY, 1, 1)).await.status() };
    assert_eq!((ask().await, ask().await, ask().await), (500, 500, 200));
    let set = send(&simulator, "PUT", "/__sim/faults", "", r#"["http-500=2","slow=1"]"#).await;
    assert_eq!((set.status(), set.json()), (200, json!(["http-500=2x1", "slow=1"])));
    assert_eq!((ask().await, ask().await, ask().await), (200, 500, 200));
    let refused = send(&simulator, "PUT", "/__sim/faults", "", r#"["flood"]"#).await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().contains(r#"\"flood\" is no fault"#), "{}", refused.text());
    assert_eq!(send(&simulator, "GET", "/__sim/faults", "", "").await.json().as_array().unwrap().len(), 2);
    assert_eq!(send(&simulator, "DELETE", "/__sim/faults", "", "").await.json(), json!([]));
}

#[tokio::test]
async fn an_advance_calls_a_hundred_leads_more_of_those_left() {
    let simulator = fixed().await;
    let counts = |id| {
        let tasks = simulator.tasks();
        let task = tasks.iter().find(|task| task.id == id).unwrap();
        (task.called(), task.connected(), task.success())
    };
    let advanced = send(&simulator, "POST", "/__sim/advance", "", "").await;
    assert_eq!(advanced.json(), json!({ "advanced": 7 }));
    assert_eq!(counts(7_100_001), (4100, 1230, 65));
    assert_eq!(counts(7_100_002), (10_000, 3000, 90), "all its leads were called");
    assert_eq!(counts(7_100_003), (100, 30, 5));
    for _ in 0..4 {
        simulator.advance();
    }
    assert_eq!(counts(7_100_007), (721, 216, 24), "never above its total");
}

#[tokio::test]
async fn the_packages_are_a_file_to_import() {
    let simulator = fixed().await;
    let came = send(&simulator, "GET", "/__sim/packages.csv", "", "").await;
    assert!(came.text().contains("content-type: text/csv; charset=utf-8\r\n"));
    let body = came.body();
    let lines: Vec<&str> = body.lines().collect();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[3], "542025,禹州20250908B高中,禹州,高中,采买,4868,4868,4868,禹州-0908B-高中-4868");
    assert_eq!(send(&simulator, "GET", "/__sim/nothing", "", "").await.status(), 404);
}
