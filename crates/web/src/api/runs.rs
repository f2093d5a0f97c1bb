//! Runs: the queue, the history, and asking for one.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{PartitionFilter, Requested, RunFilter};
use jiff::Timestamp;
use model::id::RunId;
use model::run::{Run, RunRequest, Trigger};
use model::state::{PartitionState, RunState};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::view::partition::{LogLineView, PartitionView};
use super::view::run::RunView;
use super::view::words::{PartitionStateWord, RunStateWord, TriggerWord};
use super::{page, verbs};
use crate::app::{Shared, Site};
use crate::extract::{Asked, Json, Path};
use crate::problem::{Problem, ProblemBody};

/// The longest idempotency key: a UUID with room to spare.
const IDEMPOTENCY_KEY_MAX: usize = 200;

/// Which runs.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// Of one system.
    system: Option<String>,
    /// Of one sync.
    sync: Option<String>,
    /// In one of these states, separated by commas.
    #[param(value_type = Option<RunStateWord>)]
    state: Option<String>,
    /// Asked for by one of these, separated by commas.
    #[param(value_type = Option<TriggerWord>)]
    trigger: Option<String>,
    /// Accepted at or after.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Accepted before.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500; 50 unless asked.
    limit: Option<u32>,
}

/// A page of runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunsPage {
    /// Newest first.
    runs: Vec<RunView>,
    /// Cursor of the next page; null on the last one.
    next: Option<String>,
}

/// Runs, newest first.
#[utoipa::path(get, path = "/api/v1/runs", tag = "runs", params(RunsQuery),
    responses((status = 200, body = RunsPage), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(site): Shared,
    Asked(query): Asked<RunsQuery>,
) -> Result<axum::Json<RunsPage>, Problem> {
    let limit = page::limit(query.limit)?;
    let filter = RunFilter {
        system: query.system,
        sync: query.sync.as_deref().map(page::sync).transpose()?,
        states: page::words("state", query.state.as_deref(), RunState::ALL, RunState::from_word)?,
        triggers: page::words("trigger", query.trigger.as_deref(), Trigger::ALL, Trigger::from_word)?,
        since: query.since,
        until: query.until,
        before: page::cursor(query.cursor.as_deref())?.map(RunId),
        limit: limit + 1,
    };
    let mut runs = site.app.engine.read().runs(&filter).await?;
    let more = runs.len() > limit as usize;
    runs.truncate(limit as usize);
    let next = if more { runs.last().map(|run| run.id.to_string()) } else { None };
    let now = site.app.engine.now();
    let runs = runs.into_iter().map(|run| RunView::of(run, None, now)).collect();
    Ok(axum::Json(RunsPage { runs, next }))
}

/// A wish for a run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunWish {
    /// Which sync.
    #[schema(example = "stocks.daily")]
    sync: String,
    /// What to sync, in the system's own shape.
    #[serde(default)]
    #[schema(value_type = Object)]
    params: Value,
    /// The system's word for the kind of request; `manual` unless said.
    label: Option<String>,
    /// Higher goes first; 0 is ordinary.
    #[serde(default)]
    priority: i16,
    /// Who asks, for the record.
    requested_by: Option<String>,
}

/// Asks for a run. With the header `Idempotency-Key`, asking again answers the run made the first time.
#[utoipa::path(post, path = "/api/v1/runs", tag = "runs", request_body = RunWish,
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 200 visible ASCII characters")),
    responses((status = 202, body = RunView, description = "Accepted; `Location` names it"),
        (status = 200, body = RunView, description = "The same key made this run before"),
        (status = 409, body = ProblemBody, description = "Another run holds the lease, or nothing to do"),
        (status = "4XX", body = ProblemBody)))]
pub(crate) async fn request(
    State(site): Shared,
    headers: HeaderMap,
    Json(wish): Json<RunWish>,
) -> Result<Response, Problem> {
    let request = RunRequest {
        sync: page::sync(&wish.sync)?,
        trigger: Trigger::Manual,
        label: wish.label.unwrap_or_else(|| "manual".to_owned()),
        params: wish.params,
        priority: wish.priority,
        reference: None,
        idempotency_key: idempotency_key(&headers)?,
        tick: None,
        requested_by: wish.requested_by,
    };
    let now = site.app.engine.now();
    accepted(&site, site.app.engine.request(request, now).await?).await
}

/// What became of a request, as an answer.
pub(crate) async fn accepted(site: &Site, requested: Requested) -> Result<Response, Problem> {
    let (status, run) = match requested {
        Requested::Started(run) | Requested::Buffered(run) => (StatusCode::ACCEPTED, run),
        Requested::Known(run) => (StatusCode::OK, run),
        Requested::Busy(run) => return Err(verbs::busy(site, &run).await),
    };
    let location = HeaderValue::try_from(format!("/api/v1/runs/{}", run.id)).expect("a number is a header");
    let view = RunView::of(run, None, site.app.engine.now());
    Ok((status, [(header::LOCATION, location)], axum::Json(view)).into_response())
}

/// The key of the header `Idempotency-Key`.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_MAX => Ok(Some(key.to_owned())),
        _ => Err(Problem::Parameter(format!(
            "Idempotency-Key: 1 to {IDEMPOTENCY_KEY_MAX} visible ASCII characters are allowed"
        ))),
    }
}

/// Up to which run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadWish {
    /// Ended runs with a number up to this one.
    up_to: i64,
    /// Of one system only.
    system: Option<String>,
}

/// How many were acknowledged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadAnswer {
    /// Runs acknowledged by this call.
    marked: u64,
    /// Ended runs nobody acknowledged, still.
    unread: i64,
}

/// Acknowledges ended runs.
#[utoipa::path(post, path = "/api/v1/runs/mark-read", tag = "runs", request_body = ReadWish,
    responses((status = 200, body = ReadAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn mark_read(
    State(site): Shared,
    Json(wish): Json<ReadWish>,
) -> Result<axum::Json<ReadAnswer>, Problem> {
    let engine = &site.app.engine;
    let marked = engine.mark_read(wish.system.as_deref(), RunId(wish.up_to), engine.now()).await?;
    let unread = engine.read().unread(wish.system.as_deref()).await?;
    Ok(axum::Json(ReadAnswer { marked, unread }))
}

/// One run, with the partition now being done.
#[utoipa::path(get, path = "/api/v1/runs/{id}", tag = "runs", params(("id" = i64, Path, description = "Run")),
    responses((status = 200, body = RunView), (status = 404, body = ProblemBody)))]
pub(crate) async fn one(State(site): Shared, Path(id): Path<i64>) -> Result<axum::Json<RunView>, Problem> {
    let run = find(&site, RunId(id)).await?;
    let read = site.app.engine.read();
    let current = read.current_partition(run.id).await?;
    let next_try = match run.state {
        RunState::Waiting => read.next_try(run.id).await?,
        _ => None,
    };
    Ok(axum::Json(RunView::of(run, current.as_ref(), site.app.engine.now()).waiting_for(next_try)))
}

/// A run that exists.
pub(crate) async fn find(site: &Site, id: RunId) -> Result<Run, Problem> {
    site.app.engine.read().run(id).await?.ok_or(Problem::UnknownRun(id))
}

/// Which partitions.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartitionsQuery {
    /// In one of these states, separated by commas.
    #[param(value_type = Option<PartitionStateWord>)]
    state: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500; 50 unless asked.
    limit: Option<u32>,
}

/// A page of partitions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartitionsPage {
    /// In plan order.
    partitions: Vec<PartitionView>,
    /// Cursor of the next page; null on the last one.
    next: Option<String>,
}

/// Partitions of a run, in plan order.
#[utoipa::path(get, path = "/api/v1/runs/{id}/partitions", tag = "runs",
    params(("id" = i64, Path, description = "Run"), PartitionsQuery),
    responses((status = 200, body = PartitionsPage), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn partitions(
    State(site): Shared,
    Path(id): Path<i64>,
    Asked(query): Asked<PartitionsQuery>,
) -> Result<axum::Json<PartitionsPage>, Problem> {
    let limit = page::limit(query.limit)?;
    let states =
        page::words("state", query.state.as_deref(), PartitionState::ALL, PartitionState::from_word)?;
    let filter = PartitionFilter { states, after: page::cursor(query.cursor.as_deref())?, limit: limit + 1 };
    let mut rows = site.app.engine.read().partitions(RunId(id), &filter).await?;
    if rows.is_empty() {
        find(&site, RunId(id)).await?;
    }
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = if more { rows.last().map(|row| row.ordinal.to_string()) } else { None };
    Ok(axum::Json(PartitionsPage { partitions: rows.into_iter().map(PartitionView::from).collect(), next }))
}

/// Which lines.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogQuery {
    /// Lines with ids above this one; `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500; 50 unless asked.
    limit: Option<u32>,
}

/// A page of a run's log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogPage {
    /// Oldest first.
    lines: Vec<LogLineView>,
    /// Where to go on, also at the end: more lines may come.
    next: Option<String>,
}

/// The log of a run.
#[utoipa::path(get, path = "/api/v1/runs/{id}/log", tag = "runs",
    params(("id" = i64, Path, description = "Run"), LogQuery),
    responses((status = 200, body = LogPage), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn log(
    State(site): Shared,
    Path(id): Path<i64>,
    Asked(query): Asked<LogQuery>,
) -> Result<axum::Json<LogPage>, Problem> {
    let after: i64 = page::cursor(query.cursor.as_deref())?.unwrap_or(0);
    let lines = site.app.engine.read().log(RunId(id), after, page::limit(query.limit)?).await?;
    if lines.is_empty() {
        find(&site, RunId(id)).await?;
    }
    let next = lines.last().map(|line| line.id.to_string()).or(query.cursor);
    Ok(axum::Json(LogPage { lines: lines.into_iter().map(LogLineView::from).collect(), next }))
}
