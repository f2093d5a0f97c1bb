//! The page of a race, drawn: its plan, the attempts, and what is stored of the round.

use maud::{Markup, html};
use model::race::{RaceAttempt, RaceAttemptStatus, RaceDataset, RaceOutcome, RacePlan, RacePlanState};
use serde_json::Value;

use super::asked::PlanForm;
use super::season::{next, state};
use super::{View, Weekend, at, line, notice, results, told_box, wire};
use crate::components::text::{number, worded};

pub(super) fn content(view: &View<'_>, weekend: &Weekend, form: &PlanForm, alert: Option<&str>) -> Markup {
    let (w, race) = (view.words, &weekend.race);
    let places = [race.circuit_name.as_deref(), race.locality.as_deref(), race.country.as_deref()];
    let place: Vec<&str> = places.into_iter().flatten().collect();
    html! {
        div.races {
            p.back { a href={ "/races?season=" (race.season) } { "← " (w.season) " " (race.season) } }
            h1 { (race.round) " · " (race.race_name) }
            (notice(view, weekend.told.as_ref(), alert))
            p.line {
                span { (place.join(" · ")) }
                @if let Some(start) = wire(race.start_time.as_ref()) { span { (w.starts) " " (at(view, start)) } }
                @if let Some(end) = wire(race.race_end_estimate.as_ref()) { span { (w.ends) " " (at(view, end)) } }
                @if race.is_sprint { span.badge data-state="skipped" { (w.sprint) } }
                @if race.is_cancelled { span.badge data-state="failed" { (w.cancelled) } }
            }
            (standing(view, weekend))
            (asking(view, weekend, form))
            (attempts(view, weekend))
            (results::section(view, &weekend.stored))
        }
    }
}

/// The parts that change, by their ids. Not the form: somebody may be writing in it.
pub(super) fn fragments(view: &View<'_>, weekend: &Weekend) -> Vec<(&'static str, String)> {
    vec![
        ("races-told", told_box(view, weekend.told.as_ref()).into_string()),
        ("race-plan", standing(view, weekend).into_string()),
        ("race-attempts", attempts(view, weekend).into_string()),
        ("race-stored", results::section(view, &weekend.stored).into_string()),
    ]
}

fn active(weekend: &Weekend) -> Option<&RacePlan> {
    weekend.plan.as_ref().filter(|plan| plan.state == RacePlanState::Active)
}

fn path(weekend: &Weekend) -> String {
    format!("/races/{}/{}", weekend.race.season, weekend.race.round)
}

fn standing(view: &View<'_>, weekend: &Weekend) -> Markup {
    let w = view.words;
    html! {
        section #race-plan data-fragment {
            h2 { (w.plan) " " (state(view, weekend.plan.as_ref())) }
            @if let Some(plan) = &weekend.plan {
                @let hours: Vec<String> = plan.retry_hours.iter().map(i64::to_string).collect();
                p.line {
                    span { (w.ends) " " (at(view, plan.race_end_at)) }
                    span { (w.hours) ": " (hours.join(", ")) }
                    @if plan.always_run { span { (w.always_run) } }
                    span { (next(view, plan)) }
                }
            }
        }
    }
}

/// A form for a plan, or the button that takes the plan back.
fn asking(view: &View<'_>, weekend: &Weekend, form: &PlanForm) -> Markup {
    let w = view.words;
    html! {
        section #race-asking .asking.card data-fragment hidden[weekend.race.is_cancelled && active(weekend).is_none()] {
            @if active(weekend).is_some() {
                form method="post" action={ (path(weekend)) "/cancel" } data-confirm=(w.confirm_cancel) {
                    button #cancel-plan data-verb="cancel" { (w.cancel_plan) }
                }
            } @else {
                form method="post" action={ (path(weekend)) "/schedule" } {
                    label { (w.hours)
                        input #plan-hours type="text" name="hours" required inputmode="numeric"
                            value=(form.hours);
                    }
                    label.choice { input #plan-always type="checkbox" name="always_run" value="yes"; (w.always_run) }
                    button.main #schedule-plan { (w.schedule) }
                }
            }
        }
    }
}

fn attempts(view: &View<'_>, weekend: &Weekend) -> Markup {
    let w = view.words;
    html! {
        section #race-attempts data-fragment aria-labelledby="attempts-title" {
            @if let Some(plan) = &weekend.plan {
                h2 #attempts-title { (w.attempts) }
                (line::drawing(view, plan))
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="attempts-title" {
                    table {
                        thead { tr {
                            @for name in w.attempt_columns { th scope="col" { (name) } }
                            @for dataset in RaceDataset::ALL { th scope="col" { ((w.dataset)(*dataset)) } }
                        } }
                        tbody { @for attempt in &plan.attempts { (row(view, weekend, attempt)) } }
                    }
                }
            }
        }
    }
}

fn row(view: &View<'_>, weekend: &Weekend, attempt: &RaceAttempt) -> Markup {
    let w = view.words;
    html! {
        tr {
            th scope="row" { (attempt.number) " " small { "+" (attempt.hours) " h" } }
            td { (at(view, attempt.scheduled_at)) }
            td { @if let Some(executed) = attempt.executed_at { (at(view, executed)) } @else { "–" } }
            td {
                span.badge data-state=(state_of(attempt.status)) { ((w.status)(attempt.status)) }
                @if let Some(reason) = attempt.reason { small.why { ((w.reason)(reason)) } }
                @if let Some(error) = &attempt.error_message { small.why.error { (worded(error, view.scene.language)) } }
            }
            td {
                @if attempt.status != RaceAttemptStatus::Running {
                    form method="post" action={ (path(weekend)) "/execute/" (attempt.number) } {
                        button #{ "execute-" (attempt.number) } aria-label=((w.run_now)(w.run_short, attempt.number)) { (w.run_short) }
                    }
                }
            }
            td { @if let Some(run) = attempt.run { a href={ "/runs/" (run) } { "#" (run) } } }
            @for dataset in RaceDataset::ALL { td { (found(view, &attempt.details[dataset.as_str()])) } }
        }
    }
}

/// An attempt's colour.
pub(super) fn state_of(status: RaceAttemptStatus) -> &'static str {
    match status {
        RaceAttemptStatus::Pending => "queued",
        RaceAttemptStatus::Running => "running",
        RaceAttemptStatus::Success => "succeeded",
        RaceAttemptStatus::Partial => "partial",
        RaceAttemptStatus::Failed => "failed",
        RaceAttemptStatus::Cancelled => "cancelled",
    }
}

/// What was found of a dataset: outcome, count, reason.
fn found(view: &View<'_>, detail: &Value) -> Markup {
    let w = view.words;
    let Some(outcome) = detail["outcome"].as_str().and_then(RaceOutcome::from_word) else {
        return html! { "–" };
    };
    let state = match outcome {
        RaceOutcome::Ok => "succeeded",
        RaceOutcome::NotApplicable => "skipped",
        RaceOutcome::NoDataYet => "partial",
        RaceOutcome::Failed => "failed",
    };
    let records = detail["records"].as_i64().filter(|records| *records > 0);
    html! {
        span.dot data-state=(state) {
            ((w.outcome)(outcome)) @if let Some(records) = records { " " b { (number(records)) } }
        }
        @if let Some(message) = detail["message"].as_str() { small.why { (worded(message, view.scene.language)) } }
    }
}
