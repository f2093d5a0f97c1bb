//! When a run will be done, from finished work only. Pure.

use jiff::{SignedDuration, Timestamp};

/// What changes only when a day of the run ends.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Basis {
    /// Mean time of the run's synced days, in seconds; `None` until one is.
    pub(crate) day_seconds: Option<f64>,
    /// Days still to begin that are known trading days, published, and not there already.
    pub(crate) rest: i64,
}

/// The day under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Current {
    /// Since when, by its newest try.
    pub(crate) since: Timestamp,
    /// Stocks finished.
    pub(crate) done: i64,
    /// Stocks in all; 0 when not known yet.
    pub(crate) total: i64,
    /// Stocks finished a second lately, where they come one by one.
    pub(crate) rate: Option<f64>,
}

/// When it will be done; `None` while nothing is finished to judge by.
pub(crate) fn foretell(basis: Basis, current: Option<Current>, now: Timestamp) -> Option<Timestamp> {
    if let Some(Current { done, total, rate: Some(rate), .. }) = current
        && rate > 0.0
        && total > 0
    {
        let left = (total - done).max(0) + basis.rest.max(0) * total;
        return after(now, number(left) / rate);
    }
    let day = basis.day_seconds?;
    let of_current = current
        .map_or(0.0, |current| (day - now.duration_since(current.since).as_secs_f64()).clamp(0.0, day));
    after(now, number(basis.rest.max(0)) * day + of_current)
}

fn after(now: Timestamp, seconds: f64) -> Option<Timestamp> {
    // A rate near zero gives centuries: that is not knowing.
    if !seconds.is_finite() || seconds > 366.0 * 86_400.0 {
        return None;
    }
    now.checked_add(SignedDuration::try_from_secs_f64(seconds.max(0.0)).ok()?).ok()
}

#[expect(clippy::cast_precision_loss, reason = "counts of days and stocks are far below 2^52")]
fn number(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_760_000_000 + second).unwrap()
    }

    fn current(done: i64, rate: Option<f64>) -> Option<Current> {
        Some(Current { since: at(0), done, total: 100, rate })
    }

    #[test]
    fn nothing_is_foretold_before_something_is_finished() {
        let basis = Basis { day_seconds: None, rest: 5 };
        assert_eq!(foretell(basis, None, at(0)), None);
        assert_eq!(foretell(basis, current(0, None), at(9)), None);
    }

    #[test]
    fn by_days_the_rest_of_the_current_one_counts_too() {
        let basis = Basis { day_seconds: Some(10.0), rest: 3 };
        assert_eq!(foretell(basis, current(0, None), at(4)), Some(at(40)));
        assert_eq!(foretell(basis, None, at(4)), Some(at(34)));
        // A slow day does not make the end come before now.
        assert_eq!(foretell(Basis { rest: 0, ..basis }, current(0, None), at(60)), Some(at(60)));
    }

    #[test]
    fn by_stocks_the_days_to_come_are_as_large_as_this_one() {
        let basis = Basis { day_seconds: Some(1.0), rest: 2 };
        assert_eq!(foretell(basis, current(50, Some(5.0)), at(10)), Some(at(60)));
    }
}
