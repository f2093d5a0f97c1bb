//! The shapes the API answers with.

pub(crate) mod event;
pub(crate) mod ledger;
pub(crate) mod partition;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod words;

use serde::Serialize;
use utoipa::ToSchema;

/// Of a fault.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct FaultView {
    /// Short and stable, for machines.
    pub(crate) code: String,
    /// For people.
    pub(crate) message: Option<String>,
}

impl FaultView {
    /// A fault's two columns; a message without a code is a warning and keeps the code `warning`.
    pub(crate) fn of(code: Option<String>, message: Option<String>) -> Option<Self> {
        match (code, message) {
            (None, None) => None,
            (code, message) => Some(Self { code: code.unwrap_or_else(|| "warning".to_owned()), message }),
        }
    }
}

/// Items by their fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ItemsView {
    /// Not there before.
    new: i64,
    /// There, with another content.
    updated: i64,
    /// There, equal.
    unchanged: i64,
    /// Gone upstream, removed here.
    deleted: i64,
    /// Tried, given up.
    failed: i64,
    /// Left out on purpose.
    skipped: i64,
}

impl From<model::counts::ItemCounts> for ItemsView {
    fn from(counts: model::counts::ItemCounts) -> Self {
        let model::counts::ItemCounts { new, updated, unchanged, deleted, failed, skipped } = counts;
        Self { new, updated, unchanged, deleted, failed, skipped }
    }
}
