//! The operations this product asks of the service, and its paging.
//!
//! Replies are [`Records`]; an empty one is an answer, not an error.

use jiff::civil::Date;
use model::fault::Fault;

use super::frame::Kind;
use super::records::{Records, Row};
use super::session::{Client, Layout, Operation};
use super::trouble::Trouble;

/// Pages of one question: the longest list has a handful.
const PAGES_MAX: u32 = 100;

/// How prices before a dividend are made comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Adjust {
    /// 1: old prices stay, newer ones are raised.
    Backward,
    /// 2: the newest price stays, older ones are lowered. A snapshot as of the day of asking.
    Forward,
    /// 3: prices as traded.
    None,
}

impl Adjust {
    /// The service's flag.
    pub fn flag(self) -> u8 {
        match self {
            Self::Backward => 1,
            Self::Forward => 2,
            Self::None => 3,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Backward => "1",
            Self::Forward => "2",
            Self::None => "3",
        }
    }
}

impl TryFrom<u8> for Adjust {
    type Error = u8;

    fn try_from(flag: u8) -> Result<Self, u8> {
        match flag {
            1 => Ok(Self::Backward),
            2 => Ok(Self::Forward),
            3 => Ok(Self::None),
            other => Err(other),
        }
    }
}

/// `0^success^method^user^page^page size^rows` and then what was asked, the field names among it.
const fn paged(fields: usize) -> Layout {
    Layout { rows: 6, fields, page_size: Some(5) }
}

/// `0^success^method^user^rows^field names`.
const WHOLE: Layout = Layout { rows: 4, fields: 5, page_size: None };

const TRADE_DATES: Operation =
    Operation { name: "query_trade_dates", asks: Kind(*b"33"), answers: Kind(*b"34"), layout: paged(9) };
const ALL_STOCK: Operation =
    Operation { name: "query_all_stock", asks: Kind(*b"35"), answers: Kind(*b"36"), layout: paged(8) };
const HISTORY_K_DATA_PLUS: Operation = Operation {
    name: "query_history_k_data_plus",
    asks: Kind(*b"95"),
    answers: Kind(*b"96"),
    layout: paged(8),
};
const DAILY_HISTORY_K_A_STOCK: Operation = Operation {
    name: "query_daily_history_k_AStock",
    asks: Kind(*b"98"),
    answers: Kind(*b"99"),
    layout: WHOLE,
};
const DAILY_ADJUST_FACTOR: Operation =
    Operation { name: "query_daily_adjust_factor", asks: Kind(*b"9C"), answers: Kind(*b"9D"), layout: WHOLE };

impl Client {
    /// The calendar between two dates, both included: `calendar_date`, `is_trading_day` (`1` or `0`).
    pub async fn trade_dates(&mut self, start: Date, end: Date) -> Result<Records, Fault> {
        self.pages(&TRADE_DATES, &[&start.to_string(), &end.to_string()]).await
    }

    /// All securities of a day, indices and suspended ones included: `code`, `tradeStatus`, `code_name`.
    pub async fn all_stock(&mut self, day: Date) -> Result<Records, Fault> {
        self.pages(&ALL_STOCK, &[&day.to_string()]).await
    }

    /// Daily bars of one security between two dates, both included, with the comma-separated `fields` asked for.
    pub async fn history_k_data_plus(
        &mut self,
        code: &str,
        fields: &str,
        (start, end): (Date, Date),
        adjust: Adjust,
    ) -> Result<Records, Fault> {
        let (start, end) = (start.to_string(), end.to_string());
        self.pages(&HISTORY_K_DATA_PLUS, &[code, fields, &start, &end, "d", adjust.text()]).await
    }

    /// The bars of all A shares on a day, unadjusted. No names, no indices.
    pub async fn daily_history_k_a_stock(&mut self, date: Date) -> Result<Records, Fault> {
        Ok(self.ask(&DAILY_HISTORY_K_A_STOCK, &[&date.to_string()]).await?.records)
    }

    /// Adjustment factors as of a day: `code`, `dividOperateDate`, `foreAdjustFactor`, `backAdjustFactor`,
    /// `adjustFactor`. Whether for all stocks or only for those with a dividend that day is not known.
    pub async fn daily_adjust_factor(&mut self, date: Date) -> Result<Records, Fault> {
        Ok(self.ask(&DAILY_ADJUST_FACTOR, &[&date.to_string()]).await?.records)
    }

    /// All pages of a question. A page that is not exactly full is the last one: fewer rows are all there were,
    /// more rows come from a service that does not know pages.
    async fn pages(&mut self, operation: &Operation, args: &[&str]) -> Result<Records, Fault> {
        let asked = self.config().page_size.get();
        let size = asked.to_string();
        let mut all: Option<Records> = None;
        let mut first_cells: Vec<String> = Vec::new();
        for page in 1..=PAGES_MAX {
            let number = page.to_string();
            let mut full_args = Vec::with_capacity(2 + args.len());
            full_args.extend_from_slice(&[number.as_str(), size.as_str()]);
            full_args.extend_from_slice(args);
            let reply = self.ask(operation, &full_args).await?;
            // A service may serve smaller pages than asked for, if it says so.
            let full = reply.page_size.filter(|said| *said > 0).map_or(asked, |said| said.min(asked));
            let is_last = reply.records.len() != full as usize;
            let first = reply.records.first();
            if first.is_some_and(|row| page > 1 && row.cells().eq(first_cells.iter().map(String::as_str))) {
                return Err(self.fault(Trouble::RepeatedPage(page), operation));
            }
            if !is_last {
                first_cells = first.iter().flat_map(Row::cells).map(str::to_owned).collect();
            }
            match &mut all {
                None => all = Some(reply.records),
                Some(_) if reply.records.is_empty() => {}
                Some(all) => all.append(&reply.records).map_err(|e| self.fault(e.into(), operation))?,
            }
            if is_last {
                return Ok(all.unwrap_or_default());
            }
        }
        Err(self.fault(Trouble::TooManyPages(PAGES_MAX), operation))
    }
}
