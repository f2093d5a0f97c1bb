//! The runs that ended, a table.

use maud::{Markup, html};
use model::run::Run;

use super::Scene;
use super::run::{REMARK_BYTES, badge, bar, buttons, title};
use super::text::{clipped, moment, number, seconds_between, worded};
use crate::pages::overview::Standing;
use crate::progress::Progress;

/// All that are shown, or that there are none.
pub(crate) fn section(scene: &Scene<'_>, standing: &Standing) -> Markup {
    let m = scene.language.messages();
    html! {
        section #recent data-fragment aria-labelledby="recent-title" {
            h2 #recent-title { (m.recent_runs) }
            @if standing.ended.is_empty() {
                p.empty { (m.no_recent_runs) }
            } @else {
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="recent-title" {
                    table {
                        thead {
                            tr {
                                th scope="col" { (m.run) }
                                th scope="col" { (m.state) }
                                th.number scope="col" { (m.partitions) }
                                th.number.wide scope="col" { (m.items) }
                                th.number.wide scope="col" { (m.began) }
                                th.number.wide scope="col" { (m.took) }
                            }
                        }
                        tbody { @for run in &standing.ended { (row(scene, run)) } }
                    }
                }
            }
        }
    }
}

fn row(scene: &Scene<'_>, run: &Run) -> Markup {
    let m = scene.language.messages();
    let progress = Progress::of(run, None, scene.now);
    let began = run.started_at.unwrap_or(run.created_at);
    let done =
        (m.of)(&number(run.partitions_succeeded + run.partitions_skipped), &number(run.partitions_total));
    html! {
        @let words = run.fault_message.as_ref().or(run.message.as_ref());
        tr.unread[run.read_at.is_none()].spoken[words.is_some()] {
            th scope="row" { (title(run, scene.language)) }
            td { span.standing { (badge(run, scene.language)) span.buttons { (buttons(run, scene.language)) } } }
            td.number { (done) (bar(run, &progress, scene.language)) }
            td.number.wide { (number(run.counts.stored())) }
            td.number.wide { (moment(began, scene.zone, scene.now)) }
            td.number.wide {
                @if let Some(ended) = run.ended_at { ((m.duration)(seconds_between(began, ended))) }
            }
        }
        @if let Some(words) = words {
            tr.remark { td colspan="6" { (clipped(&worded(words, scene.language), REMARK_BYTES)) } }
        }
    }
}
