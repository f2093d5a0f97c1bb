//! The calendar of what is there: a grid a month, a square a day. A day leads to the form, filled in: the first click
//! begins a range, a click on a later day ends it.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use maud::{Markup, html};
use systems::stocks::CoveredDay;

use super::asked::Asked;
use super::draw::{Scene, state_of};

/// Months shown at once.
const MONTHS: i32 = 3;

/// The first month anybody can look at: the Chinese exchanges opened in it.
const OPENING: Date = date(1990, 12, 1);

/// The days shown: of the month asked for and of those before it, none after today.
pub(super) fn bounds(asked: &Asked, today: Date) -> (Date, Date) {
    let month = last_month(asked, today);
    (moved(month, 1 - MONTHS, today), month.last_of_month().min(today))
}

fn last_month(asked: &Asked, today: Date) -> Date {
    moved(asked.month.unwrap_or(today), 0, today)
}

/// The first day of the month so many months away, within what there is.
fn moved(month: Date, by: i32, today: Date) -> Date {
    let first = month.first_of_month();
    let moved = first.checked_add(by.months()).unwrap_or(first);
    moved.clamp(OPENING, today.first_of_month().max(OPENING))
}

pub(super) fn section(scene: &Scene<'_>, days: &[CoveredDay]) -> Markup {
    let months = days.chunk_by(|one, other| one.date[..7] == other.date[..7]);
    html! {
        section #stocks-calendar .card.coverage data-fragment aria-labelledby="coverage-title" {
            h2 { span #coverage-title { (scene.words.coverage) } (turning(scene)) }
            p.subtitle { (scene.words.pick) }
            div.months {
                @for month in months {
                    div.month {
                        h3 { (month[0].date[..7]) }
                        div.days {
                            @for name in scene.words.weekdays { span.weekday aria-hidden="true" { (name) } }
                            @for covered in month { (square(scene, covered)) }
                        }
                    }
                }
            }
            (legend(scene))
        }
    }
}

/// What the colours say. Who hears the page hears it of each day.
fn legend(scene: &Scene<'_>) -> Markup {
    let w = scene.words;
    let status = |word| (w.statuses)(word).unwrap_or(word);
    let colours = [
        ("succeeded", "trading", status("success")),
        ("failed", "trading", status("failed")),
        ("running", "trading", status("syncing")),
        ("none", "trading", w.missing),
        ("none", "closed", (w.day)("closed")),
        ("none", "unknown", (w.day)("unknown")),
    ];
    html! {
        p.legend aria-hidden="true" {
            @for (state, day, word) in colours {
                span { span.day data-state=(state) data-day=(day) {} " " (word) }
            }
        }
    }
}

/// Earlier and later months. What stands in the form goes along.
fn turning(scene: &Scene<'_>) -> Markup {
    let (w, today) = (scene.words, scene.today);
    let month = last_month(scene.asked, today);
    let [earlier, later] = [moved(month, -MONTHS, today), moved(month, MONTHS, today)];
    let newest = today.first_of_month();
    let ways = [
        ("earlier", w.earlier, earlier, month > OPENING),
        ("later", w.later, later, month < newest),
        ("newest", w.newest, newest, month < newest),
    ];
    html! {
        span.choices {
            @for (id, word, to, fits) in ways {
                @if fits {
                    @let address = scene.asked.but(|asked| asked.month = Some(to).filter(|to| *to < newest));
                    a.button #{ "calendar-" (id) } href={ (address) "#coverage-title" } data-keeps-dates { (word) }
                } @else {
                    span.button aria-disabled="true" { (word) }
                }
            }
        }
    }
}

fn square(scene: &Scene<'_>, covered: &CoveredDay) -> Markup {
    let date = covered.date.parse::<Date>().ok();
    let column = date.map_or(1, |date| date.weekday().to_monday_one_offset());
    let state = match covered.status.as_deref() {
        Some("success") if covered.failed_stocks > 0 => "partial",
        Some("success") if covered.stored_rows == 0 => "failed",
        Some(word) => state_of(word),
        None => "none",
    };
    let title = said(scene, covered);
    let first = match (scene.asked.start_date, scene.asked.end_date) {
        (Some(first), Some(last)) if first == last && date > Some(first) => Some(first),
        _ => date,
    };
    let address = scene.asked.but(|asked| (asked.start_date, asked.end_date) = (first, date));
    let chosen = scene.asked.start_date <= date && date <= scene.asked.end_date;
    html! {
        a class={ "day on-" (column) } href={ (address) "#batch" } data-date=(covered.date) data-state=(state)
            data-day=(covered.day) data-chosen[chosen && scene.asked.start_date.is_some()] title=(title) {
            (date.map_or(0, Date::day)) span.unseen { " " (title) }
        }
    }
}

/// All that is known of a day, in a line.
fn said(scene: &Scene<'_>, covered: &CoveredDay) -> String {
    let w = scene.words;
    let mut parts = vec![covered.date.clone(), (w.day)(covered.day).to_owned()];
    if let Some(word) = covered.status.as_deref() {
        parts.push((w.statuses)(word).unwrap_or(word).to_owned());
    }
    if covered.stored_rows > 0 || covered.failed_stocks > 0 {
        parts.push((w.stored)(covered.stored_rows, covered.failed_stocks));
    }
    if !covered.adjustflags.is_empty() {
        let flags: Vec<String> = covered.adjustflags.iter().map(i16::to_string).collect();
        parts.push(format!("adjustflag {}", flags.join(",")));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(month: Option<Date>, today: Date) -> (Date, Date) {
        bounds(&Asked { month, ..Asked::default() }, today)
    }

    #[test]
    fn three_months_are_shown_and_no_day_after_today() {
        let today = date(2025, 10, 9);
        assert_eq!(shown(None, today), (date(2025, 8, 1), today));
        assert_eq!(shown(Some(date(2025, 2, 1)), today), (date(2024, 12, 1), date(2025, 2, 28)));
    }

    #[test]
    fn nobody_is_led_before_the_opening_or_after_today() {
        let today = date(2025, 10, 9);
        assert_eq!(shown(Some(date(2031, 1, 1)), today), shown(None, today));
        assert_eq!(shown(Some(date(1, 1, 1)), today), (OPENING, OPENING.last_of_month()));
        assert_eq!(shown(Some(date(1991, 1, 1)), today), (OPENING, date(1991, 1, 31)));
        assert_eq!(moved(OPENING, -MONTHS, today), OPENING);
        assert_eq!(moved(date(2025, 9, 1), MONTHS, today), date(2025, 10, 1));
    }
}
