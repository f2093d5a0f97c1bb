//! What can be made to go wrong, on which path, and how often.

use serde::{Deserialize, Serialize};

use super::{
    listing::Listing,
    node::Node,
    request::{Asked, Kind, Page},
    source::{Source, Without},
};

/// One thing that goes wrong. In JSON: `{"path":"/2025/11/results","times":2,"kind":"status","code":503}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `*` for every path, else the end of a path without `.json`: `/2025/11/results`, `results`.
    pub path: String,
    /// How many answers more it spoils; `None` until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// What goes wrong.
    #[serde(flatten)]
    pub trouble: Trouble,
}

impl Fault {
    /// Goes wrong until it is cleared.
    pub fn always(path: &str, trouble: Trouble) -> Self {
        Self { path: path.to_owned(), times: None, trouble }
    }

    /// Goes wrong so many times.
    pub fn times(path: &str, times: u32, trouble: Trouble) -> Self {
        Self { path: path.to_owned(), times: Some(times), trouble }
    }

    /// Whether it concerns a path in its lower-cased form.
    pub(super) fn concerns(&self, canonical: &str) -> bool {
        self.path == "*" || canonical.ends_with(&self.path.to_lowercase())
    }
}

/// What goes wrong. A `row` counts from 0 in the whole listing; where there is none, nothing happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Trouble {
    /// Another status; 429 comes with the throttle's own body.
    Status {
        /// 404, 429, 500, 503, …
        code: u16,
        /// The header `Retry-After`, as sent: seconds or an HTTP date.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// The connection closes before anything is sent.
    DropBeforeHeaders,
    /// The connection closes when the headers are sent.
    DropAfterHeaders,
    /// The connection closes after half of the body.
    TruncatedBody,
    /// A page for people instead of JSON.
    Html,
    /// JSON without `MRData`.
    NoEnvelope,
    /// The answer waits.
    Delay {
        /// So long.
        millis: u64,
    },
    /// Pages have at most so many rows, and say so.
    PageCap {
        /// At least 1.
        rows: usize,
    },
    /// From the second page on, `total` is one more.
    TotalChanges,
    /// From the second page on, there are no rows.
    EmptyPage,
    /// From the second page on, a page begins with the last row of the one before.
    DuplicateRow,
    /// The answer is for the round before.
    OtherRound,
    /// The answer is for the season before.
    OtherSeason,
    /// The standings of the round before, said to be so.
    EarlierStandings,
    /// Standings with the round's sprint, but without its race.
    SprintOnlyStandings,
    /// An empty answer.
    NotPublished,
    /// A member of a row is left out.
    Missing {
        /// Which row.
        row: usize,
        /// Its name, with dots: `Driver.driverId`.
        field: String,
    },
    /// A member of a row is `null`.
    Null {
        /// Which row.
        row: usize,
        /// Its name, with dots.
        field: String,
    },
    /// A member of a row has this text: `None`, another driver, another position, another start.
    Text {
        /// Which row.
        row: usize,
        /// Its name, with dots; a missing one is added.
        field: String,
        /// Its value.
        text: String,
    },
    /// The driver of a row is somebody new.
    UnknownDriver {
        /// Which row.
        row: usize,
    },
    /// The team of a row is new.
    UnknownConstructor {
        /// Which row.
        row: usize,
    },
    /// A row has the position of the row before.
    TiedPosition {
        /// Which row.
        row: usize,
    },
    /// A row is disqualified: `D`, no points, no times. In results alone; their standings stay.
    Disqualified {
        /// Which row.
        row: usize,
    },
    /// A row, or a race of the calendar, is not there.
    RowVanished {
        /// Which row.
        row: usize,
    },
    /// The calendar has its first third alone.
    OneThird,
}

impl Trouble {
    /// Changes the listing.
    pub(super) fn spoil_listing(&self, source: &Source<'_>, asked: Asked, listing: &mut Listing) {
        match self {
            Self::OtherRound => shift(listing, "round"),
            Self::OtherSeason => shift(listing, "season"),
            Self::NotPublished => listing.sections.clear(),
            Self::EarlierStandings => replace_standings(source, asked, listing, Without::Round),
            Self::SprintOnlyStandings => replace_standings(source, asked, listing, Without::Race),
            Self::OneThird => {
                for section in &mut listing.sections {
                    section.rows.truncate(section.rows.len() / 3);
                }
            }
            Self::RowVanished { row } => {
                let mut before = 0;
                for section in &mut listing.sections {
                    let here = row.checked_sub(before).filter(|here| *here < section.rows.len());
                    before += section.rows.len();
                    if let Some(here) = here {
                        section.rows.remove(here);
                        break;
                    }
                }
            }
            Self::TiedPosition { row } => {
                let text = |row: &Node, name| row.member(name).and_then(Node::as_text).map(str::to_owned);
                let before = row.checked_sub(1).and_then(|before| nth(listing, before));
                let values = before.map(|before| (text(before, "position"), text(before, "positionText")));
                let Some((Some(position), Some(position_text))) = values else { return };
                if let Some(row) = nth(listing, *row) {
                    row.set("position", Node::Text(position));
                    row.set("positionText", Node::Text(position_text));
                }
            }
            _ => self.spoil_row(listing),
        }
    }

    fn spoil_row(&self, listing: &mut Listing) {
        match self {
            Self::Missing { row, field } => {
                if let Some((parent, name)) = nth(listing, *row).and_then(|row| parent(row, field)) {
                    parent.remove(name);
                }
            }
            Self::Null { row, field } => set(listing, *row, field, Node::Null),
            Self::Text { row, field, text } => set(listing, *row, field, Node::text(text)),
            Self::UnknownDriver { row } => {
                set(listing, *row, "Driver.driverId", Node::text("stranger"));
                set(listing, *row, "Driver.familyName", Node::text("Stranger"));
            }
            Self::UnknownConstructor { row } => {
                set(listing, *row, "Constructor.constructorId", Node::text("newcomers"));
                set(listing, *row, "Constructor.name", Node::text("Newcomers"));
            }
            Self::Disqualified { row } => {
                let Some(row) = nth(listing, *row) else { return };
                for (name, value) in
                    [("positionText", "D"), ("points", "0"), ("laps", "0"), ("status", "Disqualified")]
                {
                    row.set(name, Node::text(value));
                }
                row.remove("Time");
                row.remove("FastestLap");
            }
            _ => {}
        }
    }

    /// Changes which rows are sent, and what is said of them.
    pub(super) fn spoil_page(&self, page: &mut Page, listing: &mut Listing) {
        let later = page.paging.offset > 0;
        match self {
            Self::PageCap { rows } => page.paging.limit = page.paging.limit.min((*rows).max(1)),
            Self::TotalChanges if later => page.total += 1,
            Self::EmptyPage if later => listing.sections.clear(),
            Self::DuplicateRow if later => {
                let Some(last) = nth(listing, page.paging.offset - 1).cloned() else { return };
                if let Some(row) = nth(listing, page.paging.offset) {
                    *row = last;
                }
            }
            _ => {}
        }
    }
}

fn replace_standings(source: &Source<'_>, asked: Asked, listing: &mut Listing, without: Without) {
    let (Kind::Standings(championship), Some(round)) = (asked.kind, asked.round) else { return };
    let (named, section) = source.standings_without(championship, round, without);
    listing.round = Some(named.to_string());
    listing.sections = vec![section];
}

fn nth(listing: &mut Listing, row: usize) -> Option<&mut Node> {
    listing.sections.iter_mut().flat_map(|section| &mut section.rows).nth(row)
}

/// The object that holds a member named with dots, and its last name.
fn parent<'a, 'b>(row: &'a mut Node, field: &'b str) -> Option<(&'a mut Node, &'b str)> {
    match field.split_once('.') {
        Some((first, rest)) => parent(row.member_mut(first)?, rest),
        None => Some((row, field)),
    }
}

fn set(listing: &mut Listing, row: usize, field: &str, value: Node) {
    if let Some((parent, name)) = nth(listing, row).and_then(|row| parent(row, field)) {
        parent.set(name, value);
    }
}

fn shift(listing: &mut Listing, name: &str) {
    let earlier = |text: &str| {
        text.parse::<u32>().map_or_else(|_| text.to_owned(), |number| number.saturating_sub(1).to_string())
    };
    match name {
        "season" => listing.season = earlier(&listing.season),
        _ => listing.round = listing.round.as_deref().map(earlier),
    }
    for (own, value) in listing.sections.iter_mut().flat_map(|section| &mut section.head) {
        if own == name
            && let Node::Text(text) = value
        {
            *text = earlier(text);
        }
    }
}
