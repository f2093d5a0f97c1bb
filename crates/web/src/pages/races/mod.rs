//! The pages of the races system: a season's calendar with the plan of each race, and a race's plan with its attempts
//! and what is stored of the round. Forms ask the system as its documented routes do; without JavaScript all works.

mod actions;
mod asked;
mod line;
mod plan;
mod results;
mod season;
mod words;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use connect::tables::Destination;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use model::id::RunId;
use model::race::RacePlan;
use model::run::Run;
use systems::races::read::{self, Of, RaceShown, Refusal};
use systems::races::upstream::Race;
use systems::races::{Races, VerbError};

use crate::app::{Shared, Site};
use crate::components::Scene;
use crate::components::layout::Frame;
use crate::components::run::{badge, title};
use crate::components::text::{full, worded};
use crate::extract::{self, Path};
use crate::live;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
use asked::{PlanForm, RawAsked};
use words::{Words, words};

/// Their routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/races", page)
        .get("/races/live", fragments)
        .post("/races/calendar", actions::calendar)
        .post("/races/monitor", actions::monitor)
        .post("/races/cleanup", actions::cleanup)
        .post("/races/batch", actions::batch)
        .get("/races/{season}/{round}", race_page)
        .get("/races/{season}/{round}/live", race_fragments)
        .post("/races/{season}/{round}/schedule", actions::schedule)
        .post("/races/{season}/{round}/cancel", actions::cancel)
        .post("/races/{season}/{round}/execute/{attempt}", actions::execute)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Tables(error) => Self::Unavailable(error.to_string()),
            Refusal::NoSeason(_) | Refusal::NoRace(_) => Self::Parameter(refusal.to_string()),
        }
    }
}

impl From<VerbError> for Problem {
    fn from(error: VerbError) -> Self {
        match error {
            VerbError::Store(error) => error.into(),
            VerbError::Request(error) => error.into(),
            VerbError::Tables(_) | VerbError::Late(_) => Self::Unavailable(error.to_string()),
        }
    }
}

/// For whom a page is drawn.
#[derive(Clone, Copy)]
struct View<'a> {
    words: &'static Words,
    scene: Scene<'a>,
}

/// What the page of a season shows.
struct Season {
    year: i64,
    /// Seasons with a calendar, newest first.
    known: Vec<i64>,
    races: Vec<RaceShown>,
    plans: Vec<RacePlan>,
    /// The run somebody asked for.
    told: Option<Run>,
}

/// What the page of a race shows.
struct Weekend {
    race: RaceShown,
    plan: Option<RacePlan>,
    stored: results::Stored,
    told: Option<Run>,
}

fn races(site: &Site) -> Result<(&Races, &Destination), Problem> {
    let both = site.app.races.as_deref().zip(site.app.destination.as_ref());
    both.ok_or_else(|| Problem::NoRoute("/races".to_owned()))
}

fn view<'a>(site: &Site, viewer: &'a Viewer) -> View<'a> {
    View { words: words(viewer.language), scene: viewer.scene(site.app.engine.now()) }
}

async fn told(site: &Site, run: Option<i64>) -> Result<Option<Run>, Problem> {
    let Some(id) = run else { return Ok(None) };
    let run = site.app.engine.read().run(RunId(id)).await?;
    Ok(run.filter(|run| run.sync.as_str().starts_with("races.")))
}

async fn calendar(site: &Site, year: i64) -> Result<Vec<RaceShown>, Problem> {
    let (_, destination) = races(site)?;
    match read::races(destination, year, site.app.engine.now()).await {
        Ok(answer) => Ok(answer.data),
        Err(Refusal::NoSeason(_)) => Ok(Vec::new()),
        Err(refusal) => Err(refusal.into()),
    }
}

async fn season(site: &Site, asked: &RawAsked) -> Result<Season, Problem> {
    let (_, destination) = races(site)?;
    let known = read::seasons(destination).await.map_err(|error| Problem::Unavailable(error.to_string()))?;
    let this_year = i64::from(TimeZone::UTC.to_datetime(site.app.engine.now()).year());
    let year = asked.season().or_else(|| known.first().copied()).unwrap_or(this_year);
    let races = calendar(site, year).await?;
    let plans = site.app.engine.read().race_plans(Some(year)).await?;
    Ok(Season { year, known, races, plans, told: told(site, asked.run()).await? })
}

async fn weekend(site: &Site, race: Race, asked: &RawAsked) -> Result<Weekend, Problem> {
    let (_, destination) = races(site)?;
    let now = site.app.engine.now();
    let found = calendar(site, race.season).await?.into_iter().find(|one| one.round == race.round);
    let path = || format!("/races/{}/{}", race.season, race.round);
    let found = found.ok_or_else(|| Problem::NoRoute(path()))?;
    let sprint = match found.is_sprint {
        true => Some(read::results(destination, Of::Sprint, race, now).await?.data),
        false => None,
    };
    let stored = results::Stored {
        race: read::results(destination, Of::Race, race, now).await?.data,
        qualifying: read::qualifying(destination, race, now).await?.data,
        sprint,
        drivers: read::driver_standings(destination, race.season, Some(race.round), now).await?.data,
        teams: read::constructor_standings(destination, race.season, Some(race.round), now).await?.data,
    };
    let plan = site.app.engine.read().race_plan(race.season, race.round).await?;
    Ok(Weekend { race: found, plan, stored, told: told(site, asked.run()).await? })
}

/// The address of a season's page, and the run it tells of.
fn address(year: i64, run: Option<RunId>) -> String {
    match run {
        Some(run) => format!("/races?season={year}&run={run}"),
        None => format!("/races?season={year}"),
    }
}

async fn page(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    Ok(shown(&site, &viewer, &asked, None).await?.into_response())
}

/// The page of a season, with words on top where something was not done.
async fn shown(
    site: &Site,
    viewer: &Viewer,
    asked: &RawAsked,
    alert: Option<&str>,
) -> Result<Markup, Problem> {
    let season = season(site, asked).await?;
    let view = view(site, viewer);
    let content = season::content(&view, &season, alert);
    let query = address(season.year, season.told.as_ref().map(|run| run.id));
    let query = query.strip_prefix("/races?").unwrap_or_default();
    let live = Some(format!("/races/live?{}&{query}", viewer.query()));
    Ok(Frame { viewer, title: view.words.title, live, path: "/races" }.around(&content))
}

async fn race_page(
    State(site): Shared,
    viewer: Viewer,
    Path((season, round)): Path<(i64, i64)>,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    let form = PlanForm::default();
    Ok(race_shown(&site, &viewer, Race { season, round }, (&asked, &form, None)).await?.into_response())
}

/// The page of a race, with what stood in its form and words on top where something was not done.
async fn race_shown(
    site: &Site,
    viewer: &Viewer,
    race: Race,
    (asked, form, alert): (&RawAsked, &PlanForm, Option<&str>),
) -> Result<Markup, Problem> {
    let weekend = weekend(site, race, asked).await?;
    let view = view(site, viewer);
    let content = plan::content(&view, &weekend, form, alert);
    let path = format!("/races/{}/{}", race.season, race.round);
    let run = weekend.told.as_ref().map(|run| format!("&run={}", run.id)).unwrap_or_default();
    let live = Some(format!("{path}/live?{}{run}", viewer.query()));
    Ok(Frame { viewer, title: &weekend.race.race_name, live, path: &path }.around(&content))
}

/// What happened to what was asked: words where it was not done, else the run that does it.
fn notice(view: &View<'_>, told: Option<&Run>, alert: Option<&str>) -> Markup {
    html! {
        div #races-alert data-fragment role="alert" { @if let Some(alert) = alert { p.notice { (alert) } } }
        (told_box(view, told))
    }
}

fn told_box(view: &View<'_>, told: Option<&Run>) -> Markup {
    let language = view.scene.language;
    html! {
        div #races-told data-fragment role="status" {
            @if let Some(run) = told {
                p.box.line {
                    (title(run, language)) (badge(run, language))
                    @if let Some(words) = run.fault_message.as_ref().or(run.message.as_ref()) { span { (worded(words, language)) } }
                }
            }
        }
    }
}

/// A moment with its date, in the viewer's zone.
fn at(view: &View<'_>, at: Timestamp) -> Markup {
    let zoned = at.to_zoned_datetime(view.scene.zone.clone());
    html! { time datetime=(at) title=(full(at, view.scene.zone)) { (zoned.strftime("%Y-%m-%d %H:%M")) } }
}

/// A documented time, as it is read back.
fn wire(text: Option<&String>) -> Option<Timestamp> {
    text?.parse().ok()
}

async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    races(&site)?;
    let living = Living { viewer, asked, race: None };
    Ok(live::fragments(site, super::Living::Races(Box::new(living)))?.into_response())
}

async fn race_fragments(
    State(site): Shared,
    viewer: Viewer,
    Path((season, round)): Path<(i64, i64)>,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    races(&site)?;
    let living = Living { viewer, asked, race: Some(Race { season, round }) };
    Ok(live::fragments(site, super::Living::Races(Box::new(living)))?.into_response())
}

/// The page as it is open: of a season, or of a race.
pub(crate) struct Living {
    viewer: Viewer,
    asked: RawAsked,
    race: Option<Race>,
}

impl Living {
    /// Who looks at it.
    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// What it shows, to whom.
    pub(crate) fn shows(&self) -> String {
        format!("/races {} {:?} {:?}", self.viewer.query(), self.race, self.asked)
    }

    /// The parts that change, by their ids. What could not be read is left as it is on the page.
    pub(crate) async fn fragments(&mut self, site: &Site) -> Vec<(&'static str, String)> {
        let view = view(site, &self.viewer);
        match self.race {
            None => match season(site, &self.asked).await {
                Ok(season) => season::fragments(&view, &season),
                Err(_) => Vec::new(),
            },
            Some(race) => match weekend(site, race, &self.asked).await {
                Ok(weekend) => plan::fragments(&view, &weekend),
                Err(_) => Vec::new(),
            },
        }
    }
}
