//! What is there of each day: trading or not, status, stored rows, failed stocks, adjustment.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::Stocks;
use super::check::{self, Day};
use super::look::Unreadable;
use super::plan::days_of;

/// A day and what is there of it.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the keys are those of the native answer")]
pub struct CoveredDay {
    pub date: String,
    /// `trading`, `closed` or `unknown`.
    pub day: &'static str,
    /// The documented word; `None` without a record.
    pub status: Option<String>,
    pub need_sync: bool,
    pub reason: String,
    pub stored_rows: i64,
    pub failed_stocks: i64,
    pub adjustflags: Vec<i16>,
    pub remarks: Option<String>,
    pub error_message: Option<String>,
}

fn day_word(day: Day) -> &'static str {
    match day {
        Day::Trading => "trading",
        Day::Closed => "closed",
        Day::Unknown => "unknown",
    }
}

impl Stocks {
    /// Every day of a range, ascending. Reads stored rows of the whole range: a few years at most.
    ///
    /// # Errors
    /// State or destination cannot be read.
    pub async fn coverage(
        &self,
        first: Date,
        last: Date,
        now: Timestamp,
    ) -> Result<Vec<CoveredDay>, Unreadable> {
        let range = self.look(first, last, now).await?;
        let failed = self.failures_of(first, last).await?;
        let mut adjustments = self.adjustments(first, last).await?;
        let days = days_of(first, last).into_iter().map(|date| {
            let check = range.check(date);
            let row = range.rows.get(&date);
            CoveredDay {
                date: date.to_string(),
                day: day_word(range.day(date)),
                status: row.map(|row| check::status_word(row).to_owned()),
                need_sync: check.need == check::Need::Sync,
                reason: check.reason,
                stored_rows: range.stored.get(&date).copied().unwrap_or(0),
                failed_stocks: failed.get(&date).copied().unwrap_or(0),
                adjustflags: adjustments.remove(&date).unwrap_or_default(),
                remarks: row.and_then(|row| row.message.clone()),
                error_message: row.and_then(|row| row.fault_message.clone()),
            }
        });
        Ok(days.collect())
    }
}
