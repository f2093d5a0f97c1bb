//! Columns of plans and attempts in one order, how a row of them is read, and a plan with its attempts.

use model::id::RunId;
use model::race::{RaceAttempt, RaceAttemptStatus, RaceCancelReason, RacePlan, RacePlanState};

use crate::sql::Sql;
use crate::tx::{Arg, DbError, Row, Tx, args, wrong};

/// Columns of a plan, as [`plan`] reads them.
macro_rules! plan_columns {
    () => {
        "p.id, p.season, p.round, p.race_name, p.race_end_at, p.race_end_overridden, p.always_run, p.retry_hours, \
         p.state, p.created_at, p.cancelled_at, p.archived_at"
    };
}
/// Columns of an attempt, as [`attempt`] reads them, after the number of its plan.
macro_rules! attempt_columns {
    () => {
        "a.plan_id, a.number, a.hours, a.scheduled_at, a.executed_at, a.status, a.reason, a.results, a.details, \
         a.error_message, a.run_id"
    };
}
pub(super) use {attempt_columns, plan_columns};

static ATTEMPTS: Sql = Sql::new(concat!(
    "SELECT ",
    attempt_columns!(),
    " FROM race_attempt a WHERE a.plan_id = $1 ORDER BY a.number"
));

/// The plan of a row, without its attempts.
pub(super) fn plan(mut row: Row) -> Result<RacePlan, DbError> {
    let row = &mut row;
    Ok(RacePlan {
        id: row.int()?,
        season: row.int()?,
        round: row.int()?,
        race_name: row.text()?,
        race_end_at: row.instant()?,
        race_end_overridden: row.bool()?,
        always_run: row.bool()?,
        retry_hours: row.json()?,
        state: row.code(RacePlanState::from_code)?,
        created_at: row.instant()?,
        cancelled_at: row.instant_or_null()?,
        archived_at: row.instant_or_null()?,
        attempts: Vec::new(),
    })
}

/// An attempt and the number of its plan.
pub(super) fn attempt(mut row: Row) -> Result<(i64, RaceAttempt), DbError> {
    let row = &mut row;
    let plan = row.int()?;
    let attempt = RaceAttempt {
        number: row.int()?,
        hours: row.int()?,
        scheduled_at: row.instant()?,
        executed_at: row.instant_or_null()?,
        status: row.code(RaceAttemptStatus::from_code)?,
        reason: row.text_or_null()?.map(|word| reason(&word)).transpose()?,
        results: row.json()?,
        details: row.json()?,
        error_message: row.text_or_null()?,
        run: row.int_or_null()?.map(RunId),
    };
    Ok((plan, attempt))
}

fn reason(word: &str) -> Result<RaceCancelReason, DbError> {
    RaceCancelReason::from_word(word).ok_or_else(|| wrong("why an attempt was cancelled", word))
}

/// The plan a statement finds, with its attempts.
pub(super) async fn found(
    tx: &mut Tx<'_>,
    sql: &'static Sql,
    args: &[Arg],
) -> Result<Option<RacePlan>, DbError> {
    let Some(row) = tx.first(sql, args).await? else { return Ok(None) };
    let mut plan = plan(row)?;
    for row in tx.all(&ATTEMPTS, &args![plan.id]).await? {
        plan.attempts.push(attempt(row)?.1);
    }
    Ok(Some(plan))
}
