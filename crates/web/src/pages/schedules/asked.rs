//! What the addresses of the pages say.

use serde::Deserialize;

/// Of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AskedList {
    page: String,
    started: String,
}

impl AskedList {
    /// Which page of it, from 1.
    pub(super) fn page(&self) -> u32 {
        self.page.parse().unwrap_or(1).max(1)
    }

    /// The run that a form just made.
    pub(super) fn started(&self) -> Option<i64> {
        self.started.parse().ok()
    }
}

/// Of the page of one: a rule to be explained, and what a form just did.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AskedOne {
    cron: Option<String>,
    time_zone: Option<String>,
    started: String,
    changed: String,
}

/// What a form just did, said on top of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    Started(i64),
    Changed,
}

impl AskedOne {
    /// The rule typed, where one was.
    pub(super) fn typed(self) -> Option<(String, String)> {
        Some((self.cron?, self.time_zone?))
    }

    pub(super) fn told(&self) -> Told {
        match self.started.parse() {
            Ok(run) => Told::Started(run),
            Err(_) if !self.changed.is_empty() => Told::Changed,
            Err(_) => Told::Nothing,
        }
    }
}
