//! Routes that start a run. They ask the engine and answer at once.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::civil::Date;
use model::run::Run;
use serde::Serialize;

use super::body::Batch;
use super::error::Trouble;
use super::query;
use super::read::{pending_days, success};
use super::{Desk, date_of};
use crate::stocks::plan::{Days, How, Wish};
use crate::stocks::progress::task_id;
use crate::stocks::start::Start;
use crate::stocks::{follow, labels, shanghai, sync_key};
use crate::wire::{Query, json};

type Answer = Result<Response, Trouble>;

/// CONFLICT: a run holds the lease.
#[derive(Serialize)]
struct Conflict {
    status: &'static str,
    message: &'static str,
    current_task: CurrentTask,
}

#[derive(Serialize)]
struct CurrentTask {
    task_type: String,
    start_time: String,
    start_date: String,
    end_date: String,
    total_days: i64,
    task_id: String,
}

/// A run is in the way.
pub(super) fn conflict(run: &Run) -> Response {
    let (start_date, end_date) = follow::bounds(run);
    let current_task = CurrentTask {
        task_type: run.label.clone(),
        start_time: shanghai::iso(run.created_at),
        start_date,
        end_date,
        total_days: run.partitions_total,
        task_id: task_id(run),
    };
    json(StatusCode::OK, &Conflict { status: "error", message: labels::BUSY, current_task })
}

/// Refused in these words, with status 200.
pub(super) fn refused(message: &str) -> Response {
    #[derive(Serialize)]
    struct Refusal<'a> {
        status: &'static str,
        message: &'a str,
    }
    json(StatusCode::OK, &Refusal { status: "error", message })
}

impl Desk {
    async fn busy(&self) -> Result<Option<Response>, Trouble> {
        let holder = self.engine.read().lease_holder(&sync_key()).await?;
        Ok(holder.as_ref().map(conflict))
    }
}

#[derive(Serialize)]
struct StartedDay {
    status: &'static str,
    date: String,
    total_records: i64,
    message: &'static str,
    task_id: String,
}

#[derive(Serialize)]
struct SkippedDay {
    status: &'static str,
    date: String,
    message: String,
}

pub(super) async fn today(State(desk): State<Desk>) -> Answer {
    let today = desk.today();
    one_day(&desk, today, today.to_string()).await
}

pub(super) async fn date(State(desk): State<Desk>, Path(text): Path<String>) -> Answer {
    let date = date_of(&text)?;
    one_day(&desk, date, text).await
}

async fn one_day(desk: &Desk, date: Date, text: String) -> Answer {
    Ok(match desk.stocks.start_day((&desk.engine).into(), date, &text).await? {
        Start::Run(run) | Start::Known(run) => success(&StartedDay {
            status: "started",
            date: text,
            total_records: 0,
            message: labels::STARTED,
            task_id: task_id(&run),
        }),
        Start::Busy(run) => conflict(&run),
        Start::Nothing(message) => success(&SkippedDay { status: "skipped", date: text, message }),
        Start::Refused(message) => refused(&message),
    })
}

#[derive(Serialize)]
struct StartedPending {
    status: &'static str,
    total: usize,
    success: i64,
    failed: i64,
    skipped: i64,
    results: Vec<PendingDay>,
    message: &'static str,
    task_id: String,
}

#[derive(Serialize)]
struct PendingDay {
    date: String,
    status: &'static str,
    message: String,
}

#[derive(Serialize)]
struct NothingPending {
    status: &'static str,
    message: &'static str,
    synced_dates: [String; 0],
}

pub(super) async fn pending(State(desk): State<Desk>, RawQuery(raw): RawQuery) -> Answer {
    let days_back = query::days(&Query::of(raw.as_deref()), "days_back")?;
    if let Some(conflict) = desk.busy().await? {
        return Ok(conflict);
    }
    let mut days = pending_days(&desk, days_back).await?;
    days.reverse();
    let nothing = || {
        let message = labels::NOTHING_PENDING;
        success(&NothingPending { status: "success", message, synced_dates: [] })
    };
    let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) else { return Ok(nothing()) };
    let bounds = (first.to_string(), last.to_string());
    let dates = days.iter().map(|(date, _)| *date).collect();
    let wish = Wish { days: Days::These(dates), how: How::default() };
    match desk.stocks.ask((&desk.engine).into(), "web_pending", wish, (&bounds.0, &bounds.1)).await? {
        Start::Run(run) | Start::Known(run) => {
            let results = days.into_iter().map(|(date, message)| PendingDay {
                date: date.to_string(),
                status: "pending",
                message,
            });
            let results: Vec<PendingDay> = results.collect();
            Ok(success(&StartedPending {
                status: "started",
                total: results.len(),
                success: 0,
                failed: 0,
                skipped: 0,
                results,
                message: labels::STARTED,
                task_id: task_id(&run),
            }))
        }
        Start::Busy(run) => Ok(conflict(&run)),
        Start::Nothing(_) => Ok(nothing()),
        Start::Refused(message) => Ok(refused(&message)),
    }
}

#[derive(Serialize)]
struct StartedBatch {
    task_id: String,
    total_days: i64,
    message: String,
}

pub(super) async fn batch(State(desk): State<Desk>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let batch = Batch::read(&headers, &bytes)?;
    let bounds = (batch.start_date.as_str(), batch.end_date.as_str());
    match desk.stocks.start_batch((&desk.engine).into(), bounds, batch.how).await? {
        Start::Run(run) | Start::Known(run) => {
            let total_days = run.partitions_total;
            let message = labels::batch_started(total_days);
            Ok(success(&StartedBatch { task_id: task_id(&run), total_days, message }))
        }
        Start::Busy(run) => Ok(conflict(&run)),
        Start::Nothing(_) => Ok(refused(labels::NOTHING_PENDING)),
        Start::Refused(message) => Ok(refused(&message)),
    }
}
