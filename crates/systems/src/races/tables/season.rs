//! What the calendar is made of: the season, its circuits, its races.

use connect::tables::{
    Cells, Column, Destination, Filter, Kind, Reference, Row, Select, Stamps, Table, TablesError,
};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Cursor, ROUND, SEASON};

/// Seasons with a calendar.
pub const SEASONS: &Table = &Table::new(
    "seasons",
    &[
        Column::required("year", Kind::Int64),
        Column::optional("url", Kind::LongText),
        Column::required("race_count", Kind::Int64),
        Column::optional("calendar_synced_at", Kind::Instant),
    ],
    &["year"],
)
.with_stamps(Stamps::Updated);

/// Where races are driven.
pub const CIRCUITS: &Table = &Table::new(
    "circuits",
    &[
        Column::required("circuit_id", Kind::LongText),
        Column::required("name", Kind::LongText),
        Column::optional("locality", Kind::LongText),
        Column::optional("country", Kind::LongText),
        Column::optional("lat", Kind::Real),
        Column::optional("long", Kind::Real),
        Column::optional("url", Kind::LongText),
    ],
    &["circuit_id"],
)
.with_stamps(Stamps::Updated);

/// Races, those too that the calendar has lost.
pub const RACES: &Table = &Table::new(
    "races",
    &[
        SEASON,
        ROUND,
        Column::required("race_name", Kind::LongText),
        Column::required("circuit_id", Kind::LongText),
        Column::optional("race_date", Kind::Date),
        Column::optional("race_start_at", Kind::Instant),
        Column::optional("race_end_estimate", Kind::Instant),
        Column::optional("fp1_at", Kind::Instant),
        Column::optional("fp2_at", Kind::Instant),
        Column::optional("fp3_at", Kind::Instant),
        Column::optional("qualifying_at", Kind::Instant),
        Column::optional("sprint_qualifying_at", Kind::Instant),
        Column::optional("sprint_at", Kind::Instant),
        Column::required("is_sprint", Kind::Bool),
        Column::required("is_cancelled", Kind::Bool),
        Column::optional("url", Kind::LongText),
    ],
    &["season", "round"],
)
.with_stamps(Stamps::Updated)
.with_references(&[
    Reference { columns: &["season"], table: "seasons", key: &["year"] },
    Reference { columns: &["circuit_id"], table: "circuits", key: &["circuit_id"] },
]);

/// A row of [`SEASONS`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeasonRow {
    pub year: i64,
    pub url: Option<String>,
    pub race_count: i64,
    pub calendar_synced_at: Option<Timestamp>,
}

/// A row of [`CIRCUITS`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CircuitRow {
    pub circuit_id: String,
    pub name: Option<String>,
    pub locality: Option<String>,
    pub country: Option<String>,
    pub lat: Option<f64>,
    pub long: Option<f64>,
    pub url: Option<String>,
}

/// A row of [`RACES`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RaceRow {
    pub season: i64,
    pub round: i64,
    pub race_name: String,
    pub circuit_id: String,
    pub race_date: Option<Date>,
    pub race_start_at: Option<Timestamp>,
    pub race_end_estimate: Option<Timestamp>,
    pub fp1_at: Option<Timestamp>,
    pub fp2_at: Option<Timestamp>,
    pub fp3_at: Option<Timestamp>,
    pub qualifying_at: Option<Timestamp>,
    pub sprint_qualifying_at: Option<Timestamp>,
    pub sprint_at: Option<Timestamp>,
    pub is_sprint: bool,
    pub is_cancelled: bool,
    pub url: Option<String>,
}

impl Row for SeasonRow {
    const TABLE: &'static Table = SEASONS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.year);
        out.push(&self.url);
        out.push(self.race_count);
        out.push(self.calendar_synced_at);
    }
}

impl SeasonRow {
    /// The season, if it has a calendar.
    pub(crate) async fn of(destination: &Destination, year: i64) -> Result<Option<Self>, TablesError> {
        let rows = destination.rows(&Select::from(SEASONS).filter(Filter::eq("year", year))).await?;
        Ok(rows.into_iter().next().map(|row| {
            let mut row = Cursor::over(row);
            Self {
                year: row.int().unwrap_or(year),
                url: row.text(),
                race_count: row.int().unwrap_or_default(),
                calendar_synced_at: row.instant(),
            }
        }))
    }
}

impl Row for CircuitRow {
    const TABLE: &'static Table = CIRCUITS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(&self.circuit_id);
        // A circuit nobody named is called by its id.
        out.push(self.name.as_ref().unwrap_or(&self.circuit_id));
        out.push(&self.locality);
        out.push(&self.country);
        out.push(self.lat);
        out.push(self.long);
        out.push(&self.url);
    }
}

impl CircuitRow {
    /// Circuits by their ids.
    pub(crate) async fn of(destination: &Destination, ids: &[&str]) -> Result<Vec<Self>, TablesError> {
        let select = Select::from(CIRCUITS).filter(Filter::any_of("circuit_id", ids.iter().copied()));
        let rows = destination.rows(&select).await?.into_iter().map(|row| {
            let mut row = Cursor::over(row);
            Self {
                circuit_id: row.text().unwrap_or_default(),
                name: row.text(),
                locality: row.text(),
                country: row.text(),
                lat: row.real(),
                long: row.real(),
                url: row.text(),
            }
        });
        Ok(rows.collect())
    }

    /// The same with what is missing taken from `stored`.
    pub(crate) fn or(self, stored: &Self) -> Self {
        Self {
            circuit_id: self.circuit_id,
            name: self.name.or_else(|| stored.name.clone()),
            locality: self.locality.or_else(|| stored.locality.clone()),
            country: self.country.or_else(|| stored.country.clone()),
            lat: self.lat.or(stored.lat),
            long: self.long.or(stored.long),
            url: self.url.or_else(|| stored.url.clone()),
        }
    }
}

impl Row for RaceRow {
    const TABLE: &'static Table = RACES;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.season);
        out.push(self.round);
        out.push(&self.race_name);
        out.push(&self.circuit_id);
        out.push(self.race_date);
        for at in [
            self.race_start_at,
            self.race_end_estimate,
            self.fp1_at,
            self.fp2_at,
            self.fp3_at,
            self.qualifying_at,
            self.sprint_qualifying_at,
            self.sprint_at,
        ] {
            out.push(at);
        }
        out.push(self.is_sprint);
        out.push(self.is_cancelled);
        out.push(&self.url);
    }
}

impl RaceRow {
    /// A race of the calendar.
    pub(crate) async fn of(
        destination: &Destination,
        season: i64,
        round: i64,
    ) -> Result<Option<Self>, TablesError> {
        let select =
            Select::from(RACES).filter(Filter::eq("season", season)).filter(Filter::eq("round", round));
        Ok(destination.rows(&select).await?.into_iter().next().map(|row| Self::read(Cursor::over(row))))
    }

    /// All races of a season, cancelled ones too, by round.
    pub(crate) async fn of_season(destination: &Destination, season: i64) -> Result<Vec<Self>, TablesError> {
        let rows = destination.rows(&Select::from(RACES).filter(Filter::eq("season", season))).await?;
        Ok(rows.into_iter().map(|row| Self::read(Cursor::over(row))).collect())
    }

    fn read(mut row: Cursor) -> Self {
        Self {
            season: row.int().unwrap_or_default(),
            round: row.int().unwrap_or_default(),
            race_name: row.text().unwrap_or_default(),
            circuit_id: row.text().unwrap_or_default(),
            race_date: row.date(),
            race_start_at: row.instant(),
            race_end_estimate: row.instant(),
            fp1_at: row.instant(),
            fp2_at: row.instant(),
            fp3_at: row.instant(),
            qualifying_at: row.instant(),
            sprint_qualifying_at: row.instant(),
            sprint_at: row.instant(),
            is_sprint: row.bool().unwrap_or_default(),
            is_cancelled: row.bool().unwrap_or_default(),
            url: row.text(),
        }
    }
}
