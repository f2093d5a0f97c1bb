//! Rows on their way to a destination: checked, copied once into flat memory, ordered by key.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use rust_decimal::{Decimal, RoundingStrategy};

use super::cell::{Cell, Cells};
use super::error::BadValue;
use super::table::{Column, Kind, Need, Row, Table};
use super::value::Value;

/// Rows of one table.
pub(crate) struct Batch {
    pub(crate) table: &'static Table,
    cells: Vec<Kept>,
    texts: String,
    /// Where the rows stand in `cells`, by key, each key once.
    order: Vec<u32>,
}

/// A cell whose text lies in the batch.
#[derive(Clone, Copy)]
enum Kept {
    Null,
    Int(i64),
    Decimal(Decimal),
    Real(f64),
    Bool(bool),
    Text { start: u32, end: u32 },
    Date(Date),
    Timestamp(DateTime),
    Instant(Timestamp),
}

/// Whether a row fits its table; for leaving out the item that does not.
///
/// # Errors
/// The first value that does not fit, quoted.
pub fn check<R: Row>(row: &R) -> Result<(), BadValue> {
    let mut cells = Cells::default();
    row.values(&mut cells);
    assert_filled(R::TABLE, &cells);
    for (column, cell) in R::TABLE.columns.iter().zip(&cells.0) {
        fit(R::TABLE, column, *cell).map_err(|bad| *bad)?;
    }
    Ok(())
}

impl Batch {
    /// Takes rows; of those with the same key the last.
    pub(crate) fn of<R: Row>(rows: &[R]) -> Result<Self, BadValue> {
        let table = R::TABLE;
        let mut batch = Self {
            table,
            cells: Vec::with_capacity(rows.len() * table.columns.len()),
            texts: String::new(),
            order: Vec::new(),
        };
        let mut cells = Cells(Vec::with_capacity(table.columns.len()));
        for row in rows {
            cells.0.clear();
            row.values(&mut cells);
            assert_filled(table, &cells);
            for (column, cell) in table.columns.iter().zip(&cells.0) {
                let kept = batch.keep(fit(table, column, *cell).map_err(|bad| *bad)?);
                batch.cells.push(kept);
            }
        }
        batch.order = batch.by_key(rows.len());
        Ok(batch)
    }

    /// How many rows, each key counted once.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The cells of the `at`th row by key.
    pub(crate) fn row(&self, at: usize) -> impl Iterator<Item = Cell<'_>> {
        let width = self.table.columns.len();
        let start = self.order[at] as usize * width;
        self.cells[start..start + width].iter().map(|kept| self.cell(*kept))
    }

    /// One cell of the `at`th row by key.
    pub(crate) fn at(&self, at: usize, column: usize) -> Cell<'_> {
        self.cell(self.cells[self.order[at] as usize * self.table.columns.len() + column])
    }

    /// Where the row with that key stands by key.
    pub(crate) fn find(&self, key: &[Value]) -> Option<usize> {
        let columns = self.table.key_positions();
        let order = |row: &u32| {
            let start = *row as usize * self.table.columns.len();
            columns
                .iter()
                .zip(key)
                .map(|(column, wanted)| compare(self.cell(self.cells[start + column]), wanted.into()))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        self.order.binary_search_by(order).ok()
    }

    #[inline]
    fn keep(&mut self, cell: Cell<'_>) -> Kept {
        match cell {
            Cell::Null => Kept::Null,
            Cell::Int(value) => Kept::Int(value),
            Cell::Decimal(value) => Kept::Decimal(value),
            Cell::Real(value) => Kept::Real(value),
            Cell::Bool(value) => Kept::Bool(value),
            Cell::Text(value) => {
                let start = self.texts.len();
                self.texts.push_str(value);
                let position = |at: usize| u32::try_from(at).expect("a batch holds less than 4 GiB of text");
                Kept::Text { start: position(start), end: position(self.texts.len()) }
            }
            Cell::Date(value) => Kept::Date(value),
            Cell::Timestamp(value) => Kept::Timestamp(value),
            Cell::Instant(value) => Kept::Instant(value),
        }
    }

    #[inline]
    fn cell(&self, kept: Kept) -> Cell<'_> {
        match kept {
            Kept::Null => Cell::Null,
            Kept::Int(value) => Cell::Int(value),
            Kept::Decimal(value) => Cell::Decimal(value),
            Kept::Real(value) => Cell::Real(value),
            Kept::Bool(value) => Cell::Bool(value),
            Kept::Text { start, end } => Cell::Text(&self.texts[start as usize..end as usize]),
            Kept::Date(value) => Cell::Date(value),
            Kept::Timestamp(value) => Cell::Timestamp(value),
            Kept::Instant(value) => Cell::Instant(value),
        }
    }

    /// The order of the rows by key. A stable sort, so that among equal keys the last row given comes last.
    fn by_key(&self, rows: usize) -> Vec<u32> {
        let width = self.table.columns.len();
        let key = self.table.key_positions();
        let compare = |a: u32, b: u32| {
            key.iter()
                .map(|column| {
                    let (a, b) = (a as usize * width + column, b as usize * width + column);
                    compare(self.cell(self.cells[a]), self.cell(self.cells[b]))
                })
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        let rows = u32::try_from(rows).expect("a batch holds less than 4 billion rows");
        let mut order: Vec<u32> = (0..rows).collect();
        // Upstreams mostly send rows in order.
        if order.is_sorted_by(|a, b| compare(*a, *b).is_lt()) {
            return order;
        }
        order.sort_by(|a, b| compare(*a, *b));
        let mut once: Vec<u32> = Vec::with_capacity(order.len());
        for row in order {
            match once.last_mut() {
                Some(last) if compare(*last, row).is_eq() => *last = row,
                _ => once.push(row),
            }
        }
        once
    }
}

/// Two cells of the same key column.
fn compare(a: Cell<'_>, b: Cell<'_>) -> Ordering {
    match (a, b) {
        (Cell::Int(a), Cell::Int(b)) => a.cmp(&b),
        (Cell::Decimal(a), Cell::Decimal(b)) => a.cmp(&b),
        (Cell::Real(a), Cell::Real(b)) => a.total_cmp(&b),
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(&b),
        (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
        (Cell::Date(a), Cell::Date(b)) => a.cmp(&b),
        (Cell::Timestamp(a), Cell::Timestamp(b)) => a.cmp(&b),
        (Cell::Instant(a), Cell::Instant(b)) => a.cmp(&b),
        _ => unreachable!("a key column holds one kind of value and is never empty"),
    }
}

/// A row that pushes too few or too many values is a mistake in the system, found by its first test.
fn assert_filled(table: &Table, cells: &Cells<'_>) {
    assert_eq!(cells.0.len(), table.columns.len(), "values pushed for a row of `{}`", table.name);
}

/// The cell as its column keeps it: decimals at the column's scale, times in whole seconds.
///
/// The error is boxed because this runs for every value there is: a small answer is a fast one.
#[inline]
fn fit<'a>(table: &'static Table, column: &Column, cell: Cell<'a>) -> Result<Cell<'a>, Box<BadValue>> {
    let bad = |why: String| Err(bad_value(table, column, cell, why));
    let fitting = match (column.kind, cell) {
        (_, Cell::Null) if column.need == Need::Required => return bad("a value is required".to_owned()),
        (_, Cell::Null) => Cell::Null,
        (Kind::Int16, Cell::Int(value)) if i16::try_from(value).is_err() => {
            return bad("beyond 16 bits".to_owned());
        }
        (Kind::Int32, Cell::Int(value)) if i32::try_from(value).is_err() => {
            return bad("beyond 32 bits".to_owned());
        }
        (Kind::Int16 | Kind::Int32 | Kind::Int64, Cell::Int(_)) => cell,
        (Kind::Decimal { precision, scale }, Cell::Decimal(value)) => match scaled(value, precision, scale) {
            Some(value) => Cell::Decimal(value),
            None => return bad(format!("beyond DECIMAL({precision},{scale})")),
        },
        (Kind::Real, Cell::Real(value)) if !value.is_finite() => return bad("not a finite number".to_owned()),
        // Minus nothing is nothing: the databases do not agree on whether it is another value.
        (Kind::Real, Cell::Real(value)) => Cell::Real(value + 0.0),
        (Kind::Bool, Cell::Bool(_)) => cell,
        (Kind::Text { .. } | Kind::LongText, Cell::Text(text)) if text.contains('\0') => {
            return bad("it has a zero byte".to_owned());
        }
        (Kind::Text { max }, Cell::Text(text))
            if text.len() > usize::from(max) && text.chars().count() > usize::from(max) =>
        {
            return bad(format!("longer than {max} characters"));
        }
        (Kind::Text { .. } | Kind::LongText, Cell::Text(_)) | (Kind::Date, Cell::Date(_)) => cell,
        (Kind::Timestamp, Cell::Timestamp(value)) => Cell::Timestamp(
            value.with().subsec_nanosecond(0).build().expect("a time without its fraction is a time"),
        ),
        (Kind::Instant, Cell::Instant(value)) => Cell::Instant(
            Timestamp::from_second(value.as_second()).expect("a moment without its fraction is a moment"),
        ),
        (kind, _) => return bad(format!("the column holds {kind:?}")),
    };
    Ok(fitting)
}

#[cold]
fn bad_value(table: &'static Table, column: &Column, cell: Cell<'_>, why: String) -> Box<BadValue> {
    let value = Value::from(cell).to_string().chars().take(100).collect();
    Box::new(BadValue { table: table.name, column: column.name, value, why })
}

/// The decimal at exactly `scale` digits after the point, rounded half away from zero; `None` beyond `precision`.
fn scaled(mut value: Decimal, precision: u8, scale: u8) -> Option<Decimal> {
    let scale = u32::from(scale);
    if value.scale() > scale {
        value = value.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    }
    if value.scale() < scale {
        value.rescale(scale);
    }
    let fits = value.scale() == scale && value.mantissa().unsigned_abs() < POWERS[usize::from(precision)];
    fits.then_some(if value.is_zero() { Decimal::new(0, scale) } else { value })
}

/// Powers of ten up to the widest decimal.
const POWERS: [u128; 29] = {
    let mut powers = [1; 29];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};
