//! The page of all runs: newest first, by system, state, trigger and time; several may be retried or cancelled at once.

mod actions;
mod asked;
mod draw;
mod words;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::RunFilter;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::Markup;
use model::id::RunId;
use model::run::Run;

use crate::app::{Shared, Site};
use crate::components::layout::Frame;
use crate::extract;
use crate::live;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
use actions::Done;
use asked::{Asked, RawAsked};
use words::words;

/// Runs on a page.
const RUNS_SHOWN: u32 = 50;

/// Its routes.
pub(crate) fn routes() -> Routes {
    Routes::default().get("/runs", page).get("/runs/live", fragments).post("/runs/bulk", actions::bulk)
}

/// What the page shows.
struct Standing {
    runs: Vec<Run>,
    /// There are older ones.
    older: bool,
}

/// What stands on top of the page.
enum Told<'a> {
    Nothing,
    Refused(&'a Problem),
    /// What a form over several runs led to.
    Done(&'a Done),
}

async fn read(site: &Site, zone: &TimeZone, asked: &Asked) -> Result<Standing, Problem> {
    let filter = RunFilter {
        system: asked.system.clone(),
        sync: None,
        states: asked.states.states(),
        triggers: asked.trigger.into_iter().collect(),
        since: asked.from.and_then(|date| midnight(date, zone)),
        until: asked.to.and_then(|date| midnight(date.tomorrow().ok()?, zone)),
        before: asked.before.map(RunId),
        limit: RUNS_SHOWN + 1,
    };
    let mut runs = site.app.engine.read().runs(&filter).await?;
    let older = runs.len() > RUNS_SHOWN as usize;
    runs.truncate(RUNS_SHOWN as usize);
    Ok(Standing { runs, older })
}

fn midnight(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    date.to_zoned_datetime(zone.clone()).ok().map(|midnight| midnight.timestamp())
}

async fn page(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Response {
    let (asked, bad) = Asked::read(&raw);
    match bad {
        None => shown(&site, &viewer, &asked, Told::Nothing).await,
        Some(problem) => shown(&site, &viewer, &asked, Told::Refused(&problem)).await,
    }
}

/// The whole page; without its list, and with the reason, when that could not be read.
async fn shown(site: &Site, viewer: &Viewer, asked: &Asked, told: Told<'_>) -> Response {
    let standing = read(site, &viewer.zone, asked).await;
    let told = standing.as_ref().err().map_or(told, Told::Refused);
    let status = match told {
        Told::Nothing => StatusCode::OK,
        Told::Refused(problem) => problem.status(),
        Told::Done(done) => done.status(),
    };
    let page = drawn(site, viewer, (asked, standing.as_ref().ok()), &told);
    (status, page).into_response()
}

fn drawn(
    site: &Site,
    viewer: &Viewer,
    (asked, standing): (&Asked, Option<&Standing>),
    told: &Told<'_>,
) -> Markup {
    let systems: Vec<&str> = site.app.engine.systems().iter().map(|system| system.name()).collect();
    let content = draw::content(&view(site, viewer, asked), standing, told, &systems);
    let live = Some(format!("/runs/live?{}&{}", viewer.query(), asked.query()));
    Frame { viewer, title: viewer.language.messages().runs, live, path: "/runs" }.around(&content)
}

fn view<'a>(site: &Site, viewer: &'a Viewer, asked: &'a Asked) -> draw::View<'a> {
    draw::View { scene: viewer.scene(site.app.engine.now()), words: words(viewer.language), asked }
}

async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    let living = Living { viewer, asked: Asked::read(&raw).0 };
    Ok(live::fragments(site, super::Living::Runs(Box::new(living)))?.into_response())
}

/// The page as one browser has it open.
pub(crate) struct Living {
    viewer: Viewer,
    asked: Asked,
}

impl Living {
    /// Who looks at it.
    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// What it shows, to whom.
    pub(crate) fn shows(&self) -> String {
        format!("/runs {} {}", self.viewer.query(), self.asked.query())
    }

    /// The part that changes. What could not be read is left as it is on the page.
    pub(crate) async fn fragments(&self, site: &Site) -> Vec<(&'static str, String)> {
        let Ok(standing) = read(site, &self.viewer.zone, &self.asked).await else { return Vec::new() };
        vec![("runs-list", draw::list(&view(site, &self.viewer, &self.asked), &standing).into_string())]
    }
}
