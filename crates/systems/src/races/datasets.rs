//! The five datasets of a round, and syncing one of them: ask, hold the answer to what was asked, store it whole.

use connect::tables::{Destination, Filter, Row};
use model::counts::ItemCounts;
use model::fault::Fault;
use model::id::{Fence, PartitionId};
use serde::{Deserialize, Serialize};

use super::standings::Championship;
use super::tables::{RaceResult, RaceRow, ResultRow, SprintResult};
use super::upstream::entries::{self, Entries};
use super::upstream::{List, Race, Sight, Source, Trouble, unusable};

pub use model::race::{RaceDataset as Dataset, RaceOutcome as Outcome};

/// Said of a weekend without a sprint.
pub const NO_SPRINT: &str = "本站无冲刺赛";
/// Said of an answer without rows.
pub const NOT_PUBLISHED: &str = "数据尚未发布";
/// Said of standings from before the race.
pub const RACE_NOT_IN_STANDINGS: &str = "积分榜尚未包含本站比赛";

/// What was found of a dataset. As JSON it is what the documented `details` hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What came of it.
    pub outcome: Outcome,
    /// Rows of the round as stored, unchanged ones too.
    pub records: i64,
    /// Why, or what was left out. Without address, path, SQL or text of the source.
    pub message: Option<String>,
    /// What the write did to the dataset's own table.
    #[serde(skip)]
    pub written: ItemCounts,
}

/// What a partition is given for its work.
pub struct Errand<'a> {
    /// Where to ask.
    pub source: Source<'a>,
    /// Where to write.
    pub destination: &'a Destination,
    /// In whose right: which partition.
    pub partition: PartitionId,
    /// In whose right: since when.
    pub fence: Fence,
}

/// In the order of work: results before the standings that are held to them.
pub const WORK: [Dataset; 5] = [
    Dataset::QualifyingResults,
    Dataset::RaceResults,
    Dataset::SprintResults,
    Dataset::DriverStandings,
    Dataset::ConstructorStandings,
];

fn list_of(dataset: Dataset) -> List {
    match dataset {
        Dataset::RaceResults => List::Results,
        Dataset::QualifyingResults => List::Qualifying,
        Dataset::SprintResults => List::Sprint,
        Dataset::DriverStandings => List::DriverStandings,
        Dataset::ConstructorStandings => List::ConstructorStandings,
    }
}

fn is_standings(dataset: Dataset) -> bool {
    matches!(dataset, Dataset::DriverStandings | Dataset::ConstructorStandings)
}

impl Found {
    /// Whether the documented answers call it there: stored, or not applicable.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.outcome.is_there()
    }

    /// Nothing, for a reason.
    pub(super) fn nothing(outcome: Outcome, message: impl Into<String>) -> Self {
        Self { outcome, records: 0, message: Some(message.into()), written: ItemCounts::default() }
    }
}

/// Syncs one dataset of a round. `race_results` is what this attempt found of the results of the race, where that
/// is known: standings are not looked for before them.
///
/// # Errors
/// The work must stop, or a newer holder has taken over: nothing is known of the dataset then, and nothing was
/// stored. All else that goes wrong is [`Outcome::Failed`].
pub async fn sync(
    errand: &Errand<'_>,
    dataset: Dataset,
    race: Race,
    race_results: Option<Outcome>,
) -> Result<Found, Fault> {
    let found = if is_standings(dataset) && race_results == Some(Outcome::NoDataYet) {
        Ok(Found::nothing(Outcome::NoDataYet, RACE_NOT_IN_STANDINGS))
    } else {
        errand.find(dataset, race).await
    };
    match found {
        Ok(found) => Ok(found),
        Err(Trouble::Stopped(fault)) => Err(fault),
        Err(Trouble::Failed(message)) => Ok(Found::nothing(Outcome::Failed, message)),
    }
}

impl Errand<'_> {
    async fn find(&self, dataset: Dataset, race: Race) -> Result<Found, Trouble> {
        if dataset == Dataset::SprintResults {
            let known = RaceRow::of(self.destination, race.season, race.round).await?;
            if known.is_some_and(|known| !known.is_sprint) {
                return Ok(Found::nothing(Outcome::NotApplicable, NO_SPRINT));
            }
        }
        let listed = self.source.list(list_of(dataset), race.season, race.round).await?;
        match listed.sight(race) {
            Sight::Asked => {}
            Sight::Empty => return Ok(Found::nothing(Outcome::NoDataYet, NOT_PUBLISHED)),
            Sight::Earlier if is_standings(dataset) => {
                return Ok(Found::nothing(Outcome::NoDataYet, RACE_NOT_IN_STANDINGS));
            }
            Sight::Earlier => return Err(Trouble::Failed(listed.said())),
            Sight::Other(what) => return Err(Trouble::Failed(what)),
        }
        let rows = &listed.rows;
        match dataset {
            Dataset::RaceResults => self.store(race, entries::results(race, rows).map(RaceResult)).await,
            Dataset::SprintResults => self.store(race, entries::results(race, rows).map(SprintResult)).await,
            Dataset::QualifyingResults => self.store(race, entries::qualifying(race, rows)).await,
            Dataset::DriverStandings => {
                let mut read = entries::driver_standings(race, rows);
                let wins = read.rows.iter().map(|row| (row.driver_id.clone(), row.wins)).collect();
                if !Championship::Drivers.contain(self, race, &wins).await? {
                    return Ok(Found::nothing(Outcome::NoDataYet, RACE_NOT_IN_STANDINGS));
                }
                let mut teams = ResultRow::teams(self.destination, race.season, race.round).await?;
                for row in &mut read.rows {
                    row.constructor_id = teams.remove(&row.driver_id).or(row.constructor_id.take());
                }
                self.store(race, read).await
            }
            Dataset::ConstructorStandings => {
                let read = entries::constructor_standings(race, rows);
                let wins = read.rows.iter().map(|row| (row.constructor_id.clone(), row.wins)).collect();
                if !Championship::Constructors.contain(self, race, &wins).await? {
                    return Ok(Found::nothing(Outcome::NoDataYet, RACE_NOT_IN_STANDINGS));
                }
                self.store(race, read).await
            }
        }
    }

    /// Writes the round of a table and who is named in it, all or nothing. Rows that are gone from a whole answer go.
    async fn store<R: Row>(&self, race: Race, read: Entries<R>) -> Result<Found, Trouble> {
        let Entries { rows, entrants, warnings } = read;
        if rows.is_empty() {
            return Err(Trouble::Failed(unusable(&warnings)));
        }
        let now = self.source.means.pause.now();
        let mut transaction = self.destination.begin(self.partition, self.fence, now);
        entrants.write(&mut transaction)?;
        if warnings.is_whole() {
            let scope = [Filter::eq("season", race.season), Filter::eq("round", race.round)];
            transaction.replace_set(&rows, &scope)?;
        } else {
            transaction.merge(&rows)?;
        }
        let written = transaction.commit().await?.of(R::TABLE);
        Ok(Found { outcome: Outcome::Ok, records: written.stored(), message: warnings.message(), written })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_written_as_documented_and_read_back() {
        let written = ItemCounts::default();
        let found = Found { outcome: Outcome::Ok, records: 20, message: None, written };
        let json = serde_json::to_string(&found).unwrap();
        assert_eq!(json, r#"{"outcome":"ok","records":20,"message":null}"#);
        assert_eq!(serde_json::from_str::<Found>(&json).unwrap(), found);
        let found = Found::nothing(Outcome::NotApplicable, NO_SPRINT);
        let json = serde_json::to_string(&found).unwrap();
        assert_eq!(json, r#"{"outcome":"not_applicable","records":0,"message":"本站无冲刺赛"}"#);
        assert!(found.is_there() && !Found::nothing(Outcome::NoDataYet, NOT_PUBLISHED).is_there());
    }

    #[test]
    fn every_dataset_is_found_by_its_name_and_has_its_table() {
        for dataset in Dataset::ALL.iter().copied() {
            assert_eq!(Dataset::from_word(dataset.as_str()), Some(dataset));
            assert!(WORK.contains(&dataset));
            assert!(super::super::tables::ALL.iter().any(|table| table.name == dataset.as_str()));
        }
        assert_eq!(Dataset::from_word("results"), None);
    }
}
