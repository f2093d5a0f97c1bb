//! The documented routes `/api/v1/task/scheduler`: request and response types, mapping, nothing else.

mod answer;
mod cron;
mod result;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{MethodRouter, any, delete, get, post};
use engine::Engine;
use jiff::Timestamp;
use model::file::SCHEDULE_PREFIX;
use model::file::run::FileAsked;
use serde::Serialize;
use serde_json::json;

use super::{Files, labels};
pub use answer::contract_refusal;
use answer::{Trouble, Why, ok};

const PREFIX: &str = "/api/v1/task/scheduler";

/// What every route has at hand.
#[derive(Clone)]
struct Desk {
    engine: Engine,
    files: Arc<Files>,
}

impl Desk {
    fn now(&self) -> Timestamp {
        self.engine.now()
    }
}

type Answer = Result<Response, Trouble>;

/// The routes, with their own answers for unknown paths and wrong methods under their prefix.
pub fn contract_routes(engine: Engine, files: Arc<Files>) -> Router {
    let routes: [(&str, MethodRouter<Desk>, &'static str); 7] = [
        ("/refresh-tasks", post(refresh), "POST"),
        ("/task-status", get(status), "GET"),
        ("/validate-cron", post(cron::validate), "POST"),
        ("/execute-sync/{config}", post(execute), "POST"),
        ("/execute-all-enabled", post(execute_all), "POST"),
        ("/task-result/{task}", get(result::task), "GET"),
        ("/clear-tasks", delete(clear), "DELETE"),
    ];
    let mut router = Router::new().fallback(answer::no_route);
    for (path, methods, allowed) in routes {
        router = router.route(
            path,
            methods.fallback(move |headers| async move { answer::wrong_method(&headers, allowed) }),
        );
    }
    // A nested fallback answers everything below the prefix and the prefix itself, but not the prefix and a slash.
    Router::new()
        .nest(PREFIX, router.with_state(Desk { engine, files }))
        .route(&format!("{PREFIX}/"), any(answer::no_route))
}

/// All configs read again.
#[derive(Serialize)]
struct Refreshed {
    success: bool,
    message: String,
    total_configs: usize,
    added_count: usize,
    skipped_count: usize,
    error_count: usize,
    active_tasks: Vec<i64>,
}

async fn refresh(State(desk): State<Desk>) -> Response {
    match desk.files.refresh(desk.now()).await {
        Ok(done) => ok(&Refreshed {
            success: true,
            message: labels::refreshed(done.scheduled.len(), done.skipped, done.wrong),
            total_configs: done.total,
            added_count: done.scheduled.len(),
            skipped_count: done.skipped,
            error_count: done.wrong,
            active_tasks: done.scheduled,
        }),
        Err(error) => {
            tracing::error!(target: labels::TARGET, "schedules could not be refreshed: {error}");
            let message = format!("从数据库同步任务失败: {}", labels::UNREACHED);
            ok(&json!({"success": false, "message": message, "error": labels::UNREACHED}))
        }
    }
}

/// What is scheduled.
#[derive(Serialize)]
struct Status {
    total_scheduled_tasks: usize,
    scheduled_config_ids: Vec<i64>,
    task_names: Vec<String>,
    beat_schedule_count: usize,
}

async fn status(State(desk): State<Desk>, headers: HeaderMap) -> Answer {
    let scheduled = desk.files.scheduled(desk.now()).await;
    let scheduled = scheduled.map_err(|error| Trouble::of(&headers, error.into()))?;
    Ok(ok(&Status {
        total_scheduled_tasks: scheduled.len(),
        task_names: scheduled.iter().map(|id| format!("{SCHEDULE_PREFIX}{id}")).collect(),
        beat_schedule_count: scheduled.len(),
        scheduled_config_ids: scheduled,
    }))
}

/// A run was asked for.
#[derive(Serialize)]
struct Submitted {
    message: &'static str,
    task_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    config_id: Option<i64>,
    status: &'static str,
}

async fn execute(State(desk): State<Desk>, Path(config): Path<String>, headers: HeaderMap) -> Answer {
    let refused = |why: Why| Trouble::of(&headers, why);
    let id = number(&config).map_err(refused)?;
    let started = desk.files.execute(&desk.engine, id, FileAsked::default()).await;
    let started = started.map_err(|error| refused(error.into()))?;
    Ok(ok(&Submitted {
        message: "同步任务已提交执行",
        task_id: started.task_id,
        config_id: Some(id),
        status: "submitted",
    }))
}

/// A whole number, however long; one that no config can have is of a config that is not there.
fn number(text: &str) -> Result<i64, Why> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Why::NoNumber(text.to_owned()));
    }
    text.parse().ok().filter(|id| *id > 0).ok_or_else(|| Why::Unknown(text.to_owned()))
}

async fn execute_all(State(desk): State<Desk>, headers: HeaderMap) -> Answer {
    let started = desk.files.execute_all(&desk.engine).await;
    let started = started.map_err(|error| Trouble::of(&headers, error.into()))?;
    Ok(ok(&Submitted {
        message: "批量同步任务已提交执行",
        task_id: started.task_id,
        config_id: None,
        status: "submitted",
    }))
}

async fn clear(State(desk): State<Desk>, headers: HeaderMap) -> Answer {
    let cleared = desk.files.clear(desk.now()).await;
    cleared.map_err(|error| Trouble::of(&headers, error.into()))?;
    Ok(ok(&json!({"message": "所有定时任务已清空", "status": "cleared"})))
}
