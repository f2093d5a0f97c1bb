//! One value as read from a destination.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::cell::Cell;
use super::table::Kind;

/// A value as read, the same from both databases. Its text (`Display`) is what a CSV file shows: nothing for
/// [`Value::Null`], `YYYY-MM-DD HH:MM:SS` for both times (a moment in UTC, with a `Z`).
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Value {
    /// Nothing.
    Null,
    /// Any of the integer kinds.
    Int(i64),
    /// A decimal, with its column's scale.
    Decimal(Decimal),
    /// A number of 64 bits with a point, finite.
    Real(f64),
    /// Yes or no; as text `true` and `false`.
    Bool(bool),
    /// Text.
    Text(String),
    /// A date.
    Date(Date),
    /// A wall clock.
    Timestamp(DateTime),
    /// A moment.
    Instant(Timestamp),
}

impl Value {
    /// A person's text as a value for a column of that kind: for filters that come with a request.
    /// `None` when it is none.
    #[must_use]
    pub fn parse(kind: Kind, text: &str) -> Option<Self> {
        match kind {
            Kind::Int16 | Kind::Int32 | Kind::Int64 => text.parse().ok().map(Self::Int),
            Kind::Decimal { .. } => Decimal::from_str(text).ok().map(Self::Decimal),
            Kind::Real => text.parse().ok().filter(|value: &f64| value.is_finite()).map(Self::Real),
            Kind::Bool => text.parse().ok().map(Self::Bool),
            Kind::Text { .. } | Kind::LongText => Some(Self::Text(text.to_owned())),
            Kind::Date => text.parse().ok().map(Self::Date),
            Kind::Timestamp => text.parse().ok().map(Self::Timestamp),
            Kind::Instant => text.parse().ok().map(Self::Instant),
        }
    }

    /// The integer, when it is one.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// The decimal, when it is one.
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal> {
        if let Self::Decimal(value) = self { Some(*value) } else { None }
    }

    /// The number with a point, when it is one.
    #[must_use]
    pub fn real(&self) -> Option<f64> {
        if let Self::Real(value) = self { Some(*value) } else { None }
    }

    /// Yes or no, when it is one of them.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The text, when it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(value) = self { Some(value) } else { None }
    }

    /// The date, when it is one.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        if let Self::Date(value) = self { Some(*value) } else { None }
    }

    /// The wall clock, when it is one.
    #[must_use]
    pub fn timestamp(&self) -> Option<DateTime> {
        if let Self::Timestamp(value) = self { Some(*value) } else { None }
    }

    /// The moment, when it is one.
    #[must_use]
    pub fn instant(&self) -> Option<Timestamp> {
        if let Self::Instant(value) = self { Some(*value) } else { None }
    }

    /// Appends it as JSON: numbers as numbers with all their digits, dates and times as text (a moment in
    /// RFC 3339).
    pub fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Int(value) => out.push_str(&value.to_string()),
            Self::Decimal(value) => out.push_str(&value.to_string()),
            Self::Real(value) => out.push_str(&serde_json::Value::from(*value).to_string()),
            Self::Bool(value) => out.push_str(&value.to_string()),
            Self::Text(value) => out.push_str(&serde_json::Value::from(value.as_str()).to_string()),
            Self::Instant(value) => out.push_str(&format!("\"{value}\"")),
            Self::Date(_) | Self::Timestamp(_) => out.push_str(&format!("\"{self}\"")),
        }
    }
}

/// As a request for a destination takes it, without its own copy of a text.
impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(value) => Self::Int(*value),
            Value::Decimal(value) => Self::Decimal(*value),
            Value::Real(value) => Self::Real(*value),
            Value::Bool(value) => Self::Bool(*value),
            Value::Text(value) => Self::Text(value),
            Value::Date(value) => Self::Date(*value),
            Value::Timestamp(value) => Self::Timestamp(*value),
            Value::Instant(value) => Self::Instant(*value),
        }
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Int(value) => Self::Int(value),
            Cell::Decimal(value) => Self::Decimal(value),
            Cell::Real(value) => Self::Real(value),
            Cell::Bool(value) => Self::Bool(value),
            Cell::Text(value) => Self::Text(value.to_owned()),
            Cell::Date(value) => Self::Date(value),
            Cell::Timestamp(value) => Self::Timestamp(value),
            Cell::Instant(value) => Self::Instant(value),
        }
    }
}

macro_rules! from {
    ($($from:ty),*) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Cell::from(value).into()
            }
        }
    )*};
}

from!(i16, i32, i64, Decimal, f64, bool, &str, &String, Date, DateTime, Timestamp);

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Int(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Real(value) => value.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::Date(value) => value.fmt(f),
            Self::Timestamp(value) => write!(f, "{}", civil_text(*value)),
            Self::Instant(value) => write!(f, "{}Z", civil_text(utc(*value))),
        }
    }
}

/// The wall clock of UTC at a moment.
pub(crate) fn utc(moment: Timestamp) -> DateTime {
    TimeZone::UTC.to_datetime(moment)
}

/// `YYYY-MM-DD HH:MM:SS`.
pub(crate) fn civil_text(time: DateTime) -> String {
    let mut text = date_text(time.date());
    let clock = [time.hour(), time.minute(), time.second()];
    for (between, number) in [' ', ':', ':'].into_iter().zip(clock) {
        text.push(between);
        push_digits(&mut text, number.into(), 2);
    }
    text
}

/// `YYYY-MM-DD`, without the machinery of formatting: a row of SQLite's may have several.
pub(crate) fn date_text(date: Date) -> String {
    let mut text = String::with_capacity(20);
    if date.year() < 0 {
        return date.to_string();
    }
    push_digits(&mut text, date.year(), 4);
    text.push('-');
    push_digits(&mut text, date.month().into(), 2);
    text.push('-');
    push_digits(&mut text, date.day().into(), 2);
    text
}

fn push_digits(text: &mut String, number: i16, width: u32) {
    for place in (0..width).rev() {
        let digit = number.unsigned_abs() / 10u16.pow(place) % 10;
        text.push(char::from(b'0' + digit as u8));
    }
}
