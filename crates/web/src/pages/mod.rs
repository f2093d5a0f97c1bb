//! The console's pages: read, then draw with `components`.

mod actions;
pub(crate) mod address;
pub(crate) mod files;
pub(crate) mod overview;
pub(crate) mod races;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod schedules;
mod settings;
pub(crate) mod stocks;
mod tables;
pub(crate) mod tasks;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::app::{Shared, Site};
use crate::components::layout::{UNREAD, unread};
use crate::live;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;

/// Their routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/", front)
        .get("/live", fragments)
        .post("/runs", actions::start)
        .post("/runs/mark-read", actions::mark_read)
        .post("/runs/{id}/{verb}", actions::act)
        .post("/schedules/{id}/run", actions::run_schedule)
        .and(files::routes())
        .and(races::routes())
        .and(run::routes())
        .and(runs::routes())
        .and(schedules::routes())
        .and(settings::routes())
        .and(stocks::routes())
        .and(tables::routes())
        .and(tasks::routes())
}

/// A page whose fragments are sent when they change.
pub(crate) enum Living {
    /// The front page.
    Overview(Viewer),
    /// A page of the files system, as it was asked for.
    Files(Box<files::Living>),
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
    /// A page of the tasks system, as it was asked for.
    Tasks(Box<tasks::Living>),
}

impl Living {
    /// What it shows, to whom: pages with the same words here are drawn once.
    pub(crate) fn shows(&self) -> String {
        match self {
            Self::Overview(viewer) => format!("/ {}", viewer.query()),
            Self::Files(living) => living.shows(),
            Self::Races(living) => living.shows(),
            Self::Run(living) => living.shows(),
            Self::Runs(living) => living.shows(),
            Self::Schedules(living) => living.shows(),
            Self::Stocks(living) => living.shows(),
            Self::Tasks(living) => living.shows(),
        }
    }

    /// Who looks at it.
    fn viewer(&self) -> &Viewer {
        match self {
            Self::Overview(viewer) => viewer,
            Self::Files(living) => living.viewer(),
            Self::Races(living) => living.viewer(),
            Self::Run(living) => living.viewer(),
            Self::Runs(living) => living.viewer(),
            Self::Schedules(living) => living.viewer(),
            Self::Stocks(living) => living.viewer(),
            Self::Tasks(living) => living.viewer(),
        }
    }

    /// Its fragments now, by their ids; what the top bar tells of records among them.
    pub(crate) async fn fragments(&mut self, site: &Site) -> Vec<(&'static str, String)> {
        let mut fragments = match self {
            Self::Overview(viewer) => overview::fragments(site, viewer).await,
            Self::Files(living) => living.fragments(site).await,
            Self::Races(living) => living.fragments(site).await,
            Self::Run(living) => living.fragments(site).await,
            Self::Runs(living) => living.fragments(site).await,
            Self::Schedules(living) => living.fragments(site).await,
            Self::Stocks(living) => living.fragments(site).await,
            Self::Tasks(living) => living.fragments(site).await,
        };
        if let Ok(count) = site.unread().await {
            fragments.push((UNREAD, unread(self.viewer().language, count).into_string()));
        }
        fragments
    }
}

async fn front(State(site): Shared, viewer: Viewer) -> Response {
    overview::page(&site, &viewer, None).await.into_response()
}

async fn fragments(State(site): Shared, viewer: Viewer) -> Result<Response, Problem> {
    Ok(live::fragments(site, Living::Overview(viewer))?.into_response())
}
