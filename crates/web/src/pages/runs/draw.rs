//! The parts of the page, drawn. Nothing here asks anything.

use jiff::civil::Date;
use maud::{Markup, html};
use model::run::{Run, Trigger};

use super::actions::Done;
use super::asked::{Asked, States};
use super::words::Words;
use super::{Standing, Told};
use crate::components::Scene;
use crate::components::notice::notice;
use crate::components::run::{REMARK_BYTES, Verb, badge, bar, title, verb_words};
use crate::components::text::{clipped, moment, number, seconds_between, worded};
use crate::progress::Progress;

/// For whom, and what was asked.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) words: &'static Words,
    pub(super) asked: &'a Asked,
}

pub(super) fn content(
    view: &View<'_>,
    standing: Option<&Standing>,
    told: &Told<'_>,
    systems: &[&str],
) -> Markup {
    let language = view.scene.language;
    html! {
        div.runs {
            h1 #runs-title { (language.messages().runs) }
            (notice(if let Told::Refused(problem) = told { Some(problem) } else { None }, language))
            (filters(view, systems))
            @if let Some(standing) = standing {
                (bulk(view))
                (said(view, told))
                (list(view, standing))
            }
        }
    }
}

fn filters(view: &View<'_>, systems: &[&str]) -> Markup {
    let (w, asked, m) = (view.words, view.asked, view.scene.language.messages());
    let date = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    html! {
        section.card.asking aria-label=(w.filter) {
            form method="get" action="/runs" {
                label { (w.system) select name="system" {
                    option value="" { (w.any) }
                    @for system in systems {
                        option value=(system) selected[asked.system.as_deref() == Some(*system)] { (system) }
                    }
                } }
                label { (m.state) select name="state" {
                    @for states in States::all() {
                        option value=(states.word()) selected[asked.states == states] { (states_words(view, states)) }
                    }
                } }
                label { (w.trigger) select name="trigger" {
                    option value="" { (w.any) }
                    @for trigger in Trigger::ALL {
                        option value=(trigger) selected[asked.trigger == Some(*trigger)] { ((m.trigger)(*trigger)) }
                    }
                } }
                label { (m.from) input type="date" name="from" value=(date(asked.from)); }
                label { (m.to) input type="date" name="to" value=(date(asked.to)); }
                button.main { (w.show) }
                @if !asked.is_any() { a.button href="/runs" { (w.clear) } }
            }
        }
    }
}

fn states_words(view: &View<'_>, states: States) -> &'static str {
    match states {
        States::Any => view.words.any,
        States::Active => view.words.active,
        States::Wanting => view.words.wanting,
        States::One(state) => (view.scene.language.messages().run_state)(state),
    }
}

/// The form of the boxes before the runs: it stands still while the list lives.
fn bulk(view: &View<'_>) -> Markup {
    let language = view.scene.language;
    html! {
        form #bulk .bulk method="post" action={ "/runs/bulk?" (view.asked.query()) } {
            label.all data-all hidden { input type="checkbox" #choose-all; " " (view.words.choose_all) }
            span { (view.words.chosen) }
            @for verb in [Verb::Retry, Verb::Cancel] {
                button #{ "bulk-" (verb.word()) } data-verb=(verb.word()) name="verb" value=(verb.word()) {
                    (verb_words(verb, language))
                }
            }
        }
    }
}

/// What became of the chosen runs.
fn said(view: &View<'_>, told: &Told<'_>) -> Markup {
    html! {
        div #bulk-said data-fragment role="status" {
            @if let Told::Done(done) = told { div.box { (outcome(view, done)) } }
        }
    }
}

fn outcome(view: &View<'_>, done: &Done) -> Markup {
    let (w, language) = (view.words, view.scene.language);
    let verb = match done.verb {
        Verb::Retry => w.retried,
        Verb::Cancel => w.cancelled,
        Verb::Pause | Verb::Resume => w.asked,
    };
    html! {
        @if done.done.is_empty() && done.refused.is_empty() { p { (w.none_chosen) } }
        @if !done.done.is_empty() {
            p { b { (verb) } @for (run, look) in &done.done { " " (link(run.0)) @if run != look { " → " (link(look.0)) } } }
        }
        @if !done.refused.is_empty() {
            p { b { (w.not_done) } }
            ul { @for (run, problem) in &done.refused {
                @let body = problem.body(language);
                li { (link(run.0)) " " (body.title) ": " (body.detail) }
            } }
        }
    }
}

fn link(run: i64) -> Markup {
    html! { a href={ "/runs/" (run) } { "#" (run) } }
}

/// The table.
pub(super) fn list(view: &View<'_>, standing: &Standing) -> Markup {
    let w = view.words;
    let newest_of_all = view.asked.is_any() && view.asked.before.is_none();
    html! {
        section #runs-list data-fragment aria-labelledby="runs-title" {
            @if standing.runs.is_empty() {
                p.empty { (if newest_of_all { w.no_runs } else { w.no_match }) }
            } @else {
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="runs-title" {
                    table { (head(view)) tbody { @for run in &standing.runs { (row(view, run)) } } }
                }
            }
            @if view.asked.before.is_some() || standing.older { (pager(view, standing)) }
        }
    }
}

fn pager(view: &View<'_>, standing: &Standing) -> Markup {
    let w = view.words;
    html! {
        nav.pager aria-label=(view.scene.language.messages().runs) {
            @if view.asked.before.is_some() { a.button href=(view.asked.before(None)) { (w.newest) } }
            @if let Some(last) = standing.runs.last().filter(|_| standing.older) {
                a.button href=(view.asked.before(Some(last.id.0))) { (w.older) }
            }
        }
    }
}

fn head(view: &View<'_>) -> Markup {
    let (w, m) = (view.words, view.scene.language.messages());
    html! {
        thead { tr {
            td.choice {}
            th scope="col" { (m.state) }
            th scope="col" { (m.run) }
            th.wide scope="col" { (w.range) }
            th.number scope="col" { (m.partitions) }
            th.number.wide scope="col" { (m.items) }
            th.number.wide scope="col" { (m.failed) }
            th.number.wide scope="col" { (m.began) }
            th.number.wide scope="col" { (m.took) }
        } }
    }
}

fn row(view: &View<'_>, run: &Run) -> Markup {
    let (scene, m) = (&view.scene, view.scene.language.messages());
    let progress = Progress::of(run, None, scene.now);
    let began = run.started_at.unwrap_or(run.created_at);
    let done = (m.of)(&number(run.partitions_finished()), &number(run.partitions_total));
    let words = run.fault_message.as_deref().or(run.message.as_deref());
    html! {
        tr.unread[run.state.is_end() && run.read_at.is_none()].spoken[words.is_some()] {
            td.choice {
                input type="checkbox" #{ "choose-" (run.id) } name="run" value=(run.id) form="bulk"
                    aria-label=((view.words.choose)(run.id.0));
            }
            td { (badge(run, scene.language)) }
            th scope="row" { (title(run, scene.language)) }
            td.wide { (range(view, run)) }
            td.number { (done) (bar(run, &progress, scene.language)) }
            td.number.wide { (number(run.counts.stored())) }
            td.number.wide { (number(run.counts.failed)) }
            td.number.wide { (moment(began, scene.zone, scene.now)) }
            td.number.wide {
                @if let Some(ended) = run.ended_at { ((m.duration)(seconds_between(began, ended))) }
            }
        }
        @if let Some(words) = words {
            tr.remark { td.choice {} td colspan="8" { (clipped(&worded(words, scene.language), REMARK_BYTES)) } }
        }
    }
}

/// From which key to which, for syncs that take a range of dates.
fn range(view: &View<'_>, run: &Run) -> Markup {
    let bound = |name: &str| run.params.get(name).and_then(|value| value.as_str());
    html! {
        @match (bound("start_date"), bound("end_date")) {
            (Some(first), Some(last)) if first == last => (clipped(first, 40)),
            (Some(first), Some(last)) => ((view.words.from_to)(&clipped(first, 40), &clipped(last, 40))),
            _ => {},
        }
    }
}
