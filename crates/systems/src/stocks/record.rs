//! RECORD: a row of the ledger as documented, and pages of them.

use engine::{LedgerFilter, Order, StoreError};
use jiff::civil::Date;
use model::ledger::{LedgerRow, LedgerState};
use serde::Serialize;

use super::{Stocks, check, progress, shanghai, sync_key};

/// A row of `daily_sync_status`; every key is always there. Times are Shanghai's, without a zone.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are those of the documented answer")]
pub struct Record {
    pub id: i64,
    pub sync_date: String,
    pub status: String,
    pub total_records: i64,
    pub success_count: i64,
    pub failed_count: i64,
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub duration_seconds: Option<i64>,
    pub error_message: Option<String>,
    pub remarks: Option<String>,
    pub process_id: Option<String>,
    pub created_at: String,
    pub updated_at: String,
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

/// Which records.
#[derive(Clone, Debug, Default)]
pub struct RecordFilter {
    /// The first day.
    pub first: Option<Date>,
    /// The last day.
    pub last: Option<Date>,
    /// The documented word of a status; one there is not matches nothing.
    pub status: Option<String>,
}

/// How many records of a filter have which status; `pending` counts in the total alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the keys are those of the documented answer")]
pub struct Stats {
    pub total: i64,
    pub success: i64,
    pub failed: i64,
    pub syncing: i64,
    pub skipped: i64,
}

/// One page of records, newest first.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are those of the documented answer")]
pub struct Records {
    pub records: Vec<Record>,
    pub total: i64,
    pub page: i64,
    pub page_size: i64,
    pub total_pages: i64,
    pub stats: Stats,
}

impl Stocks {
    /// A page of the records of a filter, with counts over the whole filter. `page` begins at 1.
    ///
    /// # Errors
    /// The state cannot be read.
    pub async fn records(
        &self,
        wanted: &RecordFilter,
        page: i64,
        page_size: i64,
    ) -> Result<Records, StoreError> {
        let mut filter = LedgerFilter {
            from: wanted.first.map(|date| date.to_string()),
            to: wanted.last.map(|date| date.to_string()),
            order: Order::Descending,
            ..LedgerFilter::default()
        };
        let mut stats = Stats::default();
        match wanted.status.as_deref().map(check::state_of) {
            // An unknown status matches nothing; the store must answer all the same.
            Some(None) => self.reader.ping().await?,
            known => {
                filter.states = known.flatten().into_iter().collect();
                stats = self.stats(&filter).await?;
            }
        }
        let offset = page.saturating_sub(1).saturating_mul(page_size);
        let records = match u32::try_from(offset) {
            Ok(offset) if i64::from(offset) < stats.total => {
                let limit = u32::try_from(page_size).ok();
                let filter = LedgerFilter { offset, limit, ..filter };
                self.reader.ledger(&sync_key(), &filter).await?.into_iter().map(Record::from).collect()
            }
            _ => Vec::new(),
        };
        let total = stats.total;
        let total_pages = (total + page_size - 1) / page_size;
        Ok(Records { records, total, page, page_size, total_pages, stats })
    }

    async fn stats(&self, filter: &LedgerFilter) -> Result<Stats, StoreError> {
        let mut stats = Stats::default();
        for (state, count) in self.reader.ledger_counts(&sync_key(), filter).await? {
            stats.total += count;
            match state {
                LedgerState::Succeeded => stats.success = count,
                LedgerState::Failed => stats.failed = count,
                LedgerState::Running => stats.syncing = count,
                LedgerState::Skipped => stats.skipped = count,
                LedgerState::Queued => {}
            }
        }
        Ok(stats)
    }
}
