//! A race's plan: made, taken back, moved with its race, withdrawn with it, put away.

use std::sync::Arc;

use jiff::Timestamp;
use model::race::{NewRacePlan, RaceCancelReason, RacePlan, RacePlanState, RacePlanned, race_sync};
use serde_json::{Value, json};

use super::read::{BY_ID, CURRENT};
use super::rows::{self, plan_columns};
use super::{RacePlans, told};
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args, wrong};

static LOCK_CURRENT: Sql = Sql::new(concat!(
    "SELECT ",
    plan_columns!(),
    " FROM race_plan p WHERE p.season = $1 AND p.round = $2 AND p.state IN (0, 1) FOR UPDATE"
));
static LOCK: Sql =
    Sql::new(concat!("SELECT ", plan_columns!(), " FROM race_plan p WHERE p.id = $1 FOR UPDATE"));
static REPLACE: Sql = Sql::new("UPDATE race_plan SET state = 3, updated_at = $2 WHERE id = $1 AND state = 1");
static INSERT: Sql = Sql::new(
    "INSERT INTO race_plan (season, round, race_name, race_end_at, race_end_overridden, always_run, retry_hours, state, \
     created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8) RETURNING id",
);
static INSERT_ATTEMPTS: Sql = Sql::new(
    "INSERT INTO race_attempt (plan_id, number, hours, scheduled_at, status, updated_at) \
     SELECT $2, x.of_number, x.of_hours, $3 + x.of_hours * 3600000000, 0, $4 \
     FROM BATCH($1: of_number INT, of_hours INT) AS x ORDER BY x.of_number",
);
static CANCEL: Sql = Sql::new(
    "UPDATE race_plan SET state = 1, cancelled_at = $2, updated_at = $2 WHERE id = $1 AND state = 0",
);
static CANCEL_PENDING: Sql = Sql::new(
    "UPDATE race_attempt SET status = 5, reason = $2, updated_at = $3 WHERE plan_id = $1 AND status = 0",
);
static MOVE: Sql = Sql::new(
    "UPDATE race_plan SET race_name = $2, race_end_at = $3, updated_at = $4 \
     WHERE id = $1 AND state = 0 AND NOT race_end_overridden AND (race_name <> $2 OR race_end_at <> $3)",
);
static MOVE_PENDING: Sql = Sql::new(
    "UPDATE race_attempt SET scheduled_at = $2 + hours * 3600000000, updated_at = $3 WHERE plan_id = $1 AND status = 0",
);
static ARCHIVE: Sql = Sql::new(
    "UPDATE race_plan SET state = 2, archived_at = $4, updated_at = $4 WHERE id = $1 AND state IN (0, 1) \
     AND NOT EXISTS (SELECT 1 FROM race_attempt a WHERE a.plan_id = race_plan.id \
     AND (a.status IN (0, 1) OR a.scheduled_at >= $3 OR a.executed_at >= $3)) \
     AND NOT EXISTS (SELECT 1 FROM run r WHERE r.sync = $2 AND r.state < 10)",
);

impl RacePlans {
    /// Makes the race's plan with its attempts, unless an active one is there; a cancelled one is replaced.
    ///
    /// # Errors
    /// The store failed.
    pub async fn plan_race(&self, new: NewRacePlan, now: Timestamp) -> Result<RacePlanned> {
        let new = Arc::new(new);
        self.0
            .write_tx("planning a race", move |tx| {
                let new = Arc::clone(&new);
                Box::pin(async move { make(tx, &new, now).await })
            })
            .await
    }

    /// Takes the race's plan back: its pending attempts are cancelled, others stay as they are; their runs are not
    /// touched here. Answers the plan as it is then; `None` when the race has none. Again changes nothing.
    ///
    /// # Errors
    /// The store failed.
    pub async fn cancel_race_plan(
        &self,
        season: i64,
        round: i64,
        now: Timestamp,
    ) -> Result<Option<RacePlan>> {
        self.0
            .write_tx("cancelling a race's plan", move |tx| {
                Box::pin(async move {
                    let Some(plan) = lock_current(tx, season, round).await? else { return Ok(None) };
                    let cancelled = tx.run(&CANCEL, &args![plan.id, now]).await?;
                    let pending = cancel_pending(tx, plan.id, RaceCancelReason::Cancelled, now).await?;
                    if cancelled + pending > 0 {
                        told(tx, &plan, now).await?;
                    }
                    rows::found(tx, &BY_ID, &args![plan.id]).await
                })
            })
            .await
    }

    /// Lets the race's plan follow its race: name, end and the times of pending attempts. Answers the plan when it
    /// changed: it is active, its end was not given by a person, and something is different.
    ///
    /// # Errors
    /// The store failed.
    #[expect(clippy::too_many_arguments, reason = "each is a plain fact of the statement")]
    pub async fn move_race(
        &self,
        season: i64,
        round: i64,
        race_name: &str,
        race_end_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<RacePlan>> {
        let race_name: Arc<str> = race_name.into();
        self.0
            .write_tx("moving a race's plan", move |tx| {
                let race_name = Arc::clone(&race_name);
                Box::pin(async move {
                    let Some(plan) = lock_current(tx, season, round).await? else { return Ok(None) };
                    if tx.run(&MOVE, &args![plan.id, &*race_name, race_end_at, now]).await? == 0 {
                        return Ok(None);
                    }
                    tx.run(&MOVE_PENDING, &args![plan.id, race_end_at, now]).await?;
                    told(tx, &plan, now).await?;
                    rows::found(tx, &BY_ID, &args![plan.id]).await
                })
            })
            .await
    }

    /// The race is gone from the calendar: pending attempts of its plan are cancelled. Answers the plan when there
    /// were any.
    ///
    /// # Errors
    /// The store failed.
    pub async fn withdraw_race(&self, season: i64, round: i64, now: Timestamp) -> Result<Option<RacePlan>> {
        self.0
            .write_tx("withdrawing a race's plan", move |tx| {
                Box::pin(async move {
                    let Some(plan) = lock_current(tx, season, round).await? else { return Ok(None) };
                    if cancel_pending(tx, plan.id, RaceCancelReason::RaceCancelled, now).await? == 0 {
                        return Ok(None);
                    }
                    told(tx, &plan, now).await?;
                    rows::found(tx, &BY_ID, &args![plan.id]).await
                })
            })
            .await
    }

    /// Puts a plan away whose attempts were all due and begun before `before`, none of which is pending or running,
    /// and no run of whose attempts is queued or under way. False: not now.
    ///
    /// # Errors
    /// The store failed.
    pub async fn archive_race_plan(&self, plan_id: i64, before: Timestamp, now: Timestamp) -> Result<bool> {
        self.0
            .write_tx("archiving a race's plan", move |tx| {
                Box::pin(async move {
                    // A statement of its own: the next one then sees what a run did that held the plan meanwhile.
                    let Some(plan) = lock(tx, plan_id).await? else { return Ok(false) };
                    let sync = race_sync(plan.season, plan.round);
                    let archived = tx.run(&ARCHIVE, &args![plan_id, sync.as_str(), before, now]).await? == 1;
                    if archived {
                        told(tx, &plan, now).await?;
                    }
                    Ok(archived)
                })
            })
            .await
    }
}

async fn lock_current(
    tx: &mut Tx<'_>,
    season: i64,
    round: i64,
) -> std::result::Result<Option<RacePlan>, DbError> {
    tx.first(&LOCK_CURRENT, &args![season, round]).await?.map(rows::plan).transpose()
}

/// Locks a plan; answered without its attempts.
pub(super) async fn lock(tx: &mut Tx<'_>, id: i64) -> std::result::Result<Option<RacePlan>, DbError> {
    tx.first(&LOCK, &args![id]).await?.map(rows::plan).transpose()
}

/// Cancels the plan's pending attempts and counts them.
pub(super) async fn cancel_pending(
    tx: &mut Tx<'_>,
    plan: i64,
    reason: RaceCancelReason,
    now: Timestamp,
) -> std::result::Result<u64, DbError> {
    tx.run(&CANCEL_PENDING, &args![plan, reason.as_str(), now]).await
}

async fn make(
    tx: &mut Tx<'_>,
    new: &NewRacePlan,
    now: Timestamp,
) -> std::result::Result<RacePlanned, DbError> {
    match lock_current(tx, new.season, new.round).await? {
        Some(plan) if plan.state == RacePlanState::Active => {
            let plan = rows::found(tx, &CURRENT, &args![new.season, new.round]).await?;
            return Ok(RacePlanned::Known(plan.ok_or_else(|| wrong("the plan just locked", "none"))?));
        }
        Some(cancelled) => drop(tx.run(&REPLACE, &args![cancelled.id, now]).await?),
        None => {}
    }
    let args = args![
        new.season,
        new.round,
        new.race_name.as_str(),
        new.race_end_at,
        new.race_end_overridden,
        new.always_run,
        Value::from(new.retry_hours.clone()),
        now
    ];
    // Another plan made at this moment: the unique index refuses this one, and the next try finds that one.
    let id = tx.number(&INSERT, &args).await?;
    let attempts = new.retry_hours.iter().zip(1..);
    let attempts: Vec<Value> =
        attempts.map(|(hours, number)| json!({"of_number": number, "of_hours": hours})).collect();
    tx.run(&INSERT_ATTEMPTS, &args![Value::from(attempts), id, new.race_end_at, now]).await?;
    let plan = rows::found(tx, &BY_ID, &args![id]).await?;
    let plan = plan.ok_or_else(|| wrong("the plan just made", "none"))?;
    told(tx, &plan, now).await?;
    Ok(RacePlanned::Made(plan))
}
