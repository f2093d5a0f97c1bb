//! The tasks of the platform: eleven that are always there, and others that follow from the seed.
//!
//! What is said of a task, in its row, in its calls and in the statistics, follows from the same days, so that all of
//! it agrees.

use fastrand::Rng;
use jiff::{ToSpan as _, civil::Date};

use super::packages::{PACKAGES, Package};

/// A calling task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Seven digits, but one of nineteen.
    pub id: u64,
    /// By the rule of names, or nearly.
    pub name: String,
    /// Made at 00:00:00 of this day.
    pub created: Date,
    /// Its leads.
    pub total: u64,
    /// What was called when, in the order of time; a day may come twice.
    pub days: Vec<Day>,
}

/// The calls of a task on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Which day.
    pub date: Date,
    /// Leads called.
    pub called: u64,
    /// Of these, answered.
    pub connected: u64,
    /// Of these, won.
    pub success: u64,
}

impl Task {
    /// Leads called.
    pub fn called(&self) -> u64 {
        self.days.iter().map(|day| day.called).sum()
    }

    /// Leads who answered.
    pub fn connected(&self) -> u64 {
        self.days.iter().map(|day| day.connected).sum()
    }

    /// Leads won.
    pub fn success(&self) -> u64 {
        self.days.iter().map(|day| day.success).sum()
    }

    /// 1 not begun, 2 under way, 3 called to its end.
    pub fn state(&self) -> u64 {
        match self.called() {
            0 => 1,
            called if called < self.total => 2,
            _ => 3,
        }
    }

    /// A hundred calls more on a day, thirty of them answered and five won; fewer when fewer leads are left.
    pub(super) fn advance(&mut self, date: Date) {
        let called = 100.min(self.total.saturating_sub(self.called()));
        if called > 0 {
            self.days.push(Day { date, called, connected: called * 30 / 100, success: called * 5 / 100 });
        }
    }
}

/// All tasks at a day: the fixed ones, then `per_day` for each of the last eleven days, the newest first.
pub(super) fn tasks(seed: u64, today: Date, per_day: u32) -> Vec<Task> {
    let mut tasks: Vec<Task> = FIXED.iter().map(|fixed| fixed.task(today)).collect();
    for age in 0..=10 {
        let created = today - age.days();
        tasks.extend((0..per_day).map(|number| generated(seed, created, today, number)));
    }
    tasks.sort_by(|a, b| b.created.cmp(&a.created).then(a.id.cmp(&b.id)));
    tasks
}

struct Fixed {
    id: u64,
    age: i64,
    name: &'static str,
    total: u64,
    called: u64,
    connected: u64,
    success: u64,
}

impl Fixed {
    fn task(&self, today: Date) -> Task {
        let Self { id, age, name, total, called, connected, success } = *self;
        let created = today - age.days();
        let days = if called == 0 { vec![] } else { vec![Day { date: created, called, connected, success }] };
        Task { id, name: name.to_owned(), created, total, days }
    }
}

const fn fixed(id: u64, age: i64, name: &'static str, counts: [u64; 4]) -> Fixed {
    let [total, called, connected, success] = counts;
    Fixed { id, age, name, total, called, connected, success }
}

const FIXED: [Fixed; 11] = [
    fixed(7_100_001, 0, "淮安-1014-高中-10000-O3-A--L3-1019", [10_000, 4000, 1200, 60]),
    fixed(7_100_002, 0, "淮安-1017-高中-10000-N-A-L3-1019", [10_000, 10_000, 3000, 90]),
    fixed(7_100_003, 0, "宜宾-0905-高中-3236-O7-L9-A--1026", [3236, 0, 0, 0]),
    fixed(7_100_004, 0, "0909-高中加购-15000-P5-C--L3-1014", [15_000, 10, 2, 0]),
    fixed(7_100_005, 1, "禹州-0718-高中加购-P4-A-L10-1026", [500, 500, 100, 1]),
    fixed(7_100_006, 1, "淮安-0913A-高中-3747-O10-C-L3-1020", [3747, 3747, 800, 20]),
    fixed(7_100_007, 2, "禹州-0826-高中-721-O1-A+-L10-1019", [721, 300, 90, 3]),
    fixed(7_100_008, 2, "禹州-0908A-高中-4868-O2-A-L3-1020", [4868, 0, 0, 0]),
    fixed(7_100_009, 3, "0920-高中加购-5000-O7-A--L3-1021", [5000, 1, 0, 0]),
    fixed(9_007_199_254_740_993_123, 3, "淮安-1017-高中-10000-O1-C-L3-1020", [7000, 2500, 700, 15]),
    fixed(7_100_011, 4, "淮安-1014-高中-10000-O2-A-L3-1018", [8000, 8000, 2000, 70]),
];

/// The most tasks a day: their numbers have seven digits.
pub(super) const PER_DAY_MAX: u32 = 1000;

/// Days in a row call the levels of each package in turn: of any four days none is missing.
const LEVELS: [&str; 4] = ["N", "O1", "O2", "O3"];

/// A task of a day is the same whatever today is; only how far it was called differs.
fn generated(seed: u64, created: Date, today: Date, number: u32) -> Task {
    let ordinal =
        u64::from(created.day_of_year().unsigned_abs()) + 366 * u64::from(created.year().unsigned_abs());
    let mut rng =
        Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (ordinal << 20) ^ u64::from(number));
    let package = PACKAGES[number as usize % PACKAGES.len()];
    let level = LEVELS[(ordinal % LEVELS.len() as u64) as usize];
    let name = name(&mut rng, (package, level), created, number);
    let total = package.leads * rng.u64(15..=45) / 100;
    let at_the_end = total * rng.u64(50..=100) / 100;
    let mut days = Vec::new();
    let mut left = at_the_end;
    for (age, share) in [(0, 50), (1, 30), (2, 100)] {
        let called = left.min(at_the_end * share / 100);
        left -= called;
        let connected = called * rng.u64(200..=400) / 1000;
        let success = connected * rng.u64(10..=50) / 1000;
        let date = created + age.days();
        if date <= today && called > 0 {
            days.push(Day { date, called, connected, success });
        }
    }
    let id = 7_200_000 + ordinal % 700 * u64::from(PER_DAY_MAX) + u64::from(number);
    Task { id, name, created, total, days }
}

/// Every tenth name departs from the rule in one of the ways that are met in practice.
fn name(rng: &mut Rng, (package, level): (Package, &str), created: Date, number: u32) -> String {
    let group = format!("{}{}", rng.char('A'..='D'), ["", "+", "-"][rng.usize(..3)]);
    let line = format!("L{}", rng.u32(1..=20));
    let mmdd = created.strftime("%m%d").to_string();
    let code = package.code();
    let Package { region, day, grade, leads, .. } = package;
    let deviation = if number % 10 == 9 { rng.u32(1..=5) } else { 0 };
    match deviation {
        1 => format!("{code}-{level}-{line}-{group}-{mmdd}"),
        2 => format!("{code}-{level}"),
        3 => format!("{day}-{grade}加购-{leads}-{level}-{group}-{line}-{mmdd}"),
        4 => format!("{region}-{day}-{grade}加购-{level}-{group}-{line}-{mmdd}"),
        5 => format!("{region}-{day}-{grade}-{}-{level}-{group}-{line}-{mmdd}", leads - 279),
        _ => format!("{code}-{level}-{group}-{line}-{mmdd}"),
    }
}
