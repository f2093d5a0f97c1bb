//! The stocks system beyond its documented routes: what its page and the command line need of days and stocks.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use systems::stocks::{
    CoveredDay, Failure, How, MissingDays, Mode, Redo, Start, StartError, Started, Stocks, Unreadable,
    parse_date,
};
use utoipa::ToSchema;

use crate::app::{Shared, Site};
use crate::extract::{Asked, Json};
use crate::problem::{Problem, ProblemBody};

/// Days of one answer: a few years of the calendar.
const DAYS_MAX: i32 = 1_100;

/// Days looked back at unless asked.
const DAYS_DEFAULT: i64 = 30;

/// Days that can be looked back at.
const DAYS_BACK_MAX: i64 = 365;

impl From<Unreadable> for Problem {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::Store(error) => error.into(),
            Unreadable::Tables(error) => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Unreadable(error) => error.into(),
            StartError::Request(error) => error.into(),
        }
    }
}

fn stocks(site: &Site) -> Result<&Stocks, Problem> {
    site.stocks("/api/v1/stocks")
}

/// A date of a parameter, if there is one.
fn date(name: &str, text: Option<&str>) -> Result<Option<Date>, Problem> {
    let read = |text| {
        parse_date(text).ok_or_else(|| Problem::Parameter(format!("{name}={text}: no date as YYYY-MM-DD")))
    };
    text.map(read).transpose()
}

/// Which days.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysQuery {
    /// First day; 29 days before the last one unless asked.
    #[param(example = "2025-09-22")]
    from: Option<String>,
    /// Last day; today unless asked.
    #[param(example = "2025-09-30")]
    to: Option<String>,
    /// This day alone.
    date: Option<String>,
}

impl DaysQuery {
    fn read(&self, today: Date) -> Result<(Date, Date), Problem> {
        if let Some(date) = date("date", self.date.as_deref())? {
            return Ok((date, date));
        }
        let last = date("to", self.to.as_deref())?.unwrap_or(today);
        let before = last.saturating_sub((DAYS_DEFAULT - 1).days());
        let first = date("from", self.from.as_deref())?.unwrap_or(before);
        let days = (last - first).get_days() + 1;
        if (1..=DAYS_MAX).contains(&days) {
            return Ok((first, last));
        }
        Err(Problem::Parameter(format!("from={first}, to={last}: 1 to {DAYS_MAX} days are allowed")))
    }
}

/// Days and what is there of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoverageAnswer {
    /// Every day of the range, ascending.
    days: Vec<CoveredDay>,
}

/// Every day of a range: trading or not, its record, stored rows, failed stocks, adjustments.
#[utoipa::path(get, path = "/api/v1/stocks/coverage", tag = "stocks", params(DaysQuery),
    responses((status = 200, body = CoverageAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn coverage(
    State(site): Shared,
    Asked(query): Asked<DaysQuery>,
) -> Result<axum::Json<CoverageAnswer>, Problem> {
    let now = site.app.engine.now();
    let (first, last) = query.read(Stocks::today(now))?;
    Ok(axum::Json(CoverageAnswer { days: stocks(&site)?.coverage(first, last, now).await? }))
}

/// How far back.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MissingQuery {
    /// Days before today, 1 to 365; 30 unless asked.
    days: Option<i64>,
}

/// Trading days before today that need a sync, and days the calendar does not know yet.
#[utoipa::path(get, path = "/api/v1/stocks/missing", tag = "stocks", params(MissingQuery),
    responses((status = 200, body = MissingDays), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn missing(
    State(site): Shared,
    Asked(query): Asked<MissingQuery>,
) -> Result<axum::Json<MissingDays>, Problem> {
    let days = query.days.unwrap_or(DAYS_DEFAULT);
    if !(1..=DAYS_BACK_MAX).contains(&days) {
        return Err(Problem::Parameter(format!("days={days}: 1 to {DAYS_BACK_MAX} is allowed")));
    }
    Ok(axum::Json(stocks(&site)?.missing_days(days, site.app.engine.now()).await?))
}

/// Failed stocks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailuresAnswer {
    /// By day and code.
    stocks: Vec<Failure>,
}

/// Failed stocks of a range, by day and code.
#[utoipa::path(get, path = "/api/v1/stocks/failures", tag = "stocks", params(DaysQuery),
    responses((status = 200, body = FailuresAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn failures(
    State(site): Shared,
    Asked(query): Asked<DaysQuery>,
) -> Result<axum::Json<FailuresAnswer>, Problem> {
    let (first, last) = query.read(Stocks::today(site.app.engine.now()))?;
    let stocks = stocks(&site)?.failures(first, last).await.map_err(Unreadable::from)?;
    Ok(axum::Json(FailuresAnswer { stocks }))
}

/// A range to be synced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyncWish {
    /// First day.
    #[schema(example = "2025-09-22")]
    start_date: String,
    /// Last day; as configured, at most 90 days.
    #[schema(example = "2025-09-30")]
    end_date: String,
    /// How bars are asked for; as configured unless said.
    mode: Option<Mode>,
    /// Whether days that are there are done again.
    #[serde(default)]
    force: bool,
}

/// Starts a range of days.
#[utoipa::path(post, path = "/api/v1/stocks/sync", tag = "stocks", request_body = SyncWish,
    responses((status = 202, body = Started), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn sync(State(site): Shared, Json(wish): Json<SyncWish>) -> Result<Response, Problem> {
    let how = How { mode: wish.mode, redo: if wish.force { Redo::All } else { Redo::Missing } };
    let bounds = (wish.start_date.as_str(), wish.end_date.as_str());
    accepted(stocks(&site)?.start_batch(&site.app.engine, bounds, how).await?)
}

/// Where failures are looked for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryWish {
    /// First day; 30 days before the last one unless said.
    start_date: Option<String>,
    /// Last day; today unless said.
    end_date: Option<String>,
}

/// Starts failed days again, and of the other days their failed stocks.
#[utoipa::path(post, path = "/api/v1/stocks/retry-failed", tag = "stocks", request_body = Option<RetryWish>,
    responses((status = 202, body = Started), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn retry_failed(
    State(site): Shared,
    wish: Option<Json<RetryWish>>,
) -> Result<Response, Problem> {
    let wish = wish.map_or_else(RetryWish::default, |Json(wish)| wish);
    let first = date("start_date", wish.start_date.as_deref())?;
    let last = date("end_date", wish.end_date.as_deref())?;
    accepted(stocks(&site)?.start_retry(&site.app.engine, first, last).await?)
}

/// What became of a start, as an answer.
fn accepted(start: Start) -> Result<Response, Problem> {
    match start {
        Start::Run(run) => {
            let location = format!("/api/v1/runs/{}", run.id);
            let started = axum::Json(Started::from(&*run));
            Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], started).into_response())
        }
        Start::Busy(run) => Err(Problem::Busy(run.id)),
        Start::Nothing(message) => Err(Problem::NothingToDo(message)),
        Start::Refused { code, message } => Err(Problem::Refused { code, message, detail: Value::Null }),
    }
}
