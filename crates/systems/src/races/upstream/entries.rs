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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const RACE: Race = Race { season: 2021, round: 9 };

    fn verstappen() -> Json {
        json!({"number": "33", "position": "1", "positionText": "1", "points": "26",
            "Driver": {"driverId": "max_verstappen", "permanentNumber": "33", "code": "VER", "url": "u",
                "givenName": "Max", "familyName": "Verstappen", "dateOfBirth": "1997-09-30", "nationality": "Dutch"},
            "Constructor": {"constructorId": "red_bull", "url": "u", "name": "Red Bull", "nationality": "Austrian"},
            "grid": "1", "laps": "71", "status": "Finished",
            "Time": {"millis": "5034543", "time": "1:23:54.543"},
            "FastestLap": {"rank": "1", "lap": "62", "Time": {"time": "1:06.200"}}})
    }

    #[test]
    fn the_documented_row_is_read_whole() {
        let read = results(RACE, &[verstappen()]);
        let text = |text: &str| Some(text.to_owned());
        let row = ResultRow {
            season: 2021,
            round: 9,
            driver_id: "max_verstappen".to_owned(),
            constructor_id: text("red_bull"),
            number: Some(33),
            position: Some(1),
            position_text: text("1"),
            points: 26.0,
            grid: Some(1),
            laps: Some(71),
            status: text("Finished"),
            time_text: text("1:23:54.543"),
            time_ms: Some(5_034_543),
            fastest_lap_rank: Some(1),
            fastest_lap_number: Some(62),
            fastest_lap_text: text("1:06.200"),
            fastest_lap_ms: Some(66_200),
        };
        assert_eq!((read.rows, read.warnings), (vec![row], Warnings::default()));
    }

    fn odd() -> impl Strategy<Value = Json> {
        prop_oneof![
            Just(Json::Null),
            Just(json!("None")),
            Just(json!([])),
            Just(json!([{"a": "b"}])),
            Just(json!({"time": 1})),
            any::<bool>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            ".{0,8}".prop_map(Json::from),
        ]
    }

    const MEMBERS: [&str; 17] = [
        "/number",
        "/position",
        "/positionText",
        "/points",
        "/Driver",
        "/Driver/driverId",
        "/Driver/dateOfBirth",
        "/Constructor",
        "/Constructor/constructorId",
        "/grid",
        "/laps",
        "/status",
        "/Time",
        "/Time/millis",
        "/Time/time",
        "/FastestLap",
        "/FastestLap/Time",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn one_odd_member_costs_at_most_its_row_and_then_says_so(at in 0..MEMBERS.len(), odd in odd()) {
            let mut row = verstappen();
            *row.pointer_mut(MEMBERS[at]).unwrap() = odd;
            let read = results(RACE, &[row, json!({"points": 1, "Driver": {"driverId": "other"}})]);
            let skipped = usize::from(!read.warnings.is_whole());
            prop_assert_eq!(read.rows.len() + skipped, 2);
            let needed = ["/points", "/Driver", "/Driver/driverId"].contains(&MEMBERS[at]);
            prop_assert!(skipped == 0 || needed);
        }

        #[test]
        fn whatever_rows_come_they_are_read_or_left_out(rows in proptest::collection::vec(odd(), 0..6)) {
            prop_assert!(results(RACE, &rows).rows.is_empty());
            prop_assert!(qualifying(RACE, &rows).rows.is_empty());
            prop_assert!(driver_standings(RACE, &rows).rows.is_empty());
            let read = constructor_standings(RACE, &rows);
            prop_assert!(read.rows.is_empty() && read.warnings.is_whole() == rows.is_empty());
        }
    }
}
