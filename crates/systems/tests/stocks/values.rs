//! Values: arithmetic, rounding, empty and wrong ones; the same in both databases.

use std::collections::BTreeMap;

use simulators::baostock::{Faults, Values};

use crate::batch::texts;
use crate::bed::{Base, Making};

on_both! {
    derived_values_are_exact_and_rounded_once
    a_wrong_row_fails_its_stock_alone
    the_last_of_two_rows_counts
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

fn rows(rows: &[(&str, &[(&str, &str)])]) -> BTreeMap<String, Values> {
    rows.iter().map(|(code, pairs)| ((*code).to_owned(), values(pairs))).collect()
}

const COLUMNS: [&str; 9] = [
    "open_price",
    "close_price",
    "preclose",
    "change_amount",
    "amplitude",
    "change_pct",
    "volume",
    "amount",
    "tradestatus",
];

async fn derived_values_are_exact_and_rounded_once(base: Base) {
    let documented: &[(&str, &str)] = &[
        ("open", "11.9000"),
        ("high", "12.0500"),
        ("low", "11.8500"),
        ("close", "12.0000"),
        ("preclose", "11.9000"),
        ("volume", "50000000"),
        ("amount", "597500000.0000"),
        ("pctChg", "0.840336"),
        ("tradestatus", "1"),
    ];
    let halves: &[(&str, &str)] = &[
        ("open", "2.345"),
        ("high", "2.345"),
        ("low", "1.005"),
        ("close", "1.005"),
        ("preclose", "2.010"),
        ("volume", "1"),
        ("amount", "0.125"),
        ("pctChg", "-0.125000"),
        ("tradestatus", "1"),
    ];
    let empty: &[(&str, &str)] = &[
        ("open", ""),
        ("high", ""),
        ("low", ""),
        ("close", "5.00"),
        ("preclose", "0.0000"),
        ("volume", ""),
        ("amount", ""),
        ("pctChg", ""),
        ("tradestatus", "0"),
    ];
    let faults = Faults {
        rows: rows(&[("sh.600000", documented), ("sz.000001", halves), ("sh.689009", empty)]),
        ..Faults::default()
    };
    let bed = Making::new(base).faults(faults).start().await;
    let day = "2025-10-09";
    assert_eq!(bed.sync(day, day).await["success"], 1);
    let mut columns = vec!["stock_code"];
    columns.extend(COLUMNS);
    let stored: BTreeMap<String, String> = bed
        .rows(systems::stocks::BARS, day, &columns)
        .await
        .iter()
        .map(|row| (row[0].to_string(), texts(&row[1..]).join("|")))
        .collect();
    assert_eq!(stored["600000"], "11.90|12.00|11.90|0.10|1.68|0.84|50000000|597500000.00|1");
    assert_eq!(stored["000001"], "2.35|1.01|2.01|-1.01|66.67|-0.13|1|0.13|1");
    assert_eq!(stored["689009"], "|5.00|0.00|||||||0".replacen("|||||||", "||||||", 1));
}

async fn a_wrong_row_fails_its_stock_alone(base: Base) {
    let faults = Faults {
        rows: rows(&[("sh.600000", &[("close", "12.x")]), ("sz.000001", &[("low", "-1.00")])]),
        short_rows: vec!["sh.689009".into()],
        ..Faults::default()
    };
    let bed = Making::new(base).stocks(400).faults(faults).start().await;
    let day = "2025-10-09";
    let progress = bed.sync(day, day).await;
    assert_eq!(progress["success"], 1, "{progress}");
    assert_eq!(bed.stored(day).await, bed.expected(day).len() - 3);
    let failures = bed.failures(day).await;
    let errors: Vec<&str> = failures.iter().filter_map(|failure| failure.error.as_deref()).collect();
    for part in ["close 不是数字: \"12.x\"", "low 为负数: \"-1.00\"", "字段数"] {
        assert!(errors.iter().any(|error| error.contains(part)), "{part}: {errors:?}");
    }
}

async fn the_last_of_two_rows_counts(base: Base) {
    let faults = Faults {
        duplicate_rows: rows(&[("sh.600000", &[("close", "99.99")])]),
        names: [("sh.600000".to_owned(), "长".repeat(60))].into(),
        ..Faults::default()
    };
    let bed = Making::new(base).faults(faults).start().await;
    let day = "2025-10-09";
    bed.sync(day, day).await;
    assert_eq!(bed.cell(day, "600000", "close_price").await, "99.99");
    assert_eq!(bed.cell(day, "600000", "stock_name").await.chars().count(), 50);
}
