//! Configs: listed, shown, enabled, disabled, deleted.

use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};

use super::super::{Api, FAILED_LOOKS_MAX, LOOK_EVERY, text_of};
use super::{CONFIGS, ask, items};
use crate::exit::{Exit, Failure};
use crate::screen::{say, table};
use crate::words::both;

/// Configs of one answer: as many as the server gives.
const PAGE: usize = 200;

/// The fields of a config below its name, in the order they are documented.
const FIELDS: [(&str, &str, &str); 22] = [
    ("enabled", "Enabled", "启用"),
    ("source", "Source", "源"),
    ("target", "Target", "目标"),
    ("mode", "Mode", "模式"),
    ("cron", "Cron", "CRON"),
    ("timezone", "Time zone", "时区"),
    ("filters", "Filters", "过滤规则"),
    ("rename_rules", "Rename rules", "重命名规则"),
    ("compare", "Compare", "比较方式"),
    ("mtime_tolerance_ms", "Time tolerance, ms", "时间容差（毫秒）"),
    ("delete_guard", "Delete guard", "删除保护"),
    ("backup_dir", "Backup folder", "备份目录"),
    ("create_empty_dirs", "Makes empty folders", "创建空目录"),
    ("transfers", "Files at once", "并发传输数"),
    ("checkers", "Folders at once", "并发列举数"),
    ("bandwidth_limit", "Bytes a second at most", "带宽限制（字节/秒）"),
    ("end_time", "Ends", "截止时间"),
    ("priority", "Priority", "优先级"),
    ("last_sync", "Last sync", "上次同步"),
    ("next_run", "Next run", "下次执行"),
    ("created_at", "Made", "创建时间"),
    ("updated_at", "Changed", "更新时间"),
];

/// All of them, page by page.
pub(super) async fn list(api: &Api) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    for page in 1_u32.. {
        let path = format!("{CONFIGS}?size={PAGE}&page={page}");
        let Some(answer) = ask(api, Method::GET, &path, None).await? else { return Ok(Exit::Done) };
        let configs = items(&answer["items"]);
        rows.extend(configs.iter().map(row));
        if configs.len() < PAGE {
            break;
        }
    }
    let head = [
        ("ID", "ID"),
        ("Name", "名称"),
        ("Enabled", "启用"),
        ("Mode", "模式"),
        ("Source", "源"),
        ("Target", "目标"),
        ("Cron", "CRON"),
        ("Next run", "下次执行"),
        ("Last sync", "上次同步"),
        ("State", "状态"),
    ]
    .map(|(english, chinese)| both(english, chinese));
    table(&head.each_ref().map(String::as_str), &rows);
    Ok(Exit::Done)
}

fn row(config: &Value) -> Vec<String> {
    vec![
        text_of(&config["id"]),
        text_of(&config["name"]),
        flag(&config["enabled"]),
        text_of(&config["mode"]),
        tree(&config["source"]),
        tree(&config["target"]),
        text_of(&config["cron"]),
        text_of(&config["next_run"]),
        text_of(&config["last_sync"]),
        stands(config, &config["newest_run"]),
    ]
}

/// `fs:/srv/photos`.
fn tree(side: &Value) -> String {
    format!("{}:{}", text_of(&side["service"]), text_of(&side["path"]))
}

fn flag(value: &Value) -> String {
    if value == true { both("yes", "是") } else { both("no", "否") }
}

/// Whether it runs by itself, or why it does not.
fn state(config: &Value) -> String {
    match config["schedule_reason"].as_str() {
        None => both("scheduled", "已计划"),
        Some("disabled") => both("disabled", "已禁用"),
        Some("no_cron") => both("by hand", "仅手动"),
        Some("cleared") => both("cleared", "定时已清空"),
        Some("expired") => both("expired", "已过期"),
        Some("cron_invalid") => both("bad cron", "cron 无效"),
        Some(other) => other.to_owned(),
    }
}

/// Whether it runs by itself, and how its newest run stands.
fn stands(config: &Value, run: &Value) -> String {
    let outcome = match run["status"].as_str() {
        None => return state(config),
        Some("queued") => both("queued", "排队中"),
        Some("running") => both("running", "运行中"),
        Some("waiting") => both("to be tried again", "等待重试"),
        Some("paused") => both("paused", "已暂停"),
        Some("succeeded") => both("succeeded", "成功"),
        Some("partial") => both("partial", "部分成功"),
        Some("failed") => both("failed", "失败"),
        Some("cancelled") => both("cancelled", "已取消"),
        Some(other) => other.to_owned(),
    };
    let schedule = state(config);
    if run["dry_run"] == true {
        return both(format!("{schedule}, dry run {outcome}"), format!("{schedule}，试运行{outcome}"));
    }
    both(format!("{schedule}, {outcome}"), format!("{schedule}，{outcome}"))
}

pub(super) async fn show(api: &Api, config: i64) -> Result<Exit, Failure> {
    let answer = ask(api, Method::GET, &format!("{CONFIGS}/{config}"), None).await?;
    let Some(config) = answer else { return Ok(Exit::Done) };
    let (number, name) = (text_of(&config["id"]), text_of(&config["name"]));
    say(&both(format!("Config {number}  {name}"), format!("同步配置 {number}  {name}")));
    line("State", "状态", &state(&config));
    for (key, english, chinese) in FIELDS {
        let value = &config[key];
        match key {
            "source" | "target" => side(english, chinese, value),
            "enabled" | "create_empty_dirs" => line(english, chinese, &flag(value)),
            _ => line(english, chinese, &text_of(value)),
        }
    }
    Ok(Exit::Done)
}

/// A side with its options below it; of a secret it is only told that there is one.
fn side(english: &str, chinese: &str, side: &Value) {
    line(english, chinese, &tree(side));
    for (name, value) in side["options"].as_object().into_iter().flatten() {
        say(&format!("    {name}: {}", text_of(value)));
    }
    for name in items(&side["secrets_set"]) {
        say(&format!("    {}: {}", text_of(name), both("(set)", "（已设置）")));
    }
    for (key, english, chinese) in [
        ("must_exist", "must exist", "必须已存在"),
        ("case_insensitive", "takes capitals for small letters", "不区分大小写"),
    ] {
        if side[key].is_boolean() {
            say(&format!("    {}: {}", both(english, chinese), flag(&side[key])));
        }
    }
}

/// A name and its value below the first line.
fn line(english: &str, chinese: &str, value: &str) {
    say(&format!("  {}: {value}", both(english, chinese)));
}

/// Changes a config, and says so.
pub(super) async fn change(api: &Api, config: i64, patch: &Value, said: &str) -> Result<Exit, Failure> {
    if ask(api, Method::PATCH, &format!("{CONFIGS}/{config}"), Some(patch)).await?.is_some() {
        say(said);
    }
    Ok(Exit::Done)
}

/// Deletes a config. A run that was cancelled first has a moment to stop.
pub(super) async fn remove(api: &Api, config: i64, cancel: bool) -> Result<Exit, Failure> {
    let path = format!("{CONFIGS}/{config}{}", if cancel { "?cancel=true" } else { "" });
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tries = 0;
    let answer = loop {
        looks.tick().await;
        tries += 1;
        let answer = api.send(Method::DELETE, &path, None).await?;
        if !(cancel && answer.status == StatusCode::CONFLICT && tries < FAILED_LOOKS_MAX) {
            break answer;
        }
    };
    if !answer.status.is_success() {
        api.printed(&answer);
        return Err(answer.failure());
    }
    if !api.prints_raw() {
        say(&both(format!("deleted config {config}"), format!("已删除同步配置 {config}")));
    }
    Ok(Exit::Done)
}
