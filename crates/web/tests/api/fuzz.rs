//! Any question at all to the tables: rows, or what is wrong with it; never a failure, never a word of SQL.

use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::house::{House, shown};

/// Questions asked.
const CASES: usize = 600;

/// Words that only a statement or a database would say.
const SQL: [&str; 6] = ["select ", "where (", "order by", "sqlite", "syntax error", "near \""];

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A value of a condition or a cursor, with what statements and patterns are made of.
fn value() -> impl Strategy<Value = String> {
    let known = [
        "2025-10-09",
        "600000",
        "11.5",
        "",
        "%",
        "_",
        "\\",
        "'",
        "';--",
        "\"",
        "\u{0}",
        "$1",
        "?",
        "(((",
        "null",
    ];
    let cursors = ["[]", "[1]", r#"["2025-10-09","000001"]"#, r#"["x","y"]"#, "[[[[", "-1", "4294967296"];
    prop_oneof![
        3 => select(known.to_vec()).prop_map(str::to_owned),
        1 => select(cursors.to_vec()).prop_map(str::to_owned),
        1 => "[0-9.eE+-]{0,40}",
        2 => "\\PC{0,12}",
        1 => ".{0,12}",
    ]
}

fn column() -> impl Strategy<Value = String> {
    let known =
        ["day", "code", "name", "price", "created_at", "", "DAY", "day,code", "-price", "--price", "rowid"];
    prop_oneof![6 => select(known.to_vec()).prop_map(str::to_owned), 1 => value()]
}

fn pair() -> impl Strategy<Value = String> {
    let tests =
        ["eq", "ne", "from", "to", "above", "below", "starts", "contains", "null", "notnull", "", "like"];
    let condition = (column(), select(tests.to_vec()), value())
        .prop_map(|(column, test, value)| format!("where={}", escaped(&format!("{column}:{test}:{value}"))));
    let bare = (column(), select(tests.to_vec()))
        .prop_map(|(column, test)| format!("where={}", escaped(&format!("{column}:{test}"))));
    let of_columns = (select(vec!["columns", "order"]), column())
        .prop_map(|(key, column)| format!("{key}={}", escaped(&column)));
    let of_values = (select(vec!["limit", "cursor", "offset", "format", "x"]), value())
        .prop_map(|(key, value)| format!("{key}={}", escaped(&value)));
    prop_oneof![4 => condition, 1 => bare, 2 => of_columns, 2 => of_values]
}

#[tokio::test]
async fn any_question_to_a_table_is_answered_or_told_what_is_wrong() {
    let house = House::new().await;
    let tables = prop_oneof![8 => Just("quote".to_owned()), 1 => value().prop_map(|name| escaped(&name))];
    let asked = (tables, select(vec!["rows", "rows", "export"]), prop::collection::vec(pair(), 0..4));
    let mut runner = TestRunner::deterministic();
    let mut with_rows = 0;
    for _ in 0..CASES {
        let (table, verb, pairs) = asked.new_tree(&mut runner).unwrap().current();
        let path = format!("/api/v1/tables/{table}/{verb}?{}", pairs.join("&"));
        let answer = shown(house.ask(Request::get(&path).body(Body::empty()).unwrap()).await).await;
        let status: u16 = answer.split(' ').next().unwrap().parse().unwrap();
        assert!(matches!(status, 200 | 400 | 404), "{path}: {answer}");
        let (lower, asked) = (answer.to_lowercase(), path.to_lowercase());
        let said = SQL
            .iter()
            .find(|words| lower.contains(*words) && !asked.contains(&escaped(words).to_lowercase()));
        assert_eq!(said, None, "{path}: {answer}");
        with_rows += usize::from(status == 200);
    }
    assert!((CASES / 10..CASES).contains(&with_rows), "{with_rows} of {CASES} were sound questions");
}
