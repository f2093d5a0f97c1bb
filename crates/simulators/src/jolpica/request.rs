//! What a request asks for, and the envelope around what it gets.

use super::{
    listing::{Listing, Section},
    node::Node,
    standings::Championship,
};

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Races,
    Results,
    Qualifying,
    Sprint,
    Standings(Championship),
}

impl Kind {
    /// Those that a round has.
    pub(super) const OF_A_ROUND: [Self; 5] = [
        Self::Results,
        Self::Qualifying,
        Self::Sprint,
        Self::Standings(Championship::Drivers),
        Self::Standings(Championship::Constructors),
    ];

    /// As it is written at the end of a path.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Races => "races",
            Self::Results => "results",
            Self::Qualifying => "qualifying",
            Self::Sprint => "sprint",
            Self::Standings(Championship::Drivers) => "driverStandings",
            Self::Standings(Championship::Constructors) => "constructorStandings",
        }
    }

    fn parse(lower_case: &str) -> Option<Self> {
        let all = Self::OF_A_ROUND.into_iter().chain([Self::Races]);
        all.into_iter().find(|kind| kind.name().to_lowercase() == lower_case)
    }

    /// The table of an answer, and its list.
    pub(super) fn table(self) -> (&'static str, &'static str) {
        if matches!(self, Self::Standings(_)) {
            ("StandingsTable", "StandingsLists")
        } else {
            ("RaceTable", "Races")
        }
    }

    /// The name of the rows under a race or a table of standings.
    pub(super) fn rows(self) -> &'static str {
        match self {
            Self::Races => "Races",
            Self::Results => "Results",
            Self::Qualifying => "QualifyingResults",
            Self::Sprint => "SprintResults",
            Self::Standings(Championship::Drivers) => "DriverStandings",
            Self::Standings(Championship::Constructors) => "ConstructorStandings",
        }
    }
}

/// A list of a season or of one of its rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) year: i32,
    pub(super) round: Option<u32>,
    pub(super) kind: Kind,
}

/// The path as it is echoed and as faults name it: lower case, no `.json`, no slash at the end.
pub(super) fn canonical(path: &str) -> String {
    let path = path.to_lowercase();
    let path = path.trim_end_matches('/');
    path.strip_suffix(".json").unwrap_or(path).trim_end_matches('/').to_owned()
}

/// Understands a canonical path; the upstream's own prefix `/ergast/f1` may stand before it.
pub(super) fn parse(canonical: &str) -> Option<Asked> {
    let path = canonical.strip_prefix("/ergast/f1").unwrap_or(canonical);
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let (year, round, kind) = match parts.as_slice() {
        [year] => (year, None, Kind::Races),
        [year, name] => match name.parse() {
            Ok(round) => (year, Some(round), Kind::Races),
            Err(_) => (year, None, Kind::parse(name)?),
        },
        [year, round, name] => (year, Some(round.parse().ok()?), Kind::parse(name)?),
        _ => return None,
    };
    let year = year.parse().ok().filter(|_| year.len() == 4)?;
    Some(Asked { year, round, kind })
}

/// Which rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paging {
    pub(super) limit: usize,
    pub(super) offset: usize,
}

impl Paging {
    /// 30 rows from the first unless sound numbers say otherwise; never more than 100.
    pub(super) fn parse(query: &str) -> Self {
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.rev().find(|(own, _)| *own == name).and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let limit = value("limit").filter(|limit| *limit > 0).unwrap_or(30).min(100);
        Self { limit, offset: value("offset").unwrap_or(0) }
    }
}

/// What of a listing goes into an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) paging: Paging,
    /// As claimed, which faults may change.
    pub(super) total: usize,
}

/// An answer: the page in its envelope.
pub(super) fn envelope(asked: Asked, listing: Listing, url: &str, page: Page) -> Node {
    let Paging { limit, offset } = page.paging;
    let mut skip = offset;
    let mut room = limit;
    let mut lists = Vec::new();
    for Section { head, rows } in listing.sections {
        let from = skip.min(rows.len());
        skip -= from;
        let taken: Vec<Node> = rows.into_iter().skip(from).take(room).collect();
        room -= taken.len();
        if taken.is_empty() {
            continue;
        }
        if asked.kind == Kind::Races {
            lists.extend(taken);
        } else {
            let mut members = head;
            members.push((asked.kind.rows().to_owned(), Node::List(taken)));
            lists.push(Node::Object(members));
        }
    }
    let (table, list) = asked.kind.table();
    let mut inner = Node::object([("season", Node::Text(listing.season))]);
    if let Some(round) = listing.round {
        inner.set("round", Node::Text(round));
    }
    inner.set(list, Node::List(lists));
    let data = Node::object([
        ("xmlns", Node::text("")),
        ("series", Node::text("f1")),
        ("url", Node::text(url)),
        ("limit", Node::text(limit)),
        ("offset", Node::text(offset)),
        ("total", Node::text(page.total)),
        (table, inner),
    ]);
    Node::object([("MRData", data)])
}
