//! What became of a run, by its public name, as documented.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use engine::{Reader, StoreError};
use jiff::Timestamp;
use model::file::FileMode;
use model::file::run::{FileItemStatus, FilePhase, FileRun, FileRunKind};
use model::state::RunState;
use serde::Serialize;
use serde_json::{Value, json};
use store::FileItemFilter;

use super::answer::{Trouble, ok};
use super::{Answer, Desk};
use crate::files::labels;
use crate::files::sync::Batch;

/// Paths of failed items named in a traceback.
const NAMED: i64 = 20;

/// Exactly these keys.
#[derive(Serialize)]
struct TaskResult {
    task_id: String,
    status: &'static str,
    ready: bool,
    successful: Option<bool>,
    failed: Option<bool>,
    result: Value,
    traceback: Option<String>,
}

pub(super) async fn task(State(desk): State<Desk>, Path(task): Path<String>, headers: HeaderMap) -> Answer {
    found(&desk, task).await.map_err(|error| Trouble::of(&headers, error.into()))
}

async fn found(desk: &Desk, task_id: String) -> Result<Response, StoreError> {
    let read = desk.files.store.read();
    let Some(kept) = read.file_run_of_task(&task_id).await? else {
        return Ok(ok(&TaskResult::waits(task_id, "PENDING")));
    };
    let status = status(&kept);
    let result = match status {
        "SUCCESS" | "FAILURE" | "REVOKED" if kept.params.kind == FileRunKind::Batch => {
            of_batch(&read, &kept, desk.now()).await?
        }
        "SUCCESS" | "FAILURE" | "REVOKED" => of_run(&kept, desk.now()),
        _ => return Ok(ok(&TaskResult::waits(task_id, status))),
    };
    let traceback = match status {
        "FAILURE" => Some(traceback(&read, &kept).await?),
        _ => None,
    };
    let successful = status == "SUCCESS";
    Ok(ok(&TaskResult {
        task_id,
        status,
        ready: true,
        successful: Some(successful),
        failed: Some(status == "FAILURE"),
        result,
        traceback,
    }))
}

impl TaskResult {
    fn waits(task_id: String, status: &'static str) -> Self {
        let (successful, failed, traceback) = (None, None, None);
        Self { task_id, status, ready: false, successful, failed, result: Value::Null, traceback }
    }
}

/// The documented word for how a run stands.
fn status(kept: &FileRun) -> &'static str {
    let begun = match kept.params.kind {
        FileRunKind::Batch => kept.run.started_at.is_some(),
        FileRunKind::Sync => kept.begun_at.is_some() && kept.phase != Some(FilePhase::WaitingLease),
    };
    match kept.run.state {
        RunState::Queued => "PENDING",
        RunState::Running | RunState::Paused => {
            if begun {
                "STARTED"
            } else {
                "PENDING"
            }
        }
        RunState::Waiting => "RETRY",
        RunState::Succeeded => "SUCCESS",
        RunState::Cancelled => "REVOKED",
        RunState::Failed | RunState::Partial if expired(kept) => "REVOKED",
        RunState::Failed | RunState::Partial => "FAILURE",
    }
}

fn expired(kept: &FileRun) -> bool {
    kept.error_type.as_deref() == Some("expired")
}

/// The object of one config's run that has ended.
fn of_run(kept: &FileRun, now: Timestamp) -> Value {
    let config = kept.params.config;
    let elapsed = elapsed(kept, now);
    let code = kept.error_type.as_deref().unwrap_or("internal");
    match status(kept) {
        "SUCCESS" => json!({
            "success": true, "config_id": config, "message": "同步任务执行成功", "stats": stats(kept),
            "elapsed_time": elapsed,
        }),
        "REVOKED" => json!({
            "success": false, "config_id": config, "message": "同步任务已取消",
            "error": if expired(kept) { "expired" } else { "cancelled" }, "elapsed_time": elapsed,
        }),
        _ if known(code) => json!({
            "success": false, "config_id": config, "message": "同步任务执行失败",
            "error": kept.error, "elapsed_time": elapsed, "error_type": code, "stats": stats(kept),
        }),
        _ => json!({
            "success": false, "config_id": config, "message": "同步任务执行异常", "error": "内部错误",
            "elapsed_time": 0, "error_type": "internal", "stats": stats(kept),
        }),
    }
}

/// Whether a fault is one of the documented kinds.
fn known(code: &str) -> bool {
    const KNOWN: [&str; 11] = [
        "items_failed",
        "source_listing",
        "target_listing",
        "unreachable",
        "no_space",
        "auth",
        "source_missing",
        "target_missing",
        "empty_source",
        "guard",
        "config",
    ];
    KNOWN.contains(&code)
}

/// The documented keys of what was counted; the rest comes after them.
fn stats(kept: &FileRun) -> Value {
    let stats = &kept.stats;
    let mode = kept.mode.unwrap_or(FileMode::Incremental);
    json!({
        "added_success": stats.added_success, "added_fail": stats.added_fail,
        "deleted_success": stats.deleted_success, "deleted_fail": stats.deleted_fail,
        "to_add_total": stats.to_add_total, "to_delete_total": stats.to_delete_total,
        "source_list_num": stats.source_list_num, "target_list_num": stats.target_list_num,
        "sync_method": mode.as_str(), "recursion_speed": 0,
        "updated_success": stats.updated_success, "updated_fail": stats.updated_fail,
        "unchanged": stats.unchanged, "skipped": stats.skipped, "bytes": stats.bytes,
        "dirs_created": stats.dirs_created, "dirs_deleted": stats.dirs_deleted, "attempts": kept.attempt,
    })
}

/// Seconds from a run's begin to its end, to the hundredth.
fn elapsed(kept: &FileRun, now: Timestamp) -> f64 {
    let ended = kept.run.ended_at.unwrap_or(now);
    let seconds = kept.run.started_at.map_or(0.0, |begun| ended.duration_since(begun).as_secs_f64());
    (seconds * 100.0).round() / 100.0
}

/// The object of a batch that has ended: all its runs, by config.
async fn of_batch(read: &Reader, kept: &FileRun, now: Timestamp) -> Result<Value, StoreError> {
    if status(kept) != "SUCCESS" {
        let error = if kept.run.state == RunState::Cancelled { "cancelled" } else { "内部错误" };
        return Ok(json!({
            "success": false, "message": "批量同步任务执行异常", "error": error, "total_configs": 0, "results": [],
        }));
    }
    let mut results: Vec<(i64, Value)> = Vec::new();
    for child in read.file_runs_of_batch(kept.run.id).await? {
        results.push((child.params.config.unwrap_or_default(), of_run(&child, now)));
    }
    for (config, error) in refused(read, kept).await? {
        results.push((
            config,
            json!({"success": false, "config_id": config, "message": "任务调用失败", "error": error}),
        ));
    }
    results.sort_by_key(|(config, _)| *config);
    let (all, good) = (results.len(), results.iter().filter(|(_, result)| result["success"] == true).count());
    if all == 0 {
        return Ok(json!({
            "success": true, "message": "没有启用的同步配置", "total_configs": 0, "results": [],
        }));
    }
    Ok(json!({
        "success": true, "message": labels::batch_done(good, all), "total_configs": all,
        "success_count": good, "failed_count": all - good,
        "results": results.into_iter().map(|(_, result)| result).collect::<Vec<_>>(),
    }))
}

/// Configs of a batch that no run could be asked for, and why.
async fn refused(read: &Reader, kept: &FileRun) -> Result<Vec<(i64, String)>, StoreError> {
    let filter = engine::PartitionFilter { limit: 1, ..engine::PartitionFilter::default() };
    let partitions = read.partitions(kept.run.id, &filter).await?;
    let checkpoint = partitions.into_iter().next().and_then(|partition| partition.checkpoint);
    let batch: Option<Batch> = checkpoint.and_then(|kept| serde_json::from_value(kept).ok());
    Ok(batch.unwrap_or_default().refused)
}

/// What failed, where, and up to twenty items that did.
async fn traceback(read: &Reader, kept: &FileRun) -> Result<String, StoreError> {
    let code = kept.error_type.as_deref().filter(|code| known(code)).unwrap_or("internal");
    let message = match code {
        "internal" => "内部错误",
        _ => kept.error.as_deref().unwrap_or_default(),
    };
    let mut lines = vec![format!("{code}: {message}")];
    if let Some(phase) = kept.phase {
        lines.push(format!("步骤: {}", labels::phase(phase)));
    }
    let failed = FileItemFilter { status: Some(FileItemStatus::Failed), op: None };
    for (_, item) in read.file_items(kept.run.id, failed, 0, NAMED).await? {
        lines.push(format!("{} {}: {}", item.op, item.to, item.error.unwrap_or_default()));
    }
    Ok(lines.join("\n"))
}
