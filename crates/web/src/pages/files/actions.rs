//! The pages' forms. Each asks the system as its native route does, and leads on to where the outcome is seen.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::file::run::FileAsked;
use model::id::RunId;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use systems::files::{Deleted, Detail, FilesError, Seen, Wrong};

use super::asked::RawAsked;
use super::form::{self, Standing};
use super::rows::Rows;
use super::typed::Typed;
use super::{files, missing, number, one_shown, shown};
use crate::app::{Shared, Site};
use crate::extract::{Form, Path};
use crate::once::Once;
use crate::problem::Problem;
use crate::viewer::Viewer;

/// A button of the list.
#[derive(Debug, Deserialize)]
pub(super) struct ListForm {
    config: i64,
    #[serde(flatten)]
    button: Button,
}

/// What is asked of a config.
#[derive(Debug, Deserialize)]
pub(super) struct Button {
    verb: String,
    /// The deletes that were told of when more than the guard allows was agreed to.
    #[serde(default)]
    most: Option<String>,
}

/// What came of a button.
enum Done {
    Run(RunId),
    /// A run that only looks; what it finds is worth going there.
    Look(RunId),
    Changed,
    Deleted,
    /// It is deleted when it is asked for again: its run ends first.
    Stopping,
}

pub(super) async fn act_on_list(
    State(site): Shared,
    viewer: Viewer,
    Form(form, once): Form<ListForm>,
) -> Response {
    match act(&site, form.config, &form.button, &once).await {
        Ok(Done::Run(run)) => to(&format!("/files?run={run}")),
        Ok(Done::Look(run)) => to(&format!("/files/runs/{run}")),
        Ok(Done::Changed | Done::Deleted | Done::Stopping) => to("/files"),
        Err(problem) => shown(&site, &viewer, &RawAsked::default(), Some(&problem)).await,
    }
}

pub(super) async fn act_on_one(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    Form(form, once): Form<Button>,
) -> Response {
    let id = match number(&id) {
        Ok(id) => id,
        Err(problem) => return missing(&viewer, &problem),
    };
    match act(&site, id, &form, &once).await {
        Ok(Done::Run(run)) => to(&format!("/files/configs/{id}?run={run}")),
        Ok(Done::Look(run)) => to(&format!("/files/runs/{run}")),
        Ok(Done::Changed) => to(&format!("/files/configs/{id}")),
        Ok(Done::Deleted) => to("/files"),
        Ok(Done::Stopping) => to(&format!("/files/configs/{id}?told=stopping")),
        Err(problem) => one_shown(&site, &viewer, (id, &RawAsked::default()), Some(&problem)).await,
    }
}

fn to(place: &str) -> Response {
    Redirect::to(place).into_response()
}

async fn act(site: &Site, id: i64, button: &Button, once: &Once) -> Result<Done, Problem> {
    let (files, engine) = (files(site)?, site.app.engine.once(once.key()));
    let max_delete = button.most.as_deref().and_then(|most| most.parse().ok());
    let agreed = FileAsked { confirm: true, max_delete, ..FileAsked::default() };
    let asked = match button.verb.as_str() {
        "run" => FileAsked::default(),
        "dry-run" => FileAsked { dry_run: true, ..FileAsked::default() },
        "confirm" => agreed,
        "force" => FileAsked { force: true, ..agreed },
        verb @ ("enable" | "disable") => {
            let patch = Map::from_iter([("enabled".to_owned(), json!(verb == "enable"))]);
            files.change(id, &patch, engine.now()).await?;
            return Ok(Done::Changed);
        }
        "delete" => {
            return Ok(match files.delete(&engine, id, true).await? {
                Deleted::Done => Done::Deleted,
                Deleted::Stopping(_) => Done::Stopping,
            });
        }
        other => return Err(Problem::Body(format!("verb={other}: there is none such"))),
    };
    let run = files.execute(&engine, id, asked).await?.run;
    Ok(if asked.dry_run { Done::Look(run) } else { Done::Run(run) })
}

/// A new config, or a look at what it would be.
pub(super) async fn make(State(site): Shared, viewer: Viewer, Form(typed, once): Form<Typed>) -> Response {
    sent(&site, &viewer, None, (typed, &once)).await
}

/// A config as it is to be, or a look at that.
pub(super) async fn change(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    Form(typed, once): Form<Typed>,
) -> Response {
    let read = async { Ok::<_, Problem>(files(&site)?.config(number(&id)?, site.app.engine.now()).await?) };
    match read.await {
        Ok(old) => sent(&site, &viewer, Some(old), (typed, &once)).await,
        Err(problem) => missing(&viewer, &problem),
    }
}

async fn sent(site: &Site, viewer: &Viewer, old: Option<Detail>, (typed, once): (Typed, &Once)) -> Response {
    let mut standing = Standing::new(typed.closed_up(), old);
    let done = match standing.typed.verb() {
        "test-source" => {
            look(site, &standing, "source").await.map(|seen| standing.seen = Some(("source", seen)))
        }
        "test-target" => {
            look(site, &standing, "target").await.map(|seen| standing.seen = Some(("target", seen)))
        }
        "check" => Ok(()),
        verb if Rows::asked_for_by(verb) => Ok(()),
        _ => match save(site, &standing, once).await {
            Ok(saved) => return to(&format!("/files/configs/{}?told=saved", saved.id)),
            Err(error) => {
                standing.refused = true;
                Err(error)
            }
        },
    };
    let status = match done {
        Ok(()) => StatusCode::OK,
        Err(Refusal::Mistakes(wrong)) => {
            standing.wrong = wrong;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(Refusal::Problem(problem)) => {
            let status = problem.status();
            standing.problem = Some(problem);
            status
        }
    };
    (status, form::shown(site, viewer, &standing)).into_response()
}

/// Why a form was not done.
enum Refusal {
    /// What is wrong with its fields.
    Mistakes(Vec<Wrong>),
    Problem(Problem),
}

impl From<FilesError> for Refusal {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Wrong(wrong) => Self::Mistakes(wrong),
            other => Self::Problem(other.into()),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

async fn save(site: &Site, standing: &Standing, once: &Once) -> Result<Detail, Refusal> {
    let (files, now) = (files(site)?, site.app.engine.now());
    let body = standing.typed.body(standing.old.as_ref());
    Ok(match &standing.old {
        Some(old) => files.replace(old.id, &body, now).await?,
        None => files.create(&body, once.key(), now).await?,
    })
}

async fn look(site: &Site, standing: &Standing, end: &str) -> Result<Seen, Refusal> {
    let old = standing.old.as_ref();
    let mut body = standing.typed.body(old);
    let side = body.remove(end).unwrap_or(Value::Null);
    let body = Map::from_iter([(end.to_owned(), side)]);
    Ok(files(site)?.peek(old.map(|old| old.id), &body, site.app.engine.now()).await?)
}
