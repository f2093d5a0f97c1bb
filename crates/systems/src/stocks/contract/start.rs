//! Routes that start a run. They ask the engine and answer at once.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use engine::{RequestError, Requested};
use jiff::civil::Date;
use model::run::{Reference, Run, RunRequest, Trigger};
use serde::Serialize;

use super::body::Batch;
use super::error::{Trouble, json};
use super::query::Query;
use super::read::{pending_days, success};
use super::{Desk, date_of};
use crate::stocks::check::Need;
use crate::stocks::plan::{self, Days, How, Wish};
use crate::stocks::progress::task_id;
use crate::stocks::{follow, labels, shanghai, sync_key};

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

/// What became of a start.
enum Start {
    Run(Box<Run>),
    Busy(Box<Run>),
    Nothing,
}

impl Desk {
    async fn busy(&self) -> Result<Option<Response>, Trouble> {
        let holder = self.engine.read().lease_holder(&sync_key()).await?;
        Ok(holder.as_ref().map(conflict))
    }

    /// Asks for a run named after the texts of its bounds, as they came in.
    async fn start(&self, label: &str, wish: Wish, bounds: (&str, &str)) -> Result<Start, Trouble> {
        let now = self.now();
        let request = RunRequest {
            sync: sync_key(),
            trigger: Trigger::Manual,
            label: label.to_owned(),
            params: wish.params(),
            priority: 0,
            reference: Some(Reference {
                prefix: format!("{}_{}_", bounds.0, bounds.1),
                number: now.as_second(),
            }),
            idempotency_key: None,
            tick: None,
            requested_by: None,
        };
        match self.engine.request(request, now).await {
            Ok(Requested::Started(run) | Requested::Buffered(run) | Requested::Known(run)) => {
                Ok(Start::Run(Box::new(run)))
            }
            Ok(Requested::Busy(run)) => Ok(Start::Busy(Box::new(run))),
            Err(RequestError::Refused(engine::Refused::NothingToDo(_))) => Ok(Start::Nothing),
            Err(error) => Err(error.into()),
        }
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
    if let Some(conflict) = desk.busy().await? {
        return Ok(conflict);
    }
    let check = desk.stocks.look_at(date, desk.now()).await?;
    if check.need == Need::Nothing {
        return Ok(success(&SkippedDay { status: "skipped", date: text, message: check.reason }));
    }
    match desk.start("web_single", Wish::range(date, date), (&text, &text)).await? {
        Start::Run(run) => Ok(success(&StartedDay {
            status: "started",
            date: text,
            total_records: 0,
            message: labels::STARTED,
            task_id: task_id(&run),
        })),
        Start::Busy(run) => Ok(conflict(&run)),
        Start::Nothing => Ok(success(&SkippedDay { status: "skipped", date: text, message: check.reason })),
    }
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
    let days_back = Query::of(raw.as_deref()).days("days_back")?;
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
    match desk.start("web_pending", wish, (&bounds.0, &bounds.1)).await? {
        Start::Run(run) => {
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
        Start::Nothing => Ok(nothing()),
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
    if let Some(conflict) = desk.busy().await? {
        return Ok(conflict);
    }
    let dates = (shanghai::parse_date(&batch.start_date), shanghai::parse_date(&batch.end_date));
    let (Some(first), Some(last)) = dates else { return Ok(refused(labels::BAD_DATE)) };
    if let Err(message) = plan::check_range(first, last, desk.stocks.settings().max_batch_days) {
        return Ok(refused(&message));
    }
    let wish = Wish { days: Days::Range(first, last), how: batch.how };
    match desk.start("web_batch", wish, (&batch.start_date, &batch.end_date)).await? {
        Start::Run(run) => {
            let total_days = run.partitions_total;
            let message = labels::batch_started(total_days);
            Ok(success(&StartedBatch { task_id: task_id(&run), total_days, message }))
        }
        Start::Busy(run) => Ok(conflict(&run)),
        Start::Nothing => Ok(refused(labels::NOTHING_PENDING)),
    }
}
