//! Any condition at all: rows, or a refusal in our words; the same on both databases.

use connect::tables::{Filter, Order, Row, Select, TablesError, Value};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::bed::{Bar, Bed, bar};
use crate::on_both;

on_both!(any_condition_is_answered_or_refused);

/// Reads made.
const CASES: usize = 400;

/// A text that a column's kind may or may not read, at the ends of what there is too.
fn text() -> impl Strategy<Value = String> {
    let known = [
        "2025-10-09",
        "-009999-01-01",
        "9999-12-31",
        "0",
        "-9223372036854775808",
        "1.50",
        "1e400",
        "\u{0}",
        "%",
        "_",
        "\\",
        "'",
        "';--",
        "\"",
        "$1",
        "?1",
        "600000",
        "",
        "0.0000000000000000000000000001",
        "79228162514264337593543950335",
        "9999-12-31T23:59:59Z",
        "-009999-01-02T01:00:00Z",
    ];
    prop_oneof![3 => select(known.to_vec()).prop_map(str::to_owned), 1 => ".{0,8}", 1 => "[0-9.-]{0,30}"]
}

fn filter((column, test, text): &(String, u8, String)) -> Filter {
    let kind = Bar::TABLE.column(column).map(|column| column.kind);
    let parsed = kind.and_then(|kind| Value::parse(kind, text)).unwrap_or_else(|| Value::Text(text.clone()));
    match test {
        0 => Filter::eq(column, parsed),
        1 => Filter::not_eq(column, parsed),
        2 => Filter::from(column, parsed),
        3 => Filter::to(column, parsed),
        4 => Filter::above(column, parsed),
        5 => Filter::below(column, parsed),
        6 => Filter::any_of(column, [parsed.clone(), parsed]),
        7 => Filter::starts_with(column, text),
        8 => Filter::contains(column, text),
        9 => Filter::is_null(column),
        _ => Filter::not_null(column),
    }
}

async fn any_condition_is_answered_or_refused(bed: Bed) {
    let bed = bed.with_bars().await;
    bed.merge(
        &[bar(9, "600000", 100), bar(9, "%_'\\", 250), Bar { close: None, ..bar(10, "000001", 300) }],
        0,
    )
    .await
    .unwrap();
    let names =
        ["trade_date", "stock_code", "name", "close", "volume", "flag", "created_at", "id", "nothing", ""];
    let column = move || select(names.to_vec()).prop_map(str::to_owned);
    let asked = (prop::collection::vec((column(), 0_u8..11, text()), 0..3), prop::option::of(column()));
    let mut runner = TestRunner::deterministic();
    let mut answered = 0;
    for _ in 0..CASES {
        let (conditions, ordered) = asked.new_tree(&mut runner).unwrap().current();
        let select = conditions.iter().map(filter).fold(Select::from(Bar::TABLE), Select::filter);
        let select = ordered.iter().fold(select, |select, column| select.order(column, Order::Down));
        match bed.destination.rows(&select).await {
            Ok(_) => answered += 1,
            Err(error) => {
                assert!(matches!(error, TablesError::Select { .. }), "{conditions:?} {ordered:?}: {error}");
            }
        }
    }
    assert!((CASES / 5..CASES).contains(&answered), "{answered} of {CASES} were sound");
    bed.close().await;
}
