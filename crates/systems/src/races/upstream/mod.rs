//! Talking to the source: the calendar and five listings of a round, each read page by page to its end.
//!
//! What an answer is of (which season, which round) is handed up with its rows; what its rows say is read in
//! `entries` and `calendar`, member by member, so that one odd value costs one value.
//!
//! What must not enter: tables' transactions, plans, and any text of the other side in a message.

pub(super) mod calendar;
pub(super) mod entries;
mod envelope;
mod scalar;
mod time;
mod warnings;
mod words;

use std::sync::{Mutex, PoisonError};

use connect::http::{self, Base, Client, ListError, Means, Page, Policy, Request, list};
use model::fault::Fault;
use serde_json::Value as Json;

pub(super) use envelope::Of;
pub(super) use warnings::Warnings;
pub(super) use words::unusable;

/// Rows asked for at once: the most the source gives.
const PAGE_ROWS: u64 = 100;
/// Rows of the longest listing read. A round has some twenty, a calendar some two dozen.
const ROWS_MAX: u64 = 500;

/// The source, with what a caller lends for the time of its requests.
///
/// Between two pages, and before the first, its [`Pause`](http::Pause) is asked for the present moment: that is
/// where work which must stop does.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// See [`client`].
    pub client: &'a Client,
    /// Budget, time, chance.
    pub means: &'a Means<'a>,
}

/// A race of a season.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Race {
    /// The year.
    pub season: i64,
    /// From 1.
    pub round: i64,
}

/// One of the source's listings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// The races of a season.
    Calendar,
    /// A race.
    Results,
    /// A qualifying.
    Qualifying,
    /// A sprint.
    Sprint,
    /// The drivers' championship after a round.
    DriverStandings,
    /// The teams' championship after a round.
    ConstructorStandings,
}

/// A whole listing.
pub(super) struct Listed {
    /// What its pages are of: each season and round named.
    pub of: Vec<Of>,
    /// In the source's order.
    pub rows: Vec<Json>,
}

/// What a whole listing is, seen from what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// What was asked for.
    Asked,
    /// Nothing yet.
    Empty,
    /// Of an earlier round of the season.
    Earlier,
    /// Of something else; the text says what.
    Other(String),
}

/// Why there is none.
pub(super) enum Trouble {
    /// The work must stop; nothing is said about the source.
    Stopped(Fault),
    /// In words for people, without address, path or text of the source.
    Failed(String),
}

/// Connections to the source at an address.
///
/// # Errors
/// When the system's certificates cannot be read.
pub fn client(base: Base) -> Result<Client, Fault> {
    Client::new(http::Config { upstream: "jolpica", base, policy: Policy::default() })
}

/// What tells two rows of a listing apart. A row without an id is another than all others.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Id(String),
    Nth(u64),
}

impl List {
    /// The name of its file, which is also its name in metrics.
    fn file(self) -> &'static str {
        match self {
            Self::Calendar => "races",
            Self::Results => "results",
            Self::Qualifying => "qualifying",
            Self::Sprint => "sprint",
            Self::DriverStandings => "driverStandings",
            Self::ConstructorStandings => "constructorStandings",
        }
    }

    fn path(self, season: i64, round: i64) -> String {
        match self {
            Self::Calendar => format!("/{season}/{}.json", self.file()),
            _ => format!("/{season}/{round}/{}.json", self.file()),
        }
    }

    fn key(self, nth: u64, row: &Json) -> Key {
        let id = match self {
            Self::Calendar => scalar::text(&row["round"]),
            Self::ConstructorStandings => scalar::text(&row["Constructor"]["constructorId"]),
            _ => scalar::text(&row["Driver"]["driverId"]),
        };
        id.ok().flatten().map_or(Key::Nth(nth), Key::Id)
    }
}

impl Listed {
    /// What it is, seen from a round. Rows that do not say what they are of are of something else.
    pub(super) fn sight(&self, race: Race) -> Sight {
        let asked = Of { season: Some(race.season), round: Some(race.round) };
        let is_empty = self.rows.is_empty();
        let all = |is: &dyn Fn(&Of) -> bool| self.of.iter().all(is);
        if all(&|of| *of == asked) {
            return if is_empty { Sight::Empty } else { Sight::Asked };
        }
        if all(&|of| of.season == asked.season && of.round.is_some_and(|round| round < race.round)) {
            return Sight::Earlier;
        }
        let says_nothing = |own: Option<i64>, asked: i64| own.is_none_or(|own| own == asked);
        if is_empty && all(&|of| says_nothing(of.season, race.season) && says_nothing(of.round, race.round)) {
            return Sight::Empty;
        }
        Sight::Other(words::other(&self.of))
    }

    /// What it is of, in words.
    pub(super) fn said(&self) -> String {
        words::other(&self.of)
    }

    /// Whether it is of a season, as a calendar is; else what it is of.
    pub(super) fn is_of(&self, season: i64) -> Result<(), String> {
        let is_empty = self.rows.is_empty();
        let fits = |of: &Of| of.season.map_or(is_empty, |own| own == season);
        if self.of.iter().all(fits) { Ok(()) } else { Err(words::other(&self.of)) }
    }
}

impl Source<'_> {
    /// A listing of a round, whole; of the calendar the round says nothing.
    pub(super) async fn list(&self, which: List, season: i64, round: i64) -> Result<Listed, Trouble> {
        let path = which.path(season, round);
        let of = Mutex::new(Vec::new());
        let fetch = |offset| self.page(which, &path, offset, &of);
        let listing = list(ROWS_MAX, fetch, |(nth, row)| which.key(*nth, row)).await;
        match listing {
            Ok(listing) => Ok(Listed {
                of: of.into_inner().unwrap_or_else(PoisonError::into_inner),
                rows: listing.rows.into_iter().map(|(_, row)| row).collect(),
            }),
            Err(ListError::Fetch(trouble)) => Err(trouble),
            Err(ListError::Broken(broken)) => {
                tracing::warn!(target: words::TARGET, %path, error = %broken, "a listing is not whole");
                Err(Trouble::Failed(words::broken(broken)))
            }
        }
    }

    async fn page(
        &self,
        which: List,
        path: &str,
        offset: u64,
        of: &Mutex<Vec<Of>>,
    ) -> Result<Page<(u64, Json)>, Trouble> {
        let pause = self.means.pause;
        pause.until(pause.now()).await.map_err(|_| Trouble::Stopped(words::stopped()))?;
        let request = Request::get(which.file(), path).with("limit", PAGE_ROWS).with("offset", offset);
        let answer = self.client.ask::<Json>(&request, self.means).await.map_err(words::trouble)?;
        let Some(page) = envelope::read(which, answer.value) else {
            tracing::warn!(target: words::TARGET, %path, "an answer is not of the source's shape");
            return Err(Trouble::Failed(words::UNREADABLE.to_owned()));
        };
        let mut seen = of.lock().unwrap_or_else(PoisonError::into_inner);
        if offset == 0 {
            // The first page, or the first once more: what came before does not count.
            seen.clear();
        }
        for of in page.of {
            if !seen.contains(&of) {
                seen.push(of);
            }
        }
        Ok(Page { total: page.total, rows: (offset..).zip(page.rows).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(rows: usize, of: &[(i64, i64)]) -> Listed {
        let of = of.iter().map(|(season, round)| Of { season: Some(*season), round: Some(*round) }).collect();
        Listed { of, rows: vec![Json::Null; rows] }
    }

    #[test]
    fn a_listing_is_held_to_what_was_asked() {
        let race = Race { season: 2025, round: 11 };
        assert_eq!(listed(20, &[(2025, 11)]).sight(race), Sight::Asked);
        assert_eq!(listed(0, &[(2025, 11)]).sight(race), Sight::Empty);
        assert_eq!(listed(20, &[(2025, 10)]).sight(race), Sight::Earlier);
        let other = |listed: Listed| match listed.sight(race) {
            Sight::Other(words) => words,
            sight => panic!("{sight:?}"),
        };
        assert_eq!(other(listed(20, &[(2025, 12)])), "上游返回的是 2025 赛季第 12 轮的数据");
        assert_eq!(other(listed(20, &[(2024, 11)])), "上游返回的是 2024 赛季第 11 轮的数据");
        assert_eq!(other(listed(20, &[(2025, 11), (2025, 10)])), "上游返回的数据与请求的场次不符");
        let silent = |rows| Listed { of: vec![Of { season: None, round: None }], ..listed(rows, &[]) };
        assert_eq!(silent(0).sight(race), Sight::Empty);
        assert_eq!(other(silent(1)), "上游返回的数据与请求的场次不符");
        assert_eq!(other(listed(0, &[(2024, 11)])), "上游返回的是 2024 赛季第 11 轮的数据");
    }
}
