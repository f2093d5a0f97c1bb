//! How the runs of the last days ended: a bar a day, and the same numbers in a table.

use engine::EndedRuns;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use maud::{Markup, html};
use model::state::RunState;

use super::Scene;
use super::text::number;

/// Days shown, today among them.
const DAYS: i32 = 14;

/// The ends a bar is made of, from the bottom up.
const ENDS: [RunState; 4] = [RunState::Succeeded, RunState::Partial, RunState::Failed, RunState::Cancelled];

/// Measures of the drawing.
const HEIGHT: i64 = 56;
const STEP: i64 = 22;
const WIDTH: i64 = 16;

/// A day and how many runs ended how, in the order of [`ENDS`].
struct Day {
    date: Date,
    counts: [i64; 4],
}

impl Day {
    fn total(&self) -> i64 {
        self.counts.iter().sum()
    }
}

/// What must be read for it: from the first day's midnight on.
pub(crate) fn since(scene: &Scene<'_>) -> Timestamp {
    let first = first_day(scene).to_zoned_datetime(scene.zone.clone());
    first.map_or(scene.now, |midnight| midnight.timestamp())
}

fn first_day(scene: &Scene<'_>) -> Date {
    let today = scene.now.to_zoned_datetime(scene.zone.clone()).date();
    today.checked_sub((DAYS - 1).days()).unwrap_or(today)
}

fn days(scene: &Scene<'_>, ended: &[EndedRuns]) -> Vec<Day> {
    let dates = first_day(scene).series(1.day()).take(usize::try_from(DAYS).unwrap_or_default());
    let mut days: Vec<Day> = dates.map(|date| Day { date, counts: [0; 4] }).collect();
    for row in ended {
        let date = row.quarter.to_zoned_datetime(scene.zone.clone()).date();
        let place = ENDS.iter().position(|end| *end == row.state);
        if let (Some(day), Some(place)) = (days.iter_mut().find(|day| day.date == date), place) {
            day.counts[place] += row.count;
        }
    }
    days
}

/// The card.
pub(crate) fn section(scene: &Scene<'_>, ended: &[EndedRuns]) -> Markup {
    let m = scene.language.messages();
    let days = days(scene, ended);
    let total: i64 = days.iter().map(Day::total).sum();
    let good: i64 = days.iter().map(|day| day.counts[0]).sum();
    let said = (m.history_said)(&number(good), &number(total));
    html! {
        section #history data-fragment .card aria-labelledby="history-title" {
            h2 #history-title { (m.history) }
            p.line { (said) }
            (bars(&days, &said))
            p.axis aria-hidden="true" {
                @for day in days.first().into_iter().chain(days.last()) { span { (day.date.strftime("%m-%d")) } }
            }
            details #history-numbers {
                summary { (m.history_numbers) }
                (table(scene, &days))
            }
        }
    }
}

fn bars(days: &[Day], said: &str) -> Markup {
    let most = days.iter().map(Day::total).max().unwrap_or(0).max(1);
    let wide = STEP * i64::from(DAYS) - (STEP - WIDTH);
    html! {
        svg.history role="img" aria-label=(said) viewBox={ "0 0 " (wide) " " (HEIGHT) } preserveAspectRatio="none" {
            @for (day, x) in days.iter().zip((0..).step_by(usize::try_from(STEP).unwrap_or(1))) {
                rect data-state="none" x=(x) y=(HEIGHT - 2) width=(WIDTH) height="2" {}
                @for (place, end) in ENDS.iter().enumerate() {
                    @let below: i64 = day.counts[..place].iter().sum();
                    @let top = (below + day.counts[place]) * HEIGHT / most;
                    @let tall = top - below * HEIGHT / most;
                    @if tall > 0 {
                        rect data-state=(end.as_str()) x=(x) y=(HEIGHT - top) width=(WIDTH) height=(tall) {
                            title { (day.date) ": " (day.counts[place]) }
                        }
                    }
                }
            }
        }
    }
}

fn table(scene: &Scene<'_>, days: &[Day]) -> Markup {
    let m = scene.language.messages();
    html! {
        table {
            thead { tr {
                th scope="col" { (m.day) }
                @for end in ENDS { th.number scope="col" { ((m.run_state)(end)) } }
            } }
            tbody {
                @for day in days.iter().rev() {
                    tr {
                        th scope="row" { (day.date.strftime("%m-%d")) }
                        @for count in day.counts { td.number { (number(count)) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::i18n::Language;

    fn ended(quarter: &str, state: RunState, count: i64) -> EndedRuns {
        EndedRuns { quarter: quarter.parse().unwrap(), state, count }
    }

    #[test]
    fn a_run_counts_for_the_day_of_the_viewers_zone() {
        let zone = TimeZone::get("Asia/Kathmandu").unwrap();
        let now = "2025-10-09T12:00:00Z".parse().unwrap();
        let scene = Scene { language: Language::English, zone: &zone, now };
        assert_eq!(since(&scene).to_string(), "2025-09-25T18:15:00Z", "a zone of quarters of an hour");
        let days = days(
            &scene,
            &[
                ended("2025-09-25T18:15:00Z", RunState::Succeeded, 2),
                ended("2025-10-08T18:00:00Z", RunState::Failed, 1),
                ended("2025-10-08T18:15:00Z", RunState::Partial, 3),
            ],
        );
        assert_eq!((days.len(), days[0].counts, days[13].counts), (14, [2, 0, 0, 0], [0, 3, 0, 0]));
        assert_eq!(days[12].counts, [0, 0, 1, 0]);
    }

    #[test]
    fn bars_end_where_the_day_with_the_most_does() {
        let zone = TimeZone::UTC;
        let scene =
            Scene { language: Language::English, zone: &zone, now: "2025-10-09T12:00:00Z".parse().unwrap() };
        let drawn = section(
            &scene,
            &[
                ended("2025-10-09T00:00:00Z", RunState::Succeeded, 3),
                ended("2025-10-09T00:00:00Z", RunState::Failed, 1),
                ended("2025-10-08T00:00:00Z", RunState::Succeeded, 2),
            ],
        )
        .into_string();
        for rect in [
            r#"<rect data-state="succeeded" x="286" y="14" width="16" height="42">"#,
            r#"<rect data-state="failed" x="286" y="0" width="16" height="14">"#,
            r#"<rect data-state="succeeded" x="264" y="28" width="16" height="28">"#,
        ] {
            assert!(drawn.contains(rect), "{rect} in {drawn}");
        }
        assert!(drawn.contains("5 of 6 runs succeeded"), "{drawn}");
    }
}
