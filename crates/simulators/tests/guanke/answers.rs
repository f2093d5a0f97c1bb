//! Tokens, the list of tasks and the call records.

use serde_json::{Value, json};
use simulators::guanke::{Options, StartError, start};

use super::http::{TODAY, call, cdr, fixed, list, log_in, send};

#[tokio::test]
async fn a_token_is_given_for_a_password_or_a_secret() {
    let options = Options {
        username: "用户".to_owned(),
        password: "p@ss/w+rd x".to_owned(),
        secret: "s&c=t".to_owned(),
        ..Options::on_a_free_port(TODAY.parse().unwrap())
    };
    let simulator = start(options).await.unwrap();
    let asked = "/token?username=%E7%94%A8%E6%88%B7&password=p%40ss%2Fw%2Brd%20x";
    let by_password = send(&simulator, "GET", asked, "", "").await.json();
    assert_eq!((&by_password["code"], &by_password["message"]), (&json!(200), &json!("OK")));
    let by_secret = send(&simulator, "GET", "/token/secret?secret=s%26c%3Dt", "", "").await.json();
    assert_eq!(by_password["data"], by_secret["data"]);
    let raw = "/token?username=%E7%94%A8%E6%88%B7&password=p@ss/w+rd%20x";
    let refused = send(&simulator, "GET", raw, "", "").await;
    assert_eq!(refused.status(), 200, "business errors are HTTP 200");
    assert_eq!(refused.json(), json!({ "code": 400, "message": "用户名或密码错误", "data": null }));
    let refused = send(&simulator, "GET", "/token/secret?secret=", "", "").await.json();
    assert_eq!(refused["message"], "密钥错误");
}

#[tokio::test]
async fn nothing_is_answered_without_the_bare_token() {
    let simulator = fixed().await;
    let token = log_in(&simulator).await;
    for shown in ["", "nobody", &format!("Bearer {token}")] {
        let came = send(&simulator, "GET", &list(TODAY, TODAY, 1, 100), shown, "").await;
        let expected = json!({ "code": 1_000_001, "message": "token无效", "data": null });
        assert_eq!((came.status(), came.json()), (200, expected));
    }
}

#[tokio::test]
async fn the_list_is_as_documented_to_the_byte() {
    let simulator = fixed().await;
    let came = call(&simulator, &list(TODAY, TODAY, 1, 2)).await;
    let expected = concat!(
        r#"{"code":200,"message":"OK","data":{"data":["#,
        r#"{"id":7100001,"task_name":"淮安-1014-高中-10000-O3-A--L3-1019","state":2,"total_number":10000,"called_number":4000,"connected_number":1200,"success_number":60,"create_time":"2025-10-19 00:00:00"},"#,
        r#"{"id":7100002,"task_name":"淮安-1017-高中-10000-N-A-L3-1019","state":3,"total_number":10000,"called_number":10000,"connected_number":3000,"success_number":90,"create_time":"2025-10-19 00:00:00"}"#,
        r#"],"page":1,"totalCount":4}}"#,
    );
    assert_eq!(came.body(), expected);
    for path in ["/task/list", "/task/list/v3"] {
        let target = list(TODAY, TODAY, 1, 2).replace("/task/list/v2", path);
        assert_eq!(call(&simulator, &target).await.body(), expected);
    }
}

fn ids(answer: &Value) -> Vec<u64> {
    answer["data"]["data"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn both_windows_hold_the_fixed_tasks_of_their_days() {
    let simulator = fixed().await;
    let today = call(&simulator, &list(TODAY, TODAY, 1, 100)).await.json();
    assert_eq!(ids(&today), [7_100_001, 7_100_002, 7_100_003, 7_100_004]);
    let historical = call(&simulator, &list("2025-10-16", "2025-10-18", 1, 100)).await.json();
    let expected = [7_100_005, 7_100_006, 7_100_007, 7_100_008, 7_100_009, 9_007_199_254_740_993_123];
    assert_eq!(ids(&historical), expected);
    assert_eq!(historical["data"]["totalCount"], 6);
    let before = call(&simulator, &list("2025-10-01", "2025-10-15", 1, 100)).await.json();
    assert_eq!(ids(&before), [7_100_011]);
}

#[tokio::test]
async fn pages_hold_every_task_once_and_too_large_ones_none() {
    let simulator = start(Options::on_a_free_port(TODAY.parse().unwrap())).await.unwrap();
    let whole = call(&simulator, &list("2025-10-16", "2025-10-18", 1, 1000)).await.json();
    assert_eq!(whole["data"]["totalCount"], 66);
    let mut paged = Vec::new();
    for page in 1..=5 {
        let answer = call(&simulator, &list("2025-10-16", "2025-10-18", page, 20)).await.json();
        assert_eq!(answer["data"]["page"], page);
        paged.extend(ids(&answer));
    }
    assert_eq!(paged, ids(&whole));
    let mut distinct = paged.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 66);
    let too_large = call(&simulator, &list(TODAY, TODAY, 1, 1001)).await.json();
    assert_eq!((ids(&too_large), &too_large["data"]["totalCount"]), (vec![], &json!(24)));
}

#[tokio::test]
async fn a_wrong_window_is_named() {
    let simulator = fixed().await;
    let came = call(&simulator, "/task/list/v2?startTime=today&endTime=tomorrow").await.json();
    assert_eq!(came, json!({ "code": 400, "message": "参数错误: startTime", "data": null }));
    let token = log_in(&simulator).await;
    assert_eq!(send(&simulator, "GET", "/task/list/v4", &token, "").await.status(), 404);
    assert_eq!(send(&simulator, "POST", "/task/list/v2", &token, "").await.status(), 405);
    assert_eq!(send(&simulator, "GET", "/extension/agent/stat", &token, "").await.status(), 405);
}

#[tokio::test]
async fn call_records_have_the_documented_members_and_long_numbers() {
    let simulator = fixed().await;
    let target = format!("{}&taskId=9007199254740993123", cdr("2025-10-16", "2025-10-16", 1, 1));
    let came = call(&simulator, &target).await;
    let answer = came.json();
    let data = &answer["data"];
    assert_eq!((&data["totalCount"], &data["page"], &data["only"]), (&json!(7000), &json!(1), &json!("")));
    assert_eq!((&data["start"], &data["end"]), (&json!(1_760_544_000), &json!(1_760_630_399)));
    let row = &data["data"][0];
    let names: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
    let documented = [
        "TaskName",
        "audio",
        "callTime",
        "ccId",
        "city",
        "companyId",
        "deviceId",
        "deviceName",
        "duration",
        "ext",
        "grade",
        "hangupReason",
        "id",
        "isCall",
        "isFollow",
        "params",
        "phone",
        "province",
        "realPhone",
        "remark",
        "taskId",
        "userId",
    ];
    assert_eq!(names, documented);
    assert_eq!(row["TaskName"], "淮安-1017-高中-10000-O1-C-L3-1020");
    assert_eq!(row["grade"], Value::Null);
    assert_eq!(row["taskId"], 9_007_199_254_740_993_123_u64);
    assert_eq!(row["id"].to_string().len(), 19);
    assert_eq!(row["phone"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn call_records_agree_with_the_counts_of_their_task() {
    let simulator = fixed().await;
    let mut counts = Vec::new();
    for state in ["", "0", "1", "2"] {
        let target = format!("{}&taskId=7100007&callState={state}", cdr("2025-10-13", "2025-10-19", 1, 1000));
        let answer = call(&simulator, &target).await.json();
        let rows = answer["data"]["data"].as_array().unwrap();
        assert_eq!(answer["data"]["totalCount"], rows.len());
        let is_called = |row: &Value| row["isCall"] == 1;
        assert!(state.is_empty() || rows.iter().all(|row| is_called(row) == (state != "0")), "{state}");
        counts.push(rows.len());
    }
    assert_eq!(counts, [721, 421, 210, 90]);
    let target = cdr("2025-10-19", "2025-10-19", 1, 1001);
    assert_eq!(call(&simulator, &target).await.json()["data"]["data"], json!([]));
}

#[tokio::test]
async fn more_than_seven_days_of_calls_are_refused() {
    let simulator = fixed().await;
    let refused = json!({ "code": 400, "message": "时间范围不能超过7天", "data": null });
    assert_eq!(call(&simulator, &cdr("2025-10-12", "2025-10-19", 1, 1)).await.json(), refused);
    assert_eq!(call(&simulator, &cdr("2025-10-13", "2025-10-19", 1, 1)).await.json()["code"], 200);
}

#[tokio::test]
async fn the_same_options_answer_the_same_bytes() {
    let options =
        || Options { seed: 7, tasks_per_day: 30, ..Options::on_a_free_port(TODAY.parse().unwrap()) };
    let (one, other) = (start(options()).await.unwrap(), start(options()).await.unwrap());
    let asked = [
        list("2025-10-01", TODAY, 1, 1000),
        list("2025-10-16", "2025-10-18", 2, 50),
        cdr("2025-10-16", "2025-10-18", 3, 100),
        "/__sim/packages.csv".to_owned(),
        "/nothing".to_owned(),
    ];
    for target in &asked {
        assert_eq!(call(&one, target).await.bytes, call(&other, target).await.bytes, "{target}");
    }
    let another = start(Options { seed: 8, ..options() }).await.unwrap();
    assert_ne!(call(&one, &asked[0]).await.bytes, call(&another, &asked[0]).await.bytes);
}

#[tokio::test]
async fn a_task_is_the_same_the_next_day_only_further() {
    let on = |date: &str| Options::on_a_free_port(date.parse().unwrap());
    let (one, next) = (start(on(TODAY)).await.unwrap(), start(on("2025-10-20")).await.unwrap());
    let newer = next.tasks();
    let mut further = 0;
    for task in one.tasks().iter().filter(|task| (7_200_000..8_000_000).contains(&task.id)) {
        let Some(same) = newer.iter().find(|newer| newer.id == task.id) else { continue };
        assert_eq!((&task.name, task.total, task.created), (&same.name, same.total, same.created));
        assert!(task.called() <= same.called() && same.called() <= same.total);
        further += usize::from(task.called() < same.called());
    }
    assert!(further >= 20, "{further}");
}

#[tokio::test]
async fn nobody_from_elsewhere_and_not_too_many_tasks() {
    let options = Options { listen: "0.0.0.0:0".parse().unwrap(), ..Options::on(TODAY.parse().unwrap()) };
    assert!(matches!(start(options).await, Err(StartError::Loopback(_))));
    let options = Options { tasks_per_day: 1001, ..Options::on_a_free_port(TODAY.parse().unwrap()) };
    assert_eq!(start(options).await.unwrap_err().to_string(), "1001 tasks a day are too many: at most 1000");
}
