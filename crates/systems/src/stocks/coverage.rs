//! What is there of each day: trading or not, status, stored rows, failed stocks, adjustment.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::check::{self, Day};
use super::look::Unreadable;
use super::plan::days_of;
use super::{Stocks, shanghai};

/// A day and what is there of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoveredDay {
    /// The day.
    #[schema(example = "2025-10-09")]
    pub date: String,
    /// `trading`, `closed` or `unknown`.
    pub day: &'static str,
    /// The record's `pending`, `syncing`, `success`, `failed` or `skipped`; null without a record.
    pub status: Option<String>,
    /// Whether it needs a sync.
    pub need_sync: bool,
    /// Why it does, or does not.
    pub reason: String,
    /// Bars stored.
    pub stored_rows: i64,
    /// Stocks on the list of failures.
    pub failed_stocks: i64,
    /// Adjustments of the bars: 1 back, 2 forward, 3 none.
    pub adjustflags: Vec<i16>,
    /// The record's remarks.
    pub remarks: Option<String>,
    /// The record's error.
    pub error_message: Option<String>,
}

/// Days behind today that need a sync, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MissingDays {
    /// Trading days.
    pub dates: Vec<String>,
    /// Days that need one if the exchanges were open: the calendar does not know them yet.
    pub unknown: Vec<String>,
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

    /// What is missing of so many days behind today.
    ///
    /// # Errors
    /// State or destination cannot be read.
    pub async fn missing_days(&self, days: i64, now: Timestamp) -> Result<MissingDays, Unreadable> {
        let today = shanghai::today(now);
        let (first, last) = (shanghai::days_after(today, -days), shanghai::days_after(today, -1));
        let range = self.look(first, last, now).await?;
        let (trading, unknown): (Vec<Date>, Vec<Date>) = days_of(first, last)
            .into_iter()
            .filter(|date| range.is_missing(*date))
            .partition(|date| range.day(*date) == Day::Trading);
        let texts = |dates: Vec<Date>| dates.iter().map(Date::to_string).collect();
        Ok(MissingDays { dates: texts(trading), unknown: texts(unknown) })
    }
}
