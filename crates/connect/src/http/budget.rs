//! How fast an upstream may be asked: so many requests in any second and so many in any hour. A value: what was
//! granted goes in, with the time, and a decision comes out. Who keeps it, and shares it, is in [`super::purse`].
//!
//! Both limits hold for every window of that length, not for the seconds and hours of a clock. The last second is
//! remembered request by request. The last hour is remembered in groups of at most a minute, each of which counts
//! until its last request is an hour old: the state stays small, and a full hour's limit may be granted up to a
//! minute late, never early.
//!
//! A clock that was set back cannot lock anybody out: what lies in the future counts as of now.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The longest time from the first to the last request of a group.
const GROUP: SignedDuration = SignedDuration::from_mins(1);

/// What the upstream allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests in any second.
    pub per_second: NonZeroU32,
    /// Requests in any hour.
    pub per_hour: NonZeroU32,
    /// By how much the second and the hour are taken longer: requests need not arrive as far apart as they were
    /// sent.
    pub margin: Duration,
}

impl Limits {
    /// With the ordinary margin.
    pub const fn new(per_second: NonZeroU32, per_hour: NonZeroU32) -> Self {
        Self { per_second, per_hour, margin: Duration::from_millis(100) }
    }

    fn window(&self, length: SignedDuration) -> SignedDuration {
        let margin = SignedDuration::try_from(self.margin).unwrap_or(HOUR);
        length.saturating_add(margin.min(HOUR))
    }
}

/// Requests granted close together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Group {
    first: Timestamp,
    last: Timestamp,
    requests: u32,
}

/// What was granted lately. `Default` is a budget nobody has used. As JSON it is a few kilobytes at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Requests of the last second, oldest first.
    second: Vec<Timestamp>,
    /// Requests of the last hour, those of the last second included, oldest first.
    hour: Vec<Group>,
    /// Nothing is granted before.
    held_until: Option<Timestamp>,
}

/// The answer to who wants to send a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Send it, once this budget is kept in place of the old one.
    Go(Budget),
    /// Ask again then, which is later than now.
    Wait(Timestamp),
    /// Not before this time, which is later than the caller is ready to wait for.
    Exhausted(Timestamp),
}

impl Budget {
    /// Whether one more request may be sent by somebody who gives up at `give_up_at`.
    #[must_use]
    pub fn ask(&self, limits: &Limits, give_up_at: Timestamp, now: Timestamp) -> Decision {
        let mut next = self.seen_from(limits, now);
        if let Some(at) = next.free_at(limits, now) {
            return if at > give_up_at { Decision::Exhausted(at) } else { Decision::Wait(at) };
        }
        next.second.push(now);
        match next.hour.last_mut() {
            Some(group) if now.duration_since(group.first) < GROUP => {
                group.last = now;
                group.requests = group.requests.saturating_add(1);
            }
            _ => next.hour.push(Group { first: now, last: now, requests: 1 }),
        }
        Decision::Go(next)
    }

    /// The same budget, of which nothing is granted before `until`. A longer hold stays.
    #[must_use]
    pub fn held(&self, until: Timestamp) -> Self {
        Self { held_until: self.held_until.max(Some(until)), ..self.clone() }
    }

    /// Requests that count against the hour.
    #[must_use]
    pub fn used(&self, limits: &Limits, now: Timestamp) -> u64 {
        self.seen_from(limits, now).hour.iter().map(|group| u64::from(group.requests)).sum()
    }

    /// Without what is over; with nothing in the future, and no hold longer than an hour.
    fn seen_from(&self, limits: &Limits, now: Timestamp) -> Self {
        let (second, hour) = (limits.window(SECOND), limits.window(HOUR));
        let past = |at: Timestamp| at.min(now);
        Self {
            second: self
                .second
                .iter()
                .map(|&at| past(at))
                .filter(|&at| now.duration_since(at) < second)
                .collect(),
            hour: self
                .hour
                .iter()
                .map(|group| Group { first: past(group.first), last: past(group.last), ..*group })
                .filter(|group| now.duration_since(group.last) < hour)
                .collect(),
            held_until: self.held_until.filter(|&at| at > now).map(|at| at.min(after(now, HOUR))),
        }
    }

    /// The first time after `now` at which all that stands against a request is over; `None` for now.
    fn free_at(&self, limits: &Limits, now: Timestamp) -> Option<Timestamp> {
        let second = self.second_free_at(limits);
        let hour = self.hour_free_at(limits);
        let at = [second, hour, self.held_until].into_iter().flatten().max();
        at.filter(|&at| at > now)
    }

    fn second_free_at(&self, limits: &Limits) -> Option<Timestamp> {
        let allowed = usize::try_from(limits.per_second.get()).unwrap_or(usize::MAX);
        // One place must come free: all but `allowed - 1` of the requests must be over.
        let blocking = self.second.len().checked_sub(allowed)?;
        self.second.get(blocking).map(|&at| after(at, limits.window(SECOND)))
    }

    fn hour_free_at(&self, limits: &Limits) -> Option<Timestamp> {
        let used: u64 = self.hour.iter().map(|group| u64::from(group.requests)).sum();
        let mut over = (used + 1).checked_sub(u64::from(limits.per_hour.get())).filter(|&over| over > 0)?;
        for group in &self.hour {
            let requests = u64::from(group.requests);
            if requests >= over {
                return Some(after(group.last, limits.window(HOUR)));
            }
            over -= requests;
        }
        None
    }
}

fn after(at: Timestamp, time: SignedDuration) -> Timestamp {
    at.checked_add(time).unwrap_or(Timestamp::MAX)
}
