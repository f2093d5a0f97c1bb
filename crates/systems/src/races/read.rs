//! What is stored, as the documented read routes show it. Nothing here asks the source.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use connect::tables::{Aggregate, Destination, Filter, Select, Table, TablesError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::tables::{
    CONSTRUCTOR_STANDINGS, CircuitRow, ConstructorRow, ConstructorStandingRow, Cursor, DRIVER_STANDINGS,
    DriverRow, DriverStandingRow, QUALIFYING_RESULTS, QualifyingRow, RACE_RESULTS, RaceRow, ResultRow,
    SPRINT_RESULTS, SeasonRow,
};
use super::upstream::Race;

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

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The season has no calendar.
    #[error("season {0} has no calendar")]
    NoSeason(i64),
    /// The season's calendar has no such round.
    #[error("season {} has no round {}", .0.season, .0.round)]
    NoRace(Race),
    /// The destination cannot be read.
    #[error(transparent)]
    Tables(#[from] TablesError),
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

/// Which of two results of one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The race.
    Race,
    /// The sprint.
    Sprint,
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

/// The calendar of a season.
///
/// # Errors
/// [`Refusal::NoSeason`], or the destination cannot be read.
pub async fn races(
    destination: &Destination,
    season: i64,
    now: Timestamp,
) -> Result<Answer<RaceShown>, Refusal> {
    let row = SeasonRow::of(destination, season).await?.ok_or(Refusal::NoSeason(season))?;
    let races = RaceRow::of_season(destination, season).await?;
    let ids: Vec<&str> = races.iter().map(|race| race.circuit_id.as_str()).collect();
    let circuits = by(CircuitRow::of(destination, &ids).await?, |circuit| circuit.circuit_id.clone());
    let with_results = Select::from(RACE_RESULTS).filter(Filter::eq("season", season)).group_by(&["round"]);
    let with_results: BTreeSet<i64> =
        destination.rows(&with_results).await?.iter().filter_map(|row| row.first()?.int()).collect();
    let data = races.iter().map(|race| race_shown(race, circuits.get(&race.circuit_id), &with_results));
    let data = data.collect();
    Ok(answer(season, None, row.calendar_synced_at, data, now))
}

/// The results of a race or of its sprint.
///
/// # Errors
/// [`Refusal::NoSeason`], [`Refusal::NoRace`], or the destination cannot be read.
pub async fn results(
    destination: &Destination,
    of: Of,
    race: Race,
    now: Timestamp,
) -> Result<Answer<ResultShown>, Refusal> {
    known(destination, race).await?;
    let table = if of == Of::Race { RACE_RESULTS } else { SPRINT_RESULTS };
    let (mut rows, synced_at) = round(destination, table, race, ResultRow::read).await?;
    rows.sort_by(|a, b| (last(a.position), &a.driver_id).cmp(&(last(b.position), &b.driver_id)));
    let named = rows.iter().map(|row| (row.driver_id.as_str(), row.constructor_id.as_deref()));
    let names = Names::of(destination, named).await?;
    let data = rows.into_iter().map(|row| result_shown(row, &names)).collect();
    Ok(answer(race.season, Some(race.round), synced_at, data, now))
}

/// The results of a qualifying.
///
/// # Errors
/// As [`results`].
pub async fn qualifying(
    destination: &Destination,
    race: Race,
    now: Timestamp,
) -> Result<Answer<QualifyingShown>, Refusal> {
    known(destination, race).await?;
    let (mut rows, synced_at) = round(destination, QUALIFYING_RESULTS, race, QualifyingRow::read).await?;
    rows.sort_by(|a, b| (last(a.position), &a.driver_id).cmp(&(last(b.position), &b.driver_id)));
    let named = rows.iter().map(|row| (row.driver_id.as_str(), row.constructor_id.as_deref()));
    let names = Names::of(destination, named).await?;
    let data = rows.into_iter().map(|row| {
        let ([q1, q2, q3], [q1_ms, q2_ms, q3_ms]) = (row.texts, row.ms);
        QualifyingShown {
            position: row.position,
            number: row.number,
            driver: names.driver(&row.driver_id),
            constructor_name: names.team(row.constructor_id.as_deref()),
            constructor_id: row.constructor_id,
            q1,
            q2,
            q3,
            q1_ms,
            q2_ms,
            q3_ms,
        }
    });
    let data = data.collect();
    Ok(answer(race.season, Some(race.round), synced_at, data, now))
}

/// The drivers' championship after a round; without one after the last that is stored.
///
/// # Errors
/// [`Refusal::NoSeason`], or the destination cannot be read.
pub async fn driver_standings(
    destination: &Destination,
    season: i64,
    asked: Option<i64>,
    now: Timestamp,
) -> Result<Answer<DriverStandingShown>, Refusal> {
    let Some(race) = asked_or_last(destination, DRIVER_STANDINGS, season, asked).await? else {
        return Ok(answer(season, None, None, Vec::new(), now));
    };
    let (mut rows, synced_at) = round(destination, DRIVER_STANDINGS, race, DriverStandingRow::read).await?;
    rows.sort_by(|a, b| {
        let by_points = b.points.total_cmp(&a.points);
        last(a.position).cmp(&last(b.position)).then(by_points).then_with(|| a.driver_id.cmp(&b.driver_id))
    });
    let named = rows.iter().map(|row| (row.driver_id.as_str(), row.constructor_id.as_deref()));
    let names = Names::of(destination, named).await?;
    let data = rows.into_iter().map(|row| DriverStandingShown {
        position: row.position,
        position_text: row.position_text,
        points: row.points,
        wins: row.wins,
        driver: names.driver(&row.driver_id),
        constructor_name: names.team(row.constructor_id.as_deref()),
        constructor_id: row.constructor_id,
    });
    let data = data.collect();
    Ok(answer(season, Some(race.round), synced_at, data, now))
}

/// The teams' championship after a round; without one after the last that is stored.
///
/// # Errors
/// As [`driver_standings`].
pub async fn constructor_standings(
    destination: &Destination,
    season: i64,
    asked: Option<i64>,
    now: Timestamp,
) -> Result<Answer<ConstructorStandingShown>, Refusal> {
    let Some(race) = asked_or_last(destination, CONSTRUCTOR_STANDINGS, season, asked).await? else {
        return Ok(answer(season, None, None, Vec::new(), now));
    };
    let (mut rows, synced_at) =
        round(destination, CONSTRUCTOR_STANDINGS, race, ConstructorStandingRow::read).await?;
    rows.sort_by(|a, b| {
        let by_points = b.points.total_cmp(&a.points);
        let by_id = || a.constructor_id.cmp(&b.constructor_id);
        last(a.position).cmp(&last(b.position)).then(by_points).then_with(by_id)
    });
    let named = rows.iter().map(|row| ("", Some(row.constructor_id.as_str())));
    let names = Names::of(destination, named).await?;
    let data = rows.into_iter().map(|row| {
        let team = names.teams.get(&row.constructor_id);
        ConstructorStandingShown {
            position: row.position,
            position_text: row.position_text,
            points: row.points,
            wins: row.wins,
            constructor_id: row.constructor_id,
            constructor_name: team.and_then(|team| team.name.clone()),
            nationality: team.and_then(|team| team.nationality.clone()),
            constructor_url: team.and_then(|team| team.url.clone()),
        }
    });
    let data = data.collect();
    Ok(answer(season, Some(race.round), synced_at, data, now))
}

/// Who is named in rows, by id.
struct Names {
    drivers: HashMap<String, DriverRow>,
    teams: HashMap<String, ConstructorRow>,
}

impl Names {
    async fn of<'a>(
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

    fn driver(&self, id: &str) -> DriverShown {
        let unknown = DriverRow { driver_id: id.to_owned(), ..DriverRow::default() };
        let row = self.drivers.get(id).unwrap_or(&unknown);
        DriverShown {
            driver_id: id.to_owned(),
            driver_code: row.code.clone(),
            driver_name: row.name(),
            nationality: row.nationality.clone(),
        }
    }

    fn team(&self, id: Option<&str>) -> Option<String> {
        self.teams.get(id?)?.name.clone()
    }
}

fn answer<T>(
    season: i64,
    round: Option<i64>,
    synced_at: Option<Timestamp>,
    data: Vec<T>,
    now: Timestamp,
) -> Answer<T> {
    Answer {
        success: true,
        message: "获取成功",
        timestamp: wire_time(now),
        season,
        round,
        synced_at: synced_at.map(wire_time),
        data,
    }
}

/// Refuses a race that the calendar does not have.
async fn known(destination: &Destination, race: Race) -> Result<(), Refusal> {
    if RaceRow::of(destination, race.season, race.round).await?.is_some() {
        return Ok(());
    }
    match SeasonRow::of(destination, race.season).await? {
        None => Err(Refusal::NoSeason(race.season)),
        Some(_) => Err(Refusal::NoRace(race)),
    }
}

/// The round asked for, or the last of which there are rows.
async fn asked_or_last(
    destination: &Destination,
    table: &'static Table,
    season: i64,
    asked: Option<i64>,
) -> Result<Option<Race>, Refusal> {
    SeasonRow::of(destination, season).await?.ok_or(Refusal::NoSeason(season))?;
    if let Some(round) = asked {
        return Ok(Some(Race { season, round }));
    }
    let last = Select::from(table).filter(Filter::eq("season", season)).aggregate(&[Aggregate::max("round")]);
    let rows = destination.rows(&last).await?;
    let round = rows.first().and_then(|row| row.first()?.int());
    Ok(round.map(|round| Race { season, round }))
}

/// The rows of a round, and when one of them last changed.
async fn round<R>(
    destination: &Destination,
    table: &'static Table,
    race: Race,
    read: impl Fn(&mut Cursor) -> R,
) -> Result<(Vec<R>, Option<Timestamp>), TablesError> {
    let select =
        Select::from(table).filter(Filter::eq("season", race.season)).filter(Filter::eq("round", race.round));
    let mut newest = None;
    let rows = destination.rows(&select).await?.into_iter().map(|row| {
        let mut row = Cursor::over(row);
        let read = read(&mut row);
        newest = newest.max(row.instant());
        read
    });
    let rows = rows.collect();
    Ok((rows, newest))
}

fn race_shown(race: &RaceRow, circuit: Option<&CircuitRow>, with_results: &BTreeSet<i64>) -> RaceShown {
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

fn result_shown(row: ResultRow, names: &Names) -> ResultShown {
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

/// Nothing comes last.
fn last(position: Option<i64>) -> i64 {
    position.unwrap_or(i64::MAX)
}

fn by<R>(rows: Vec<R>, id: impl Fn(&R) -> String) -> BTreeMap<String, R> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}
