//! Routes that start runs over all plans.

use axum::extract::State;
use axum::response::Response;

use super::asked::Asked;
use super::shape::{Batch, Started};
use super::{Desk, ok};
use crate::races::labels;

pub(super) async fn monitor(State(desk): State<Desk>) -> Response {
    let answer = async {
        let task_id = desk.races.start_monitor(&desk.engine).await?.id.0.to_string();
        ok(&Started { message: labels::MONITOR_STARTED, status: "monitoring", task_id })
    };
    desk.answer(labels::MONITOR_FAILED, answer).await
}

pub(super) async fn cleanup(State(desk): State<Desk>) -> Response {
    let answer = async {
        let task_id = desk.races.start_cleanup(&desk.engine).await?.id.0.to_string();
        ok(&Started { message: labels::CLEANUP_STARTED, status: "cleaning", task_id })
    };
    desk.answer(labels::CLEANUP_FAILED, answer).await
}

pub(super) async fn batch(State(desk): State<Desk>, mut asked: Asked) -> Response {
    let answer = async {
        let (season, days) = (asked.season_or_current(desk.now()), asked.days_ahead());
        asked.right()?;
        ok(&Batch::new(season, days, desk.races.start_batch(&desk.engine, season, days).await?))
    };
    desk.answer(labels::BATCH_FAILED, answer).await
}
