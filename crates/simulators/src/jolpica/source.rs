//! What is served: a season of its own, as it stands at a time, or a recording.

use super::{
    listing::{self, Listing, Section},
    publication::Published,
    recording::Recording,
    request::Asked,
    standings::Championship,
};

/// Where answers come from.
pub(super) enum Source<'a> {
    Season(Published<'a>),
    Recording(&'a Recording),
}

/// What standings lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Without {
    /// All of the round.
    Round,
    /// Its race; they have its sprint.
    Race,
}

impl Source<'_> {
    /// The right answer.
    pub(super) fn list(&self, asked: Asked) -> Listing {
        match self {
            Self::Season(published) => listing::list(published, asked),
            Self::Recording(recording) => recording.list(asked),
        }
    }

    /// Standings that lack something of a round, and the round they say they are of.
    pub(super) fn standings_without(
        &self,
        championship: Championship,
        round: u32,
        without: Without,
    ) -> (u32, Section) {
        let before = round.saturating_sub(1);
        let (named, sprint) = match without {
            Without::Round => (before, before),
            Without::Race => (round, round),
        };
        let (year, rows) = match self {
            Self::Season(published) => {
                let rows = published.count(championship, before, sprint);
                (
                    i32::from(published.season.year),
                    listing::standing_rows(published.season, championship, &rows),
                )
            }
            Self::Recording(recording) => {
                (recording.year(), recording.standings_without(championship, round, without))
            }
        };
        (named, listing::standings_section(year, named, rows))
    }
}
