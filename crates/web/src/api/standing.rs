//! Is it alive, is it ready, what is it, and its numbers.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::RunFilter;
use jiff::{SignedDuration, Timestamp};
use model::limits;
use model::state::RunState;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{Shared, Site};
use crate::metrics::Standing;
use crate::problem::{Problem, ProblemBody};

/// A database that answers later than this is not ready.
const READY_TIME_MAX: Duration = Duration::from_secs(2);

/// Loops reach the store every second; one that has not for this long is stuck.
const POLL_AGE_MAX: SignedDuration = SignedDuration::from_secs(60);

/// Active runs that are counted for the numbers; more are shown as this many.
const ACTIVE_COUNTED_MAX: u32 = 10_000;

/// The process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthAnswer {
    /// Always `ok`.
    status: &'static str,
}

/// Answers as long as the process does; asks no database.
#[utoipa::path(get, path = "/api/v1/health", tag = "server", responses((status = 200, body = HealthAnswer)))]
pub(crate) async fn health() -> axum::Json<HealthAnswer> {
    axum::Json(HealthAnswer { status: "ok" })
}

/// What readiness found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyAnswer {
    /// Always `ready`; a server that is not answers a problem.
    status: &'static str,
    /// When this process last looked at the queue; null when it does not (role `api` alone).
    #[schema(value_type = Option<String>, format = DateTime)]
    last_poll_at: Option<Timestamp>,
}

/// Ready when the state database answers within two seconds and this process's loops reach it.
#[utoipa::path(get, path = "/api/v1/ready", tag = "server",
    responses((status = 200, body = ReadyAnswer), (status = 503, body = ProblemBody)))]
pub(crate) async fn ready(State(site): Shared) -> Result<axum::Json<ReadyAnswer>, Problem> {
    ping(&site).await?;
    let last_poll_at = site.app.engine.last_poll();
    let age = last_poll_at.map_or(SignedDuration::ZERO, |at| site.app.engine.now().duration_since(at));
    if age > POLL_AGE_MAX {
        return Err(Problem::Stalled(age.as_secs()));
    }
    Ok(axum::Json(ReadyAnswer { status: "ready", last_poll_at }))
}

/// The database answers in time.
pub(crate) async fn ping(site: &Site) -> Result<(), Problem> {
    match tokio::time::timeout(READY_TIME_MAX, site.app.engine.read().ping()).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Problem::Unavailable("state store: no answer within two seconds".to_owned())),
    }
}

/// What runs here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionAnswer {
    /// Always `syncline`.
    name: &'static str,
    /// The package's version.
    version: &'static str,
    /// The commit it was built from, when known.
    commit: Option<&'static str>,
}

/// What runs here.
#[utoipa::path(get, path = "/api/v1/version", tag = "server", responses((status = 200, body = VersionAnswer)))]
pub(crate) async fn version(State(site): Shared) -> axum::Json<VersionAnswer> {
    let version = &site.app.version;
    axum::Json(VersionAnswer { name: "syncline", version: version.version, commit: version.commit })
}

/// The program's numbers, in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, body = String, content_type = "text/plain; version=0.0.4")))]
pub(crate) async fn metrics(State(site): Shared) -> Response {
    let standing = standing(&site).await;
    if let Err(problem) = &standing {
        tracing::warn!("the state could not be read for /metrics: {problem:?}");
    }
    let text = site.app.metrics.text(standing.as_ref().ok());
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
        .into_response()
}

async fn standing(site: &Site) -> Result<Standing, Problem> {
    let read = site.app.engine.read();
    let now = site.app.engine.now();
    let states: Vec<RunState> = RunState::ALL.iter().copied().filter(|state| !state.is_end()).collect();
    let filter = RunFilter { states: states.clone(), limit: ACTIVE_COUNTED_MAX, ..Default::default() };
    let (active, unread, (due, _)) = tokio::try_join!(
        read.runs(&filter),
        read.unread(None),
        read.due_schedules(limits::REAP_BATCH_MAX, now)
    )?;
    let count = |state| active.iter().filter(|run| run.state == state).count();
    let late = due.iter().filter_map(|schedule| schedule.next_nominal_at).min();
    Ok(Standing {
        runs: states.into_iter().map(|state| (state, count(state))).collect(),
        unread,
        schedule_overdue_seconds: late.map_or(0.0, |at| now.duration_since(at).as_secs_f64().max(0.0)),
    })
}
