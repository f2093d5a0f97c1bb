//! The ledger, as the API shows it.

use jiff::Timestamp;
use model::ledger::{LedgerRow, LedgerState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::FaultView;
use super::words::LedgerStateWord;

/// The newest outcome of one key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LedgerRowView {
    /// Which partition key.
    #[schema(example = "2025-10-09")]
    key: String,
    /// The newest outcome.
    #[schema(value_type = LedgerStateWord)]
    state: &'static str,
    /// The run that wrote it last.
    run_id: Option<i64>,
    /// Items in all, as the system counts them.
    total: i64,
    /// Items that succeeded.
    succeeded: i64,
    /// Items that failed.
    failed: i64,
    /// What the system remarks, in its documented words.
    message: Option<String>,
    /// The fault, when failed; a success may carry a warning here.
    fault: Option<FaultView>,
    /// What the system keeps of its own about the key.
    #[schema(value_type = Option<Object>)]
    detail: Option<Value>,
    /// Begin of the newest try.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// End of the newest try.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Last written.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<LedgerRow> for LedgerRowView {
    fn from(row: LedgerRow) -> Self {
        Self {
            key: row.key,
            state: row.state.as_str(),
            run_id: row.run_id.map(|id| id.0),
            total: row.total,
            succeeded: row.succeeded,
            failed: row.failed,
            message: row.message,
            fault: FaultView::of(row.fault_code, row.fault_message),
            detail: row.detail,
            started_at: row.started_at,
            ended_at: row.ended_at,
            updated_at: row.updated_at,
        }
    }
}

/// How many keys are in which state.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct LedgerCountsView {
    /// Known and to be done.
    queued: i64,
    /// Being done now.
    running: i64,
    /// There.
    succeeded: i64,
    /// Nothing to do.
    skipped: i64,
    /// Tried, not there.
    failed: i64,
}

impl FromIterator<(LedgerState, i64)> for LedgerCountsView {
    fn from_iter<I: IntoIterator<Item = (LedgerState, i64)>>(counts: I) -> Self {
        let mut view = Self::default();
        for (state, count) in counts {
            let place = match state {
                LedgerState::Queued => &mut view.queued,
                LedgerState::Running => &mut view.running,
                LedgerState::Succeeded => &mut view.succeeded,
                LedgerState::Skipped => &mut view.skipped,
                LedgerState::Failed => &mut view.failed,
            };
            *place += count;
        }
        view
    }
}

/// A key that a plan wants and the ledger does not show as done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct GapView {
    /// The key.
    pub(crate) key: String,
    /// What the ledger says of it; null when it says nothing.
    #[schema(value_type = Option<LedgerStateWord>)]
    pub(crate) state: Option<&'static str>,
    /// The last fault.
    pub(crate) fault: Option<FaultView>,
}
