//! `syncline runs …`.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};

use super::{Api, FAILED_LOOKS_MAX, LOOK_EVERY, moment_of, text_of};
use crate::arguments::{RunsArguments, RunsVerb};
use crate::config::Layers;
use crate::exit::{Exit, Failure};
use crate::screen::{say, table};
use crate::words::worded_of;

/// A bar has a thousand places: tenths of a percent.
const PLACES: u64 = 1000;

/// Does one of its verbs.
pub(crate) async fn run(layers: &Layers, asked: RunsArguments) -> Result<Exit, Failure> {
    let api = Api::of(layers, asked.client.reader())?;
    match asked.verb {
        RunsVerb::List { sync, state, limit } => list(&api, sync, state, limit).await,
        RunsVerb::Show { run } => show(&api, run).await,
        RunsVerb::Watch { run } => watch(&api, run).await,
        RunsVerb::Cancel { run } => control(&api, run, "cancel").await,
        RunsVerb::Pause { run } => control(&api, run, "pause").await,
        RunsVerb::Resume { run } => control(&api, run, "resume").await,
        RunsVerb::Retry { run } => control(&api, run, "retry").await,
    }
}

async fn list(api: &Api, sync: Option<String>, state: Option<String>, limit: u16) -> Result<Exit, Failure> {
    let wanted = [("limit", Some(limit.to_string())), ("sync", sync), ("state", state)];
    let wanted = wanted.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let url = reqwest::Url::parse_with_params("http://x/", wanted).expect("it is one");
    let answer = api.get(&format!("/api/v1/runs?{}", url.query().unwrap_or_default())).await?;
    if api.printed(&answer) {
        return Ok(Exit::Done);
    }
    let runs = answer.body["runs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<Vec<String>> = runs.iter().map(row).collect();
    table(&["RUN", "SYNC", "STATE", "DONE", "PERCENT", "CREATED", "ENDED", "NAME"], &rows);
    Ok(Exit::Done)
}

fn row(run: &Value) -> Vec<String> {
    vec![
        text_of(&run["id"]),
        text_of(&run["sync"]),
        text_of(&run["state"]),
        done(run),
        format!("{}%", text_of(&run["progress"]["percent"])),
        moment_of(&run["created_at"]),
        moment_of(&run["ended_at"]),
        text_of(&run["reference"]),
    ]
}

/// Finished of all partitions.
fn done(run: &Value) -> String {
    let partitions = &run["partitions"];
    let count = |key: &str| partitions[key].as_i64().unwrap_or(0);
    format!("{}/{}", count("succeeded") + count("skipped") + count("failed"), count("total"))
}

async fn show(api: &Api, run: i64) -> Result<Exit, Failure> {
    let answer = api.get(&format!("/api/v1/runs/{run}")).await?;
    if api.printed(&answer) {
        return Ok(Exit::Done);
    }
    let body = &answer.body;
    for key in
        ["id", "sync", "state", "label", "reference", "trigger", "created_at", "started_at", "ended_at"]
    {
        say(&format!("{key:11} {}", worded_of(&body[key])));
    }
    say(&format!("{:11} {} ({}%)", "done", done(body), text_of(&body["progress"]["percent"])));
    say(&format!("{:11} {}", "message", worded_of(&body["message"])));
    let next = &body["progress"]["next_try"];
    if next.is_object() {
        let [code, why] = ["code", "message"].map(|key| worded_of(&next["fault"][key]));
        let tried = text_of(&next["attempt"]);
        say(&format!("{:11} {} of {} failed: {code} {why}", "try", tried, text_of(&next["key"])));
        say(&format!("{:11} {}", "next try", moment_of(&next["at"])));
    }
    if let Some(fault) = body["fault"].as_object() {
        say(&format!("{:11} {} {}", "fault", text_of(&fault["code"]), worded_of(&fault["message"])));
    }
    let answer = api.get(&format!("/api/v1/runs/{run}/partitions?limit=500")).await?;
    let partitions = answer.body["partitions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<Vec<String>> = partitions
        .iter()
        .map(|partition| {
            ["key", "state", "attempt", "units_done", "units_total", "units_failed", "message"]
                .map(|key| worded_of(&partition[key]))
                .to_vec()
        })
        .collect();
    say("");
    table(&["PARTITION", "STATE", "TRY", "DONE", "OF", "FAILED", "MESSAGE"], &rows);
    Ok(Exit::Done)
}

async fn control(api: &Api, run: i64, verb: &str) -> Result<Exit, Failure> {
    let answer = api.post(&format!("/api/v1/runs/{run}/{verb}"), None).await?;
    if !api.printed(&answer) {
        say(&format!("{} {}", text_of(&answer.body["id"]), text_of(&answer.body["state"])));
    }
    Ok(Exit::Done)
}

/// Follows a run. On a terminal a bar is drawn; elsewhere each change is a line.
async fn watch(api: &Api, run: i64) -> Result<Exit, Failure> {
    let path = format!("/api/v1/runs/{run}");
    let bar = ProgressBar::with_draw_target(Some(PLACES), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {percent}% {msg}");
    bar.set_style(style.expect("the template is sound").progress_chars("█▉▊▋▌▍▎▏ "));
    bar.set_prefix(format!("run {run}"));
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut failed_looks, mut before) = (0, String::new());
    loop {
        looks.tick().await;
        let answer = match api.get(&path).await {
            Ok(answer) => answer,
            Err(failure)
                if failure.exit == Exit::Unreachable
                    && failed_looks < FAILED_LOOKS_MAX
                    && !before.is_empty() =>
            {
                failed_looks += 1;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        failed_looks = 0;
        let body = &answer.body;
        let percent = body["progress"]["percent"].as_f64().unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
        bar.set_position((percent.clamp(0.0, 100.0) * 10.0) as u64);
        let state = text_of(&body["state"]);
        let current = body["progress"]["current"]["key"].as_str().unwrap_or_default();
        let line = format!("{state} {} {current}", done(body)).trim_end().to_owned();
        bar.set_message(line.clone());
        let ended = matches!(state.as_str(), "succeeded" | "partial" | "failed" | "cancelled");
        if bar.is_hidden() && line != before && !ended {
            say(&format!("{percent}% {line}"));
        }
        before = line;
        if ended {
            bar.finish_and_clear();
            if !api.printed(&answer) {
                say(&format!("run {run} {before}"));
            }
            return Ok(if state == "succeeded" { Exit::Done } else { Exit::Failed });
        }
    }
}
