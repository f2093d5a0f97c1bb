//! Shanghai's calendar and clock: the one zone in which this system names days. Fixed at UTC+8, with no summer time.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

const SHANGHAI: Offset = Offset::constant(8);

/// The zone's name, for schedules.
pub(crate) const ZONE: &str = "Asia/Shanghai";

/// The wall clock at a moment.
#[must_use]
pub(super) fn civil(at: Timestamp) -> DateTime {
    SHANGHAI.to_datetime(at)
}

/// The day at a moment.
#[must_use]
pub(super) fn today(now: Timestamp) -> Date {
    civil(now).date()
}

/// The moment of a wall clock; the nearest one there is at the ends of time.
#[must_use]
pub(super) fn moment(date: Date, time: Time) -> Timestamp {
    SHANGHAI.to_timestamp(date.to_datetime(time)).unwrap_or(Timestamp::MAX)
}

/// `2025-10-18T04:00:00`.
#[must_use]
pub(super) fn iso(at: Timestamp) -> String {
    let t = civil(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        t.year(),
        t.month(),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// A date as people write it here: exactly `YYYY-MM-DD` or `YYYYMMDD`, ASCII digits, a real day.
#[must_use]
pub(super) fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let digits: Vec<u8> = match bytes.len() {
        8 => bytes.to_vec(),
        10 if bytes[4] == b'-' && bytes[7] == b'-' => [&bytes[..4], &bytes[5..7], &bytes[8..]].concat(),
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |part: &[u8]| part.iter().fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0'));
    let (year, month, day) = (number(&digits[..4]), number(&digits[4..6]), number(&digits[6..]));
    if year == 0 {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The day so many days later (earlier, when negative); the last one there is at the ends of time.
#[must_use]
pub(super) fn days_after(date: Date, days: i64) -> Date {
    date.checked_add(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(date)
}

/// How many days from `first` to `last`, both counted; 0 when `last` is before `first`.
#[must_use]
pub(super) fn days_between(first: Date, last: Date) -> i64 {
    (i64::from(first.until(last).map_or(-1, |span| span.get_days())) + 1).max(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn only_the_two_documented_spellings_are_dates() {
        for good in ["2025-10-09", "20251009"] {
            assert_eq!(parse_date(good), Some(date(2025, 10, 9)), "{good}");
        }
        let bad = [
            "2025-10-9",
            "2025-W41-4",
            "2025-02-29",
            " 2025-10-09",
            "2025-10-09 ",
            "2025-10-09T00:00:00",
            "２０２５１００９",
            "2025/10/09",
            "",
            "0000-01-01",
            "2025-1009",
            "+2025-1-9",
        ];
        for bad in bad {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_day_begins_at_sixteen_hours_of_utc() {
        let at: Timestamp = "2025-10-17T20:00:00Z".parse().unwrap();
        assert_eq!(iso(at), "2025-10-18T04:00:00");
        assert_eq!(today(at), date(2025, 10, 18));
        assert_eq!(moment(date(2025, 10, 18), time(4, 0, 0, 0)), at);
    }

    #[test]
    fn days_are_counted_with_both_ends() {
        assert_eq!(days_between(date(2025, 9, 22), date(2025, 9, 30)), 9);
        assert_eq!(days_between(date(2024, 12, 31), date(2025, 12, 31)), 366);
        assert_eq!(days_between(date(2025, 9, 2), date(2025, 9, 1)), 0);
        assert_eq!(days_after(date(2025, 3, 1), -1), date(2025, 2, 28));
    }
}
