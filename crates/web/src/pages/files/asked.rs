//! What the address of the pages says.

use model::file::run::{FileItemStatus, FileOp};
use serde::Deserialize;
use systems::files::FileItemFilter;

use crate::pages::address::address;

/// The query as it came in. What cannot be read is as if it were not there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawAsked {
    pub(super) page: String,
    /// The run that was asked for just now.
    pub(super) run: String,
    /// What was done just now: `saved`, `stopping`.
    pub(super) told: String,
    pub(super) op: String,
    pub(super) status: String,
    pub(super) after: String,
}

impl RawAsked {
    pub(super) fn page(&self) -> i64 {
        self.page.parse().ok().filter(|page| *page >= 1).unwrap_or(1)
    }

    pub(super) fn run(&self) -> Option<i64> {
        self.run.parse().ok()
    }

    pub(super) fn after(&self) -> i64 {
        self.after.parse().unwrap_or(0)
    }

    pub(super) fn op(&self) -> Option<FileOp> {
        FileOp::from_word(&self.op)
    }

    pub(super) fn status(&self) -> Option<FileItemStatus> {
        FileItemStatus::from_word(&self.status)
    }

    pub(super) fn filter(&self) -> FileItemFilter {
        FileItemFilter { status: self.status(), op: self.op() }
    }

    /// All items from the first on.
    pub(super) fn is_plain(&self) -> bool {
        self.op().is_none() && self.status().is_none() && self.after() == 0
    }

    /// The address of the same page with something else asked.
    pub(super) fn but(&self, path: &str, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        change(&mut other);
        other.at(path)
    }

    /// What was asked, without the question mark.
    pub(super) fn query(&self) -> String {
        self.at("").trim_start_matches('?').to_owned()
    }

    fn at(&self, path: &str) -> String {
        let pairs = [
            ("page", &self.page),
            ("run", &self.run),
            ("told", &self.told),
            ("op", &self.op),
            ("status", &self.status),
            ("after", &self.after),
        ];
        let asked = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        address(path, asked.map(|(name, value)| (name, value.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_asked_again_and_what_is_none_is_not() {
        let asked = RawAsked { op: "add".to_owned(), after: "200".to_owned(), ..RawAsked::default() };
        assert_eq!(asked.query(), "op=add&after=200");
        assert_eq!(asked.but("/x", |asked| asked.after.clear()), "/x?op=add");
        assert!(!asked.is_plain());
        let odd = RawAsked { op: "fly".to_owned(), page: "-1".to_owned(), ..RawAsked::default() };
        assert!(odd.is_plain());
        assert_eq!(odd.page(), 1);
    }
}
