//! What the address of the page says.

use model::task::{TaskRecordStatus, TaskSyncType, TaskTrigger};
use serde::Deserialize;

/// Records on a page.
pub(super) const PAGE_SIZE: i64 = 20;

/// As it came in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawAsked {
    #[serde(rename = "type")]
    sync_type: String,
    trigger: String,
    status: String,
    unread: String,
    page: String,
    record: String,
}

/// Read: which records, which page of them, and of which is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) sync_type: Option<TaskSyncType>,
    pub(super) trigger: Option<TaskTrigger>,
    pub(super) status: Option<TaskRecordStatus>,
    pub(super) unread: bool,
    pub(super) page: i64,
    pub(super) record: Option<i64>,
}

impl Default for Asked {
    fn default() -> Self {
        Self { sync_type: None, trigger: None, status: None, unread: false, page: 1, record: None }
    }
}

impl Asked {
    /// What can be read of it: an address that says something else shows what it would without.
    pub(super) fn read(raw: &RawAsked) -> Self {
        Self {
            sync_type: TaskSyncType::from_word(&raw.sync_type),
            trigger: TaskTrigger::from_word(&raw.trigger),
            status: TaskRecordStatus::from_word(&raw.status),
            unread: raw.unread == "1",
            page: raw.page.parse().ok().filter(|page| *page >= 1).unwrap_or(1),
            record: raw.record.parse().ok(),
        }
    }

    /// Any records at all are asked for.
    pub(super) fn is_any(&self) -> bool {
        Self { page: 1, record: None, ..self.clone() } == Self::default()
    }

    /// The same as a query, without what is not asked.
    pub(super) fn query(&self) -> String {
        let mut pairs = Vec::new();
        pairs.extend(self.sync_type.map(|word| format!("type={word}")));
        pairs.extend(self.trigger.map(|word| format!("trigger={word}")));
        pairs.extend(self.status.map(|word| format!("status={word}")));
        pairs.extend(self.unread.then(|| "unread=1".to_owned()));
        pairs.extend((self.page > 1).then(|| format!("page={}", self.page)));
        pairs.extend(self.record.map(|record| format!("record={record}")));
        pairs.join("&")
    }

    /// The page's address.
    pub(super) fn address(&self) -> String {
        let query = self.query();
        if query.is_empty() { "/tasks".to_owned() } else { format!("/tasks?{query}") }
    }

    /// The address of another page of the same records.
    pub(super) fn at(&self, page: i64) -> String {
        Self { page, ..self.clone() }.address()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_alike() {
        let raw = RawAsked {
            sync_type: "today".to_owned(),
            trigger: "auto".to_owned(),
            status: "partial".to_owned(),
            unread: "1".to_owned(),
            page: "3".to_owned(),
            record: "12".to_owned(),
        };
        let asked = Asked::read(&raw);
        assert_eq!(asked.query(), "type=today&trigger=auto&status=partial&unread=1&page=3&record=12");
        assert_eq!(asked.at(1), "/tasks?type=today&trigger=auto&status=partial&unread=1&record=12");
        assert!(!asked.is_any() && Asked::default().is_any());
        assert_eq!(Asked::default().address(), "/tasks");
    }

    #[test]
    fn what_cannot_be_read_is_not_asked() {
        let raw = RawAsked { status: "x".to_owned(), page: "-1".to_owned(), ..RawAsked::default() };
        assert_eq!(Asked::read(&raw), Asked::default());
    }
}
