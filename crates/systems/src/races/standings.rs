//! Whether standings contain their race.
//!
//! The source publishes standings under a round already after the sprint of that weekend. What tells is the winner of
//! the race: with the race in them, the winner has won once more than in the standings of the round before.

use std::collections::HashMap;

use connect::tables::{Destination, Filter, Select, Table, TablesError};

use super::datasets::Errand;
use super::tables::{CONSTRUCTOR_STANDINGS, Cursor, DRIVER_STANDINGS, RACE_RESULTS};
use super::upstream::{List, Race, Sight, Trouble, entries};

/// Wins by driver or team.
pub(super) type Wins = HashMap<String, i64>;

/// Whose standings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Championship {
    /// The drivers'.
    Drivers,
    /// The teams'.
    Constructors,
}

/// What is known of the standings of the round before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Nothing.
    Unknown,
    /// Wins as they are stored, which may be outdated.
    Stored(i64),
    /// Wins as the source says now.
    Fetched(i64),
}

/// What follows; the later, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// The race is not in them.
    Not,
    /// They are to be compared with the round before as the source has it now.
    Ask,
    /// The race is in them.
    Contain,
}

/// The decision about one winner.
fn judge(wins: i64, before: Before) -> Verdict {
    match before {
        _ if wins < 1 => Verdict::Not,
        Before::Unknown => Verdict::Contain,
        Before::Stored(before) | Before::Fetched(before) if wins > before => Verdict::Contain,
        Before::Stored(_) => Verdict::Ask,
        Before::Fetched(_) => Verdict::Not,
    }
}

/// The decision about all winners: there is one, but for an odd answer with several, of whom one must do.
fn judge_all(winners: &[String], wins: &Wins, before: impl Fn(&str) -> Before) -> Verdict {
    let of = |winner: &String| judge(wins.get(winner).copied().unwrap_or(0), before(winner));
    winners.iter().map(of).max().unwrap_or(Verdict::Contain)
}

impl Championship {
    fn table(self) -> &'static Table {
        match self {
            Self::Drivers => DRIVER_STANDINGS,
            Self::Constructors => CONSTRUCTOR_STANDINGS,
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Drivers => "driver_id",
            Self::Constructors => "constructor_id",
        }
    }

    fn list(self) -> List {
        match self {
            Self::Drivers => List::DriverStandings,
            Self::Constructors => List::ConstructorStandings,
        }
    }

    /// Whether standings with these wins contain the race. One more request at most.
    pub(super) async fn contain(self, errand: &Errand<'_>, race: Race, wins: &Wins) -> Result<bool, Trouble> {
        let winners = self.winners(errand.destination, race).await?;
        let before = Race { round: race.round - 1, ..race };
        let stored = self.stored(errand.destination, before).await?;
        let as_stored = |winner: &str| match &stored {
            None => Before::Unknown,
            Some(stored) => Before::Stored(stored.get(winner).copied().unwrap_or(0)),
        };
        let verdict = judge_all(&winners, wins, as_stored);
        if verdict != Verdict::Ask {
            return Ok(verdict == Verdict::Contain);
        }
        let fetched = self.fetch(errand, before).await?;
        let as_fetched = |winner: &str| Before::Fetched(fetched.get(winner).copied().unwrap_or(0));
        Ok(judge_all(&winners, wins, as_fetched) == Verdict::Contain)
    }

    /// Who won the race, or whose driver did, as far as results are stored.
    async fn winners(self, destination: &Destination, race: Race) -> Result<Vec<String>, TablesError> {
        let select = of(RACE_RESULTS, race).columns(&[self.id()]).filter(Filter::eq("position", 1));
        let rows = destination.rows(&select).await?;
        Ok(rows.into_iter().filter_map(|row| Cursor::over(row).text()).collect())
    }

    /// Wins as stored for a round; `None` when nothing is.
    async fn stored(self, destination: &Destination, race: Race) -> Result<Option<Wins>, TablesError> {
        let rows = destination.rows(&of(self.table(), race).columns(&[self.id(), "wins"])).await?;
        let wins: Wins = rows
            .into_iter()
            .filter_map(|row| {
                let mut row = Cursor::over(row);
                Some((row.text()?, row.int()?))
            })
            .collect();
        Ok(Some(wins).filter(|wins| !wins.is_empty()))
    }

    /// Wins of a round as the source says now.
    async fn fetch(self, errand: &Errand<'_>, race: Race) -> Result<Wins, Trouble> {
        let listed = errand.source.list(self.list(), race.season, race.round).await?;
        match listed.sight(race) {
            Sight::Asked | Sight::Empty => {}
            Sight::Earlier => return Err(failed("尚未发布")),
            Sight::Other(what) => return Err(failed(&what)),
        }
        let (wins, warnings): (Wins, _) = match self {
            Self::Drivers => {
                let read = entries::driver_standings(race, &listed.rows);
                (read.rows.into_iter().map(|row| (row.driver_id, row.wins)).collect(), read.warnings)
            }
            Self::Constructors => {
                let read = entries::constructor_standings(race, &listed.rows);
                (read.rows.into_iter().map(|row| (row.constructor_id, row.wins)).collect(), read.warnings)
            }
        };
        if !warnings.is_whole() {
            return Err(failed(&warnings.message().unwrap_or_default()));
        }
        Ok(wins)
    }
}

fn failed(why: &str) -> Trouble {
    Trouble::Failed(format!("无法核对上一轮积分榜：{why}"))
}

fn of(table: &'static Table, race: Race) -> Select {
    Select::from(table).filter(Filter::eq("season", race.season)).filter(Filter::eq("round", race.round))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_winner_must_have_won_and_once_more_than_before() {
        for (wins, before, verdict) in [
            (0, Before::Unknown, Verdict::Not),
            (0, Before::Stored(0), Verdict::Not),
            (1, Before::Unknown, Verdict::Contain),
            (1, Before::Stored(0), Verdict::Contain),
            (3, Before::Stored(3), Verdict::Ask),
            (3, Before::Stored(4), Verdict::Ask),
            (3, Before::Fetched(3), Verdict::Not),
            (3, Before::Fetched(2), Verdict::Contain),
        ] {
            assert_eq!(judge(wins, before), verdict, "{wins} {before:?}");
        }
    }

    #[test]
    fn without_a_winner_there_is_no_test_and_a_missing_row_has_no_wins() {
        let wins = Wins::from([("a".to_owned(), 2)]);
        assert_eq!(judge_all(&[], &wins, |_| Before::Stored(9)), Verdict::Contain);
        assert_eq!(judge_all(&["b".to_owned()], &wins, |_| Before::Unknown), Verdict::Not);
        let both = ["b".to_owned(), "a".to_owned()];
        assert_eq!(judge_all(&both, &wins, |_| Before::Stored(1)), Verdict::Contain);
    }
}
