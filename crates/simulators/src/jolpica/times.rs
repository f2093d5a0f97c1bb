//! How times are written.

use jiff::{Timestamp, tz::TimeZone};

/// `1:23:54.543`, `32:04.660`, `1:06.200`: minutes always, hours from the first on.
pub(super) fn absolute(millis: u64) -> String {
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let (seconds, rest) = (millis / 1000 % 60, millis % 1000);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{rest:03}")
    } else {
        format!("{minutes}:{seconds:02}.{rest:03}")
    }
}

/// `+17.973`, `+1:07.667`: minutes from the first on.
pub(super) fn gap(millis: u64) -> String {
    if millis >= 60_000 {
        format!("+{}", absolute(millis))
    } else {
        format!("+{}.{:03}", millis / 1000, millis % 1000)
    }
}

/// The date and the time of an instant: `2025-06-29`, `13:00:00Z`.
pub(super) fn date_and_time(instant: Timestamp) -> (String, String) {
    let civil = TimeZone::UTC.to_datetime(instant);
    (civil.date().to_string(), format!("{}Z", civil.time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_upstream_writes_them() {
        assert_eq!(absolute(5_034_543), "1:23:54.543");
        assert_eq!(absolute(1_924_660), "32:04.660");
        assert_eq!(absolute(90_031), "1:30.031");
        assert_eq!(gap(17_973), "+17.973");
        assert_eq!(gap(67_667), "+1:07.667");
        let instant: Timestamp = "2025-06-29T13:00:00Z".parse().unwrap();
        assert_eq!(date_and_time(instant), ("2025-06-29".to_owned(), "13:00:00Z".to_owned()));
    }
}
