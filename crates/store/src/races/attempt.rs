//! An attempt of a plan: begun and ended by its runs, cancelled with one that never began, opened again by a person.
//!
//! An attempt listens only to runs newer than the last one it took note of, and of that one only to its end: whatever
//! an older run still wants to say, and however often it is said, changes nothing.

use std::sync::Arc;

use jiff::Timestamp;
use model::id::RunId;
use model::race::{RaceAttemptEnd, RaceAttemptStatus, RaceCancelReason, RacePlan, RacePlanState};
use serde_json::json;

use super::plan::{cancel_pending, lock};
use super::read::BY_ID;
use super::rows;
use super::{RacePlans, told};
use crate::db::Result;
use crate::log;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args};
use crate::types::NewLogLine;

static REOPEN: Sql = Sql::new(
    "UPDATE race_attempt SET status = 0, reason = NULL, updated_at = $3 \
     WHERE plan_id = $1 AND number = $2 AND status = 5",
);
static REOPEN_PLAN: Sql = Sql::new(
    "UPDATE race_plan SET state = 0, cancelled_at = NULL, updated_at = $2 WHERE id = $1 AND state = 1",
);
static BEGIN: Sql = Sql::new(
    "UPDATE race_attempt SET status = 1, executed_at = $4, run_id = $3, results = '{}', details = '{}', \
     error_message = NULL, reason = NULL, updated_at = $4 \
     WHERE plan_id = $1 AND number = $2 AND status IN (0, 2, 3, 4) AND (run_id IS NULL OR run_id < $3)",
);
static BEGUN: Sql = Sql::new(
    "SELECT count(*) FROM race_attempt WHERE plan_id = $1 AND number = $2 AND status = 1 AND run_id = $3",
);
static END: Sql = Sql::new(
    "UPDATE race_attempt SET status = $4, reason = $5, results = $6, details = $7, error_message = $8, updated_at = $9 \
     WHERE plan_id = $1 AND number = $2 AND status = 1 AND run_id = $3",
);
static CANCEL: Sql = Sql::new(
    "UPDATE race_attempt SET status = 5, reason = $4, run_id = $3, updated_at = $5 \
     WHERE plan_id = $1 AND number = $2 AND status = 0 AND (run_id IS NULL OR run_id < $3)",
);

impl RacePlans {
    /// A person wants the attempt run now: a cancelled one becomes pending, and a cancelled plan active, its other
    /// attempts untouched. Answers the plan as it is then; `None` when no plan in force has such an attempt.
    ///
    /// # Errors
    /// The store failed.
    pub async fn reopen_race_attempt(
        &self,
        plan_id: i64,
        number: i64,
        now: Timestamp,
    ) -> Result<Option<RacePlan>> {
        self.0
            .write_tx("opening an attempt again", move |tx| {
                Box::pin(async move { reopen(tx, plan_id, number, now).await })
            })
            .await
    }

    /// The run begins the attempt, or goes on with it after a crash. False: it is not wanted any more (cancelled, or
    /// its plan is not active), or another run has it or a newer one had it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn begin_race_attempt(
        &self,
        plan_id: i64,
        number: i64,
        run: RunId,
        now: Timestamp,
    ) -> Result<bool> {
        self.0
            .write_tx("beginning an attempt", move |tx| {
                Box::pin(async move {
                    let plan = lock(tx, plan_id).await?;
                    let Some(plan) = plan.filter(|plan| plan.state == RacePlanState::Active) else {
                        return Ok(false);
                    };
                    if tx.run(&BEGIN, &args![plan_id, number, run.0, now]).await? == 1 {
                        told(tx, &plan, now).await?;
                        return Ok(true);
                    }
                    Ok(tx.number(&BEGUN, &args![plan_id, number, run.0]).await? == 1)
                })
            })
            .await
    }

    /// Writes how the run that began the attempt left it; a success cancels all pending attempts of the plan unless
    /// it runs always; the run's log gets its last line, all in one transaction. False: the attempt is not this run's, or was ended before.
    ///
    /// Whatever the run found, an attempt whose plan was taken back meanwhile ends cancelled.
    ///
    /// # Errors
    /// The store failed.
    #[expect(clippy::too_many_arguments, reason = "each is a plain fact of the statement")]
    pub async fn end_race_attempt(
        &self,
        plan_id: i64,
        number: i64,
        run: RunId,
        end: RaceAttemptEnd,
        now: Timestamp,
    ) -> Result<bool> {
        let end = Arc::new(end);
        self.0
            .write_tx("ending an attempt", move |tx| {
                let end = RaceAttemptEnd::clone(&end);
                Box::pin(async move {
                    let Some(plan) = lock(tx, plan_id).await? else { return Ok(false) };
                    let end = if plan.state == RacePlanState::Active { end } else { cancelled(end) };
                    let args = args![
                        plan_id,
                        number,
                        run.0,
                        end.status.code(),
                        end.reason.map(RaceCancelReason::as_str),
                        end.results,
                        end.details,
                        end.error_message,
                        now
                    ];
                    if tx.run(&END, &args).await? == 0 {
                        return Ok(false);
                    }
                    if end.status == RaceAttemptStatus::Success && !plan.always_run {
                        cancel_pending(tx, plan_id, RaceCancelReason::Superseded, now).await?;
                    }
                    let level = if end.status == RaceAttemptStatus::Failed { "ERROR" } else { "INFO" };
                    let (level, message) = (level.to_owned(), end.line);
                    log::append(
                        tx,
                        &[NewLogLine { run_id: run, partition_id: None, at: now, level, message }],
                    )
                    .await?;
                    told(tx, &plan, now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// A run of the attempt was cancelled before it began: a pending attempt is cancelled with it. Said again it
    /// changes nothing, even when the attempt was opened again meanwhile.
    ///
    /// # Errors
    /// The store failed.
    pub async fn cancel_race_attempt(
        &self,
        plan_id: i64,
        number: i64,
        run: RunId,
        now: Timestamp,
    ) -> Result<bool> {
        self.0
            .write_tx("cancelling an attempt", move |tx| {
                Box::pin(async move {
                    let Some(plan) = lock(tx, plan_id).await? else { return Ok(false) };
                    let args = args![plan_id, number, run.0, RaceCancelReason::Cancelled.as_str(), now];
                    if tx.run(&CANCEL, &args).await? == 0 {
                        return Ok(false);
                    }
                    told(tx, &plan, now).await?;
                    Ok(true)
                })
            })
            .await
    }
}

async fn reopen(
    tx: &mut Tx<'_>,
    plan_id: i64,
    number: i64,
    now: Timestamp,
) -> std::result::Result<Option<RacePlan>, DbError> {
    let Some(locked) = lock(tx, plan_id).await? else { return Ok(None) };
    if !matches!(locked.state, RacePlanState::Active | RacePlanState::Cancelled) {
        return Ok(None);
    }
    let reopened = tx.run(&REOPEN, &args![plan_id, number, now]).await?;
    let known = rows::found(tx, &BY_ID, &args![plan_id]).await?;
    if known.is_none_or(|plan| plan.attempts.iter().all(|attempt| attempt.number != number)) {
        return Ok(None);
    }
    let again = tx.run(&REOPEN_PLAN, &args![plan_id, now]).await?;
    if reopened + again > 0 {
        told(tx, &locked, now).await?;
    }
    rows::found(tx, &BY_ID, &args![plan_id]).await
}

/// What a cancelled run leaves: the datasets it finished, and nothing said of the whole.
fn cancelled(end: RaceAttemptEnd) -> RaceAttemptEnd {
    RaceAttemptEnd {
        status: RaceAttemptStatus::Cancelled,
        reason: Some(RaceCancelReason::Cancelled),
        results: json!({}),
        details: end.details,
        error_message: None,
        line: end.line,
    }
}
