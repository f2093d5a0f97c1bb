//! The runs that ended, a table.

use maud::{Markup, html};
use model::run::Run;

use super::run::{badge, bar, buttons, title};
use super::text::{moment, number, seconds_between};
use crate::app::Site;
use crate::i18n::Language;
use crate::pages::overview::Standing;
use crate::progress::Progress;

/// All that are shown, or that there are none.
pub(crate) fn section(site: &Site, language: Language, standing: &Standing) -> Markup {
    let m = language.messages();
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
                                th.number scope="col" { (m.items) }
                                th.number scope="col" { (m.began) }
                                th.number scope="col" { (m.took) }
                                th scope="col" { (m.remarks) }
                            }
                        }
                        tbody { @for run in &standing.ended { (row(site, language, standing, run)) } }
                    }
                }
            }
        }
    }
}

fn row(site: &Site, language: Language, standing: &Standing, run: &Run) -> Markup {
    let m = language.messages();
    let progress = Progress::of(run, None, standing.now);
    let began = run.started_at.unwrap_or(run.created_at);
    let done =
        (m.of)(&number(run.partitions_succeeded + run.partitions_skipped), &number(run.partitions_total));
    html! {
        tr.unread[run.read_at.is_none()] {
            th scope="row" { (title(run, language)) }
            td { (badge(run, language)) }
            td.number { (done) (bar(run, &progress, language)) }
            td.number { (number(run.counts.stored())) }
            td.number { (moment(began, &site.app.time_zone, standing.now)) }
            td.number {
                @if let Some(ended) = run.ended_at { ((m.duration)(seconds_between(began, ended))) }
            }
            td.remarks {
                @if let Some(words) = run.fault_message.as_ref().or(run.message.as_ref()) {
                    span title=(words) { (words) }
                }
                span.buttons { (buttons(run, language)) }
            }
        }
    }
}
