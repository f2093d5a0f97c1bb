//! The runs under way, a card each.

use maud::{Markup, html};
use model::partition::Partition;
use model::run::Run;
use model::state::RunState;

use super::Scene;
use super::run::{REMARK_BYTES, badge, bar, buttons, title};
use super::text::{clipped, full, moment, number, seconds_between, short, worded};
use crate::pages::overview::Standing;
use crate::progress::Progress;

/// Bytes shown of a partition's key.
const KEY_BYTES: usize = 120;

/// All of them, or that there are none.
pub(crate) fn section(scene: &Scene<'_>, standing: &Standing) -> Markup {
    let m = scene.language.messages();
    html! {
        section #active data-fragment aria-labelledby="active-title" {
            h2 #active-title { (m.active_runs) }
            @if standing.active.is_empty() {
                p.empty { strong { (m.no_active_runs) } " " (m.no_active_hint) }
            }
            @for (run, current) in &standing.active {
                (card(scene, run, current.as_ref()))
            }
        }
    }
}

fn card(scene: &Scene<'_>, run: &Run, current: Option<&Partition>) -> Markup {
    let m = scene.language.messages();
    let progress = Progress::of(run, current, scene.now);
    html! {
        article.card.run aria-label={ (m.run) " " (run.id) } {
            header {
                (title(run, scene.language))
                (badge(run, scene.language))
                span.buttons { (buttons(run, scene.language)) }
            }
            div.progress {
                strong.percent { (format!("{:.1}", progress.percent)) small { " %" } }
                (bar(run, &progress, scene.language))
            }
            (numbers(scene, run))
            p.line {
                @if let Some(current) = current.filter(|_| run.state == RunState::Running) {
                    (now_at(scene, current))
                }
                (end(scene, run, &progress))
                @if let Some(started) = run.started_at {
                    span { (m.began) " " (moment(started, scene.zone, scene.now)) }
                    span { ((m.so_far)(&(m.duration)(seconds_between(started, scene.now)))) }
                }
            }
            @if let Some(message) = &run.message { p.message { (clipped(&worded(message, scene.language), REMARK_BYTES)) } }
        }
    }
}

/// Partitions and items by outcome.
pub(crate) fn numbers(scene: &Scene<'_>, run: &Run) -> Markup {
    let m = scene.language.messages();
    let left = run.partitions_total - run.partitions_finished();
    let done = (m.of)(&number(run.partitions_finished()), &number(run.partitions_total));
    let outcomes = [
        ("succeeded", m.succeeded, run.partitions_succeeded),
        ("skipped", m.skipped, run.partitions_skipped),
        ("failed", m.failed, run.partitions_failed),
        ("queued", m.remaining, left),
    ];
    let items = [
        (m.new, run.counts.new),
        (m.updated, run.counts.updated),
        (m.unchanged, run.counts.unchanged),
        (m.deleted, run.counts.deleted),
        (m.failed, run.counts.failed),
    ];
    html! {
        dl.numbers {
            div { dt { (m.partitions) } dd { b { (done) } } }
            @for (state, word, count) in outcomes {
                div { dt.dot data-state=(if count > 0 { state } else { "none" }) { (word) } dd { (number(count)) } }
            }
            @if items.iter().any(|(_, count)| *count > 0) {
                div.apart { dt { (m.items) } dd { b { (number(run.counts.stored())) } } }
                @for (word, count) in items.into_iter().filter(|(_, count)| *count > 0) {
                    div { dt { (word) } dd { (number(count)) } }
                }
            }
        }
    }
}

/// The partition now being done.
pub(crate) fn now_at(scene: &Scene<'_>, current: &Partition) -> Markup {
    let m = scene.language.messages();
    html! {
        span {
            b { ((m.now_at)(&clipped(&current.key, KEY_BYTES))) }
            @if let Some(total) = current.units.total {
                " · " ((m.of)(&number(current.units.done), &number(total)))
            }
        }
    }
}

/// When it is expected to end, or to go on.
pub(crate) fn end(scene: &Scene<'_>, run: &Run, progress: &Progress) -> Markup {
    let m = scene.language.messages();
    let say = |at| short(at, scene.zone, scene.now);
    let whole = |at| full(at, scene.zone);
    html! {
        @match (run.state, run.resume_at, progress.estimated_end_at) {
            (RunState::Paused, Some(at), _) => span title=(whole(at)) { b { ((m.resumes_at)(&say(at))) } },
            (RunState::Paused | RunState::Queued, None, _) => {},
            (_, _, Some(at)) => span title=(whole(at)) { b { ((m.eta)(&say(at))) } },
            _ => span { (m.eta_unknown) },
        }
    }
}
