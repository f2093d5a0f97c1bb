//! The page of one schedule: where it stands, its rule to be edited, and what became of its times.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use model::id::ScheduleId;
use model::policy::Missed;
use model::schedule::{Schedule, TickRow, When};

use super::asked::{AskedOne, Told};
use super::draw::{Place, View, buttons, decision, expression, times_table, told};
use super::editor::{self, Said};
use super::rule;
use super::words::words;
use super::{Living, Of, view};
use crate::api::schedules::{find, next_times};
use crate::app::{Shared, Site};
use crate::components::layout::Frame;
use crate::components::notice::notice;
use crate::components::text::{clipped, moment, worded};
use crate::components::trouble;
use crate::extract::{self, Path};
use crate::live;
use crate::pages::files;
use crate::problem::Problem;
use crate::viewer::Viewer;

/// Times shown with what became of them.
const TICKS_SHOWN: u32 = 30;

/// Bytes shown of a reason.
const REASON_BYTES: usize = 1_000;

/// What the page shows.
pub(super) struct Standing {
    schedule: Schedule,
    ticks: Vec<TickRow>,
}

pub(super) async fn read(site: &Site, id: ScheduleId) -> Result<Standing, Problem> {
    let schedule = find(site, id).await?;
    let ticks = site.app.engine.read().ticks(id, TICKS_SHOWN).await?;
    Ok(Standing { schedule, ticks })
}

/// A schedule's number in an address. Anything else is an address of nothing.
pub(super) fn number(text: &str) -> Result<ScheduleId, Problem> {
    text.parse().map(ScheduleId).map_err(|_| Problem::NoRoute(format!("/schedules/{text}")))
}

pub(super) async fn page(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    extract::Asked(asked): extract::Asked<AskedOne>,
) -> Response {
    let told = asked.told();
    let typed = asked.typed().map(|(cron, time_zone)| Said { cron, time_zone, refused: false });
    match shown(&site, &viewer, number(&id), (typed.as_ref(), told, None)).await {
        Ok(page) => page.into_response(),
        Err(problem) => missing(&viewer, &problem),
    }
}

/// The whole page, with a rule that is typed and with words on top where something was done, or was not.
pub(super) async fn shown(
    site: &Site,
    viewer: &Viewer,
    id: Result<ScheduleId, Problem>,
    (typed, told, refused): (Option<&Said>, Told, Option<&Problem>),
) -> Result<Markup, Problem> {
    let id = id?;
    let standing = read(site, id).await?;
    let view = view(site, viewer);
    let content = content(&view, &standing, typed, (told, refused));
    let path = format!("/schedules/{id}");
    let live = Some(format!("{path}/live?{}", viewer.query()));
    let title = worded(&standing.schedule.spec.title, viewer.language);
    Ok(Frame { viewer, title: &title, live, path: &path }.around(&content))
}

/// Why there is no page, in the frame of one.
pub(super) fn missing(viewer: &Viewer, problem: &Problem) -> Response {
    trouble::page(problem, viewer, ("/schedules", words(viewer.language).back))
}

pub(super) async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = find(&site, number(&id)?).await?.id;
    let living = Living { viewer, of: Of::One(id) };
    Ok(live::fragments(site, super::super::Living::Schedules(living))?.into_response())
}

/// The parts that change, by their ids.
pub(super) fn living(view: &View<'_>, standing: &Standing) -> Vec<(&'static str, String)> {
    vec![
        ("schedule-head", head(view, &standing.schedule).into_string()),
        ("schedule-ticks", ticks(view, &standing.ticks).into_string()),
    ]
}

fn content(
    view: &View<'_>,
    standing: &Standing,
    typed: Option<&Said>,
    (done, refused): (Told, Option<&Problem>),
) -> Markup {
    let w = view.words;
    let schedule = &standing.schedule;
    let started = if let Told::Started(run) = done { Some(run) } else { None };
    html! {
        div.schedules.one-schedule {
            a.back href="/schedules" { "← " (w.back) }
            h1 { (worded(&schedule.spec.title, view.scene.language)) " " small { code { (schedule.spec.name) } } }
            (notice(refused, view.scene.language))
            div #schedule-told data-fragment role="status" {
                (told(view, started))
                @if done == Told::Changed { div.box { p { (w.changed) } } }
            }
            div.halves {
            (head(view, schedule))
            @match (&schedule.spec.when, files::config_of(&schedule.spec.sync)) {
                (When::Cron { .. }, Some(config)) => p.empty #rule { (w.of_config) " " a href=(config) { (w.to_config) } },
                (When::Cron { expression }, None) => {
                    @let standing = Said {
                        cron: expression.clone(),
                        time_zone: schedule.spec.time_zone.clone(),
                        refused: false,
                    };
                    (editor::section(view, schedule.id, typed.unwrap_or(&standing)))
                },
                (When::Offsets { .. } | When::Once { .. }, _) => p.empty #rule { (w.fixed) },
            }
            }
            (ticks(view, &standing.ticks))
        }
    }
}

/// The rule as it stands, its next times, what it runs, and what may be asked of it.
fn head(view: &View<'_>, schedule: &Schedule) -> Markup {
    let (scene, w) = (&view.scene, view.words);
    let spec = &schedule.spec;
    let times = next_times(schedule, scene.now);
    let paused = schedule.paused_at.is_some();
    html! {
        section #schedule-head data-fragment {
            div.card {
                header {
                    div.rule { b { (rule::said(spec, scene.language)) } small { (expression(spec)) } }
                    @if paused { span.badge data-state="paused" { (scene.language.messages().paused) } }
                    @if times.is_empty() { span.badge data-state="skipped" { (w.over) } }
                    div.buttons { (buttons(view, schedule, Place::One)) }
                }
                h2 { (if paused { w.next_if } else { w.next_times }) }
                @if times.is_empty() { p.quiet { (w.no_next) } }
                @else { (times_table(view, &times, &spec.time_zone)) }
                h2 { (w.runs_what) }
                (request(view, schedule))
            }
        }
    }
}

fn request(view: &View<'_>, schedule: &Schedule) -> Markup {
    let w = view.words;
    let spec = &schedule.spec;
    let params = spec.params.as_object().filter(|params| !params.is_empty());
    let missed = match spec.missed {
        Missed::None => w.missed_none,
        Missed::Latest => w.missed_latest,
        Missed::All => w.missed_all,
    };
    html! {
        dl.facts {
            dt { (w.sync) } dd { a href={ "/runs?system=" (spec.sync.system()) } { code { (spec.sync) } } }
            dt { (w.label) } dd { code { (spec.label) } }
            @if params.is_some() { dt { (w.params) } dd { code { (spec.params) } } }
            dt { (w.missed) } dd { (missed) }
        }
    }
}

fn ticks(view: &View<'_>, ticks: &[TickRow]) -> Markup {
    let (scene, w) = (&view.scene, view.words);
    html! {
        section #schedule-ticks data-fragment aria-labelledby="ticks-title" {
            h2 #ticks-title { (w.ticks) }
            @if ticks.is_empty() {
                p.empty { (w.no_ticks) }
            } @else {
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="ticks-title" {
                    table {
                        thead { tr {
                            th scope="col" { (w.time) }
                            th scope="col" { (w.decision) }
                            th scope="col" { (w.reason) }
                        } }
                        tbody { @for tick in ticks { tr {
                            td { (moment(tick.nominal_at, scene.zone, scene.now)) }
                            td { (decision(view, tick)) }
                            td.reason {
                                @if let Some(reason) = &tick.reason {
                                    (clipped(&worded(&(w.reasons)(reason), scene.language), REASON_BYTES))
                                }
                            }
                        } } }
                    }
                }
            }
        }
    }
}
