//! What happened in a race, a sprint, a qualifying.

use connect::tables::{Cells, Column, Destination, Filter, Kind, Row, Select, Stamps, Table, TablesError};

use super::{Cursor, DRIVER, ROUND, SEASON, TO_CONSTRUCTOR, TO_DRIVER, TO_RACE};

const RESULT: &[Column] = &[
    SEASON,
    ROUND,
    DRIVER,
    Column::optional("constructor_id", Kind::LongText),
    Column::optional("number", Kind::Int64),
    Column::optional("position", Kind::Int64),
    Column::optional("position_text", Kind::LongText),
    Column::required("points", Kind::Real),
    Column::optional("grid", Kind::Int64),
    Column::optional("laps", Kind::Int64),
    Column::optional("status", Kind::LongText),
    Column::optional("time_text", Kind::LongText),
    Column::optional("time_ms", Kind::Int64),
    Column::optional("fastest_lap_rank", Kind::Int64),
    Column::optional("fastest_lap_number", Kind::Int64),
    Column::optional("fastest_lap_text", Kind::LongText),
    Column::optional("fastest_lap_ms", Kind::Int64),
];

const KEY: &[&str] = &["season", "round", "driver_id"];

/// Results of races.
pub const RACE_RESULTS: &Table = &Table::new("race_results", RESULT, KEY)
    .with_stamps(Stamps::Updated)
    .with_references(&[TO_RACE, TO_DRIVER, TO_CONSTRUCTOR]);

/// Results of sprints.
pub const SPRINT_RESULTS: &Table = &Table::new("sprint_results", RESULT, KEY)
    .with_stamps(Stamps::Updated)
    .with_references(&[TO_RACE, TO_DRIVER, TO_CONSTRUCTOR]);

/// Results of qualifyings.
pub const QUALIFYING_RESULTS: &Table = &Table::new(
    "qualifying_results",
    &[
        SEASON,
        ROUND,
        DRIVER,
        Column::optional("constructor_id", Kind::LongText),
        Column::optional("number", Kind::Int64),
        Column::optional("position", Kind::Int64),
        Column::optional("q1_text", Kind::LongText),
        Column::optional("q2_text", Kind::LongText),
        Column::optional("q3_text", Kind::LongText),
        Column::optional("q1_ms", Kind::Int64),
        Column::optional("q2_ms", Kind::Int64),
        Column::optional("q3_ms", Kind::Int64),
    ],
    KEY,
)
.with_stamps(Stamps::Updated)
.with_references(&[TO_RACE, TO_DRIVER, TO_CONSTRUCTOR]);

/// A row of [`RACE_RESULTS`] or [`SPRINT_RESULTS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ResultRow {
    pub season: i64,
    pub round: i64,
    pub driver_id: String,
    pub constructor_id: Option<String>,
    pub number: Option<i64>,
    pub position: Option<i64>,
    pub position_text: Option<String>,
    pub points: f64,
    pub grid: Option<i64>,
    pub laps: Option<i64>,
    pub status: Option<String>,
    pub time_text: Option<String>,
    pub time_ms: Option<i64>,
    pub fastest_lap_rank: Option<i64>,
    pub fastest_lap_number: Option<i64>,
    pub fastest_lap_text: Option<String>,
    pub fastest_lap_ms: Option<i64>,
}

/// One of a race.
pub(crate) struct RaceResult(pub ResultRow);
/// One of a sprint.
pub(crate) struct SprintResult(pub ResultRow);

/// A row of [`QUALIFYING_RESULTS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct QualifyingRow {
    pub season: i64,
    pub round: i64,
    pub driver_id: String,
    pub constructor_id: Option<String>,
    pub number: Option<i64>,
    pub position: Option<i64>,
    /// Of Q1, Q2, Q3.
    pub texts: [Option<String>; 3],
    /// Of Q1, Q2, Q3.
    pub ms: [Option<i64>; 3],
}

impl Row for RaceResult {
    const TABLE: &'static Table = RACE_RESULTS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        self.0.values(out);
    }
}

impl Row for SprintResult {
    const TABLE: &'static Table = SPRINT_RESULTS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        self.0.values(out);
    }
}

impl ResultRow {
    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.season);
        out.push(self.round);
        out.push(&self.driver_id);
        out.push(&self.constructor_id);
        out.push(self.number);
        out.push(self.position);
        out.push(&self.position_text);
        out.push(self.points);
        out.push(self.grid);
        out.push(self.laps);
        out.push(&self.status);
        out.push(&self.time_text);
        out.push(self.time_ms);
        out.push(self.fastest_lap_rank);
        out.push(self.fastest_lap_number);
        out.push(&self.fastest_lap_text);
        out.push(self.fastest_lap_ms);
    }

    pub(crate) fn read(row: &mut Cursor) -> Self {
        Self {
            season: row.int().unwrap_or_default(),
            round: row.int().unwrap_or_default(),
            driver_id: row.text().unwrap_or_default(),
            constructor_id: row.text(),
            number: row.int(),
            position: row.int(),
            position_text: row.text(),
            points: row.real().unwrap_or_default(),
            grid: row.int(),
            laps: row.int(),
            status: row.text(),
            time_text: row.text(),
            time_ms: row.int(),
            fastest_lap_rank: row.int(),
            fastest_lap_number: row.int(),
            fastest_lap_text: row.text(),
            fastest_lap_ms: row.int(),
        }
    }

    /// Of each driver of a season up to a round the team of the last race, by driver; races in which no team is
    /// known do not count.
    pub(crate) async fn teams(
        destination: &Destination,
        season: i64,
        round: i64,
    ) -> Result<std::collections::HashMap<String, String>, TablesError> {
        let select = Select::from(RACE_RESULTS)
            .columns(&["driver_id", "constructor_id"])
            .filter(Filter::eq("season", season))
            .filter(Filter::to("round", round))
            .filter(Filter::not_null("constructor_id"));
        // In the order of the key, so that of each driver the last round's is kept.
        let rows = destination.rows(&select).await?.into_iter().filter_map(|row| {
            let mut row = Cursor::over(row);
            Some((row.text()?, row.text()?))
        });
        Ok(rows.collect())
    }
}

impl Row for QualifyingRow {
    const TABLE: &'static Table = QUALIFYING_RESULTS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.season);
        out.push(self.round);
        out.push(&self.driver_id);
        out.push(&self.constructor_id);
        out.push(self.number);
        out.push(self.position);
        for text in &self.texts {
            out.push(text);
        }
        for ms in self.ms {
            out.push(ms);
        }
    }
}

impl QualifyingRow {
    pub(crate) fn read(row: &mut Cursor) -> Self {
        Self {
            season: row.int().unwrap_or_default(),
            round: row.int().unwrap_or_default(),
            driver_id: row.text().unwrap_or_default(),
            constructor_id: row.text(),
            number: row.int(),
            position: row.int(),
            texts: [row.text(), row.text(), row.text()],
            ms: [row.int(), row.int(), row.int()],
        }
    }
}
