//! The trading calendar: what is cached of it, and when the cache may not be trusted any more.

use connect::tables::{Destination, Select, TablesError, Value};
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

use super::check::Day;
use super::look::within;
use super::shanghai;
use super::tables::{CALENDAR, CalendarRow};

/// An entry about a day to come is asked for again after this long: holidays are moved.
const FRESH: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A cached entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) date: Date,
    trading: bool,
    /// Shanghai's wall clock.
    fetched_at: DateTime,
}

impl Entry {
    /// What it says; `None` when it must be asked for again. Final only if it was fetched on or after its own date;
    /// others hold for a week, and not beyond their own date.
    pub(crate) fn says(&self, now: Timestamp) -> Option<Day> {
        let is_final = self.fetched_at.date() >= self.date;
        let fetched = shanghai::moment(self.fetched_at.date(), self.fetched_at.time());
        let is_fresh = self.date > shanghai::today(now) && now.duration_since(fetched) < FRESH;
        (is_final || is_fresh).then_some(if self.trading { Day::Trading } else { Day::Closed })
    }
}

/// All that is cached of a range.
pub(crate) async fn cached(
    destination: &Destination,
    first: Date,
    last: Date,
) -> Result<Vec<Entry>, TablesError> {
    let select = within(Select::from(CALENDAR), "calendar_date", first, last).columns(&[
        "calendar_date",
        "is_trading_day",
        "fetched_at",
    ]);
    let rows = destination.rows(&select).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| match row.as_slice() {
            [Value::Date(date), Value::Int(open), Value::Timestamp(fetched_at)] => {
                Some(Entry { date: *date, trading: *open == 1, fetched_at: *fetched_at })
            }
            _ => None,
        })
        .collect())
}

/// Rows of a reply, to be cached. Rows that are not a date and a digit are left out: those days stay unknown.
pub(crate) fn rows<'a>(
    fields: &[&str],
    rows: impl Iterator<Item = Vec<&'a str>>,
    now: Timestamp,
) -> Vec<CalendarRow> {
    let at = |name: &str| fields.iter().position(|field| field.trim() == name);
    let (Some(date_at), Some(open_at)) = (at("calendar_date"), at("is_trading_day")) else {
        return Vec::new();
    };
    let fetched_at = whole_seconds(shanghai::civil(now));
    rows.filter_map(|row| {
        let is_trading_day = match row.get(open_at)?.trim() {
            "1" => 1,
            "0" => 0,
            _ => return None,
        };
        Some(CalendarRow {
            calendar_date: shanghai::parse_date(row.get(date_at)?.trim())?,
            is_trading_day,
            fetched_at,
        })
    })
    .collect()
}

/// The same wall clock without a fraction of a second.
pub(crate) fn whole_seconds(time: DateTime) -> DateTime {
    time.date().at(time.hour(), time.minute(), time.second(), 0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn says(day: Date, fetched: Date, now: Date) -> Option<Day> {
        let entry = Entry { date: day, trading: true, fetched_at: fetched.at(12, 0, 0, 0) };
        entry.says(shanghai::moment(now, jiff::civil::time(12, 0, 0, 0)))
    }

    #[test]
    fn an_entry_fetched_on_or_after_its_date_is_final() {
        let day = date(2025, 10, 9);
        assert_eq!(says(day, day, date(2026, 10, 9)), Some(Day::Trading));
        assert_eq!(says(day, date(2025, 10, 10), date(2026, 10, 9)), Some(Day::Trading));
    }

    #[test]
    fn an_entry_about_a_day_to_come_holds_for_a_week_and_not_beyond_its_date() {
        let day = date(2025, 10, 9);
        assert_eq!(says(day, date(2025, 10, 1), date(2025, 10, 7)), Some(Day::Trading));
        assert_eq!(says(day, date(2025, 10, 1), date(2025, 10, 8)), None);
        assert_eq!(says(day, date(2025, 10, 8), date(2025, 10, 9)), None);
        assert_eq!(says(day, date(2025, 10, 8), date(2025, 10, 20)), None);
    }

    #[test]
    fn what_is_no_entry_stays_unknown() {
        let fields = ["calendar_date", " is_trading_day"];
        let sent = [["2025-10-09", "1"], ["2025-10-10", ""], ["soon", "1"], ["2025-10-11", "0"]];
        let taken = rows(&fields, sent.iter().map(|row| row.to_vec()), Timestamp::UNIX_EPOCH);
        let taken: Vec<_> = taken.iter().map(|row| (row.calendar_date.day(), row.is_trading_day)).collect();
        assert_eq!(taken, [(9, 1), (11, 0)]);
    }
}
