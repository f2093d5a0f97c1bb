//! `/api/docs`: the document, drawn. Everything on it comes from the document itself and the table of problems.

use axum::extract::State;
use maud::{Markup, html};
use serde_json::Value;

use super::chinese;
use crate::app::Shared;
use crate::components::layout::Frame;
use crate::i18n::Language;
use crate::problem::KINDS;
use crate::viewer::Viewer;

/// The page.
pub(super) async fn show(State(site): Shared, viewer: Viewer) -> Markup {
    let language = viewer.language;
    let document = serde_json::to_value(&site.document).expect("the document is JSON");
    let title = language.messages().api_docs;
    Frame { viewer: &viewer, title, live: None, path: "/api/docs" }.around(&content(&document, language))
}

fn content(document: &Value, language: Language) -> Markup {
    let m = language.messages();
    html! {
        div.docs {
            p.lead { (m.docs_intro) " " a href="/api/openapi.json" { (m.docs_download) } }
            @for tag in list(&document["tags"]) {
                section.card {
                    h2 { (text(&tag["name"])) small { (said(text(&tag["name"]), &tag["description"], language)) } }
                    @for (path, method, operation) in operations(document, tag) {
                        (drawn(path, method, operation, language))
                    }
                }
            }
            section.card {
                h2 { (m.docs_shapes) }
                @for (name, shape) in entries(&document["components"]["schemas"]) { (drawn_shape(name, shape)) }
            }
            section.card {
                h2 { (m.docs_problems) }
                p { (m.docs_problems_intro) }
                table { tbody {
                    @for kind in KINDS {
                        tr #{ "problem-" (kind.code) } {
                            th scope="row" { code { (kind.code) } }
                            td.number { (kind.status) }
                            td { (kind.title(language)) }
                        }
                    }
                } }
            }
        }
    }
}

fn operations<'a>(document: &'a Value, tag: &Value) -> Vec<(&'a str, &'a str, &'a Value)> {
    let mut found = Vec::new();
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in entries(item) {
            if list(&operation["tags"]).contains(&tag["name"]) {
                found.push((path, method, operation));
            }
        }
    }
    found
}

fn drawn(path: &str, method: &str, operation: &Value, language: Language) -> Markup {
    let m = language.messages();
    let parameters = list(&operation["parameters"]);
    html! {
        details {
            summary {
                span.method data-method=(method) { (method) } " " code { (path) } " "
                span { (said(&format!("{} {path}", method.to_uppercase()), &operation["summary"], language)) }
            }
            @if let Some(words) = operation["description"].as_str() { p { (prose(words)) } }
            @if !parameters.is_empty() {
                h3 { (m.docs_parameters) }
                dl.shape {
                    @for parameter in parameters {
                        dt {
                            code { (text(&parameter["name"])) }
                            small { (text(&parameter["in"])) " " (kind(&parameter["schema"]))
                                @if parameter["required"] == true { " " b { (m.docs_required) } } }
                        }
                        dd { (prose(text(&parameter["description"]))) }
                    }
                }
            }
            @if let Some(body) = entries(&operation["requestBody"]["content"]).first() {
                h3 { (m.docs_body) }
                p { code { (body.0) } " " (kind(&body.1["schema"])) }
            }
            h3 { (m.docs_answers) }
            dl.shape {
                @for (status, answer) in entries(&operation["responses"]) {
                    dt { code { (status) } @for (_, content) in entries(&answer["content"]) { small { (kind(&content["schema"])) } } }
                    dd { (prose(text(&answer["description"]))) }
                }
            }
        }
    }
}

fn drawn_shape(name: &str, shape: &Value) -> Markup {
    let required = list(&shape["required"]);
    html! {
        details #{ "shape-" (name) } {
            summary { code { (name) } " " span { (prose(text(&shape["description"]))) } }
            @if shape.get("enum").is_some() { p { (kind(shape)) } }
            dl.shape {
                @for (field, about) in entries(&shape["properties"]) {
                    dt {
                        code { (field) } small { (kind(about)) }
                        @if required.iter().all(|required| required != field) { small { "?" } }
                    }
                    dd { (prose(text(&about["description"]))) }
                }
            }
        }
    }
}

/// A schema in a few words; named ones lead to their drawing.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return html! { a href={ "#shape-" (name) } { (name) } };
    }
    let several = [&schema["oneOf"], &schema["anyOf"], &schema["allOf"]].into_iter().flat_map(list);
    let several: Vec<&Value> = several.filter(|one| one["type"] != "null").collect();
    let words = list(&schema["enum"]);
    html! {
        @if !several.is_empty() {
            @for (place, one) in several.iter().enumerate() { @if place > 0 { " | " } (kind(one)) }
        } @else if !words.is_empty() {
            @for (place, word) in words.iter().enumerate() { @if place > 0 { " | " } code { (text(word)) } }
        } @else if schema["type"] == "array" {
            (kind(&schema["items"])) "[]"
        } @else {
            (plain(schema))
        }
    }
}

fn plain(schema: &Value) -> String {
    let names = match &schema["type"] {
        Value::String(name) => name.clone(),
        several => {
            list(several).iter().map(text).filter(|name| *name != "null").collect::<Vec<_>>().join(" | ")
        }
    };
    match schema["format"].as_str() {
        Some(format) => format!("{names} ({format})"),
        None => names,
    }
}

/// The document's words for something, or the Chinese ones; `code` between backticks.
fn said(name: &str, english: &Value, language: Language) -> Markup {
    let words = match language {
        Language::English => text(english),
        Language::Chinese => chinese::words(name).unwrap_or_else(|| text(english)),
    };
    prose(words)
}

fn prose(words: &str) -> Markup {
    html! {
        @for (place, piece) in words.split('`').enumerate() {
            @if place % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn entries(value: &Value) -> Vec<(&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_every_problem_is_on_the_page() {
        let document = serde_json::to_value(crate::docs::openapi()).unwrap();
        let page = content(&document, Language::Chinese).into_string();
        for (path, _) in entries(&document["paths"]) {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        }
        for kind in KINDS {
            assert!(page.contains(&format!("problem-{}", kind.code)), "{}", kind.code);
            assert!(page.contains(kind.title(Language::Chinese)), "{}", kind.code);
        }
    }
}
