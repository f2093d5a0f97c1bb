//! The rows of results and standings, read member by member.

use serde_json::Value as Json;

use super::{Race, Warnings, scalar, time};
use crate::races::tables::{
    ConstructorRow, ConstructorStandingRow, DriverRow, DriverStandingRow, Entrants, QualifyingRow, ResultRow,
};

/// Rows ready to be stored, who is named in them, and what could not be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entries<R> {
    /// Each key once.
    pub rows: Vec<R>,
    pub entrants: Entrants,
    pub warnings: Warnings,
}

/// Reading the rows of one answer.
#[derive(Default)]
struct Reading {
    entrants: Entrants,
    warnings: Warnings,
}

/// A row of a race or of a sprint.
pub(crate) fn results(race: Race, rows: &[Json]) -> Entries<ResultRow> {
    let mut read = Reading::default();
    let parsed = rows.iter().filter_map(|row| read.result(race, row)).collect();
    read.ended(parsed, |row| &row.driver_id, |row| row.position)
}

/// A row of a qualifying.
pub(crate) fn qualifying(race: Race, rows: &[Json]) -> Entries<QualifyingRow> {
    let mut read = Reading::default();
    let parsed = rows.iter().filter_map(|row| read.qualified(race, row)).collect();
    read.ended(parsed, |row| &row.driver_id, |row| row.position)
}

/// A row of the drivers' championship; the team is the last of those named.
pub(crate) fn driver_standings(race: Race, rows: &[Json]) -> Entries<DriverStandingRow> {
    let mut read = Reading::default();
    let parsed = rows.iter().filter_map(|row| read.driver_standing(race, row)).collect();
    read.ended(parsed, |row| &row.driver_id, |row| row.position)
}

/// A row of the teams' championship.
pub(crate) fn constructor_standings(race: Race, rows: &[Json]) -> Entries<ConstructorStandingRow> {
    let mut read = Reading::default();
    let parsed = rows.iter().filter_map(|row| read.constructor_standing(race, row)).collect();
    read.ended(parsed, |row| &row.constructor_id, |row| row.position)
}

impl<R> Entries<R> {
    /// The same with other rows.
    pub(crate) fn map<S>(self, row: impl Fn(R) -> S) -> Entries<S> {
        Entries {
            rows: self.rows.into_iter().map(row).collect(),
            entrants: self.entrants,
            warnings: self.warnings,
        }
    }
}

impl Reading {
    fn result(&mut self, race: Race, row: &Json) -> Option<ResultRow> {
        let driver = self.driver(&row["Driver"])?;
        let points = self.points(row)?;
        let time_text = self.text("Time.time", &row["Time"]["time"]);
        let millis = self.int("Time.millis", &row["Time"]["millis"]);
        let lap = &row["FastestLap"];
        let lap_text = self.text("FastestLap.Time.time", &lap["Time"]["time"]);
        Some(ResultRow {
            season: race.season,
            round: race.round,
            driver_id: self.named(driver),
            constructor_id: self.constructor(&row["Constructor"]),
            number: self.int("number", &row["number"]),
            position: self.int("position", &row["position"]),
            position_text: self.text("positionText", &row["positionText"]),
            points,
            grid: self.int("grid", &row["grid"]),
            laps: self.int("laps", &row["laps"]),
            status: self.text("status", &row["status"]),
            // A gap is no time from the start, so without the milliseconds there is none.
            time_ms: millis.or_else(|| match time::read(time_text.as_deref()?) {
                Some(time::Said::Absolute(ms)) => Some(ms),
                _ => None,
            }),
            time_text,
            fastest_lap_rank: self.int("FastestLap.rank", &lap["rank"]),
            fastest_lap_number: self.int("FastestLap.lap", &lap["lap"]),
            fastest_lap_ms: ms(lap_text.as_deref()),
            fastest_lap_text: lap_text,
        })
    }

    fn qualified(&mut self, race: Race, row: &Json) -> Option<QualifyingRow> {
        let driver = self.driver(&row["Driver"])?;
        let texts = ["Q1", "Q2", "Q3"].map(|name| self.text(name, &row[name]));
        Some(QualifyingRow {
            season: race.season,
            round: race.round,
            driver_id: self.named(driver),
            constructor_id: self.constructor(&row["Constructor"]),
            number: self.int("number", &row["number"]),
            position: self.int("position", &row["position"]),
            ms: [0, 1, 2].map(|part: usize| ms(texts[part].as_deref())),
            texts,
        })
    }

    fn driver_standing(&mut self, race: Race, row: &Json) -> Option<DriverStandingRow> {
        let driver = self.driver(&row["Driver"])?;
        let (points, wins) = (self.points(row)?, self.wins(row)?);
        let teams = row["Constructors"].as_array().map_or(&[] as &[Json], Vec::as_slice);
        let teams: Vec<String> = teams.iter().filter_map(|team| self.constructor(team)).collect();
        Some(DriverStandingRow {
            season: race.season,
            round: race.round,
            driver_id: self.named(driver),
            constructor_ids: Json::from(teams.clone()).to_string(),
            constructor_id: teams.into_iter().next_back(),
            position: self.int("position", &row["position"]),
            position_text: self.text("positionText", &row["positionText"]),
            points,
            wins,
        })
    }

    fn constructor_standing(&mut self, race: Race, row: &Json) -> Option<ConstructorStandingRow> {
        let id = scalar::text(&row["Constructor"]["constructorId"]).ok().flatten();
        if id.is_none() {
            self.warnings.skip("constructorId");
        }
        id?;
        let (points, wins) = (self.points(row)?, self.wins(row)?);
        Some(ConstructorStandingRow {
            season: race.season,
            round: race.round,
            constructor_id: self.constructor(&row["Constructor"])?,
            position: self.int("position", &row["position"]),
            position_text: self.text("positionText", &row["positionText"]),
            points,
            wins,
        })
    }

    /// The driver of a row; without an id there is no row.
    fn driver(&mut self, driver: &Json) -> Option<DriverRow> {
        let Some(driver_id) = scalar::text(&driver["driverId"]).ok().flatten() else {
            self.warnings.skip("driverId");
            return None;
        };
        Some(DriverRow {
            driver_id,
            code: self.text("code", &driver["code"]),
            permanent_number: self.int("permanentNumber", &driver["permanentNumber"]),
            given_name: self.text("givenName", &driver["givenName"]),
            family_name: self.text("familyName", &driver["familyName"]),
            date_of_birth: self.warnings.note("dateOfBirth", scalar::date(&driver["dateOfBirth"])),
            nationality: self.text("nationality", &driver["nationality"]),
            url: self.text("url", &driver["url"]),
        })
    }

    /// Takes note of a driver whose row stays.
    fn named(&mut self, driver: DriverRow) -> String {
        let id = driver.driver_id.clone();
        self.entrants.driver(driver);
        id
    }

    /// Takes note of a team, if it has an id.
    fn constructor(&mut self, constructor: &Json) -> Option<String> {
        let id = self.text("constructorId", &constructor["constructorId"])?;
        let row = ConstructorRow {
            constructor_id: id.clone(),
            name: self.text("name", &constructor["name"]),
            nationality: self.text("nationality", &constructor["nationality"]),
            url: self.text("url", &constructor["url"]),
        };
        self.entrants.constructor(row);
        Some(id)
    }

    fn points(&mut self, row: &Json) -> Option<f64> {
        let points = scalar::real(&row["points"]).ok().flatten();
        if points.is_none() {
            self.warnings.skip("points");
        }
        points
    }

    fn wins(&mut self, row: &Json) -> Option<i64> {
        let wins = scalar::int(&row["wins"]).ok().flatten();
        if wins.is_none() {
            self.warnings.skip("wins");
        }
        wins
    }

    fn text(&mut self, name: &'static str, value: &Json) -> Option<String> {
        self.warnings.note(name, scalar::text(value))
    }

    fn int(&mut self, name: &'static str, value: &Json) -> Option<i64> {
        self.warnings.note(name, scalar::int(value))
    }

    /// Of rows with the same id the one with the lowest position stays, the first of those.
    fn ended<R>(
        mut self,
        rows: Vec<R>,
        id: impl Fn(&R) -> &String,
        position: impl Fn(&R) -> Option<i64>,
    ) -> Entries<R> {
        let place = |row: &R| position(row).unwrap_or(i64::MAX);
        let mut once: Vec<R> = Vec::with_capacity(rows.len());
        for row in rows {
            match once.iter_mut().find(|other| id(other) == id(&row)) {
                None => once.push(row),
                Some(other) => {
                    self.warnings.double();
                    if place(&row) < place(other) {
                        *other = row;
                    }
                }
            }
        }
        Entries { rows: once, entrants: self.entrants, warnings: self.warnings }
    }
}

/// A time from nothing, such as that of a lap, in milliseconds.
fn ms(text: Option<&str>) -> Option<i64> {
    time::read(text?).map(time::Said::ms)
}
