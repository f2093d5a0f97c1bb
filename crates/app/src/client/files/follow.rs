//! Following a run of a config to its end. On a terminal a bar is drawn; elsewhere each change is a line.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};

use super::super::{Answer, Api, FAILED_LOOKS_MAX, LOOK_EVERY, moment_of};
use super::{count, size};
use crate::exit::{Exit, Failure};
use crate::screen::say;
use crate::words::{both, worded};

/// Waits for a run's end; the last answer comes back, with the run below `run`. A server that is started again meanwhile
/// is waited for.
async fn follow(api: &Api, run: i64, mut tell: impl FnMut(&Value)) -> Result<Answer, Failure> {
    let path = format!("/api/v1/files/runs/{run}/items?limit=1");
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed_looks = 0;
    loop {
        looks.tick().await;
        let answer = match api.get(&path).await {
            Ok(answer) => answer,
            Err(failure) if failure.exit == Exit::Unreachable && failed_looks < FAILED_LOOKS_MAX => {
                failed_looks += 1;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        failed_looks = 0;
        let summary = &answer.body["run"];
        if matches!(summary["status"].as_str(), Some("succeeded" | "partial" | "failed" | "cancelled")) {
            return Ok(answer);
        }
        tell(summary);
    }
}

/// The same, telling its progress unless answers are printed as they come.
pub(super) async fn watch(api: &Api, run: i64) -> Result<Answer, Failure> {
    let bar = bar(api);
    let mut before = String::new();
    let ended = follow(api, run, |summary| {
        let line = line(summary);
        let progress = &summary["progress"];
        bar.set_length(count(&progress["bytes_total"]).max(1));
        bar.set_position(count(&progress["bytes_done"]));
        bar.set_message(line.clone());
        if bar.is_hidden() && !api.prints_raw() && line != before {
            say(&line);
        }
        before = line;
    })
    .await;
    bar.finish_and_clear();
    ended
}

fn bar(api: &Api) -> ProgressBar {
    let target = if api.prints_raw() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template("{wide_bar} {percent}% {msg}");
    let style = style.expect("the template is sound").progress_chars("█▉▊▋▌▍▎▏ ");
    ProgressBar::with_draw_target(Some(1), target).with_style(style)
}

/// What a run is doing, and how far it has come.
fn line(run: &Value) -> String {
    let doing = match run["status"].as_str().unwrap_or_default() {
        "queued" => return both("queued", "排队中"),
        "paused" => return both("waiting for its turn", "等待中"),
        "waiting" => {
            let (tries, why) = (count(&run["attempt"]), worded(run["error"].as_str().unwrap_or_default()));
            let next = moment_of(&run["next_try_at"]);
            return both(
                format!("try {tries} failed: {why}  next try {next}"),
                format!("第 {tries} 次尝试失败: {why}  下次尝试 {next}"),
            );
        }
        _ => phase(run["progress"]["phase"].as_str().unwrap_or_default()),
    };
    let progress = &run["progress"];
    let [checked, done, total] = ["checked", "files_done", "files_total"].map(|key| count(&progress[key]));
    if checked == 0 {
        return doing;
    }
    let [bytes, speed] = ["bytes_done", "speed_bps"].map(|key| size(count(&progress[key])));
    both(
        format!("{doing}  checked {checked}  copied {done}/{total}  {bytes}  {speed}/s"),
        format!("{doing}  已检查 {checked}  已传输 {done}/{total}  {bytes}  {speed}/s"),
    )
}

fn phase(word: &str) -> String {
    match word {
        "comparing" => both("comparing", "比较中"),
        "transferring" => both("copying", "传输中"),
        "deleting" => both("deleting", "删除中"),
        "finishing" => both("finishing", "收尾"),
        "waiting_lease" => both("waiting for the target", "等待目标目录"),
        _ => both("looking at both trees", "检查目录"),
    }
}
