//! Whether the house stands, in one line.

use std::time::Duration;

use maud::{Markup, html};

use super::Scene;
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
