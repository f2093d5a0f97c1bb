//! Whether a day needs a sync, and why: one pure table.

use engine::Reader;
use jiff::civil::Date;
use model::ledger::{LedgerRow, LedgerState};

use super::labels;

/// Whether the calendar knows a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    /// The exchanges trade.
    Trading,
    /// They do not.
    Closed,
    /// Nobody asked yet, or too long ago.
    Unknown,
}

/// What is known of a date beside its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Rows stored for it.
    pub rows: i64,
    /// Whether a living worker holds it.
    pub alive: Life,
    /// What the calendar says.
    pub day: Day,
}

/// Whether a day's work is in somebody's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// A lease is held on it.
    Alive,
    /// None is.
    Gone,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// What shall be done.
    pub need: Need,
    /// Why, in the documented words.
    pub reason: String,
}

/// Whether a sync is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It is.
    Sync,
    /// It is not.
    Nothing,
}

/// The documented word of a row's state. Rows taken over keep a word of their own that we have no state for, until a
/// run has written them.
#[must_use]
pub(super) fn status_word(row: &LedgerRow) -> &str {
    if row.run_id.is_none()
        && let Some(word) = row.detail.as_ref().and_then(|detail| detail.get(FOREIGN)?.as_str())
    {
        return word;
    }
    match row.state {
        LedgerState::Queued => "pending",
        LedgerState::Running => "syncing",
        LedgerState::Succeeded => "success",
        LedgerState::Skipped => "skipped",
        LedgerState::Failed => "failed",
    }
}

/// The state of a documented word; `None` for any other.
#[must_use]
pub(super) fn state_of(word: &str) -> Option<LedgerState> {
    Some(match word {
        "pending" => LedgerState::Queued,
        "syncing" => LedgerState::Running,
        "success" => LedgerState::Succeeded,
        "skipped" => LedgerState::Skipped,
        "failed" => LedgerState::Failed,
        _ => return None,
    })
}

/// Where a row taken over keeps a status that is none of ours.
pub(crate) const FOREIGN: &str = "status";

/// Decides over one date.
#[must_use]
pub(super) fn check(row: Option<&LedgerRow>, known: Known) -> Check {
    let sync = |reason: String| Check { need: Need::Sync, reason };
    let nothing = |reason: String| Check { need: Need::Nothing, reason };
    let Some(row) = row else { return sync("未找到同步记录，需要同步".to_owned()) };
    let word = status_word(row);
    if state_of(word).is_none() {
        return sync(format!("未知状态 {word}，建议同步"));
    }
    let process = row.process_id.as_deref().unwrap_or_default();
    match (row.state, known.alive) {
        (LedgerState::Queued, _) => sync("状态为待同步".to_owned()),
        (LedgerState::Failed, _) => sync("上次同步失败，需要重新同步".to_owned()),
        (LedgerState::Running, Life::Alive) => nothing(format!("同步进程 {process} 正在运行中")),
        (LedgerState::Running, Life::Gone) if process.is_empty() => {
            sync("同步中但无进程ID，需要重新同步".to_owned())
        }
        (LedgerState::Running, Life::Gone) => sync(format!("同步进程 {process} 已停止，需要重新同步")),
        (LedgerState::Succeeded, _) if known.rows == 0 => {
            sync("状态为 success 但无数据，需要重新同步".to_owned())
        }
        (LedgerState::Succeeded, _) => nothing("状态为 success，无需同步".to_owned()),
        (LedgerState::Skipped, _) if row.message.as_deref() == Some(labels::UNPUBLISHED) => {
            sync("数据尚未发布，需要重新同步".to_owned())
        }
        // Final because of the calendar, not because of the row.
        (LedgerState::Skipped, _) if known.day == Day::Trading => sync(format!("未知状态 {word}，建议同步")),
        (LedgerState::Skipped, _) => nothing("状态为 skipped，无需同步".to_owned()),
    }
}

/// The dates among the living keys of the sync.
pub(crate) async fn living(
    reader: &Reader,
    now: jiff::Timestamp,
) -> Result<std::collections::HashSet<Date>, engine::StoreError> {
    let keys = reader.living(&super::sync_key(), now).await?;
    Ok(keys.iter().filter_map(|key| key.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::id::RunId;
    use serde_json::json;

    use super::*;

    fn row(state: LedgerState) -> LedgerRow {
        LedgerRow {
            id: 1,
            sync: crate::stocks::sync_key(),
            key: "2025-10-09".into(),
            state,
            run_id: None,
            process_id: Some("4711".into()),
            total: 0,
            succeeded: 0,
            failed: 0,
            message: None,
            fault_code: None,
            fault_message: None,
            detail: None,
            started_at: None,
            ended_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    const KNOWN: Known = Known { rows: 5, alive: Life::Gone, day: Day::Unknown };

    fn reason(row: Option<&LedgerRow>, known: Known) -> (bool, String) {
        let check = check(row, known);
        (check.need == Need::Sync, check.reason)
    }

    #[test]
    fn every_reason_is_the_documented_one() {
        use LedgerState::{Failed, Queued, Running, Skipped, Succeeded};
        let said = |state, known| reason(Some(&row(state)), known);
        let alive = Known { alive: Life::Alive, ..KNOWN };
        let empty = Known { rows: 0, ..KNOWN };
        assert_eq!(reason(None, KNOWN), (true, "未找到同步记录，需要同步".into()));
        assert_eq!(said(Queued, KNOWN), (true, "状态为待同步".into()));
        assert_eq!(said(Failed, KNOWN), (true, "上次同步失败，需要重新同步".into()));
        assert_eq!(said(Running, KNOWN), (true, "同步进程 4711 已停止，需要重新同步".into()));
        assert_eq!(said(Running, alive), (false, "同步进程 4711 正在运行中".into()));
        assert_eq!(said(Succeeded, empty), (true, "状态为 success 但无数据，需要重新同步".into()));
        assert_eq!(said(Succeeded, KNOWN), (false, "状态为 success，无需同步".into()));
        assert_eq!(said(Skipped, KNOWN), (false, "状态为 skipped，无需同步".into()));

        let nameless = LedgerRow { process_id: None, ..row(Running) };
        assert_eq!(reason(Some(&nameless), KNOWN), (true, "同步中但无进程ID，需要重新同步".into()));
        let unpublished = LedgerRow { message: Some(labels::UNPUBLISHED.into()), ..row(Skipped) };
        assert_eq!(reason(Some(&unpublished), KNOWN), (true, "数据尚未发布，需要重新同步".into()));
        let foreign = LedgerRow { detail: Some(json!({ "status": "done" })), ..row(Queued) };
        assert_eq!(reason(Some(&foreign), KNOWN), (true, "未知状态 done，建议同步".into()));
        let tried = LedgerRow { state: Failed, run_id: Some(RunId(1)), ..foreign };
        assert_eq!(reason(Some(&tried), KNOWN), (true, "上次同步失败，需要重新同步".into()));
    }

    #[test]
    fn a_closed_day_is_due_again_when_the_calendar_changes() {
        let closed = LedgerRow { message: Some(labels::CLOSED.into()), ..row(LedgerState::Skipped) };
        let check = |day| check(Some(&closed), Known { day, ..KNOWN }).need;
        assert_eq!(check(Day::Closed), Need::Nothing);
        assert_eq!(check(Day::Unknown), Need::Nothing);
        assert_eq!(check(Day::Trading), Need::Sync);
    }
}
