//! Standings, computed from results: points of races and sprints; wins and countback of races alone.

use std::cmp::Reverse;

use super::season::{Finish, Season};

/// A row of the standings of drivers or of teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Index of the driver or the team in the season.
    pub index: usize,
    /// None for a driver who was never classified.
    pub position: Option<u32>,
    /// Of races and sprints.
    pub points: u32,
    /// Of races.
    pub wins: u32,
    /// The teams driven for so far, in order of the first round; the team itself in theirs.
    pub constructors: Vec<usize>,
}

/// Whose standings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Championship {
    /// The drivers'.
    Drivers,
    /// The teams'.
    Constructors,
}

/// What one round gives to the standings.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// The race, as far as it counts.
    pub race: &'a [Finish],
    /// The sprint, empty when there was none.
    pub sprint: &'a [Finish],
}

/// The standings after these rounds.
pub fn standings(season: &Season, championship: Championship, rounds: &[Counted<'_>]) -> Vec<Standing> {
    let entrants = match championship {
        Championship::Drivers => season.drivers.len(),
        Championship::Constructors => season.constructors.len(),
    };
    let of = |finish: &Finish| match championship {
        Championship::Drivers => finish.driver,
        Championship::Constructors => finish.constructor,
    };
    let empty = |index| Standing { index, position: None, points: 0, wins: 0, constructors: Vec::new() };
    let mut rows: Vec<Standing> = (0..entrants).map(empty).collect();
    let mut places = vec![vec![0_u32; season.drivers.len()]; entrants];
    for round in rounds {
        for finish in round.sprint.iter().chain(round.race) {
            let row = &mut rows[of(finish)];
            row.points += finish.points;
            if !row.constructors.contains(&finish.constructor) {
                row.constructors.push(finish.constructor);
            }
        }
        for finish in round.race.iter().filter(|finish| finish.is_classified()) {
            let place = usize::try_from(finish.position).expect("a place is small") - 1;
            places[of(finish)][place] += 1;
            rows[of(finish)].wins += u32::from(place == 0);
        }
    }
    // Who has not been entered at all is not listed.
    rows.retain(|row| !row.constructors.is_empty());
    rows.sort_by_key(|row| {
        let places = &places[row.index];
        (places.iter().sum::<u32>() == 0, Reverse((row.points, places.clone())), row.index)
    });
    for (row, position) in rows.iter_mut().zip(1..) {
        let ranked = championship == Championship::Constructors || places[row.index].iter().sum::<u32>() > 0;
        row.position = ranked.then_some(position);
    }
    rows
}
