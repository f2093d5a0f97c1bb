//! The body of `POST /sync/batch`, with everything that can be wrong with it.

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use super::error::{Trouble, Wrong};
use super::json::Json;
use crate::stocks::config::Mode;
use crate::stocks::plan::{How, Redo};

/// A batch as asked for; its dates are not read yet.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) start_date: String,
    pub(super) end_date: String,
    pub(super) how: How,
}

impl Batch {
    /// Reads a body.
    pub(super) fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Trouble> {
        if bytes.is_empty() {
            return Err(missing_body());
        }
        if !is_json(headers) {
            let sent = Json::Text(String::from_utf8_lossy(bytes).into_owned());
            return Err(Trouble::Unprocessable(vec![no_object(sent)]));
        }
        let body: Json = serde_json::from_slice(bytes).map_err(|error| bad_json(bytes, &error))?;
        match body {
            Json::Null => Err(missing_body()),
            Json::Object(_) => Self::of(&body),
            other => Err(Trouble::Unprocessable(vec![no_object(other)])),
        }
    }

    fn of(body: &Json) -> Result<Self, Trouble> {
        let mut wrong = Vec::new();
        let start_date = text(body, "start_date", &mut wrong);
        let end_date = text(body, "end_date", &mut wrong);
        let mut how = How::default();
        match body.value("mode") {
            None | Some(Json::Null) => {}
            Some(value) => match value {
                Json::Text(word) if Mode::from_word(word).is_some() => how.mode = Mode::from_word(word),
                _ => wrong.push(no_value("mode", "mode 应为 market 或 per_stock", value)),
            },
        }
        match body.value("force") {
            None | Some(Json::Null | Json::Bool(false)) => {}
            Some(Json::Bool(true)) => how.redo = Redo::All,
            Some(value) => wrong.push(no_value("force", "force 应为 true 或 false", value)),
        }
        match (start_date, end_date) {
            (Some(start_date), Some(end_date)) if wrong.is_empty() => Ok(Self { start_date, end_date, how }),
            _ => Err(Trouble::Unprocessable(wrong)),
        }
    }
}

fn text(body: &Json, key: &'static str, wrong: &mut Vec<Wrong>) -> Option<String> {
    match body.value(key) {
        Some(Json::Text(text)) => Some(text.clone()),
        Some(other) => {
            let msg = "Input should be a valid string";
            wrong.push(Wrong::new("string_type", in_body(key), msg, other.clone()));
            None
        }
        None => {
            wrong.push(Wrong::new("missing", in_body(key), "Field required", body.clone()));
            None
        }
    }
}

fn in_body(key: &str) -> Vec<Value> {
    vec![json!("body"), json!(key)]
}

fn no_value(key: &str, msg: &str, value: &Json) -> Wrong {
    Wrong::new("value_error", in_body(key), msg, value.clone())
}

fn missing_body() -> Trouble {
    Trouble::Unprocessable(vec![Wrong::new("missing", vec![json!("body")], "Field required", Json::Null)])
}

fn no_object(sent: Json) -> Wrong {
    let msg = "Input should be a valid dictionary or object to extract fields from";
    Wrong::new("model_attributes_type", vec![json!("body")], msg, sent)
}

/// Whether the body is sent as JSON; one without a type is taken for it.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some(kind) = kind.strip_prefix("application/") else { return kind.is_empty() };
    kind == "json" || kind.ends_with("+json")
}

fn bad_json(bytes: &[u8], error: &serde_json::Error) -> Trouble {
    let at = offset_of(bytes, error);
    let wrong = Wrong::new(
        "json_invalid",
        vec![json!("body"), json!(at)],
        "JSON decode error",
        Json::Object(Vec::new()),
    );
    Trouble::Unprocessable(vec![wrong.with(json!({ "error": error.to_string() }))])
}

/// Where the JSON goes wrong, in characters from the start; at the start of a word that is none.
fn offset_of(bytes: &[u8], error: &serde_json::Error) -> usize {
    let line_starts = bytes
        .split(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(|line| line.len() + 1)
        .sum::<usize>();
    let beyond = usize::from(!error.is_eof());
    let mut at = (line_starts + error.column().saturating_sub(beyond)).min(bytes.len());
    while !error.is_eof() && at > 0 && bytes[at - 1].is_ascii_alphabetic() {
        at -= 1;
    }
    String::from_utf8_lossy(&bytes[..at]).chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(text: &str) -> usize {
        let error = serde_json::from_str::<Json>(text).unwrap_err();
        offset_of(text.as_bytes(), &error)
    }

    #[test]
    fn the_place_of_bad_json_is_counted_in_characters() {
        assert_eq!(offset("{bad"), 1);
        assert_eq!(offset("not json"), 0);
        assert_eq!(offset("{\"a\":"), 5);
        assert_eq!(offset("{} x"), 3);
        assert_eq!(offset("{\"日期\": x}"), 7);
        assert_eq!(offset("{\n\"a\": 1,\n}"), 10);
    }

    #[test]
    fn only_json_counts_as_json() {
        let kind = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, text.parse().unwrap());
            is_json(&headers)
        };
        assert!(kind("application/json") && kind("application/json; charset=utf-8"));
        assert!(kind("application/problem+json") && is_json(&HeaderMap::new()));
        assert!(!kind("text/plain") && !kind("application/x-www-form-urlencoded"));
    }
}
