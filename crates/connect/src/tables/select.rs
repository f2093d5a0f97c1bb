//! Reading without SQL: what to read, said in types.

use super::table::Table;
use super::value::Value;

/// A read of one table. Names are checked and values bound when it is run.
///
/// The answer has the columns in the order asked for: with aggregates, first the columns of
/// [`Select::group_by`], then the aggregates.
#[derive(Clone, Debug)]
pub struct Select {
    pub(crate) table: &'static Table,
    pub(crate) columns: Vec<String>,
    pub(crate) aggregates: Vec<Aggregate>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) order: Vec<(String, Order)>,
    pub(crate) limit: Option<u32>,
    pub(crate) offset: u32,
    pub(crate) after: Option<Vec<Value>>,
}

/// One number over many rows. Over no rows all but [`Aggregate::Count`] are [`Value::Null`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// How many rows.
    Count,
    /// The smallest value of a column.
    Min(String),
    /// The largest value of a column.
    Max(String),
    /// The sum of a number's column. On SQLite a sum of decimals is exact to 15 digits.
    Sum(String),
}

/// Which way an order goes. Empty values come first going up, on both databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Up,
    /// Largest first.
    Down,
}

/// A condition on one column; several hold together. Text is compared byte by byte, on both databases.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    pub(crate) column: String,
    pub(crate) test: Test,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    Eq(Value),
    NotEq(Value),
    In(Vec<Value>),
    From(Value),
    To(Value),
    Above(Value),
    Below(Value),
    StartsWith(String),
    Contains(String),
    IsNull,
    NotNull,
}

impl Select {
    /// All columns of all rows of `table`.
    #[must_use]
    pub fn from(table: &'static Table) -> Self {
        Self {
            table,
            columns: Vec::new(),
            aggregates: Vec::new(),
            filters: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: 0,
            after: None,
        }
    }

    /// Only these columns.
    #[must_use]
    pub fn columns(mut self, names: &[&str]) -> Self {
        self.columns = owned(names);
        self
    }

    /// One row of `aggregates`; with [`Select::group_by`], one row for each group.
    #[must_use]
    pub fn aggregate(mut self, aggregates: &[Aggregate]) -> Self {
        self.aggregates = aggregates.to_vec();
        self
    }

    /// Groups an aggregate by these columns; without an aggregate, each combination once.
    #[must_use]
    pub fn group_by(mut self, names: &[&str]) -> Self {
        self.columns = owned(names);
        if self.aggregates.is_empty() {
            self.aggregates = vec![Aggregate::Count];
        }
        self
    }

    /// Only rows for which this holds too.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Ordered by this column, after what was asked for before. Without any order: by the table's key.
    #[must_use]
    pub fn order(mut self, column: &str, order: Order) -> Self {
        self.order.push((column.to_owned(), order));
        self
    }

    /// At most so many rows.
    #[must_use]
    pub fn limit(mut self, rows: u32) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Without the first so many rows.
    #[must_use]
    pub fn offset(mut self, rows: u32) -> Self {
        self.offset = rows;
        self
    }

    /// Only rows after the one with this key, in the order of the key (no other order may be asked for).
    #[must_use]
    pub fn after(mut self, key: Vec<Value>) -> Self {
        self.after = Some(key);
        self
    }
}

impl Aggregate {
    /// The smallest value of a column.
    #[must_use]
    pub fn min(column: &str) -> Self {
        Self::Min(column.to_owned())
    }

    /// The largest value of a column.
    #[must_use]
    pub fn max(column: &str) -> Self {
        Self::Max(column.to_owned())
    }

    /// The sum of a column.
    #[must_use]
    pub fn sum(column: &str) -> Self {
        Self::Sum(column.to_owned())
    }
}

impl Filter {
    /// Equal. An empty `value` equals nothing; see [`Filter::is_null`].
    pub fn eq(column: &str, value: impl Into<Value>) -> Self {
        Self::of(column, Test::Eq(value.into()))
    }

    /// Not equal, or empty.
    pub fn not_eq(column: &str, value: impl Into<Value>) -> Self {
        Self::of(column, Test::NotEq(value.into()))
    }

    /// One of these; none of them is no row.
    pub fn any_of<V: Into<Value>>(column: &str, values: impl IntoIterator<Item = V>) -> Self {
        Self::of(column, Test::In(values.into_iter().map(Into::into).collect()))
    }

    /// At or above.
    pub fn from(column: &str, value: impl Into<Value>) -> Self {
        Self::of(column, Test::From(value.into()))
    }

    /// At or below.
    pub fn to(column: &str, value: impl Into<Value>) -> Self {
        Self::of(column, Test::To(value.into()))
    }

    /// Above.
    pub fn above(column: &str, value: impl Into<Value>) -> Self {
        Self::of(column, Test::Above(value.into()))
    }

    /// Below.
    pub fn below(column: &str, value: impl Into<Value>) -> Self {
        Self::of(column, Test::Below(value.into()))
    }

    /// Text that begins with this; there are no wildcards, and case counts.
    #[must_use]
    pub fn starts_with(column: &str, text: &str) -> Self {
        Self::of(column, Test::StartsWith(text.to_owned()))
    }

    /// Text that has this in it; there are no wildcards, and case counts.
    #[must_use]
    pub fn contains(column: &str, text: &str) -> Self {
        Self::of(column, Test::Contains(text.to_owned()))
    }

    /// Empty.
    #[must_use]
    pub fn is_null(column: &str) -> Self {
        Self::of(column, Test::IsNull)
    }

    /// Not empty.
    #[must_use]
    pub fn not_null(column: &str) -> Self {
        Self::of(column, Test::NotNull)
    }

    fn of(column: &str, test: Test) -> Self {
        Self { column: column.to_owned(), test }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
