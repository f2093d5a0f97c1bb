//! RECORD: a row of the ledger as documented.

use model::ledger::LedgerRow;
use serde::Serialize;

use crate::stocks::{check, progress, shanghai};

/// A row of `daily_sync_status`; every key is always there.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    id: i64,
    sync_date: String,
    status: String,
    total_records: i64,
    success_count: i64,
    failed_count: i64,
    start_time: Option<String>,
    end_time: Option<String>,
    duration_seconds: Option<i64>,
    error_message: Option<String>,
    remarks: Option<String>,
    process_id: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<LedgerRow> for Record {
    fn from(row: LedgerRow) -> Self {
        let took = row.started_at.zip(row.ended_at);
        Self {
            id: row.id,
            status: check::status_word(&row).to_owned(),
            sync_date: row.key,
            total_records: row.total,
            success_count: row.succeeded,
            failed_count: row.failed,
            start_time: row.started_at.map(shanghai::iso),
            end_time: row.ended_at.map(shanghai::iso),
            duration_seconds: took.map(|(from, to)| progress::whole_seconds(from, to)),
            error_message: row.fault_message,
            remarks: row.message,
            process_id: row.process_id,
            created_at: shanghai::iso(row.created_at),
            updated_at: shanghai::iso(row.updated_at),
        }
    }
}
