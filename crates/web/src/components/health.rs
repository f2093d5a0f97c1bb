//! Whether the house stands, in one line.

use std::time::Duration;

use maud::{Markup, html};
use model::id::SyncKey;
use model::run::Run;

use super::Scene;
use super::run::REMARK_BYTES;
use super::text::{clipped, moment};
use crate::pages::overview::Standing;

/// The line; without a standing the database did not answer.
pub(crate) fn section(scene: &Scene<'_>, standing: Option<&Standing>) -> Markup {
    let m = scene.language.messages();
    let zone = scene.zone.iana_name().unwrap_or("UTC");
    html! {
        section #health data-fragment .health aria-label=(m.health) {
            @match standing {
                Some(standing) => {
                    span.dot data-state="succeeded" { (m.database) " " ((m.answers)(steps(standing.answered))) }
                    @for (sync, run) in &standing.syncs { (sync_health(scene, sync, run.as_ref())) }
                    (unread(scene, standing))
                },
                None => span.dot data-state="failed" { (m.database) " " strong { (m.does_not_answer) } },
            }
            span.zone { ((m.time_in)(zone)) }
        }
    }
}

/// Steps of five, so that the line does not flicker.
fn steps(took: Duration) -> u128 {
    took.as_millis().div_ceil(5).max(1) * 5
}

/// How a sync's newest ended run went; what ended it is in the title.
fn sync_health(scene: &Scene<'_>, sync: &SyncKey, run: Option<&Run>) -> Markup {
    let m = scene.language.messages();
    html! {
        @match run {
            Some(run) => span.dot data-state=(run.state.as_str()) title=[run.fault_message.as_deref().map(|words| clipped(words, REMARK_BYTES))] {
                (sync) " " ((m.run_state)(run.state)) " "
                @if let Some(ended) = run.ended_at { (moment(ended, scene.zone, scene.now)) }
            },
            None => span.dot data-state="none" { (sync) " " (m.not_run) },
        }
    }
}

fn unread(scene: &Scene<'_>, standing: &Standing) -> Markup {
    let m = scene.language.messages();
    html! {
        @if standing.unread > 0 {
            form.unread method="post" action="/runs/mark-read" {
                span.dot data-state="partial" { ((m.unread)(standing.unread)) }
                @if let Some(newest) = standing.ended.iter().map(|run| run.id).max() {
                    input type="hidden" name="up_to" value=(newest);
                    button #mark-read { (m.mark_all_read) }
                }
            }
        } @else {
            span.dot data-state="succeeded" { (m.nothing_unread) }
        }
    }
}
