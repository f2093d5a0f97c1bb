//! Reading plans: one, all of a season, and the attempts whose time came.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::race::{DueRaceAttempt, RaceAttempt, RacePlan};
use serde_json::Value;

use super::rows::{self, attempt_columns, plan_columns};
use crate::Reader;
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::args;

pub(super) static CURRENT: Sql = Sql::new(concat!(
    "SELECT ",
    plan_columns!(),
    " FROM race_plan p WHERE p.season = $1 AND p.round = $2 AND p.state IN (0, 1)"
));
pub(super) static BY_ID: Sql =
    Sql::new(concat!("SELECT ", plan_columns!(), " FROM race_plan p WHERE p.id = $1"));
static PLANS: Sql = Sql::new(concat!(
    "SELECT ",
    plan_columns!(),
    " FROM race_plan p WHERE p.state IN (0, 1) AND p.season BETWEEN $1 AND $2 ORDER BY p.season, p.round"
));
static ATTEMPTS: Sql = Sql::new(concat!(
    "SELECT ",
    attempt_columns!(),
    " FROM race_attempt a WHERE a.plan_id IN LIST_INT($1) ORDER BY a.plan_id, a.number"
));
static DUE: Sql = Sql::new(
    "SELECT p.id, p.season, p.round, a.number, a.scheduled_at FROM race_attempt a JOIN race_plan p ON p.id = a.plan_id \
     WHERE a.status = 0 AND p.state = 0 AND a.scheduled_at <= $1 ORDER BY a.scheduled_at, p.season, p.round, a.number",
);

impl Reader {
    /// The race's plan: the active or cancelled one, of which there is at most one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn race_plan(&self, season: i64, round: i64) -> Result<Option<RacePlan>> {
        self.read_tx("reading a race's plan", move |tx| {
            Box::pin(async move { rows::found(tx, &CURRENT, &args![season, round]).await })
        })
        .await
    }

    /// A plan in whatever state.
    ///
    /// # Errors
    /// The store failed.
    pub async fn race_plan_by_id(&self, id: i64) -> Result<Option<RacePlan>> {
        self.read_tx("reading a race's plan", move |tx| {
            Box::pin(async move { rows::found(tx, &BY_ID, &args![id]).await })
        })
        .await
    }

    /// The plans of a season's races (of all, when `None`), active or cancelled, by season and round.
    ///
    /// # Errors
    /// The store failed.
    pub async fn race_plans(&self, season: Option<i64>) -> Result<Vec<RacePlan>> {
        let seasons = Arc::new(args![season.unwrap_or(i64::MIN), season.unwrap_or(i64::MAX)]);
        self.read_tx("listing plans of races", move |tx| {
            let seasons = Arc::clone(&seasons);
            Box::pin(async move {
                let rows = tx.all(&PLANS, &*seasons).await?;
                let mut plans =
                    rows.into_iter().map(rows::plan).collect::<std::result::Result<Vec<_>, _>>()?;
                let ids: Vec<i64> = plans.iter().map(|plan| plan.id).collect();
                let mut attempts: BTreeMap<i64, Vec<RaceAttempt>> = BTreeMap::new();
                for row in tx.all(&ATTEMPTS, &args![Value::from(ids)]).await? {
                    let (plan, attempt) = rows::attempt(row)?;
                    attempts.entry(plan).or_default().push(attempt);
                }
                for plan in &mut plans {
                    plan.attempts = attempts.remove(&plan.id).unwrap_or_default();
                }
                Ok(plans)
            })
        })
        .await
    }

    /// Pending attempts of active plans due by then: by time, then season, round and number.
    ///
    /// # Errors
    /// The store failed.
    pub async fn pending_race_attempts(&self, due_by: Timestamp) -> Result<Vec<DueRaceAttempt>> {
        self.read_tx("listing due attempts of races", move |tx| {
            Box::pin(async move {
                let rows = tx.all(&DUE, &args![due_by]).await?;
                rows.into_iter()
                    .map(|mut row| {
                        Ok(DueRaceAttempt {
                            plan: row.int()?,
                            season: row.int()?,
                            round: row.int()?,
                            number: row.int()?,
                            scheduled_at: row.instant()?,
                        })
                    })
                    .collect()
            })
        })
        .await
    }
}
