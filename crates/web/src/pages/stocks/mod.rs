//! The page of the stocks system: what is being synced, what is there of each day, what failed. It reads what the
//! system shows and starts runs through it; without JavaScript it is forms and links.

mod actions;
mod asked;
mod calendar;
mod draw;
mod words;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use maud::Markup;
use model::id::RunId;
use model::run::Run;
use systems::stocks::{CoveredDay, Failure, Progress, RecordFilter, Records, Stocks, Unreadable};

use crate::app::{Shared, Site};
use crate::components::layout::Frame;
use crate::extract;
use crate::live;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
use asked::{Asked, RawAsked};
use words::words;

/// Records on a page, as documented.
const PAGE_SIZE: i64 = 50;

/// While days go by fast, the calendar (which counts stored rows) is drawn this often at most.
const CALENDAR_REST: SignedDuration = SignedDuration::from_secs(10);

/// Its routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/stocks", page)
        .get("/stocks/live", fragments)
        .post("/stocks/sync", actions::batch)
        .post("/stocks/today", actions::today)
        .post("/stocks/retry", actions::retry)
        .post("/stocks/runs/{id}/{verb}", actions::control)
}

/// A run and how far it is.
struct Followed {
    run: Run,
    progress: Progress,
}

/// What the page shows, but for the calendar.
struct Standing {
    /// The run under way or paused.
    active: Option<Followed>,
    /// The run the message box tells of: the one under way, else the one asked about.
    told: Option<Followed>,
    records: Records,
    /// The failed stocks of the opened row.
    opened: Vec<Failure>,
    /// The run that wrote the opened row last, while it is kept.
    written_by: Option<RunId>,
}

fn stocks(site: &Site) -> Result<&Stocks, Problem> {
    site.stocks("/stocks")
}

async fn follow(stocks: &Stocks, run: Option<Run>, now: Timestamp) -> Result<Option<Followed>, Problem> {
    let Some(run) = run else { return Ok(None) };
    let progress = stocks.progress(&run, now).await?;
    Ok(Some(Followed { run, progress }))
}

async fn read(site: &Site, asked: &Asked) -> Result<Standing, Problem> {
    let stocks = stocks(site)?;
    let now = site.app.engine.now();
    let filter = RecordFilter { first: asked.from, last: asked.to, status: asked.status.clone() };
    let records = stocks.records(&filter, asked.page, PAGE_SIZE).await?;
    let active = follow(stocks, stocks.active_run().await?, now).await?;
    let told = match (&active, asked.task) {
        (None, Some(id)) => {
            follow(stocks, of_stocks(site.app.engine.read().run(RunId(id)).await?), now).await?
        }
        _ => None,
    };
    let opened = match asked.open {
        Some(date) => stocks.failures(date, date).await.map_err(Unreadable::from)?,
        None => Vec::new(),
    };
    let written_by = match asked.open {
        Some(date) => writer(site, date).await?,
        None => None,
    };
    Ok(Standing { active, told, records, opened, written_by })
}

async fn writer(site: &Site, date: Date) -> Result<Option<RunId>, Problem> {
    let read = site.app.engine.read();
    let row = read.ledger_row(&systems::stocks::sync_key(), &date.to_string()).await?;
    let Some(id) = row.and_then(|row| row.run_id) else { return Ok(None) };
    Ok(read.run(id).await?.map(|run| run.id))
}

fn of_stocks(run: Option<Run>) -> Option<Run> {
    run.filter(|run| run.sync == systems::stocks::sync_key())
}

async fn covered(site: &Site, asked: &Asked) -> Result<Vec<CoveredDay>, Problem> {
    let now = site.app.engine.now();
    let (first, last) = calendar::bounds(asked, Stocks::today(now));
    Ok(stocks(site)?.coverage(first, last, now).await?)
}

fn scene<'a>(site: &Site, viewer: &'a Viewer, asked: &'a Asked) -> draw::Scene<'a> {
    let now = site.app.engine.now();
    draw::Scene { viewer: viewer.scene(now), words: words(viewer.language), asked, today: Stocks::today(now) }
}

async fn page(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    let (asked, bad) = Asked::read(raw);
    let alert = bad.then(|| format!("⚠️ {}", words(viewer.language).bad_date));
    let status = if bad { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok((status, shown(&site, &viewer, asked, alert.as_deref()).await?).into_response())
}

/// The whole page, with words on top where something was not done.
async fn shown(
    site: &Site,
    viewer: &Viewer,
    mut asked: Asked,
    alert: Option<&str>,
) -> Result<Markup, Problem> {
    let standing = read(site, &asked).await?;
    let covered = covered(site, &asked).await?;
    // The box goes on telling of the run that is under way now, after its end too.
    asked.task = standing.active.as_ref().map(|active| active.run.id.0).or(asked.task);
    let scene = scene(site, viewer, &asked);
    let content = draw::content(&scene, &standing, &covered, (stocks(site)?, alert));
    let live = Some(format!("/stocks/live?{}&{}", viewer.query(), asked.query()));
    Ok(Frame { viewer, title: words(viewer.language).title, live, path: "/stocks" }.around(&content))
}

async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    stocks(&site)?;
    let (asked, _) = Asked::read(raw);
    let living = Living { viewer, asked, calendar: None };
    Ok(live::fragments(site, super::Living::Stocks(Box::new(living)))?.into_response())
}

/// The page as one browser has it open.
pub(crate) struct Living {
    viewer: Viewer,
    asked: Asked,
    /// When the calendar was drawn last, and from what.
    calendar: Option<(Timestamp, String)>,
}

impl Living {
    /// Who looks at it.
    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// What it shows, to whom.
    pub(crate) fn shows(&self) -> String {
        format!("/stocks {} {}", self.viewer.query(), self.asked.query())
    }

    /// The parts that change, by their ids. What could not be read is left as it is on the page.
    pub(crate) async fn fragments(&mut self, site: &Site) -> Vec<(&'static str, String)> {
        let Ok(standing) = read(site, &self.asked).await else { return Vec::new() };
        let scene = scene(site, &self.viewer, &self.asked);
        let mut drawn = draw::fragments(&scene, &standing);
        let now = site.app.engine.now();
        let stats = standing.records.stats;
        let rest = standing.active.is_some();
        let key = format!("{stats:?}{}{rest}", standing.active.as_ref().map_or(0, |a| a.progress.current));
        let due = match &self.calendar {
            None => true,
            Some((at, before)) => *before != key && (!rest || now.duration_since(*at) >= CALENDAR_REST),
        };
        if due && let Ok(days) = covered(site, &self.asked).await {
            drawn.push(("stocks-calendar", calendar::section(&scene, &days).into_string()));
            self.calendar = Some((now, key));
        }
        drawn
    }
}
