//! The page's one form: a verb for the run. It does what the API route of the same name does.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use model::id::RunId;
use serde::Deserialize;

use super::asked::{Asked, RawAsked};
use super::{missing, number, shown};
use crate::api::verbs;
use crate::app::{Shared, Site};
use crate::components::run::Verb;
use crate::extract::{self, Form, Path};
use crate::once::{Led, Once};
use crate::problem::Problem;
use crate::viewer::Viewer;

/// Which button.
#[derive(Debug, Deserialize)]
pub(super) struct VerbForm {
    verb: String,
}

/// Does it and leads back to the page, or to the page of the run that a retry made.
pub(super) async fn act(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    extract::Asked(raw): extract::Asked<RawAsked>,
    Form(form, once): Form<VerbForm>,
) -> Response {
    let asked = Asked::read(&raw);
    let problem = match done(&site, number(&id), &form, &once).await {
        Ok(led) => {
            let run = led.run();
            let query = if number(&id).is_ok_and(|id| id == run) { asked.but(|_| ()) } else { String::new() };
            let place = format!("/runs/{run}{query}");
            return Redirect::to(&place).into_response();
        }
        Err(problem) => problem,
    };
    match shown(&site, &viewer, (number(&id), &asked), Some(&problem)).await {
        Ok(page) => (problem.status(), page).into_response(),
        Err(problem) => missing(&viewer, &problem),
    }
}

async fn done(site: &Site, id: Result<RunId, Problem>, form: &VerbForm, once: &Once) -> Result<Led, Problem> {
    let verb = Verb::from_word(&form.verb)
        .ok_or_else(|| Problem::Body(format!("verb={}: cancel, pause, resume or retry", form.verb)))?;
    ask(site, id?, verb, once).await
}

/// Asks a verb of a run; answers the run to look at.
pub(crate) async fn ask(site: &Site, id: RunId, verb: Verb, once: &Once) -> Result<Led, Problem> {
    let engine = &site.app.engine;
    let now = engine.now();
    let found = match verb {
        Verb::Cancel => engine.cancel(id, now).await,
        Verb::Pause => engine.pause(id, now).await,
        Verb::Resume => engine.resume(id, now).await,
        Verb::Retry => {
            return match engine.once(once.key()).retry(id, now).await? {
                Some(made) => Led::by(made),
                None => Err(verbs::not_retried(site, id).await?),
            };
        }
    };
    match (verb, verbs::controlled(site, id, found).await) {
        // Somebody else, or the same form, let it go on already: that is what was wished.
        (Verb::Resume, Err(Problem::State(_, state))) if !state.is_end() => Ok(Led::To(id)),
        (_, done) => done.map(|_| Led::To(id)),
    }
}
