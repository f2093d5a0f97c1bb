//! How the championships stand after a round.

use connect::tables::{Cells, Column, Kind, Row, Stamps, Table};

use super::{Cursor, DRIVER, ROUND, SEASON, TO_CONSTRUCTOR, TO_DRIVER, TO_RACE};

/// The drivers' championship.
pub const DRIVER_STANDINGS: &Table = &Table::new(
    "driver_standings",
    &[
        SEASON,
        ROUND,
        DRIVER,
        Column::optional("constructor_id", Kind::LongText),
        Column::required("constructor_ids", Kind::LongText),
        Column::optional("position", Kind::Int64),
        Column::optional("position_text", Kind::LongText),
        Column::required("points", Kind::Real),
        Column::required("wins", Kind::Int64),
    ],
    &["season", "round", "driver_id"],
)
.with_stamps(Stamps::Updated)
.with_references(&[TO_RACE, TO_DRIVER, TO_CONSTRUCTOR]);

/// The teams' championship.
pub const CONSTRUCTOR_STANDINGS: &Table = &Table::new(
    "constructor_standings",
    &[
        SEASON,
        ROUND,
        Column::required("constructor_id", Kind::LongText),
        Column::optional("position", Kind::Int64),
        Column::optional("position_text", Kind::LongText),
        Column::required("points", Kind::Real),
        Column::required("wins", Kind::Int64),
    ],
    &["season", "round", "constructor_id"],
)
.with_stamps(Stamps::Updated)
.with_references(&[TO_RACE, TO_CONSTRUCTOR]);

/// A row of [`DRIVER_STANDINGS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DriverStandingRow {
    pub season: i64,
    pub round: i64,
    pub driver_id: String,
    pub constructor_id: Option<String>,
    /// All teams of the season so far, as JSON.
    pub constructor_ids: String,
    pub position: Option<i64>,
    pub position_text: Option<String>,
    pub points: f64,
    pub wins: i64,
}

/// A row of [`CONSTRUCTOR_STANDINGS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ConstructorStandingRow {
    pub season: i64,
    pub round: i64,
    pub constructor_id: String,
    pub position: Option<i64>,
    pub position_text: Option<String>,
    pub points: f64,
    pub wins: i64,
}

impl Row for DriverStandingRow {
    const TABLE: &'static Table = DRIVER_STANDINGS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.season);
        out.push(self.round);
        out.push(&self.driver_id);
        out.push(&self.constructor_id);
        out.push(&self.constructor_ids);
        out.push(self.position);
        out.push(&self.position_text);
        out.push(self.points);
        out.push(self.wins);
    }
}

impl DriverStandingRow {
    pub(crate) fn read(row: &mut Cursor) -> Self {
        Self {
            season: row.int().unwrap_or_default(),
            round: row.int().unwrap_or_default(),
            driver_id: row.text().unwrap_or_default(),
            constructor_id: row.text(),
            constructor_ids: row.text().unwrap_or_default(),
            position: row.int(),
            position_text: row.text(),
            points: row.real().unwrap_or_default(),
            wins: row.int().unwrap_or_default(),
        }
    }
}

impl Row for ConstructorStandingRow {
    const TABLE: &'static Table = CONSTRUCTOR_STANDINGS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.season);
        out.push(self.round);
        out.push(&self.constructor_id);
        out.push(self.position);
        out.push(&self.position_text);
        out.push(self.points);
        out.push(self.wins);
    }
}

impl ConstructorStandingRow {
    pub(crate) fn read(row: &mut Cursor) -> Self {
        Self {
            season: row.int().unwrap_or_default(),
            round: row.int().unwrap_or_default(),
            constructor_id: row.text().unwrap_or_default(),
            position: row.int(),
            position_text: row.text(),
            points: row.real().unwrap_or_default(),
            wins: row.int().unwrap_or_default(),
        }
    }
}
