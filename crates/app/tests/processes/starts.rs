//! Every way to start a run leads to the same places: the active run, its progress, the history, the log.

use serde_json::{Value, json};
use simulators::baostock::Faults;

use crate::bed::{Database, Server, Upstream, outcome, syncline, until};

const ACTIVE: &str = "/api/v1/sync-status/sync/batch/active";

/// Runs a command against a server; what it printed.
fn says(database: &Database, server: &Server, arguments: &[&str]) -> String {
    let mut command = syncline(database.folder(), arguments);
    command.env("SYNCLINE_SERVER", &server.url);
    let (out, error, code) = outcome(command);
    assert_eq!(code, 0, "{arguments:?}: {out}{error}");
    out
}

/// The run shown as active, which a further start names as the one in the way.
fn active(server: &Server, kind: &str) -> String {
    let found = until("a run is active", || {
        let data = server.get(ACTIVE)["data"].clone();
        (!data.is_null()).then_some(data)
    });
    assert_eq!(found["progress"]["status"], "running", "{found}");
    let body = json!({ "start_date": "2025-10-09", "end_date": "2025-10-09" });
    let refused = server.post("/api/v1/sync-status/sync/batch", &body);
    assert_eq!(refused["current_task"]["task_type"], kind, "{refused}");
    assert_eq!(refused["current_task"]["task_id"], found["task_id"], "{refused}");
    found["task_id"].as_str().unwrap().to_owned()
}

/// The history's entry of a run: how it was started, how it ended.
fn entry(server: &Server, kind: &str) -> Value {
    let runs = server.get("/api/v1/runs");
    let runs = runs["runs"].as_array().unwrap();
    runs.iter().find(|run| run["label"] == kind).unwrap_or_else(|| panic!("{kind}: {runs:?}")).clone()
}

fn shown_everywhere(database: &Database) {
    let upstream = Upstream::start();
    upstream.slow_down(700);
    let server = Server::start(database.folder(), &upstream, &database.arguments());
    says(database, &server, &["schedules", "run", "stocks.daily_sync"]);
    let scheduled = active(&server, "scheduler_daily");
    upstream.slow_down(0);
    let ended = server.ended(&scheduled);
    assert_eq!((&ended["status"], &ended["current"]), (&"completed".into(), &1.into()), "{ended}");
    let day = ended["start_date"].as_str().unwrap();
    let row = server.get(&format!("/api/v1/sync-status/date/{day}"));
    assert_eq!(row["data"]["sync_date"], day, "{row}");
    assert_eq!(entry(&server, "scheduler_daily")["state"], "succeeded");

    upstream.slow_down(700);
    let out = says(database, &server, &["stocks", "sync", "--from", "2025-11-06", "--to", "2025-11-08"]);
    let named = out.lines().nth(1).unwrap().strip_prefix("Task: ").unwrap().to_owned();
    assert_eq!(active(&server, "web_batch"), named, "a command carries the type of the call it makes");
    upstream.slow_down(0);
    let ended = server.ended(&named);
    assert_eq!((&ended["success"], &ended["skipped"]), (&2.into(), &1.into()), "{ended}");
    assert_eq!(entry(&server, "web_batch")["state"], "succeeded");
    assert!(server.get(ACTIVE)["data"].is_null());
    let history = says(database, &server, &["runs", "list"]);
    assert_eq!(history.lines().filter(|line| line.contains("succeeded")).count(), 2, "{history}");
}

#[test]
fn a_run_of_a_schedule_and_one_of_a_command_are_shown_like_any() {
    shown_everywhere(&Database::sqlite());
}

#[test]
fn a_run_of_a_schedule_and_one_of_a_command_are_shown_like_any_on_postgres() {
    shown_everywhere(&Database::postgres());
}

#[test]
fn the_log_has_the_documented_lines_and_is_searched_as_documented() {
    let (database, upstream) = (Database::sqlite(), Upstream::start());
    let server = Server::start(database.folder(), &upstream, &[]);
    let body = json!({ "start_date": "2025-11-07", "end_date": "2025-11-09" });
    let answer = server.post("/api/v1/sync-status/sync/batch", &body);
    let task = answer["data"]["task_id"].as_str().unwrap();
    let ended = server.ended(task);
    let message = ended["message"].as_str().unwrap();
    assert!(message.starts_with("批量同步完成: 成功1, 失败0, 跳过2, 耗时"), "{message}");
    let released = format!("同步任务结束，释放同步锁，任务ID: {task}");
    let log = until("the last line is written", || {
        let log = server.process.errors();
        log.contains(&released).then_some(log)
    });
    // In this order, each found by `grep -i sync`.
    let mut lines = log.lines().filter(|line| line.to_lowercase().contains("sync"));
    for wanted in [
        "数据库连接池将在首次使用时初始化",
        "定时任务调度器已启动",
        "批量同步任务开始: 2025-11-07 至 2025-11-09, 共 3 天",
        "[1/3] 开始同步: 2025-11-07 (0.0%)",
        message,
        &released,
    ] {
        assert!(lines.any(|line| line.contains(wanted)), "{wanted} is missing or late:\n{log}");
    }

    upstream.misbehave(Faults { blacklist: true, ..Faults::default() });
    let body = json!({ "start_date": "2025-11-03", "end_date": "2025-11-05" });
    let answer = server.post("/api/v1/sync-status/sync/batch", &body);
    let task = answer["data"]["task_id"].as_str().unwrap();
    assert_eq!(server.ended(task)["message"], "同步失败: 10001011 黑名单用户，请与管理员联系");
    until("the failure is found by `grep -i error`", || {
        let log = server.process.errors();
        let mut lines = log.lines().filter(|line| line.to_lowercase().contains("error"));
        lines.any(|line| line.contains("同步失败: 10001011") && line.contains("sync.stocks")).then_some(())
    });
}
