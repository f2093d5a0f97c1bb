//! What time will ask for next.

use maud::{Markup, html};
use model::schedule::{Schedule, When};

use super::text::moment;
use crate::app::Site;
use crate::i18n::Language;
use crate::pages::overview::Standing;

/// The next ones, or that there are none.
pub(crate) fn section(site: &Site, language: Language, standing: &Standing) -> Markup {
    let m = language.messages();
    html! {
        section #schedules data-fragment aria-labelledby="schedules-title" {
            h2 #schedules-title { (m.next_schedules) }
            @if standing.schedules.is_empty() {
                p.empty { (m.no_schedules) }
            } @else {
                ul.list { @for schedule in &standing.schedules { (entry(site, language, standing, schedule)) } }
            }
        }
    }
}

fn entry(site: &Site, language: Language, standing: &Standing, schedule: &Schedule) -> Markup {
    let m = language.messages();
    let spec = &schedule.spec;
    html! {
        li {
            span.when {
                @match (schedule.paused_at, schedule.next_nominal_at) {
                    (Some(_), _) => span.badge data-state="paused" { (m.paused) },
                    (None, Some(at)) => (moment(at, &site.app.time_zone, standing.now)),
                    (None, None) => "–",
                }
            }
            span.what {
                b { (spec.title) }
                small {
                    code { (spec.name) }
                    @if let When::Cron { expression } = &spec.when { " " code { (expression) } " " (spec.time_zone) }
                }
            }
            form method="post" action={ "/schedules/" (schedule.id) "/run" } {
                button #{ "run-schedule-" (schedule.id) } aria-label={ (m.run_now) ": " (spec.title) } { (m.run_now) }
            }
        }
    }
}
