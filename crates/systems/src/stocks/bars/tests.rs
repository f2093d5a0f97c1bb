//! Bars against their documented arithmetic.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const FIELDS: [&str; 18] = [
    "date",
    "code",
    "open",
    "high",
    "low",
    "close",
    "preclose",
    "volume",
    "amount",
    "adjustflag",
    "turn",
    "tradestatus",
    "pctChg",
    "peTTM",
    "pbMRQ",
    "psTTM",
    "pcfNcfTTM",
    "isST",
];
const ROW: &str = "2025-10-09,sh.600000,11.9000,12.0500,11.8500,12.0000,11.9000,50000000,597500000.0000,3,0.170000,1,0.840336,7.100000,0.520000,2.300000,1.100000,0";

fn read(changes: &[(&str, &str)]) -> Result<BarRow, String> {
    let mut row: Vec<String> = ROW.split(',').map(str::to_owned).collect();
    for (field, value) in changes {
        row[FIELDS.iter().position(|name| name == field).unwrap()] = (*value).to_owned();
    }
    bar(&Columns::of(&FIELDS), &row, date(2025, 10, 9)).map(|bar| bar.row).map_err(|bad| bad.error)
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn the_documented_row_has_the_documented_values() {
    let row = read(&[]).unwrap();
    assert_eq!((row.stock_code.as_str(), row.exchange), ("600000", "sh"));
    assert_eq!(row.change_amount, Some(dec("0.10")));
    assert_eq!(row.amplitude, Some(dec("1.68")));
    assert_eq!(row.change_pct, Some(dec("0.84")));
    assert_eq!(row.turnover_rate, Some(dec("0.17")));
    assert_eq!((row.volume, row.amount), (Some(50_000_000), Some(dec("597500000"))));
    assert_eq!((row.adjustflag, row.tradestatus, row.is_st), (Some(3), Some(1), Some(0)));
}

#[test]
fn halves_round_away_from_zero_once() {
    let row = read(&[("close", "1.005"), ("preclose", "2.010"), ("pctChg", "-0.125000")]).unwrap();
    assert_eq!(row.close_price, dec("1.01"));
    // 1.005 − 2.010 = −1.005; rounding the two before subtracting would give −1.00.
    assert_eq!(row.change_amount, Some(dec("-1.01")));
    assert_eq!(row.change_pct, Some(dec("-0.13")));
}

#[test]
fn empty_values_are_empty() {
    let row =
        read(&[("volume", ""), ("amount", ""), ("turn", ""), ("open", ""), ("tradestatus", "0")]).unwrap();
    assert_eq!((row.volume, row.amount, row.turnover_rate, row.open_price), (None, None, None, None));
    assert_eq!(row.tradestatus, Some(0));
}

#[test]
fn without_a_previous_close_nothing_is_derived_from_it() {
    for preclose in ["", "0", "0.0000"] {
        let row = read(&[("preclose", preclose)]).unwrap();
        assert_eq!((row.change_amount, row.amplitude), (None, None), "{preclose}");
    }
}

#[test]
fn a_wrong_value_is_quoted() {
    let error = |changes: &[(&str, &str)]| read(changes).unwrap_err();
    assert_eq!(error(&[("close", "")]), "收盘价为空");
    assert_eq!(error(&[("open", "12.x")]), "open 不是数字: \"12.x\"");
    assert_eq!(error(&[("low", "-1.00")]), "low 为负数: \"-1.00\"");
    assert_eq!(error(&[("high", "1e3")]), "high 不是数字: \"1e3\"");
    assert_eq!(error(&[("volume", "1.5")]), "volume 不是整数: \"1.5\"");
    assert_eq!(error(&[("date", "2025-10-10")]), "日期 \"2025-10-10\" 不是 2025-10-09");
    assert!(error(&[("close", "123456789.00")]).contains("123456789"));
}

#[test]
fn a_row_of_another_length_belongs_to_its_stock() {
    let row: Vec<&str> = ROW.split(',').take(17).collect();
    let bad = bar(&Columns::of(&FIELDS), &row, date(2025, 10, 9)).unwrap_err();
    assert_eq!(bad.code, Code::parse("sh.600000"));
    assert_eq!(bad.error, "字段数 17，应为 18");
}

#[test]
fn values_are_found_by_name_not_by_place() {
    let mut fields: Vec<&str> = FIELDS.to_vec();
    let mut row: Vec<&str> = ROW.split(',').collect();
    fields.reverse();
    row.reverse();
    let turned = bar(&Columns::of(&fields), &row, date(2025, 10, 9)).unwrap();
    assert_eq!(turned.row, read(&[]).unwrap());
}

#[test]
fn names_lose_all_whitespace_and_end_at_fifty_letters() {
    assert_eq!(clean_name("万 科\u{3000}Ａ\t"), ("万科Ａ".to_owned(), false));
    let (name, cut) = clean_name(&"长".repeat(51));
    assert_eq!((name.chars().count(), cut), (50, true));
}

#[test]
fn a_factor_is_read() {
    let columns =
        Columns::of(&["code", "dividOperateDate", "foreAdjustFactor", "backAdjustFactor", "adjustFactor"]);
    let (code, row) = factor(
        &columns,
        &["sz.000001", "2025-10-09", "0.998000", "130.123456", "130.123456"],
        date(2025, 10, 9),
    )
    .unwrap();
    assert_eq!(code.to_string(), "sz.000001");
    assert_eq!(row.fore_adjust_factor, Some(dec("0.998")));
    assert_eq!(
        factor(&columns, &["sz.000001", "soon", "1", "1", "1"], date(2025, 10, 9)).unwrap_err(),
        "除权除息日期无效 \"soon\""
    );
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused_without_a_panic(values in proptest::collection::vec(".{0,12}", 0..20)) {
        let _ = bar(&Columns::of(&FIELDS), &values, date(2025, 10, 9));
    }

    #[test]
    fn the_change_is_that_of_whole_numbers(close in 1_i64..100_000_000, before in 1_i64..100_000_000) {
        let price = |units: i64| Decimal::new(units, 4).to_string();
        let row = read(&[("close", &price(close)), ("preclose", &price(before))]).unwrap();
        let change = close - before;
        // Half away from zero, in hundredths of ten-thousandths.
        let rounded = (change.abs() + 50) / 100 * change.signum();
        prop_assert_eq!(row.change_amount, Some(Decimal::new(rounded, 2)));
    }
}
