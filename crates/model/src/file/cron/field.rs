//! One field: the values its text means, or what is wrong with it.

use std::collections::BTreeSet;

use super::Fault;
use crate::cron::Field;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// From Sunday, which is 0.
const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// The least and the greatest number that may be written. Of weekdays 7 is one more name of 0.
pub(super) const fn bounds(field: Field) -> (u16, u16) {
    match field {
        Field::Second | Field::Minute => (0, 59),
        Field::Hour => (0, 23),
        Field::DayOfMonth => (1, 31),
        Field::Month => (1, 12),
        Field::DayOfWeek => (0, 7),
    }
}

/// The values of a field, ascending; a Sunday is 0.
pub(super) fn values(field: Field, text: &str) -> Result<Vec<u16>, Fault> {
    let mut values = BTreeSet::new();
    for entry in text.split(',') {
        values.extend(entry_values(field, entry)?);
    }
    Ok(values.into_iter().collect())
}

/// The values of `*`, `*/s`, `a`, `a-b` or `a-b/s`, in the order they are counted.
fn entry_values(field: Field, entry: &str) -> Result<Vec<u16>, Fault> {
    if entry.is_empty() {
        return Err(Fault::EmptyEntry);
    }
    let (range, step) = match entry.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (entry, None),
    };
    let (low, high) = bounds(field);
    // As many values as there are before they begin anew.
    let round = if field == Field::DayOfWeek { 7 } else { high - low + 1 };
    let (from, to) = if range == "*" {
        (low, low + round - 1)
    } else if let Some((from, to)) = range.split_once('-') {
        (value(field, from, entry)?, value(field, to, entry)?)
    } else {
        let only = value(field, range, entry)?;
        if step.is_some() {
            return Err(Fault::StepOfOne(entry.to_owned()));
        }
        (only, only)
    };
    let step = step.map_or(Ok(1), |step| step_size(step, entry))?;
    // A week may begin at the Sunday called 7: `7-2` is 7, 8 and 9, Sunday to Tuesday.
    let to = if from > to { to + round } else { to };
    Ok((from..=to).step_by(step).map(|value| low + (value - low) % round).collect())
}

/// A number or a name; `entry` is what it stands in.
fn value(field: Field, text: &str, entry: &str) -> Result<u16, Fault> {
    let (low, high) = bounds(field);
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // What is too long for a number is out of bounds as well.
        let number = text.parse().ok().filter(|number| (low..=high).contains(number));
        return number.ok_or_else(|| Fault::OutOfBounds { text: text.to_owned(), low, high });
    }
    named(field, text).ok_or_else(|| Fault::Unreadable(entry.to_owned()))
}

/// The value of a name or of its first letters, three at least.
fn named(field: Field, text: &str) -> Option<u16> {
    let (names, first): (&[&str], u16) = match field {
        Field::Month => (&MONTHS, 1),
        Field::DayOfWeek => (&WEEKDAYS, 0),
        Field::Second | Field::Minute | Field::Hour | Field::DayOfMonth => return None,
    };
    let text = text.to_ascii_lowercase();
    let number = (first..).zip(names).find(|(_, name)| text.len() >= 3 && name.starts_with(&text))?.0;
    Some(number)
}

/// A step larger than any field keeps the first value only, however large it is.
fn step_size(text: &str, entry: &str) -> Result<usize, Fault> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Unreadable(entry.to_owned()));
    }
    match text.parse().map_or(usize::from(u8::MAX), |step: usize| step.min(usize::from(u8::MAX))) {
        0 => Err(Fault::StepZero(entry.to_owned())),
        step => Ok(step),
    }
}
