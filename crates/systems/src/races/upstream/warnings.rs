//! What could not be read of an answer that was read.

use std::collections::{BTreeMap, BTreeSet};

use super::scalar::Unread;
use super::words;

/// Values and rows that were left out, for the message of a dataset and for what may be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Warnings {
    /// Rows left out, by the member they lack.
    skipped: BTreeMap<&'static str, usize>,
    /// Members with values that are none.
    unread: BTreeSet<&'static str>,
    /// Rows left out because there was another of the same.
    doubled: usize,
}

impl Warnings {
    /// The value, or nothing and a note.
    pub(super) fn note<T>(&mut self, name: &'static str, read: Result<Option<T>, Unread>) -> Option<T> {
        read.unwrap_or_else(|Unread| {
            self.unread.insert(name);
            None
        })
    }

    /// A row is left out because it lacks something.
    pub(super) fn skip(&mut self, lacking: &'static str) {
        *self.skipped.entry(lacking).or_default() += 1;
    }

    /// A row is left out because there is another of the same.
    pub(super) fn double(&mut self) {
        self.doubled += 1;
    }

    /// Whether what was read is all there is: only then may what is not in it be deleted.
    pub(crate) fn is_whole(&self) -> bool {
        self.skipped.is_empty()
    }

    /// For people; nothing when there is nothing to say.
    pub(crate) fn message(&self) -> Option<String> {
        let mut parts: Vec<String> =
            self.skipped.iter().map(|(lacking, rows)| words::skipped(*rows, lacking)).collect();
        if self.doubled > 0 {
            parts.push(words::doubled(self.doubled));
        }
        if !self.unread.is_empty() {
            let names: Vec<&str> = self.unread.iter().copied().collect();
            parts.push(words::unread(&names.join("、")));
        }
        (!parts.is_empty()).then(|| parts.join("；"))
    }
}
