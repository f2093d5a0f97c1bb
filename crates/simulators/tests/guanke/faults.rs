//! Every fault, as a client meets it.

use std::io::ErrorKind;

use serde_json::{Value, json};
use simulators::guanke::{Options, Simulator, start};

use super::http::{TODAY, call, cdr, fixed, fixed_with, list, log_in, send, stat};

const FROM: &str = "2025-10-16";
const TO: &str = "2025-10-18";

/// Page, rows and total of the six older tasks.
async fn page(simulator: &Simulator, page: u32, size: u32) -> (Value, Vec<Value>, Value) {
    let mut answer = call(simulator, &list(FROM, TO, page, size)).await.json();
    let rows = answer["data"]["data"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    (answer["data"]["page"].take(), rows, answer["data"]["totalCount"].take())
}

fn ids(rows: &[Value]) -> Vec<Value> {
    rows.iter().map(|row| row["id"].clone()).collect()
}

#[tokio::test]
async fn bad_credentials_let_nobody_in() {
    let simulator = fixed_with(&["bad-credentials"]).await;
    let came = send(&simulator, "GET", "/token?username=sim-user&password=sim-pass", "", "").await.json();
    assert_eq!(came, json!({ "code": 400, "message": "用户名或密码错误", "data": null }));
}

#[tokio::test]
async fn a_token_that_is_void_stays_void() {
    for (fault, status, code) in
        [("token-invalid=2", 200, 1_000_001), ("token-expired=2", 200, 1_000_002), ("http-401=2", 401, 401)]
    {
        let simulator = fixed_with(&[fault]).await;
        let token = log_in(&simulator).await;
        let ask = |token: String| {
            let simulator = &simulator;
            async move { send(simulator, "GET", &list(FROM, TO, 1, 9), &token, "").await }
        };
        assert_eq!(ask(token.clone()).await.json()["code"], 200);
        let struck = ask(token.clone()).await;
        assert_eq!((struck.status(), &struck.json()["code"]), (status, &json!(code)), "{fault}");
        assert_eq!(ask(token.clone()).await.json()["code"], 1_000_001, "{fault}");
        let renewed = log_in(&simulator).await;
        assert_ne!(renewed, token);
        assert_eq!(simulator.tokens(), [token.clone(), renewed.clone()]);
        assert_eq!(ask(renewed).await.json()["code"], 200, "{fault}");
    }
}

#[tokio::test]
async fn answers_fail_as_often_as_asked_for() {
    let simulator = fixed_with(&["http-500=2x2", "http-429=4", "http-429=5:7", "truncated-json=6"]).await;
    let mut seen = Vec::new();
    for _ in 0..7 {
        let came = call(&simulator, &list(FROM, TO, 1, 9)).await;
        let waits = came.text().contains("\r\nretry-after: 7\r\n");
        seen.push((came.status(), waits, serde_json::from_str::<Value>(&came.body()).is_ok()));
    }
    let expected = [
        (200, false, true),
        (500, false, true),
        (500, false, true),
        (429, false, true),
        (429, true, true),
        (200, false, false),
        (200, false, true),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_connection_is_reset_and_an_answer_does_not_come() {
    let simulator = fixed_with(&["drop=1", "timeout=2"]).await;
    let dropped = call(&simulator, &list(FROM, TO, 1, 9)).await;
    assert_eq!((dropped.bytes.len(), dropped.error), (0, Some(ErrorKind::ConnectionReset)));
    let silent = call(&simulator, &list(FROM, TO, 1, 9)).await;
    assert_eq!((silent.bytes.len(), silent.error), (0, None), "closed when the client gave up");
    assert_eq!(call(&simulator, &list(FROM, TO, 1, 9)).await.status(), 200);
    let asked = simulator.requests().iter().filter(|request| request.path == "/task/list/v2").count();
    assert_eq!(asked, 3, "a request without an answer is one all the same");
}

#[tokio::test]
async fn a_page_has_another_code_whenever_it_is_asked_for() {
    let simulator = fixed_with(&["code=2:5001"]).await;
    for _ in 0..3 {
        assert_eq!(call(&simulator, &list(FROM, TO, 1, 3)).await.json()["code"], 200);
        let came = call(&simulator, &list(FROM, TO, 2, 3)).await.json();
        assert_eq!(came, json!({ "code": 5001, "message": "服务异常", "data": null }));
    }
}

#[tokio::test]
async fn a_short_page_is_empty_though_there_are_more() {
    let simulator = fixed_with(&["short-page=2"]).await;
    assert_eq!(page(&simulator, 1, 3).await.1.len(), 3);
    assert_eq!(page(&simulator, 2, 3).await, (json!(2), vec![], json!(6)));
    assert_eq!(page(&simulator, 2, 3).await.1.len(), 0);
}

#[tokio::test]
async fn a_duplicate_comes_last_and_first() {
    let plain = fixed().await;
    let simulator = fixed_with(&["duplicate"]).await;
    let (first, second) = (page(&simulator, 1, 4).await, page(&simulator, 2, 4).await);
    assert_eq!((&first.2, &second.2), (&json!(7), &json!(7)));
    assert_eq!(first.1[3], second.1[0]);
    let mut all = ids(&first.1);
    all.extend(ids(&second.1[1..]));
    assert_eq!(all, ids(&page(&plain, 1, 9).await.1));
    assert_eq!(page(&simulator, 1, 9).await.2, json!(6), "one page has no second");
}

#[tokio::test]
async fn nothing_is_said_in_two_ways() {
    let simulator = fixed_with(&["empty"]).await;
    assert_eq!(page(&simulator, 1, 9).await, (json!(1), vec![], json!(0)));
    let simulator = fixed_with(&["null-data"]).await;
    let came = call(&simulator, &list(FROM, TO, 1, 9)).await.json();
    assert_eq!(came, json!({ "code": 200, "message": "OK", "data": null }));
    assert_eq!(stat(&simulator, TODAY, TODAY, 20).await["data"], Value::Null);
}

#[tokio::test]
async fn bad_rows_come_after_the_sound_ones() {
    let simulator = fixed_with(&["bad-rows"]).await;
    let (_, rows, total) = page(&simulator, 1, 9).await;
    assert_eq!((rows.len(), total), (9, json!(9)));
    assert_eq!(rows[6].get("id"), None);
    assert_eq!(rows[7]["task_name"], Value::Null);
    assert_eq!(rows[8]["called_number"], "许多");
}

#[tokio::test]
async fn other_forms_say_the_same() {
    let simulator = fixed_with(&["string-ids", "camel-names", "no-total"]).await;
    let (_, rows, total) = page(&simulator, 2, 5).await;
    assert_eq!(total, Value::Null);
    let expected = json!([{
        "taskId": "9007199254740993123", "taskName": "淮安-1017-高中-10000-O1-C-L3-1020", "state": 2,
        "totalNumber": 7000, "calledNumber": 2500, "connectedNumber": 700, "successNumber": 15,
        "createTime": "2025-10-16 00:00:00",
    }]);
    assert_eq!(Value::from(rows), expected);
}

#[tokio::test]
async fn faults_of_pages_concern_call_records_and_statistics_too() {
    let simulator = fixed_with(&["code=1:5001"]).await;
    assert_eq!(call(&simulator, &cdr(TODAY, TODAY, 1, 1)).await.json()["code"], 5001);
    assert_eq!(stat(&simulator, TODAY, TODAY, 20).await["code"], 5001);
    let simulator = fixed_with(&["empty"]).await;
    assert_eq!(call(&simulator, &cdr(TODAY, TODAY, 1, 1)).await.json()["data"]["totalCount"], 0);
    assert_eq!(stat(&simulator, TODAY, TODAY, 20).await["data"]["content"], json!([]));
}

#[tokio::test]
async fn secrets_are_echoed_plain_and_encoded() {
    let password = "p@ss/w+rd x";
    let asked = "/token?username=sim-user&password=p%40ss%2Fw%2Brd%20x";
    let with = |faults: &[&str]| Options {
        password: password.to_owned(),
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..Options::on_a_free_port(TODAY.parse().unwrap())
    };
    let simulator = start(with(&["echo-secret"])).await.unwrap();
    let refused = send(&simulator, "GET", asked, "", "").await.json();
    assert_eq!(refused["message"], "用户名或密码错误 p@ss/w+rd x p%40ss%2Fw%2Brd%20x");
    let simulator = start(with(&["echo-secret", "http-500=1", "code=1:5001"])).await.unwrap();
    let came = send(&simulator, "GET", asked, "", "").await.json();
    let token = came["data"]["token"].as_str().unwrap();
    for _ in 0..2 {
        let text = send(&simulator, "GET", &list(FROM, TO, 1, 9), token, "").await.text();
        assert!(text.contains(password) && text.contains("p%40ss%2Fw%2Brd%20x"), "{text}");
        assert!(text.contains(token), "{text}");
    }
}
