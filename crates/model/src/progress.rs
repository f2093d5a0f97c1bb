//! How far a run has come, and when it will be done. Pure arithmetic over readings.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// Readings older than this no longer shape the rate.
pub const WINDOW: SignedDuration = SignedDuration::from_secs(300);

/// Readings kept: one a second over the window.
const READINGS_MAX: usize = 300;

/// The rate of finished units over time spent working, within [`WINDOW`]. Give it a reading now and then; tell it
/// when work paused, so that the pause does not count as slow work.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    readings: VecDeque<(Timestamp, i64)>,
    /// Time paused so far; readings are kept on a clock that stands still in pauses.
    paused: SignedDuration,
    paused_since: Option<Timestamp>,
}

impl Rate {
    /// Notes that `done` units are finished at `now`. A count that falls (a retry began anew) starts over.
    pub fn read(&mut self, done: i64, now: Timestamp) {
        self.resume(now);
        let at = now - self.paused;
        if self.readings.back().is_some_and(|(last_at, last)| done < *last || at < *last_at) {
            self.readings.clear();
        }
        self.readings.push_back((at, done));
        while self.readings.len() > READINGS_MAX
            || (self.readings.len() > 2
                && self.readings.front().is_some_and(|(t, _)| at.duration_since(*t) > WINDOW))
        {
            self.readings.pop_front();
        }
    }

    /// Work stops at `now`, for a while.
    pub fn pause(&mut self, now: Timestamp) {
        self.paused_since.get_or_insert(now);
    }

    /// Work goes on at `now`. Harmless when it never stopped.
    pub fn resume(&mut self, now: Timestamp) {
        if let Some(since) = self.paused_since.take() {
            self.paused += now.duration_since(since).max(SignedDuration::ZERO);
        }
    }

    /// Units a second; `None` until one unit was finished between two readings.
    #[must_use]
    pub fn per_second(&self) -> Option<f64> {
        let ((from, before), (to, after)) = (self.readings.front()?, self.readings.back()?);
        let seconds = to.duration_since(*from).as_secs_f64();
        let units = after - before;
        #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^52")]
        (seconds > 0.0 && units > 0).then(|| units as f64 / seconds)
    }

    /// When `left` units will be finished. `None` while paused, while no rate is known, or when nothing is left.
    #[must_use]
    pub fn done_at(&self, left: i64, now: Timestamp) -> Option<Timestamp> {
        if self.paused_since.is_some() || left <= 0 {
            return None;
        }
        after(now, left, self.per_second()?)
    }
}

/// When `left` pieces will be done if each takes as long as the `finished` ones did in `worked` time. `None` until
/// one is finished; never before `now`.
#[must_use]
pub fn done_at_mean(finished: i64, left: i64, worked: SignedDuration, now: Timestamp) -> Option<Timestamp> {
    let seconds = worked.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "piece counts are far below 2^52")]
    let rate = (finished > 0 && seconds > 0.0).then(|| finished as f64 / seconds)?;
    if left <= 0 { None } else { after(now, left, rate) }
}

fn after(now: Timestamp, left: i64, per_second: f64) -> Option<Timestamp> {
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^52")]
    let seconds = left as f64 / per_second;
    // A rate near zero gives centuries: that is not knowing.
    if !seconds.is_finite() || seconds > 366.0 * 86_400.0 {
        return None;
    }
    now.checked_add(SignedDuration::try_from_secs_f64(seconds.max(0.0)).ok()?).ok()
}

/// Percent with one decimal: `(finished + share of those under way) / total`. Never 100 before the end, never below
/// `shown_before`, 100 for a run that has nothing to do.
///
/// `under_way` is the sum of the fractions of partitions being worked on.
#[must_use]
pub fn percent(finished: i64, under_way: f64, total: i64, shown_before: f64, ended: Ended) -> f64 {
    if ended == Ended::Yes {
        return 100.0;
    }
    if total <= 0 {
        return shown_before.clamp(0.0, 99.9);
    }
    #[expect(clippy::cast_precision_loss, reason = "partition counts are far below 2^52")]
    let exact = (finished.max(0) as f64 + under_way.max(0.0)) / total as f64 * 100.0;
    let tenths = (exact * 10.0).floor() / 10.0;
    tenths.max(shown_before).clamp(0.0, 99.9)
}

/// Whether a run went through to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It did, successfully or with failures.
    Yes,
    /// It is under way, paused, or was given up.
    No,
}

/// The part of a partition that is done, 0 when its size is not known.
#[must_use]
pub fn fraction(done: i64, total: Option<i64>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^52")]
    match total {
        Some(total) if total > 0 => (done.max(0) as f64 / total as f64).min(1.0),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    #[test]
    fn no_end_is_foretold_before_a_unit_is_finished() {
        let mut rate = Rate::default();
        assert_eq!(rate.done_at(10, at(0)), None);
        rate.read(0, at(0));
        rate.read(0, at(5));
        assert_eq!(rate.done_at(10, at(5)), None);
        rate.read(5, at(10));
        assert_eq!(rate.done_at(10, at(10)), Some(at(30)));
    }

    #[test]
    fn a_pause_does_not_count_as_slow_work() {
        let mut rate = Rate::default();
        rate.read(0, at(0));
        rate.read(10, at(10));
        rate.pause(at(10));
        assert_eq!(rate.done_at(10, at(500)), None);
        rate.read(10, at(1_000));
        rate.read(20, at(1_010));
        assert_eq!(rate.per_second(), Some(1.0));
    }

    #[test]
    fn only_the_window_shapes_the_rate() {
        let mut rate = Rate::default();
        for second in 0..1_000 {
            rate.read(if second < 500 { second } else { 500 + (second - 500) * 4 }, at(second));
        }
        assert_eq!(rate.per_second(), Some(4.0));
    }

    #[test]
    fn nothing_to_do_ends_at_a_hundred() {
        assert_eq!(percent(0, 0.0, 0, 0.0, Ended::Yes), 100.0);
        assert_eq!(percent(9, 0.999, 10, 0.0, Ended::No), 99.9);
        assert_eq!(percent(2, 0.4668, 9, 0.0, Ended::No), 27.4);
    }

    proptest! {
        #[test]
        fn percent_never_falls_and_is_never_100_before_the_end(
            steps in proptest::collection::vec((0i64..50, 0.0f64..1.0), 1..50), total in 0i64..50
        ) {
            let mut shown = 0.0;
            for (finished, under_way) in steps {
                let next = percent(finished, under_way, total, shown, Ended::No);
                prop_assert!(next >= shown && next < 100.0);
                shown = next;
            }
        }

        #[test]
        fn an_end_is_never_foretold_in_the_past(
            readings in proptest::collection::vec((0i64..100, 0i64..1_000), 1..50), left in -5i64..10_000
        ) {
            let mut rate = Rate::default();
            let mut now = at(0);
            for (seconds, done) in readings {
                now += SignedDuration::from_secs(seconds);
                rate.read(done, now);
                if let Some(end) = rate.done_at(left, now) {
                    prop_assert!(end >= now);
                }
            }
        }
    }
}
