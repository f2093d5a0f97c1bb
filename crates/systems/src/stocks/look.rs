//! What is known of dates, read in a constant number of queries: rows of the ledger, stored bars, the calendar.

use std::collections::{HashMap, HashSet};

use connect::tables::{Aggregate, Filter, Select, TablesError, Value};
use engine::{LedgerFilter, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use model::ledger::LedgerRow;

use super::check::{self, Check, Day, Known, Life, Need};
use super::tables::{BARS, FAILURES};
use super::{Stocks, calendar, sync_key};

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The state.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The destination.
    #[error(transparent)]
    Tables(#[from] TablesError),
}

/// All that is known of the days of a range.
#[derive(Debug, Default)]
pub(crate) struct Range {
    pub(crate) rows: HashMap<Date, LedgerRow>,
    pub(crate) stored: HashMap<Date, i64>,
    pub(crate) calendar: HashMap<Date, Day>,
    alive: HashSet<Date>,
}

impl Range {
    /// Whether a date of the range needs a sync.
    pub(crate) fn check(&self, date: Date) -> Check {
        let known = Known {
            rows: self.stored.get(&date).copied().unwrap_or(0),
            alive: if self.alive.contains(&date) { Life::Alive } else { Life::Gone },
            day: self.day(date),
        };
        check::check(self.rows.get(&date), known)
    }

    /// What the calendar says of a date of the range.
    pub(crate) fn day(&self, date: Date) -> Day {
        self.calendar.get(&date).copied().unwrap_or(Day::Unknown)
    }

    /// Whether it needs one, and the calendar does not speak against it.
    pub(crate) fn is_missing(&self, date: Date) -> bool {
        self.day(date) != Day::Closed && self.check(date).need == Need::Sync
    }
}

impl Stocks {
    /// Reads all that is known of `first` to `last`, in four queries whatever the range.
    pub(crate) async fn look(&self, first: Date, last: Date, now: Timestamp) -> Result<Range, Unreadable> {
        self.look_knowing(None, first, last, now).await
    }

    /// The same for who may know how many rows are stored for each day: counting reads every one of them.
    pub(crate) async fn look_knowing(
        &self,
        stored: Option<HashMap<Date, i64>>,
        first: Date,
        last: Date,
        now: Timestamp,
    ) -> Result<Range, Unreadable> {
        let filter = LedgerFilter {
            from: Some(first.to_string()),
            to: Some(last.to_string()),
            ..LedgerFilter::default()
        };
        let rows = self.reader.ledger(&sync_key(), &filter).await?;
        let rows = rows.into_iter().filter_map(|row| Some((row.key.parse().ok()?, row))).collect();
        let alive = check::living(&self.reader, now).await?;
        let stored = match stored {
            Some(stored) => stored,
            None => self.counts(BARS, "trade_date", first, last).await?,
        };
        let calendar = self.calendar_of(first, last, now).await?;
        Ok(Range { rows, stored, calendar, alive })
    }

    /// One date's check.
    pub(crate) async fn look_at(&self, date: Date, now: Timestamp) -> Result<Check, Unreadable> {
        Ok(self.look(date, date, now).await?.check(date))
    }

    /// What the cached calendar says of a range; days it may not speak of any more are left out.
    pub(crate) async fn calendar_of(
        &self,
        first: Date,
        last: Date,
        now: Timestamp,
    ) -> Result<HashMap<Date, Day>, TablesError> {
        let cached = calendar::cached(&self.destination, first, last).await?;
        Ok(cached.into_iter().filter_map(|entry| Some((entry.date, entry.says(now)?))).collect())
    }

    /// Failed stocks kept, by day.
    pub(crate) async fn failures_of(
        &self,
        first: Date,
        last: Date,
    ) -> Result<HashMap<Date, i64>, TablesError> {
        self.counts(FAILURES, "trade_date", first, last).await
    }

    /// Rows stored for a date.
    pub(crate) async fn stored(&self, date: Date) -> Result<i64, TablesError> {
        let select = Select::from(BARS).aggregate(&[Aggregate::Count]).filter(Filter::eq("trade_date", date));
        self.destination.number(&select).await
    }

    /// Which adjustments the rows of each day have; a day may have several.
    pub(crate) async fn adjustments(
        &self,
        first: Date,
        last: Date,
    ) -> Result<HashMap<Date, Vec<i16>>, TablesError> {
        let select =
            within(Select::from(BARS), "trade_date", first, last).group_by(&["trade_date", "adjustflag"]);
        let mut found: HashMap<Date, Vec<i16>> = HashMap::new();
        for row in self.destination.rows(&select).await? {
            if let [Value::Date(date), Value::Int(flag), ..] = row.as_slice() {
                found.entry(*date).or_default().push(i16::try_from(*flag).unwrap_or(0));
            }
        }
        Ok(found)
    }

    async fn counts(
        &self,
        table: &'static connect::tables::Table,
        column: &str,
        first: Date,
        last: Date,
    ) -> Result<HashMap<Date, i64>, TablesError> {
        let select = within(Select::from(table), column, first, last)
            .aggregate(&[Aggregate::Count])
            .group_by(&[column]);
        let rows = self.destination.rows(&select).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| match row.as_slice() {
                [Value::Date(date), Value::Int(count)] => Some((*date, *count)),
                _ => None,
            })
            .collect())
    }
}

/// Rows whose date is within the bounds.
pub(crate) fn within(select: Select, column: &str, first: Date, last: Date) -> Select {
    select.filter(Filter::from(column, first)).filter(Filter::to(column, last))
}
