//! Single values of the source: text or numbers, and four ways of saying nothing.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde_json::Value as Json;

/// A value that is there and is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unread;

/// A value as text, as it came. Missing, `null`, blank and `None` are nothing.
pub(super) fn text(value: &Json) -> Result<Option<String>, Unread> {
    match value {
        Json::Null => Ok(None),
        Json::String(text) if matches!(text.trim(), "" | "None") => Ok(None),
        // No database keeps a zero byte in a text.
        Json::String(text) => Ok(Some(text.replace('\0', ""))),
        Json::Number(number) => Ok(Some(number.to_string())),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => Err(Unread),
    }
}

/// A whole number; a fraction of zeros is none.
pub(super) fn int(value: &Json) -> Result<Option<i64>, Unread> {
    parsed(value, |text| {
        let whole = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|digit| digit == b'0'));
        whole.map_or(text, |(whole, _)| whole).parse().ok()
    })
}

/// A finite number.
pub(super) fn real(value: &Json) -> Result<Option<f64>, Unread> {
    parsed(value, |text| text.parse().ok().filter(|number: &f64| number.is_finite()))
}

/// `2025-06-29`.
pub(super) fn date(value: &Json) -> Result<Option<Date>, Unread> {
    parsed(value, |text| shaped(text, "dddd-dd-dd").then(|| text.parse().ok()).flatten())
}

/// `13:00:00Z`, in UTC whether it says so or not; in whole seconds.
pub(super) fn time(value: &Json) -> Result<Option<Time>, Unread> {
    parsed(value, |text| {
        let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
        let (whole, fraction) =
            text.split_once('.').map_or((text, "0"), |(whole, fraction)| (whole, fraction));
        let is_time = shaped(whole, "dd:dd:dd")
            && !fraction.is_empty()
            && fraction.bytes().all(|digit| digit.is_ascii_digit());
        is_time.then(|| whole.parse().ok()).flatten()
    })
}

/// The moment of a date and a time in UTC.
pub(super) fn moment(date: Date, time: Time) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(date.to_datetime(time)).ok()
}

fn parsed<T>(value: &Json, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Unread> {
    match text(value)? {
        None => Ok(None),
        Some(text) => parse(text.trim()).map(Some).ok_or(Unread),
    }
}

/// Whether a text has digits where the pattern has a `d`, and else what the pattern has.
fn shaped(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn there_are_four_ways_of_saying_nothing() {
        for nothing in [Json::Null, json!(""), json!("  "), json!("None"), json!({})["missing"].clone()] {
            assert_eq!(text(&nothing), Ok(None));
            assert_eq!(int(&nothing), Ok(None));
            assert_eq!(real(&nothing), Ok(None));
            assert_eq!(date(&nothing), Ok(None));
            assert_eq!(time(&nothing), Ok(None));
        }
    }

    #[test]
    fn numbers_are_read_from_text_and_from_numbers() {
        assert_eq!(
            (int(&json!("33")), int(&json!(33)), int(&json!(33.0))),
            (Ok(Some(33)), Ok(Some(33)), Ok(Some(33)))
        );
        assert_eq!((int(&json!(" +7 ")), int(&json!("-1"))), (Ok(Some(7)), Ok(Some(-1))));
        assert_eq!((real(&json!("12.5")), real(&json!("0.14"))), (Ok(Some(12.5)), Ok(Some(0.14))));
        assert_eq!((real(&json!(25)), real(&json!("26"))), (Ok(Some(25.0)), Ok(Some(26.0))));
        for odd in
            [json!("x"), json!("1.5"), json!("1 2"), json!(true), json!([]), json!({}), json!("9".repeat(30))]
        {
            assert_eq!(int(&odd), Err(Unread), "{odd}");
        }
        for odd in [json!("nan"), json!("inf"), json!("1e999"), json!("1,5"), json!(false)] {
            assert_eq!(real(&odd), Err(Unread), "{odd}");
        }
    }

    #[test]
    fn dates_and_times_have_their_shape() {
        assert_eq!(date(&json!("2025-06-29")), Ok(Some(Date::constant(2025, 6, 29))));
        for odd in ["2025-6-29", "2025-02-30", "20250629", "2025-06-29T13:00:00Z", "29.06.2025"] {
            assert_eq!(date(&json!(odd)), Err(Unread), "{odd}");
        }
        let one = Time::constant(13, 0, 0, 0);
        for text in ["13:00:00Z", "13:00:00", "13:00:00.5Z", "13:00:00.123456", " 13:00:00Z "] {
            assert_eq!(time(&json!(text)), Ok(Some(one)), "{text}");
        }
        for odd in ["13:00", "25:00:00Z", "13:60:00", "13:00:00+02:00", "13:00:00.Z", "1:00:00Z"] {
            assert_eq!(time(&json!(odd)), Err(Unread), "{odd}");
        }
        let moment = moment(Date::constant(2025, 6, 29), one).unwrap();
        assert_eq!(moment.to_string(), "2025-06-29T13:00:00Z");
    }

    fn any_json() -> impl Strategy<Value = Json> {
        prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            ".{0,12}".prop_map(Json::from),
            "[0-9+:. Z-]{0,12}".prop_map(Json::from),
            Just(json!([1])),
            Just(json!({"a": 1})),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_number_is_read_as_it_was_written(number in any::<i64>(), point in any::<f64>()) {
            prop_assert_eq!(int(&json!(number.to_string())), Ok(Some(number)));
            prop_assert_eq!(int(&json!(number)), Ok(Some(number)));
            if point.is_finite() {
                prop_assert_eq!(real(&json!(point.to_string())), Ok(Some(point)));
                prop_assert_eq!(real(&json!(point)), Ok(Some(point)));
            }
        }

        #[test]
        fn a_moment_is_read_as_it_was_written(second in 0..4_000_000_000_i64) {
            let moment_was = Timestamp::from_second(second).unwrap();
            let text = moment_was.to_string();
            let (day, clock) = text.split_once('T').unwrap();
            let (day, clock) = (date(&json!(day)).unwrap().unwrap(), time(&json!(clock)).unwrap().unwrap());
            prop_assert_eq!(moment(day, clock), Some(moment_was));
        }

        #[test]
        fn whatever_comes_is_a_value_nothing_or_unread(value in any_json()) {
            if let Ok(Some(text)) = text(&value) {
                prop_assert!(!text.contains('\0'));
            }
            if let Ok(Some(number)) = real(&value) {
                prop_assert!(number.is_finite());
            }
            if let Ok(Some(number)) = int(&value) {
                prop_assert!(real(&value).unwrap().unwrap() == number as f64);
            }
            let _ = (date(&value), time(&value));
        }
    }
}
