//! The body of `POST /Y/R/schedule`, with everything that can be wrong with it.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde_json::{Number, Value, json};

use crate::races::sync::HOURS;
use crate::races::verbs::Terms;
use crate::wire::{Bounds, Json, Wrong, bad_json, is_json, no_number, no_object, whole};

/// What an attempt's hours lie between.
const BOUNDS: Bounds = Bounds::between(1, 720);
const ATTEMPTS_MAX: usize = 20;
/// Years a race may end in.
const YEARS: std::ops::RangeInclusive<i16> = 1950..=2101;

/// Reads a body; what is wrong is added to `wrong`.
pub(super) fn read(headers: &HeaderMap, bytes: &[u8], wrong: &mut Vec<Wrong>) -> Option<Terms> {
    if bytes.trim_ascii().is_empty() {
        return Some(usual());
    }
    if !is_json(headers) {
        wrong.push(no_object(Json::Text(String::from_utf8_lossy(bytes).into_owned())));
        return None;
    }
    match serde_json::from_slice(bytes) {
        // `""` is what a client sends that has nothing to send but sends it as JSON.
        Ok(Json::Null) => Some(usual()),
        Ok(Json::Text(text)) if text.is_empty() => Some(usual()),
        Ok(body @ Json::Object(_)) => terms(&body, wrong),
        Ok(other) => {
            wrong.push(no_object(other));
            None
        }
        Err(error) => {
            wrong.push(bad_json(bytes, &error));
            None
        }
    }
}

fn usual() -> Terms {
    Terms { hours: HOURS.to_vec(), always_run: false, race_end: None }
}

fn terms(body: &Json, wrong: &mut Vec<Wrong>) -> Option<Terms> {
    let hours = match body.value("retry_intervals") {
        None | Some(Json::Null) => Some(HOURS.to_vec()),
        Some(value) => hours(value, wrong),
    };
    let always_run = match body.value("always_run") {
        None => Some(false),
        Some(Json::Bool(value)) => Some(*value),
        Some(other) => {
            let msg = "Input should be a valid boolean";
            wrong.push(Wrong::new("bool_type", in_body("always_run"), msg, other.clone()));
            None
        }
    };
    let race_end = match body.value("race_end_time") {
        None | Some(Json::Null) => Some(None),
        Some(value) => race_end(value, wrong).map(Some),
    };
    Some(Terms { hours: hours?, always_run: always_run?, race_end: race_end? })
}

/// Hours after the end, ascending.
fn hours(sent: &Json, wrong: &mut Vec<Wrong>) -> Option<Vec<i64>> {
    let fault = |kind, msg: &str| Wrong::new(kind, in_body("retry_intervals"), msg, sent.clone());
    let Json::List(items) = sent else {
        wrong.push(fault("list_type", "Input should be a valid list"));
        return None;
    };
    let count = items.len();
    if count > ATTEMPTS_MAX {
        let msg = format!("List should have at most {ATTEMPTS_MAX} items after validation, not {count}");
        let ctx = json!({ "field_type": "List", "max_length": ATTEMPTS_MAX, "actual_length": count });
        wrong.push(fault("too_long", &msg).with(ctx));
        return None;
    }
    if count == 0 {
        let ctx = json!({ "field_type": "List", "min_length": 1, "actual_length": 0 });
        wrong.push(fault("too_short", "List should have at least 1 item after validation, not 0").with(ctx));
        return None;
    }
    let read: Vec<Option<i64>> =
        items.iter().enumerate().map(|(index, item)| hour(item, index, wrong)).collect();
    let mut hours = BTreeSet::new();
    for hour in read.into_iter().collect::<Option<Vec<i64>>>()? {
        if !hours.insert(hour) {
            let msg = format!("Value error, duplicate interval {hour}");
            wrong.push(fault("value_error", &msg).with(json!({ "error": {} })));
            return None;
        }
    }
    Some(hours.into_iter().collect())
}

fn hour(sent: &Json, index: usize, wrong: &mut Vec<Wrong>) -> Option<i64> {
    let loc = || [in_body("retry_intervals"), vec![json!(index)]].concat();
    match sent {
        Json::Number(number) => match integer(number) {
            Some(number) => BOUNDS.hold(number, loc(), sent.clone(), wrong),
            None => {
                let msg = "Input should be a valid integer, got a number with a fractional part";
                wrong.push(Wrong::new("int_from_float", loc(), msg, sent.clone()));
                None
            }
        },
        Json::Text(text) => match whole(text) {
            Some(number) => BOUNDS.hold(number, loc(), sent.clone(), wrong),
            None => {
                wrong.push(no_number(loc(), text));
                None
            }
        },
        other => {
            wrong.push(Wrong::new("int_type", loc(), "Input should be a valid integer", other.clone()));
            None
        }
    }
}

/// A number without a fraction; one beyond 64 bits is the largest or smallest there is.
fn integer(number: &Number) -> Option<i64> {
    if let Some(number) = number.as_i64() {
        return Some(number);
    }
    let number = number.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it has no fraction, and what is too large is out of bounds"
    )]
    (number.fract() == 0.0).then_some(number as i64)
}

fn race_end(sent: &Json, wrong: &mut Vec<Wrong>) -> Option<Timestamp> {
    let why = match sent {
        Json::Text(text) => match instant(text.trim()) {
            Ok(instant) => return Some(instant),
            Err(why) => why,
        },
        _ => "input should be a text in ISO-8601",
    };
    let msg = format!("Input should be a valid datetime or date, {why}");
    let fault = Wrong::new("datetime_parsing", in_body("race_end_time"), &msg, sent.clone());
    wrong.push(fault.with(json!({ "error": why })));
    None
}

/// An instant of ISO-8601; without an offset in UTC, without a time at midnight.
fn instant(text: &str) -> Result<Timestamp, &'static str> {
    const UNREADABLE: &str = "input is not in ISO-8601";
    let pieces = Pieces::parse(text).map_err(|_| UNREADABLE)?;
    if pieces.time_zone_annotation().is_some() {
        return Err(UNREADABLE);
    }
    let civil = pieces.date().to_datetime(pieces.time().unwrap_or_default());
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    let instant = offset.to_timestamp(civil).map_err(|_| "it is out of range")?;
    if !YEARS.contains(&Offset::UTC.to_datetime(instant).year()) {
        return Err("year must be 1950 to 2101");
    }
    // Databases keep microseconds.
    Timestamp::from_microsecond(instant.as_microsecond()).map_err(|_| "it is out of range")
}

fn in_body(key: &str) -> Vec<Value> {
    vec![json!("body"), json!(key)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> String {
        let mut wrong = Vec::new();
        match read(&HeaderMap::new(), body.as_bytes(), &mut wrong) {
            Some(terms) if wrong.is_empty() => {
                let end = terms.race_end.map(|end| end.to_string()).unwrap_or_default();
                format!("{:?} {} {end}", terms.hours, terms.always_run)
            }
            _ => serde_json::to_string(&wrong).unwrap(),
        }
    }

    #[test]
    fn nothing_sent_means_the_usual_terms() {
        for body in
            ["", " \n", "null", "\"\"", "{}", r#"{"retry_intervals":null,"race_end_time":null,"x":1}"#]
        {
            assert_eq!(said(body), "[6, 12, 24] false ", "{body}");
        }
    }

    #[test]
    fn intervals_are_whole_numbers_in_any_spelling_and_order() {
        assert_eq!(said(r#"{"retry_intervals":[24,6,12],"always_run":true}"#), "[6, 12, 24] true ");
        assert_eq!(
            said(r#"{"retry_intervals":["6",12.0," 013 ","20.0",720]}"#),
            "[6, 12, 13, 20, 720] false "
        );
    }

    #[test]
    fn every_bad_list_is_refused_in_the_documented_words() {
        let list = |list: &str| said(&format!(r#"{{"retry_intervals":{list}}}"#));
        let one = |kind: &str, loc: &str, msg: &str, rest: &str| {
            format!(r#"[{{"type":"{kind}","loc":["body","retry_intervals"{loc}],"msg":"{msg}",{rest}}}]"#)
        };
        assert_eq!(
            list("[]"),
            one(
                "too_short",
                "",
                "List should have at least 1 item after validation, not 0",
                r#""input":[],"ctx":{"actual_length":0,"field_type":"List","min_length":1}"#
            )
        );
        assert_eq!(
            list("[0]"),
            one(
                "greater_than_equal",
                ",0",
                "Input should be greater than or equal to 1",
                r#""input":0,"ctx":{"ge":1}"#
            )
        );
        assert_eq!(
            list("[6,721]"),
            one(
                "less_than_equal",
                ",1",
                "Input should be less than or equal to 720",
                r#""input":721,"ctx":{"le":720}"#
            )
        );
        assert_eq!(
            list("[6,6]"),
            one(
                "value_error",
                "",
                "Value error, duplicate interval 6",
                r#""input":[6,6],"ctx":{"error":{}}"#
            )
        );
        assert!(list(&format!("[{}]", "1,".repeat(20) + "1")).starts_with(
            r#"[{"type":"too_long","loc":["body","retry_intervals"],"msg":"List should have at most 20 items after validation, not 21","input":["#
        ));
        assert_eq!(
            list(r#"["a"]"#),
            one(
                "int_parsing",
                ",0",
                "Input should be a valid integer, unable to parse string as an integer",
                r#""input":"a""#
            )
        );
        assert_eq!(
            list("[1.5]"),
            one(
                "int_from_float",
                ",0",
                "Input should be a valid integer, got a number with a fractional part",
                r#""input":1.5"#
            )
        );
        let integer = "Input should be a valid integer";
        assert_eq!(list("[true]"), one("int_type", ",0", integer, r#""input":true"#));
        assert_eq!(list("[6,null]"), one("int_type", ",1", integer, r#""input":null"#));
        assert_eq!(list("\"6\""), one("list_type", "", "Input should be a valid list", r#""input":"6""#));
        assert_eq!(list("[1e300]").matches("less_than_equal").count(), 1);
        assert_eq!(list("[0,\"a\",721]").matches("\"type\"").count(), 3, "all that is wrong is said");
    }

    #[test]
    fn an_end_is_an_instant_of_the_documented_years() {
        let end = |text: &str| said(&format!(r#"{{"race_end_time":"{text}"}}"#));
        assert_eq!(end("2025-06-29T16:00:00"), "[6, 12, 24] false 2025-06-29T16:00:00Z");
        assert_eq!(end("2025-06-29T18:00:00.5+02:00"), "[6, 12, 24] false 2025-06-29T16:00:00.5Z");
        assert_eq!(end("2025-06-29 16:00Z"), "[6, 12, 24] false 2025-06-29T16:00:00Z");
        assert_eq!(end("2025-06-29"), "[6, 12, 24] false 2025-06-29T00:00:00Z");
        for text in [
            "",
            "soon",
            "2025-02-30T00:00:00",
            "1949-12-31T23:59:59",
            "2102-01-01",
            "2025-06-29T16:00:00[Asia/Tokyo]",
        ] {
            assert!(
                end(text).starts_with(
                    r#"[{"type":"datetime_parsing","loc":["body","race_end_time"],"msg":"Input should be a valid datetime or date, "#
                ),
                "{text}: {}",
                end(text)
            );
        }
        assert!(said(r#"{"race_end_time":5}"#).contains("datetime_parsing"));
        assert!(said(r#"{"always_run":"yes"}"#).contains("bool_type"));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for body in ["[]", "[6]", "5", "\"x\"", "true"] {
            assert!(said(body).contains(r#""type":"model_attributes_type","loc":["body"]"#), "{body}");
        }
        assert!(said("{bad").contains(r#""type":"json_invalid","loc":["body",1]"#));
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "text/plain".parse().unwrap());
        let mut wrong = Vec::new();
        assert!(read(&headers, b"{}", &mut wrong).is_none());
        assert!(serde_json::to_string(&wrong).unwrap().contains(r#""input":"{}""#));
        assert!(read(&headers, b"", &mut Vec::new()).is_some(), "nothing sent has no type");
    }
}
