//! What is wrong with a request, or with us, as documented.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::StoreError;
use serde::Serialize;

use crate::races::labels;
use crate::races::read::Refusal;
use crate::races::verbs::VerbError;
use crate::wire::{Wrong, json};

/// Why a request has no ordinary answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// 404, in these words.
    NotFound(String),
    /// 413.
    TooLarge,
    /// 422, with all that is wrong.
    Unprocessable(Vec<Wrong>),
    /// 500: it cannot be done now, for a reason that is documented.
    Refused(String),
    /// 500: the state, the destination, or a bug.
    Down(VerbError),
}

impl From<VerbError> for Trouble {
    fn from(error: VerbError) -> Self {
        Self::Down(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Down(error.into())
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSeason(season) => Self::NotFound(labels::no_season(season)),
            Refusal::NoRace(race) => Self::NotFound(labels::no_race(race)),
            Refusal::Tables(error) => Self::Down(error.into()),
        }
    }
}

#[derive(Serialize)]
struct AppError<'a> {
    success: bool,
    message: &'a str,
    data: Option<()>,
    error_code: u16,
    detail: &'a str,
}

#[derive(Serialize)]
struct Unprocessable {
    detail: Vec<Wrong>,
    message: String,
}

#[derive(Serialize)]
struct Plain {
    detail: &'static str,
    message: &'static str,
}

impl Trouble {
    /// The answer of a route whose failures begin with `failed`. `number` is made when the log has to be asked.
    pub(super) fn answer(self, failed: &str, number: impl FnOnce() -> String) -> Response {
        match self {
            Self::NotFound(text) => app_error(StatusCode::NOT_FOUND, &text),
            Self::TooLarge => app_error(StatusCode::PAYLOAD_TOO_LARGE, labels::BODY_TOO_LARGE),
            Self::Unprocessable(detail) => {
                let message = detail.first().map(|wrong| labels::unprocessable(&wrong.place(), wrong.msg()));
                let message = message.unwrap_or_default();
                json(StatusCode::UNPROCESSABLE_ENTITY, &Unprocessable { detail, message })
            }
            Self::Refused(why) => app_error(StatusCode::INTERNAL_SERVER_ERROR, &format!("{failed}: {why}")),
            Self::Down(error) => {
                let number = number();
                tracing::error!(target: labels::TARGET, number, "{failed} [{number}]: {error}");
                let why = labels::with_number(error.why(), &number);
                app_error(StatusCode::INTERNAL_SERVER_ERROR, &format!("{failed}: {why}"))
            }
        }
    }
}

fn app_error(status: StatusCode, text: &str) -> Response {
    let body =
        AppError { success: false, message: text, data: None, error_code: status.as_u16(), detail: text };
    json(status, &body)
}

/// What the server refuses before any route of these is asked, or in its place.
pub fn contract_refusal(_asked: &HeaderMap, status: StatusCode, why: &str) -> Response {
    app_error(status, why)
}

/// No route of that path.
pub(super) async fn not_found() -> Response {
    json(StatusCode::NOT_FOUND, &Plain { detail: "Not Found", message: "Not Found" })
}

/// The path exists, with these other methods.
pub(super) fn wrong_method(allowed: &'static str) -> Response {
    let text = "Method Not Allowed";
    let mut response = json(StatusCode::METHOD_NOT_ALLOWED, &Plain { detail: text, message: text });
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The path exists, without its last slash.
pub(super) fn elsewhere(path_and_query: &str) -> Response {
    let location = HeaderValue::try_from(path_and_query);
    let location = location.expect("it is part of the address that was asked for");
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
}
