//! The simulated time: it stands where it was set, or runs on from there at a pace.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock. Without a time all is over, whatever the pace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    time: Option<Timestamp>,
    /// When the time was set.
    since: Instant,
    /// Simulated seconds in a second; 0: it stands.
    pace: u32,
}

impl Clock {
    pub(super) fn new(time: Option<Timestamp>, pace: u32, since: Instant) -> Self {
        Self { time, since, pace }
    }

    /// Another time, from which it goes on at its pace.
    pub(super) fn set(&mut self, time: Option<Timestamp>, since: Instant) {
        (self.time, self.since) = (time, since);
    }

    /// The simulated time at an instant not before the time was set.
    pub(super) fn at(&self, instant: Instant) -> Option<Timestamp> {
        let passed = instant.saturating_duration_since(self.since).saturating_mul(self.pace);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        self.time.map(|time| time.checked_add(passed).unwrap_or(Timestamp::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_stands_or_runs_at_its_pace_from_the_time_it_was_set_to() {
        let (start, later) = ("2025-07-27T22:00:00Z", "2025-07-28T04:00:00Z");
        let [start, later] = [start, later].map(|text| text.parse::<Timestamp>().unwrap());
        let then = Instant::now();
        let after = |seconds| then + Duration::from_secs(seconds);
        let mut clock = Clock::new(Some(start), 0, then);
        assert_eq!(clock.at(after(24)), Some(start));
        clock.pace = 900;
        assert_eq!(clock.at(after(24)), Some(later));
        clock.set(Some(start), after(24));
        assert_eq!(clock.at(after(24)), Some(start));
        assert_eq!(clock.at(after(48)), Some(later));
        clock.set(None, after(48));
        assert_eq!(clock.at(after(72)), None);
        let mut clock = Clock::new(Some(start), u32::MAX, then);
        assert_eq!(clock.at(after(1 << 40)), Some(Timestamp::MAX));
        clock.set(None, then);
        assert_eq!(clock.at(after(1 << 40)), None);
    }
}
