//! Rows of the source made rows of our tables. Pure, and decimal throughout: a price never passes through binary
//! floating point, and each derived value is rounded once.

use std::str::FromStr;

use connect::tables;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::filter::Code;
use super::shanghai;
use super::tables::{BarRow, FactorRow};

/// Characters of a stock's name that are kept.
const NAME_MAX: usize = 50;

/// Where the fields of a reply stand, by name.
#[derive(Clone, Debug)]
pub(super) struct Columns(Vec<String>);

/// A row that cannot be taken: which stock, and why with the value quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BadRow {
    /// The stock, when the row says as much.
    pub code: Option<Code>,
    /// Why, in the words kept with the failed stock.
    pub error: String,
}

/// A bar as sent, checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    /// The stock.
    pub code: Code,
    /// Its row, with the code in place of the name.
    pub row: BarRow,
}

impl Columns {
    /// The reply's list of fields.
    #[must_use]
    pub(super) fn of<S: AsRef<str>>(fields: &[S]) -> Self {
        Self(fields.iter().map(|field| field.as_ref().trim().to_owned()).collect())
    }

    /// The value of a field; `None` when the reply has no such field. Empty values are `Some("")`.
    fn value<'a, S: AsRef<str>>(&self, row: &'a [S], field: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|name| name == field)?;
        row.get(at).map(|value| value.as_ref().trim())
    }

    fn required<'a, S: AsRef<str>>(&self, row: &'a [S], field: &str) -> Result<&'a str, String> {
        self.value(row, field).ok_or_else(|| format!("缺少字段 {field}"))
    }

    fn fits<S>(&self, row: &[S]) -> Result<(), String> {
        let (got, expected) = (row.len(), self.0.len());
        if got == expected { Ok(()) } else { Err(format!("字段数 {got}，应为 {expected}")) }
    }
}

/// Reads one bar of `date`.
///
/// # Errors
/// What is wrong with it; the day's other bars are not concerned.
pub(super) fn bar<S: AsRef<str>>(columns: &Columns, row: &[S], date: Date) -> Result<Bar, BadRow> {
    let code = columns.value(row, "code").and_then(Code::parse);
    let read = || -> Result<Bar, String> {
        columns.fits(row)?;
        let text = columns.required(row, "code")?;
        let code = code.ok_or_else(|| format!("股票代码无效 {}", quoted(text)))?;
        let row = bar_row(columns, row, code, date)?;
        tables::check(&row).map_err(|bad| bad.to_string())?;
        Ok(Bar { code, row })
    };
    read().map_err(|error| BadRow { code, error })
}

fn bar_row<S: AsRef<str>>(columns: &Columns, row: &[S], code: Code, date: Date) -> Result<BarRow, String> {
    let sent = columns.required(row, "date")?;
    if shanghai::parse_date(sent) != Some(date) {
        return Err(format!("日期 {} 不是 {date}", quoted(sent)));
    }
    let price = |field| not_negative(field, columns.required(row, field)?);
    let close = price("close")?.ok_or("收盘价为空")?;
    let (high, low, preclose) = (price("high")?, price("low")?, price("preclose")?);
    let before = preclose.filter(|value| !value.is_zero());
    let flag = |field| whole(field, columns.value(row, field).unwrap_or_default());
    Ok(BarRow {
        stock_code: code.number().to_owned(),
        exchange: code.exchange().as_str(),
        stock_name: code.number().to_owned(),
        trade_date: date,
        open_price: price("open")?.map(cents),
        high_price: high.map(cents),
        low_price: low.map(cents),
        preclose: preclose.map(cents),
        close_price: cents(close),
        volume: shares(columns.required(row, "volume")?)?,
        amount: price("amount")?.map(cents),
        change_pct: decimal("pctChg", columns.required(row, "pctChg")?)?.map(cents),
        turnover_rate: decimal("turn", columns.required(row, "turn")?)?.map(cents),
        change_amount: before.map(|before| cents(close - before)),
        amplitude: match (high, low, before) {
            (Some(high), Some(low), Some(before)) => {
                let moved = (high - low) * Decimal::ONE_HUNDRED;
                let part = moved.checked_div(before);
                Some(cents(part.ok_or_else(|| format!("振幅超出范围: {moved} / {before}"))?))
            }
            _ => None,
        },
        adjustflag: flag("adjustflag")?,
        tradestatus: flag("tradestatus")?,
        is_st: flag("isST")?,
    })
}

/// Reads one adjustment factor as of `date`.
///
/// # Errors
/// What is wrong with it.
pub(super) fn factor<S: AsRef<str>>(
    columns: &Columns,
    row: &[S],
    date: Date,
) -> Result<(Code, FactorRow), String> {
    columns.fits(row)?;
    let text = columns.required(row, "code")?;
    let code = Code::parse(text).ok_or_else(|| format!("股票代码无效 {}", quoted(text)))?;
    let sent = columns.required(row, "dividOperateDate")?;
    let value = |field| not_negative(field, columns.required(row, field)?);
    let row = FactorRow {
        exchange: code.exchange().as_str(),
        stock_code: code.number().to_owned(),
        divid_operate_date: shanghai::parse_date(sent)
            .ok_or_else(|| format!("除权除息日期无效 {}", quoted(sent)))?,
        fore_adjust_factor: value("foreAdjustFactor")?,
        back_adjust_factor: value("backAdjustFactor")?,
        adjust_factor: value("adjustFactor")?,
        as_of_date: date,
    };
    tables::check(&row).map_err(|bad| bad.to_string())?;
    Ok((code, row))
}

/// A name without any whitespace, cut to what the table holds; whether it was cut.
#[must_use]
pub(super) fn clean_name(name: &str) -> (String, bool) {
    let mut letters = name.chars().filter(|letter| !letter.is_whitespace());
    let kept: String = letters.by_ref().take(NAME_MAX).collect();
    let cut = letters.next().is_some();
    (kept, cut)
}

fn cents(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// The number of a source string; `None` when it is empty.
fn decimal(field: &str, text: &str) -> Result<Option<Decimal>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    // Anything but plain digits (an exponent, an underscore, `NaN`) is no price.
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    let value = if plain { Decimal::from_str(text).ok() } else { None };
    value.map(Some).ok_or_else(|| format!("{field} 不是数字: {}", quoted(text)))
}

fn not_negative(field: &str, text: &str) -> Result<Option<Decimal>, String> {
    match decimal(field, text)? {
        Some(value) if value.is_sign_negative() && !value.is_zero() => {
            Err(format!("{field} 为负数: {}", quoted(text)))
        }
        value => Ok(value),
    }
}

fn shares(text: &str) -> Result<Option<i64>, String> {
    let Some(value) = not_negative("volume", text)? else { return Ok(None) };
    let whole = value.is_integer().then(|| i64::try_from(value).ok()).flatten();
    whole.map(Some).ok_or_else(|| format!("volume 不是整数: {}", quoted(text)))
}

fn whole(field: &str, text: &str) -> Result<Option<i16>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| format!("{field} 不是整数: {}", quoted(text)))
}

/// The value for a message, cut where it is long.
fn quoted(text: &str) -> String {
    let kept: String = text.chars().take(60).collect();
    let more = if kept.len() < text.len() { "…" } else { "" };
    format!("\"{kept}{more}\"")
}

#[cfg(test)]
mod tests;
