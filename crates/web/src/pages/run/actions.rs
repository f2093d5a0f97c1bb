//! The page's one form: a verb for the run. It does what the API route of the same name does.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::id::RunId;
use serde::Deserialize;

use super::asked::{Asked, RawAsked};
use super::{missing, number, shown};
use crate::api::verbs;
use crate::app::{Shared, Site};
use crate::components::run::Verb;
use crate::extract::{self, Form, Path};
use crate::once::{Led, PageKey};
use crate::problem::Problem;
use crate::viewer::Viewer;

/// Which button.
#[derive(Debug, Deserialize)]
pub(super) struct VerbForm {
    verb: String,
    key: Option<PageKey>,
}

/// Does it and leads back to the page, or to the page of the run that a retry made.
pub(super) async fn act(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    extract::Asked(raw): extract::Asked<RawAsked>,
    Form(form): Form<VerbForm>,
) -> Response {
    let asked = Asked::read(&raw);
    let problem = match done(&site, number(&id), &form).await {
        Ok(led) => {
            let same = number(&id).is_ok_and(|id| id == led.run());
            let place = if same { format!("/runs/{id}{}", asked.but(|_| ())) } else { led.address() };
            return (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response();
        }
        Err(problem) => problem,
    };
    let viewer = viewer.again(form.key);
    match shown(&site, &viewer, (number(&id), &asked), Some(&problem)).await {
        Ok(page) => (problem.status(), page).into_response(),
        Err(problem) => missing(&viewer, &problem),
    }
}

async fn done(site: &Site, id: Result<RunId, Problem>, form: &VerbForm) -> Result<Led, Problem> {
    let verb = Verb::from_word(&form.verb)
        .ok_or_else(|| Problem::Body(format!("verb={}: cancel, pause, resume or retry", form.verb)))?;
    ask(site, id?, verb, form.key.as_ref()).await
}

/// Asks a verb of a run; answers the run to look at.
pub(crate) async fn ask(site: &Site, id: RunId, verb: Verb, key: Option<&PageKey>) -> Result<Led, Problem> {
    let engine = &site.app.engine;
    let now = engine.now();
    let found = match verb {
        Verb::Cancel => engine.cancel(id, now).await,
        Verb::Pause => engine.pause(id, now).await,
        Verb::Resume => engine.resume(id, now).await,
        Verb::Retry => {
            let key = key.map(|key| key.for_wish(&format!("retry/{id}"))).transpose()?;
            return match engine.retry(id, key, now).await? {
                Some(made) => Led::by(made),
                None => Err(verbs::not_retried(site, id).await?),
            };
        }
    };
    verbs::controlled(site, id, found).map(|_| Led::To(id))
}
