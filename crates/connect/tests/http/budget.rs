//! The budget against an oracle that remembers everything, and its corners.

use std::num::NonZeroU32;
use std::time::Duration;

use connect::http::{Budget, Decision, Limits};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::bed::at;

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// How much later than need be an hour's limit may be granted.
const LATE: SignedDuration = SignedDuration::from_mins(1);

fn limits(per_second: u32, per_hour: u32) -> Limits {
    let number = |n| NonZeroU32::new(n).unwrap();
    Limits { margin: Duration::ZERO, ..Limits::new(number(per_second), number(per_hour)) }
}

/// Through the store and back.
fn kept(budget: &Budget) -> Budget {
    serde_json::from_str(&serde_json::to_string(budget).unwrap()).unwrap()
}

fn granted(budget: &Budget, limits: &Limits, now: Timestamp) -> Budget {
    match budget.ask(limits, Timestamp::MAX, now) {
        Decision::Go(next) => kept(&next),
        other => panic!("{other:?} at {now}"),
    }
}

fn waits(budget: &Budget, limits: &Limits, now: Timestamp) -> Timestamp {
    match budget.ask(limits, Timestamp::MAX, now) {
        Decision::Wait(at) => at,
        other => panic!("{other:?} at {now}"),
    }
}

/// When, by every single request, the next one is due: the window that begins with the `allowed`th last request
/// must be over.
fn due(grants: &[Timestamp], allowed: u32, window: SignedDuration) -> Option<Timestamp> {
    let first = grants.len().checked_sub(usize::try_from(allowed).unwrap())?;
    Some(grants[first] + window)
}

fn most_in_any(window: SignedDuration, grants: &[Timestamp]) -> u32 {
    let within = |from: Timestamp| grants.iter().filter(|&&at| at >= from && at < from + window).count();
    u32::try_from(grants.iter().map(|&from| within(from)).max().unwrap_or_default()).unwrap()
}

/// What happens next.
#[derive(Clone, Debug)]
enum Event {
    /// Somebody asks so many milliseconds later.
    Ask(i64),
    /// Somebody asks, and if told to wait, asks again exactly then.
    AskAndWait(i64),
    /// The upstream wants to be let alone for so many seconds.
    Hold(i64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let gap = || prop_oneof![4 => Just(0_i64), 6 => 0..400_i64, 3 => 900..1100_i64, 2 => 0..900_000_i64];
    let event = prop_oneof![
        6 => gap().prop_map(Event::Ask),
        6 => gap().prop_map(Event::AskAndWait),
        1 => (0..300_i64).prop_map(Event::Hold),
    ];
    proptest::collection::vec(event, 1..250)
}

/// The budget, and everything that happened.
struct Story {
    limits: Limits,
    budget: Budget,
    now: Timestamp,
    grants: Vec<Timestamp>,
    held_until: Timestamp,
}

impl Story {
    /// The earliest time that breaks no rule.
    fn due(&self) -> Timestamp {
        let second = due(&self.grants, self.limits.per_second.get(), SECOND);
        let hour = due(&self.grants, self.limits.per_hour.get(), HOUR);
        [second, hour, Some(self.held_until)].into_iter().flatten().max().unwrap()
    }

    /// Asks once. The time to ask again, if there is need to.
    fn ask(&mut self) -> Option<Timestamp> {
        let due = self.due();
        match self.budget.ask(&self.limits, Timestamp::MAX, self.now) {
            Decision::Go(next) => {
                assert!(self.now >= due, "granted at {}, due at {due}", self.now);
                self.grants.push(self.now);
                self.budget = kept(&next);
                None
            }
            Decision::Wait(at) => {
                assert!(at > self.now && at >= due && at <= due + LATE, "{at} for {due}, now {}", self.now);
                Some(at)
            }
            Decision::Exhausted(at) => panic!("nobody gave up before {at}"),
        }
    }

    fn play(&mut self, event: &Event) {
        match *event {
            Event::Ask(gap) => {
                self.now += SignedDuration::from_millis(gap);
                self.ask();
            }
            Event::AskAndWait(gap) => {
                self.now += SignedDuration::from_millis(gap);
                if let Some(at) = self.ask() {
                    self.now = at;
                    assert_eq!(self.ask(), None, "granted when it was said to be");
                }
            }
            Event::Hold(seconds) => {
                let until = self.now + SignedDuration::from_secs(seconds);
                self.held_until = self.held_until.max(until);
                self.budget = kept(&self.budget.held(until));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_window_ever_holds_more_than_its_limit(
        events in events(),
        per_second in 1..6_u32,
        per_hour in 1..60_u32,
    ) {
        let mut story = Story {
            limits: limits(per_second, per_hour),
            budget: Budget::default(),
            now: at(0),
            grants: Vec::new(),
            held_until: at(0),
        };
        for event in &events {
            story.play(event);
        }
        prop_assert!(most_in_any(SECOND, &story.grants) <= per_second);
        prop_assert!(most_in_any(HOUR, &story.grants) <= per_hour);
        let used = u64::try_from(story.grants.iter().filter(|&&at| at + HOUR > story.now).count()).unwrap();
        prop_assert!(story.budget.used(&story.limits, story.now) >= used);
    }
}

#[test]
fn who_gives_up_earlier_is_told_so() {
    let limits = limits(4, 2);
    let budget = granted(&granted(&Budget::default(), &limits, at(0)), &limits, at(100));
    assert_eq!(budget.ask(&limits, at(3600), at(200)), Decision::Wait(at(3600)));
    assert_eq!(budget.ask(&limits, at(3599), at(200)), Decision::Exhausted(at(3600)));
}

#[test]
fn a_margin_makes_the_second_and_the_hour_longer() {
    let limits = Limits { margin: Duration::from_secs(2), ..limits(1, 2) };
    let first = granted(&Budget::default(), &limits, at(0));
    assert_eq!(waits(&first, &limits, at(2)), at(3));
    let second = granted(&first, &limits, at(1000));
    assert_eq!(waits(&second, &limits, at(2000)), at(3602));
}

#[test]
fn a_hold_stops_everybody_and_the_longest_counts() {
    let limits = limits(4, 500);
    let held = kept(&Budget::default().held(at(60)).held(at(10)));
    assert_eq!(waits(&held, &limits, at(0)), at(60));
    granted(&held, &limits, at(60));
}

#[test]
fn a_clock_set_back_locks_nobody_out() {
    let limits = limits(1, 2);
    let year = 365 * 86_400;
    let ahead = granted(&granted(&Budget::default(), &limits, at(year)), &limits, at(year + 60));
    let ahead = kept(&ahead.held(at(year + 200)));
    assert_eq!(waits(&ahead, &limits, at(0)), at(3600), "an hour is the longest anybody waits");
    granted(&ahead, &limits, at(year + 7200));
}

#[test]
fn a_smaller_limit_counts_what_the_larger_one_granted() {
    let mut budget = Budget::default();
    for _ in 0..5 {
        budget = granted(&budget, &limits(5, 100), at(0));
    }
    assert_eq!(waits(&budget, &limits(2, 100), at(0)), at(1));
    assert_eq!(waits(&budget, &limits(5, 3), at(10)), at(3600));
}

#[test]
fn a_full_budget_is_small_in_the_store() {
    let limits = limits(4, 500);
    let (mut budget, mut second) = (Budget::default(), 0);
    while budget.used(&limits, at(second)) < 500 {
        budget = granted(&budget, &limits, at(second));
        second += 7;
    }
    let bytes = serde_json::to_string(&budget).unwrap().len();
    assert!(bytes < 8192, "{bytes}");
}
