//! The cron expressions of file syncs: five fields in a dialect of their own, brought to the one form the engine's
//! [`Cron`](crate::cron::Cron) reads.
//!
//! What differs from the engine's dialect:
//!
//! * Ranges wrap (`50-10`, `fri-mon`), names may be cut to three letters, there is no `L`, `W`, `#`, `?` and no second.
//! * A date has to match day **and** weekday as soon as either field begins with `*`, so `*/2` limits a weekday too.
//! * Every time of day is a fixed one through changes of clocks, also under `*`: what a change skips is run at its end,
//!   what it repeats is run the first time only.
//!
//! What is read is kept as sets of values, and of the many sets with one meaning only the simplest. So two expressions
//! come to the same form, and are said alike, exactly if they come due alike.

mod describe;
mod field;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
mod wrong;

use crate::cron::{Field, progression, stretches};
pub use wrong::BadFileCron;
use wrong::{Fault, Wrong};

/// An expression is no longer than this.
const CHARACTERS: usize = 100;

/// The fields in the order they are written.
const FIELDS: [Field; 5] = [Field::Minute, Field::Hour, Field::DayOfMonth, Field::Month, Field::DayOfWeek];

/// The expression that means to [`Cron`](crate::cron::Cron) what `text` means to a file sync.
///
/// It is for the engine, not for people: it may hold the engine's `+`, which is refused here, and be longer than what
/// may be written. Where it does not, it is its own canonical form.
///
/// # Errors
/// Names the field that is wrong; also when no date matches (30 February).
pub fn canonical(text: &str) -> Result<String, BadFileCron> {
    Ok(Meaning::read(text)?.expression())
}

/// What `text` means, in Chinese and without the time zone: `每天凌晨2点执行`.
///
/// # Errors
/// As [`canonical`].
pub fn describe(text: &str) -> Result<String, BadFileCron> {
    Ok(Meaning::read(text)?.in_chinese())
}

/// The values of each field, ascending, none of them without effect: no 30 February, no 31st where all months are
/// shorter, no month that has none of the dates. A Sunday is 0.
struct Meaning {
    minutes: Vec<u16>,
    hours: Vec<u16>,
    months: Vec<u16>,
    days: Days,
}

/// The days of those months. Dates are never all dates, weekdays never all seven.
enum Days {
    Every,
    Dates(Vec<u16>),
    Weekdays(Vec<u16>),
    /// By date or by weekday.
    Either(Vec<u16>, Vec<u16>),
    /// By date and by weekday.
    Both(Vec<u16>, Vec<u16>),
}

impl Meaning {
    fn read(text: &str) -> Result<Self, BadFileCron> {
        if text.trim().is_empty() {
            return Err(Wrong::Blank.into());
        }
        if text.chars().count() > CHARACTERS {
            return Err(Wrong::Long.into());
        }
        let written: Vec<&str> = text.split([' ', '\t']).filter(|field| !field.is_empty()).collect();
        let fields = match written[..] {
            [name] if name.starts_with('@') => {
                macro_fields(name).ok_or_else(|| Wrong::Macro(name.to_owned()))?
            }
            [minute, hour, day, month, weekday] => [minute, hour, day, month, weekday],
            _ => return Err(Wrong::Fields(written.len()).into()),
        };
        let values =
            |at: usize| field::values(FIELDS[at], fields[at]).map_err(|fault| Wrong::Field { at, fault });
        let (minutes, hours) = (values(0)?, values(1)?);
        let (dates, months, weekdays) = (values(2)?, values(3)?, values(4)?);
        let joined = fields[2].starts_with('*') || fields[4].starts_with('*');
        let (months, days) =
            if joined { both(dates, months, weekdays)? } else { either(dates, months, weekdays) };
        Ok(Self { minutes, hours, months, days })
    }

    /// Neither minute nor hour is ever written `*`, which would make the engine follow absolute time.
    fn expression(&self) -> String {
        let (day, weekday) = match &self.days {
            Days::Every => ("*".to_owned(), "*".to_owned()),
            Days::Dates(dates) => (list(dates), "*".to_owned()),
            Days::Weekdays(weekdays) => ("*".to_owned(), list(weekdays)),
            Days::Either(dates, weekdays) => (list(dates), list(weekdays)),
            Days::Both(dates, weekdays) => (list(dates), format!("+{}", list(weekdays))),
        };
        let month = if self.months.len() == 12 { "*".to_owned() } else { list(&self.months) };
        format!("{} {} {day} {month} {weekday}", list(&self.minutes), list(&self.hours))
    }
}

fn macro_fields(name: &str) -> Option<[&'static str; 5]> {
    Some(match name.to_ascii_lowercase().as_str() {
        "@yearly" | "@annually" => ["0", "0", "1", "1", "*"],
        "@monthly" => ["0", "0", "1", "*", "*"],
        "@weekly" => ["0", "0", "*", "*", "0"],
        "@daily" | "@midnight" => ["0", "0", "*", "*", "*"],
        "@hourly" => ["0", "*", "*", "*", "*"],
        _ => return None,
    })
}

/// The days of a rule that wants date and weekday. Any date falls on any weekday some year, a leap day within forty:
/// only a date its months do not have never comes.
fn both(dates: Vec<u16>, months: Vec<u16>, weekdays: Vec<u16>) -> Result<(Vec<u16>, Days), Wrong> {
    let has_one = |month: &u16| dates.first().is_some_and(|first| *first <= longest(*month));
    let months: Vec<u16> = months.into_iter().filter(has_one).collect();
    let (dates, all_dates) = in_months(dates, &months);
    let days = match (all_dates, weekdays.len() == 7) {
        _ if months.is_empty() => return Err(Wrong::Never),
        (true, true) => Days::Every,
        (true, false) => Days::Weekdays(weekdays),
        (false, true) => Days::Dates(dates),
        (false, false) => Days::Both(dates, weekdays),
    };
    Ok((months, days))
}

/// The days of a rule that is content with either.
fn either(dates: Vec<u16>, months: Vec<u16>, weekdays: Vec<u16>) -> (Vec<u16>, Days) {
    let (dates, all_dates) = in_months(dates, &months);
    let days = match (all_dates, weekdays.len() == 7) {
        (true, _) | (_, true) => Days::Every,
        (false, false) if dates.is_empty() => Days::Weekdays(weekdays),
        (false, false) => Days::Either(dates, weekdays),
    };
    (months, days)
}

/// The dates that one of the months has, and whether they are all there are.
fn in_months(dates: Vec<u16>, months: &[u16]) -> (Vec<u16>, bool) {
    let last = months.iter().copied().map(longest).max().unwrap_or(0);
    let dates: Vec<u16> = dates.into_iter().filter(|date| *date <= last).collect();
    let all = dates.len() == usize::from(last);
    (dates, all)
}

/// The last date a month can have.
const fn longest(month: u16) -> u16 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Values as they are written in a field: `0-59`, `1-31/2`, `1,5-8`.
fn list(values: &[u16]) -> String {
    if let (Some(step), [first, .., last]) = (progression(values), values)
        && step > 1
    {
        return format!("{first}-{last}/{step}");
    }
    let parts: Vec<String> = stretches(values)
        .into_iter()
        .map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") })
        .collect();
    parts.join(",")
}
