//! What can be seen of a season at a simulated time.

use jiff::{SignedDuration, Timestamp};

use super::{
    calendar::Race,
    season::{Finish, Qualified, Season},
    standings::{Championship, Counted, Standing, standings},
};

/// How long after the start of its session each list appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delays {
    /// After the start of qualifying.
    pub qualifying: SignedDuration,
    /// After the start of the sprint.
    pub sprint: SignedDuration,
    /// After the start of the race.
    pub results: SignedDuration,
    /// After the start of the race.
    pub standings: SignedDuration,
    /// After the start of the race: the stewards' decision, in the rounds that have one.
    pub correction: SignedDuration,
}

impl Default for Delays {
    /// An attempt six hours after the race finds results, but standings only the next one.
    fn default() -> Self {
        let hours = SignedDuration::from_hours;
        Self {
            qualifying: hours(2),
            sprint: hours(2),
            results: hours(4),
            standings: hours(12),
            correction: hours(72),
        }
    }
}

/// A season at a time; without a time, when all is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Published<'a> {
    pub(super) season: &'a Season,
    pub(super) delays: Delays,
    pub(super) cancelled: &'a [u32],
    pub(super) now: Option<Timestamp>,
}

impl<'a> Published<'a> {
    fn since(&self, instant: Timestamp) -> bool {
        self.now.is_none_or(|now| now >= instant)
    }

    /// The races listed, cancelled ones left out.
    pub(super) fn races(&self) -> impl Iterator<Item = &'a Race> {
        self.season.races.iter().filter(|race| !self.cancelled.contains(&race.round))
    }

    /// A round's qualifying; `None` when not published.
    pub(super) fn qualifying(&self, race: &Race) -> Option<&'a [Qualified]> {
        let there = self.since(race.qualifying() + self.delays.qualifying);
        self.season.round(race.round).filter(|_| there).map(|round| round.qualifying.as_slice())
    }

    /// A round's sprint; `None` without one, or when not published.
    pub(super) fn sprint(&self, race: &Race) -> Option<&'a [Finish]> {
        let there = self.since(race.sprint? + self.delays.sprint);
        self.season.round(race.round).filter(|_| there)?.sprint.as_deref()
    }

    /// A round's results, as they stand at the time; `None` when not published.
    pub(super) fn results(&self, race: &Race) -> Option<&'a [Finish]> {
        let round = self.season.round(race.round)?;
        if !self.since(race.start + self.delays.results) {
            None
        } else if self.since(race.start + self.delays.correction) {
            Some(round.last_results())
        } else {
            Some(&round.provisional)
        }
    }

    /// The last round with published standings.
    pub(super) fn last_standings(&self) -> Option<u32> {
        let there = |race: &&Race| self.since(race.start + self.delays.standings);
        self.races().filter(there).last().map(|race| race.round)
    }

    /// The standings of a round; `None` when not published.
    pub(super) fn standings(&self, championship: Championship, round: u32) -> Option<Vec<Standing>> {
        let race = self.races().find(|race| race.round == round)?;
        self.since(race.start + self.delays.standings).then(|| self.count(championship, round, round))
    }

    /// The standings counting races up to `race` and sprints up to `sprint`.
    pub(super) fn count(&self, championship: Championship, race: u32, sprint: u32) -> Vec<Standing> {
        let counted = |own: &'a Race| Counted {
            race: self.results(own).filter(|_| own.round <= race).unwrap_or(&[]),
            sprint: self.sprint(own).filter(|_| own.round <= sprint).unwrap_or(&[]),
        };
        let rounds: Vec<Counted<'_>> = self.races().map(counted).collect();
        standings(self.season, championship, &rounds)
    }
}
