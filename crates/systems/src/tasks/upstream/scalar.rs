//! Values of the platform as texts and times, whatever form they come in.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::value::RawValue;

/// From here on a number of a time is one of milliseconds: as seconds it lies beyond the year 5000.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// A text as it is, anything else as it is written; `null` is nothing.
pub(super) fn text(value: &RawValue) -> Option<String> {
    let written = value.get().trim();
    match written.as_bytes().first() {
        Some(b'"') => serde_json::from_str(written).ok(),
        _ => (written != "null").then(|| written.to_owned()),
    }
}

/// A whole number that is not negative, and is one in JSON.
pub(super) fn whole(value: &RawValue) -> Option<u64> {
    value.get().trim().parse().ok()
}

/// A time in any of the forms met: seconds or milliseconds since 1970, a local date and time, ISO 8601.
pub(super) fn time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return match number {
            ..=0 => None,
            MILLISECONDS_FROM.. => Timestamp::from_millisecond(number).ok(),
            _ => Timestamp::from_second(number).ok(),
        };
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local: DateTime = text.parse().ok()?;
    zone.to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(written: &str) -> Box<RawValue> {
        RawValue::from_string(written.to_owned()).unwrap()
    }

    #[test]
    fn numbers_and_texts_are_texts_and_no_digit_is_lost() {
        for (written, expected) in [
            ("9007199254740993123", "9007199254740993123"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            (r#""7100001""#, "7100001"),
            (r#""淮\u5b89""#, "淮安"),
            ("true", "true"),
        ] {
            assert_eq!(text(&raw(written)).as_deref(), Some(expected));
        }
        assert_eq!(text(&raw("null")), None);
        assert_eq!((whole(&raw("12")), whole(&raw(r#""12""#)), whole(&raw("-1"))), (Some(12), None, None));
        assert_eq!(whole(&raw("1.0")), None);
    }

    #[test]
    fn a_time_is_read_in_all_forms_and_an_unreadable_one_is_unknown() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let noon: Timestamp = "2025-10-24T04:00:00Z".parse().unwrap();
        for written in [
            "1761278400",
            "1761278400000",
            "2025-10-24 12:00:00",
            "2025-10-24T12:00:00",
            "2025-10-24T12:00:00+08:00",
            "2025-10-24T04:00:00Z",
        ] {
            assert_eq!(time(written, &zone), Some(noon), "{written}");
        }
        for written in ["", "0", "soon", "2025-13-24 12:00:00"] {
            assert_eq!(time(written, &zone), None, "{written}");
        }
    }
}
