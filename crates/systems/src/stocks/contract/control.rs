//! Routes about one run: its progress, and cancel, pause and resume.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use engine::{Controlled, StoreError};
use jiff::SignedDuration;
use model::run::Run;
use model::state::RunState;
use serde::Serialize;

use super::error::Trouble;
use super::read::success;
use super::start::{conflict, refused};
use super::{Desk, Piece};
use crate::stocks::progress::{Progress, status_word, task_id};
use crate::stocks::{labels, sync_key};
use crate::wire::json;

type Answer = Result<Response, Trouble>;

impl Desk {
    /// A run by its public name, while its progress is kept.
    async fn task(&self, task: &str) -> Result<Option<Run>, StoreError> {
        let run = self.engine.read().run_by_reference(&sync_key(), task).await?;
        let kept = SignedDuration::from_hours(24 * self.stocks.settings().progress_retention_days);
        let now = self.now();
        Ok(run.filter(|run| run.ended_at.is_none_or(|end| now.duration_since(end) <= kept)))
    }
}

pub(super) async fn progress(State(desk): State<Desk>, Piece(task): Piece) -> Answer {
    match desk.task(&task).await? {
        Some(run) => Ok(success(&desk.stocks.progress(&run, desk.now()).await?)),
        None => Ok(refused(labels::NO_TASK)),
    }
}

#[derive(Serialize)]
struct Active {
    task_id: String,
    progress: Progress,
}

pub(super) async fn active(State(desk): State<Desk>) -> Answer {
    let run = desk.stocks.active_run().await?;
    let Some(run) = run else { return Ok(success(&None::<Active>)) };
    let progress = desk.stocks.progress(&run, desk.now()).await?;
    Ok(success(&Some(Active { task_id: task_id(&run), progress })))
}

#[derive(Serialize)]
struct Done {
    task_id: String,
    status: &'static str,
    message: &'static str,
}

fn done(run: &Run, message: &'static str) -> Response {
    let status = status_word(run);
    #[derive(Serialize)]
    struct Answered {
        status: &'static str,
        data: Done,
    }
    let data = Done { task_id: task_id(run), status, message };
    json(StatusCode::OK, &Answered { status: "success", data })
}

pub(super) async fn cancel(State(desk): State<Desk>, Piece(task): Piece) -> Answer {
    let Some(run) = desk.task(&task).await? else { return Ok(refused(labels::NO_TASK)) };
    Ok(match desk.engine.cancel(run.id, desk.now()).await? {
        Controlled::Done(run) | Controlled::Unchanged(run) => done(&run, labels::CANCEL_ASKED),
        Controlled::Refused(run) if run.state == RunState::Cancelled => done(&run, labels::CANCEL_ASKED),
        Controlled::Refused(_) | Controlled::Busy(_) => refused(labels::CANCEL_LATE),
        Controlled::Unknown => refused(labels::NO_TASK),
    })
}

pub(super) async fn pause(State(desk): State<Desk>, Piece(task): Piece) -> Answer {
    let Some(run) = desk.task(&task).await? else { return Ok(refused(labels::NO_TASK)) };
    Ok(match desk.engine.pause(run.id, desk.now()).await? {
        Controlled::Done(run) | Controlled::Unchanged(run) => done(&run, labels::PAUSE_ASKED),
        Controlled::Refused(_) | Controlled::Busy(_) => refused(labels::PAUSE_LATE),
        Controlled::Unknown => refused(labels::NO_TASK),
    })
}

pub(super) async fn resume(State(desk): State<Desk>, Piece(task): Piece) -> Answer {
    let Some(run) = desk.task(&task).await? else { return Ok(refused(labels::NO_TASK)) };
    Ok(match desk.engine.resume(run.id, desk.now()).await? {
        Controlled::Done(run) => done(&run, labels::RESUMED),
        Controlled::Busy(holder) => conflict(&holder),
        Controlled::Unchanged(_) | Controlled::Refused(_) => refused(labels::NOT_PAUSED),
        Controlled::Unknown => refused(labels::NO_TASK),
    })
}
