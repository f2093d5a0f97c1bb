//! The body of `POST /sync/batch`, with everything that can be wrong with it.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::error::Trouble;
use crate::stocks::config::Mode;
use crate::stocks::plan::{How, Redo};
use crate::wire::{Json, Wrong, bad_json, is_json, no_object};

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
        let body: Json = serde_json::from_slice(bytes)
            .map_err(|error| Trouble::Unprocessable(vec![bad_json(bytes, &error)]))?;
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
