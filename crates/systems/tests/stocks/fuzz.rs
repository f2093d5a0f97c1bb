//! Any request at all to the documented routes: answered in their shapes, never with a failure of ours.

use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::{BoxedStrategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::bed::{Base, Bed, Making};

const ROOT: &str = "/api/v1/sync-status";

/// Requests of each kind.
const CASES: usize = 250;

on_both! {
    any_body_of_a_batch_is_answered
    any_path_and_query_is_answered
}

/// Values drawn from a strategy, the same ones each time.
fn drawn<S: Strategy>(strategy: &S) -> impl Iterator<Item = S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..CASES).map(move |_| strategy.new_tree(&mut runner).unwrap().current())
}

/// A text that may be a date, at the ends of the calendar too.
fn date() -> impl Strategy<Value = String> {
    let known =
        ["2025-10-09", "20251010", "2025-10-12", "0001-01-01", "9999-12-31", "2025-02-30", "2025-W41-4", ""];
    prop_oneof![6 => select(known.to_vec()).prop_map(str::to_owned), 1 => "[0-9-]{4,12}", 1 => ".{0,20}"]
}

fn any_json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        date().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    let nested = leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("\\PC{0,6}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    nested.boxed()
}

/// The body of a batch, with anything in the place of its values, or anything in its own place.
fn body() -> BoxedStrategy<Vec<u8>> {
    let keys = select(vec!["start_date", "end_date", "mode", "force", "x"]);
    let values = prop_oneof![3 => date().prop_map(Value::from), 1 => any_json()];
    let object =
        prop::collection::hash_map(keys, values, 0..5).prop_map(|map| json!(map).to_string().into_bytes());
    let dates = (date(), date(), any::<bool>()).prop_map(|(start_date, end_date, force)| {
        let body =
            json!({ "start_date": start_date, "end_date": end_date, "force": force, "mode": "per_stock" });
        body.to_string().into_bytes()
    })
    .boxed();
    let spoiled = (dates.clone(), any::<Index>(), any::<u8>()).prop_map(|(mut body, at, byte)| {
        let at = at.index(body.len());
        body[at] = byte;
        body
    });
    let bytes = prop::collection::vec(any::<u8>(), 0..60);
    let json = any_json().prop_map(|json| json.to_string().into_bytes());
    prop_oneof![2 => object, 3 => dates, 2 => spoiled, 1 => bytes, 1 => json].boxed()
}

/// Bytes as they stand in a URL.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}

/// A piece of a path or a query's value.
fn piece() -> impl Strategy<Value = String> {
    let numbers = ["0", "1", "366", "-1", "1.0", "+5", "9223372036854775808", "1e3", "success", "none"];
    prop_oneof![
        3 => date().prop_map(|text| escaped(text.as_bytes())),
        2 => select(numbers.to_vec()).prop_map(str::to_owned),
        1 => prop::collection::vec(any::<u8>(), 0..12).prop_map(|bytes| escaped(&bytes)),
        1 => Just("a%00b".to_owned()),
    ]
}

fn path() -> impl Strategy<Value = (&'static str, String)> {
    let reads = ["today", "recent", "pending", "summary", "list", "sync/batch/active"];
    let keys = ["days", "days_back", "page", "page_size", "start_date", "end_date", "status"];
    let query = prop::collection::vec((select(keys.to_vec()), piece()), 0..4).prop_map(|pairs| {
        pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&")
    });
    let read = (select(reads.to_vec()), query).prop_map(|(path, query)| ("GET", format!("{path}?{query}")));
    let starts = (select(vec!["check/", "sync/date/", "sync/pending?days_back="]), piece())
        .prop_map(|(path, piece)| ("POST", format!("{path}{piece}")));
    let follows = (select(vec!["date/", "sync/batch/progress/"]), piece())
        .prop_map(|(path, piece)| ("GET", format!("{path}{piece}")));
    let steers = (piece(), select(vec!["cancel", "pause", "resume"]))
        .prop_map(|(task, verb)| ("POST", format!("sync/batch/{task}/{verb}")));
    let strange = (select(vec!["GET", "POST", "PUT", "DELETE"]), piece(), piece())
        .prop_map(|(method, one, two)| (method, format!("{one}/{two}")));
    prop_oneof![4 => read, 3 => starts, 2 => follows, 2 => steers, 1 => strange]
}

/// The documented answer of any request: JSON, not a failure of ours; what it started is cancelled.
async fn answered(bed: &Bed, request: Request<Body>, of: &str) {
    let (status, text) = bed.send(request).await;
    assert!(matches!(status, 200 | 400 | 404 | 405 | 422), "{of}: {status} {text}");
    let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{of}: {text}"));
    let said = if status == 200 { &answer["status"] } else { &answer["detail"] };
    assert!(!said.is_null(), "{of}: {status} {text}");
    if let Some(task) = answer["data"]["task_id"].as_str() {
        bed.post(&format!("/sync/batch/{}/cancel", escaped(task.as_bytes())), None).await;
    }
}

async fn any_body_of_a_batch_is_answered(base: Base) {
    let bed = Making::new(base).idle().await;
    let kinds = select(vec![Some("application/json"), Some("application/json"), Some("text/plain"), None]);
    for (body, kind) in drawn(&(body(), kinds)) {
        let of = format!("{kind:?} {}", String::from_utf8_lossy(&body));
        let request = Request::post(format!("{ROOT}/sync/batch"));
        let request = kind.into_iter().fold(request, |request, kind| request.header("content-type", kind));
        answered(&bed, request.body(Body::from(body)).unwrap(), &of).await;
    }
}

async fn any_path_and_query_is_answered(base: Base) {
    let bed = Making::new(base).idle().await;
    for (method, path) in drawn(&path()) {
        let of = format!("{method} {path}");
        let request = Request::builder().method(method).uri(format!("{ROOT}/{path}"));
        answered(&bed, request.body(Body::empty()).unwrap(), &of).await;
    }
}
