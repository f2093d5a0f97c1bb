//! The console's pages: read, then draw with `components`.

mod actions;
pub(crate) mod address;
pub(crate) mod overview;
pub(crate) mod races;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod schedules;
pub(crate) mod stocks;
mod tables;

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
        .and(races::routes())
        .and(run::routes())
        .and(runs::routes())
        .and(schedules::routes())
        .and(stocks::routes())
        .and(tables::routes())
}

/// A page whose fragments are sent when they change.
pub(crate) enum Living {
    /// The front page.
    Overview(Language),
    /// The page of a season or of a race, as it was asked for.
    Races(Box<races::Living>),
    /// The page of a run, as it was asked for.
    Run(Box<run::Living>),
    /// The page of all runs, as it was asked for.
    Runs(Box<runs::Living>),
    /// The page of all schedules, or of one.
    Schedules(schedules::Living),
    /// The stocks page, as it was asked for.
    Stocks(Box<stocks::Living>),
}

impl Living {
    /// What it shows, to whom: pages with the same words here are drawn once.
    pub(crate) fn shows(&self) -> String {
        match self {
            Self::Overview(language) => format!("/ {}", language.tag()),
            Self::Races(living) => living.shows(),
            Self::Run(living) => living.shows(),
            Self::Runs(living) => living.shows(),
            Self::Schedules(living) => living.shows(),
            Self::Stocks(living) => living.shows(),
        }
    }

    /// Its fragments now, by their ids.
    pub(crate) async fn fragments(&mut self, site: &Site) -> Vec<(&'static str, String)> {
        match self {
            Self::Overview(language) => overview::fragments(site, *language).await,
            Self::Races(living) => living.fragments(site).await,
            Self::Run(living) => living.fragments(site).await,
            Self::Runs(living) => living.fragments(site).await,
            Self::Schedules(living) => living.fragments(site).await,
            Self::Stocks(living) => living.fragments(site).await,
        }
    }
}

async fn front(State(site): Shared, language: Language) -> Response {
    overview::page(&site, language, None).await.into_response()
}

async fn fragments(State(site): Shared, language: Language) -> Result<Response, Problem> {
    Ok(live::fragments(site, Living::Overview(language))?.into_response())
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
