//! Rows: by name, without whitespace, whatever the bytes.

use connect::baostock::records::{Records, RecordsError};
use proptest::prelude::*;

fn parse(rows: &str, fields: &str) -> Result<Records, RecordsError> {
    // Something before and after, as in a body.
    let text = format!("0\u{1}{rows}\u{1}tail");
    let end = 2 + rows.len();
    Records::parse(text, 2..end, fields)
}

fn values(records: &Records) -> Vec<Vec<&str>> {
    records.rows().map(|row| row.cells().collect()).collect()
}

#[test]
fn values_are_found_by_name() {
    let records = parse(r#"{"record":[["1","sh.600000"],["0","sz.000001"]]}"#, "tradeStatus, code").unwrap();
    let code = records.column("code").unwrap();
    let codes = records.rows().map(|row| row.cell(code).unwrap()).collect::<Vec<_>>();
    assert_eq!(codes, ["sh.600000", "sz.000001"]);
    assert_eq!(records.fields().collect::<Vec<_>>(), ["tradeStatus", "code"]);
    assert!(records.column("code_name").is_none());
    assert_eq!((records.len(), records.is_empty()), (2, false));
}

#[test]
fn nothing_and_an_empty_list_are_no_rows() {
    for rows in ["", "  \n", r#"{"record":[]}"#, r#"{ "record" : [ ] }"#] {
        assert!(parse(rows, "code").unwrap().is_empty(), "{rows:?}");
    }
}

#[test]
fn whitespace_goes_wherever_it_stands() {
    let records =
        parse("{ \"record\" :\n[ [ \"万  科Ａ\" , \"*ST\u{3000}国 华\" , \" \"] ] }", "a,b,c").unwrap();
    assert_eq!(values(&records), [["万科Ａ", "*ST国华", ""]]);
}

#[test]
fn escapes_are_undone() {
    let records =
        parse(r#"{"record":[["a\"b\\c","\u4e07\u79d1 \n","\ud83d\ude00","plain"]]}"#, "a,b,c,d").unwrap();
    assert_eq!(values(&records), [["a\"b\\c", "万科", "😀", "plain"]]);
}

#[test]
fn a_row_of_the_wrong_width_is_kept_and_known() {
    let records = parse(r#"{"record":[["1"],["1","2"],["1","2","3"],[]]}"#, "a,b").unwrap();
    let whole = records.rows().map(|row| row.is_whole()).collect::<Vec<_>>();
    assert_eq!(whole, [false, true, false, false]);
    let b = records.column("b").unwrap();
    let seen = records.rows().map(|row| row.cell(b)).collect::<Vec<_>>();
    assert_eq!(seen, [None, Some("2"), Some("2"), None]);
}

#[test]
fn what_is_not_rows_is_refused() {
    let bad = [
        "{",
        "[]",
        "null",
        r#"{"records":[]}"#,
        r#"{"record":[["1"]}"#,
        r#"{"record":[["1",]]}"#,
        r#"{"record":[["1"]]} x"#,
        r#"{"record":[[1]]}"#,
        r#"{"record":[["1]]}"#,
        r#"{"record":[["\x"]]}"#,
        r#"{"record":[["\"#,
        r#"{"record":[["\ud83d"]]}"#,
    ];
    for rows in bad {
        assert!(matches!(parse(rows, "a"), Err(RecordsError::Syntax(_))), "{rows}");
    }
}

#[test]
fn pages_of_the_same_fields_join() {
    let mut all = parse(r#"{"record":[["a b","1"]]}"#, "x,y").unwrap();
    all.append(&parse(r#"{"record":[["c","2"],["d e","3"]]}"#, "x,y").unwrap()).unwrap();
    assert_eq!(values(&all), [["ab", "1"], ["c", "2"], ["de", "3"]]);
    let other = parse(r#"{"record":[["1","a"]]}"#, "y,x").unwrap();
    assert!(matches!(all.append(&other), Err(RecordsError::Fields { .. })));
}

/// A whole market's day: what the reader is made for.
#[test]
fn a_markets_day_is_read() {
    let row = r#"["2025-10-09","sh.600000","11.9000","12.0500","11.8500","12.0000","11.9000","50000000","597500000.0000","3","0.170000","1","0.840336","7.100000","0.520000","2.300000","1.100000","0"]"#;
    let rows = format!(r#"{{"record":[{}]}}"#, vec![row; 5300].join(","));
    let fields = "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,peTTM,pbMRQ,psTTM,pcfNcfTTM,isST";
    let records = parse(&rows, fields).unwrap();
    assert!(records.rows().all(|row| row.is_whole()));
    assert_eq!(records.len(), 5300);
}

proptest! {
    #[test]
    fn any_rows_come_back_without_whitespace(rows in prop::collection::vec(prop::collection::vec(".{0,12}", 0..4), 0..6)) {
        let json = serde_json::json!({ "record": rows }).to_string();
        let records = parse(&json, "a,b").unwrap();
        let expected = rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.split_whitespace().collect::<String>()).collect::<Vec<_>>())
            .collect::<Vec<_>>();
        prop_assert_eq!(values(&records), expected);
    }

    #[test]
    fn arbitrary_text_does_no_harm(text in ".{0,60}", shape in r#"[\[\]{}",:\\ record0u]{0,60}"#) {
        let _ = parse(&text, "a,b");
        let _ = parse(&shape, "a");
        let _ = parse(&format!(r#"{{"record":[{shape}"#), "a");
    }
}
