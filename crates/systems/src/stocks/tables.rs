//! The synced tables: row types, columns and keys. The day comes first in every key, because days are what is written.

use connect::tables::{Backfill, Cells, Column, Kind, Row, Stamps, Table};
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

const PRICE: Kind = Kind::Decimal { precision: 10, scale: 2 };
const MONEY: Kind = Kind::Decimal { precision: 20, scale: 2 };
const FACTOR: Kind = Kind::Decimal { precision: 20, scale: 10 };

/// Exchange by leading digits, for rows stored before the exchange was kept: such a table holds A shares only.
const EXCHANGE_OF: Backfill = Backfill::PrefixMap {
    from: "stock_code",
    map: &[("6", "sh"), ("0", "sz"), ("3", "sz"), ("4", "bj"), ("8", "bj"), ("92", "bj")],
};

/// Daily bars.
pub const BARS: &Table = &Table::new(
    "daily_stock_data",
    &[
        Column::required("stock_code", Kind::Text { max: 10 }),
        Column::required("exchange", Kind::Text { max: 2 }).backfilled(EXCHANGE_OF),
        Column::required("stock_name", Kind::Text { max: 50 }),
        Column::required("trade_date", Kind::Date),
        Column::optional("open_price", PRICE),
        Column::optional("high_price", PRICE),
        Column::optional("low_price", PRICE),
        Column::optional("preclose", PRICE),
        Column::required("close_price", PRICE),
        Column::optional("volume", Kind::Int64),
        Column::optional("amount", MONEY),
        Column::optional("change_pct", PRICE),
        Column::optional("turnover_rate", PRICE),
        Column::optional("change_amount", PRICE),
        Column::optional("amplitude", PRICE),
        Column::optional("adjustflag", Kind::Int16),
        Column::optional("tradestatus", Kind::Int16),
        Column::optional("is_st", Kind::Int16),
    ],
    &["trade_date", "stock_code"],
)
.with_id()
.with_stamps(Stamps::CreatedAndUpdated);

/// Adjustment factors.
pub const FACTORS: &Table = &Table::new(
    "daily_adjust_factor",
    &[
        Column::required("exchange", Kind::Text { max: 2 }),
        Column::required("stock_code", Kind::Text { max: 10 }),
        Column::required("divid_operate_date", Kind::Date),
        Column::optional("fore_adjust_factor", FACTOR),
        Column::optional("back_adjust_factor", FACTOR),
        Column::optional("adjust_factor", FACTOR),
        Column::optional("as_of_date", Kind::Date),
    ],
    &["divid_operate_date", "stock_code"],
)
.with_stamps(Stamps::Updated);

/// Which days the exchanges are open.
pub const CALENDAR: &Table = &Table::new(
    "trading_calendar",
    &[
        Column::required("calendar_date", Kind::Date),
        Column::required("is_trading_day", Kind::Int16),
        Column::required("fetched_at", Kind::Timestamp),
    ],
    &["calendar_date"],
);

/// Stocks that failed on a day.
pub const FAILURES: &Table = &Table::new(
    "daily_stock_failures",
    &[
        Column::required("trade_date", Kind::Date),
        Column::required("stock_code", Kind::Text { max: 10 }),
        Column::optional("exchange", Kind::Text { max: 2 }),
        Column::optional("stock_name", Kind::Text { max: 50 }),
        Column::optional("error", Kind::LongText),
        Column::required("attempts", Kind::Int32),
        Column::required("last_tried_at", Kind::Timestamp),
    ],
    &["trade_date", "stock_code"],
);

/// All of them.
pub(super) const ALL: [&Table; 4] = [BARS, FACTORS, CALENDAR, FAILURES];

/// A row of [`BARS`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BarRow {
    pub stock_code: String,
    pub exchange: &'static str,
    pub stock_name: String,
    pub trade_date: Date,
    pub open_price: Option<Decimal>,
    pub high_price: Option<Decimal>,
    pub low_price: Option<Decimal>,
    pub preclose: Option<Decimal>,
    pub close_price: Decimal,
    pub volume: Option<i64>,
    pub amount: Option<Decimal>,
    pub change_pct: Option<Decimal>,
    pub turnover_rate: Option<Decimal>,
    pub change_amount: Option<Decimal>,
    pub amplitude: Option<Decimal>,
    pub adjustflag: Option<i16>,
    pub tradestatus: Option<i16>,
    pub is_st: Option<i16>,
}

impl Row for BarRow {
    const TABLE: &'static Table = BARS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(&self.stock_code);
        out.push(self.exchange);
        out.push(&self.stock_name);
        out.push(self.trade_date);
        for price in [self.open_price, self.high_price, self.low_price, self.preclose] {
            out.push(price);
        }
        out.push(self.close_price);
        out.push(self.volume);
        for number in [self.amount, self.change_pct, self.turnover_rate, self.change_amount, self.amplitude] {
            out.push(number);
        }
        for flag in [self.adjustflag, self.tradestatus, self.is_st] {
            out.push(flag);
        }
    }
}

/// A row of [`FACTORS`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FactorRow {
    pub exchange: &'static str,
    pub stock_code: String,
    pub divid_operate_date: Date,
    pub fore_adjust_factor: Option<Decimal>,
    pub back_adjust_factor: Option<Decimal>,
    pub adjust_factor: Option<Decimal>,
    pub as_of_date: Date,
}

impl Row for FactorRow {
    const TABLE: &'static Table = FACTORS;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.exchange);
        out.push(&self.stock_code);
        out.push(self.divid_operate_date);
        for factor in [self.fore_adjust_factor, self.back_adjust_factor, self.adjust_factor] {
            out.push(factor);
        }
        out.push(self.as_of_date);
    }
}

/// A row of [`CALENDAR`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CalendarRow {
    pub calendar_date: Date,
    pub is_trading_day: i16,
    pub fetched_at: DateTime,
}

impl Row for CalendarRow {
    const TABLE: &'static Table = CALENDAR;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.calendar_date);
        out.push(self.is_trading_day);
        out.push(self.fetched_at);
    }
}

/// A row of [`FAILURES`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FailureRow {
    pub trade_date: Date,
    pub stock_code: String,
    pub exchange: Option<String>,
    pub stock_name: Option<String>,
    pub error: Option<String>,
    pub attempts: i32,
    pub last_tried_at: DateTime,
}

impl Row for FailureRow {
    const TABLE: &'static Table = FAILURES;

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.trade_date);
        out.push(&self.stock_code);
        out.push(&self.exchange);
        out.push(&self.stock_name);
        out.push(&self.error);
        out.push(self.attempts);
        out.push(self.last_tried_at);
    }
}
