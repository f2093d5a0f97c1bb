//! The document is the routes, and the checked-in copy is the document.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::openapi;
use crate::app::native;

/// Set to write the checked-in copy anew instead of comparing with it.
const WRITE: &str = "SYNCLINE_WRITE_OPENAPI";

fn document() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

fn operations(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(methods).collect()
}

#[test]
fn every_route_of_the_api_is_documented_and_nothing_else_is() {
    let is_api = |path: &str| path.starts_with("/api/v1/") || path == "/metrics";
    let listed = native().listed;
    let routed =
        listed.iter().filter(|(_, path)| is_api(path)).map(|(method, path)| format!("{method} {path}"));
    assert_eq!(routed.collect::<BTreeSet<_>>(), operations(&document()));
}

#[test]
fn every_operation_says_what_it_does_and_belongs_somewhere() {
    let document = document();
    let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["summary"].as_str().is_some_and(|words| !words.is_empty()), "{method} {path}");
            assert!(tags.contains(&&operation["tags"][0]), "{method} {path}");
        }
    }
}

#[test]
fn the_document_is_openapi_3_1_and_its_references_lead_somewhere() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}

#[test]
fn the_checked_in_copy_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&document()).unwrap());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == fresh,
        "docs/openapi.json is stale; write it with {WRITE}=1 cargo test -p web checked_in"
    );
}

#[test]
fn every_tag_and_operation_is_also_said_in_chinese_and_nothing_else_is() {
    let document = document();
    let tags =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap().to_owned());
    let wanted: BTreeSet<String> = tags.chain(operations(&document)).collect();
    let said: BTreeSet<String> = super::chinese::WORDS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(said, wanted);
}
