//! Routes of this system beyond the documented ones, under `/api/v1/stocks`: what the console's page and the command
//! line need. Proper status codes; problems as in the rest of the native API.
//!
//! | route | answers |
//! |---|---|
//! | `GET /coverage?from=&to=` | per day: trading or not, status, stored rows, failed stocks, adjustment |
//! | `GET /missing?days=30` | trading days that need a sync, and days the calendar does not know yet |
//! | `GET /failures?from=&to=` (or `date=`) | failed stocks |
//! | `POST /sync` | starts a range, with `mode` and `force` |
//! | `POST /retry-failed` | starts failed days and failed stocks again |

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Json, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use engine::{Engine, Refused, RequestError, Requested};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::check::Day;
use super::coverage::CoveredDay;
use super::look::Unreadable;
use super::plan::{Wish, check_range, days_of};
use super::progress::task_id;
use super::start::request;
use super::{Stocks, labels, shanghai};

/// Days of one answer: a few years of the calendar.
const DAYS_MAX: i64 = 1_100;

#[derive(Clone)]
struct Desk {
    engine: Engine,
    stocks: Arc<Stocks>,
}

/// The routes.
pub fn native_routes(engine: Engine, stocks: Arc<Stocks>) -> Router {
    let routes = Router::new()
        .route("/coverage", get(coverage))
        .route("/missing", get(missing))
        .route("/failures", get(failures))
        .route("/sync", post(sync))
        .route("/retry-failed", post(retry_failed))
        .with_state(Desk { engine, stocks });
    Router::new().nest("/api/v1/stocks", routes)
}

/// A problem of the native API.
#[derive(Debug)]
struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    run_id: Option<i64>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), run_id: None }
    }

    fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": format!("/problems/{}", self.code),
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        if let Some(run) = self.run_id {
            body["run_id"] = run.into();
        }
        let kind = HeaderValue::from_static("application/problem+json");
        (self.status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
    }
}

impl From<Unreadable> for Problem {
    fn from(error: Unreadable) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", error.to_string())
    }
}

impl From<connect::tables::TablesError> for Problem {
    fn from(error: connect::tables::TablesError) -> Self {
        Unreadable::from(error).into()
    }
}

impl From<QueryRejection> for Problem {
    fn from(error: QueryRejection) -> Self {
        Self::bad(error.body_text())
    }
}

impl From<JsonRejection> for Problem {
    fn from(error: JsonRejection) -> Self {
        Self::new(error.status(), "bad_request", error.body_text())
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        let detail = error.to_string();
        match error {
            RequestError::Refused(Refused::Bad { code, .. }) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
            }
            RequestError::Refused(Refused::NothingToDo(_)) => {
                Self::new(StatusCode::CONFLICT, "nothing_to_do", detail)
            }
            RequestError::UnknownSync(_) => Self::new(StatusCode::NOT_FOUND, "unknown_sync", detail),
            RequestError::Refused(Refused::Unavailable(_)) | RequestError::Store(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
            }
        }
    }
}

type Asked<T> = Result<Query<T>, QueryRejection>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    from: Option<String>,
    to: Option<String>,
    date: Option<String>,
}

impl Bounds {
    /// The range asked for; the last 30 days unless said.
    fn read(self, today: Date) -> Result<(Date, Date), Problem> {
        let read = |text: Option<String>| {
            let parsed =
                |text: String| shanghai::parse_date(&text).ok_or_else(|| Problem::bad(labels::BAD_DATE));
            text.map(parsed).transpose()
        };
        if let Some(date) = read(self.date)? {
            return Ok((date, date));
        }
        let last = read(self.to)?.unwrap_or(today);
        let first = read(self.from)?.unwrap_or_else(|| shanghai::days_after(last, -29));
        check_range(first, last, DAYS_MAX).map_err(Problem::bad)?;
        Ok((first, last))
    }
}

#[derive(Serialize)]
struct Coverage {
    days: Vec<CoveredDay>,
}

async fn coverage(State(desk): State<Desk>, asked: Asked<Bounds>) -> Result<Response, Problem> {
    let now = desk.engine.now();
    let (first, last) = asked?.0.read(shanghai::today(now))?;
    Ok(Json(Coverage { days: desk.stocks.coverage(first, last, now).await? }).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Back {
    days: Option<i64>,
}

#[derive(Serialize)]
struct Missing {
    /// Trading days that need a sync, oldest first.
    dates: Vec<String>,
    /// Days that need a sync if the exchanges were open: the calendar does not know them yet.
    unknown: Vec<String>,
}

async fn missing(State(desk): State<Desk>, asked: Asked<Back>) -> Result<Response, Problem> {
    let days = asked?.0.days.unwrap_or(30);
    if !(1..=365).contains(&days) {
        return Err(Problem::bad(labels::BAD_DAYS));
    }
    let now = desk.engine.now();
    let today = shanghai::today(now);
    let (first, last) = (shanghai::days_after(today, -days), shanghai::days_after(today, -1));
    let range = desk.stocks.look(first, last, now).await?;
    let (trading, unknown): (Vec<Date>, Vec<Date>) = days_of(first, last)
        .into_iter()
        .filter(|date| range.is_missing(*date))
        .partition(|date| range.day(*date) == Day::Trading);
    let texts = |dates: Vec<Date>| dates.iter().map(Date::to_string).collect();
    Ok(Json(Missing { dates: texts(trading), unknown: texts(unknown) }).into_response())
}

async fn failures(State(desk): State<Desk>, asked: Asked<Bounds>) -> Result<Response, Problem> {
    let (first, last) = asked?.0.read(shanghai::today(desk.engine.now()))?;
    let stocks = desk.stocks.failures(first, last).await?;
    Ok(Json(json!({ "stocks": stocks })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SyncWish {
    start_date: String,
    end_date: String,
    mode: Option<String>,
    #[serde(default)]
    force: bool,
}

async fn sync(
    State(desk): State<Desk>,
    body: Result<Json<SyncWish>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(wish) = body?;
    let mut params = json!({ "start_date": wish.start_date, "end_date": wish.end_date, "force": wish.force });
    if let Some(mode) = wish.mode {
        params["mode"] = mode.into();
    }
    let wish = Wish::parse(&params).map_err(RequestError::from)?;
    start(&desk, "web_batch", &wish).await
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetryWish {
    start_date: Option<String>,
    end_date: Option<String>,
}

async fn retry_failed(
    State(desk): State<Desk>,
    body: Result<Option<Json<RetryWish>>, JsonRejection>,
) -> Result<Response, Problem> {
    let wish = body?.map_or_else(RetryWish::default, |Json(wish)| wish);
    let params = json!({ "kind": "failed", "start_date": wish.start_date, "end_date": wish.end_date });
    let wish = Wish::parse(&params).map_err(RequestError::from)?;
    start(&desk, "retry_failed", &wish).await
}

#[derive(Serialize)]
struct Started {
    run_id: i64,
    task_id: String,
    total_days: i64,
    message: String,
}

async fn start(desk: &Desk, label: &str, wish: &Wish) -> Result<Response, Problem> {
    match desk.engine.request(request(label, wish, None), desk.engine.now()).await? {
        Requested::Started(run) | Requested::Buffered(run) | Requested::Known(run) => {
            let started = Started {
                run_id: run.id.0,
                task_id: task_id(&run),
                total_days: run.partitions_total,
                message: labels::batch_started(run.partitions_total),
            };
            let location = format!("/api/v1/runs/{}", run.id);
            Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(started)).into_response())
        }
        Requested::Busy(run) => Err(Problem {
            run_id: Some(run.id.0),
            ..Problem::new(StatusCode::CONFLICT, "busy", labels::BUSY)
        }),
    }
}
