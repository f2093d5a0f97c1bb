//! Packages of leads.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use super::super::{Api, text_of, with_query};
use super::{accepted, ask, count, items};
use crate::arguments::PackagesVerb;
use crate::exit::{Exit, Failure};
use crate::screen::{complain, say, table};
use crate::words::both;

/// The native routes.
const ROUTES: &str = "/api/v1/tasks/packages";

pub(super) async fn run(api: &Api, verb: PackagesVerb) -> Result<Exit, Failure> {
    match verb {
        PackagesVerb::List { region, q, page, per_page } => {
            let [page, per_page] = [page, per_page].map(|number| number.map(|number| number.to_string()));
            let asked = [("region", region), ("q", q), ("page", page), ("per_page", per_page)];
            list(api, &with_query(ROUTES, &asked)).await
        }
        PackagesVerb::Import { file, dry_run } => import(api, &file, dry_run).await,
    }
}

async fn list(api: &Api, path: &str) -> Result<Exit, Failure> {
    let Some(answer) = ask(api, Method::GET, path, None).await? else { return Ok(Exit::Done) };
    let head = [
        ("Package", "数据包ID"),
        ("Name", "数据包名称"),
        ("Region", "职场"),
        ("Prefix", "数据包前缀"),
        ("State", "当前数据状态"),
        ("Tasks", "任务数"),
        ("Valid", "有效数"),
        ("Contacted", "总接通率"),
        ("Won", "成功单析出率"),
    ]
    .map(|(english, chinese)| both(english, chinese));
    let rows: Vec<Vec<String>> = items(&answer["packages"]).iter().map(row).collect();
    table(&head.each_ref().map(String::as_str), &rows);
    let [total, page, pages] = ["total", "page", "pages"].map(|key| text_of(&answer[key]));
    say(&both(
        format!("{total} packages, page {page}/{pages}"),
        format!("共 {total} 个，第 {page}/{pages} 页"),
    ));
    Ok(Exit::Done)
}

fn row(package: &Value) -> Vec<String> {
    let texts = ["external_package_id", "name", "region", "internal_code"].map(|key| text_of(&package[key]));
    let mut cells = texts.to_vec();
    let missing: Vec<String> = items(&package["missing_levels"]).iter().map(text_of).collect();
    let state = text_of(&package["current_state"]);
    cells.push(if missing.is_empty() { state } else { format!("{state} ⚠️ {}", missing.join(", ")) });
    cells.extend(["task_count", "valid_leads"].map(|key| text_of(&package[key])));
    cells.extend(["contact_ratio", "success_ratio"].map(|key| percent(&package[key])));
    cells
}

/// A ratio as percent.
fn percent(ratio: &Value) -> String {
    ratio.as_f64().map_or_else(|| "-".to_owned(), |ratio| format!("{:.1}%", ratio * 100.0))
}

async fn import(api: &Api, file: &Path, dry_run: bool) -> Result<Exit, Failure> {
    let bytes = std::fs::read(file).map_err(|error| {
        let file = file.display();
        let told = both(format!("cannot read {file}: {error}"), format!("无法读取 {file}：{error}"));
        Failure::new(Exit::Usage, told)
    })?;
    let path = with_query(&format!("{ROUTES}/import"), &[("dry_run", dry_run.then(|| "1".to_owned()))]);
    let answer = api.send_file(&path, "text/csv", bytes).await?;
    let printed = api.printed(&answer);
    let refused = accepted(&answer);
    let body = &answer.body;
    // A file without one good line is refused, with what is wrong with its lines.
    let errors = items(if refused.is_ok() { &body["errors"] } else { &body["refused"]["detail"]["errors"] });
    if !printed {
        let tell: fn(&str) = if refused.is_ok() { say } else { complain };
        if refused.is_ok() {
            say(&outcome(body, errors.len()));
        }
        errors.iter().for_each(|error| tell(&fault(error)));
    }
    refused?;
    Ok(if errors.is_empty() { Exit::Done } else { Exit::Partly })
}

fn outcome(body: &Value, errors: usize) -> String {
    let [created, updated, unchanged, matched] =
        ["created", "updated", "unchanged", "matched_tasks"].map(|key| count(&body[key]));
    both(
        format!(
            "new {created}  updated {updated}  unchanged {unchanged}  matched by rule {matched}  errors {errors}"
        ),
        format!("新增 {created}  更新 {updated}  未变 {unchanged}  自动匹配 {matched}  错误 {errors}"),
    )
}

fn fault(error: &Value) -> String {
    let [line, column, message] = ["line", "column", "message"].map(|key| text_of(&error[key]));
    let column = if column.is_empty() { column } else { format!(" {column}") };
    both(format!("line {line}{column}: {message}"), format!("第 {line} 行{column}: {message}"))
}
