//! Syncs and their records.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::super::{Api, text_of, with_query};
use super::{accepted, ask, count, items, moment, seconds};
use crate::arguments::Days;
use crate::exit::{Exit, Failure};
use crate::screen::{say, table};
use crate::words::both;

/// The documented routes.
const ROUTES: &str = "/api/sync";

/// Which records are listed.
pub(super) struct Wanted {
    pub(super) days: Option<Days>,
    pub(super) status: Option<String>,
    pub(super) unread: bool,
    pub(super) page: Option<u32>,
    pub(super) per_page: Option<u32>,
}

/// A sync's word in addresses.
fn word(days: Days) -> &'static str {
    match days {
        Days::Historical => "historical",
        Days::Today => "today",
    }
}

/// A sync's name.
fn title(days: Days) -> String {
    match days {
        Days::Historical => both("Sync of past days", "历史数据同步"),
        Days::Today => both("Sync of today", "今日数据同步"),
    }
}

/// Starts a sync, and waits for its end unless told not to.
pub(super) async fn sync(api: &Api, days: Days, at_once: bool) -> Result<Exit, Failure> {
    let path = format!("{ROUTES}/{}/manual{}", word(days), if at_once { "?async=1" } else { "" });
    let answer = api.send_patiently(Method::POST, &path).await?;
    let printed = api.printed(&answer);
    accepted(&answer)?;
    let (name, record) = (title(days), text_of(&answer.body["record_id"]));
    // The server may have grown tired of waiting, or goes down; the run goes on.
    if answer.status == StatusCode::ACCEPTED {
        if !printed {
            say(&both(format!("{name} submitted  record {record}"), format!("{name} 已提交  记录 {record}")));
        }
        return Ok(Exit::Done);
    }
    let summary = &answer.body["summary"];
    let partly = count(&summary["failed"]) > 0;
    if !printed {
        let status = if partly { both("partial", "部分成功") } else { both("succeeded", "成功") };
        let counts = counters(|key| text_of(&summary[key]));
        let (took, said) = (seconds(&summary["duration"]), both("took", "耗时"));
        let number = both(format!("record {record}"), format!("记录 {record}"));
        say(&format!("{name} {status}  {number}  {counts}  {said} {took}"));
    }
    Ok(if partly { Exit::Partly } else { Exit::Done })
}

/// The six counters with their names, in one line.
fn counters(value: impl Fn(&str) -> String) -> String {
    let words = [
        ("total", "total", "总数"),
        ("new", "new", "新增"),
        ("updated", "updated", "更新"),
        ("matched", "matched", "匹配"),
        ("pending", "pending", "待匹配"),
        ("failed", "failed", "失败"),
    ];
    let each = words.map(|(key, english, chinese)| format!("{} {}", both(english, chinese), value(key)));
    each.join("  ")
}

pub(super) async fn list(api: &Api, wanted: &Wanted) -> Result<Exit, Failure> {
    let path = with_query(
        &format!("{ROUTES}/records"),
        &[
            ("sync_type", wanted.days.map(|days| word(days).to_owned())),
            ("status", wanted.status.clone()),
            ("unread", wanted.unread.then(|| "1".to_owned())),
            ("page", wanted.page.map(|page| page.to_string())),
            ("per_page", wanted.per_page.map(|per_page| per_page.to_string())),
        ],
    );
    let Some(answer) = ask(api, Method::GET, &path, None).await? else { return Ok(Exit::Done) };
    let data = &answer["data"];
    let head = [
        ("Record", "记录"),
        ("Type", "类型"),
        ("Started", "触发"),
        ("Status", "状态"),
        ("Start", "开始时间"),
        ("Took", "耗时"),
        ("Total", "总数"),
        ("New", "新增"),
        ("Updated", "更新"),
        ("Matched", "匹配"),
        ("Pending", "待匹配"),
        ("Failed", "失败"),
    ]
    .map(|(english, chinese)| both(english, chinese));
    let rows: Vec<Vec<String>> = items(&data["records"]).iter().map(row).collect();
    table(&head.each_ref().map(String::as_str), &rows);
    let [total, page, pages, unread] =
        ["total", "page", "pages", "unread_count"].map(|key| text_of(&data[key]));
    say(&both(
        format!("{total} records, page {page}/{pages}, {unread} unread"),
        format!("共 {total} 条，第 {page}/{pages} 页，未读 {unread}"),
    ));
    Ok(Exit::Done)
}

fn row(record: &Value) -> Vec<String> {
    let counts = ["total", "new", "updated", "matched", "pending", "failed"];
    let mut cells = vec![
        text_of(&record["id"]),
        label(record, "sync_type"),
        label(record, "trigger_type"),
        label(record, "status"),
        moment(&record["start_time"]),
        seconds(&record["duration"]),
    ];
    cells.extend(counts.map(|key| text_of(&record[format!("tasks_{key}")])));
    cells
}

/// The documented label in Chinese, the documented word in English.
fn label(record: &Value, key: &str) -> String {
    both(text_of(&record[key]), text_of(&record[format!("{key}_label")]))
}

pub(super) async fn show(api: &Api, record: i64) -> Result<Exit, Failure> {
    let answer = ask(api, Method::GET, &format!("{ROUTES}/records/{record}"), None).await?;
    let Some(answer) = answer else { return Ok(Exit::Done) };
    let record = &answer["data"];
    let labels = ["sync_type", "trigger_type", "status"].map(|key| label(record, key)).join("  ");
    say(&format!("{} {}  {labels}", both("Record", "记录"), text_of(&record["id"])));
    line("Start", "开始时间", &moment(&record["start_time"]));
    line("End", "结束时间", &moment(&record["end_time"]));
    line("Took", "耗时", &seconds(&record["duration"]));
    say(&format!("  {}", counters(|key| text_of(&record[format!("tasks_{key}")]))));
    line(
        "Retries",
        "重试",
        &format!("{}/{}", text_of(&record["retry_count"]), text_of(&record["max_retries"])),
    );
    let read = if record["is_read"] == true { moment(&record["read_at"]) } else { both("no", "未读") };
    line("Read", "已读", &read);
    if let Some(why) = record["error_message"].as_str() {
        line("Error", "错误", why);
    }
    let errors = items(&record["error_details"]);
    if !errors.is_empty() {
        let head = [both("Task id", "任务ID"), both("Task", "任务名称"), both("Error", "错误")];
        let row = |error: &Value| ["task_id", "task_name", "error"].map(|key| text_of(&error[key])).to_vec();
        table(&head.each_ref().map(String::as_str), &errors.iter().map(row).collect::<Vec<_>>());
    }
    Ok(Exit::Done)
}

/// A name and its value below the first line.
fn line(english: &str, chinese: &str, value: &str) {
    say(&format!("  {}: {value}", both(english, chinese)));
}

/// Marks a record, or all that have ended, as read.
pub(super) async fn read(api: &Api, record: Option<i64>) -> Result<Exit, Failure> {
    let (path, said) = match record {
        Some(record) => (format!("{ROUTES}/records/{record}/read"), both("marked as read", "已标记为已读")),
        None => {
            (format!("{ROUTES}/records/read-all"), both("all records marked as read", "已标记所有记录为已读"))
        }
    };
    if ask(api, Method::POST, &path, None).await?.is_some() {
        say(&said);
    }
    Ok(Exit::Done)
}

/// Whether each sync runs: who does it, or when the last one began.
pub(super) async fn status(api: &Api) -> Result<Exit, Failure> {
    let answer = ask(api, Method::GET, &format!("{ROUTES}/status"), None).await?;
    let Some(answer) = answer else { return Ok(Exit::Done) };
    for (key, name) in [("historical", both("Past days", "历史数据")), ("today", both("Today", "今日数据"))]
    {
        let sync = &answer["data"][key];
        let said = if sync["syncing"] == true {
            let holder = text_of(&sync["locked_by"]);
            both(format!("running  holder: {holder}"), format!("进行中  锁定者：{holder}"))
        } else {
            let last = &sync["last_sync"]["start_time"];
            let last = if last.is_null() { both("never", "从未") } else { moment(last) };
            both(format!("idle  last: {last}"), format!("空闲  上次: {last}"))
        };
        say(&format!("{name}  {said}"));
    }
    Ok(Exit::Done)
}
