//! What the address of the page says.

use serde::Deserialize;

/// As it came in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawAsked {
    show: String,
    page: String,
    before: String,
    sent: String,
}

/// Which partitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Show {
    #[default]
    All,
    Failed,
}

/// How often the form was sent that led here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Once,
    Twice,
}

/// Read: which partitions, which page of them, which piece of the log. What cannot be read is not asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) show: Show,
    pub(super) page: i64,
    /// Lines older than this one; the newest, and the live ones, when `None`.
    pub(super) before: Option<i64>,
    /// Told once: no link of the page says it again.
    pub(super) sent: Sent,
}

/// Pages that a run of the largest plan has, and room.
const PAGES_MAX: i64 = 1_000_000;

impl Asked {
    pub(super) fn read(raw: &RawAsked) -> Self {
        Self {
            show: if raw.show == "failed" { Show::Failed } else { Show::All },
            page: raw.page.parse().unwrap_or(1).clamp(1, PAGES_MAX),
            before: raw.before.parse().ok(),
            sent: if raw.sent == "twice" { Sent::Twice } else { Sent::Once },
        }
    }

    /// The same as a query, without what is not asked.
    pub(super) fn query(&self) -> String {
        let mut pairs = Vec::new();
        pairs.extend((self.show == Show::Failed).then(|| "show=failed".to_owned()));
        pairs.extend((self.page > 1).then(|| format!("page={}", self.page)));
        pairs.extend(self.before.map(|line| format!("before={line}")));
        pairs.join("&")
    }

    /// The query with something else asked.
    pub(super) fn but(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        change(&mut other);
        format!("?{}", other.query())
    }
}
