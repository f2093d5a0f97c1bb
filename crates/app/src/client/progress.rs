//! Progress of a batch of stocks, as the documented routes answer it.

use serde::Deserialize;
use tokio::time::{MissedTickBehavior, interval};
use web::i18n::Language;

use super::{Api, FAILED_LOOKS_MAX, LOOK_EVERY, segment};
use crate::exit::{Exit, Failure};
use crate::words::worded_of;

/// What is shown of PROGRESS.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Progress {
    pub(crate) status: String,
    pub(crate) total: i64,
    pub(crate) current: i64,
    pub(crate) success: i64,
    pub(crate) failed: i64,
    pub(crate) skipped: i64,
    pub(crate) current_date: String,
    pub(crate) message: String,
    pub(crate) progress_percent: f64,
    pub(crate) start_date: String,
    pub(crate) end_date: String,
    pub(crate) estimated_completion: Option<String>,
    pub(crate) errors: Vec<DayError>,
}

/// A failed day.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct DayError {
    pub(crate) date: String,
    pub(crate) error: String,
}

impl Progress {
    /// `[3/9] 2025-09-24 27.4% 成功1 失败1 跳过0`: the day in work, then what is finished.
    pub(crate) fn line(&self, language: Language) -> String {
        let Self { total, current, success, failed, skipped, current_date, progress_percent, .. } = self;
        let day = (current + i64::from(self.is_under_way())).min(*total);
        let percent = progress_percent.to_string();
        let counts = match language {
            Language::English => format!("succeeded {success}, failed {failed}, skipped {skipped}"),
            Language::Chinese => format!("成功{success} 失败{failed} 跳过{skipped}"),
        };
        format!("[{day}/{total}] {current_date} {percent}% {counts}")
    }

    fn is_under_way(&self) -> bool {
        matches!(self.status.as_str(), "running" | "paused")
    }

    /// How a batch that ended went; `None` while it goes on.
    pub(crate) fn exit(&self) -> Option<Exit> {
        match self.status.as_str() {
            "completed" if self.failed == 0 => Some(Exit::Done),
            "completed" | "failed" | "cancelled" => Some(Exit::Failed),
            _ => None,
        }
    }
}

/// Follows a batch to its end, telling each change; the last progress comes back. A server that is started again
/// meanwhile is waited for.
pub(crate) async fn follow(
    api: &Api,
    task: &str,
    mut tell: impl FnMut(&Progress),
) -> Result<(Progress, Exit), Failure> {
    let path = format!("/api/v1/sync-status/sync/batch/progress/{}", segment(task));
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed_looks = 0;
    let mut before = None;
    loop {
        looks.tick().await;
        let answer = match api.get(&path).await {
            Ok(answer) => answer,
            Err(_) if failed_looks < FAILED_LOOKS_MAX => {
                failed_looks += 1;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        failed_looks = 0;
        if answer.body["status"] != "success" {
            let message = worded_of(&answer.body["message"]);
            return Err(Failure::new(Exit::Failed, message));
        }
        let progress: Progress = serde_json::from_value(answer.body["data"].clone())
            .map_err(|error| Failure::new(Exit::Failed, format!("progress was not understood: {error}")))?;
        if before.as_ref() != Some(&progress) {
            tell(&progress);
        }
        if let Some(exit) = progress.exit() {
            return Ok((progress, exit));
        }
        before = Some(progress);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_the_day_in_work_until_the_end() {
        let running = Progress {
            status: "running".into(),
            total: 9,
            current: 2,
            success: 1,
            failed: 1,
            current_date: "2025-09-24".into(),
            progress_percent: 27.4,
            ..Progress::default()
        };
        assert_eq!(running.line(Language::Chinese), "[3/9] 2025-09-24 27.4% 成功1 失败1 跳过0");
        let done = Progress { status: "completed".into(), current: 9, progress_percent: 100.0, ..running };
        assert_eq!(done.line(Language::English), "[9/9] 2025-09-24 100% succeeded 1, failed 1, skipped 0");
        assert_eq!(done.exit(), Some(Exit::Failed));
    }
}
