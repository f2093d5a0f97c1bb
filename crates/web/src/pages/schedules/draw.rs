//! The list of the schedules, and what it has in common with the page of one, drawn. Nothing here asks anything.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use model::schedule::{Schedule, TickDecision, TickRow, When, zone};

use super::words::Words;
use super::{Standing, rule};
use crate::api::schedules::next_times;
use crate::components::Scene;
use crate::components::notice::notice;
use crate::components::text::{clipped, full, moment, seconds_between, worded};
use crate::problem::Problem;

/// Bytes shown of a time's reason in the list; the whole of it is on the schedule's page.
const REASON_BYTES: usize = 160;

/// For whom.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) words: &'static Words,
}

/// What may be asked of a schedule by a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Run,
    Pause,
    Resume,
}

impl Verb {
    pub(super) const ALL: [Self; 3] = [Self::Run, Self::Pause, Self::Resume];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Pause => "pause",
            Self::Resume => "resume",
        }
    }
}

pub(super) fn content(
    view: &View<'_>,
    standing: Option<&Standing>,
    started: Option<i64>,
    refused: Option<&Problem>,
) -> Markup {
    let m = view.scene.language.messages();
    html! {
        div.schedules {
            h1 #schedules-title { (m.schedules) }
            p.subtitle { (view.words.subtitle) }
            (notice(refused, view.scene.language))
            div #schedule-told data-fragment role="status" { (told(view, started)) }
            @if let Some(standing) = standing { (list(view, standing)) }
        }
    }
}

/// The run that a button made.
pub(super) fn told(view: &View<'_>, started: Option<i64>) -> Markup {
    html! {
        @if let Some(run) = started {
            div.box { p { (view.words.started) " " a href={ "/runs/" (run) } { "#" (run) } } }
        }
    }
}

pub(super) fn list(view: &View<'_>, standing: &Standing) -> Markup {
    let w = view.words;
    html! {
        section #schedules-list data-fragment aria-labelledby="schedules-title" {
            @if standing.schedules.is_empty() {
                p.empty { (w.none) }
            } @else {
                ul.list { @for (schedule, last) in &standing.schedules {
                    (entry(view, schedule, last.as_ref(), standing.page))
                } }
            }
            @if standing.page > 1 || standing.more {
                nav.pager aria-label=(view.scene.language.messages().schedules) {
                    @if standing.page > 1 { a.button href="/schedules" { (w.newest) } }
                    @if standing.more {
                        a.button href={ "/schedules?page=" (standing.page + 1) } { (w.older) }
                    }
                }
            }
        }
    }
}

fn entry(view: &View<'_>, schedule: &Schedule, last: Option<&TickRow>, page: u32) -> Markup {
    let (w, language) = (view.words, view.scene.language);
    let spec = &schedule.spec;
    html! {
        li #{ "schedule-" (schedule.id) } {
            div.what {
                b { a href={ "/schedules/" (schedule.id) } { (worded(&spec.title, language)) } }
                small { code { (spec.name) } }
                small { (w.runs) " " code { (spec.sync) } " · " (spec.label) }
            }
            div.rule {
                b { (rule::said(spec, language)) }
                small { (expression(spec)) }
                (next(view, schedule))
            }
            div.last { (last_time(view, last)) }
            div.buttons { (buttons(view, schedule, Place::List(page))) }
        }
    }
}

/// The rule as it is written, with its zone.
pub(super) fn expression(spec: &model::schedule::ScheduleSpec) -> Markup {
    html! {
        @if let When::Cron { expression } = &spec.when { code { (expression) } " · " }
        (spec.time_zone)
    }
}

/// When it is next due, and the times after that folded away.
fn next(view: &View<'_>, schedule: &Schedule) -> Markup {
    let (scene, w) = (&view.scene, view.words);
    let times = next_times(schedule, scene.now);
    html! {
        div.next {
            @if schedule.paused_at.is_some() {
                span.badge data-state="paused" { (scene.language.messages().paused) } " "
            }
            @match times.first() {
                None => span.badge data-state="skipped" { (w.no_next) },
                Some(first) => details #{ "next-" (schedule.id) } {
                    summary { ((w.next)("")) (moment(*first, scene.zone, scene.now)) }
                    (times_table(view, &times, &schedule.spec.time_zone))
                },
            }
        }
    }
}

/// Times on the clock of the schedule, on that of the viewer where it is another, and how far away they are.
pub(super) fn times_table(view: &View<'_>, times: &[Timestamp], zone_name: &str) -> Markup {
    let (scene, w, m) = (&view.scene, view.words, view.scene.language.messages());
    let own = zone(zone_name).unwrap_or(TimeZone::UTC);
    let console = scene.zone.iana_name().unwrap_or_default();
    let here = console != zone_name;
    html! {
        table.times {
            thead { tr {
                th scope="col" { ((w.in_zone)(rule::zone_words(w, zone_name))) }
                @if here { th scope="col" { ((w.in_zone)(rule::zone_words(w, console))) } }
                th.number scope="col" { (w.how_soon) }
            } }
            tbody { @for at in times { tr {
                td { (on_clock(w, *at, &own)) }
                @if here { td { (on_clock(w, *at, scene.zone)) } }
                td.number { ((w.within)(&(m.duration)(seconds_between(scene.now, *at)))) }
            } } }
        }
    }
}

/// The whole of a time: weekday, date, time, and how far its clocks are from UTC.
fn on_clock(w: &Words, at: Timestamp, zone: &TimeZone) -> Markup {
    let zoned = at.to_zoned_datetime(zone.clone());
    let weekday = w.weekdays[usize::from(zoned.weekday().to_monday_zero_offset().unsigned_abs())];
    let seconds = if zoned.second() == 0 { "" } else { ":%S" };
    let format = format!("%Y-%m-%d %H:%M{seconds}");
    html! {
        time datetime=(at) title=(full(at, zone)) { (zoned.strftime(&format)) } " " span.quiet { (weekday) " " (zoned.strftime("%:z")) }
    }
}

/// Where a form leads back to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// This page of it.
    List(u32),
    One,
}

/// The verbs that fit, as plain forms.
pub(super) fn buttons(view: &View<'_>, schedule: &Schedule, place: Place) -> Markup {
    let (w, id, title) = (view.words, schedule.id, &worded(&schedule.spec.title, view.scene.language));
    let action = match place {
        Place::List(1) => "/schedules".to_owned(),
        Place::List(page) => format!("/schedules?page={page}"),
        Place::One => format!("/schedules/{id}"),
    };
    let pausing = if schedule.paused_at.is_some() { Verb::Resume } else { Verb::Pause };
    html! {
        @for verb in [Verb::Run, pausing] {
            @let word = verb_words(view, verb);
            form method="post" action=(action) {
                @if place != Place::One { input type="hidden" name="schedule" value=(id); }
                button #{ (verb.word()) "-" (id) } name="verb" value=(verb.word())
                    aria-label=((w.verb_on)(word, title)) { (word) }
            }
        }
        @if place != Place::One && matches!(schedule.spec.when, When::Cron { .. }) {
            a.button href={ "/schedules/" (id) "#rule" } aria-label=((w.verb_on)(w.edit, title)) { (w.edit) }
        }
    }
}

fn verb_words(view: &View<'_>, verb: Verb) -> &'static str {
    let m = view.scene.language.messages();
    match verb {
        Verb::Run => m.run_now,
        Verb::Pause => m.pause,
        Verb::Resume => m.resume,
    }
}

fn last_time(view: &View<'_>, last: Option<&TickRow>) -> Markup {
    let (scene, w) = (&view.scene, view.words);
    html! {
        @match last {
            None => small { (w.never) },
            Some(tick) => {
                span { (w.last) " " (moment(tick.nominal_at, scene.zone, scene.now)) " " (decision(view, tick)) }
                @if let Some(reason) = &tick.reason {
                    @let reason = worded(&(w.reasons)(reason), scene.language).into_owned();
                    small title=(reason) { (clipped(&reason, REASON_BYTES)) }
                }
            },
        }
    }
}

/// What became of a time, with the run it made.
pub(super) fn decision(view: &View<'_>, tick: &TickRow) -> Markup {
    let tone = match tick.decision {
        TickDecision::Started => "succeeded",
        TickDecision::Buffered => "waiting",
        TickDecision::SkippedOverlap | TickDecision::NothingToDo => "skipped",
        TickDecision::Missed => "partial",
        TickDecision::Refused => "failed",
    };
    html! {
        span.badge data-state=(tone) { ((view.scene.language.messages().decision)(tick.decision)) }
        @if let Some(run) = tick.run_id { " " a href={ "/runs/" (run) } { "#" (run) } }
    }
}
