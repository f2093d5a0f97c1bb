//! The run's log, drawn: a box that stands at its end by itself, and so follows without a script.

use maud::{Markup, html};

use super::Lines;
use super::draw::View;
use crate::components::text::{clipped, full, worded};

/// Bytes shown of a line; the whole of it is in the API.
const LINE_BYTES: usize = 400;

/// The whole section.
pub(super) fn section(view: &View<'_>, run: i64, lines: &Lines) -> Markup {
    let w = view.words;
    html! {
        section #log aria-labelledby="log-title" {
            h2 {
                span #log-title { (w.log) } " "
                small { a href={ "/api/v1/runs/" (run) "/log" } { (w.as_json) } }
                button #follow type="button" data-catch-up="run-log" hidden { "↓ " (w.follow) }
            }
            (self::lines(view, lines))
            @if view.asked.before.is_some() {
                nav.pager aria-label=(w.log) {
                    a.button href={ (view.asked.but(|asked| asked.before = None)) "#log" } { (w.newest) }
                }
            }
        }
    }
}

/// The box with the lines.
pub(super) fn lines(view: &View<'_>, lines: &Lines) -> Markup {
    let w = view.words;
    let oldest = lines.lines.first().map(|line| line.id).filter(|_| lines.older);
    html! {
        div #run-log .log data-fragment data-follow tabindex="0" role="region" aria-labelledby="log-title" {
            div {
                @if let Some(oldest) = oldest {
                    p { a href={ (view.asked.but(|asked| asked.before = Some(oldest))) "#log" } { "↑ " (w.older) } }
                }
                @if lines.lines.is_empty() { p.quiet { (w.no_lines) } }
                ol {
                    @for line in &lines.lines {
                        li data-level=(line.level) {
                            time datetime=(line.at) title=(full(line.at, view.scene.zone)) {
                                (line.at.to_zoned_datetime(view.scene.zone.clone()).strftime("%m-%d %H:%M:%S"))
                            }
                            span {
                                @if let Some(level) = (w.level)(&line.level) { b { (level) } " " }
                                (clipped(&worded(&line.message, view.scene.language), LINE_BYTES))
                            }
                        }
                    }
                }
            }
        }
    }
}
