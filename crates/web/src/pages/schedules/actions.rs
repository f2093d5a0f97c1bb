//! The pages' forms: a verb for a schedule, and its rule. They do what the API's routes do.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use engine::ScheduleChange;
use model::id::ScheduleId;
use serde::Deserialize;

use super::asked::{AskedList, Told};
use super::draw::Verb;
use super::editor::Said;
use super::one::{missing, number};
use super::rule::Typed;
use super::{one, shown};
use crate::app::{Shared, Site};
use crate::extract::{Asked, Form, Path};
use crate::once::{Led, Once};
use crate::problem::Problem;
use crate::viewer::Viewer;

/// A button of the list.
#[derive(Debug, Deserialize)]
pub(super) struct ListForm {
    schedule: i64,
    verb: String,
}

/// Does it and leads back to the list.
pub(super) async fn act_on_list(
    State(site): Shared,
    viewer: Viewer,
    Asked(asked): Asked<AskedList>,
    Form(form, once): Form<ListForm>,
) -> Response {
    let done = match verb(&form.verb) {
        Ok(verb) => act(&site, ScheduleId(form.schedule), verb, &once).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(told) if asked.page() > 1 => back("/schedules", &[("page", asked.page().to_string())], told),
        Ok(told) => back("/schedules", &[], told),
        Err(problem) => shown(&site, &viewer, &asked, Some(&problem)).await,
    }
}

/// A button of the page of one, or its rule.
#[derive(Debug, Deserialize)]
pub(super) struct OneForm {
    verb: String,
    #[serde(default)]
    cron: String,
    #[serde(default)]
    time_zone: String,
}

/// Does it and leads back to the page.
pub(super) async fn act_on_one(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    Form(form, once): Form<OneForm>,
) -> Response {
    let id = match number(&id) {
        Ok(id) => id,
        Err(problem) => return missing(&viewer, &problem),
    };
    let typed =
        (form.verb == "change").then_some(Said { cron: form.cron, time_zone: form.time_zone, refused: true });
    let done = match (&typed, verb(&form.verb)) {
        (Some(said), _) => change(&site, id, said).await,
        (None, Ok(verb)) => act(&site, id, verb, &once).await,
        (None, Err(problem)) => Err(problem),
    };
    let problem = match done {
        Ok(told) => return back(&format!("/schedules/{id}"), &[], told),
        Err(problem) => problem,
    };
    // What is wrong with a rule stands beside it.
    let beside = typed
        .as_ref()
        .filter(|said| !Typed::read(&said.cron, &said.time_zone, site.app.engine.now()).wrong().is_empty());
    let notice = if beside.is_some() { None } else { Some(&problem) };
    match one::shown(&site, &viewer, Ok(id), (typed.as_ref(), Told::Nothing, notice)).await {
        Ok(page) => (problem.status(), page).into_response(),
        Err(problem) => missing(&viewer, &problem),
    }
}

fn verb(word: &str) -> Result<Verb, Problem> {
    let found = Verb::ALL.into_iter().find(|verb| verb.word() == word);
    found.ok_or_else(|| Problem::Body(format!("verb={word}: run, pause, resume or change")))
}

fn back(place: &str, asked: &[(&str, String)], told: Told) -> Response {
    let mut pairs: Vec<String> = asked.iter().map(|(name, value)| format!("{name}={value}")).collect();
    match told {
        Told::Nothing => {}
        Told::Started(run) => pairs.push(format!("started={run}")),
        Told::Changed => pairs.push("changed=1".to_owned()),
    }
    let place = if pairs.is_empty() { place.to_owned() } else { format!("{place}?{}", pairs.join("&")) };
    Redirect::to(&place).into_response()
}

/// A schedule's request now, once for each form.
pub(crate) async fn run_now(site: &Site, id: ScheduleId, once: &Once) -> Result<Led, Problem> {
    let engine = site.app.engine.once(once.key());
    let made = engine.run_schedule(id, engine.now()).await?;
    Led::by(made.ok_or(Problem::UnknownSchedule(id))?)
}

async fn act(site: &Site, id: ScheduleId, verb: Verb, once: &Once) -> Result<Told, Problem> {
    let engine = &site.app.engine;
    let paused = match verb {
        Verb::Run => return Ok(Told::Started(run_now(site, id, once).await?.run().0)),
        Verb::Pause => true,
        Verb::Resume => false,
    };
    let change = ScheduleChange { paused: Some(paused), ..ScheduleChange::default() };
    let changed = engine.change_schedule(id, change, engine.now()).await?;
    changed.map(|_| Told::Nothing).ok_or(Problem::UnknownSchedule(id))
}

async fn change(site: &Site, id: ScheduleId, said: &Said) -> Result<Told, Problem> {
    let engine = &site.app.engine;
    let change = ScheduleChange {
        cron: Some(said.cron.trim().to_owned()),
        time_zone: Some(said.time_zone.trim().to_owned()),
        ..ScheduleChange::default()
    };
    let changed = engine.change_schedule(id, change, engine.now()).await?;
    changed.map(|_| Told::Changed).ok_or(Problem::UnknownSchedule(id))
}
