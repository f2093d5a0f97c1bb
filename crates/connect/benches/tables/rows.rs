//! Daily bars as a market has them, made from nothing but the code's and the day's number.

use std::fmt::Write as _;

use connect::tables::{Cells, Column, Kind, Row, Stamps, Table};
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

const PRICE: Kind = Kind::Decimal { precision: 10, scale: 2 };

/// One bar.
pub(crate) struct Bar {
    date: Date,
    code: String,
    exchange: &'static str,
    name: String,
    prices: [Decimal; 5],
    volume: i64,
    amount: Decimal,
    rates: [Decimal; 4],
}

impl Row for Bar {
    const TABLE: &'static Table = &Table::new(
        "daily_stock_data",
        &[
            Column::required("stock_code", Kind::Text { max: 10 }),
            Column::required("exchange", Kind::Text { max: 2 }),
            Column::required("stock_name", Kind::Text { max: 50 }),
            Column::required("trade_date", Kind::Date),
            Column::optional("open_price", PRICE),
            Column::optional("high_price", PRICE),
            Column::optional("low_price", PRICE),
            Column::optional("preclose", PRICE),
            Column::required("close_price", PRICE),
            Column::optional("volume", Kind::Int64),
            Column::optional("amount", Kind::Decimal { precision: 20, scale: 2 }),
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

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(&self.code);
        out.push(self.exchange);
        out.push(&self.name);
        out.push(self.date);
        for price in self.prices {
            out.push(price);
        }
        out.push(self.volume);
        out.push(self.amount);
        for rate in self.rates {
            out.push(rate);
        }
        out.push(3i16);
        out.push(1i16);
        out.push(0i16);
    }
}

impl Bar {
    /// Appends the bar as a line of COPY's text form, columns in the order of the table.
    pub(crate) fn write_text(&self, out: &mut String) {
        let _ = write!(out, "{}\t{}\t{}\t{}", self.code, self.exchange, self.name, self.date);
        for price in self.prices {
            let _ = write!(out, "\t{price}");
        }
        let _ = write!(out, "\t{}\t{}", self.volume, self.amount);
        for rate in self.rates {
            let _ = write!(out, "\t{rate}");
        }
        out.push_str("\t3\t1\t0\n");
    }
}

/// How large the market is.
#[derive(Clone, Copy)]
pub(crate) struct Market {
    pub(crate) codes: usize,
    pub(crate) days: usize,
}

/// Whether the rows are the first ones or corrected ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    None,
    Close,
}

impl Market {
    pub(crate) fn rows(&self) -> usize {
        self.codes * self.days
    }

    /// All bars of a day.
    pub(crate) fn day(&self, day: usize, change: Change) -> Vec<Bar> {
        let date = Date::constant(2020, 1, 1).checked_add((day as i64).days()).unwrap();
        (0..self.codes).map(|code| bar(date, day, code, change)).collect()
    }
}

fn bar(date: Date, day: usize, code: usize, change: Change) -> Bar {
    let mut random = fastrand::Rng::with_seed((day * 1_000_003 + code) as u64);
    let preclose = random.i64(200..20_000);
    let mut near = || preclose + preclose * random.i64(-900..900) / 10_000;
    let (open, close, one, two) = (near(), near(), near(), near());
    let close = close + i64::from(change == Change::Close);
    let cents = |value: i64| Decimal::new(value, 2);
    let volume = random.i64(100_000..90_000_000);
    Bar {
        date,
        code: format!("{:06}", 600_000 + code),
        exchange: if code.is_multiple_of(2) { "sh" } else { "sz" },
        name: format!("股票{code}"),
        prices: [open, open.max(close).max(one), open.min(close).min(two), preclose, close].map(cents),
        volume,
        amount: cents(volume * close),
        rates: [
            (close - preclose) * 10_000 / preclose,
            random.i64(1..2_000),
            close - preclose,
            random.i64(1..2_000),
        ]
        .map(cents),
    }
}
