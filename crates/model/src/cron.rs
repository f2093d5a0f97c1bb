//! Cron expressions: what they mean, when they are due, and how to say them in words.
//!
//! Patterns are read by `croner` (the Vixie dialect, weekdays 0–7, `L`, `W`, `#`); the zone rule is ours:
//!
//! * A **fixed-time** job (neither minute nor hour begins with `*`) runs once for each civil time it names. A time
//!   that a change of clocks skips is run at the first instant after the gap, and several of them once; a time that
//!   happens twice is run the first time only.
//! * A **wildcard** job (minute or hour begins with `*`) follows absolute time: it runs at each instant whose civil
//!   time matches. What a gap skips is not run, what happens twice is run twice.
//!
//! Times are strictly increasing under both rules.

use croner::parser::{CronParser, Year};
use croner::{CronPattern, Weekday};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};

mod explain;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
mod wrong;

pub use explain::Language;
pub(crate) use explain::{progression, stretches};
pub use wrong::{BadCron, Field, Reason, Wrong};

/// Days looked through for a match. The rarest pattern with one, 29 February on a given weekday, comes back after 40
/// years at most (over a century without a leap day).
const HORIZON_DAYS: i32 = 41 * 366;

/// A cron expression that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    text: String,
    pattern: CronPattern,
    seconds: Vec<u16>,
    minutes: Vec<u16>,
    hours: Vec<u16>,
}

impl Cron {
    /// Reads five fields (minute, hour, day of month, month, day of week), six with seconds first, or `@hourly`,
    /// `@daily`, `@weekly`, `@monthly`, `@yearly`.
    ///
    /// # Errors
    /// Names the field that is wrong; also when no date matches (30 February).
    pub fn parse(text: &str) -> Result<Self, BadCron> {
        let bad = |wrong| BadCron { text: text.to_owned(), wrong };
        let upper = text.trim().to_uppercase();
        let plain = match upper.as_str() {
            "@HOURLY" => "0 * * * *",
            "@DAILY" | "@MIDNIGHT" => "0 0 * * *",
            "@WEEKLY" => "0 0 * * 0",
            "@MONTHLY" => "0 0 1 * *",
            "@YEARLY" | "@ANNUALLY" => "0 0 1 1 *",
            other => other,
        };
        let mut fields: Vec<&str> = plain.split_whitespace().collect();
        match fields.len() {
            5 => fields.insert(0, "0"),
            6 => {}
            n => return Err(bad(Wrong::Fields(n))),
        }
        let bad_field =
            |field, text: &str, reason| bad(Wrong::Field { field, text: text.to_owned(), reason });
        for (field, text) in Field::ALL.into_iter().zip(&fields) {
            field.check(text).map_err(|reason| bad_field(field, text, reason))?;
        }
        let pattern = match parser().parse(&fields.join(" ")) {
            Ok(parsed) => parsed.pattern,
            Err(whole) => {
                let unreadable = (0..fields.len()).find(|at| !reads_alone(*at, fields[*at]));
                return Err(match unreadable {
                    Some(at) => bad_field(Field::ALL[at], fields[at], Reason::Unreadable),
                    None => bad(Wrong::Together(whole.to_string())),
                });
            }
        };
        let cron = Self {
            text: text.trim().to_owned(),
            seconds: pattern.seconds.values(),
            minutes: pattern.minutes.values(),
            hours: pattern.hours.values(),
            pattern,
        };
        // A leap day on a Monday needs the long look; a base in 2000 sees a whole cycle.
        match cron.day_from(Date::constant(2000, 1, 1)) {
            Some(_) => Ok(cron),
            None => Err(bad(Wrong::NoDate)),
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first time after `after`, read in `zone`. `None` beyond the calendar's end.
    #[must_use]
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        if self.follows_clock() { self.next_absolute(after, zone) } else { self.next_fixed(after, zone) }
    }

    /// The first `count` times after `after`.
    #[must_use]
    pub fn next_n(&self, after: Timestamp, zone: &TimeZone, count: usize) -> Vec<Timestamp> {
        std::iter::successors(self.next(after, zone), |at| self.next(*at, zone)).take(count).collect()
    }

    /// Whether a wildcard makes it follow absolute time through changes of clocks; see the module.
    #[must_use]
    pub fn follows_clock(&self) -> bool {
        self.pattern.minutes.from_wildcard || self.pattern.hours.from_wildcard
    }

    /// Each matching civil time in order, taken to its one instant, until one is after `after`.
    fn next_fixed(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut civil = zone.to_datetime(after);
        loop {
            civil = self.next_civil(civil)?;
            let at = first_instant(civil, zone)?;
            if at > after {
                return Some(at);
            }
        }
    }

    /// Between two changes of clocks civil time is instant plus offset: look one stretch at a time.
    fn next_absolute(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut from = after;
        for _ in 0..HORIZON_DAYS {
            let offset = zone.to_offset(from);
            let change = zone.following(from).next().map(|t| t.timestamp());
            let found = self.next_civil(offset.to_datetime(from)).map(|c| offset.to_timestamp(c));
            match (found, change) {
                (Some(Ok(at)), None) => return Some(at),
                (Some(Ok(at)), Some(change)) if at < change => return Some(at),
                // The instant of the change belongs to the next stretch and may itself match.
                (_, Some(change)) => {
                    let offset = zone.to_offset(change);
                    if self.matches(offset.to_datetime(change)) {
                        return Some(change);
                    }
                    from = change;
                }
                _ => return None,
            }
        }
        None
    }

    fn matches(&self, civil: DateTime) -> bool {
        let has = |values: &[u16], value: i8| values.iter().any(|v| i32::from(*v) == i32::from(value));
        civil.subsec_nanosecond() == 0
            && has(&self.seconds, civil.second())
            && has(&self.minutes, civil.minute())
            && has(&self.hours, civil.hour())
            && self.matches_day(civil.date())
    }

    fn matches_day(&self, date: Date) -> bool {
        let weekday =
            Weekday::from_days_from_sunday(u32::from(date.weekday().to_sunday_zero_offset().unsigned_abs()));
        let (month, day) = (u32::from(date.month().unsigned_abs()), u32::from(date.day().unsigned_abs()));
        self.pattern.month_match(month).unwrap_or(false)
            && self.pattern.day_match(i32::from(date.year()), month, day, weekday).unwrap_or(false)
    }

    /// The first matching day from `date` on.
    fn day_from(&self, date: Date) -> Option<Date> {
        let mut date = date;
        for _ in 0..HORIZON_DAYS {
            if self.matches_day(date) {
                return Some(date);
            }
            let month = u32::from(date.month().unsigned_abs());
            date = if self.pattern.month_match(month).unwrap_or(false) {
                date.tomorrow().ok()?
            } else {
                date.last_of_month().tomorrow().ok()?
            };
        }
        None
    }

    /// The first matching civil time after `civil`, whole seconds.
    fn next_civil(&self, civil: DateTime) -> Option<DateTime> {
        let from = civil.with().subsec_nanosecond(0).build().ok()?.checked_add(1.second()).ok()?;
        let day = self.day_from(from.date())?;
        if day == from.date()
            && let Some(time) = self.time_from(from.time())
        {
            return Some(day.to_datetime(time));
        }
        let day = if day == from.date() { self.day_from(day.tomorrow().ok()?)? } else { day };
        Some(day.to_datetime(self.time_from(Time::midnight())?))
    }

    /// The first matching time of day from `time` on.
    fn time_from(&self, time: Time) -> Option<Time> {
        let at_least =
            |values: &[u16], least: i8| values.iter().copied().find(|v| i32::from(*v) >= i32::from(least));
        let (hours, minutes, seconds) = (&self.hours, &self.minutes, &self.seconds);
        let build = |h: u16, m: u16, s: u16| {
            Time::new(i8::try_from(h).ok()?, i8::try_from(m).ok()?, i8::try_from(s).ok()?, 0).ok()
        };
        let hour = at_least(hours, time.hour())?;
        if i32::from(hour) == i32::from(time.hour()) {
            if let Some(minute) = at_least(minutes, time.minute()) {
                if i32::from(minute) > i32::from(time.minute()) {
                    return build(hour, minute, *seconds.first()?);
                }
                if let Some(second) = at_least(seconds, time.second()) {
                    return build(hour, minute, second);
                }
                if let Some(minute) = at_least(minutes, time.minute() + 1) {
                    return build(hour, minute, *seconds.first()?);
                }
            }
            let hour = at_least(hours, time.hour() + 1)?;
            return build(hour, *minutes.first()?, *seconds.first()?);
        }
        build(hour, *minutes.first()?, *seconds.first()?)
    }
}

/// The one instant a fixed civil time stands for: itself, the first of two, or the end of the gap it falls into.
fn first_instant(civil: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(civil).ok()
        }
        AmbiguousOffset::Gap { after, .. } => {
            let before_gap = after.to_timestamp(civil).ok()?;
            let change = zone.following(before_gap).find(|t| t.offset() == after)?;
            Some(change.timestamp())
        }
    }
}

fn parser() -> CronParser {
    CronParser::builder().year(Year::Disallowed).build()
}

/// Whether a field can be read with all others open, so that what is wrong has a name.
fn reads_alone(at: usize, text: &str) -> bool {
    let mut fields = ["*"; 6];
    fields[at] = text;
    parser().parse(&fields.join(" ")).is_ok()
}
