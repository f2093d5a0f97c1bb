//! How alike two codes are, and which packages to recommend for a prefix that matches none.
//!
//! The measure is that of Ratcliff and Obershelp (1988) on code points: the longest common block, and again what lies
//! left and right of it. Which text comes first matters. All comparisons are of whole numbers, so that the threshold
//! is met exactly.

use std::cmp::Ordering;
use std::ops::Range;

use super::LeadPackage;

/// The share of two texts that lies in common blocks, `2 × matching / total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Similarity {
    /// Code points in common blocks.
    pub matching: u32,
    /// Code points of both texts.
    pub total: u32,
}

impl Similarity {
    /// How alike a prefix and a package's code are, in this order. Ties go to the smallest start in `a`, then in `b`.
    #[must_use]
    pub fn of(a: &str, b: &str) -> Self {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let mut matching = 0;
        let mut left = vec![(0..a.len(), 0..b.len())];
        while let Some((in_a, in_b)) = left.pop() {
            let block = longest_block(&a, &b, in_a.clone(), in_b.clone());
            if block.length > 0 {
                matching += block.length;
                left.push((in_a.start..block.a, in_b.start..block.b));
                left.push((block.a + block.length..in_a.end, block.b + block.length..in_b.end));
            }
        }
        Self { matching: saturated(matching), total: saturated(a.len() + b.len()) }
    }

    /// In hundredths, rounded half up; two empty texts are alike.
    #[must_use]
    pub fn percent(self) -> u32 {
        let (matching, total) = self.share();
        u32::try_from((400 * matching + total) / (2 * total)).unwrap_or(u32::MAX)
    }

    /// At least so many hundredths, without rounding.
    #[must_use]
    pub fn reaches(self, threshold: u32) -> bool {
        let (matching, total) = self.share();
        200 * matching >= u64::from(threshold) * total
    }

    fn compare(self, other: Self) -> Ordering {
        let ((m, t), (n, u)) = (self.share(), other.share());
        (m * u).cmp(&(n * t))
    }

    /// As numbers that can be divided: two empty texts are half and whole of the same thing.
    fn share(self) -> (u64, u64) {
        if self.total == 0 { (1, 2) } else { (u64::from(self.matching), u64::from(self.total)) }
    }
}

/// The packages of the prefix's region, the likest first; deleted ones are none. For a prefix that follows the rule
/// of names.
#[must_use]
pub fn recommend<'p>(
    prefix: &str,
    packages: impl Iterator<Item = &'p LeadPackage>,
) -> Vec<(&'p LeadPackage, Similarity)> {
    let region = prefix.split('-').next().unwrap_or_default();
    let mut candidates: Vec<(&LeadPackage, Similarity)> = packages
        .filter(|package| package.deleted_at.is_none() && package.region == region)
        .map(|package| (package, Similarity::of(prefix, &package.internal_code)))
        .collect();
    candidates.sort_by(|(a, alike_a), (b, alike_b)| {
        alike_b.compare(*alike_a).then_with(|| by_external_id(&a.external_id, &b.external_id))
    });
    candidates
}

/// Numbers by value, before everything else: comparing them with other ids as text would not be an order.
fn by_external_id(a: &str, b: &str) -> Ordering {
    let number = |id: &str| {
        let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| id.trim_start_matches('0').to_owned())
    };
    let by_value = |a: &str, b: &str| a.len().cmp(&b.len()).then_with(|| a.cmp(b));
    match (number(a), number(b)) {
        (Some(one), Some(other)) => by_value(&one, &other).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

struct Block {
    a: usize,
    b: usize,
    length: usize,
}

/// The longest block common to both ranges; of equals, the first in `a`, then in `b`.
fn longest_block(a: &[char], b: &[char], in_a: Range<usize>, in_b: Range<usize>) -> Block {
    let mut best = Block { a: in_a.start, b: in_b.start, length: 0 };
    let mut above = vec![0; in_b.len() + 1];
    for i in in_a {
        let mut lengths = vec![0; in_b.len() + 1];
        for (column, j) in in_b.clone().enumerate() {
            if a[i] != b[j] {
                continue;
            }
            let length = above[column] + 1;
            lengths[column + 1] = length;
            // Blocks are met by their ends: of equal length, the one met first also starts first.
            if length > best.length {
                best = Block { a: i + 1 - length, b: j + 1 - length, length };
            }
        }
        above = lengths;
    }
    best
}

fn saturated(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::task::PackageSource;

    fn package(external_id: &str, internal_code: &str) -> LeadPackage {
        LeadPackage {
            id: 1,
            external_id: external_id.to_owned(),
            name: internal_code.to_owned(),
            source: PackageSource::Purchased,
            region: internal_code.split('-').next().unwrap().to_owned(),
            grade: "高中".to_owned(),
            total_leads: None,
            valid_leads: None,
            available_leads: None,
            internal_code: internal_code.to_owned(),
            package_level: None,
            contact_rate: None,
            deleted_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn order<'p>(prefix: &str, packages: &'p [LeadPackage]) -> Vec<&'p str> {
        recommend(prefix, packages.iter()).iter().map(|(package, _)| package.external_id.as_str()).collect()
    }

    #[test]
    fn the_documented_pairs_are_as_alike_as_documented() {
        let table = [
            ("禹州-0826-高中-721", "禹州-0826-高中-1000", 12, 29, 83, true),
            ("禹州-0826-高中-721", "禹州-0908-高中-4868", 9, 29, 62, false),
            ("禹州-0826-高中-721", "禹州-0908B-高中-4868", 9, 30, 60, false),
            ("禹州-0826-高中-721", "淮安-0826-高中-1000", 10, 29, 69, false),
            ("淮安-0913A-高中-3747", "淮安-0913-高中-3747", 15, 31, 97, true),
            ("禹州-0915-高中-3606", "禹州-0115-高中-7030", 12, 30, 80, true),
            ("禹州-0115-高中-7030", "禹州-0915-高中-3606", 11, 30, 73, false),
            ("禹州-0319-高中-909", "禹州-0318-高中-1089", 11, 29, 76, false),
        ];
        for (a, b, matching, total, percent, reaches) in table {
            let alike = Similarity::of(a, b);
            assert_eq!(alike, Similarity { matching, total }, "{a} and {b}");
            assert_eq!((alike.percent(), alike.reaches(80)), (percent, reaches), "{a} and {b}");
        }
    }

    #[test]
    fn the_threshold_is_met_before_rounding() {
        let nearly = Similarity { matching: 159, total: 400 };
        assert_eq!((nearly.percent(), nearly.reaches(80)), (80, false));
        assert!(Similarity { matching: 160, total: 400 }.reaches(80));
        assert!(Similarity { matching: 1, total: 2 }.reaches(100));
    }

    #[test]
    fn nothing_and_nothing_are_alike() {
        let alike = Similarity::of("", "");
        assert_eq!((alike, alike.percent()), (Similarity { matching: 0, total: 0 }, 100));
        assert!(alike.reaches(100));
        assert_eq!(Similarity::of("淮安", "").percent(), 0);
    }

    #[test]
    fn packages_of_other_regions_and_deleted_ones_are_not_recommended() {
        let mut deleted = package("5", "禹州-0826-高中-721");
        deleted.deleted_at = Some(Timestamp::UNIX_EPOCH);
        let packages = [
            package("542025", "禹州-0908B-高中-4868"),
            package("557462", "禹州-0908-高中-4868"),
            deleted,
            package("550001", "淮安-0826-高中-1000"),
            package("541437", "禹州-0826-高中-1000"),
            package("542026", "禹州-0908C-高中-4868"),
        ];
        let found: Vec<_> = recommend("禹州-0826-高中-721", packages.iter())
            .iter()
            .map(|(package, alike)| (package.external_id.clone(), alike.percent()))
            .collect();
        let expected = [("541437", 83), ("557462", 62), ("542025", 60), ("542026", 60)];
        assert_eq!(found, expected.map(|(id, percent)| (id.to_owned(), percent)));
    }

    #[test]
    fn equally_alike_packages_come_by_the_value_of_their_ids() {
        let code = "禹州-0826-高中-1000";
        let packages = ["b", "1a", "10", "9", "00010", "12345678901234567890123"].map(|id| package(id, code));
        assert_eq!(order(code, &packages), ["9", "00010", "10", "12345678901234567890123", "1a", "b"]);
    }

    /// By the definition: every pair of starts, the longest block, then both sides.
    fn slow(a: &[char], b: &[char]) -> usize {
        let mut best = (0, 0, 0);
        for i in 0..a.len() {
            for j in 0..b.len() {
                let length = a[i..].iter().zip(&b[j..]).take_while(|(a, b)| a == b).count();
                if length > best.2 {
                    best = (i, j, length);
                }
            }
        }
        let (i, j, length) = best;
        if length == 0 {
            0
        } else {
            length + slow(&a[..i], &b[..j]) + slow(&a[i + length..], &b[j + length..])
        }
    }

    proptest! {
        #[test]
        fn the_measure_is_the_one_of_the_definition(a in "[ab禹0-]{0,14}", b in "[ab禹0-]{0,14}") {
            let (one, other): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            let expected = Similarity {
                matching: u32::try_from(slow(&one, &other)).unwrap(),
                total: u32::try_from(one.len() + other.len()).unwrap(),
            };
            prop_assert_eq!(Similarity::of(&a, &b), expected);
            prop_assert!(expected.percent() <= 100);
            prop_assert_eq!(Similarity::of(&a, &a).percent(), 100);
        }
    }
}
