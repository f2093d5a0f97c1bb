//! The calendar of what is there: a grid a month, a square a day. A day leads to the form, filled in.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use maud::{Markup, html};
use systems::stocks::CoveredDay;

use super::draw::{Scene, state_of};

/// From the first day of the month so many months before `today` to today.
pub(super) fn bounds(today: Date, months_before: i32) -> (Date, Date) {
    let back: Span = months_before.months();
    (today.first_of_month().checked_sub(back).unwrap_or(today), today)
}

pub(super) fn section(scene: &Scene<'_>, days: &[CoveredDay]) -> Markup {
    let months = days.chunk_by(|one, other| one.date[..7] == other.date[..7]);
    html! {
        section #stocks-calendar .card.coverage data-fragment aria-labelledby="coverage-title" {
            h2 #coverage-title { (scene.words.coverage) }
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
    let address = scene.asked.but(|asked| (asked.start_date, asked.end_date) = (date, date));
    html! {
        a class={ "day on-" (column) } href={ (address) "#batch" } data-date=(covered.date) data-state=(state)
            data-day=(covered.day) title=(title) {
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
