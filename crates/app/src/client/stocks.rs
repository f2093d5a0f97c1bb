//! `syncline stocks …`, with the documented outputs.

use serde_json::{Value, json};

use super::progress::{Progress, follow};
use super::{Answer, Api, segment};
use crate::arguments::{StocksArguments, StocksVerb};
use crate::config::Layers;
use crate::exit::{Exit, Failure};
use crate::screen::{complain, say};
use crate::words::{both, language, worded, worded_of};

/// The documented routes.
const ROUTES: &str = "/api/v1/sync-status";

/// Does one of its verbs.
pub(crate) async fn run(layers: &Layers, asked: StocksArguments) -> Result<Exit, Failure> {
    let api = Api::of(layers, asked.client.reader())?;
    match asked.verb {
        StocksVerb::Sync { from, to, mode, force, wait } => {
            let mut body = json!({ "start_date": from, "end_date": to });
            if let Some(mode) = mode {
                body["mode"] = mode.into();
            }
            if force {
                body["force"] = true.into();
            }
            let task = sync(&api, &body).await?;
            if wait { watch(&api, &task).await } else { Ok(Exit::Done) }
        }
        StocksVerb::Status { task } => status(&api, task).await,
        StocksVerb::Missing { days } => missing(&api, days).await,
        StocksVerb::RetryFailed { from, to, wait } => match retry_failed(&api, from, to).await? {
            Some(task) if wait => watch(&api, &task).await,
            _ => Ok(Exit::Done),
        },
        StocksVerb::Cancel { task } => control(&api, &task, "cancel").await,
        StocksVerb::Pause { task } => control(&api, &task, "pause").await,
        StocksVerb::Resume { task } => control(&api, &task, "resume").await,
    }
}

/// Starts a batch and gives its name.
async fn sync(api: &Api, body: &Value) -> Result<String, Failure> {
    let answer = api.post(&format!("{ROUTES}/sync/batch"), Some(body)).await?;
    api.printed(&answer);
    // Of what is refused with status 200 all but a conflict is a wrong date or range.
    accepted(&answer, Exit::Usage)?;
    Ok(started(api, &answer.body["data"]))
}

/// Says that a batch was started, and gives its name.
fn started(api: &Api, data: &Value) -> String {
    let task = data["task_id"].as_str().unwrap_or_default();
    if !api.prints_raw() {
        say(&worded_of(&data["message"]));
        say(&named(task));
    }
    task.to_owned()
}

/// The line that names a batch.
fn named(task: &str) -> String {
    both(format!("Task: {task}"), format!("任务ID: {task}"))
}

/// Shows the batch until its end.
async fn watch(api: &Api, task: &str) -> Result<Exit, Failure> {
    let mut before = String::new();
    let (progress, exit) = follow(api, task, |progress| {
        let line = progress.line(language());
        if !api.prints_raw() && line != before && progress.exit().is_none() {
            say(&line);
            before = line;
        }
    })
    .await?;
    if api.prints_raw() {
        let path = format!("{ROUTES}/sync/batch/progress/{}", segment(task));
        api.printed(&api.get(&path).await?);
        return Ok(exit);
    }
    if progress.line(language()) != before {
        say(&progress.line(language()));
    }
    say(&worded(&progress.message));
    Ok(exit)
}

async fn status(api: &Api, task: Option<String>) -> Result<Exit, Failure> {
    let (answer, task) = match task {
        Some(task) => {
            let path = format!("{ROUTES}/sync/batch/progress/{}", segment(&task));
            (api.get(&path).await?, task)
        }
        None => {
            let answer = api.get(&format!("{ROUTES}/sync/batch/active")).await?;
            let task = answer.body["data"]["task_id"].as_str().unwrap_or_default().to_owned();
            (answer, task)
        }
    };
    let printed = api.printed(&answer);
    accepted(&answer, Exit::Failed)?;
    if printed {
        return Ok(Exit::Done);
    }
    let data = &answer.body["data"];
    let progress = data.get("progress").unwrap_or(data);
    if progress.is_null() {
        say(&both("No sync is under way", "没有运行中的同步任务"));
        return Ok(Exit::Done);
    }
    let progress: Progress = serde_json::from_value(progress.clone())
        .map_err(|error| Failure::new(Exit::Failed, format!("progress was not understood: {error}")))?;
    show(&task, &progress);
    Ok(Exit::Done)
}

fn show(task: &str, progress: &Progress) {
    let Progress { status, start_date, end_date, .. } = progress;
    say(&named(task));
    say(&both(format!("Range: {start_date} to {end_date}"), format!("同步范围: {start_date} 至 {end_date}")));
    say(&both(format!("Status: {status}"), format!("状态: {status}")));
    let message = worded(&progress.message);
    say(&both(format!("Message: {message}"), format!("消息: {message}")));
    say(&progress.line(language()));
    let end = progress.estimated_completion.as_deref().unwrap_or("-");
    say(&both(format!("Expected end: {end}"), format!("预计完成: {end}")));
    let first = progress.errors.len().saturating_sub(3);
    if !progress.errors.is_empty() {
        say(&both("Newest errors:", "最近错误:"));
    }
    for error in &progress.errors[first..] {
        say(&format!("• {}: {}", error.date, worded(&error.error)));
    }
}

async fn missing(api: &Api, days: u16) -> Result<Exit, Failure> {
    let answer = api.get(&format!("/api/v1/stocks/missing?days={days}")).await?;
    if api.printed(&answer) {
        return Ok(Exit::Done);
    }
    let dates = |key: &str| {
        let list = answer.body[key].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|date| date.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let (missing, unknown) = (dates("dates"), dates("unknown"));
    for date in &missing {
        say(date);
    }
    if let (Some(first), Some(last)) = (unknown.first(), unknown.last()) {
        let count = unknown.len();
        complain(&both(
            format!(
                "{count} more days ({first} to {last}) need a sync if the exchanges were open; the calendar \
                     does not know them yet, the next sync asks for it"
            ),
            format!(
                "另有 {count} 天（{first} 至 {last}）交易日历未知，若为交易日则待同步；下次同步时会查询日历"
            ),
        ));
    } else if missing.is_empty() {
        say(&both("No day is missing", "没有待同步的日期"));
    }
    Ok(Exit::Done)
}

/// Starts what failed again and gives the batch's name; `None`: nothing failed.
async fn retry_failed(
    api: &Api,
    from: Option<String>,
    to: Option<String>,
) -> Result<Option<String>, Failure> {
    let body = json!({ "start_date": from, "end_date": to });
    let answer = api.send(reqwest::Method::POST, "/api/v1/stocks/retry-failed", Some(&body)).await?;
    let nothing = answer.body["code"] == "nothing_to_do";
    let printed = api.printed(&answer);
    if nothing {
        if !printed {
            say(&both("No day and no stock has failed", "没有失败的日期或股票"));
        }
        return Ok(None);
    }
    if !answer.status.is_success() {
        return Err(answer.failure());
    }
    Ok(Some(started(api, &answer.body)))
}

async fn control(api: &Api, task: &str, verb: &str) -> Result<Exit, Failure> {
    let path = format!("{ROUTES}/sync/batch/{}/{verb}", segment(task));
    let answer = api.post(&path, None).await?;
    let printed = api.printed(&answer);
    accepted(&answer, Exit::Failed)?;
    if !printed {
        say(&worded_of(&answer.body["data"]["message"]));
    }
    Ok(Exit::Done)
}

/// The documented routes refuse with status 200: with the run that is in the way, or in words alone.
fn accepted(answer: &Answer, refused: Exit) -> Result<(), Failure> {
    if answer.body["status"] == "success" {
        return Ok(());
    }
    let message = worded_of(&answer.body["message"]);
    match answer.body["current_task"]["task_id"].as_str() {
        Some(task) => {
            let told = both(format!("{message} ({task})"), format!("{message}（{task}）"));
            Err(Failure::new(Exit::Busy, told))
        }
        None => Err(Failure::new(refused, message)),
    }
}
