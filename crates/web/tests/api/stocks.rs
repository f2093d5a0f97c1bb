//! The stocks system beyond its documented routes, before anything was synced.

use axum::http::header;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::house::{House, json_request, text};

async fn started(house: &House, path: &str, body: &Value) -> (Option<String>, Value) {
    let response = house.ask(json_request("POST", path, body)).await;
    let place = response.headers().get(header::LOCATION).map(|place| place.to_str().unwrap().to_owned());
    (place, serde_json::from_str(&text(response).await).unwrap())
}

#[tokio::test]
async fn a_range_starts_and_a_second_one_is_told_of_it() {
    let house = House::with_stocks().await;
    let range = json!({ "start_date": "2025-09-22", "end_date": "2025-09-30", "mode": "per_stock" });
    let (place, body) = started(&house, "/api/v1/stocks/sync", &range).await;
    assert_eq!(place.as_deref(), Some("/api/v1/runs/1"));
    assert_eq!(
        body,
        json!({
            "run_id": 1,
            "task_id": "2025-09-22_2025-09-30_1760731200",
            "total_days": 9,
            "message": "批量同步任务已启动，将同步 9 天的数据"
        })
    );
    assert_snapshot!(house.post("/api/v1/stocks/sync", &range).await, @r#"
    409 Conflict
    {
      "code": "busy",
      "detail": "run 1 is active; wait for its end or cancel it",
      "run_id": 1,
      "status": 409,
      "title": "Another run of this sync is active",
      "type": "/api/docs#problem-busy"
    }
    "#);
}

#[tokio::test]
async fn wrong_starts_are_problems_like_any() {
    let house = House::with_stocks().await;
    let sync = async |from: &str, to: &str| {
        house.post("/api/v1/stocks/sync", &json!({ "start_date": from, "end_date": to })).await
    };
    assert_snapshot!(sync("2025-9-22", "2025-09-30").await, @r#"
    422 Unprocessable Entity
    {
      "code": "refused",
      "detail": "日期格式错误，应为 YYYY-MM-DD",
      "refused": {
        "code": "bad_date",
        "detail": null
      },
      "status": 422,
      "title": "The system refused the request",
      "type": "/api/docs#problem-refused"
    }
    "#);
    assert_snapshot!(sync("2025-01-01", "2025-04-01").await, @r#"
    422 Unprocessable Entity
    {
      "code": "refused",
      "detail": "日期范围不能超过90天",
      "refused": {
        "code": "bad_range",
        "detail": null
      },
      "status": 422,
      "title": "The system refused the request",
      "type": "/api/docs#problem-refused"
    }
    "#);
    let fast = json!({ "start_date": "2025-09-22", "end_date": "2025-09-30", "mode": "fast" });
    assert_snapshot!(house.post("/api/v1/stocks/sync", &fast).await, @r#"
    400 Bad Request
    {
      "code": "bad_body",
      "detail": "Failed to deserialize the JSON body into the target type: mode: unknown variant `fast`, expected `market` or `per_stock` at line 1 column 38",
      "status": 400,
      "title": "The request body is wrong",
      "type": "/api/docs#problem-bad_body"
    }
    "#);
    assert_snapshot!(house.post("/api/v1/stocks/retry-failed", &Value::Null).await, @r#"
    409 Conflict
    {
      "code": "nothing_to_do",
      "detail": "没有失败的日期或股票",
      "status": 409,
      "title": "There is nothing to do",
      "type": "/api/docs#problem-nothing_to_do"
    }
    "#);
    let backwards = json!({ "start_date": "2025-09-30", "end_date": "2025-09-22" });
    assert_snapshot!(house.post("/api/v1/stocks/retry-failed", &backwards).await, @r#"
    422 Unprocessable Entity
    {
      "code": "refused",
      "detail": "开始日期不能晚于结束日期",
      "refused": {
        "code": "bad_range",
        "detail": null
      },
      "status": 422,
      "title": "The system refused the request",
      "type": "/api/docs#problem-refused"
    }
    "#);
}

#[tokio::test]
async fn days_are_shown_with_what_is_there_of_them() {
    let house = House::with_stocks().await;
    assert_snapshot!(house.get("/api/v1/stocks/coverage?from=2025-10-11&to=20251011").await, @r#"
    200 OK
    {
      "days": [
        {
          "adjustflags": [],
          "date": "2025-10-11",
          "day": "unknown",
          "error_message": null,
          "failed_stocks": 0,
          "need_sync": true,
          "reason": "未找到同步记录，需要同步",
          "remarks": null,
          "status": null,
          "stored_rows": 0
        }
      ]
    }
    "#);
    assert_snapshot!(house.get("/api/v1/stocks/missing?days=2").await, @r#"
    200 OK
    {
      "dates": [],
      "unknown": [
        "2025-10-16",
        "2025-10-17"
      ]
    }
    "#);
    assert_snapshot!(house.get("/api/v1/stocks/failures?date=2025-10-09").await, @r#"
    200 OK
    {
      "stocks": []
    }
    "#);
}

#[tokio::test]
async fn wrong_ranges_are_problems_like_any() {
    let house = House::with_stocks().await;
    assert_snapshot!(house.get("/api/v1/stocks/coverage?from=2025-W41-4").await, @r#"
    400 Bad Request
    {
      "code": "bad_parameter",
      "detail": "from=2025-W41-4: no date as YYYY-MM-DD",
      "status": 400,
      "title": "A parameter is wrong",
      "type": "/api/docs#problem-bad_parameter"
    }
    "#);
    assert_snapshot!(house.get_chinese("/api/v1/stocks/failures?from=2025-10-02&to=2025-10-01").await, @r#"
    400 Bad Request
    {
      "code": "bad_parameter",
      "detail": "参数无法解析：from=2025-10-02, to=2025-10-01: 1 to 1100 days are allowed",
      "status": 400,
      "title": "参数有误",
      "type": "/api/docs#problem-bad_parameter"
    }
    "#);
    for query in [
        "coverage?from=0001-01-01",
        "failures?from=2020-01-01&to=2025-01-01",
        "missing?days=0",
        "missing?days=x",
        "missing?n=1",
    ] {
        let answer = house.get(&format!("/api/v1/stocks/{query}")).await;
        assert!(
            answer.starts_with("400 ") && answer.contains(r#""code": "bad_parameter""#),
            "{query}: {answer}"
        );
    }
}

#[tokio::test]
async fn without_the_system_there_is_nothing() {
    let house = House::new().await;
    let answer = house.get("/api/v1/stocks/missing").await;
    assert!(answer.starts_with("404 ") && answer.contains(r#""code": "no_route""#), "{answer}");
}

#[tokio::test]
async fn days_the_calendar_does_not_know_are_no_days_off() {
    let house = House::with_stocks().await;
    for (page, words) in [
        (house.get("/stocks").await, "calendar not fetched yet"),
        (house.get_chinese("/stocks").await, "交易日历尚未获取"),
    ] {
        let legend = format!("data-state=\"none\" data-day=\"unknown\"></span> {words}");
        for told in [&legend, &format!("2025-10-09 · {words}")] {
            assert!(page.contains(told.as_str()), "{told} in {page}");
        }
    }
}
