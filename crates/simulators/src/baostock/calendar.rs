//! The trading calendar the simulator answers from. Pure; no clock.
//!
//! Closed weekdays are known for 2024, 2025 and 2026; in other years only weekends are closed. Bars and
//! listings exist from [`FIRST`] to [`LAST`]; outside of it a day can be asked for but holds nothing.

use jiff::civil::{Date, Weekday, date};

/// First day the simulated market holds anything.
pub(super) const FIRST: Date = date(2010, 1, 1);
/// Last day the simulated market holds anything.
pub(super) const LAST: Date = date(2035, 12, 31);

/// Weekdays the exchanges are closed: year, month, days.
const CLOSED: &[(i16, i8, &[i8])] = &[
    (2024, 1, &[1]),
    (2024, 2, &[9, 12, 13, 14, 15, 16]),
    (2024, 4, &[4, 5]),
    (2024, 5, &[1, 2, 3]),
    (2024, 6, &[10]),
    (2024, 9, &[16, 17]),
    (2024, 10, &[1, 2, 3, 4, 7]),
    (2025, 1, &[1, 28, 29, 30, 31]),
    (2025, 2, &[3, 4]),
    (2025, 4, &[4]),
    (2025, 5, &[1, 2, 5]),
    (2025, 6, &[2]),
    (2025, 10, &[1, 2, 3, 6, 7, 8]),
    (2026, 1, &[1, 2]),
    (2026, 2, &[16, 17, 18, 19, 20, 23]),
    (2026, 4, &[6]),
    (2026, 5, &[1, 4, 5]),
    (2026, 6, &[19]),
    (2026, 9, &[25]),
    (2026, 10, &[1, 2, 5, 6, 7]),
];

/// Whether the exchanges trade on `day`. Right for every date, also outside of the simulated years.
pub fn is_trading_day(day: Date) -> bool {
    if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return false;
    }
    !CLOSED
        .iter()
        .any(|&(year, month, days)| year == day.year() && month == day.month() && days.contains(&day.day()))
}

/// A trading day of the simulated years, 2010 to 2035, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradingDay {
    /// The civil date.
    pub date: Date,
    /// How many trading days lie before it, from 2010 on.
    pub index: u32,
    /// How many trading days of the same year lie before it.
    pub of_year: u16,
}

/// All trading days from [`FIRST`] to [`LAST`], with lookups in constant time.
#[derive(Debug)]
pub(super) struct Calendar {
    trading: Vec<TradingDay>,
    /// For every civil day since `FIRST`: how many trading days lie before it.
    before: Vec<u32>,
}

impl Calendar {
    /// Builds the tables (about ten thousand days).
    pub(super) fn new() -> Self {
        let (mut trading, mut before) = (Vec::new(), Vec::new());
        let (mut year, mut of_year) = (0, 0);
        for day in days(FIRST, LAST) {
            if day.year() != year {
                (year, of_year) = (day.year(), 0);
            }
            let index = u32::try_from(trading.len()).expect("a few thousand days fit");
            before.push(index);
            if is_trading_day(day) {
                trading.push(TradingDay { date: day, index, of_year });
                of_year += 1;
            }
        }
        Self { trading, before }
    }

    /// The trading day on `day`; `None` on a closed day and outside of the simulated years.
    pub(super) fn trading_day(&self, day: Date) -> Option<TradingDay> {
        let found = self.trading.get(self.position(day)?)?;
        (found.date == day).then_some(*found)
    }

    /// The `index`-th trading day since [`FIRST`].
    pub(super) fn nth(&self, index: u32) -> Option<TradingDay> {
        self.trading.get(usize::try_from(index).ok()?).copied()
    }

    /// The trading days from `first` to `last`, both included, ascending.
    pub(super) fn between(&self, first: Date, last: Date) -> &[TradingDay] {
        let (first, last) = (first.max(FIRST), last.min(LAST));
        let Some(from) = self.position(first) else { return &[] };
        let Some(to) = self.position(last) else { return &[] };
        let end = to + usize::from(self.trading_day(last).is_some());
        self.trading.get(from..end).unwrap_or(&[])
    }

    fn position(&self, day: Date) -> Option<usize> {
        let offset = usize::try_from(ordinal(day) - ordinal(FIRST)).ok()?;
        self.before.get(offset).and_then(|&index| usize::try_from(index).ok())
    }
}

/// Every civil day from `first` to `last`, both included.
pub(super) fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    let mut next = (first <= last).then_some(first);
    std::iter::from_fn(move || {
        let day = next?;
        next = day.tomorrow().ok().filter(|tomorrow| *tomorrow <= last);
        Some(day)
    })
}

/// Days since 1 March of year 0, proleptic Gregorian (the usual era arithmetic, shifted).
fn ordinal(day: Date) -> i64 {
    let (year, month) = (i64::from(day.year()), i64::from(day.month()));
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + i64::from(day.day())
}

/// `text` as a date, if it is exactly `YYYY-MM-DD` and a real day.
pub(super) fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    Date::new(text[0..4].parse().ok()?, text[5..7].parse().ok()?, text[8..10].parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_years_have_242_243_and_242_trading_days() {
        let calendar = Calendar::new();
        let count = |year| calendar.between(date(year, 1, 1), date(year, 12, 31)).len();
        assert_eq!([count(2024), count(2025), count(2026)], [242, 243, 242]);
    }

    #[test]
    fn lookups_agree_with_the_rule_on_every_day() {
        let calendar = Calendar::new();
        for day in days(FIRST, LAST) {
            assert_eq!(calendar.trading_day(day).is_some(), is_trading_day(day), "{day}");
            let alone = calendar.between(day, day);
            assert_eq!(alone.len(), usize::from(is_trading_day(day)), "{day}");
        }
    }

    #[test]
    fn trading_days_are_counted_from_the_start_and_within_their_year() {
        let calendar = Calendar::new();
        for (index, day) in calendar.between(FIRST, LAST).iter().enumerate() {
            assert_eq!(usize::try_from(day.index).unwrap(), index);
            assert_eq!(calendar.nth(day.index), Some(*day));
        }
        assert_eq!(calendar.trading_day(date(2025, 1, 2)).unwrap().of_year, 0);
        assert_eq!(calendar.trading_day(date(2025, 12, 31)).unwrap().of_year, 242);
    }

    #[test]
    fn a_range_outside_of_the_simulated_years_is_empty() {
        let calendar = Calendar::new();
        assert!(calendar.between(date(1999, 1, 1), date(2009, 12, 31)).is_empty());
        assert!(calendar.between(date(2036, 1, 1), date(2037, 1, 1)).is_empty());
        assert_eq!(calendar.between(date(1999, 1, 1), date(2010, 1, 4)).len(), 2);
        assert!(calendar.between(date(2025, 10, 9), date(2025, 10, 8)).is_empty());
    }

    #[test]
    fn only_ten_characters_of_a_real_day_are_a_date() {
        assert_eq!(parse_date("2025-10-09"), Some(date(2025, 10, 9)));
        for wrong in
            ["2025-10-9", "20251009", "2025-02-30", " 2025-10-09", "2025/10/09", "2", "", "２025-1-1"]
        {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
