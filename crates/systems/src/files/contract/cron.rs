//! What an expression means, and what is wrong with one, as documented.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use jiff::tz::TimeZone;
use model::cron::Cron;
use model::file::cron::{self, BadFileCron};
use model::schedule::zone;
use serde_json::{Value, json};

use super::answer::{Trouble, Why, ok};
use super::{Answer, Desk};
use crate::files::shown::offset_time;
use crate::wire::bad_json;

/// Times shown.
const SHOWN: usize = 5;

/// The zone of an expression that comes without one.
const ZONE: &str = "Asia/Shanghai";

pub(super) async fn validate(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Answer {
    let (expression, zone_name) = sent(&headers, &body).map_err(|why| Trouble::of(&headers, why))?;
    Ok(explained(&desk, &expression, zone_name.as_deref().unwrap_or(ZONE)))
}

/// The expression, and the zone when one came with it.
fn sent(headers: &HeaderMap, body: &Bytes) -> Result<(String, Option<String>), Why> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.trim().to_ascii_lowercase().starts_with("text/plain") {
        return Ok((String::from_utf8_lossy(body).into_owned(), None));
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(missing());
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| invalid(body, &error))?;
    match value {
        Value::Null => Err(missing()),
        Value::String(text) => Ok((text, None)),
        Value::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
            match text("cron_expr") {
                Some(expression) => Ok((expression, text("timezone"))),
                None => Err(no_text(Value::Object(object))),
            }
        }
        other => Err(no_text(other)),
    }
}

fn missing() -> Why {
    Why::Body {
        kind: "missing",
        loc: vec![json!("body")],
        msg: "字段为必填项".to_owned(),
        input: Value::Null,
    }
}

fn no_text(input: Value) -> Why {
    Why::Body {
        kind: "string_type", loc: vec![json!("body")], msg: "输入应为有效的字符串".to_owned(), input
    }
}

fn invalid(body: &Bytes, error: &serde_json::Error) -> Why {
    let wrong = serde_json::to_value(bad_json(body, error)).unwrap_or_default();
    let place = wrong.get("loc").and_then(Value::as_array).cloned().unwrap_or_default();
    let input = Value::Object(serde_json::Map::new());
    Why::Body { kind: "json_invalid", loc: place, msg: format!("无效的 JSON: {error}"), input }
}

fn explained(desk: &Desk, expression: &str, zone_name: &str) -> Response {
    let Ok(zone) = zone(zone_name) else {
        return ok(&json!({"valid": false, "error": format!("cron 表达式验证失败: 未知时区 {zone_name}")}));
    };
    match cron::canonical(expression) {
        Ok(canonical) => good(desk, expression, &canonical, &zone),
        Err(bad) => wrong(expression, &bad),
    }
}

fn good(desk: &Desk, expression: &str, canonical: &str, zone: &TimeZone) -> Response {
    let now = desk.now();
    let times = Cron::parse(canonical).map(|cron| cron.next_n(now, zone, SHOWN)).unwrap_or_default();
    let seconds = times.first().map_or(0.0, |first| first.duration_since(now).as_secs_f64());
    let told = |at: &jiff::Timestamp| offset_time(*at, zone);
    ok(&json!({
        "valid": true, "message": "cron 表达式有效", "next_run_in_seconds": seconds,
        "next_runs": times.iter().map(told).collect::<Vec<_>>(), "description": cron::describe(expression).unwrap_or_default(),
    }))
}

fn wrong(expression: &str, bad: &BadFileCron) -> Response {
    if expression.trim().is_empty() {
        return ok(&json!({"valid": false, "error": bad.message()}));
    }
    ok(&json!({"valid": false, "error": bad.message(), "position": bad.position, "detail": bad.detail}))
}
