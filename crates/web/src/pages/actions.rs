//! The console's forms: each does what the API route of the same name does, and leads back to the page.

use axum::extract::State;
use axum::response::Response;
use engine::Requested;
use model::id::{RunId, ScheduleId};
use model::run::{RunRequest, Trigger};
use serde::Deserialize;
use serde_json::json;

use super::{answered, run};
use crate::app::{Shared, Site};
use crate::components::run::Verb;
use crate::extract::{Form, Path};
use crate::i18n::Language;
use crate::problem::Problem;

/// A date range to be synced.
#[derive(Debug, Deserialize)]
pub(crate) struct StartForm {
    sync: String,
    from: String,
    to: String,
}

/// Asks for a run over a date range.
pub(crate) async fn start(State(site): Shared, language: Language, Form(form): Form<StartForm>) -> Response {
    let done = start_range(&site, &form).await;
    answered(&site, language, done).await
}

async fn start_range(site: &Site, form: &StartForm) -> Result<(), Problem> {
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
    requested(site.app.engine.request(request, site.app.engine.now()).await?)
}

fn requested(requested: Requested) -> Result<(), Problem> {
    match requested {
        Requested::Busy(run) => Err(Problem::Busy(run.id)),
        Requested::Started(_) | Requested::Buffered(_) | Requested::Known(_) => Ok(()),
    }
}

/// Cancels, pauses, resumes or retries a run.
async fn verb(State(site): Shared, language: Language, Path(id): Path<i64>, verb: Verb) -> Response {
    let done = run::ask(&site, RunId(id), verb).await;
    answered(&site, language, done.map(drop)).await
}

/// Stops a run and drops the rest.
pub(crate) async fn cancel(site: Shared, language: Language, id: Path<i64>) -> Response {
    verb(site, language, id, Verb::Cancel).await
}

/// Stops a run and keeps the rest.
pub(crate) async fn pause(site: Shared, language: Language, id: Path<i64>) -> Response {
    verb(site, language, id, Verb::Pause).await
}

/// Lets a paused run go on.
pub(crate) async fn resume(site: Shared, language: Language, id: Path<i64>) -> Response {
    verb(site, language, id, Verb::Resume).await
}

/// The failed partitions of a run again.
pub(crate) async fn retry(site: Shared, language: Language, id: Path<i64>) -> Response {
    verb(site, language, id, Verb::Retry).await
}

/// A schedule's request now.
pub(crate) async fn run_schedule(State(site): Shared, language: Language, Path(id): Path<i64>) -> Response {
    let done = run_now(&site, ScheduleId(id)).await;
    answered(&site, language, done).await
}

async fn run_now(site: &Site, id: ScheduleId) -> Result<(), Problem> {
    let made = site.app.engine.run_schedule(id, site.app.engine.now()).await?;
    requested(made.ok_or(Problem::UnknownSchedule(id))?)
}

/// Up to which run.
#[derive(Debug, Deserialize)]
pub(crate) struct ReadForm {
    up_to: i64,
}

/// Acknowledges ended runs.
pub(crate) async fn mark_read(
    State(site): Shared,
    language: Language,
    Form(form): Form<ReadForm>,
) -> Response {
    let engine = &site.app.engine;
    let done = engine.mark_read(None, RunId(form.up_to), engine.now()).await;
    answered(&site, language, done.map(drop).map_err(Problem::from)).await
}
