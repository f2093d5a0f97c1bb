//! Runs of a config: done, rehearsed, or only compared.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::{Answer, Api, text_of, with_query};
use super::follow::watch;
use super::{CONFIGS, count, items, size};
use crate::arguments::RunWish;
use crate::exit::{Exit, Failure};
use crate::screen::{complain, say};
use crate::words::{both, worded};

/// Items of one answer: as many as the server gives.
const PAGE: usize = 1_000;

/// Failed files that are named; all of them are kept with the run.
const NAMED: usize = 20;

/// Runs a config, and waits for the end unless told not to.
pub(super) async fn run(api: &Api, wish: &RunWish) -> Result<Exit, Failure> {
    let body = json!({ "confirm": wish.confirm, "max_delete": wish.max_delete, "force": wish.force });
    let started = ask(api, wish.id, "execute", &body).await?;
    if wish.no_wait {
        submitted(api, &started);
        return Ok(Exit::Done);
    }
    let ended = watch(api, number(&started)).await?;
    let run = &ended.body["run"];
    if api.prints_raw() {
        print_whole(api, number(&started), &ended).await?;
    } else {
        say(&outcome(run));
        told_failures(api, number(&started)).await?;
    }
    whether_well(run)?;
    Ok(Exit::Done)
}

/// Says what a run would do, line by line.
pub(super) async fn dry_run(api: &Api, wish: &RunWish) -> Result<Exit, Failure> {
    let started = ask(api, wish.id, "dry-run", &json!({})).await?;
    if wish.no_wait {
        submitted(api, &started);
        return Ok(Exit::Done);
    }
    let ended = watch(api, number(&started)).await?;
    if api.prints_raw() {
        print_whole(api, number(&started), &ended).await?;
        whether_well(&ended.body["run"])?;
        return Ok(Exit::Done);
    }
    let planned = planned(api, number(&started), plan_line).await?;
    told_failures(api, number(&started)).await?;
    whether_well(&ended.body["run"])?;
    let Found { added, changed, extra } = planned;
    say(&both(
        format!("plan: add {added}, update {changed}, delete {extra} (the target was not changed)"),
        format!("计划: 新增 {added}, 更新 {changed}, 删除 {extra}（未修改目标）"),
    ));
    let guard = &ended.body["run"]["guard"];
    if guard["would_trip"] == true {
        let [deletes, files, percent] =
            ["deletes", "target_files", "percent"].map(|key| text_of(&guard[key]));
        complain(&both(
            format!(
                "the delete guard would stop this run: {deletes} of {files} files ({percent}%) are to be deleted; \
                 --confirm lets it"
            ),
            format!(
                "删除保护会拒绝此次运行: 计划删除 {deletes} 个文件（目标共 {files} 个，{percent}%）；确认后请使用 --confirm"
            ),
        ));
    }
    Ok(Exit::Done)
}

/// Compares both trees.
pub(super) async fn verify(api: &Api, config: i64, checksum: bool) -> Result<Exit, Failure> {
    let compare = checksum.then_some("checksum");
    let started = ask(api, config, "dry-run", &json!({ "verify": true, "compare": compare })).await?;
    let ended = watch(api, number(&started)).await?;
    let run = &ended.body["run"];
    if api.prints_raw() {
        print_whole(api, number(&started), &ended).await?;
        whether_well(run)?;
        let stats = &run["stats"];
        let differs = ["to_add_total", "to_delete_total"].iter().any(|key| count(&stats[*key]) > 0)
            || count(&stats["unchanged"]) < count(&stats["source_list_num"]);
        return Ok(if differs { Exit::Failed } else { Exit::Done });
    }
    let Found { added, changed, extra } = planned(api, number(&started), verify_line).await?;
    told_failures(api, number(&started)).await?;
    whether_well(run)?;
    if added + changed + extra == 0 {
        let same = count(&run["stats"]["unchanged"]);
        say(&both(format!("equal: {same} files"), format!("一致: {same} 个文件")));
        return Ok(Exit::Done);
    }
    say(&both(
        format!("not equal: missing {added}, different {changed}, extra {extra}"),
        format!("不一致: 缺少 {added}, 不同 {changed}, 多余 {extra}"),
    ));
    Ok(Exit::Failed)
}

/// Asks for a run.
async fn ask(api: &Api, config: i64, verb: &str, body: &Value) -> Result<Answer, Failure> {
    api.ask(Method::POST, &format!("{CONFIGS}/{config}/{verb}"), Some(body)).await
}

fn number(started: &Answer) -> i64 {
    started.body["run_id"].as_i64().unwrap_or_default()
}

/// Says that a run was asked for.
fn submitted(api: &Api, started: &Answer) {
    if !api.printed(started) {
        let [run, task] = ["run_id", "task_id"].map(|key| text_of(&started.body[key]));
        say(&both(format!("submitted  run {run}  {task}"), format!("已提交  运行 {run}  {task}")));
    }
}

/// How a run ended, in one line.
fn outcome(run: &Value) -> String {
    let stats = &run["stats"];
    let [added, updated, deleted, unchanged] =
        ["added_success", "updated_success", "deleted_success", "unchanged"].map(|key| count(&stats[key]));
    let failed: u64 =
        ["added_fail", "updated_fail", "deleted_fail"].iter().map(|key| count(&stats[*key])).sum();
    let (bytes, took) = (size(count(&stats["bytes"])), seconds(run));
    let word = match run["status"].as_str() {
        Some("succeeded") => both("done", "完成"),
        Some("cancelled") => both("cancelled", "已取消"),
        _ => both("failed", "失败"),
    };
    both(
        format!(
            "{word}: added {added}, updated {updated}, deleted {deleted}, unchanged {unchanged}, failed {failed}, \
             {bytes}, took {took:.1}s"
        ),
        format!(
            "{word}: 新增 {added}, 更新 {updated}, 删除 {deleted}, 未变 {unchanged}, 失败 {failed}, {bytes}, \
             用时 {took:.1}s"
        ),
    )
}

/// From a run's start to its end.
fn seconds(run: &Value) -> f64 {
    let at = |key: &str| run[key].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    match (at("started_at"), at("finished_at")) {
        (Some(from), Some(to)) => to.duration_since(from).as_secs_f64(),
        _ => 0.0,
    }
}

/// A run that did not succeed is a failure in its own words.
fn whether_well(run: &Value) -> Result<(), Failure> {
    match run["status"].as_str() {
        Some("succeeded") => Ok(()),
        Some("cancelled") => Err(Failure::new(Exit::Failed, both("the run was cancelled", "运行已取消"))),
        _ => Err(Failure::new(Exit::Failed, worded(&text_of(&run["error"])))),
    }
}

/// Files that are to be copied or deleted.
#[derive(Default)]
struct Found {
    added: u64,
    changed: u64,
    extra: u64,
}

/// What a rehearsal found, counted, each told by a line.
async fn planned(api: &Api, run: i64, line: fn(&Value) -> String) -> Result<Found, Failure> {
    let mut found = Found::default();
    each(api, run, (Some("pending"), usize::MAX), |item| {
        match item["op"].as_str() {
            Some("add") => found.added += 1,
            Some("update") => found.changed += 1,
            Some("delete") => found.extra += 1,
            _ => return,
        }
        say(&line(item));
    })
    .await?;
    Ok(found)
}

/// Names files that could not be done, on standard error.
async fn told_failures(api: &Api, run: i64) -> Result<(), Failure> {
    each(api, run, (Some("failed"), NAMED), |item| {
        complain(&format!("! {} ({})", path(item), worded(&text_of(&item["err_msg"]))));
    })
    .await
}

/// Prints the answer about a run, as the server gives it, with all its items on one page.
async fn print_whole(api: &Api, run: i64, ended: &Answer) -> Result<(), Failure> {
    let mut all = Vec::new();
    each(api, run, (None, usize::MAX), |item| all.push(item.clone())).await?;
    let mut whole = ended.body.clone();
    whole["items"] = Value::Array(all);
    whole["next_after"] = Value::Null;
    say(&whole.to_string());
    Ok(())
}

/// Goes through a run's items, of one status or of all, at most so many.
async fn each(
    api: &Api,
    run: i64,
    (status, most): (Option<&str>, usize),
    mut tell: impl FnMut(&Value),
) -> Result<(), Failure> {
    let path = format!("/api/v1/files/runs/{run}/items");
    let mut after = Some("0".to_owned());
    while let Some(from) = after {
        let limit = PAGE.min(most).to_string();
        let asked = [("status", status.map(str::to_owned)), ("limit", Some(limit)), ("after", Some(from))];
        let answer = api.get(&with_query(&path, &asked)).await?;
        items(&answer.body["items"]).iter().for_each(&mut tell);
        after = answer.body["next_after"].as_i64().filter(|_| most > PAGE).map(|after| after.to_string());
    }
    Ok(())
}

/// Where an item is in the target.
fn path(item: &Value) -> String {
    text_of(&item["dst_path"])
}

/// `+ a/b.txt (新增, 1.2 KiB)`, `~ c.txt (更新: 大小不同)`, `- d.txt (删除)`.
fn plan_line(item: &Value) -> String {
    let (path, bytes) = (path(item), size(count(&item["size"])));
    match item["op"].as_str() {
        Some("add") => both(format!("+ {path} (new, {bytes})"), format!("+ {path} (新增, {bytes})")),
        Some("update") => {
            let why = why(item);
            both(format!("~ {path} (update: {why})"), format!("~ {path} (更新: {why})"))
        }
        _ => both(format!("- {path} (delete)"), format!("- {path} (删除)")),
    }
}

fn verify_line(item: &Value) -> String {
    let path = path(item);
    match item["op"].as_str() {
        Some("add") => both(format!("+ {path} (missing)"), format!("+ {path} (缺少)")),
        Some("update") => {
            let why = why(item);
            both(format!("~ {path} (different: {why})"), format!("~ {path} (不同: {why})"))
        }
        _ => both(format!("- {path} (extra)"), format!("- {path} (多余)")),
    }
}

/// Why a file is to be copied again.
fn why(item: &Value) -> String {
    match item["reason"].as_str().unwrap_or_default() {
        "size" => both("other size", "大小不同"),
        "mtime" => both("other time", "修改时间不同"),
        "checksum" => both("other content", "内容不同"),
        "overwrite" => both("all are copied", "全部覆盖"),
        "kind" => both("other kind", "类型不同"),
        other => other.to_owned(),
    }
}
