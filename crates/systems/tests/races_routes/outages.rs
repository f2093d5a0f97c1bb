//! Routes while a database or the source is away.

use std::time::Instant;

use simulators::jolpica::{Fault, Trouble};

use crate::bed::{Base, Bed};

on_both! {
    without_the_state_every_route_says_so_and_shows_nothing_of_it
    without_a_calendar_the_source_decides_what_is_told
    while_the_source_hangs_every_route_answers_in_time
}

async fn without_the_state_every_route_says_so_and_shows_nothing_of_it(base: Base) {
    let bed = Bed::start(base).await;
    bed.json("POST", "/2025/11/schedule").await;
    let sql = match base {
        Base::Postgres => "ALTER SCHEMA syncline RENAME TO gone",
        Base::Sqlite => {
            "DROP VIEW race_sync_plans; DROP VIEW race_sync_attempts; DROP VIEW daily_sync_status; \
             ALTER TABLE race_plan RENAME TO p; ALTER TABLE run RENAME TO r"
        }
    };
    bed.outside(sql).await;
    for (method, path, failed) in [
        ("POST", "/2025/11/schedule", "安排同步计划失败"),
        ("GET", "/2025/11/schedule", "获取同步计划失败"),
        ("DELETE", "/2025/11/schedule", "取消同步计划失败"),
        ("POST", "/2025/11/execute/1", "立即执行同步失败"),
        ("GET", "/schedules", "获取同步计划失败"),
        ("GET", "/pending", "获取待执行任务失败"),
        ("POST", "/monitor", "触发监控失败"),
        ("POST", "/cleanup", "触发清理失败"),
        ("POST", "/batch-schedule?season_year=2025", "批量安排失败"),
        ("GET", "/stats", "获取统计信息失败"),
    ] {
        let answer = bed.ask(method, path, None).await;
        assert_eq!(answer.status, 500, "{method} {path}: {}", answer.text);
        let body = answer.json();
        let text = body["message"].as_str().unwrap();
        let number =
            text.strip_prefix(&format!("{failed}: 内部错误（编号 ")).unwrap_or_else(|| panic!("{text}"));
        let number = number.strip_suffix("）").unwrap();
        assert!(number.chars().all(|sign| sign.is_ascii_hexdigit() || sign == '-'), "{text}");
        let whole = format!(
            r#"{{"success":false,"message":"{text}","data":null,"error_code":500,"detail":"{text}"}}"#
        );
        assert_eq!(answer.text, whole);
    }
}

async fn without_a_calendar_the_source_decides_what_is_told(base: Base) {
    let told = |text: &str| {
        format!(
            r#"500 {{"success":false,"message":"安排同步计划失败: {text}","data":null,"error_code":500,"detail":"安排同步计划失败: {text}"}}"#
        )
    };
    // Nobody works on the run: it is still on its way after three seconds.
    let idle = Bed::idle(base).await;
    let answer = idle.ask("POST", "/2025/11/schedule", None).await;
    assert_eq!(answer.line(), told("赛历正在同步，请稍后重试"));
    let away = Bed::start(base).await;
    let gone = Trouble::Status { code: 404, retry_after: None };
    away.simulator.set_faults(vec![Fault::always("*", gone)]);
    let answer = away.ask("POST", "/2025/11/schedule", None).await;
    assert_eq!(answer.line(), told("赛历暂不可用，请稍后重试"));
    away.simulator.set_faults(Vec::new());
    assert_eq!(away.ask("POST", "/2025/11/schedule", None).await.status, 200, "and then it goes on");
}

async fn while_the_source_hangs_every_route_answers_in_time(base: Base) {
    let bed = Bed::start(base).await;
    bed.simulator.set_faults(vec![Fault::always("*", Trouble::Delay { millis: 30_000 })]);
    for (method, path, status) in [
        ("POST", "/2025/11/schedule", 500),
        ("GET", "/2025/11/schedule", 404),
        ("DELETE", "/2025/11/schedule", 404),
        ("POST", "/2025/11/execute/1", 404),
        ("GET", "/schedules", 200),
        ("GET", "/pending", 200),
        ("POST", "/monitor", 200),
        ("POST", "/cleanup", 200),
        ("POST", "/batch-schedule?season_year=2025", 200),
        ("GET", "/stats", 200),
    ] {
        let began = Instant::now();
        let answer = bed.ask(method, path, None).await;
        let took = began.elapsed();
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        answer.json();
        let (least, most) = if path.ends_with("11/schedule") && method == "POST" { (3, 5) } else { (0, 3) };
        assert!((least..most).contains(&took.as_secs()), "{method} {path} took {took:?}");
    }
}
