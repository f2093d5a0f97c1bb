//! The documented bodies, key for key.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::task::{TaskRecord, TaskRowFault};
use serde::Serialize;

use crate::tasks::labels;

/// A record in a list: exactly these keys.
#[derive(Serialize)]
pub(super) struct Record {
    id: i64,
    sync_type: &'static str,
    sync_type_label: &'static str,
    trigger_type: &'static str,
    trigger_type_label: &'static str,
    status: &'static str,
    status_label: &'static str,
    start_time: String,
    end_time: Option<String>,
    duration: Option<i64>,
    tasks_total: i64,
    tasks_new: i64,
    tasks_updated: i64,
    tasks_matched: i64,
    tasks_pending: i64,
    tasks_failed: i64,
    retry_count: i64,
    max_retries: i64,
    is_read: bool,
    read_at: Option<String>,
    created_at: String,
}

/// A record alone: the same and why it failed.
#[derive(Serialize)]
pub(super) struct Detail {
    #[serde(flatten)]
    record: Record,
    error_message: Option<String>,
    error_details: Option<Vec<TaskRowFault>>,
}

/// What is counted of a run that ended.
#[derive(Serialize)]
pub(super) struct Summary {
    total: i64,
    new: i64,
    updated: i64,
    matched: i64,
    pending: i64,
    failed: i64,
    duration: i64,
}

/// A run that ended.
#[derive(Serialize)]
pub(super) struct Ended {
    success: bool,
    record_id: i64,
    summary: Summary,
}

/// A run that goes on.
#[derive(Serialize)]
pub(super) struct Accepted {
    success: bool,
    record_id: i64,
    status: &'static str,
}

/// A message alone.
#[derive(Serialize)]
pub(super) struct Said {
    success: bool,
    message: &'static str,
}

/// Data alone.
#[derive(Serialize)]
pub(super) struct Found<T> {
    success: bool,
    data: T,
}

/// A page of records.
#[derive(Serialize)]
pub(super) struct Records {
    pub(super) records: Vec<Record>,
    pub(super) total: i64,
    pub(super) page: i64,
    pub(super) per_page: i64,
    pub(super) pages: i64,
    pub(super) unread_count: i64,
}

/// Both types.
#[derive(Serialize)]
pub(super) struct Status {
    pub(super) historical: Standing,
    pub(super) today: Standing,
}

/// How a type stands.
#[derive(Serialize)]
pub(super) struct Standing {
    pub(super) syncing: bool,
    pub(super) locked_by: Option<String>,
    pub(super) last_sync: Option<Record>,
}

/// Local, whole seconds, no offset.
fn naive(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

impl Record {
    pub(super) fn of(record: &TaskRecord, zone: &TimeZone) -> Self {
        let counters = &record.counters;
        Self {
            id: record.id,
            sync_type: record.sync_type.as_str(),
            sync_type_label: labels::sync_type(record.sync_type),
            trigger_type: record.trigger.as_str(),
            trigger_type_label: labels::trigger(record.trigger),
            status: record.status.as_str(),
            status_label: labels::status(record.status),
            start_time: naive(record.started_at, zone),
            end_time: record.ended_at.map(|at| naive(at, zone)),
            duration: record.duration_seconds(),
            tasks_total: counters.total,
            tasks_new: counters.new,
            tasks_updated: counters.updated,
            tasks_matched: counters.matched,
            tasks_pending: counters.pending,
            tasks_failed: counters.failed,
            retry_count: record.retry_count,
            max_retries: record.max_retries,
            is_read: record.read_at.is_some(),
            read_at: record.read_at.map(|at| naive(at, zone)),
            created_at: naive(record.created_at, zone),
        }
    }
}

impl Detail {
    pub(super) fn of(record: TaskRecord, zone: &TimeZone) -> Self {
        Self {
            record: Record::of(&record, zone),
            error_message: record.error_message,
            error_details: record.error_details,
        }
    }
}

impl From<&TaskRecord> for Ended {
    fn from(record: &TaskRecord) -> Self {
        let counters = &record.counters;
        let summary = Summary {
            total: counters.total,
            new: counters.new,
            updated: counters.updated,
            matched: counters.matched,
            pending: counters.pending,
            failed: counters.failed,
            duration: record.duration_seconds().unwrap_or_default(),
        };
        Self { success: true, record_id: record.id, summary }
    }
}

impl Accepted {
    pub(super) fn of(record: &TaskRecord) -> Self {
        Self { success: true, record_id: record.id, status: "running" }
    }
}

pub(super) fn said(message: &'static str) -> Said {
    Said { success: true, message }
}

pub(super) fn found<T>(data: T) -> Found<T> {
    Found { success: true, data }
}
