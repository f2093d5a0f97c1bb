//! What becomes of times that went by unseen.

use jiff::{SignedDuration, Timestamp};

use crate::policy::Missed;
use crate::schedule::ScheduleSpec;

/// A time seen this long after it was meant still counts as on time: the program was there, only busy.
pub const LATE: SignedDuration = SignedDuration::from_secs(60);

/// The same for a node that was looking at schedules before that time: it ran, and was only kept from them (the state
/// was away, the machine asleep).
pub const LATE_WHILE_LOOKING: SignedDuration = SignedDuration::from_mins(5);

/// What one due time becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A run is asked for.
    Ask,
    /// It is recorded as missed, and why.
    Leave(Reason),
}

/// Why a time is not caught up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The policy catches nothing up.
    Policy,
    /// Older than the window.
    Window,
    /// The policy runs the newest only.
    Newer,
    /// More than may be caught up at once.
    Max,
}

impl Reason {
    /// In words, for the record of the time.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "it went by while nobody looked, and the policy is not to catch up",
            Self::Window => "it went by longer ago than the catch-up window",
            Self::Newer => "a newer time takes its place",
            Self::Max => "more times went by than may be caught up at once",
        }
    }
}

/// Decides over `due` times, oldest first, seen at `now` by a node that looks at schedules since `since`. A time not
/// older than [`LATE`], or [`LATE_WHILE_LOOKING`], is on time whatever the policy says, except that `latest` gives way
/// to a newer one.
#[must_use]
pub fn decide(due: &[Timestamp], spec: &ScheduleSpec, since: Timestamp, now: Timestamp) -> Vec<Due> {
    let is_on_time = |at: Timestamp| {
        let late = if since < at { LATE_WHILE_LOOKING } else { LATE };
        now.duration_since(at) <= late
    };
    let window = SignedDuration::try_from(spec.missed_window).unwrap_or(SignedDuration::MAX);
    let mut decided: Vec<Due> = due
        .iter()
        .map(|at| {
            let age = now.duration_since(*at);
            match spec.missed {
                _ if is_on_time(*at) => Due::Ask,
                Missed::None => Due::Leave(Reason::Policy),
                Missed::Latest | Missed::All if age > window => Due::Leave(Reason::Window),
                Missed::Latest | Missed::All => Due::Ask,
            }
        })
        .collect();
    let most = match spec.missed {
        // Two times that are not late yet (a schedule by the second) are both on time.
        Missed::None => usize::MAX,
        Missed::Latest => 1,
        Missed::All => spec.missed_max.max(1) as usize,
    };
    let reason = if spec.missed == Missed::Latest { Reason::Newer } else { Reason::Max };
    let mut kept = 0;
    for (due, at) in decided.iter_mut().zip(due).rev() {
        if *due == Due::Ask {
            kept += 1;
            if kept > most && !(is_on_time(*at) && spec.missed == Missed::All) {
                *due = Due::Leave(reason);
            }
        }
    }
    decided
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::*;
    use crate::id::SyncKey;
    use crate::schedule::When;

    fn spec(missed: Missed, window_hours: u64, max: u32) -> ScheduleSpec {
        ScheduleSpec {
            name: "t.t".into(),
            title: "t".into(),
            sync: SyncKey::parse("t.t").unwrap(),
            label: "t".into(),
            params: Value::Null,
            when: When::Cron { expression: "0 * * * *".into() },
            time_zone: "UTC".into(),
            missed,
            missed_window: Duration::from_secs(window_hours * 3600),
            missed_max: max,
        }
    }

    fn hours(from: i64, to: i64) -> Vec<Timestamp> {
        (from..=to).map(|h| Timestamp::from_second(h * 3600).unwrap()).collect()
    }

    fn asked(missed: Missed, window_hours: u64, max: u32) -> Vec<i64> {
        let due = hours(100, 110);
        let now = Timestamp::from_second(110 * 3600 + 30).unwrap();
        let decided = decide(&due, &spec(missed, window_hours, max), now, now);
        assert_eq!(decided.len(), due.len());
        due.iter().zip(decided).filter(|(_, d)| *d == Due::Ask).map(|(at, _)| at.as_second() / 3600).collect()
    }

    #[test]
    fn nothing_is_caught_up_unless_asked_for() {
        assert_eq!(asked(Missed::None, 24, 100), [110]);
    }

    #[test]
    fn latest_runs_the_newest_only() {
        assert_eq!(asked(Missed::Latest, 24, 100), [110]);
    }

    #[test]
    fn all_runs_what_the_window_and_the_maximum_allow() {
        assert_eq!(asked(Missed::All, 24, 100).len(), 11);
        assert_eq!(asked(Missed::All, 3, 100), [108, 109, 110]);
        assert_eq!(asked(Missed::All, 24, 2), [109, 110]);
    }

    #[test]
    fn a_time_seen_late_is_missed() {
        let due = hours(100, 100);
        let late = due[0] + LATE + SignedDuration::from_secs(1);
        assert_eq!(decide(&due, &spec(Missed::None, 24, 1), late, late), [Due::Leave(Reason::Policy)]);
        assert_eq!(decide(&due, &spec(Missed::Latest, 24, 1), late, late), [Due::Ask]);
    }

    #[test]
    fn who_was_there_before_a_time_may_see_it_some_minutes_late() {
        let due = hours(100, 100);
        let second = SignedDuration::from_secs(1);
        let seen = |since, now| decide(&due, &spec(Missed::None, 24, 1), since, now).remove(0);
        let (before, latest) = (due[0] - second, due[0] + LATE_WHILE_LOOKING);
        assert_eq!(seen(before, latest), Due::Ask);
        assert_eq!(seen(before, latest + second), Due::Leave(Reason::Policy));
        assert_eq!(seen(due[0], latest), Due::Leave(Reason::Policy), "it came with the time, or after it");
    }
}
