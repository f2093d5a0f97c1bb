//! The forms of the pages. Each asks the system as its documented route does, and leads back to the page.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine::Engine;
use model::id::RunId;
use serde::Deserialize;
use systems::races::upstream::Race;
use systems::races::{Executed, Scheduled};

use super::asked::{DAYS, PlanForm, RawAsked, SEASONS};
use super::words::words;
use super::{address, race_shown, races, shown};
use crate::app::{Shared, Site};
use crate::extract::{Button, Form, Path};
use crate::once::Once;
use crate::problem::Problem;
use crate::viewer::Viewer;

type Answer = Result<Response, Problem>;

/// The engine, asked once for each form.
fn wish(site: &Site, once: &Once) -> Engine {
    site.app.engine.once(once.key())
}

/// Of which season, and how far ahead.
#[derive(Debug, Deserialize)]
pub(super) struct ChoreForm {
    season: i64,
    #[serde(default)]
    days_ahead: i64,
}

/// The page of a season again, with why something was not done.
async fn refused(site: &Site, viewer: &Viewer, season: i64, words: &str) -> Answer {
    let asked = RawAsked::of_season(season);
    let page = shown(site, viewer, &asked, Some(words)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(super) async fn calendar(
    State(site): Shared,
    viewer: Viewer,
    Form(form, once): Form<ChoreForm>,
) -> Answer {
    if !SEASONS.contains(&form.season) {
        return refused(&site, &viewer, form.season, words(viewer.language).bad_season).await;
    }
    let run = races(&site)?.0.start_calendar(&wish(&site, &once), form.season).await?;
    Ok(Redirect::to(&address(form.season, Some(run.id))).into_response())
}

pub(super) async fn monitor(State(site): Shared, Form(form, once): Form<ChoreForm>) -> Answer {
    let run = races(&site)?.0.start_monitor(&wish(&site, &once)).await?;
    Ok(Redirect::to(&address(form.season, Some(run.id))).into_response())
}

pub(super) async fn cleanup(State(site): Shared, Form(form, once): Form<ChoreForm>) -> Answer {
    let run = races(&site)?.0.start_cleanup(&wish(&site, &once)).await?;
    Ok(Redirect::to(&address(form.season, Some(run.id))).into_response())
}

pub(super) async fn batch(State(site): Shared, viewer: Viewer, Form(form, once): Form<ChoreForm>) -> Answer {
    if !SEASONS.contains(&form.season) {
        return refused(&site, &viewer, form.season, words(viewer.language).bad_season).await;
    }
    if !DAYS.contains(&form.days_ahead) {
        return refused(&site, &viewer, form.season, words(viewer.language).bad_days).await;
    }
    let batch = races(&site)?.0.start_batch(&wish(&site, &once), form.season, form.days_ahead).await?;
    Ok(Redirect::to(&address(form.season, Some(batch.run.id))).into_response())
}

/// A race, with the page that asks: its own, or its season's.
#[derive(Debug, Deserialize)]
pub(super) struct ScheduleForm {
    #[serde(default)]
    from: String,
    #[serde(flatten)]
    plan: PlanForm,
}

pub(super) async fn schedule(
    State(site): Shared,
    viewer: Viewer,
    Path((season, round)): Path<(i64, i64)>,
    Form(form, once): Form<ScheduleForm>,
) -> Answer {
    let (w, race) = (words(viewer.language), Race { season, round });
    let why = match form.plan.terms() {
        None => w.hours_bad.to_owned(),
        Some(terms) => match races(&site)?.0.schedule(&wish(&site, &once), race, terms).await? {
            Scheduled::Made(_) | Scheduled::Known(_) if form.from == "season" => {
                return Ok(Redirect::to(&address(season, None)).into_response());
            }
            Scheduled::Made(_) | Scheduled::Known(_) => {
                return Ok(Redirect::to(&page_of(race, None)).into_response());
            }
            Scheduled::NoRace => w.no_race.to_owned(),
            Scheduled::NoEnd(name) => (w.no_end)(&name),
            Scheduled::CalendarOnItsWay => w.calendar_coming.to_owned(),
            Scheduled::CalendarAway => w.calendar_away.to_owned(),
        },
    };
    match form.from.as_str() {
        "season" => refused(&site, &viewer, season, &why).await,
        _ => again(&site, &viewer, race, (&form.plan, &why)).await,
    }
}

pub(super) async fn cancel(State(site): Shared, Path((season, round)): Path<(i64, i64)>) -> Answer {
    let race = Race { season, round };
    races(&site)?.0.cancel(&site.app.engine, race).await?;
    Ok(Redirect::to(&page_of(race, None)).into_response())
}

pub(super) async fn execute(
    State(site): Shared,
    viewer: Viewer,
    Path((season, round, attempt)): Path<(i64, i64, i64)>,
    Form(Button {}, once): Form<Button>,
) -> Answer {
    let race = Race { season, round };
    match races(&site)?.0.execute(&wish(&site, &once), race, attempt).await? {
        Executed::Run(run, _) => Ok(Redirect::to(&page_of(race, Some(run.id))).into_response()),
        Executed::NoPlan | Executed::NoAttempt => {
            again(&site, &viewer, race, (&PlanForm::default(), words(viewer.language).no_attempt)).await
        }
    }
}

/// The page of a race again, with what was written and why it was not done.
async fn again(site: &Site, viewer: &Viewer, race: Race, (form, why): (&PlanForm, &str)) -> Answer {
    let page = race_shown(site, viewer, race, (&RawAsked::default(), form, Some(why))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn page_of(Race { season, round }: Race, run: Option<RunId>) -> String {
    match run {
        Some(run) => format!("/races/{season}/{round}?run={run}"),
        None => format!("/races/{season}/{round}"),
    }
}
