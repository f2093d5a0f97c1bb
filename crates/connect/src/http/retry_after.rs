//! The `Retry-After` header: seconds, or a date in one of the three forms HTTP knows (RFC 9110, 5.6.7, 10.2.3).

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;

/// The forms that may be met besides today's: RFC 850 and asctime, both in UTC.
const OLD_FORMS: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// How long from `now`; `None` for a text that is none of it. A date gone by is no time at all.
pub(crate) fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that are no u64 are more than anybody waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = date(text)?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

/// An instant in any of the three forms.
pub(crate) fn date(text: &str) -> Option<Timestamp> {
    if let Ok(at) = rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Some(at);
    }
    let civil = OLD_FORMS
        .iter()
        .find_map(|form| strtime::parse(form, text).and_then(|parts| parts.to_datetime()).ok());
    civil.and_then(|civil: DateTime| TimeZone::UTC.to_timestamp(civil).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<u64> {
        let now: Timestamp = "2025-07-06T16:00:00Z".parse().unwrap();
        parse(text, now).map(|pause| pause.as_secs())
    }

    #[test]
    fn seconds_and_all_forms_of_a_date_are_read() {
        assert_eq!(at("0"), Some(0));
        assert_eq!(at(" 120 "), Some(120));
        assert_eq!(at("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(at("Sun, 06 Jul 2025 16:00:30 GMT"), Some(30));
        assert_eq!(at("Sunday, 06-Jul-25 16:00:30 GMT"), Some(30));
        assert_eq!(at("Sun Jul  6 16:00:30 2025"), Some(30));
    }

    #[test]
    fn a_date_gone_by_is_no_pause() {
        assert_eq!(at("Sun, 06 Jul 2025 15:00:00 GMT"), Some(0));
    }

    #[test]
    fn anything_else_is_as_if_it_were_missing() {
        for text in ["", "soon", "-1", "1.5", "12s", "2025-07-06", "Sun, 45 Jul 2025 16:00:30 GMT"] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
