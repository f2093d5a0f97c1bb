//! The page's one form: a verb for the run. It does what the API route of the same name does.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::Requested;
use model::id::RunId;
use serde::Deserialize;

use super::asked::{Asked, RawAsked};
use super::{missing, number, shown};
use crate::api::verbs;
use crate::app::{Shared, Site};
use crate::components::run::Verb;
use crate::extract::{self, Form, Path};
use crate::i18n::Language;
use crate::problem::Problem;

/// Which button.
#[derive(Debug, Deserialize)]
pub(super) struct VerbForm {
    verb: String,
}

/// Does it and leads back to the page, or to the page of the run that a retry made.
pub(super) async fn act(
    State(site): Shared,
    language: Language,
    Path(id): Path<String>,
    extract::Asked(raw): extract::Asked<RawAsked>,
    Form(form): Form<VerbForm>,
) -> Response {
    let asked = Asked::read(&raw);
    let problem = match done(&site, number(&id), &form).await {
        Ok(run) => {
            let query = if number(&id).is_ok_and(|id| id == run) { asked.but(|_| ()) } else { String::new() };
            let place = format!("/runs/{run}{query}");
            return (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response();
        }
        Err(problem) => problem,
    };
    match shown(&site, language, (number(&id), &asked), Some(&problem)).await {
        Ok(page) => (problem.status(), page).into_response(),
        Err(problem) => missing(language, &problem),
    }
}

async fn done(site: &Site, id: Result<RunId, Problem>, form: &VerbForm) -> Result<RunId, Problem> {
    let verb = Verb::from_word(&form.verb)
        .ok_or_else(|| Problem::Body(format!("verb={}: cancel, pause, resume or retry", form.verb)))?;
    ask(site, id?, verb).await
}

/// Asks a verb of a run; answers the run to look at.
pub(crate) async fn ask(site: &Site, id: RunId, verb: Verb) -> Result<RunId, Problem> {
    let engine = &site.app.engine;
    let now = engine.now();
    let found = match verb {
        Verb::Cancel => engine.cancel(id, now).await,
        Verb::Pause => engine.pause(id, now).await,
        Verb::Resume => engine.resume(id, now).await,
        Verb::Retry => {
            return match engine.retry(id, now).await? {
                Some(Requested::Busy(run)) => Err(Problem::Busy(run.id)),
                Some(Requested::Started(run) | Requested::Buffered(run) | Requested::Known(run)) => {
                    Ok(run.id)
                }
                None => Err(verbs::not_retried(site, id).await?),
            };
        }
    };
    verbs::controlled(site, id, found).map(|_| id)
}
