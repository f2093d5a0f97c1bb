//! Items counted inside a partition.

use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

/// How many items (records or files) met which fate. Adds up over partitions to a run's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemCounts {
    /// Not there before.
    pub new: i64,
    /// There, with another content.
    pub updated: i64,
    /// There, equal.
    pub unchanged: i64,
    /// Gone upstream, removed here.
    pub deleted: i64,
    /// Tried, given up.
    pub failed: i64,
    /// Left out on purpose.
    pub skipped: i64,
}

impl ItemCounts {
    /// Items now at the destination as upstream has them.
    #[must_use]
    pub fn stored(&self) -> i64 {
        self.new + self.updated + self.unchanged
    }
}

impl Add for ItemCounts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            new: self.new + other.new,
            updated: self.updated + other.updated,
            unchanged: self.unchanged + other.unchanged,
            deleted: self.deleted + other.deleted,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl AddAssign for ItemCounts {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
