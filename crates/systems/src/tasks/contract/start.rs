//! Routes that start a sync and, unless they are told otherwise, answer with its end.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use model::task::{TaskRecord, TaskRecordStatus, TaskSyncType};

use super::asked::is_async;
use super::error::Trouble;
use super::shape::{Accepted, Ended};
use super::{Answer, Desk, answer, ok};
use crate::tasks::labels;
use crate::tasks::verbs::Asked;
use crate::wire::Query;

pub(super) async fn historical(State(desk): State<Desk>, RawQuery(query): RawQuery) -> Answer {
    start(&desk, TaskSyncType::Historical, query).await
}

pub(super) async fn today(State(desk): State<Desk>, RawQuery(query): RawQuery) -> Answer {
    start(&desk, TaskSyncType::Today, query).await
}

async fn start(desk: &Desk, of: TaskSyncType, query: Option<String>) -> Answer {
    let at_once = is_async(&Query::of(query.as_deref()))?;
    if desk.stopping.is_cancelled() {
        return Err(Trouble::Stopping);
    }
    let record = match desk.tasks.start(&desk.engine, of).await? {
        Asked::Started(record) => record,
        Asked::Busy(way) => return Err(Trouble::Busy(way.words())),
    };
    if at_once {
        return Ok(answer(StatusCode::ACCEPTED, &Accepted::of(&record)));
    }
    // Whatever becomes of who asked, the run goes on.
    let ended = desk.tasks.end_of(&desk.engine, record.run);
    let ended = tokio::select! {
        ended = tokio::time::timeout(desk.tasks.settings.manual_wait, ended) => ended.ok().transpose()?,
        () = desk.stopping.cancelled() => None,
    };
    match ended {
        Some(record) => end(&record),
        None => Ok(answer(StatusCode::ACCEPTED, &Accepted::of(&record))),
    }
}

fn end(record: &TaskRecord) -> Answer {
    match record.status {
        TaskRecordStatus::Failed => {
            let why = record.error_message.clone().unwrap_or_else(|| labels::CANCELLED.to_owned());
            Err(Trouble::Failed(why, record.id))
        }
        _ => ok(&Ended::from(record)),
    }
}
