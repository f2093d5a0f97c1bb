//! Plans from their making to their end, byte for byte.

use futures_util::future::join_all;
use serde_json::json;

use crate::bed::{Base, Bed};

on_both! {
    a_race_is_planned_shown_and_cancelled_in_the_documented_bytes
    many_at_once_make_one_plan
    every_way_to_send_nothing_means_the_usual_hours
    an_attempt_is_run_now_and_asking_twice_is_one_run
    numbers_are_read_in_every_documented_spelling
    lists_chores_and_statistics_have_the_documented_shapes
    read_routes_answer_from_what_is_stored
}

const MADE: &str = r#"200 {"message":"已成功安排 Austrian Grand Prix 的赛后同步计划","season_year":2025,"race_round":11,"race_name":"Austrian Grand Prix","retry_intervals":[6,12,24],"status":"scheduled","schedule_id":"2025:11","attempts_count":3,"race_end_time":"2025-06-29T16:00:00+00:00","always_run":false}"#;
const CANCELLED: &str =
    r#"200 {"message":"已取消 2025 赛季第 11 轮的同步计划","season_year":2025,"race_round":11}"#;

async fn a_race_is_planned_shown_and_cancelled_in_the_documented_bytes(base: Base) {
    let bed = Bed::start(base).await;
    let path = "/2025/11/schedule";
    assert_eq!(bed.ask("POST", path, None).await.line(), MADE);
    let other = r#"{"retry_intervals":[1],"always_run":true,"race_end_time":"2025-07-01T00:00:00"}"#;
    assert_eq!(
        bed.ask("POST", path, Some(other)).await.line(),
        r#"200 {"message":"同步计划已存在","existing_schedule":{"race_name":"Austrian Grand Prix","race_end_time":"2025-06-29T16:00:00+00:00","attempts_count":3,"is_completed":false,"success_rate":0.0},"race_name":"Austrian Grand Prix","retry_intervals":[6,12,24],"attempts_count":3,"schedule_id":"2025:11"}"#
    );
    let attempt = |number: u8, time: &str, status: &str, reason: &str| {
        format!(
            r#"{{"attempt_number":{number},"scheduled_time":"{time}+00:00","executed_time":null,"status":"{status}","results":{{}},"error_message":null,"reason":{reason},"run_id":null,"details":{{}}}}"#
        )
    };
    let plan = |status: &str, reason: &str, next: &str, cancelled: bool| {
        let attempts = [(1, "2025-06-29T22:00:00"), (2, "2025-06-30T04:00:00"), (3, "2025-06-30T16:00:00")]
            .map(|(number, time)| attempt(number, time, status, reason))
            .join(",");
        format!(
            r#"200 {{"schedule":{{"season_year":2025,"race_round":11,"race_name":"Austrian Grand Prix","race_end_time":"2025-06-29T16:00:00+00:00","created_at":"2025-06-28T08:31:25.676021+00:00","is_completed":false,"success_rate":0.0,"next_pending_attempt":{next},"attempts":[{attempts}],"always_run":false,"retry_intervals":[6,12,24],"schedule_id":"2025:11","cancelled":{cancelled}}}}}"#
        )
    };
    let next = r#"{"attempt_number":1,"scheduled_time":"2025-06-29T22:00:00+00:00"}"#;
    assert_eq!(bed.ask("GET", path, None).await.line(), plan("pending", "null", next, false));
    for _ in 0..2 {
        assert_eq!(bed.ask("DELETE", path, None).await.line(), CANCELLED);
    }
    assert_eq!(bed.ask("GET", path, None).await.line(), plan("cancelled", r#""cancelled""#, "null", true));
    assert_eq!(bed.ask("POST", path, None).await.line(), MADE, "a cancelled plan is in nobody's way");
}

async fn many_at_once_make_one_plan(base: Base) {
    let bed = Bed::start(base).await;
    bed.json("POST", "/2025/10/schedule").await;
    let answers = join_all((0..20).map(|_| bed.ask("POST", "/2025/11/schedule", None))).await;
    let made = answers.iter().filter(|answer| answer.line() == MADE).count();
    let known = answers.iter().filter(|answer| answer.json()["message"] == "同步计划已存在").count();
    assert_eq!((made, known), (1, 19));
}

async fn every_way_to_send_nothing_means_the_usual_hours(base: Base) {
    let bed = Bed::start(base).await;
    for body in [None, Some(""), Some("null"), Some("{}"), Some(r#"{"retry_intervals":[24,"6",12.0]}"#)] {
        assert_eq!(bed.ask("POST", "/2025/11/schedule", body).await.line(), MADE, "{body:?}");
        bed.json("DELETE", "/2025/11/schedule").await;
    }
}

async fn an_attempt_is_run_now_and_asking_twice_is_one_run(base: Base) {
    let mut ready = Bed::start(base).await;
    ready.json("POST", "/2025/11/schedule").await;
    ready.rest().await;
    let unknown = ready.ask("POST", "/2025/11/execute/4", None).await;
    assert_eq!(
        unknown.line(),
        r#"404 {"success":false,"message":"未找到第 4 次尝试","data":null,"error_code":404,"detail":"未找到第 4 次尝试"}"#
    );
    let answers = join_all((0..5).map(|_| ready.ask("POST", "/2025/11/execute/1", None))).await;
    let task = answers[0].json()["task_id"].as_str().unwrap().to_owned();
    for answer in answers {
        assert_eq!(
            answer.line(),
            format!(
                r#"200 {{"message":"已开始立即执行第 1 次同步","season_year":2025,"race_round":11,"attempt_number":1,"race_name":"Austrian Grand Prix","status":"executing","task_id":"{task}"}}"#
            )
        );
    }
    ready.json("DELETE", "/2025/11/schedule").await;
    let again = ready.ask("POST", "/2025/11/execute/2", None).await.json();
    assert_ne!(again["task_id"], task);
    let plan = ready.json("GET", "/2025/11/schedule").await;
    let statuses: Vec<&str> =
        (0..3).map(|place| plan["schedule"]["attempts"][place]["status"].as_str().unwrap()).collect();
    assert_eq!(
        (statuses, &plan["schedule"]["cancelled"]),
        (vec!["cancelled", "pending", "cancelled"], &json!(false))
    );
}

async fn numbers_are_read_in_every_documented_spelling(base: Base) {
    let bed = Bed::start(base).await;
    bed.json("POST", "/2025/11/schedule").await;
    for path in ["/02025/11/schedule", "/2025/%2011/schedule", "/2025/11.0/schedule", "/+2025/11/schedule"] {
        assert_eq!(bed.json("GET", path).await["schedule"]["schedule_id"], "2025:11", "{path}");
    }
    for query in ["?season_year=02025", "?season_year=+2025", "?season_year=2025.0&status_filter=PENDING"] {
        assert_eq!(bed.json("GET", &format!("/schedules{query}")).await["total_count"], 1, "{query}");
    }
}

async fn lists_chores_and_statistics_have_the_documented_shapes(base: Base) {
    let bed = Bed::start(base).await;
    assert_eq!(bed.ask("GET", "/schedules", None).await.line(), r#"200 {"total_count":0,"schedules":[]}"#);
    assert_eq!(
        bed.ask("GET", "/pending", None).await.line(),
        r#"200 {"pending_count":0,"pending_syncs":[]}"#
    );
    bed.json("POST", "/2025/10/schedule").await;
    let batch = bed.json("POST", "/batch-schedule?season_year=2025&days_ahead=1").await;
    assert_eq!(batch["message"], "已开始批量安排 2025 赛季未来 1 天内的比赛后同步计划");
    assert_eq!(batch["scheduled_races"], json!([{ "race_round": 11, "race_name": "Austrian Grand Prix" }]));
    assert_eq!((&batch["scheduled_count"], &batch["status"]), (&json!(1), &json!("scheduling")));
    for (path, message, status) in
        [("/monitor", "已触发监控任务", "monitoring"), ("/cleanup", "已触发清理任务", "cleaning")]
    {
        let answer = bed.ask("POST", path, None).await;
        let task = answer.json()["task_id"].as_str().unwrap().to_owned();
        assert_eq!(
            answer.line(),
            format!(r#"200 {{"message":"{message}","status":"{status}","task_id":"{task}"}}"#)
        );
    }
    for (filter, least) in [("pending", 0), ("all", 1), ("", 1), ("Cancelled", 0), ("failed", 0)] {
        let list = bed.json("GET", &format!("/schedules?status_filter={filter}")).await;
        assert!(list["total_count"].as_u64().unwrap() >= least, "{filter}: {list}");
    }
    let stats = bed.json("GET", "/stats?season_year=1999").await;
    assert_eq!((&stats["overall_success_rate"], &stats["season_year"]), (&json!(0.0), &json!(1999)));
    assert_eq!(stats["stats"]["total_schedules"], 0);
}

async fn read_routes_answer_from_what_is_stored(base: Base) {
    let bed = Bed::start(base).await;
    let of = async |path: &str| bed.call("GET", path, None).await;
    assert_eq!(
        of("/api/v1/races/2025").await.line(),
        r#"404 {"success":false,"message":"未找到 2025 赛季","data":null,"error_code":404,"detail":"未找到 2025 赛季"}"#
    );
    bed.json("POST", "/2025/11/schedule").await;
    let asked = bed.simulator.requests().len();
    assert_eq!(of("/api/v1/races/2025").await.json()["data"].as_array().unwrap().len(), 24);
    for path in ["results", "sprint", "qualifying"] {
        let answer = of(&format!("/api/v1/races/2025/11/{path}")).await.json();
        assert_eq!((&answer["data"], &answer["synced_at"]), (&json!([]), &json!(null)), "{path}");
    }
    for path in ["drivers?round=3", "constructors"] {
        assert_eq!(of(&format!("/api/v1/standings/2025/{path}")).await.json()["data"], json!([]), "{path}");
    }
    assert_eq!(of("/api/v1/races/2025/40/results").await.json()["detail"], "未找到 2025 赛季第 40 轮比赛");
    let wrong = of("/api/v1/standings/2025/drivers?round=x").await;
    assert_eq!(
        wrong.line(),
        r#"422 {"detail":[{"type":"int_parsing","loc":["query","round"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"}],"message":"参数校验失败: query.round: Input should be a valid integer, unable to parse string as an integer"}"#
    );
    assert_eq!(bed.simulator.requests().len(), asked, "nothing is asked of the source");
}
