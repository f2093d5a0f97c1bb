//! The calendar of a season: fetched, guarded, stored in one transaction; and what of it changed.
//!
//! A race that the calendar has lost is kept, cancelled. An answer that has lost half of the races is no calendar.

use std::collections::{BTreeMap, BTreeSet};

use connect::tables::TablesError;
use jiff::Timestamp;
use model::fault::Fault;

use super::datasets::Errand;
use super::tables::{CircuitRow, RaceRow, SeasonRow};
use super::upstream::calendar::{Calendar, calendar};
use super::upstream::{List, Trouble, unusable};

/// What a sync of a calendar did. Rounds are ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Races that the calendar has.
    pub races: usize,
    /// Rounds that were not stored.
    pub new: Vec<i64>,
    /// Rounds that were stored with something else.
    pub updated: Vec<i64>,
    /// Rounds that the calendar has lost.
    pub cancelled: Vec<i64>,
    /// Rounds that it had lost and has again; `updated` has them too.
    pub returned: Vec<i64>,
    /// Stored rounds with another name or another end than before; `updated` has them too.
    pub moved: Vec<Moved>,
    /// What was left out of the answer.
    pub message: Option<String>,
}

/// A race with another name or another end than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub round: i64,
    /// Its name now.
    pub race_name: String,
    /// Its end as it was.
    pub was: Option<Timestamp>,
    /// Its end now; nothing when not even its day is known.
    pub end: Option<Timestamp>,
}

/// Syncs the calendar of a season.
///
/// What follows for plans must not hang on the answer alone: a process that dies after the write is not told again.
///
/// # Errors
/// There is no calendar, or none that can be trusted; or the work must stop. Nothing was changed then.
pub async fn sync(errand: &Errand<'_>, season: i64) -> Result<Changed, Fault> {
    errand.calendar(season).await.map_err(|trouble| match trouble {
        Trouble::Stopped(fault) => fault,
        Trouble::Failed(message) => Fault::never("calendar", message),
    })
}

/// The races to be written, and what is said of them.
struct Difference {
    races: Vec<RaceRow>,
    changed: Changed,
}

impl Errand<'_> {
    async fn calendar(&self, season: i64) -> Result<Changed, Trouble> {
        let listed = self.source.list(List::Calendar, season, 0).await?;
        listed.is_of(season).map_err(Trouble::Failed)?;
        let stored = RaceRow::of_season(self.destination, season).await?;
        if listed.rows.is_empty() {
            return if stored.is_empty() { Ok(Changed::default()) } else { Err(refused(0, &stored)) };
        }
        let read = calendar(season, &listed.rows);
        if read.races.is_empty() {
            return Err(Trouble::Failed(unusable(&read.warnings)));
        }
        let known = stored.iter().filter(|race| !race.is_cancelled).count();
        if read.races.len() * 2 < known {
            return Err(refused(read.races.len(), &stored));
        }
        let circuits = self.circuits(&read).await?;
        let Difference { races, changed } = differ(read, stored);
        let was = SeasonRow::of(self.destination, season).await?;
        let now = self.source.means.pause.now();
        let row = SeasonRow {
            year: season,
            url: was.and_then(|was| was.url),
            race_count: i64::try_from(changed.races).unwrap_or(i64::MAX),
            calendar_synced_at: Some(now),
        };
        let mut transaction = self.destination.begin(self.partition, self.fence, now);
        transaction.merge(&[row])?;
        transaction.merge(&circuits)?;
        transaction.merge(&races)?;
        transaction.commit().await?;
        Ok(changed)
    }

    /// The circuits with what is stored of them where the answer says nothing.
    async fn circuits(&self, read: &Calendar) -> Result<Vec<CircuitRow>, TablesError> {
        let ids: Vec<&str> = read.circuits.iter().map(|circuit| circuit.circuit_id.as_str()).collect();
        let stored = CircuitRow::of(self.destination, &ids).await?;
        let completed = read.circuits.iter().map(|circuit| {
            let stored = stored.iter().find(|stored| stored.circuit_id == circuit.circuit_id);
            stored.map_or_else(|| circuit.clone(), |stored| circuit.clone().or(stored))
        });
        Ok(completed.collect())
    }
}

/// What is to be written, and what changes by it.
fn differ(read: Calendar, stored: Vec<RaceRow>) -> Difference {
    let mut changed = Changed { message: read.warnings.message(), ..Changed::default() };
    let listed: BTreeSet<i64> = read.races.iter().map(|race| race.round).collect();
    let mut stored: BTreeMap<i64, RaceRow> = stored.into_iter().map(|race| (race.round, race)).collect();
    let mut races = read.races;
    races.sort_by_key(|race| race.round);
    for race in &races {
        match stored.get(&race.round) {
            None => changed.new.push(race.round),
            Some(was) if was != race => {
                changed.updated.push(race.round);
                if was.is_cancelled {
                    changed.returned.push(race.round);
                }
                if was.race_end_estimate != race.race_end_estimate || was.race_name != race.race_name {
                    changed.moved.push(Moved {
                        round: race.round,
                        race_name: race.race_name.clone(),
                        was: was.race_end_estimate,
                        end: race.race_end_estimate,
                    });
                }
            }
            Some(_) => {}
        }
    }
    stored.retain(|round, race| !listed.contains(round) && !race.is_cancelled);
    changed.races = races.len();
    if read.warnings.is_whole() {
        changed.cancelled = stored.keys().copied().collect();
        races.extend(stored.into_values().map(|race| RaceRow { is_cancelled: true, ..race }));
    } else {
        // What could not be read may be one of these.
        changed.races += stored.len();
    }
    Difference { races, changed }
}

fn refused(races: usize, stored: &[RaceRow]) -> Trouble {
    let known = stored.iter().filter(|race| !race.is_cancelled).count();
    Trouble::Failed(format!("上游赛历只有 {races} 站，已存 {known} 站，未作更改"))
}
