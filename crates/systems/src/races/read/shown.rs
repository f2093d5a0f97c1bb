//! The documented shapes of what is shown; keys stand in the documented order.

use std::collections::{BTreeSet, HashMap};

use connect::tables::{Destination, TablesError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::races::tables::{CircuitRow, ConstructorRow, DriverRow, RaceRow, ResultRow};

/// A documented answer; its keys stand in the documented order.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the contract")]
pub struct Answer<T> {
    pub success: bool,
    pub message: &'static str,
    pub timestamp: String,
    pub season: i64,
    pub round: Option<i64>,
    /// When a row of it last changed; of a calendar, when it was last fetched.
    pub synced_at: Option<String>,
    pub data: Vec<T>,
}

/// A race of a calendar.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the contract")]
pub struct RaceShown {
    pub season: i64,
    pub round: i64,
    pub race_name: String,
    pub circuit_id: String,
    pub circuit_name: Option<String>,
    pub locality: Option<String>,
    pub country: Option<String>,
    pub date: Option<String>,
    pub start_time: Option<String>,
    pub race_end_estimate: Option<String>,
    pub qualifying_time: Option<String>,
    pub sprint_time: Option<String>,
    pub is_sprint: bool,
    pub is_cancelled: bool,
    pub has_results: bool,
}

/// A row of a race or a sprint.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the contract")]
pub struct ResultShown {
    pub position: Option<i64>,
    pub position_text: Option<String>,
    pub number: Option<i64>,
    #[serde(flatten)]
    pub driver: DriverShown,
    pub constructor_id: Option<String>,
    pub constructor_name: Option<String>,
    pub grid: Option<i64>,
    pub laps: Option<i64>,
    pub status: Option<String>,
    pub points: f64,
    pub time_text: Option<String>,
    pub time_ms: Option<i64>,
    pub fastest_lap: Option<FastestLap>,
}

/// Who, within a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the contract")]
pub struct DriverShown {
    pub driver_id: String,
    pub driver_code: Option<String>,
    pub driver_name: String,
    pub nationality: Option<String>,
}

/// A driver's fastest lap of a race.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the contract")]
pub struct FastestLap {
    pub rank: Option<i64>,
    pub lap: Option<i64>,
    pub time_text: Option<String>,
    pub time_ms: Option<i64>,
}

/// A row of a qualifying.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the contract")]
pub struct QualifyingShown {
    pub position: Option<i64>,
    pub number: Option<i64>,
    #[serde(flatten)]
    pub driver: DriverShown,
    pub constructor_id: Option<String>,
    pub constructor_name: Option<String>,
    pub q1: Option<String>,
    pub q2: Option<String>,
    pub q3: Option<String>,
    pub q1_ms: Option<i64>,
    pub q2_ms: Option<i64>,
    pub q3_ms: Option<i64>,
}

/// A row of the drivers' championship.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the contract")]
pub struct DriverStandingShown {
    pub position: Option<i64>,
    pub position_text: Option<String>,
    pub points: f64,
    pub wins: i64,
    #[serde(flatten)]
    pub driver: DriverShown,
    pub constructor_id: Option<String>,
    pub constructor_name: Option<String>,
}

/// A row of the teams' championship.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the keys are documented in the contract")]
pub struct ConstructorStandingShown {
    pub position: Option<i64>,
    pub position_text: Option<String>,
    pub points: f64,
    pub wins: i64,
    pub constructor_id: String,
    pub constructor_name: Option<String>,
    pub nationality: Option<String>,
    pub constructor_url: Option<String>,
}

/// A moment as the documented answers write it: `2025-06-29T16:00:00+00:00`, microseconds where there are any.
#[must_use]
pub fn wire_time(at: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(at);
    let whole = civil.strftime("%Y-%m-%dT%H:%M:%S");
    match civil.subsec_nanosecond() / 1000 {
        0 => format!("{whole}+00:00"),
        micros => format!("{whole}.{micros:06}+00:00"),
    }
}

/// Who is named in rows, by id.
pub(super) struct Names {
    drivers: HashMap<String, DriverRow>,
    pub(super) teams: HashMap<String, ConstructorRow>,
}

impl Names {
    pub(super) async fn of<'a>(
        destination: &Destination,
        named: impl Iterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Result<Self, TablesError> {
        let (drivers, teams): (BTreeSet<&str>, BTreeSet<Option<&str>>) = named.unzip();
        let drivers: Vec<&str> = drivers.into_iter().filter(|id| !id.is_empty()).collect();
        let teams: Vec<&str> = teams.into_iter().flatten().collect();
        let drivers = DriverRow::of(destination, &drivers).await?;
        let teams = ConstructorRow::of(destination, &teams).await?;
        Ok(Self {
            drivers: drivers.into_iter().map(|row| (row.driver_id.clone(), row)).collect(),
            teams: teams.into_iter().map(|row| (row.constructor_id.clone(), row)).collect(),
        })
    }

    pub(super) fn driver(&self, id: &str) -> DriverShown {
        let unknown = DriverRow { driver_id: id.to_owned(), ..DriverRow::default() };
        let row = self.drivers.get(id).unwrap_or(&unknown);
        DriverShown {
            driver_id: id.to_owned(),
            driver_code: row.code.clone(),
            driver_name: row.name(),
            nationality: row.nationality.clone(),
        }
    }

    pub(super) fn team(&self, id: Option<&str>) -> Option<String> {
        self.teams.get(id?)?.name.clone()
    }
}

pub(super) fn race_shown(
    race: &RaceRow,
    circuit: Option<&CircuitRow>,
    with_results: &BTreeSet<i64>,
) -> RaceShown {
    RaceShown {
        season: race.season,
        round: race.round,
        race_name: race.race_name.clone(),
        circuit_id: race.circuit_id.clone(),
        circuit_name: circuit.and_then(|circuit| circuit.name.clone()),
        locality: circuit.and_then(|circuit| circuit.locality.clone()),
        country: circuit.and_then(|circuit| circuit.country.clone()),
        date: race.race_date.map(|date| date.to_string()),
        start_time: race.race_start_at.map(wire_time),
        race_end_estimate: race.race_end_estimate.map(wire_time),
        qualifying_time: race.qualifying_at.map(wire_time),
        sprint_time: race.sprint_at.map(wire_time),
        is_sprint: race.is_sprint,
        is_cancelled: race.is_cancelled,
        has_results: with_results.contains(&race.round),
    }
}

pub(super) fn result_shown(row: ResultRow, names: &Names) -> ResultShown {
    let lap = FastestLap {
        rank: row.fastest_lap_rank,
        lap: row.fastest_lap_number,
        time_text: row.fastest_lap_text,
        time_ms: row.fastest_lap_ms,
    };
    let has_lap = lap.rank.is_some() || lap.lap.is_some() || lap.time_text.is_some() || lap.time_ms.is_some();
    ResultShown {
        position: row.position,
        position_text: row.position_text,
        number: row.number,
        driver: names.driver(&row.driver_id),
        constructor_name: names.team(row.constructor_id.as_deref()),
        constructor_id: row.constructor_id,
        grid: row.grid,
        laps: row.laps,
        status: row.status,
        points: row.points,
        time_text: row.time_text,
        time_ms: row.time_ms,
        fastest_lap: has_lap.then_some(lap),
    }
}
