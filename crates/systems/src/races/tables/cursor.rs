//! A row as read, taken apart column by column.

use connect::tables::Value;
use jiff::Timestamp;
use jiff::civil::Date;

/// The values of a row, handed out in their order.
pub(crate) struct Cursor(std::vec::IntoIter<Value>);

impl Cursor {
    pub(crate) fn over(row: Vec<Value>) -> Self {
        Self(row.into_iter())
    }

    pub(crate) fn int(&mut self) -> Option<i64> {
        self.0.next()?.int()
    }

    pub(crate) fn real(&mut self) -> Option<f64> {
        self.0.next()?.real()
    }

    pub(crate) fn bool(&mut self) -> Option<bool> {
        self.0.next()?.bool()
    }

    pub(crate) fn date(&mut self) -> Option<Date> {
        self.0.next()?.date()
    }

    pub(crate) fn instant(&mut self) -> Option<Timestamp> {
        self.0.next()?.instant()
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        match self.0.next()? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}
