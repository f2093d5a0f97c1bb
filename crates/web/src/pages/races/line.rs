//! The attempts of a plan along the time, from the race's end on.

use maud::{Markup, html};
use model::race::{RaceAttemptStatus, RacePlan};

use super::plan::state_of;
use super::{View, at};

/// Measures of the drawing, in its own units. Across, it is as wide as the page.
const WIDTH: f64 = 1_000.0;
const HIGH: usize = 36;
const MARK: f64 = 8.0;

pub(super) fn drawing(view: &View<'_>, plan: &RacePlan) -> Markup {
    let w = view.words;
    let done = plan.attempts.iter().filter(|attempt| attempt.executed_at.is_some()).count();
    let last = plan.attempts.iter().map(|attempt| attempt.scheduled_at).max().unwrap_or(plan.race_end_at);
    let place = |at: jiff::Timestamp| {
        let whole = (last.as_second() - plan.race_end_at.as_second()).max(1) as f64;
        let part = (at.as_second() - plan.race_end_at.as_second()) as f64 / whole;
        part.clamp(0.0, 1.0) * (WIDTH - MARK)
    };
    let now = view.scene.now;
    html! {
        div.card {
            svg.lanes.plan role="img" aria-label=((w.attempts_said)(done, plan.attempts.len())) width="100%" height=(HIGH)
                viewBox={ "0 0 1000 " (HIGH) } preserveAspectRatio="none" {
                rect data-state="none" x="0" y=(HIGH / 2 - 1) width=(WIDTH) height="2" {}
                @if (plan.race_end_at..=last).contains(&now) {
                    rect data-state="running" x=(format!("{:.1}", place(now))) y="0" width="2" height=(HIGH) {
                        title { (w.now) }
                    }
                }
                @for attempt in &plan.attempts {
                    rect data-state=(state_of(attempt.status)) x=(format!("{:.1}", place(attempt.scheduled_at)))
                        y="8" width=(MARK) height=(HIGH - 16) {
                        title { (attempt.number) " · " (status(view, attempt.status)) }
                    }
                }
            }
            p.axis {
                span { (w.ends) " " (at(view, plan.race_end_at)) }
                span { ((w.attempts_said)(done, plan.attempts.len())) }
                span { (at(view, last)) }
            }
        }
    }
}

fn status(view: &View<'_>, status: RaceAttemptStatus) -> &'static str {
    (view.words.status)(status)
}
