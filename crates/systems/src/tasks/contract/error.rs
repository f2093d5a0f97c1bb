//! What is wrong with a request, or with us, as documented: `success`, `error`, `error_type`.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::StoreError;
use serde::Serialize;

use super::answer;
use crate::tasks::labels;
use crate::tasks::verbs::StartError;

/// Why a request has no ordinary answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// 400, in these words.
    Bad(String),
    /// 404: no such record.
    NoRecord,
    /// 409: another run of the type is at work.
    Busy(String),
    /// 500: the run ended so.
    Failed(String, i64),
    /// 503: the server is going down.
    Stopping,
    /// 500: the state, or a bug. Told to the log alone.
    Down(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Down(error.to_string())
    }
}

impl From<StartError> for Trouble {
    fn from(error: StartError) -> Self {
        Self::Down(error.to_string())
    }
}

#[derive(Serialize)]
struct Failure<'a> {
    success: bool,
    error: &'a str,
    error_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_id: Option<i64>,
}

fn failure(status: StatusCode, error_type: &'static str, error: &str) -> Response {
    answer(status, &Failure { success: false, error, error_type, record_id: None })
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Self::Bad(error) => failure(StatusCode::BAD_REQUEST, "invalid_parameter", &error),
            Self::NoRecord => failure(StatusCode::NOT_FOUND, "not_found", labels::NO_RECORD),
            Self::Busy(error) => failure(StatusCode::CONFLICT, "lock_conflict", &error),
            Self::Failed(error, record) => {
                let body = Failure {
                    success: false,
                    error: &error,
                    error_type: "sync_failed",
                    record_id: Some(record),
                };
                answer(StatusCode::INTERNAL_SERVER_ERROR, &body)
            }
            Self::Stopping => failure(StatusCode::SERVICE_UNAVAILABLE, "unavailable", labels::STOPPING),
            Self::Down(detail) => {
                tracing::error!(target: labels::TARGET, "a sync route failed: {detail}");
                failure(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", labels::INTERNAL)
            }
        }
    }
}

/// What the server refuses before any route of these is asked, or in its place.
pub fn contract_refusal(_asked: &HeaderMap, status: StatusCode, _why: &str) -> Response {
    match status {
        StatusCode::UNAUTHORIZED => failure(status, "unauthorized", labels::UNAUTHORIZED),
        StatusCode::FORBIDDEN => failure(status, "forbidden", labels::FORBIDDEN),
        // Whatever it is, nothing else is documented.
        _ => failure(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", labels::INTERNAL),
    }
}

/// No route of that path.
pub(super) async fn no_route() -> Response {
    failure(StatusCode::NOT_FOUND, "not_found", labels::NO_ROUTE)
}

/// The path exists, with this other method.
pub(super) fn wrong_method(allowed: &'static str) -> Response {
    let mut response = failure(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", labels::WRONG_METHOD);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_ask_is_told_so_in_the_documented_words() {
        for (status, answered, kind, words) in [
            (401, 401, "unauthorized", "未登录或令牌无效"),
            (403, 403, "forbidden", "没有权限"),
            (503, 500, "internal_error", "服务器内部错误"),
            (500, 500, "internal_error", "服务器内部错误"),
        ] {
            let response =
                contract_refusal(&HeaderMap::new(), StatusCode::from_u16(status).unwrap(), "an inner word");
            assert_eq!(
                (response.status().as_u16(), &response.headers()[header::CACHE_CONTROL]),
                (answered, &HeaderValue::from_static("no-store"))
            );
            let body =
                futures_util::FutureExt::now_or_never(axum::body::to_bytes(response.into_body(), 1000));
            let body: serde_json::Value = serde_json::from_slice(&body.unwrap().unwrap()).unwrap();
            assert_eq!(body, serde_json::json!({"success": false, "error": words, "error_type": kind}));
        }
    }
}
