//! Tasks and the packages they belong to.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::{Api, text_of, with_query};
use super::{accepted, ask, count, items};
use crate::arguments::Standing;
use crate::exit::{Exit, Failure};
use crate::screen::{say, table};
use crate::words::both;

/// The native routes.
const ROUTES: &str = "/api/v1/tasks";

/// Which tasks are listed.
pub(super) struct Wanted {
    pub(super) state: Standing,
    pub(super) q: Option<String>,
    pub(super) page: Option<u32>,
    pub(super) per_page: Option<u32>,
}

pub(super) async fn list(api: &Api, wanted: &Wanted) -> Result<Exit, Failure> {
    let state = match wanted.state {
        Standing::Pending => "pending",
        Standing::Matched => "matched",
        Standing::Idle => "idle",
        Standing::All => "all",
    };
    let path = with_query(
        ROUTES,
        &[
            ("state", Some(state.to_owned())),
            ("q", wanted.q.clone()),
            ("page", wanted.page.map(|page| page.to_string())),
            ("per_page", wanted.per_page.map(|per_page| per_page.to_string())),
        ],
    );
    let Some(answer) = ask(api, Method::GET, &path, None).await? else { return Ok(Exit::Done) };
    match wanted.state {
        Standing::Pending => items(&answer["groups"]).iter().for_each(group),
        _ => tasks(items(&answer["tasks"])),
    }
    let [pending, matched, idle, total] =
        ["pending", "matched", "idle", "total"].map(|key| text_of(&answer["counts"][key]));
    say(&both(
        format!("pending {pending}  matched {matched}  idle {idle}  total {total}"),
        format!("待处理 {pending}  已匹配 {matched}  闲散 {idle}  总计 {total}"),
    ));
    let [page, pages] = ["page", "pages"].map(|key| text_of(&answer[key]));
    say(&both(format!("page {page}/{pages}"), format!("第 {page}/{pages} 页")));
    Ok(Exit::Done)
}

/// A prefix with its recommendation, and its tasks below it.
fn group(group: &Value) {
    let (prefix, tasks) = (text_of(&group["prefix"]), text_of(&group["task_count"]));
    let mut head = both(format!("{prefix}  {tasks} tasks"), format!("{prefix}  {tasks} 个任务"));
    let best = &group["recommendation"];
    if !best.is_null() {
        let [id, code, percent] =
            ["external_package_id", "internal_code", "similarity"].map(|key| text_of(&best[key]));
        head.push_str(&both(
            format!("  recommended: {id} {code} ({percent}%)"),
            format!("  推荐: {id} {code} ({percent}%)"),
        ));
    }
    say(&head);
    for task in items(&group["tasks"]) {
        say(&format!("  {}  {}", text_of(&task["task_id"]), text_of(&task["task_name"])));
    }
}

fn tasks(tasks: &[Value]) {
    let head = [
        ("Task id", "任务ID"),
        ("Task", "任务名称"),
        ("Match", "匹配"),
        ("Package", "数据包"),
        ("Total", "总数"),
        ("Called", "已拨"),
        ("Connected", "接通"),
        ("Won", "成功"),
    ]
    .map(|(english, chinese)| both(english, chinese));
    let row = |task: &Value| {
        let status = task["match_status"].as_str().unwrap_or_default();
        let status = match status {
            "pending" => both(status, "待处理"),
            "matched" => both(status, "已匹配"),
            "idle" => both(status, "闲散"),
            other => other.to_owned(),
        };
        let mut cells = vec![text_of(&task["task_id"]), text_of(&task["task_name"]), status];
        cells.push(text_of(&task["package"]["internal_code"]));
        let counts = ["total_number", "called_number", "connected_number", "success_number"];
        cells.extend(counts.map(|key| text_of(&task[key])));
        cells
    };
    table(&head.each_ref().map(String::as_str), &tasks.iter().map(row).collect::<Vec<_>>());
}

pub(super) async fn bind(api: &Api, package: &str, tasks: Vec<String>) -> Result<Exit, Failure> {
    change(api, "match", &json!({ "task_ids": tasks, "external_package_id": package })).await
}

pub(super) async fn idle(api: &Api, tasks: Vec<String>) -> Result<Exit, Failure> {
    change(api, "idle", &json!({ "task_ids": tasks })).await
}

pub(super) async fn rematch(api: &Api, auto: bool, tasks: Vec<String>) -> Result<Exit, Failure> {
    change(api, "rematch", &json!({ "task_ids": tasks, "auto": auto })).await
}

/// Changes tasks, and says of how many and which not.
async fn change(api: &Api, verb: &str, body: &Value) -> Result<Exit, Failure> {
    let answer = api.send(Method::POST, &format!("{ROUTES}/{verb}"), Some(body)).await?;
    let printed = api.printed(&answer);
    accepted(&answer)?;
    let failed = items(&answer.body["failed"]);
    if !printed {
        let [changed, unchanged] = ["changed", "unchanged"].map(|key| count(&answer.body[key]));
        let number = failed.len();
        say(&both(
            format!("changed {changed}  unchanged {unchanged}  failed {number}"),
            format!("已更新 {changed}  未变 {unchanged}  失败 {number}"),
        ));
        for one in failed {
            say(&format!("{}  {}", text_of(&one["task_id"]), text_of(&one["error"])));
        }
    }
    Ok(if failed.is_empty() { Exit::Done } else { Exit::Partly })
}
