//! What a sync decides on a task it lists: the rule alone, without the database.
//!
//! A person's decision is never taken back here. A package that is gone is an error only for a task that was left with
//! it on purpose; a package nobody made is none.

use jiff::Timestamp;
use model::task::{MatchOrigin, MatchStatus};

/// What is stored of a task that is listed again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) status: MatchStatus,
    pub(super) origin: MatchOrigin,
    /// Its package was deleted and it was left with it.
    pub(super) package_gone: bool,
    pub(super) fetched_at: Timestamp,
    pub(super) created_record: Option<i64>,
}

/// See [`decide`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The row is written and the task has the package of its prefix, or none.
    Follow(MatchStatus),
    /// The row is written, unless a later one was, and the task stays as it was decided.
    Stay(MatchStatus),
    /// The task's package is gone: nothing is written.
    Gone,
}

impl Decision {
    /// How the task stands afterwards, if it was written.
    pub(super) fn status(self) -> Option<MatchStatus> {
        match self {
            Self::Follow(status) | Self::Stay(status) => Some(status),
            Self::Gone => None,
        }
    }
}

/// Decides on a task, given whether a package has exactly the prefix of its name.
pub(super) fn decide(known: Option<&Known>, has_package: bool, fetched_at: Timestamp) -> Decision {
    let by_rule = if has_package { MatchStatus::Matched } else { MatchStatus::Pending };
    let Some(known) = known else { return Decision::Follow(by_rule) };
    match known.origin {
        MatchOrigin::Manual if known.package_gone => Decision::Gone,
        MatchOrigin::Auto if known.package_gone && !has_package => Decision::Gone,
        MatchOrigin::Auto if known.fetched_at <= fetched_at => Decision::Follow(by_rule),
        MatchOrigin::Auto | MatchOrigin::Manual => Decision::Stay(known.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(status: MatchStatus, origin: MatchOrigin) -> Known {
        Known { status, origin, package_gone: false, fetched_at: Timestamp::UNIX_EPOCH, created_record: None }
    }

    #[test]
    fn the_rule_follows_the_prefix_and_leaves_people_alone() {
        use MatchOrigin::{Auto, Manual};
        use MatchStatus::{Idle, Matched, Pending};
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(decide(None, true, at), Decision::Follow(Matched));
        assert_eq!(decide(None, false, at), Decision::Follow(Pending));
        assert_eq!(decide(Some(&known(Matched, Auto)), false, at), Decision::Follow(Pending));
        for status in [Pending, Matched, Idle] {
            for has_package in [true, false] {
                let decided = decide(Some(&known(status, Manual)), has_package, at);
                assert_eq!(decided, Decision::Stay(status));
            }
        }
        let gone = |origin| Known { package_gone: true, ..known(Matched, origin) };
        assert_eq!(decide(Some(&gone(Manual)), true, at), Decision::Gone);
        assert_eq!(decide(Some(&gone(Auto)), false, at), Decision::Gone);
        assert_eq!(decide(Some(&gone(Auto)), true, at), Decision::Follow(Matched));
    }

    #[test]
    fn a_row_read_earlier_decides_nothing() {
        let later = Known {
            fetched_at: Timestamp::from_second(9).unwrap(),
            ..known(MatchStatus::Matched, MatchOrigin::Auto)
        };
        let earlier = Timestamp::from_second(8).unwrap();
        assert_eq!(decide(Some(&later), false, earlier), Decision::Stay(MatchStatus::Matched));
    }
}
