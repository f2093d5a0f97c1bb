//! What is wrong with a request, or with us, as documented.

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::StoreError;
use serde::Serialize;

use crate::stocks::labels;
use crate::stocks::look::Unreadable;
use crate::stocks::start::StartError;
use crate::wire::{Wrong, json};

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

#[derive(Serialize)]
struct Detail<T> {
    detail: T,
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

/// What the server refuses before any route of these is asked, or in its place.
pub fn contract_refusal(_asked: &HeaderMap, status: StatusCode, why: &str) -> Response {
    json(status, &Detail { detail: why })
}

/// No route of that path.
pub(super) async fn not_found() -> Response {
    json(StatusCode::NOT_FOUND, &Detail { detail: "Not Found" })
}

/// The path exists, with other methods.
pub(super) async fn wrong_method() -> Response {
    json(StatusCode::METHOD_NOT_ALLOWED, &Detail { detail: "Method Not Allowed" })
}
