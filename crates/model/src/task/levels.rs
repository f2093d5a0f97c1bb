//! How far a package was called, by the levels of its tasks.
//!
//! A bought package goes N, O1, O2, …; one for practice P1, P2, …. A level of the other family says nothing of it.

use super::PackageSource;

/// Which family of levels a package goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageKind {
    /// N, O1, O2, ….
    N,
    /// P1, P2, ….
    P,
}

impl PackageKind {
    /// The kind of a package from this source.
    #[must_use]
    pub const fn of(source: PackageSource) -> Self {
        match source {
            PackageSource::Purchased => Self::N,
            PackageSource::Practice => Self::P,
        }
    }

    /// The documented letter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::N => "N",
            Self::P => "P",
        }
    }

    /// The level a package begins with.
    #[must_use]
    pub const fn first_level(self) -> &'static str {
        match self {
            Self::N => "N",
            Self::P => "P1",
        }
    }

    /// How many levels come before this one; `None` when it is not of the family.
    fn rank(self, level: &str) -> Option<u32> {
        let number = |family: char| {
            let digits = level
                .strip_prefix(family)
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
            digits.parse::<u32>().ok().filter(|number| (1..100).contains(number))
        };
        match self {
            Self::N if level == "N" => Some(0),
            Self::N => number('O'),
            Self::P => number('P').map(|number| number - 1),
        }
    }

    /// The level that so many others come before.
    fn level(self, rank: u32) -> String {
        match (self, rank) {
            (Self::N, 0) => "N".to_owned(),
            (Self::N, rank) => format!("O{rank}"),
            (Self::P, rank) => format!("P{}", rank + 1),
        }
    }
}

/// The level to be called next: the one after the highest that has calls. `linked` are level and calls of the
/// package's tasks.
#[must_use]
pub fn current_state(kind: PackageKind, linked: &[(&str, i64)]) -> String {
    let called = linked.iter().filter(|(_, called)| *called > 0);
    let highest = called.filter_map(|(level, _)| kind.rank(level)).max();
    kind.level(highest.map_or(0, |rank| rank + 1))
}

/// The levels below the highest linked one that have no task, in their order.
#[must_use]
pub fn missing_levels(kind: PackageKind, linked: &[&str]) -> Vec<String> {
    let ranks: Vec<u32> = linked.iter().filter_map(|level| kind.rank(level)).collect();
    let highest = ranks.iter().copied().max().unwrap_or(0);
    (0..highest).filter(|rank| !ranks.contains(rank)).map(|rank| kind.level(rank)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Linked<'t> = &'t [(&'t str, i64)];

    #[test]
    fn the_state_is_the_level_after_the_highest_that_was_called() {
        let table: [(PackageKind, Linked<'_>, &str); 10] = [
            (PackageKind::N, &[], "N"),
            (PackageKind::P, &[], "P1"),
            (PackageKind::N, &[("O3", 4000)], "O4"),
            (PackageKind::N, &[("N", 10_000), ("O1", 2500)], "O2"),
            (PackageKind::N, &[("O7", 0)], "N"),
            (PackageKind::N, &[("O1", 5), ("O10", 1), ("O2", 7)], "O11"),
            (PackageKind::N, &[("N", 1), ("P9", 100)], "O1"),
            (PackageKind::P, &[("P1", 1), ("O9", 100), ("N", 3)], "P2"),
            (PackageKind::N, &[("O03", 1)], "O4"),
            (PackageKind::N, &[("O0", 1), ("", 1), ("O+1", 1)], "N"),
        ];
        for (kind, linked, expected) in table {
            assert_eq!(current_state(kind, linked), expected, "{linked:?}");
        }
    }

    #[test]
    fn levels_below_the_highest_linked_one_are_missed() {
        let table: [(PackageKind, &[&str], &[&str]); 7] = [
            (PackageKind::N, &[], &[]),
            (PackageKind::N, &["N"], &[]),
            (PackageKind::N, &["O3"], &["N", "O1", "O2"]),
            (PackageKind::N, &["O2", "N", "O2"], &["O1"]),
            (PackageKind::N, &["P3"], &[]),
            (PackageKind::P, &["P3", "O9"], &["P1", "P2"]),
            (PackageKind::P, &["P1", "P2"], &[]),
        ];
        for (kind, linked, expected) in table {
            assert_eq!(missing_levels(kind, linked), expected, "{linked:?}");
        }
    }

    proptest! {
        #[test]
        fn linked_and_missing_levels_are_all_up_to_the_highest(numbers in prop::collection::vec(1_u32..100, 1..8)) {
            for kind in [PackageKind::N, PackageKind::P] {
                let linked: Vec<String> = numbers.iter().map(|number| kind.level(number - 1)).collect();
                let linked: Vec<&str> = linked.iter().map(String::as_str).collect();
                let mut all = missing_levels(kind, &linked);
                prop_assert!(all.iter().all(|level| !linked.contains(&level.as_str())));
                all.extend(linked.iter().map(|level| (*level).to_owned()));
                all.sort();
                all.dedup();
                prop_assert_eq!(all.len(), usize::try_from(*numbers.iter().max().unwrap()).unwrap());
            }
        }
    }
}
