//! One value on its way into a row, borrowed from the system's struct.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

/// A value on its way into a column. Made by `into` from the plain types; `None` is [`Cell::Null`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// For any of the integer kinds.
    Int(i64),
    /// For a decimal.
    Decimal(Decimal),
    /// For a number of 64 bits with a point.
    Real(f64),
    /// For yes and no.
    Bool(bool),
    /// For either kind of text.
    Text(&'a str),
    /// For a date.
    Date(Date),
    /// For a wall clock.
    Timestamp(DateTime),
    /// For a moment.
    Instant(Timestamp),
}

/// The values of one row, in the order of its table's columns.
#[derive(Debug, Default)]
pub struct Cells<'a>(pub(crate) Vec<Cell<'a>>);

impl<'a> Cells<'a> {
    /// The next column's value.
    pub fn push(&mut self, value: impl Into<Cell<'a>>) {
        self.0.push(value.into());
    }
}

macro_rules! from {
    ($($from:ty => |$value:ident| $cell:expr;)*) => {$(
        impl<'a> From<$from> for Cell<'a> {
            fn from($value: $from) -> Self {
                $cell
            }
        }
    )*};
}

from! {
    i16 => |value| Cell::Int(value.into());
    i32 => |value| Cell::Int(value.into());
    i64 => |value| Cell::Int(value);
    Decimal => |value| Cell::Decimal(value);
    f64 => |value| Cell::Real(value);
    bool => |value| Cell::Bool(value);
    &'a str => |value| Cell::Text(value);
    &'a String => |value| Cell::Text(value);
    Date => |value| Cell::Date(value);
    DateTime => |value| Cell::Timestamp(value);
    Timestamp => |value| Cell::Instant(value);
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().into()
    }
}
