//! What may be asked of a run.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use engine::{Controlled, StoreError};
use model::id::RunId;
use model::run::Run;

use super::runs;
use super::view::run::RunView;
use crate::app::{Shared, Site};
use crate::extract::Path;
use crate::problem::{Problem, ProblemBody, TasksProblem};

/// Stops it and drops the rest. A run already cancelled answers the same.
#[utoipa::path(post, path = "/api/v1/runs/{id}/cancel", tag = "runs",
    params(("id" = i64, Path, description = "Run")),
    responses((status = 200, body = RunView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub(crate) async fn cancel(State(site): Shared, Path(id): Path<i64>) -> Result<axum::Json<RunView>, Problem> {
    let engine = &site.app.engine;
    controlled(&site, RunId(id), engine.cancel(RunId(id), engine.now()).await).await
}

/// Stops it and keeps the rest until it is resumed.
#[utoipa::path(post, path = "/api/v1/runs/{id}/pause", tag = "runs",
    params(("id" = i64, Path, description = "Run")),
    responses((status = 200, body = RunView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub(crate) async fn pause(State(site): Shared, Path(id): Path<i64>) -> Result<axum::Json<RunView>, Problem> {
    let engine = &site.app.engine;
    controlled(&site, RunId(id), engine.pause(RunId(id), engine.now()).await).await
}

/// Lets a paused run go on, when its lease is free.
#[utoipa::path(post, path = "/api/v1/runs/{id}/resume", tag = "runs",
    params(("id" = i64, Path, description = "Run")),
    responses((status = 200, body = RunView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub(crate) async fn resume(State(site): Shared, Path(id): Path<i64>) -> Result<axum::Json<RunView>, Problem> {
    let engine = &site.app.engine;
    controlled(&site, RunId(id), engine.resume(RunId(id), engine.now()).await).await
}

/// A new run of the failed, quarantined and cancelled partitions of an ended run. With the header `Idempotency-Key`,
/// asking again answers the run made the first time.
#[utoipa::path(post, path = "/api/v1/runs/{id}/retry", tag = "runs",
    params(("id" = i64, Path, description = "Run"),
        ("Idempotency-Key" = Option<String>, Header, description = "At most 200 visible ASCII characters")),
    responses((status = 202, body = RunView),
        (status = 200, body = RunView, description = "The same key made this run before"),
        (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub(crate) async fn retry(
    State(site): Shared,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let engine = site.app.engine.once(runs::idempotency_key(&headers)?.as_deref());
    match engine.retry(RunId(id), engine.now()).await? {
        Some(requested) => runs::accepted(&site, requested).await,
        None => Err(not_retried(&site, RunId(id)).await?),
    }
}

/// Why the engine made no retry: no such run, not ended, or nothing in it failed.
pub(crate) async fn not_retried(site: &Site, id: RunId) -> Result<Problem, Problem> {
    let run = runs::find(site, id).await?;
    if run.state.is_end() {
        return Ok(Problem::NothingFailed(id, run.state));
    }
    Ok(Problem::State(id, run.state))
}

/// What a control verb found, as an answer.
pub(crate) async fn controlled(
    site: &Site,
    id: RunId,
    found: Result<Controlled, StoreError>,
) -> Result<axum::Json<RunView>, Problem> {
    match found? {
        Controlled::Done(run) | Controlled::Unchanged(run) => {
            Ok(axum::Json(RunView::of(run, None, site.app.engine.now())))
        }
        Controlled::Refused(run) => Err(Problem::State(run.id, run.state)),
        Controlled::Busy(run) => Err(busy(site, &run).await),
        Controlled::Unknown => Err(Problem::UnknownRun(id)),
    }
}

/// Another run holds the lease. Of the tasks system this is said with its documented code and words.
pub(crate) async fn busy(site: &Site, run: &Run) -> Problem {
    match &site.app.tasks {
        Some(tasks) if run.sync.as_str().starts_with("tasks.") => match tasks.busy(run).await {
            Ok(way) => TasksProblem::Locked(way.words()).into(),
            Err(error) => error.into(),
        },
        _ => Problem::Busy(run.id),
    }
}
