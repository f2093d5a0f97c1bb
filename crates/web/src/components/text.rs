//! Numbers and times, as people read them.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::i18n::Language;

/// Thousands apart: `5,205`.
pub(crate) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = if value < 0 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The time of day when it is near `now`, else with its date. The whole of it is in the title.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone, now: Timestamp) -> Markup {
    html! { time datetime=(at) title=(full(at, zone)) { (short(at, zone, now)) } }
}

/// The whole of a time, with how far its clocks are from UTC.
pub(crate) fn full(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// See [`moment`], without markup.
pub(crate) fn short(at: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let (at, now) = (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()));
    let format = match (at.date() == now.date(), at.year() == now.year()) {
        (true, _) => "%H:%M:%S",
        (false, true) => "%m-%d %H:%M",
        (false, false) => "%Y-%m-%d",
    };
    at.strftime(format).to_string()
}

/// Whole seconds between two moments, never negative.
pub(crate) fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).max(SignedDuration::ZERO).as_secs()
}

/// What a system keeps in its documented Chinese, as somebody who reads this language is told it.
pub(crate) fn worded(text: &str, language: Language) -> Cow<'_, str> {
    let english = match language {
        Language::English => systems::in_english(text),
        Language::Chinese => None,
    };
    english.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// At most so many bytes of a text as they are sent: marks that are escaped count as what they become.
pub(crate) fn clipped(text: &str, bytes_max: usize) -> Cow<'_, str> {
    let mut bytes = 0;
    for (place, character) in text.char_indices() {
        bytes += match character {
            '&' | '<' | '>' | '"' => 6,
            other => other.len_utf8(),
        };
        if bytes > bytes_max {
            return Cow::Owned(format!("{}…", &text[..place]));
        }
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let texts: Vec<String> = [0, 999, 1_000, 5_205, -12_345_678].into_iter().map(number).collect();
        assert_eq!(texts, ["0", "999", "1,000", "5,205", "-12,345,678"]);
    }

    #[test]
    fn a_near_time_has_no_date_and_a_far_one_no_seconds() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let now = "2025-10-09T20:00:00+08:00".parse().unwrap();
        let show = |at: &str| short(at.parse().unwrap(), &zone, now);
        assert_eq!(show("2025-10-09T04:05:06+08:00"), "04:05:06");
        assert_eq!(show("2025-10-08T15:59:59Z"), "10-08 23:59");
        assert_eq!(show("2024-12-31T23:00:00+08:00"), "2024-12-31");
    }

    #[test]
    fn a_text_is_cut_at_a_character_by_the_bytes_it_is_sent_as() {
        assert_eq!(clipped("short", 5), "short");
        assert_eq!(clipped("长长", 5), "长…");
        assert_eq!(clipped("a<b", 6), "a…");
    }
}
