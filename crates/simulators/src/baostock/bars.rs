//! Daily bars and adjustment factors, computed in constant time from seed, code and day. Pure.
//!
//! Integers only, so that every machine gets the same digits: prices in cents, factors and ratios in
//! millionths. A close is a slow drift between random points plus a daily jitter, so no neighbour has to be
//! known to compute it; a suspended stock keeps the close of its last traded day. On an ex-dividend day the
//! previous close is lowered by the dividend, and the factors are the running product of what that did.

use jiff::civil::{Date, date};

use super::{
    calendar::TradingDay,
    market::{Kind, Market, Security, mix},
};

const MILLION: u64 = 1_000_000;
/// Dividends are paid in these years only, so that forward factors have a fixed end to count back from.
const DIVIDEND_YEARS: std::ops::RangeInclusive<i16> = 2015..=2026;

/// How prices are adjusted for dividends: the protocol's `adjustflag`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjust {
    /// 1: later prices are raised.
    Back,
    /// 2: earlier prices are lowered.
    Forward,
    /// 3: prices as they were traded.
    None,
}

impl Adjust {
    /// The digit on the wire.
    pub fn digit(self) -> char {
        match self {
            Self::Back => '1',
            Self::Forward => '2',
            Self::None => '3',
        }
    }
}

/// Whether a stock trades on a day, and what the service sends when it does not: both habits exist here,
/// because it is not known which is the real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trading {
    /// It trades.
    Open,
    /// Suspended; a bar with trade status 0 and without volume is sent.
    SuspendedWithBar,
    /// Suspended; nothing is sent.
    SuspendedWithoutBar,
}

/// One day of one security, prices in cents before adjustment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the exchange")]
pub struct Bar {
    pub date: Date,
    pub open: u64,
    pub high: u64,
    pub low: u64,
    pub close: u64,
    /// The previous close, lowered by a dividend paid today.
    pub preclose: u64,
    /// Shares; `None` on a suspended day.
    pub volume: Option<u64>,
    /// Shares that could be traded: the base of the turnover rate.
    pub float: u64,
    pub is_st: bool,
    pub adjust: Adjust,
    /// What prices are multiplied with, in millionths.
    pub factor: u64,
    /// Price-earnings, price-book, price-sales and price-cash-flow, in millionths.
    pub valuation: [i64; 4],
}

/// The state of a stock's adjustment factors from one ex-dividend day on, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    /// The ex-dividend day.
    pub date: Date,
    /// Factor of forward adjustment; 1 from the last dividend on.
    pub fore: u64,
    /// Factor of backward adjustment; 1 before the first dividend.
    pub back: u64,
}

impl Market {
    /// Whether `security` trades on `day`.
    pub fn trades(&self, security: &Security, day: TradingDay) -> Trading {
        match suspended_since(security, day.index) {
            None => Trading::Open,
            Some(_) if security.rank % 400 == 9 => Trading::SuspendedWithoutBar,
            Some(_) => Trading::SuspendedWithBar,
        }
    }

    /// The bar of one day, unadjusted; `None` for a suspended stock of which nothing is sent.
    pub fn bar(&self, security: &Security, day: TradingDay) -> Option<Bar> {
        let trading = self.trades(security, day);
        if trading == Trading::SuspendedWithoutBar {
            return None;
        }
        let random = mix(security.key, 1_000_000 + u64::from(day.index));
        let (close, preclose) = (close(security, day.index), preclose(security, day));
        let part = |value: u64, shift: u32, span: u64| value * ((random >> shift) % span) / 10_000;
        let (mut open, mut high, mut low) = (close, close, close);
        let float = 50_000_000 + mix(security.key, 3) % 50_000_000 * 100;
        let mut volume = None;
        if trading == Trading::Open {
            open = preclose + part(preclose, 0, 100) - part(preclose, 8, 100);
            high = open.max(close) + part(close, 16, 120);
            low = open.min(close) - part(open.min(close), 24, 120);
            volume = Some(float / MILLION * (1000 + (random >> 32) % 49_000) / 100 * 100);
        }
        let ratio = |shift: u32, least: u64, span: u64| {
            i64::try_from(least + (random >> shift) % span).expect("a few millions fit")
        };
        let valuation = [
            ratio(12, 5_000_000, 75_000_000),
            ratio(18, 500_000, 8_000_000),
            ratio(22, 500_000, 12_000_000),
            ratio(28, 0, 60_000_000) - 20_000_000,
        ];
        let (is_st, adjust, factor) = (security.is_st(), Adjust::None, MILLION);
        let date = day.date;
        Some(Bar { date, open, high, low, close, preclose, volume, float, is_st, adjust, factor, valuation })
    }

    /// The bars from `first` to `last`, both included, ascending.
    pub fn bars(&self, security: &Security, first: Date, last: Date, adjust: Adjust) -> Vec<Bar> {
        let factors = if adjust == Adjust::None { Vec::new() } else { self.factors(security) };
        let days = self.calendar.between(first, last).iter();
        let plain = days.filter_map(|day| self.bar(security, *day));
        plain.map(|bar| Bar { adjust, factor: factor_on(&factors, bar.date, adjust), ..bar }).collect()
    }

    /// Every ex-dividend day of a stock with the factors that hold from then on, ascending.
    pub fn factors(&self, security: &Security) -> Vec<Factor> {
        let mut factors = Vec::new();
        let mut back = MILLION;
        for day in DIVIDEND_YEARS.flat_map(|year| self.dividend_days(security, year)).flatten() {
            let before = close(security, day.index - 1);
            back = divide(back * before, preclose(security, day));
            factors.push(Factor { date: day.date, fore: MILLION, back });
        }
        for factor in &mut factors {
            factor.fore = divide(factor.back * MILLION, back);
        }
        factors
    }

    /// The factors that begin on `day`, if it is an ex-dividend day of this stock.
    pub fn factor(&self, security: &Security, day: TradingDay) -> Option<Factor> {
        dividend(security, day)?;
        self.factors(security).into_iter().find(|factor| factor.date == day.date)
    }

    fn dividend_days(&self, security: &Security, year: i16) -> [Option<TradingDay>; 2] {
        let start = self.calendar.between(date(year, 1, 1), date(year, 12, 31)).first();
        payments(security, year).map(|of_year| {
            let day = self.calendar.nth(start?.index + u32::from(of_year?))?;
            dividend(security, day).map(|_| day)
        })
    }
}

/// The factor that applies on `day`, in millionths.
fn factor_on(factors: &[Factor], day: Date, adjust: Adjust) -> u64 {
    let begun = factors.partition_point(|factor| factor.date <= day);
    let current = begun.checked_sub(1).map(|at| factors[at]);
    match (adjust, current) {
        (Adjust::None, _) | (Adjust::Back, None) => MILLION,
        (Adjust::Back, Some(factor)) => factor.back,
        (Adjust::Forward, Some(factor)) => factor.fore,
        (Adjust::Forward, None) => {
            factors.last().map_or(MILLION, |last| divide(MILLION * MILLION, last.back))
        }
    }
}

/// The last day a suspended stock traded, counted from the first; `None` if it trades on this one.
///
/// Two stocks in 400 never trade. The others rest now and then for up to five days, always within twenty
/// days counted from the start, so that one look tells. The four landmarks always trade.
fn suspended_since(security: &Security, index: u32) -> Option<u32> {
    if security.kind != Kind::AShare || security.rank < 4 {
        return None;
    }
    if matches!(security.rank % 400, 7 | 9) {
        return Some(0);
    }
    let block = index / 20;
    let random = mix(security.key, 2_000_000 + u64::from(block));
    if !random.is_multiple_of(60) {
        return None;
    }
    let small = |shift: u32, span: u64| u32::try_from((random >> shift) % span).unwrap_or(0);
    let start = block * 20 + 2 + small(8, 10);
    (start..=start + small(16, 5)).contains(&index).then(|| start - 1)
}

fn close(security: &Security, index: u32) -> u64 {
    let index = u64::from(suspended_since(security, index).unwrap_or(index));
    let base = match security.kind {
        Kind::Index => 100_000 + mix(security.key, 4) % 900_000,
        Kind::Fund => 80 + mix(security.key, 4) % 400,
        Kind::AShare | Kind::BShare => 300 + mix(security.key, 4) % 12_000,
    };
    let (point, step) = (index / 32, index % 32);
    let drift = |point: u64| mix(security.key, 3_000_000 + point) % 6_000;
    let drift = drift(point) * (32 - step) + drift(point + 1) * step;
    let jitter = mix(security.key, 4_000_000 + index) % 300;
    base * (10_000 - 3_150 + drift / 32 + jitter) / 10_000
}

fn preclose(security: &Security, day: TradingDay) -> u64 {
    let before = close(security, day.index.saturating_sub(1));
    before - dividend(security, day).unwrap_or(0)
}

/// Which trading days of a year a stock may pay on: most pay once before summer, some again in autumn.
fn payments(security: &Security, year: i16) -> [Option<u16>; 2] {
    let random = mix(security.key, 5_000_000 + u64::from(year.unsigned_abs()));
    let day =
        |first: u16, shift: u32, span: u64| first + u16::try_from((random >> shift) % span).unwrap_or(0);
    let pays = security.kind == Kind::AShare && DIVIDEND_YEARS.contains(&year);
    [
        (pays && random % 10 < 8).then(|| day(85, 8, 70)),
        (pays && (random >> 16) % 100 < 15).then(|| day(170, 24, 36)),
    ]
}

/// The dividend paid on `day` in cents a share. Nothing is paid while a stock is suspended.
fn dividend(security: &Security, day: TradingDay) -> Option<u64> {
    let due = payments(security, day.date.year()).contains(&Some(day.of_year));
    if !due || suspended_since(security, day.index).is_some() {
        return None;
    }
    let before = close(security, day.index.checked_sub(1)?);
    Some((before * (100 + mix(security.key, 6_000_000 + u64::from(day.index)) % 200) / 10_000).max(1))
}

/// Rounded half up.
pub(super) fn divide(value: u64, by: u64) -> u64 {
    (value + by / 2) / by
}

#[cfg(test)]
mod tests;
