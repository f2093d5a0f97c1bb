//! What the address of the page says.

use jiff::civil::Date;
use serde::Deserialize;
use systems::stocks::parse_date;

/// As it came in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawAsked {
    from: String,
    to: String,
    status: String,
    page: String,
    open: String,
    task: String,
    start_date: String,
    end_date: String,
    month: String,
}

/// Read: which records, which opened row, which run is told of, what stands in the form, which months.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) from: Option<Date>,
    pub(super) to: Option<Date>,
    pub(super) status: Option<String>,
    pub(super) page: i64,
    pub(super) open: Option<Date>,
    pub(super) task: Option<i64>,
    pub(super) start_date: Option<Date>,
    pub(super) end_date: Option<Date>,
    /// The first day of the last month of the calendar; this month when `None`.
    pub(super) month: Option<Date>,
}

impl Asked {
    /// What can be read of it, and whether a date was none.
    pub(super) fn read(raw: RawAsked) -> (Self, bool) {
        let mut bad = false;
        let mut date = |text: &str| {
            let date = parse_date(text);
            bad |= date.is_none() && !text.is_empty();
            date
        };
        let asked = Self {
            from: date(&raw.from),
            to: date(&raw.to),
            open: date(&raw.open),
            start_date: date(&raw.start_date),
            end_date: date(&raw.end_date),
            status: Some(raw.status)
                .filter(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())),
            page: raw.page.parse().unwrap_or(1).max(1),
            task: raw.task.parse().ok(),
            month: parse_date(&format!("{}-01", raw.month)),
        };
        (asked, bad)
    }

    /// The same as a query, without what is not asked.
    pub(super) fn query(&self) -> String {
        let mut pairs = Vec::new();
        let dates = [
            ("from", self.from),
            ("to", self.to),
            ("open", self.open),
            ("start_date", self.start_date),
            ("end_date", self.end_date),
        ];
        for (name, date) in dates {
            pairs.extend(date.map(|date| format!("{name}={date}")));
        }
        pairs.extend(self.status.as_ref().map(|word| format!("status={word}")));
        pairs.extend((self.page > 1).then(|| format!("page={}", self.page)));
        pairs.extend(self.task.map(|task| format!("task={task}")));
        pairs.extend(self.month.map(|month| format!("month={}", month.strftime("%Y-%m"))));
        pairs.join("&")
    }

    /// The page's address with something else asked.
    pub(super) fn but(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        change(&mut other);
        format!("/stocks?{}", other.query())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_asked_again() {
        let raw = RawAsked {
            from: "2025-10-01".to_owned(),
            open: "2025-10-09".to_owned(),
            task: "7".to_owned(),
            month: "2025-10".to_owned(),
            ..RawAsked::default()
        };
        let (asked, bad) = Asked::read(raw);
        assert!(!bad);
        assert_eq!(asked.query(), "from=2025-10-01&open=2025-10-09&task=7&month=2025-10");
        let unread = Asked::read(RawAsked { month: "soon".to_owned(), ..RawAsked::default() }).0;
        assert_eq!(unread.query(), "");
    }
}
