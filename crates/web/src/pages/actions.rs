//! The console's forms: each does what the API route of the same name does, and leads back to the page.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use model::id::{RunId, ScheduleId};
use model::run::{RunRequest, Trigger};
use serde::Deserialize;
use serde_json::json;

use super::{overview, run, schedules};
use crate::app::{Shared, Site};
use crate::components::run::Verb;
use crate::extract::{Button, Form, Path};
use crate::once::{Led, Once};
use crate::problem::Problem;
use crate::viewer::Viewer;

/// The overview again, with what went wrong on top; or the run there is already.
async fn answered(site: &Site, viewer: &Viewer, done: Result<Led, Problem>) -> Response {
    let place = match done {
        Ok(Led::To(_)) => "/".to_owned(),
        Ok(Led::Known(run)) => format!("/runs/{run}"),
        Err(problem) => {
            let page = overview::page(site, viewer, Some(&problem)).await;
            return (problem.status(), page).into_response();
        }
    };
    Redirect::to(&place).into_response()
}

/// A date range to be synced.
#[derive(Debug, Deserialize)]
pub(crate) struct StartForm {
    sync: String,
    from: String,
    to: String,
}

/// Asks for a run over a date range.
pub(crate) async fn start(
    State(site): Shared,
    viewer: Viewer,
    Form(form, once): Form<StartForm>,
) -> Response {
    let done = start_range(&site, &form, &once).await;
    answered(&site, &viewer, done).await
}

async fn start_range(site: &Site, form: &StartForm, once: &Once) -> Result<Led, Problem> {
    let range = site.ranges.iter().find(|range| range.sync.as_str() == form.sync);
    let range = range.ok_or_else(|| Problem::UnknownSync(form.sync.clone()))?;
    let request = RunRequest {
        sync: range.sync.clone(),
        trigger: Trigger::Manual,
        label: range.label.to_owned(),
        params: json!({ "start_date": form.from, "end_date": form.to }),
        priority: 0,
        reference: None,
        idempotency_key: None,
        tick: None,
        requested_by: None,
    };
    let engine = site.app.engine.once(once.key());
    Led::by(engine.request(request, engine.now()).await?)
}

/// Cancels, pauses, resumes or retries a run.
pub(crate) async fn act(
    State(site): Shared,
    viewer: Viewer,
    Path((id, verb)): Path<(i64, Verb)>,
    Form(Button {}, once): Form<Button>,
) -> Response {
    let done = run::ask(&site, RunId(id), verb, &once).await;
    answered(&site, &viewer, done).await
}

/// A schedule's request now.
pub(crate) async fn run_schedule(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(Button {}, once): Form<Button>,
) -> Response {
    let done = schedules::run_now(&site, ScheduleId(id), &once).await;
    answered(&site, &viewer, done).await
}

/// Up to which run.
#[derive(Debug, Deserialize)]
pub(crate) struct ReadForm {
    up_to: i64,
}

/// Acknowledges ended runs.
pub(crate) async fn mark_read(
    State(site): Shared,
    viewer: Viewer,
    Form(form, _): Form<ReadForm>,
) -> Response {
    let (engine, up_to) = (&site.app.engine, RunId(form.up_to));
    let done = engine.mark_read(None, up_to, engine.now()).await;
    answered(&site, &viewer, done.map(|_| Led::To(up_to)).map_err(Problem::from)).await
}
