//! The documented envelope: `code`, `msg`, `data`, and with an error the request's `trace_id`.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::StoreError;
use serde::Serialize;
use serde_json::{Value, json};

use crate::files::{FilesError, labels};
use crate::wire;

/// The longest name of a request that is given back.
const TRACE_MAX: usize = 200;

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: u16,
    msg: &'a str,
    data: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
}

/// A success.
pub(super) fn ok(data: &impl Serialize) -> Response {
    wire::json(StatusCode::OK, &Envelope { code: 200, msg: "请求成功", data, trace_id: None })
}

/// Why a request has no ordinary answer.
#[derive(Debug)]
pub(super) enum Why {
    /// 404: no config of that number.
    Unknown(String),
    /// 400, in these words.
    Bad(String),
    /// 422: the config's number is none.
    NoNumber(String),
    /// 422: what is wrong with the body.
    Body { kind: &'static str, loc: Vec<Value>, msg: String, input: Value },
    /// 503: the state cannot be reached.
    Away(String),
    /// 500: a bug. Told to the log alone.
    Bug(String),
}

/// The same, with the name of the request.
#[derive(Debug)]
pub(super) struct Trouble {
    why: Why,
    trace: String,
}

impl Trouble {
    pub(super) fn of(headers: &HeaderMap, why: Why) -> Self {
        Self { why, trace: trace(headers) }
    }
}

/// The name its sender gave a request.
fn trace(headers: &HeaderMap) -> String {
    let sent = headers.get("x-request-id").and_then(|value| value.to_str().ok());
    let sent = sent.filter(|text| !text.is_empty() && text.len() <= TRACE_MAX);
    sent.unwrap_or("-").to_owned()
}

impl From<FilesError> for Why {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Unknown(id) => Self::Unknown(id.to_string()),
            error @ (FilesError::Disabled(_) | FilesError::Expired(_)) => Self::Bad(error.to_string()),
            FilesError::Store(error) => error.into(),
            other => Self::Bug(other.to_string()),
        }
    }
}

impl From<StoreError> for Why {
    fn from(error: StoreError) -> Self {
        match error {
            error @ StoreError::Unavailable { .. } => Self::Away(error.to_string()),
            other => Self::Bug(other.to_string()),
        }
    }
}

/// One thing that is wrong with an input: exactly these keys.
#[derive(Serialize)]
struct Mistake {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Value>,
    msg: String,
    input: Value,
}

#[derive(Serialize)]
struct Mistakes {
    errors: [Mistake; 1],
}

fn failure(status: StatusCode, msg: &str, data: &impl Serialize, trace: &str) -> Response {
    wire::json(status, &Envelope { code: status.as_u16(), msg, data, trace_id: Some(trace) })
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let trace = self.trace.as_str();
        let plain = |status: StatusCode, msg: &str| failure(status, msg, &Value::Null, trace);
        match self.why {
            Why::Unknown(config) => plain(StatusCode::NOT_FOUND, &labels::unknown(&config)),
            Why::Bad(msg) => plain(StatusCode::BAD_REQUEST, &msg),
            Why::NoNumber(text) => {
                let wrong = "输入应为有效的整数，无法将字符串解析为整数".to_owned();
                let msg = format!("请求参数非法: config_id {wrong}，输入：{text}");
                let loc = vec![json!("path"), json!("config_id")];
                let errors = [Mistake { kind: "int_parsing", loc, msg: wrong, input: text.into() }];
                failure(StatusCode::UNPROCESSABLE_ENTITY, &msg, &Mistakes { errors }, trace)
            }
            Why::Body { kind, loc, msg, input } => {
                let shown = match (kind, &input) {
                    ("json_invalid", _) => "请求参数非法: json解析失败".to_owned(),
                    (_, Value::Null) => format!("请求参数非法: body {msg}，输入：None"),
                    (_, input) => format!("请求参数非法: body {msg}，输入：{input}"),
                };
                let errors = [Mistake { kind, loc, msg, input }];
                failure(StatusCode::UNPROCESSABLE_ENTITY, &shown, &Mistakes { errors }, trace)
            }
            Why::Away(detail) => {
                tracing::warn!(target: labels::TARGET, "a route of files found the state away: {detail}");
                plain(StatusCode::SERVICE_UNAVAILABLE, labels::UNREACHED)
            }
            Why::Bug(detail) => {
                tracing::error!(target: labels::TARGET, "a route of files failed: {detail}");
                plain(StatusCode::INTERNAL_SERVER_ERROR, labels::INTERNAL)
            }
        }
    }
}

/// What the server refuses before any route of these is asked, or in its place.
pub fn contract_refusal(asked: &HeaderMap, status: StatusCode, why: &str) -> Response {
    let trace = trace(asked);
    match status {
        StatusCode::UNAUTHORIZED => {
            let code = status.as_u16();
            wire::json(status, &Envelope { code, msg: labels::BAD_TOKEN, data: Value::Null, trace_id: None })
        }
        StatusCode::FORBIDDEN => failure(status, why, &Value::Null, &trace),
        // Whatever it is, nothing of the inside is told.
        _ => failure(StatusCode::INTERNAL_SERVER_ERROR, labels::INTERNAL, &Value::Null, &trace),
    }
}

/// No route of that path.
pub(super) async fn no_route(headers: HeaderMap) -> Response {
    failure(StatusCode::NOT_FOUND, "Not Found", &Value::Null, &trace(&headers))
}

/// The path exists, with this other method.
pub(super) fn wrong_method(headers: &HeaderMap, allowed: &'static str) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = failure(status, "Method Not Allowed", &Value::Null, &trace(headers));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn text(response: Response) -> (u16, String) {
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1000).now_or_never();
        (status, String::from_utf8(body.unwrap().unwrap().to_vec()).unwrap())
    }

    #[test]
    fn what_is_refused_without_asking_a_route_has_the_documented_form_to_the_byte() {
        let mut asked = HeaderMap::new();
        asked.insert("x-request-id", HeaderValue::from_static("r-1"));
        let outside = |status| text(contract_refusal(&asked, status, "an inner word"));
        let no_right = r#"{"code":401,"msg":"Token 无效","data":null}"#;
        assert_eq!(outside(StatusCode::UNAUTHORIZED), (401, no_right.to_owned()));
        let broken = r#"{"code":500,"msg":"服务器内部错误","data":null,"trace_id":"r-1"}"#;
        for status in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::GATEWAY_TIMEOUT] {
            assert_eq!(outside(status), (500, broken.to_owned()));
        }
        let inside = |headers: &HeaderMap, why| text(Trouble::of(headers, why).into_response());
        assert_eq!(inside(&asked, Why::Bug("an inner word".to_owned())), (500, broken.to_owned()));
        let away = r#"{"code":503,"msg":"服务器暂时无法处理请求","data":null,"trace_id":"-"}"#;
        let why = Why::Away("an inner word".to_owned());
        assert_eq!(inside(&HeaderMap::new(), why), (503, away.to_owned()));
    }
}
