//! The bodies of replies: from a checked query, the market and the switches to bytes. Pure.

use std::{collections::HashSet, ops::Range};

use jiff::civil::Date;

use super::{
    bars::{Adjust, Bar, Trading},
    calendar::{TradingDay, days, is_trading_day},
    code::Code,
    faults::Faults,
    fields::{Field, decimal, write_date},
    frame::SEPARATOR,
    market::{Kind, Market, Security, mix},
    query::{Page, Query},
};

/// The moment told in replies to login and logout. Fixed, so that the same requests get the same bytes.
const MOMENT: &str = "20260422163759563";

/// What a body is made from.
pub(super) struct Source<'a> {
    pub(super) market: &'a Market,
    pub(super) faults: &'a Faults,
    pub(super) published_until: Option<Date>,
}

impl Source<'_> {
    /// The inflated body of the reply to `query`, which was sent as `sent`.
    pub(super) fn body(&self, query: &Query, sent: &[&str]) -> Result<Vec<u8>, Code> {
        let terminator = match query {
            Query::History { .. } | Query::Shares { .. } | Query::Funds { .. } | Query::Factors { .. } => {
                self.faults.terminator_in_stream
            }
            _ => false,
        };
        let message = if terminator { "success<![CDATA[]]>\n" } else { "success" };
        let mut out = format!("0\u{1}{message}\u{1}{}\u{1}{}", sent[0], sent[1]).into_bytes();
        match query {
            Query::Login | Query::Logout => echo(&mut out, &[MOMENT]),
            Query::TradeDates { page, first, last } => {
                echo(&mut out, &[sent[2], sent[3], ""]);
                self.trade_dates(*page, *first, *last, &mut out);
                echo(&mut out, &[sent[4], sent[5], "calendar_date, is_trading_day"]);
            }
            Query::AllStock { page, day } => {
                echo(&mut out, &[sent[2], sent[3], ""]);
                self.listing(*page, *day, &mut out);
                echo(&mut out, &[sent[4], "code,tradeStatus,code_name"]);
            }
            Query::StockBasic { page, code, name } => {
                echo(&mut out, &[sent[2], sent[3], ""]);
                self.basics(*page, code, name, &mut out);
                echo(&mut out, &[sent[4], sent[5], "code, code_name, ipoDate, outDate, type, status"]);
            }
            Query::History { page, code, fields, first, last, adjust } => {
                if self.faults.fail_codes.contains(code) {
                    return Err(Code::SECURITY.into());
                }
                echo(&mut out, &[sent[2], sent[3], ""]);
                let security = self.market.find(code).ok_or(Code::SECURITY)?;
                let bars = self.history(security, *first, *last, *adjust);
                let wanted = self.page(*page, bars.len());
                let bars = bars[wanted].iter().map(|bar| (security, *bar));
                self.bars(bars, fields, &mut out);
                echo(&mut out, &sent[4..]);
            }
            Query::Shares { day } => self.whole_market(*day, Kind::AShare, &mut out),
            Query::Funds { day } => self.whole_market(*day, Kind::Fund, &mut out),
            Query::Factors { day } => {
                self.factors(*day, &mut out);
                echo(&mut out, &["code,dividOperateDate,foreAdjustFactor,backAdjustFactor,adjustFactor"]);
            }
        }
        Ok(out)
    }

    fn trade_dates(&self, page: Page, first: Date, last: Date, out: &mut Vec<u8>) {
        let told = Some(&self.faults.calendar).filter(|days| !days.is_empty());
        let mut rows = Vec::new();
        for day in days(first, last) {
            let told = told.and_then(|days| days.get(&day.to_string()).map(String::as_str));
            let open = told.unwrap_or(if is_trading_day(day) { "1" } else { "0" });
            if !open.is_empty() {
                rows.push((day, open));
            }
        }
        let wanted = self.page(page, rows.len());
        records(out, &rows[wanted], |out, (day, open)| {
            texts(out, &[&day.to_string(), open]);
        });
    }

    fn listing(&self, page: Page, day: Date, out: &mut Vec<u8>) {
        let day = self.market.trading_day(day).filter(|_| !self.faults.empty_list);
        let Some(day) = day else { return };
        let listed: Vec<&Security> = self.market.listed().collect();
        let wanted = self.page(page, listed.len());
        records(out, &listed[wanted], |out, security| {
            let trades = self.market.trades(security, day) == Trading::Open;
            let name = self.faults.names.get(&security.code).unwrap_or(&security.name);
            texts(out, &[&security.code, if trades { "1" } else { "0" }, name]);
        });
    }

    fn basics(&self, page: Page, code: &str, name: &str, out: &mut Vec<u8>) {
        let asked = |security: &&Security| {
            (code.is_empty() || security.code == code) && (name.is_empty() || security.name.contains(name))
        };
        let found: Vec<&Security> = self.market.securities().iter().filter(asked).collect();
        let wanted = self.page(page, found.len());
        records(out, &found[wanted], |out, security| {
            let random = mix(security.key, 9);
            let listed =
                format!("{}-{:02}-{:02}", 1991 + random % 19, 1 + random / 19 % 12, 1 + random / 228 % 28);
            let kind = match security.kind {
                Kind::AShare | Kind::BShare => "1",
                Kind::Index => "2",
                Kind::Fund => "5",
            };
            texts(out, &[&security.code, &security.name, &listed, "", kind, "1"]);
        });
    }

    fn history(&self, security: &Security, first: Date, last: Date, adjust: Adjust) -> Vec<Bar> {
        let last = self.published_until.map_or(last, |until| last.min(until));
        let mut bars = self.market.bars(security, first, last, adjust);
        if self.faults.missing_stocks > 0 {
            bars.retain(|bar| {
                let day = self.market.trading_day(bar.date);
                day.is_none_or(|day| !self.missing(day).any(|gone| gone.code == security.code))
            });
        }
        bars
    }

    fn whole_market(&self, day: Date, kind: Kind, out: &mut Vec<u8>) {
        let published = self.published_until.is_none_or(|until| day <= until);
        let day = self.market.trading_day(day).filter(|_| published);
        let mut bars = Vec::new();
        if let Some(day) = day {
            let missing: HashSet<&str> = self.missing(day).map(|security| security.code.as_str()).collect();
            let wanted = self.market.securities().iter().filter(|security| security.kind == kind);
            let there = wanted.filter(|security| !missing.contains(security.code.as_str()));
            bars.extend(there.filter_map(|security| Some((security, self.market.bar(security, day)?))));
        }
        out.push(SEPARATOR);
        self.bars(bars.into_iter(), &Field::ALL, out);
        let names: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
        echo(out, &[&names.join(",")]);
    }

    fn factors(&self, day: Date, out: &mut Vec<u8>) {
        let published = self.published_until.is_none_or(|until| day <= until);
        let mut rows = Vec::new();
        if let Some(day) = self.market.trading_day(day).filter(|_| published) {
            rows.extend(
                self.market
                    .shares()
                    .filter_map(|security| Some((security, self.market.factor(security, day)?))),
            );
        }
        out.push(SEPARATOR);
        records(out, &rows, |out, (security, factor)| {
            let six = |value| {
                let mut text = Vec::new();
                decimal(value, 6, &mut text);
                String::from_utf8(text).expect("digits")
            };
            let (fore, back) = (six(factor.fore), six(factor.back));
            texts(out, &[&security.code, &factor.date.to_string(), &fore, &back, &back]);
        });
    }

    /// The stocks without a bar on `day`, by the switch of that name.
    fn missing(&self, day: TradingDay) -> impl Iterator<Item = &Security> {
        let trading = move |security: &&Security| self.market.trades(security, day) == Trading::Open;
        self.market.shares().rev().filter(trading).take(self.faults.missing_stocks)
    }

    /// The rows of a page.
    fn page(&self, page: Page, rows: usize) -> Range<usize> {
        let size = self.faults.page_size.map_or(page.size, std::num::NonZeroU64::get);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let before = usize::try_from(page.number - 1).unwrap_or(usize::MAX);
        let start = before.saturating_mul(size).min(rows);
        start..start.saturating_add(size).min(rows)
    }

    fn bars<'b>(&self, bars: impl Iterator<Item = (&'b Security, Bar)>, fields: &[Field], out: &mut Vec<u8>) {
        let mut written = 0_usize;
        for (security, bar) in bars {
            out.extend_from_slice(if written == 0 { b"{\"record\":[" } else { b"," });
            written += 1;
            if self.faults.touch_bars() {
                self.wrong_bar(&bar, &security.code, fields, out);
            } else {
                out.push(b'[');
                for (at, field) in fields.iter().enumerate() {
                    out.extend_from_slice(if at == 0 { b"\"" } else { b",\"" });
                    bar.write(*field, &security.code, out);
                    out.push(b'"');
                }
                out.push(b']');
            }
        }
        if written > 0 {
            out.extend_from_slice(b"]}");
        }
    }

    /// A bar with the values the switches put into it; without any, the same bytes as the true one.
    fn wrong_bar(&self, bar: &Bar, code: &str, fields: &[Field], out: &mut Vec<u8>) {
        let mut date = Vec::new();
        write_date(bar.date, &mut date);
        let date = String::from_utf8(date).expect("digits");
        let told = |field: &Field| match self.faults.value(&date, code, field.name()) {
            Some(value) => value.to_owned(),
            None => bar.value(*field, code),
        };
        let mut values: Vec<String> = fields.iter().map(told).collect();
        let again = self.faults.duplicate_rows.get(code).map(|changed| {
            let second = fields.iter().zip(&values);
            second
                .map(|(field, first)| changed.get(field.name()).unwrap_or(first).clone())
                .collect::<Vec<_>>()
        });
        if self.faults.short_rows.iter().any(|short| short == code) {
            values.pop();
        }
        texts(out, &values.iter().map(String::as_str).collect::<Vec<_>>());
        if let Some(again) = again {
            out.push(b',');
            texts(out, &again.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}

fn echo(out: &mut Vec<u8>, fields: &[&str]) {
    for field in fields {
        out.push(SEPARATOR);
        out.extend_from_slice(field.as_bytes());
    }
}

/// Appends `{"record":[…]}`, or nothing when there are no rows.
fn records<T>(out: &mut Vec<u8>, rows: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    for (at, row) in rows.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"{\"record\":[" } else { b"," });
        write(out, row);
    }
    if !rows.is_empty() {
        out.extend_from_slice(b"]}");
    }
}

/// Appends a row of texts as JSON.
fn texts(out: &mut Vec<u8>, values: &[&str]) {
    serde_json::to_writer(out, values).expect("texts are JSON and memory takes them");
}
