//! What is stored, as the documented read routes show it. Nothing here asks the source.

mod shown;

use std::collections::{BTreeMap, BTreeSet};

use connect::tables::{Aggregate, Destination, Filter, Select, Table, TablesError};
use jiff::Timestamp;

use super::tables::{
    CONSTRUCTOR_STANDINGS, CircuitRow, ConstructorStandingRow, Cursor, DRIVER_STANDINGS, DriverStandingRow,
    QUALIFYING_RESULTS, QualifyingRow, RACE_RESULTS, RaceRow, ResultRow, SEASONS, SPRINT_RESULTS, SeasonRow,
};
use super::upstream::Race;
use shown::{Names, race_shown, result_shown};

pub use shown::{
    Answer, ConstructorStandingShown, DriverShown, DriverStandingShown, FastestLap, QualifyingShown,
    RaceShown, ResultShown, wire_time,
};

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

/// Which of two results of one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The race.
    Race,
    /// The sprint.
    Sprint,
}

/// The seasons with a calendar, newest first.
///
/// # Errors
/// The destination cannot be read.
pub async fn seasons(destination: &Destination) -> Result<Vec<i64>, TablesError> {
    let rows = destination.rows(&Select::from(SEASONS).group_by(&["year"])).await?;
    let mut years: Vec<i64> = rows.iter().filter_map(|row| row.first()?.int()).collect();
    years.sort_unstable_by(|a, b| b.cmp(a));
    Ok(years)
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

/// Nothing comes last.
fn last(position: Option<i64>) -> i64 {
    position.unwrap_or(i64::MAX)
}

fn by<R>(rows: Vec<R>, id: impl Fn(&R) -> String) -> BTreeMap<String, R> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}
