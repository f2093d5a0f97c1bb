//! Golden tables around changes of clocks, properties against a brute-force matcher.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// The times after a civil time of the zone, as civil times with their offset.
fn times(expression: &str, zone_name: &str, after: &str, count: usize) -> Vec<String> {
    let zone = zone(zone_name);
    let after = after.parse::<DateTime>().unwrap();
    let after = zone.to_ambiguous_timestamp(after).earlier().unwrap();
    Cron::parse(expression)
        .unwrap()
        .next_n(after, &zone, count)
        .into_iter()
        .map(|at| {
            let offset = zone.to_offset(at);
            format!("{}{offset}", offset.to_datetime(at).strftime("%m-%d %H:%M"))
        })
        .collect()
}

#[test]
fn new_york_springs_forward() {
    // 2025-03-09 02:00 → 03:00.
    assert_eq!(
        times("30 2 * * *", "America/New_York", "2025-03-08T00:00", 3),
        ["03-08 02:30-05", "03-09 03:00-04", "03-10 02:30-04"]
    );
    assert_eq!(
        times("10,40 2 * * *", "America/New_York", "2025-03-09T00:00", 2),
        ["03-09 03:00-04", "03-10 02:10-04"]
    );
    assert_eq!(
        times("0 * * * *", "America/New_York", "2025-03-09T00:30", 3),
        ["03-09 01:00-05", "03-09 03:00-04", "03-09 04:00-04"]
    );
    assert_eq!(times("*/30 2 * * *", "America/New_York", "2025-03-09T00:00", 1), ["03-10 02:00-04"]);
    // A time at the end of the gap and one inside it are one run.
    assert_eq!(
        times("30 2,3 * * *", "America/New_York", "2025-03-09T00:00", 2),
        ["03-09 03:00-04", "03-09 03:30-04"]
    );
    assert_eq!(
        times("0 2,3 * * *", "America/New_York", "2025-03-09T00:00", 2),
        ["03-09 03:00-04", "03-10 02:00-04"]
    );
}

#[test]
fn new_york_falls_back() {
    // 2025-11-02 02:00 → 01:00.
    assert_eq!(
        times("30 1 * * *", "America/New_York", "2025-11-01T12:00", 2),
        ["11-02 01:30-04", "11-03 01:30-05"]
    );
    assert_eq!(
        times("30 * * * *", "America/New_York", "2025-11-02T00:45", 3),
        ["11-02 01:30-04", "11-02 01:30-05", "11-02 02:30-05"]
    );
    assert_eq!(
        times("*/30 1 * * *", "America/New_York", "2025-11-02T00:00", 5),
        ["11-02 01:00-04", "11-02 01:30-04", "11-02 01:00-05", "11-02 01:30-05", "11-03 01:00-05"]
    );
}

#[test]
fn london_changes_at_one() {
    assert_eq!(
        times("30 1 * * *", "Europe/London", "2025-03-29T12:00", 2),
        ["03-30 02:00+01", "03-31 01:30+01"]
    );
    assert_eq!(
        times("30 1 * * *", "Europe/London", "2025-10-25T12:00", 2),
        ["10-26 01:30+01", "10-27 01:30+00"]
    );
}

#[test]
fn lord_howe_changes_by_half_an_hour() {
    // 2025-10-05 02:00 → 02:30; 2025-04-06 02:00 → 01:30.
    assert_eq!(
        times("15 2 * * *", "Australia/Lord_Howe", "2025-10-04T12:00", 2),
        ["10-05 02:30+11", "10-06 02:15+11"]
    );
    assert_eq!(
        times("0 * * * *", "Australia/Lord_Howe", "2025-10-05T00:30", 2),
        ["10-05 01:00+10:30", "10-05 03:00+11"]
    );
    assert_eq!(
        times("45 1 * * *", "Australia/Lord_Howe", "2025-04-05T12:00", 2),
        ["04-06 01:45+11", "04-07 01:45+10:30"]
    );
    assert_eq!(
        times("45 * * * *", "Australia/Lord_Howe", "2025-04-06T01:00", 3),
        ["04-06 01:45+11", "04-06 01:45+10:30", "04-06 02:45+10:30"]
    );
}

#[test]
fn cairo_loses_midnight() {
    // 2025-04-25 00:00 → 01:00.
    assert_eq!(
        times("0 0 * * *", "Africa/Cairo", "2025-04-24T12:00", 2),
        ["04-25 01:00+03", "04-26 00:00+03"]
    );
}

#[test]
fn shanghai_is_even() {
    assert_eq!(
        times("0 20 * * 1-5", "Asia/Shanghai", "2025-10-03T12:00", 3),
        ["10-03 20:00+08", "10-06 20:00+08", "10-07 20:00+08"]
    );
}

#[test]
fn apia_lost_a_day() {
    // There was no 30 December 2011.
    assert_eq!(
        times("0 20 * * *", "Pacific/Apia", "2011-12-29T12:00", 3),
        ["12-29 20:00-10", "12-31 00:00+14", "12-31 20:00+14"]
    );
    assert_eq!(
        times("0 */12 * * *", "Pacific/Apia", "2011-12-29T11:00", 3),
        ["12-29 12:00-10", "12-31 00:00+14", "12-31 12:00+14"]
    );
}

#[test]
fn calendars_and_modifiers() {
    assert_eq!(times("0 0 29 2 *", "UTC", "2096-03-01T00:00", 1), ["02-29 00:00+00"]);
    assert_eq!(times("0 9 L * *", "UTC", "2024-02-01T00:00", 2), ["02-29 09:00+00", "03-31 09:00+00"]);
    assert_eq!(times("0 9 * * 5#2", "UTC", "2025-08-01T00:00", 1), ["08-08 09:00+00"]);
    assert_eq!(times("0 9 13 * 5", "UTC", "2025-06-10T00:00", 2), ["06-13 09:00+00", "06-20 09:00+00"]);
    assert_eq!(times("0 9 * * 7", "UTC", "2025-06-10T00:00", 1), ["06-15 09:00+00"]);
    assert_eq!(times("@hourly", "UTC", "2025-06-10T00:30", 1), ["06-10 01:00+00"]);
    let by_second = Cron::parse("*/20 0 0 * * *").unwrap();
    let after = "2025-06-09T23:59:59.5Z".parse().unwrap();
    let at: Vec<String> =
        by_second.next_n(after, &TimeZone::UTC, 4).iter().map(ToString::to_string).collect();
    assert_eq!(
        at,
        ["2025-06-10T00:00:00Z", "2025-06-10T00:00:20Z", "2025-06-10T00:00:40Z", "2025-06-11T00:00:00Z"]
    );
}

/// One field as a set of values, by another way than the program's.
fn field() -> impl Strategy<Value = (String, String)> {
    let minute = prop_oneof![
        Just("*".to_owned()),
        (0u8..60).prop_map(|m| m.to_string()),
        (1u8..30).prop_map(|n| format!("*/{n}")),
        (0u8..30, 30u8..60).prop_map(|(a, b)| format!("{a},{b}")),
    ];
    let hour = prop_oneof![
        Just("*".to_owned()),
        (0u8..24).prop_map(|h| h.to_string()),
        (1u8..12).prop_map(|n| format!("*/{n}")),
        (0u8..12, 12u8..24).prop_map(|(a, b)| format!("{a}-{b}")),
    ];
    (minute, hour)
}

fn covers(field: &str, value: i8) -> bool {
    let value = i64::from(value);
    field.split(',').any(|part| {
        if let Some(step) = part.strip_prefix("*/") {
            value % step.parse::<i64>().unwrap() == 0
        } else if let Some((from, to)) = part.split_once('-') {
            (from.parse::<i64>().unwrap()..=to.parse().unwrap()).contains(&value)
        } else {
            part == "*" || part.parse::<i64>().unwrap() == value
        }
    })
}

/// All times in the stretch, minute by minute, from the rule's words alone.
fn brute(
    (minute, hour): &(String, String),
    zone: &TimeZone,
    from: Timestamp,
    minutes: i64,
) -> Vec<Timestamp> {
    let wildcard = minute.starts_with('*') || hour.starts_with('*');
    let civil_at = |at: Timestamp| zone.to_datetime(at);
    let mut found = Vec::new();
    for step in 1..=minutes {
        let at = from + (step * 60).seconds();
        let civil = civil_at(at);
        let named = covers(minute, civil.minute()) && covers(hour, civil.hour());
        if wildcard {
            if named {
                found.push(at);
            }
            continue;
        }
        let second_time = zone.to_ambiguous_timestamp(civil).earlier().unwrap() != at;
        // Civil minutes the clock jumped over right before this one.
        let mut skipped = civil_at(at - 60.seconds()).checked_add(1.minute()).unwrap();
        let mut jumped_over = false;
        while skipped < civil {
            jumped_over |= covers(minute, skipped.minute()) && covers(hour, skipped.hour());
            skipped = skipped.checked_add(1.minute()).unwrap();
        }
        if (named && !second_time) || jumped_over {
            found.push(at);
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn times_agree_with_looking_at_each_minute(
        fields in field(),
        zone_at in 0usize..6,
        day in 0i64..730,
        transition in any::<bool>(),
    ) {
        let name = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Shanghai",
            "Pacific/Apia"][zone_at];
        let zone = zone(name);
        let mut from: Timestamp = "2010-06-01T00:00:00Z".parse().unwrap();
        from += SignedDuration::from_hours(day * 24);
        if transition && let Some(change) = zone.following(from).next() {
            from = change.timestamp() - 36.hours();
        }
        let minutes = 3 * 24 * 60;
        let until = from + (minutes * 60).seconds();
        let cron = Cron::parse(&format!("{} {} * * *", fields.0, fields.1)).unwrap();
        let found: Vec<Timestamp> = std::iter::successors(cron.next(from, &zone), |at| cron.next(*at, &zone))
            .take_while(|at| *at <= until)
            .collect();
        prop_assert_eq!(&found, &brute(&fields, &zone, from, minutes));
        prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
