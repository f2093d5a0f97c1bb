//! What the documented routes of the systems share: JSON that keeps its order, query strings, wrong inputs. Which keys
//! and texts a contract has stays with its system.

mod body;
mod json;
mod number;
mod query;
mod wrong;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde::Serialize;

pub(crate) use body::{bad_json, is_json, no_object};
pub(crate) use json::Json;
pub(crate) use number::{Bounds, no_number, whole};
pub(crate) use query::{Query, percent_decoded};
pub(crate) use wrong::Wrong;

/// Compact JSON in raw UTF-8.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_vec(body).expect("answers are plain texts, numbers and lists");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let kind = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
