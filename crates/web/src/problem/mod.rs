//! What a request can be answered with when it is not done: problem details (RFC 9457).
//!
//! Handlers answer a [`Problem`]; its status, code and words in both languages stand in one table (`table.rs`), and
//! the guard writes it in the language of the request.

mod files;
mod table;
mod tasks;

pub use files::FilesProblem;
pub(crate) use table::KINDS;
pub use tasks::TasksProblem;

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{Refused, RequestError, StoreError};
use model::id::{RunId, ScheduleId};
use model::state::RunState;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::i18n::Language;

/// Why a request was not done. Nothing was changed unless a variant says so.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// No route of that path.
    NoRoute(String),
    /// The path exists, with other methods.
    Method(String),
    /// No run of that number.
    UnknownRun(RunId),
    /// No sync of that name.
    UnknownSync(String),
    /// No schedule of that number.
    UnknownSchedule(ScheduleId),
    /// No such table at the destination.
    UnknownTable(String),
    /// A parameter of the path or the query, with what is wrong with it.
    Parameter(String),
    /// The body, with what is wrong with it.
    Body(String),
    /// The body has more bytes than allowed.
    BodyTooLarge,
    /// The body is not declared as JSON.
    MediaType,
    /// The system refused the request, in its own words.
    Refused {
        /// The system's code.
        code: &'static str,
        /// The system's words.
        message: String,
        /// The system's details.
        detail: Value,
    },
    /// The tasks system refused the request.
    Tasks(TasksProblem),
    /// The files system refused the request.
    Files(FilesProblem),
    /// There is nothing to do, in the system's words.
    NothingToDo(String),
    /// The run has ended, and nothing of it is left to be done again.
    NothingFailed(RunId, RunState),
    /// This run holds the lease.
    Busy(RunId),
    /// The run's state does not allow the verb.
    State(RunId, RunState),
    /// The request was sent by a page of another origin.
    Origin(String),
    /// The request names another host than this server.
    Host(String),
    /// All places for live streams are taken.
    Streams,
    /// The answer took too long; a write may have been done.
    TimedOut,
    /// A database cannot be reached; a write may have been done.
    Unavailable(String),
    /// The loops of this process have not reached the state store for so many seconds.
    Stalled(i64),
    /// A database refused a statement.
    Store(String),
    /// No destination is configured.
    NoDestination,
    /// The program is wrong; the log says where.
    Bug,
}

/// A problem as it is sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Where the problem is explained, relative to this server.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of problem, in the language of the request.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Stable, for machines.
    pub code: &'static str,
    /// What was wrong this time, in the language of the request.
    pub detail: String,
    /// The run in the way, or the run that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<i64>,
    /// What the system has to say beyond words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub refused: Option<Value>,
}

impl Problem {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind().status).expect("the table holds valid statuses")
    }

    /// The body in a language.
    #[must_use]
    pub fn body(&self, language: Language) -> ProblemBody {
        let kind = self.kind();
        ProblemBody {
            kind: format!("/api/docs#problem-{}", kind.code),
            title: kind.title(language),
            status: kind.status,
            code: kind.code,
            detail: self.detail(language),
            run_id: match self {
                Self::UnknownRun(run)
                | Self::Busy(run)
                | Self::State(run, _)
                | Self::NothingFailed(run, _) => Some(run.0),
                _ => None,
            },
            refused: match self {
                Self::Refused { code, detail, .. } => {
                    Some(serde_json::json!({ "code": code, "detail": detail }))
                }
                Self::Tasks(problem) => {
                    problem.refused().map(|detail| serde_json::json!({ "code": kind.code, "detail": detail }))
                }
                Self::Files(problem) => {
                    problem.refused().map(|detail| serde_json::json!({ "code": kind.code, "detail": detail }))
                }
                _ => None,
            },
        }
    }

    /// The whole answer in a language.
    #[must_use]
    pub fn answer(&self, language: Language) -> Response {
        let mut response = (self.status(), Json(self.body(language))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        response
    }
}

/// In English, and carried along so that the guard `speak` can say it again in the request's language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.answer(Language::English);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } | StoreError::InUse { .. } => Self::Unavailable(error.to_string()),
            StoreError::TooLarge { .. } => Self::Body(error.to_string()),
            StoreError::Failed { .. } => Self::Store(error.to_string()),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Bad { code, message, detail } => Self::Refused { code, message, detail },
            Refused::NothingToDo(message) => Self::NothingToDo(message),
            Refused::Unavailable(message) => Self::Unavailable(message),
        }
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::UnknownSync(sync) => Self::UnknownSync(sync),
            RequestError::Refused(refused) => refused.into(),
            RequestError::Store(error) => error.into(),
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::Parameter(rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::Parameter(rejection.body_text())
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => Self::MediaType,
            JsonRejection::BytesRejection(rejection) => rejection.into(),
            other => Self::Body(other.body_text()),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::BodyTooLarge;
        }
        Self::Body(rejection.body_text())
    }
}
