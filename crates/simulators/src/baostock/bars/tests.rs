//! Bars obey the rules of an exchange, and factors agree with them.

use proptest::prelude::*;

use super::*;
use crate::baostock::{
    calendar::{FIRST, LAST},
    fields::Field,
};

fn history(market: &Market, code: &str, adjust: Adjust) -> Vec<Bar> {
    market.bars(market.find(code).unwrap(), FIRST, LAST, adjust)
}

/// The previous day's bar in front of each bar, suspended days without a bar apart.
fn pairs(market: &Market, security: &Security) -> Vec<(Bar, Bar)> {
    let bars = market.bars(security, FIRST, LAST, Adjust::None);
    bars.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

#[test]
fn prices_lie_between_low_and_high() {
    let market = Market::new(500, 1);
    for day in market.trading_days(date(2025, 1, 1), date(2025, 12, 31)) {
        for bar in market.securities().iter().filter_map(|security| market.bar(security, *day)) {
            assert!(0 < bar.low && bar.low <= bar.open.min(bar.close), "{bar:?}");
            assert!(bar.high >= bar.open.max(bar.close), "{bar:?}");
            assert!(bar.close.abs_diff(bar.preclose) * 100 <= bar.preclose * 11 + 100, "{bar:?}");
        }
    }
}

#[test]
fn the_previous_close_is_yesterdays_close_except_after_a_dividend() {
    let market = Market::new(60, 3);
    let mut dividends = 0;
    for security in market.securities() {
        let factors = market.factors(security);
        for (before, bar) in pairs(&market, security) {
            if factors.iter().any(|factor| factor.date == bar.date) {
                assert!(bar.preclose < before.close, "{} {}", security.code, bar.date);
                dividends += 1;
            } else {
                assert_eq!(bar.preclose, before.close, "{} {}", security.code, bar.date);
            }
        }
    }
    assert!(dividends > 400, "{dividends} dividends in twelve years");
}

#[test]
fn factors_are_the_running_product_of_what_dividends_take_off() {
    let market = Market::new(60, 1);
    for security in market.shares() {
        let factors = market.factors(security);
        let mut back = 1.0_f64;
        for (before, bar) in pairs(&market, security) {
            if let Some(factor) = factors.iter().find(|factor| factor.date == bar.date) {
                back *= decimal(before.close) / decimal(bar.preclose);
                assert!((decimal(factor.back) / 1e6 - back).abs() < 1e-4, "{} {}", security.code, bar.date);
                let day = market.trading_day(bar.date).unwrap();
                assert_eq!(market.factor(security, day), Some(*factor));
            }
        }
        assert!(factors.windows(2).all(|pair| pair[0].back < pair[1].back && pair[0].fore < pair[1].fore));
        assert!(factors.last().is_none_or(|last| last.fore == 1_000_000));
    }
}

#[test]
fn adjusted_prices_are_the_traded_ones_times_the_factor() {
    let market = Market::new(60, 1);
    let security = market.shares().find(|security| market.factors(security).len() > 5).unwrap();
    let factors = market.factors(security);
    let plain = history(&market, &security.code, Adjust::None);
    let forward = history(&market, &security.code, Adjust::Forward);
    let back = history(&market, &security.code, Adjust::Back);
    for ((plain, forward), back) in plain.iter().zip(&forward).zip(&back) {
        let current = factors.iter().rev().find(|factor| factor.date <= plain.date);
        assert_eq!(back.factor, current.map_or(1_000_000, |factor| factor.back));
        assert_eq!(plain.close, back.close);
        if let Some(current) = current {
            assert_eq!(forward.factor, current.fore);
        }
    }
    let last = forward.last().unwrap();
    assert_eq!(last.factor, 1_000_000, "after the last dividend, forward prices are the traded ones");
    let price = plain[0].value(Field::Close, "").trim_end_matches("00").to_owned();
    assert!(back[0].value(Field::Close, "").starts_with(&price), "before the first, backward ones are");
    assert_eq!(forward[0].value(Field::Close, "").split_once('.').unwrap().1.len(), 10);
}

#[test]
fn suspended_days_repeat_the_close_and_have_no_volume() {
    let market = Market::new(450, 1);
    let mut rests = 0;
    for security in market.shares() {
        for (before, bar) in pairs(&market, security) {
            let day = market.trading_day(bar.date).unwrap();
            let open = market.trades(security, day) == Trading::Open;
            assert_eq!(bar.volume.is_some(), open);
            if !open {
                rests += 1;
                assert_eq!([bar.open, bar.high, bar.low, bar.preclose], [bar.close; 4]);
                assert_eq!(bar.close, before.close);
                let told = [Field::Volume, Field::Amount, Field::Turn, Field::TradeStatus, Field::PctChg];
                assert_eq!(told.map(|field| bar.value(field, "")), ["", "", "", "0", "0.000000"]);
            }
        }
    }
    assert!(rests > 1000, "{rests} suspended days");
}

#[test]
fn every_day_has_suspended_stocks_with_and_without_a_bar() {
    let market = Market::new(10, 1);
    for day in market.trading_days(date(2024, 1, 1), date(2026, 12, 31)) {
        let count =
            |wanted| market.shares().filter(|security| market.trades(security, *day) == wanted).count();
        assert!(count(Trading::SuspendedWithBar) >= 1);
        assert_eq!(count(Trading::SuspendedWithoutBar), 1);
        assert!(market.bar(market.find("sh.600000").unwrap(), *day).unwrap().volume.is_some());
    }
}

/// Fixed digits: a change of the generator would make stored rows of older versions look changed upstream.
#[test]
fn the_digits_of_a_day_do_not_change() {
    let market = Market::new(5300, 1);
    let day = market.trading_day(date(2025, 10, 9)).unwrap();
    let told = |code: &str| {
        let bar = market.bar(market.find(code).unwrap(), day).unwrap();
        Field::ALL.map(|field| bar.value(field, code)).join(",")
    };
    assert_eq!(
        told("sh.600000"),
        "2025-10-09,sh.600000,50.5600,51.1300,50.1600,50.3700,50.4800,13507600,682876718.0000,3,1.237377,1,\
         -0.217908,60.687601,7.588868,12.443054,-1.625890,0"
    );
}

proptest! {
    #[test]
    fn a_bar_does_not_depend_on_the_size_of_the_market(seed: u64, of in 0_u32..2000, rank in 0_usize..60) {
        let (small, large) = (Market::new(60, seed), Market::new(200, seed));
        let security = small.shares().nth(rank).unwrap();
        let day = small.calendar.nth(of).unwrap();
        let same = large.find(&security.code).unwrap();
        prop_assert_eq!(small.bar(security, day), large.bar(same, day));
        prop_assert_eq!(small.factors(security), large.factors(same));
    }
}

/// Small enough to be exact.
fn decimal(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap())
}
