//! A season and all its results, computed from a seed: what the right answers are, faults apart.
//!
//! Everything is settled when the season is made. What can be seen of it at a time is decided in
//! `publication`.

use fastrand::Rng;

use super::{
    calendar::{self, Race},
    entrants::{self, CONSTRUCTORS, Constructor, DRIVERS, Driver},
};

/// From this round on, two drivers have swapped their teams.
pub const SWAP_ROUND: u32 = 8;
/// The seats that are swapped, by index of the driver.
const SWAPPED: (usize, usize) = (5, 14);

const RACE_POINTS: [u32; 10] = [25, 18, 15, 12, 10, 8, 6, 4, 2, 1];
const SPRINT_POINTS: [u32; 8] = [8, 7, 6, 5, 4, 3, 2, 1];

/// A driver's fastest lap of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FastestLap {
    /// 1 for the fastest of all.
    pub rank: u32,
    /// In which lap.
    pub lap: u32,
    /// Its time.
    pub millis: u64,
}

/// A row of a race or a sprint. Drivers and teams are named by their index in the season.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    /// Who.
    pub driver: usize,
    /// For whom.
    pub constructor: usize,
    /// From 1, unclassified drivers too.
    pub position: u32,
    /// The position, or `R`, `D`, `W`.
    pub position_text: String,
    /// For this race alone.
    pub points: u32,
    /// 0 for a start from the pit lane.
    pub grid: u32,
    /// Laps driven.
    pub laps: u32,
    /// `Finished`, `Lapped`, `Retired`, `Disqualified`, `Did not start`.
    pub status: &'static str,
    /// Absolute, for classified drivers.
    pub millis: Option<u64>,
    /// Unless no lap was finished.
    pub fastest_lap: Option<FastestLap>,
}

impl Finish {
    /// Whether the driver has a place.
    pub fn is_classified(&self) -> bool {
        matches!(self.status, "Finished" | "Lapped")
    }
}

/// A row of a qualifying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qualified {
    /// Who.
    pub driver: usize,
    /// For whom.
    pub constructor: usize,
    /// From 1.
    pub position: u32,
    /// Q1 to Q3 in milliseconds; 15 drivers reach Q2, 10 reach Q3.
    pub times: [Option<u64>; 3],
}

/// What happened in one round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Qualifying, in order.
    pub qualifying: Vec<Qualified>,
    /// The sprint, on a weekend with one.
    pub sprint: Option<Vec<Finish>>,
    /// The race as first published.
    pub provisional: Vec<Finish>,
    /// The race after the stewards' decision, in rounds that have one (2, 5, 8, …).
    pub corrected: Option<Vec<Finish>>,
}

impl Round {
    /// The result that stands in the end.
    pub fn last_results(&self) -> &[Finish] {
        self.corrected.as_deref().unwrap_or(&self.provisional)
    }
}

/// A season, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Season {
    /// The year.
    pub year: i16,
    /// All races, cancelled ones too.
    pub races: Vec<Race>,
    /// In the order of their first seats, two a team.
    pub drivers: Vec<Driver>,
    /// The teams.
    pub constructors: Vec<Constructor>,
    /// What happened, one entry a race; nothing of it is published for a cancelled race.
    pub rounds: Vec<Round>,
}

impl Season {
    /// The season of a year, its people and results chosen by the seed.
    pub fn new(year: i16, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let drivers = entrants::drivers(&mut rng);
        let constructors = entrants::constructors(&mut rng);
        let races = calendar::races(year);
        let rounds = races.iter().map(|race| drive(race, &mut rng)).collect();
        Self { year, races, drivers, constructors, rounds }
    }

    /// What happened in a round, from 1.
    pub fn round(&self, round: u32) -> Option<&Round> {
        self.rounds.get(usize::try_from(round).ok()?.checked_sub(1)?)
    }

    /// The race of a round, from 1.
    pub fn race(&self, round: u32) -> Option<&Race> {
        self.races.get(usize::try_from(round).ok()?.checked_sub(1)?)
    }
}

/// The team of a driver in a round.
fn team(driver: usize, round: u32) -> usize {
    let seat = match driver {
        seat if round < SWAP_ROUND => seat,
        seat if seat == SWAPPED.0 => SWAPPED.1,
        seat if seat == SWAPPED.1 => SWAPPED.0,
        seat => seat,
    };
    seat / 2 % CONSTRUCTORS
}

fn drive(race: &Race, rng: &mut Rng) -> Round {
    let round = race.round;
    let lap = rng.u64(68_000..98_000);
    let qualifying = qualify(round, lap, rng);
    let grid: Vec<usize> = qualifying.iter().map(|row| row.driver).collect();
    let sprint = race
        .sprint
        .map(|_| finish(&Start { round, lap, laps: 19, grid: &grid, points: &SPRINT_POINTS }, rng));
    let laps = u32::try_from(5_400_000 / lap).expect("a race has few laps");
    let provisional = finish(&Start { round, lap, laps, grid: &grid, points: &RACE_POINTS }, rng);
    let corrected = (round % 3 == 2).then(|| disqualify(&provisional, rng.usize(1..8), &RACE_POINTS));
    Round { qualifying, sprint, provisional, corrected }
}

/// Milliseconds that a driver loses in a lap to a perfect one, before luck.
fn pace(driver: usize, round: u32) -> u64 {
    60 * u64::try_from(team(driver, round)).expect("few teams") + 35 * u64::from(driver % 2 == 1)
}

fn qualify(round: u32, lap: u64, rng: &mut Rng) -> Vec<Qualified> {
    let mut running: Vec<usize> = (0..DRIVERS).collect();
    let mut times = [[None; 3]; DRIVERS];
    let mut order = Vec::new();
    for (part, leave) in [5, 5, 10].into_iter().enumerate() {
        let gain = 350 * u64::try_from(part).expect("three parts");
        for driver in &running {
            // Somebody without a time in the first part is last in it.
            let timed = part > 0 || rng.u32(0..60) > 0;
            times[*driver][part] = timed.then(|| lap - gain + pace(*driver, round) + rng.u64(0..400));
        }
        running.sort_by_key(|driver| (times[*driver][part].is_none(), times[*driver][part], *driver));
        let left = running.split_off(running.len() - leave);
        order.splice(0..0, left);
    }
    let row = |(driver, position)| Qualified {
        driver,
        constructor: team(driver, round),
        position,
        times: times[driver],
    };
    order.into_iter().zip(1..).map(row).collect()
}

struct Start<'a> {
    round: u32,
    lap: u64,
    laps: u32,
    grid: &'a [usize],
    points: &'a [u32],
}

fn finish(start: &Start<'_>, rng: &mut Rng) -> Vec<Finish> {
    let mut rows: Vec<Finish> =
        start.grid.iter().zip(1..).map(|(driver, grid)| one(start, *driver, grid, rng)).collect();
    rows.sort_by_key(|row| (!row.is_classified(), u32::MAX - row.laps, row.millis, row.driver));
    place(&mut rows, start.points);
    let mut fastest: Vec<usize> = (0..rows.len()).filter(|row| rows[*row].fastest_lap.is_some()).collect();
    fastest.sort_by_key(|row| rows[*row].fastest_lap.map(|lap| lap.millis));
    for (row, rank) in fastest.into_iter().zip(1..) {
        if let Some(lap) = &mut rows[row].fastest_lap {
            lap.rank = rank;
        }
    }
    rows
}

fn one(start: &Start<'_>, driver: usize, grid: u32, rng: &mut Rng) -> Finish {
    let Start { round, lap, laps, .. } = *start;
    let pit_lane = rng.u32(0..80) == 0;
    let mut row = Finish {
        driver,
        constructor: team(driver, round),
        position: 0,
        position_text: String::new(),
        points: 0,
        grid: if pit_lane { 0 } else { grid },
        laps,
        status: "Finished",
        millis: None,
        fastest_lap: None,
    };
    let each = lap + 2500 + pace(driver, round) * 3 + rng.u64(0..1000);
    match rng.u32(0..100) {
        0 => (row.laps, row.status, row.position_text) = (0, "Did not start", "W".to_owned()),
        1..8 => (row.laps, row.status, row.position_text) = (rng.u32(0..laps), "Retired", "R".to_owned()),
        // At the pace of the slowest the winner is a lap ahead.
        _ if each > lap + 2500 + 2100 => (row.laps, row.status) = (laps - 1, "Lapped"),
        _ => {}
    }
    if row.is_classified() {
        row.millis = Some(each * u64::from(row.laps) + 120 * u64::from(grid) + rng.u64(0..90));
    }
    if row.laps > 0 {
        let millis = lap + 1200 + pace(driver, round) + rng.u64(0..900);
        row.fastest_lap = Some(FastestLap { rank: 0, lap: rng.u32(1..=row.laps), millis });
    }
    row
}

/// Gives places and points in the order of the rows.
fn place(rows: &mut [Finish], points: &[u32]) {
    for (row, position) in rows.iter_mut().zip(1..) {
        row.position = position;
        row.points = 0;
        if row.is_classified() {
            row.position_text = position.to_string();
        }
    }
    for (row, points) in rows.iter_mut().filter(|row| row.is_classified()).zip(points) {
        row.points = *points;
    }
}

/// The result without one of its rows: that driver is last, without laps and times, and others move up.
fn disqualify(rows: &[Finish], index: usize, points: &[u32]) -> Vec<Finish> {
    let mut rows = rows.to_vec();
    let mut gone = rows.remove(index);
    gone.position_text = "D".to_owned();
    (gone.laps, gone.status, gone.millis, gone.fastest_lap) = (0, "Disqualified", None, None);
    rows.push(gone);
    place(&mut rows, points);
    rows
}
