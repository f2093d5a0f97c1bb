//! The overview's forms: each does what the API route of the same name does, and leads back to the page.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::id::{RunId, ScheduleId};
use model::run::{RunRequest, Trigger};
use serde::Deserialize;
use serde_json::json;

use super::{overview, run};
use crate::app::{Shared, Site};
use crate::components::run::Verb;
use crate::extract::{Form, Path};
use crate::once::{Keyed, Led, PageKey};
use crate::problem::Problem;
use crate::viewer::Viewer;

/// The overview again, or with what went wrong on top; a form that was sent twice leads to its run.
async fn answered(site: &Site, viewer: Viewer, done: Result<Option<Led>, Problem>) -> Response {
    let place = match done {
        Ok(Some(led @ Led::Again(_))) => led.address(),
        Ok(_) => "/".to_owned(),
        Err(problem) => {
            let page = overview::page(site, &viewer, Some(&problem)).await;
            return (problem.status(), page).into_response();
        }
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// A date range to be synced.
#[derive(Debug, Deserialize)]
pub(crate) struct StartForm {
    sync: String,
    from: String,
    to: String,
    key: Option<PageKey>,
}

/// Asks for a run over a date range.
pub(crate) async fn start(State(site): Shared, viewer: Viewer, Form(form): Form<StartForm>) -> Response {
    let done = start_range(&site, &form).await;
    answered(&site, viewer.again(form.key), done.map(Some)).await
}

async fn start_range(site: &Site, form: &StartForm) -> Result<Led, Problem> {
    let range = site.ranges.iter().find(|range| range.sync.as_str() == form.sync);
    let range = range.ok_or_else(|| Problem::UnknownSync(form.sync.clone()))?;
    let wish = format!("range/{}/{}", form.from, form.to);
    let request = RunRequest {
        sync: range.sync.clone(),
        trigger: Trigger::Manual,
        label: range.label.to_owned(),
        params: json!({ "start_date": form.from, "end_date": form.to }),
        priority: 0,
        reference: None,
        idempotency_key: form.key.as_ref().map(|key| key.for_wish(&wish)).transpose()?,
        tick: None,
        requested_by: None,
    };
    Led::by(site.app.engine.request(request, site.app.engine.now()).await?)
}

/// A verb for a run.
pub(crate) async fn act(
    State(site): Shared,
    viewer: Viewer,
    Path((id, verb)): Path<(i64, Verb)>,
    Form(form): Form<Keyed>,
) -> Response {
    let done = run::ask(&site, RunId(id), verb, form.key.as_ref()).await;
    answered(&site, viewer.again(form.key), done.map(Some)).await
}

/// A schedule's request now.
pub(crate) async fn run_schedule(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(form): Form<Keyed>,
) -> Response {
    let done = run_now(&site, ScheduleId(id), form.key.as_ref()).await;
    answered(&site, viewer.again(form.key), done.map(Some)).await
}

async fn run_now(site: &Site, id: ScheduleId, key: Option<&PageKey>) -> Result<Led, Problem> {
    let key = key.map(|key| key.for_wish(&format!("schedule/{id}"))).transpose()?;
    let made = site.app.engine.run_schedule(id, key, site.app.engine.now()).await?;
    Led::by(made.ok_or(Problem::UnknownSchedule(id))?)
}

/// Up to which run.
#[derive(Debug, Deserialize)]
pub(crate) struct ReadForm {
    up_to: i64,
}

/// Acknowledges ended runs.
pub(crate) async fn mark_read(State(site): Shared, viewer: Viewer, Form(form): Form<ReadForm>) -> Response {
    let engine = &site.app.engine;
    let done = engine.mark_read(None, RunId(form.up_to), engine.now()).await;
    answered(&site, viewer, done.map(|_| None).map_err(Problem::from)).await
}
