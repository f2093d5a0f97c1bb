//! Schedules: when runs are wanted, what became of each time, and a person's changes.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use engine::ScheduleChange;
use jiff::Timestamp;
use model::id::ScheduleId;
use model::schedule::{Schedule, When};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::view::schedule::{ScheduleView, TickView};
use super::{page, runs};
use crate::app::{Shared, Site};
use crate::extract::{Asked, Json, Path};
use crate::problem::{Problem, ProblemBody};

/// All schedules.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SchedulesAnswer {
    /// By name.
    schedules: Vec<ScheduleView>,
}

/// The schedules, with their next times.
#[utoipa::path(get, path = "/api/v1/schedules", tag = "schedules",
    responses((status = 200, body = SchedulesAnswer), (status = "5XX", body = ProblemBody)))]
pub(crate) async fn list(State(site): Shared) -> Result<axum::Json<SchedulesAnswer>, Problem> {
    let schedules = site.app.engine.read().schedules().await?;
    let now = site.app.engine.now();
    let schedules = schedules.into_iter().map(|schedule| view(schedule, now)).collect();
    Ok(axum::Json(SchedulesAnswer { schedules }))
}

/// One schedule, with its next times.
#[utoipa::path(get, path = "/api/v1/schedules/{id}", tag = "schedules",
    params(("id" = i64, Path, description = "Schedule")),
    responses((status = 200, body = ScheduleView), (status = 404, body = ProblemBody)))]
pub(crate) async fn one(
    State(site): Shared,
    Path(id): Path<i64>,
) -> Result<axum::Json<ScheduleView>, Problem> {
    let schedule = find(&site, ScheduleId(id)).await?;
    Ok(axum::Json(view(schedule, site.app.engine.now())))
}

/// A person's change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeWish {
    /// Pause it or let it go on.
    paused: Option<bool>,
    /// Another cron expression: five fields, or six with seconds first.
    #[schema(example = "0 20 * * *")]
    cron: Option<String>,
    /// IANA name of another zone to read it in.
    #[schema(example = "Asia/Shanghai")]
    time_zone: Option<String>,
    /// Other parameters of its requests.
    #[schema(value_type = Option<Object>)]
    params: Option<Value>,
}

/// Changes a schedule. A cron expression or a zone that cannot be read is refused with its explanation, and so is either
/// for a schedule whose rule is no cron expression. One that follows a config of its system is changed there: here it is
/// paused only. What is refused changes nothing.
#[utoipa::path(patch, path = "/api/v1/schedules/{id}", tag = "schedules", request_body = ChangeWish,
    params(("id" = i64, Path, description = "Schedule")),
    responses((status = 200, body = ScheduleView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn change(
    State(site): Shared,
    Path(id): Path<i64>,
    Json(wish): Json<ChangeWish>,
) -> Result<axum::Json<ScheduleView>, Problem> {
    let change = ScheduleChange {
        paused: wish.paused,
        cron: wish.cron,
        time_zone: wish.time_zone,
        params: wish.params,
    };
    let now = site.app.engine.now();
    match site.app.engine.change_schedule(ScheduleId(id), change, now).await? {
        Some(schedule) => Ok(axum::Json(view(schedule, now))),
        None => Err(Problem::UnknownSchedule(ScheduleId(id))),
    }
}

/// Removes a schedule; its runs stay. One that a system comes with is not made again by a start; one that follows a
/// config of its system goes with that, and is refused.
#[utoipa::path(delete, path = "/api/v1/schedules/{id}", tag = "schedules",
    params(("id" = i64, Path, description = "Schedule")),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn remove(State(site): Shared, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    let engine = &site.app.engine;
    if engine.remove_schedule(ScheduleId(id), engine.now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::UnknownSchedule(ScheduleId(id)))
    }
}

/// Makes the schedules again that systems come with and somebody removed; answers with all there are then.
#[utoipa::path(post, path = "/api/v1/schedules/restore", tag = "schedules",
    responses((status = 200, body = SchedulesAnswer), (status = "5XX", body = ProblemBody)))]
pub(crate) async fn restore(State(site): Shared) -> Result<axum::Json<SchedulesAnswer>, Problem> {
    let engine = &site.app.engine;
    engine.restore_schedules(engine.now()).await?;
    list(State(site)).await
}

/// How many times.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct TicksQuery {
    /// Rows, 1 to 500; 50 unless asked.
    limit: Option<u32>,
}

/// What became of a schedule's times.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicksAnswer {
    /// Newest first.
    ticks: Vec<TickView>,
}

/// What became of the newest times of a schedule: each is here, also those that started nothing, with the reason.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/ticks", tag = "schedules",
    params(("id" = i64, Path, description = "Schedule"), TicksQuery),
    responses((status = 200, body = TicksAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn ticks(
    State(site): Shared,
    Path(id): Path<i64>,
    Asked(query): Asked<TicksQuery>,
) -> Result<axum::Json<TicksAnswer>, Problem> {
    let id = ScheduleId(id);
    let ticks = site.app.engine.read().ticks(id, page::limit(query.limit)?).await?;
    if ticks.is_empty() {
        find(&site, id).await?;
    }
    Ok(axum::Json(TicksAnswer { ticks: ticks.into_iter().map(TickView::from).collect() }))
}

/// A run of the schedule's request now, outside its times. With the header `Idempotency-Key`, asking again answers the
/// run made the first time.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/run", tag = "schedules",
    params(("id" = i64, Path, description = "Schedule"),
        ("Idempotency-Key" = Option<String>, Header, description = "At most 200 visible ASCII characters")),
    responses((status = 202, body = super::view::run::RunView),
        (status = 200, body = super::view::run::RunView, description = "The same key made this run before"),
        (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub(crate) async fn run(
    State(site): Shared,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let engine = site.app.engine.once(runs::idempotency_key(&headers)?.as_deref());
    match engine.run_schedule(ScheduleId(id), engine.now()).await? {
        Some(requested) => runs::accepted(&site, requested).await,
        None => Err(Problem::UnknownSchedule(ScheduleId(id))),
    }
}

/// The schedule of that number.
pub(crate) async fn find(site: &Site, id: ScheduleId) -> Result<Schedule, Problem> {
    site.app.engine.read().schedule(id).await?.ok_or(Problem::UnknownSchedule(id))
}

/// Next times shown of a schedule.
pub(crate) const NEXT_SHOWN: usize = 5;

fn view(schedule: Schedule, now: Timestamp) -> ScheduleView {
    let next = next_times(&schedule, now);
    ScheduleView::of(schedule, next)
}

/// From the stored next time on; a rule that cannot be read any more has the stored one only. While it is paused, the
/// times it would have if it went on now.
pub(crate) fn next_times(schedule: &Schedule, now: Timestamp) -> Vec<Timestamp> {
    let spec = &schedule.spec;
    let after = |at: &Timestamp| spec.when.next(*at, &spec.time_zone).ok().flatten();
    let first = match (&spec.when, schedule.paused_at) {
        (When::Cron { .. } | When::Offsets { .. }, Some(_)) => after(&now),
        _ => schedule.next_nominal_at,
    };
    std::iter::successors(first, after).take(NEXT_SHOWN).collect()
}
