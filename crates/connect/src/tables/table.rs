//! What a table is: name, columns, key. Said once, as a constant, by the system that writes it.

use super::cell::Cells;
use super::error::TablesError;

/// A row of a synced table: a plain struct of a system.
pub trait Row {
    /// The table it belongs to.
    const TABLE: &'static Table;

    /// Pushes one value per column, in the order of [`Table::columns`]; the surrogate id and the stamps are not
    /// among them.
    fn values<'a>(&'a self, out: &mut Cells<'a>);
}

/// A synced table.
///
/// The key decides what "the same row" means; it is created as the primary key, or as a unique key beside a
/// [`Surrogate`]. Put the column the partitions are made of (the date) first: the order matters more to the speed
/// of writing than anything else.
#[derive(Debug)]
pub struct Table {
    /// Lower-case letters, digits and `_`.
    pub name: &'static str,
    /// The columns a [`Row`] fills, in that order.
    pub columns: &'static [Column],
    /// Names of required columns; no two rows have the same values in all of them.
    pub key: &'static [&'static str],
    /// Whether rows also have a number.
    pub surrogate: Surrogate,
    /// Which times of writing are kept.
    pub stamps: Stamps,
    /// Further, not unique, indexes: the columns of each.
    pub indexes: &'static [&'static [&'static str]],
    /// Which rows of other tables its rows need.
    pub references: &'static [Reference],
}

/// Columns that name a row of another table by its key: a row whose columns are all filled needs that row, and that
/// row stays as long as it is named.
///
/// Held by the database where it makes the table; a table that was there before is left without. Make the other
/// table ready first, and write its rows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Columns of this table, in the order of the other's key.
    pub columns: &'static [&'static str],
    /// The other table's name.
    pub table: &'static str,
    /// The other table's key.
    pub key: &'static [&'static str],
}

/// A number the destination gives each new row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surrogate {
    /// None.
    None,
    /// `id BIGSERIAL PRIMARY KEY` (SQLite: `id INTEGER PRIMARY KEY`).
    Id,
}

/// Times of writing, kept by the destination from the transaction's `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamps {
    /// None.
    None,
    /// `updated_at`: moves only when a value changed.
    Updated,
    /// `created_at`, and `updated_at` as above.
    CreatedAndUpdated,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Lower-case letters, digits and `_`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether every row has it.
    pub need: Need,
    /// How rows that were there before the column get a value.
    pub backfill: Option<Backfill>,
}

/// Whether every row has a value in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Yes. In a table that was there before the column, the database does not hold it to that.
    Required,
    /// No.
    Optional,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `SMALLINT`.
    Int16,
    /// `INTEGER`.
    Int32,
    /// `BIGINT`.
    Int64,
    /// `DECIMAL(precision, scale)`, exact; a value with more digits after the point is rounded half away from zero.
    /// On SQLite `NUMERIC`, which keeps 15 digits of a fraction: a value with more is refused, not rounded.
    Decimal {
        /// All digits, at most 28.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// `DOUBLE PRECISION`, 64 bits and finite: for numbers that are counted with, not for money. On SQLite `REAL`.
    Real,
    /// `BOOLEAN`; on SQLite the integers 0 and 1.
    Bool,
    /// `VARCHAR(max)`; longer text is refused, not cut.
    Text {
        /// Characters, not bytes.
        max: u16,
    },
    /// `TEXT`.
    LongText,
    /// `DATE`; on SQLite text `YYYY-MM-DD`.
    Date,
    /// `TIMESTAMP`, a wall clock without a zone, in whole seconds; on SQLite text `YYYY-MM-DD HH:MM:SS`.
    Timestamp,
    /// `TIMESTAMPTZ`, a moment, in whole seconds; on SQLite the same text, in UTC.
    Instant,
}

/// How rows that were there before a column get a value in it.
#[derive(Clone, Copy, Debug)]
pub enum Backfill {
    /// By the longest prefix of the text in another column that is listed; rows without one stay empty.
    PrefixMap {
        /// The other column.
        from: &'static str,
        /// Prefix and value.
        map: &'static [(&'static str, &'static str)],
    },
}

impl Table {
    /// A table without surrogate id, stamps and further indexes.
    #[must_use]
    pub const fn new(name: &'static str, columns: &'static [Column], key: &'static [&'static str]) -> Self {
        Self {
            name,
            columns,
            key,
            surrogate: Surrogate::None,
            stamps: Stamps::None,
            indexes: &[],
            references: &[],
        }
    }

    /// The same with a number for each row.
    #[must_use]
    pub const fn with_id(self) -> Self {
        Self { surrogate: Surrogate::Id, ..self }
    }

    /// The same with times of writing.
    #[must_use]
    pub const fn with_stamps(self, stamps: Stamps) -> Self {
        Self { stamps, ..self }
    }

    /// The same with further indexes.
    #[must_use]
    pub const fn with_indexes(self, indexes: &'static [&'static [&'static str]]) -> Self {
        Self { indexes, ..self }
    }

    /// The same with rows of other tables that its rows need.
    #[must_use]
    pub const fn with_references(self, references: &'static [Reference]) -> Self {
        Self { references, ..self }
    }

    /// Every column as it stands in the database: surrogate id first, stamps last. For browsing and export.
    #[must_use]
    pub fn all_columns(&self) -> Vec<Column> {
        let mut all = Vec::with_capacity(self.columns.len() + 3);
        if self.surrogate == Surrogate::Id {
            all.push(Column::required("id", Kind::Int64));
        }
        all.extend_from_slice(self.columns);
        all.extend(self.stamp_names().iter().map(|name| Column::optional(name, Kind::Instant)));
        all
    }

    /// The column of that name, the surrogate id and the stamps included.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Column> {
        self.all_columns().into_iter().find(|column| column.name == name)
    }

    /// Names of the stamps it keeps.
    pub(crate) fn stamp_names(&self) -> &'static [&'static str] {
        match self.stamps {
            Stamps::None => &[],
            Stamps::Updated => &["updated_at"],
            Stamps::CreatedAndUpdated => &["created_at", "updated_at"],
        }
    }

    /// Where the key's columns stand among [`Table::columns`].
    pub(crate) fn key_positions(&self) -> Vec<usize> {
        self.key
            .iter()
            .filter_map(|name| self.columns.iter().position(|column| column.name == *name))
            .collect()
    }

    /// Where the columns stand that are not of the key.
    pub(crate) fn rest_positions(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| !self.key.contains(&self.columns[*at].name)).collect()
    }

    /// Holds the constant to its rules.
    ///
    /// # Errors
    /// Which rule it breaks.
    pub(crate) fn check(&self) -> Result<(), TablesError> {
        let broken = |why: String| Err(TablesError::Shape { table: self.name.to_owned(), why });
        let all = self.all_columns();
        for name in all.iter().map(|column| column.name).chain([self.name]) {
            if !is_identifier(name) {
                return broken(format!(
                    "`{name}` is no name: lower-case letters, digits and `_`, at most 50"
                ));
            }
        }
        for (at, column) in all.iter().enumerate() {
            if all[..at].iter().any(|other| other.name == column.name) {
                return broken(format!("the column `{}` stands twice", column.name));
            }
            if let Kind::Decimal { precision, scale } = column.kind
                && (precision > 28 || scale > precision)
            {
                return broken(format!(
                    "`{}`: DECIMAL({precision},{scale}) is beyond 28 digits",
                    column.name
                ));
            }
        }
        if self.key.is_empty() {
            return broken("it has no key".to_owned());
        }
        for name in self.key {
            let Some(column) = self.columns.iter().find(|column| column.name == *name) else {
                return broken(format!("the key's column `{name}` is missing"));
            };
            if column.need == Need::Optional {
                return broken(format!("the key's column `{name}` is not required"));
            }
        }
        for reference in self.references {
            if reference.columns.len() != reference.key.len() || reference.key.is_empty() {
                return broken(format!("it names `{}` by another number of columns", reference.table));
            }
            for name in [reference.table].iter().chain(reference.key) {
                if !is_identifier(name) {
                    return broken(format!("`{name}`, which it names, is no name"));
                }
            }
        }
        for name in self.references.iter().flat_map(|reference| reference.columns) {
            if !self.columns.iter().any(|column| column.name == *name) {
                return broken(format!("the column `{name}`, which names another row, is missing"));
            }
        }
        for name in self.indexes.iter().flat_map(|index| index.iter()) {
            if !all.iter().any(|column| column.name == *name) {
                return broken(format!("the indexed column `{name}` is missing"));
            }
        }
        Ok(())
    }
}

impl Column {
    /// A column every row has.
    #[must_use]
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, need: Need::Required, backfill: None }
    }

    /// A column that may be empty.
    #[must_use]
    pub const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, need: Need::Optional, backfill: None }
    }

    /// The same, filled for rows that were there before it.
    #[must_use]
    pub const fn backfilled(self, backfill: Backfill) -> Self {
        Self { backfill: Some(backfill), ..self }
    }
}

fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && name.len() <= 50
}
