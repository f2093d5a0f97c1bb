//! Drivers and their teams, as they come along with results and standings.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use connect::tables::{
    Cells, Column, Destination, Filter, Kind, Row, Select, Stamps, Table, TablesError, Transaction,
};
use jiff::civil::Date;

use super::{Cursor, DRIVER};

/// Drivers.
pub const DRIVERS: &Table = &Table::new(
    "drivers",
    &[
        DRIVER,
        Column::optional("code", Kind::LongText),
        Column::optional("permanent_number", Kind::Int64),
        Column::optional("given_name", Kind::LongText),
        Column::optional("family_name", Kind::LongText),
        Column::optional("date_of_birth", Kind::Date),
        Column::optional("nationality", Kind::LongText),
        Column::optional("url", Kind::LongText),
    ],
    &["driver_id"],
)
.with_stamps(Stamps::Updated);

/// Teams.
pub const CONSTRUCTORS: &Table = &Table::new(
    "constructors",
    &[
        Column::required("constructor_id", Kind::LongText),
        Column::optional("name", Kind::LongText),
        Column::optional("nationality", Kind::LongText),
        Column::optional("url", Kind::LongText),
    ],
    &["constructor_id"],
)
.with_stamps(Stamps::Updated);

/// A row of [`DRIVERS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DriverRow {
    pub driver_id: String,
    pub code: Option<String>,
    pub permanent_number: Option<i64>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub date_of_birth: Option<Date>,
    pub nationality: Option<String>,
    pub url: Option<String>,
}

/// A row of [`CONSTRUCTORS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ConstructorRow {
    pub constructor_id: String,
    pub name: Option<String>,
    pub nationality: Option<String>,
    pub url: Option<String>,
}

/// Who is named in an answer, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Entrants {
    drivers: BTreeMap<String, DriverRow>,
    constructors: BTreeMap<String, ConstructorRow>,
}

impl Row for DriverRow {
    const TABLE: &'static Table = DRIVERS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(&self.driver_id);
        out.push(&self.code);
        out.push(self.permanent_number);
        out.push(&self.given_name);
        out.push(&self.family_name);
        out.push(self.date_of_birth);
        out.push(&self.nationality);
        out.push(&self.url);
    }
}

impl DriverRow {
    /// Drivers by their ids.
    pub(crate) async fn of(destination: &Destination, ids: &[&str]) -> Result<Vec<Self>, TablesError> {
        let select = Select::from(DRIVERS).filter(Filter::any_of("driver_id", ids.iter().copied()));
        let rows = destination.rows(&select).await?.into_iter().map(|row| {
            let mut row = Cursor::over(row);
            Self {
                driver_id: row.text().unwrap_or_default(),
                code: row.text(),
                permanent_number: row.int(),
                given_name: row.text(),
                family_name: row.text(),
                date_of_birth: row.date(),
                nationality: row.text(),
                url: row.text(),
            }
        });
        Ok(rows.collect())
    }

    /// As people call them; the id where no name is known.
    pub(crate) fn name(&self) -> String {
        let names: Vec<&str> =
            [&self.given_name, &self.family_name].into_iter().filter_map(Option::as_deref).collect();
        if names.is_empty() { self.driver_id.clone() } else { names.join(" ") }
    }

    fn or(self, other: &Self) -> Self {
        Self {
            driver_id: self.driver_id,
            code: self.code.or_else(|| other.code.clone()),
            permanent_number: self.permanent_number.or(other.permanent_number),
            given_name: self.given_name.or_else(|| other.given_name.clone()),
            family_name: self.family_name.or_else(|| other.family_name.clone()),
            date_of_birth: self.date_of_birth.or(other.date_of_birth),
            nationality: self.nationality.or_else(|| other.nationality.clone()),
            url: self.url.or_else(|| other.url.clone()),
        }
    }
}

impl Row for ConstructorRow {
    const TABLE: &'static Table = CONSTRUCTORS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(&self.constructor_id);
        out.push(&self.name);
        out.push(&self.nationality);
        out.push(&self.url);
    }
}

impl ConstructorRow {
    /// Teams by their ids.
    pub(crate) async fn of(destination: &Destination, ids: &[&str]) -> Result<Vec<Self>, TablesError> {
        let select = Select::from(CONSTRUCTORS).filter(Filter::any_of("constructor_id", ids.iter().copied()));
        let rows = destination.rows(&select).await?.into_iter().map(|row| {
            let mut row = Cursor::over(row);
            Self {
                constructor_id: row.text().unwrap_or_default(),
                name: row.text(),
                nationality: row.text(),
                url: row.text(),
            }
        });
        Ok(rows.collect())
    }

    fn or(self, other: &Self) -> Self {
        Self {
            constructor_id: self.constructor_id,
            name: self.name.or_else(|| other.name.clone()),
            nationality: self.nationality.or_else(|| other.nationality.clone()),
            url: self.url.or_else(|| other.url.clone()),
        }
    }
}

impl Entrants {
    /// One more driver; named twice, the second completes the first.
    pub(crate) fn driver(&mut self, row: DriverRow) {
        match self.drivers.entry(row.driver_id.clone()) {
            Entry::Vacant(place) => {
                place.insert(row);
            }
            Entry::Occupied(mut known) => {
                let completed = known.get().clone().or(&row);
                known.insert(completed);
            }
        }
    }

    /// One more team; named twice, the second completes the first.
    pub(crate) fn constructor(&mut self, row: ConstructorRow) {
        match self.constructors.entry(row.constructor_id.clone()) {
            Entry::Vacant(place) => {
                place.insert(row);
            }
            Entry::Occupied(mut known) => {
                let completed = known.get().clone().or(&row);
                known.insert(completed);
            }
        }
    }

    /// Writes those who are unknown, and what is known anew of the others. What the answer does not say of somebody
    /// stays as it is stored, whoever else writes of them at the time.
    pub(crate) fn write(self, transaction: &mut Transaction) -> Result<(), TablesError> {
        transaction.complete(&self.drivers.into_values().collect::<Vec<_>>())?;
        transaction.complete(&self.constructors.into_values().collect::<Vec<_>>())
    }
}
