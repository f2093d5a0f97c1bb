//! The page of all configs, drawn.

use maud::{Markup, html};
use model::file::FileMode;
use model::run::Run;
use systems::files::{Listed, RunSummary};

use super::asked::RawAsked;
use super::{CONFIGS_SHOWN, List, View, draw, when};
use crate::components::notice::notice;
use crate::components::text::{clipped, moment};
use crate::problem::Problem;

/// Bytes shown of why a run failed; all of it is on its page.
const ERROR_BYTES: usize = 200;

pub(super) fn content(view: &View<'_>, list: &List, told: Option<&Run>, refused: Option<&Problem>) -> Markup {
    let w = view.words;
    html! {
        div.files {
            div.pages {
                div { h1 { (w.title) } p.subtitle { (w.subtitle) } }
                @if list.total > 0 { a.button.main #new-config href="/files/new" { (w.new) } }
            }
            (notice(refused, view.scene.language))
            (draw::told(view, &RawAsked::default(), told))
            (configs(view, list))
        }
    }
}

/// The parts that change, by their ids.
pub(super) fn fragments(view: &View<'_>, list: &List) -> Vec<(&'static str, String)> {
    vec![("files-list", configs(view, list).into_string())]
}

fn configs(view: &View<'_>, list: &List) -> Markup {
    let w = view.words;
    html! {
        section #files-list data-fragment aria-label=(w.title) {
            @if list.total == 0 {
                div.empty.welcome { p { (w.welcome) } a.button.main #new-config href="/files/new" { (w.new) } }
            } @else {
                ul.list.configs { @for listed in &list.configs { (entry(view, listed)) } }
                (draw::pager(view, (list.page, CONFIGS_SHOWN, list.total), |page| format!("/files?page={page}")))
            }
        }
    }
}

fn entry(view: &View<'_>, listed: &Listed) -> Markup {
    let (w, config) = (view.words, &listed.config);
    let name = draw::name(view, config);
    let mode = FileMode::from_word(config.mode).map_or(config.mode, |mode| (w.modes)(mode).0);
    html! {
        li #{ "config-" (config.id) } {
            div.what {
                b { a href={ "/files/configs/" (config.id) } { (name) } }
                small.way { (draw::way(view, config)) }
            }
            div {
                span.line {
                    span { (mode) }
                    @if !config.enabled { span.badge data-state="paused" { (w.disabled) } }
                }
                (when::rule(view, config))
            }
            div.newest {
                @match &listed.newest_run {
                    Some(run) => (newest_run(view, run)),
                    None => span.quiet { (w.not_run) },
                }
                small { (w.last) " " @match draw::time(view, config.last_sync.as_deref()) { Some(at) => (at), None => (w.never) } }
            }
            form.buttons method="post" action="/files" {
                input type="hidden" name="config" value=(config.id);
                (verb(view, &name, config.id, ("run", view.scene.language.messages().run_now), config.enabled))
                @if config.enabled { (verb(view, &name, config.id, ("disable", w.disable), true)) }
                @else { (verb(view, &name, config.id, ("enable", w.enable), true)) }
            }
        }
    }
}

fn verb(view: &View<'_>, name: &str, id: i64, (verb, word): (&str, &str), fits: bool) -> Markup {
    html! {
        button #{ (verb) "-" (id) } name="verb" value=(verb) disabled[!fits] aria-label=((view.words.on)(word, name)) { (word) }
    }
}

fn newest_run(view: &View<'_>, run: &RunSummary) -> Markup {
    html! {
        span.line {
            a href={ "/files/runs/" (run.run_id) } { "#" (run.run_id) }
            span { (draw::badge(view, run)) }
            @if let Some(at) = run.finished_at.or(run.started_at) { (moment(at, view.scene.zone, view.scene.now)) }
        }
        (draw::bar(view, run))
        @if let Some(error) = draw::error(view, run) { small.error { (clipped(&error, ERROR_BYTES)) } }
        @if let Some(at) = run.next_try_at { small { (view.words.next_try) " " (moment(at, view.scene.zone, view.scene.now)) } }
    }
}
