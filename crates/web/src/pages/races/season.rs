//! The page of a season, drawn: its calendar with the state of each plan, and what can be asked for.

use maud::{Markup, html};
use model::race::{RaceAttemptStatus, RaceDataset, RacePlan, RacePlanClass, RacePlanState, RaceStatistics};
use systems::races::read::RaceShown;

use super::asked::{DAYS, SEASONS};
use super::{Season, View, at, notice, told_box, wire};
use crate::components::text::seconds_between;

pub(super) fn content(view: &View<'_>, season: &Season, alert: Option<&str>) -> Markup {
    let w = view.words;
    html! {
        div.races {
            h1 { (w.title) }
            (notice(view, season.told.as_ref(), alert))
            section.card.asking {
                form method="get" action="/races" {
                    label { (w.season)
                        input type="number" name="season" min=(SEASONS.start()) max=(SEASONS.end()) required
                            list="seasons" value=(season.year);
                    }
                    datalist #seasons { @for year in &season.known { option value=(year) {} } }
                    button { (w.show) }
                }
            }
            (calendar(view, season))
            (operations(view, season))
            (statistics(view, season))
        }
    }
}

/// The parts that change, by their ids.
pub(super) fn fragments(view: &View<'_>, season: &Season) -> Vec<(&'static str, String)> {
    vec![
        ("races-told", told_box(view, season.told.as_ref()).into_string()),
        ("races-calendar", calendar(view, season).into_string()),
        ("races-statistics", statistics(view, season).into_string()),
    ]
}

fn sync_calendar(view: &View<'_>, season: &Season, class: Option<&str>) -> Markup {
    html! {
        form method="post" action="/races/calendar" {
            input type="hidden" name="season" value=(season.year);
            button #sync-calendar class=[class] { (view.words.sync_calendar) }
        }
    }
}

fn calendar(view: &View<'_>, season: &Season) -> Markup {
    let w = view.words;
    html! {
        section #races-calendar data-fragment aria-labelledby="calendar-title" {
            @if season.races.is_empty() {
                h2 #calendar-title { (w.season) " " (season.year) }
                div.card {
                    p { ((w.welcome)(season.year)) }
                    (sync_calendar(view, season, Some("main")))
                }
            } @else {
                h2 #calendar-title { ((w.calendar)(season.year, season.races.len())) (sync_calendar(view, season, None)) }
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="calendar-title" {
                    table {
                        thead { tr { @for name in w.columns { th scope="col" { (name) } } th {} } }
                        tbody {
                            @for race in &season.races {
                                (row(view, race, season.plans.iter().find(|plan| plan.round == race.round)))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn row(view: &View<'_>, race: &RaceShown, plan: Option<&RacePlan>) -> Markup {
    let w = view.words;
    let path = format!("/races/{}/{}", race.season, race.round);
    let places = [race.locality.as_deref(), race.country.as_deref()];
    let place: Vec<&str> = places.into_iter().flatten().collect();
    let active = plan.is_some_and(|plan| plan.state == RacePlanState::Active);
    html! {
        tr {
            td.number { (race.round) }
            th scope="row" { a href=(path) { (race.race_name) } }
            td { (state(view, plan)) }
            td { @if let Some(plan) = plan { (next(view, plan)) } }
            td { @match wire(race.start_time.as_ref()) {
                Some(start) => (at(view, start)),
                None => (race.date.as_deref().unwrap_or("–")),
            } }
            td { @if race.is_cancelled { span.badge data-state="failed" { (w.cancelled) } }
                @else if race.is_sprint { span.badge data-state="skipped" { (w.sprint) } } }
            td title=[race.circuit_name.as_deref()] { (place.join(" · ")) }
            td { @if !active && !race.is_cancelled {
                form method="post" action={ (path) "/schedule" } {
                    input type="hidden" name="from" value="season";
                    button #{ "schedule-" (race.round) } aria-label={ (w.schedule) ": " (race.race_name) } { (w.schedule) }
                }
            } }
        }
    }
}

/// How a plan stands, with its colour.
pub(super) fn state(view: &View<'_>, plan: Option<&RacePlan>) -> Markup {
    let w = view.words;
    let Some(plan) = plan else { return html! { span.badge data-state="skipped" { (w.no_plan) } } };
    let runs = plan.attempts.iter().any(|attempt| attempt.status == RaceAttemptStatus::Running);
    let (state, word) = match plan.class() {
        RacePlanClass::Pending if runs => ("running", (w.status)(RaceAttemptStatus::Running)),
        class @ RacePlanClass::Pending => ("queued", (w.class)(class)),
        class @ RacePlanClass::Completed => ("succeeded", (w.class)(class)),
        class @ RacePlanClass::Cancelled => ("cancelled", (w.class)(class)),
        class @ RacePlanClass::Failed => ("failed", (w.class)(class)),
    };
    html! { span.badge data-state=(state) { (word) } }
}

/// The next attempt and how long it is until then.
pub(super) fn next(view: &View<'_>, plan: &RacePlan) -> Markup {
    let (w, now) = (view.words, view.scene.now);
    let Some(attempt) = plan.next_pending().filter(|_| plan.state == RacePlanState::Active) else {
        return html! {};
    };
    // A countdown by the minute: nobody needs it to the second, hours before.
    let left = seconds_between(now, attempt.scheduled_at);
    let left = (view.scene.language.messages().duration)(if left > 60 { left / 60 * 60 } else { left });
    html! {
        (at(view, attempt.scheduled_at)) " "
        small { @if attempt.scheduled_at <= now { (w.due) } @else { ((w.next)(attempt.number, &left)) } }
    }
}

fn operations(view: &View<'_>, season: &Season) -> Markup {
    let w = view.words;
    let year = html! { input type="hidden" name="season" value=(season.year); };
    html! {
        section.card.operations aria-labelledby="operations-title" {
            h2 #operations-title { (w.operations) }
            form method="post" action="/races/batch" {
                (year)
                label { (w.days_ahead)
                    input type="number" name="days_ahead" value="7" min=(DAYS.start()) max=(DAYS.end()) required;
                }
                button #races-batch { (w.batch) }
            }
            form method="post" action="/races/monitor" { (year) button #races-monitor { (w.monitor) } }
            form method="post" action="/races/cleanup" { (year) button #races-cleanup { (w.cleanup) } }
        }
    }
}

fn statistics(view: &View<'_>, season: &Season) -> Markup {
    let w = view.words;
    let sum = RaceStatistics::of(&season.plans);
    html! {
        section #races-statistics data-fragment .card aria-labelledby="statistics-title" {
            h2 #statistics-title { (w.statistics) }
            p.line { ((w.plans_said)(sum.plans, sum.completed, sum.pending, sum.failed, sum.cancelled)) }
            dl.shares {
                @for (dataset, share) in RaceDataset::ALL.iter().zip(sum.datasets) {
                    @let percent = format!("{:.1}", share.rate() * 100.0);
                    dt { ((w.dataset)(*dataset)) }
                    dd {
                        svg.bar role="img" aria-label={ (percent) " %" } {
                            rect data-piece="succeeded" width={ (percent) "%" } height="100%" {}
                        }
                        b { (percent) " %" } small { ((w.of)(share.successes, share.total)) }
                    }
                }
            }
        }
    }
}
