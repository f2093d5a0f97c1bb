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
}

/// Read: which records, which opened row, which run is told of, what stands in the form.
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
        pairs.join("&")
    }

    /// The page's address with something else asked.
    pub(super) fn but(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        change(&mut other);
        format!("/stocks?{}", other.query())
    }
}
