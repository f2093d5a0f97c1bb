//! The call platform of the demonstration: packages of leads are imported first, then both windows are synced, as
//! anybody would: through the API. Most tasks are matched by the rule. Some are named otherwise and wait for somebody
//! to match them by hand, several of these with a package that fits well.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use simulators::guanke::{Options, Simulator, start};

use super::ended;
use crate::arguments::DemoArguments;
use crate::client::tasks::accepted;
use crate::client::{Api, text_of};
use crate::exit::Failure;
use crate::screen::{say, table};
use crate::server::machine_time;
use crate::words::{both, language};
use web::i18n::Language;

/// Both windows, as routes and answers call them.
const WINDOWS: [&str; 2] = ["historical", "today"];

/// The platform, on the day it is in the zone of the tasks.
pub(super) async fn simulate(asked: &DemoArguments, zone: &TimeZone) -> anyhow::Result<Simulator> {
    let today = zone.to_datetime(machine_time()).date();
    let options = Options { seed: asked.seed, ..Options::on_a_free_port(today) };
    start(options).await.context("the simulated upstream did not start")
}

/// What the simulated platform means by its states.
pub(super) fn state_labels() -> BTreeMap<String, String> {
    let labels = [("1", "waiting", "待拨打"), ("2", "calling", "拨打中"), ("3", "ended", "结束")];
    labels.map(|(state, english, chinese)| (state.to_owned(), both(english, chinese))).into()
}

/// Imports the packages and starts both syncs. What an earlier demonstration left is synced again.
pub(super) async fn play(api: &Api, platform: &Simulator) -> Result<(), Failure> {
    let packages = platform.packages_csv().into_bytes();
    accepted(&api.send_file("/api/v1/tasks/packages/import", "text/csv", packages).await?)?;
    for window in WINDOWS {
        let path = format!("/api/sync/{window}/manual?async=1");
        let answer = api.send(Method::POST, &path, None).await?;
        // One that is at work already, because a full hour has struck or a killed demonstration goes on, is as good.
        if answer.status != StatusCode::CONFLICT {
            accepted(&answer)?;
        }
    }
    say(&both(
        "call platform: packages of leads are imported, tasks of four days come; some wait at /tasks/matching for you",
        "外呼平台：已导入数据包，正在同步四天的任务；部分任务在 /tasks/matching 等您手动匹配",
    ));
    Ok(())
}

/// Waits for the end of both, prints what came of each and what is left to do by hand, and says whether all is there.
pub(super) async fn to_the_end(api: &Api) -> Result<bool, Failure> {
    let goes_on = |status: &Value| WINDOWS.iter().any(|window| status["data"][window]["syncing"] == true);
    let late = both("the tasks were not synced in time", "任务同步未在规定时间内结束");
    let status = ended(api, "/api/sync/status", goes_on, late).await?;
    let records = WINDOWS.map(|window| &status["data"][window]["last_sync"]);
    table(&head(), &records.map(row));
    let left = api.get("/api/v1/tasks?state=pending&per_page=100").await?.body;
    let groups = left["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
    let recommended = groups.iter().filter(|group| !group["recommendation"].is_null());
    let recommended: i64 = recommended.filter_map(|group| group["task_count"].as_i64()).sum();
    let pending = text_of(&left["counts"]["pending"]);
    say(&both(
        format!("left to match by hand: {pending} tasks, {recommended} with a package recommended"),
        format!("待手动匹配的任务: {pending} 个，其中 {recommended} 个有推荐数据包"),
    ));
    Ok(records.iter().all(|record| record["status"] == "success"))
}

fn head() -> [&'static str; 7] {
    match language() {
        Language::English => ["tasks of", "status", "total", "new", "updated", "matched", "pending"],
        Language::Chinese => ["任务", "状态", "总数", "新增", "更新", "已匹配", "待匹配"],
    }
}

fn row(record: &Value) -> Vec<String> {
    let days = match record["sync_type"].as_str() {
        Some("today") => both("today", "今日"),
        _ => both("three days before", "前三天"),
    };
    let counts = ["tasks_total", "tasks_new", "tasks_updated", "tasks_matched", "tasks_pending"];
    let cells = ["status"].into_iter().chain(counts).map(|key| text_of(&record[key]));
    std::iter::once(days).chain(cells).collect()
}
