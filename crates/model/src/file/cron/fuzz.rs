//! Any text at all, and expressions against a look at each minute and each day by the rule's words alone.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::cron::Cron;

/// Where values begin anew, and the first of them: minute, hour, day, month, weekday.
const ROUNDS: [(i64, i64); 5] = [(0, 60), (0, 24), (1, 31), (1, 12), (0, 7)];

const NAMES: [&[&str]; 5] = [
    &[],
    &[],
    &[],
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
];

/// A number as it is written, leading zeros and names included.
fn written(at: usize) -> BoxedStrategy<String> {
    let (low, round) = ROUNDS[at];
    let high = if at == 4 { 7 } else { low + round - 1 };
    let number = prop_oneof![3 => (low..=high).prop_map(|n| n.to_string()), 1 => (low..=high).prop_map(|n| format!("{n:03}"))];
    if NAMES[at].is_empty() {
        return number.boxed();
    }
    let name = (select(NAMES[at]), any::<bool>())
        .prop_map(|(name, upper)| if upper { name.to_uppercase() } else { name.to_owned() });
    prop_oneof![2 => number, 1 => name].boxed()
}

fn field(at: usize) -> BoxedStrategy<String> {
    let one = || written(at);
    let entry = prop_oneof![
        3 => one(),
        2 => (one(), one()).prop_map(|(from, to)| format!("{from}-{to}")),
        2 => (one(), one(), 1..40_u32).prop_map(|(from, to, step)| format!("{from}-{to}/{step}")),
        1 => (1..40_u32).prop_map(|step| format!("*/{step}")),
    ];
    prop_oneof![
        2 => Just("*".to_owned()),
        3 => proptest::collection::vec(entry, 1..4).prop_map(|entries| entries.join(",")),
    ]
    .boxed()
}

fn expression() -> impl Strategy<Value = [String; 5]> {
    (field(0), field(1), field(2), field(3), field(4)).prop_map(|(m, h, d, month, w)| [m, h, d, month, w])
}

/// The number of what is written, counted from 0 within its round.
fn place(at: usize, text: &str) -> i64 {
    let (low, round) = ROUNDS[at];
    let by_name = NAMES[at].iter().zip(0..).find(|(name, _)| text.eq_ignore_ascii_case(name));
    by_name.map_or_else(|| (text.parse::<i64>().unwrap() - low) % round, |(_, place)| place)
}

/// Whether a field means a value: by walking from the first value of each entry, one by one round the clock.
fn covers(at: usize, text: &str, value: i8) -> bool {
    let (low, round) = ROUNDS[at];
    let wanted = i64::from(value) - low;
    text.split(',').any(|entry| {
        let (range, step) = entry.split_once('/').unwrap_or((entry, "1"));
        let step: i64 = step.parse().unwrap();
        let (from, last) = match range.split_once('-') {
            None if range == "*" => (0, round - 1),
            None => (place(at, range), 0),
            // Only a week has two names for a day: from Sunday to the Sunday called 7 is eight days.
            Some((from, to))
                if at == 4 && place(at, from) == 0 && to.parse() == Ok(7) && from.parse() != Ok(7) =>
            {
                (0, 7)
            }
            Some((from, to)) => (place(at, from), (place(at, to) - place(at, from)).rem_euclid(round)),
        };
        (0..=last).filter(|walked| walked % step == 0).any(|walked| (from + walked) % round == wanted)
    })
}

/// What the fields mean, value by value.
struct Named {
    values: [Vec<bool>; 5],
    both: bool,
}

impl Named {
    fn new(fields: &[String; 5]) -> Self {
        let all = |at: usize| (0..60).map(|value| covers(at, &fields[at], value)).collect();
        Self {
            values: std::array::from_fn(all),
            both: fields[2].starts_with('*') || fields[4].starts_with('*'),
        }
    }

    fn has(&self, at: usize, value: i8) -> bool {
        self.values[at][usize::try_from(value).unwrap()]
    }

    fn date(&self, date: Date) -> bool {
        let by_date = self.has(2, date.day());
        let by_weekday = self.has(4, date.weekday().to_sunday_zero_offset());
        self.has(3, date.month()) && if self.both { by_date && by_weekday } else { by_date || by_weekday }
    }

    fn minute(&self, civil: DateTime) -> bool {
        self.has(0, civil.minute()) && self.has(1, civil.hour()) && self.date(civil.date())
    }
}

/// All times of a stretch of minutes. A minute is one if it is named and not the second of its name, or if the clock
/// jumped to it over one that is named.
fn brute(named: &Named, zone: &TimeZone, from: Timestamp, minutes: i64) -> Vec<Timestamp> {
    let mut found = Vec::new();
    let mut before = zone.to_datetime(from);
    let mut latest = before;
    for at in (1..=minutes).map(|minute| from + SignedDuration::from_mins(minute)) {
        let civil = zone.to_datetime(at);
        let again = civil <= latest;
        let mut here = !again && named.minute(civil);
        let mut skipped = before.checked_add(1.minute()).unwrap();
        while skipped < civil {
            here |= skipped > latest && named.minute(skipped);
            skipped = skipped.checked_add(1.minute()).unwrap();
        }
        if here {
            found.push(at);
        }
        before = civil;
        latest = latest.max(civil);
    }
    found
}

fn due(fields: &[String; 5], zone: &TimeZone, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let cron = Cron::parse(&canonical(&fields.join(" ")).unwrap()).unwrap();
    let times = std::iter::successors(cron.next(from, zone), |at| cron.next(*at, zone));
    times.take_while(|at| *at <= until).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn times_agree_with_a_look_at_each_minute(
        (minute, hour) in (field(0), field(1)),
        (day, month, weekday) in prop_oneof![
            Just(("*".to_owned(), "*".to_owned(), "*".to_owned())),
            (field(2), Just("*".to_owned()), field(4)),
        ],
        (zone, from) in select(vec![
            ("UTC", "2026-01-25T00:00Z"),
            ("America/New_York", "2026-03-01T05:00Z"),
            ("America/New_York", "2026-10-25T04:00Z"),
            ("Australia/Lord_Howe", "2026-03-28T00:00Z"),
            ("Australia/Lord_Howe", "2026-09-26T00:00Z"),
            ("Africa/Cairo", "2026-04-18T00:00Z"),
        ]),
    ) {
        let fields = [minute, hour, day, month, weekday];
        let (zone, from) = (TimeZone::get(zone).unwrap(), at(from));
        let minutes = 16 * 24 * 60;
        if canonical(&fields.join(" ")).is_ok() {
            let until = from + SignedDuration::from_mins(minutes);
            prop_assert_eq!(due(&fields, &zone, from, until), brute(&Named::new(&fields), &zone, from, minutes), "{:?}", fields);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn days_agree_with_a_look_at_each_day(day in field(2), month in field(3), weekday in field(4)) {
        let fields = ["0".to_owned(), "0".to_owned(), day, month, weekday];
        let named = Named::new(&fields);
        // A leap day falls on each weekday within forty years of 2000.
        let days = |years: i64| Date::constant(2000, 1, 1).series(1.day()).take(usize::try_from(366 * years).unwrap());
        match canonical(&fields.join(" ")) {
            Ok(_) => {
                let from = at("1999-12-31T23:59Z");
                let expected: Vec<Timestamp> = days(9)
                    .filter(|date| named.date(*date))
                    .map(|date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap())
                    .collect();
                let until = from + SignedDuration::from_hours(24 * 366 * 9);
                prop_assert_eq!(due(&fields, &TimeZone::UTC, from, until), expected, "{:?}", fields);
            }
            Err(bad) => {
                prop_assert_eq!(bad.position, Some(3), "{:?}: {}", fields, bad);
                prop_assert!(bad.message().contains("unable to rollover"));
                prop_assert!(!days(41).any(|date| named.date(date)), "{:?} has dates", fields);
            }
        }
    }

    #[test]
    fn a_canonical_form_is_its_own_and_fixed_in_the_day(fields in expression()) {
        let text = fields.join(" ");
        if let Ok(form) = canonical(&text) {
            prop_assert!(!Cron::parse(&form).unwrap().follows_clock(), "{} follows absolute time", form);
            if !form.contains('+') && form.len() <= CHARACTERS {
                prop_assert_eq!(canonical(&form), Ok(form.clone()), "{}", text);
                prop_assert_eq!(describe(&form), describe(&text), "{}", text);
            }
            let words = describe(&text).unwrap();
            let known = |c: char| c.is_ascii_digit() || c > '\u{2fff}';
            prop_assert!(words.ends_with("执行") || words.ends_with("执行一次"), "{}", words);
            prop_assert!(words.chars().all(known), "{}", words);
        }
    }

    #[test]
    fn any_text_is_read_or_told_what_is_wrong(
        text in prop_oneof![
            "\\PC{0,40}",
            ".{0,120}",
            "[0-9*/,L#W?+ \t@a-z-]{0,30}",
            "([0-9*/,-]{1,6} ){4}[0-9A-Za-z#?+-]{1,4}",
            "@[a-zA-Z]{0,10}",
        ],
    ) {
        match canonical(&text) {
            Ok(form) => {
                prop_assert!(Cron::parse(&form).is_ok(), "{:?} becomes {}", text, form);
                prop_assert!(!describe(&text).unwrap().is_empty());
            }
            Err(bad) => {
                prop_assert!(!bad.message().is_empty() && !bad.to_string().is_empty());
                prop_assert_eq!(bad.detail.is_empty(), text.trim().is_empty());
                prop_assert!(bad.position.is_none_or(|at| (1..=5).contains(&at)));
                prop_assert_eq!(describe(&text), Err(bad));
            }
        }
    }
}
