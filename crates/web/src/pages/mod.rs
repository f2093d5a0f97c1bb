//! The console's pages: read, then draw with `components`.

mod actions;
pub(crate) mod overview;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::{Shared, Site};
use crate::i18n::Language;
use crate::live;
use crate::problem::Problem;
use crate::routes::Routes;

/// Their routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/", front)
        .get("/live", fragments)
        .post("/runs", actions::start)
        .post("/runs/mark-read", actions::mark_read)
        .post("/runs/{id}/cancel", actions::cancel)
        .post("/runs/{id}/pause", actions::pause)
        .post("/runs/{id}/resume", actions::resume)
        .post("/runs/{id}/retry", actions::retry)
        .post("/schedules/{id}/run", actions::run_schedule)
}

async fn front(State(site): Shared, language: Language) -> Response {
    overview::page(&site, language, None).await.into_response()
}

async fn fragments(State(site): Shared, language: Language) -> Result<Response, Problem> {
    Ok(live::fragments(site, language)?.into_response())
}

/// What a form led to: the overview again, or the overview with what went wrong on top.
async fn answered(site: &Site, language: Language, done: Result<(), Problem>) -> Response {
    match done {
        Ok(()) => (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response(),
        Err(problem) => {
            (problem.status(), overview::page(site, language, Some(&problem)).await).into_response()
        }
    }
}
