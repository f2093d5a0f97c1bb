//! What time will ask for next.

use maud::{Markup, html};
use model::schedule::{Schedule, When};

use super::Scene;
use super::text::{moment, worded};
use crate::pages::overview::Standing;

/// The next ones, or that there are none.
pub(crate) fn section(scene: &Scene<'_>, standing: &Standing) -> Markup {
    let m = scene.language.messages();
    html! {
        section #schedules data-fragment aria-labelledby="schedules-title" {
            h2 #schedules-title { (m.next_schedules) }
            @if standing.schedules.is_empty() {
                p.empty { (m.no_schedules) }
            } @else {
                ul.list { @for schedule in &standing.schedules { (entry(scene, schedule)) } }
            }
        }
    }
}

fn entry(scene: &Scene<'_>, schedule: &Schedule) -> Markup {
    let m = scene.language.messages();
    let spec = &schedule.spec;
    let title = worded(&spec.title, scene.language);
    html! {
        li {
            span.when {
                @match (schedule.paused_at, schedule.next_nominal_at) {
                    (Some(_), _) => span.badge data-state="paused" { (m.paused) },
                    (None, Some(at)) => (moment(at, scene.zone, scene.now)),
                    (None, None) => "–",
                }
            }
            span.what {
                b { a href={ "/schedules/" (schedule.id) } { (title) } }
                small title=(spec.name) {
                    @match &spec.when {
                        When::Cron { expression } => code { (expression) },
                        When::Offsets { .. } | When::Once { .. } => code { (spec.name) },
                    }
                    @if scene.zone.iana_name() != Some(spec.time_zone.as_str()) { " " (spec.time_zone) }
                }
            }
            form method="post" action={ "/schedules/" (schedule.id) "/run" } {
                button #{ "run-schedule-" (schedule.id) } aria-label={ (m.run_now) ": " (title) } { (m.run_now) }
            }
        }
    }
}
