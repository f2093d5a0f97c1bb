//! What is wrong with a request, or with us, as documented.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::StoreError;
use serde::Serialize;
use serde_json::Value;

use super::json::Json;
use crate::stocks::labels;
use crate::stocks::look::Unreadable;
use crate::stocks::start::StartError;

/// Why a request has no ordinary answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// 400, in these words.
    Bad(&'static str),
    /// 422, with all that is wrong.
    Unprocessable(Vec<Wrong>),
    /// 500: the state or the destination.
    Down(String),
}

/// One thing that is wrong with an input.
#[derive(Debug, Serialize)]
pub(super) struct Wrong {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Value>,
    msg: String,
    input: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

#[derive(Serialize)]
struct Detail<T> {
    detail: T,
}

impl Wrong {
    pub(super) fn new(kind: &'static str, loc: Vec<Value>, msg: &str, input: Json) -> Self {
        Self { kind, loc, msg: msg.to_owned(), input, ctx: None }
    }

    pub(super) fn with(self, ctx: Value) -> Self {
        Self { ctx: Some(ctx), ..self }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Down(error.to_string())
    }
}

impl From<Unreadable> for Trouble {
    fn from(error: Unreadable) -> Self {
        Self::Down(error.to_string())
    }
}

impl From<StartError> for Trouble {
    fn from(error: StartError) -> Self {
        Self::Down(error.to_string())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Self::Bad(detail) => json(StatusCode::BAD_REQUEST, &Detail { detail }),
            Self::Unprocessable(detail) => json(StatusCode::UNPROCESSABLE_ENTITY, &Detail { detail }),
            Self::Down(detail) => {
                tracing::error!(target: labels::TARGET, "a sync-status route failed: {detail}");
                json(StatusCode::INTERNAL_SERVER_ERROR, &Detail { detail })
            }
        }
    }
}

/// Compact JSON in raw UTF-8.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_vec(body).expect("answers are plain texts, numbers and lists");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let kind = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// No route of that path.
pub(super) async fn not_found() -> Response {
    json(StatusCode::NOT_FOUND, &Detail { detail: "Not Found" })
}

/// The path exists, with other methods.
pub(super) async fn wrong_method() -> Response {
    json(StatusCode::METHOD_NOT_ALLOWED, &Detail { detail: "Method Not Allowed" })
}
