//! Any text at all, and whole expressions against a look at every minute.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Expressions people write, to be spoiled.
const WRITTEN: [&str; 12] = [
    "0 20 * * *",
    "*/5 * * * *",
    "0 0 29 2 1",
    "30 2 L * *",
    "0 9 15W * ?",
    "0 9 * * MON-FRI",
    "0 9 * JAN,jul FRI#2",
    "0 9 * * 5L",
    "15,45 1-5/2 1-7 */3 +MON",
    "*/10 0 0 1 1 *",
    "@daily",
    "  0   8 * * 7 ",
];

const ZONES: [&str; 4] = ["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"];

/// Whatever a text is: a rule whose times only go forward, or words about what is wrong with it.
fn holds(text: &str, after: Timestamp, zone: &TimeZone) {
    match Cron::parse(text) {
        Ok(cron) => {
            let times = cron.next_n(after, zone, 5);
            let before = std::iter::once(&after).chain(&times);
            assert!(before.zip(&times).all(|(before, at)| before < at), "{text:?}: {times:?}");
            assert!(
                !cron.explain(Language::English).is_empty() && !cron.explain(Language::Chinese).is_empty()
            );
            assert_eq!(
                Cron::parse(cron.as_str()).map(|again| again.next(after, zone)),
                Ok(times.first().copied())
            );
        }
        Err(bad) => {
            let (english, chinese) = (bad.explain(Language::English), bad.explain(Language::Chinese));
            assert!(english.contains(text) && chinese.contains(text), "{english} {chinese}");
            assert!(english.len() > text.len() + 20, "it does not say what is wrong: {english}");
        }
    }
}

/// A written field between two bounds, and the values it means.
fn field(low: i64, high: i64) -> impl Strategy<Value = (String, BTreeSet<i64>)> {
    let value = move || low..=high;
    let one = value().prop_map(|n| (n.to_string(), BTreeSet::from([n])));
    let range = (value(), value()).prop_map(|(a, b)| {
        let (from, to) = (a.min(b), a.max(b));
        (format!("{from}-{to}"), (from..=to).collect())
    });
    let stepped = (value(), value(), 1..7_i64).prop_map(|(a, b, step)| {
        let (from, to) = (a.min(b), a.max(b));
        (format!("{from}-{to}/{step}"), (from..=to).filter(|n| (n - from) % step == 0).collect())
    });
    let step = (2..7_i64).prop_map(move |step| {
        (format!("*/{step}"), (low..=high).filter(|n| (n - low) % step == 0).collect())
    });
    let any = Just(("*".to_owned(), (low..=high).collect::<BTreeSet<i64>>()));
    let list =
        prop::collection::vec(prop_oneof![one.clone(), range.clone(), stepped], 1..4).prop_map(|parts| {
            let texts: Vec<String> = parts.iter().map(|(text, _)| text.clone()).collect();
            (texts.join(","), parts.into_iter().flat_map(|(_, values)| values).collect())
        });
    prop_oneof![3 => any, 1 => one, 1 => range, 1 => step, 2 => list]
}

/// All fields of an expression.
type Fields = [(String, BTreeSet<i64>); 5];

/// Whether an expression names a civil minute: day of month *or* weekday where both are given.
fn names([minute, hour, day, month, weekday]: &Fields, civil: DateTime) -> bool {
    let has = |(_, values): &(String, BTreeSet<i64>), value: i8| values.contains(&i64::from(value));
    let by_day = has(day, civil.day());
    let by_weekday = has(weekday, civil.date().weekday().to_sunday_zero_offset());
    let on_that_day = match (day.0.as_str(), weekday.0.as_str()) {
        ("*", _) => by_weekday,
        (_, "*") => by_day,
        _ => by_day || by_weekday,
    };
    has(minute, civil.minute()) && has(hour, civil.hour()) && has(month, civil.month()) && on_that_day
}

fn at(hours: i64) -> Timestamp {
    "2023-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_rule_or_told_what_is_wrong(
        text in prop_oneof!["\\PC{0,40}", "[0-9*/,L#W?+ -]{0,30}", "([0-9*/,-]{1,6} ){4,5}[0-9A-Z#?+L]{1,4}"],
        hours in 0..50_000_i64,
    ) {
        holds(&text, at(hours), &TimeZone::UTC);
    }

    #[test]
    fn a_spoiled_expression_is_a_rule_or_told_what_is_wrong(
        written in select(&WRITTEN[..]),
        harms in prop::collection::vec((any::<prop::sample::Index>(), select(b"0123456789*/,-LW#?+ AN@".to_vec())), 1..4),
        zone in select(&ZONES[..]),
        hours in 0..50_000_i64,
    ) {
        let mut text = written.to_owned();
        for (place, byte) in harms {
            let place = place.index(text.len());
            text.replace_range(place..=place, &char::from(byte).to_string());
        }
        holds(&text, at(hours), &TimeZone::get(zone).unwrap());
    }

    #[test]
    fn whole_expressions_agree_with_looking_at_each_minute(
        minute in field(0, 59),
        hour in field(0, 23),
        day in field(1, 31),
        month in field(1, 12),
        weekday in field(0, 6),
        zone in select(&ZONES[..2]),
        hours in 0..50_000_i64,
    ) {
        let fields = [minute, hour, day, month, weekday];
        let text = fields.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
        let (zone, after) = (TimeZone::get(zone).unwrap(), at(hours));
        let window = (1..=4_000).map(|minutes| after + SignedDuration::from_mins(minutes));
        let mut named = window.filter(|at| names(&fields, zone.to_datetime(*at)));
        let end = after + SignedDuration::from_mins(4_000);
        match Cron::parse(&text) {
            Ok(cron) => {
                let next = cron.next(after, &zone).unwrap();
                prop_assert!(next > after);
                prop_assert!(names(&fields, zone.to_datetime(next)), "{} gives {}", text, next);
                prop_assert_eq!(Some(next).filter(|at| *at <= end), named.next(), "{}", text);
            }
            Err(bad) => {
                prop_assert_eq!(&bad.wrong, &Wrong::NoDate, "{}", text);
                prop_assert!(named.next().is_none(), "{} has dates", text);
            }
        }
    }
}
