//! What holds for every body: when it counts as JSON, and what is said of one that is none.

use axum::http::{HeaderMap, header};
use serde_json::json;

use super::json::Json;
use super::wrong::Wrong;

/// Whether the body is sent as JSON; one without a type is taken for it.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some(kind) = kind.strip_prefix("application/") else { return kind.is_empty() };
    kind == "json" || kind.ends_with("+json")
}

/// What is wrong with bytes that could not be read as JSON.
pub(crate) fn bad_json(bytes: &[u8], error: &serde_json::Error) -> Wrong {
    let at = offset_of(bytes, error);
    let wrong = Wrong::new(
        "json_invalid",
        vec![json!("body"), json!(at)],
        "JSON decode error",
        Json::Object(Vec::new()),
    );
    wrong.with(json!({ "error": error.to_string() }))
}

/// What is wrong with a body that is no object.
pub(crate) fn no_object(sent: Json) -> Wrong {
    let msg = "Input should be a valid dictionary or object to extract fields from";
    Wrong::new("model_attributes_type", vec![json!("body")], msg, sent)
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
