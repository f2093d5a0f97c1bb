//! Schedules and their times: put, changed, and acted on by exactly one node.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::event::EventKind;
use model::id::ScheduleId;
use model::schedule::{Schedule, ScheduleSpec, TickDecision, TickRow, When};
use serde_json::{Value, json};

use crate::budget::{NOTE, PUT_NOTE};
use crate::db::Result;
use crate::event::{self, About};
use crate::request::{accept, as_json};
use crate::rows::{self, schedule_columns, tick_columns};
use crate::sql::Sql;
use crate::tx::{DbError, Row, Tx, args, wrong};
use crate::types::{Requested, ScheduleChange, TickAct, TickCommit, TickDone, TickPlan};
use crate::{Reader, Store};

static BY_NAME: Sql = Sql::new(concat!("SELECT ", schedule_columns!(), " FROM schedule WHERE name = $1"));
static PUT_BEFORE: Sql =
    Sql::new(concat!("SELECT put_spec, ", schedule_columns!(), " FROM schedule WHERE name = $1 FOR UPDATE"));
static PUT: Sql = Sql::new(concat!(
    "INSERT INTO schedule (name, spec, put_spec, next_nominal_at, version) VALUES ($1, $2, $3, $4, 1) ",
    "ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, put_spec = excluded.put_spec, ",
    "next_nominal_at = excluded.next_nominal_at, version = schedule.version + 1 RETURNING ",
    schedule_columns!()
));
static BY_ID: Sql = Sql::new(concat!("SELECT ", schedule_columns!(), " FROM schedule WHERE id = $1"));
static LOCKED: Sql =
    Sql::new(concat!("SELECT ", schedule_columns!(), " FROM schedule WHERE id = $1 FOR UPDATE"));
static CHANGE: Sql = Sql::new(concat!(
    "UPDATE schedule SET spec = $2, next_nominal_at = $3, paused_at = $4, version = version + 1 WHERE id = $1 RETURNING ",
    schedule_columns!()
));
static REMOVE: Sql = Sql::new("DELETE FROM schedule WHERE id = $1");
static RESTORE: Sql =
    Sql::new("DELETE FROM note WHERE key >= 'schedule.removed.' AND key < 'schedule.removed/'");
static MOVE: Sql = Sql::new(
    "UPDATE schedule SET last_nominal_at = coalesce($2, last_nominal_at), next_nominal_at = $3, version = version + 1 \
     WHERE id = $1",
);
static TICK: Sql = Sql::new(
    "INSERT INTO tick (schedule_id, nominal_at, decided_at, decision, reason, run_id, followed_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (schedule_id, nominal_at) DO NOTHING",
);
static TICKED: Sql = Sql::new("SELECT count(*) FROM tick WHERE schedule_id = $1 AND nominal_at = $2");
static ALL: Sql = Sql::new(concat!("SELECT ", schedule_columns!(), " FROM schedule ORDER BY name"));
static PAGE: Sql =
    Sql::new(concat!("SELECT ", schedule_columns!(), " FROM schedule ORDER BY name LIMIT $1 OFFSET $2"));
static UPCOMING: Sql = Sql::new(concat!(
    "SELECT ",
    schedule_columns!(),
    " FROM schedule WHERE paused_at IS NULL AND next_nominal_at IS NOT NULL ORDER BY next_nominal_at, name LIMIT $1"
));
static RESTING: Sql = Sql::new(concat!(
    "SELECT ",
    schedule_columns!(),
    " FROM schedule WHERE paused_at IS NOT NULL OR next_nominal_at IS NULL ORDER BY name LIMIT $1"
));
static DUE: Sql = Sql::new(concat!(
    "SELECT ",
    schedule_columns!(),
    " FROM schedule WHERE paused_at IS NULL AND next_nominal_at IS NOT NULL AND next_nominal_at <= $1 ",
    "ORDER BY next_nominal_at LIMIT $2"
));
static NEXT: Sql = Sql::new(
    "SELECT min(next_nominal_at) FROM schedule \
     WHERE paused_at IS NULL AND next_nominal_at IS NOT NULL AND next_nominal_at > $1",
);
static TICKS: Sql = Sql::new(concat!(
    "SELECT ",
    tick_columns!(),
    " FROM tick WHERE schedule_id = $1 ORDER BY nominal_at DESC LIMIT $2"
));
static LAST_TICKS: Sql = Sql::new(concat!(
    "SELECT schedule_id, ",
    tick_columns!(),
    " FROM (SELECT id AS of_id, last_nominal_at FROM schedule ORDER BY name LIMIT $1 OFFSET $2) AS page ",
    "JOIN tick ON schedule_id = of_id AND nominal_at = last_nominal_at"
));

impl Store {
    /// Makes the schedule exist; an existing one of that name keeps what a person changed: whether it is
    /// paused, and of rule, zone and parameters each that is in `spec` as it was when last put. `next` is the next
    /// time under `spec`; it counts when the rule or the zone becomes another.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put_schedule(
        &self,
        spec: &ScheduleSpec,
        next: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Schedule> {
        let spec = Arc::new(spec.clone());
        self.write_tx("putting a schedule", move |tx| {
            let spec = Arc::clone(&spec);
            Box::pin(async move { put(tx, &spec, next, now).await })
        })
        .await
    }

    /// A person's change. `next` is the next time under the change.
    ///
    /// # Errors
    /// The store failed.
    pub async fn change_schedule(
        &self,
        id: ScheduleId,
        change: ScheduleChange,
        next: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Schedule>> {
        let change = Arc::new(change);
        self.write_tx("changing a schedule", move |tx| {
            let change = Arc::clone(&change);
            Box::pin(async move {
                let Some(mut row) = tx.first(&LOCKED, &args![id.0]).await? else { return Ok(None) };
                let mut schedule = rows::schedule(&mut row)?;
                if let Some(expression) = &change.cron {
                    schedule.spec.when = When::Cron { expression: expression.clone() };
                }
                if let Some(time_zone) = &change.time_zone {
                    schedule.spec.time_zone.clone_from(time_zone);
                }
                if let Some(params) = &change.params {
                    schedule.spec.params = params.clone();
                }
                let paused_at = match change.paused {
                    Some(true) => schedule.paused_at.or(Some(now)),
                    Some(false) => None,
                    None => schedule.paused_at,
                };
                let args = args![id.0, as_json(&schedule.spec), next, paused_at];
                let row = tx.first(&CHANGE, &args).await?;
                changed(tx, id, now).await?;
                row.map(|mut row| rows::schedule(&mut row)).transpose()
            })
        })
        .await
    }

    /// Makes a schedule that a system comes with exist, as [`Store::put_schedule`] does; `None`: a person removed it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn register_schedule(
        &self,
        spec: &ScheduleSpec,
        next: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Schedule>> {
        let spec = Arc::new(spec.clone());
        self.write_tx("registering a schedule", move |tx| {
            let spec = Arc::clone(&spec);
            Box::pin(async move {
                let is_there = tx.first(&PUT_BEFORE, &args![spec.name.as_str()]).await?.is_some();
                if !is_there && tx.first(&NOTE, &args![removed(&spec.name)]).await?.is_some() {
                    return Ok(None);
                }
                Ok(Some(put(tx, &spec, next, now).await?))
            })
        })
        .await
    }

    /// Removes it; its ticks go with it, its runs stay. One that a system comes with stays away until
    /// [`Store::restore_schedules`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn remove_schedule(&self, id: ScheduleId, now: Timestamp) -> Result<bool> {
        self.write_tx("removing a schedule", move |tx| {
            Box::pin(async move {
                let Some(mut row) = tx.first(&LOCKED, &args![id.0]).await? else { return Ok(false) };
                let name = rows::schedule(&mut row)?.spec.name;
                tx.run(&REMOVE, &args![id.0]).await?;
                tx.run(&PUT_NOTE, &args![removed(&name), &json!({ "id": id.0 }), now]).await?;
                changed(tx, id, now).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Takes a schedule back that its system does not come with any more; it is made again when the system does.
    ///
    /// # Errors
    /// The store failed.
    pub async fn withdraw_schedule(&self, id: ScheduleId, now: Timestamp) -> Result<bool> {
        self.write_tx("taking a schedule back", move |tx| {
            Box::pin(async move {
                let gone = tx.run(&REMOVE, &args![id.0]).await? == 1;
                if gone {
                    changed(tx, id, now).await?;
                }
                Ok(gone)
            })
        })
        .await
    }

    /// Forgets which schedules were removed: those that systems come with are made again when they are registered.
    ///
    /// # Errors
    /// The store failed.
    pub async fn restore_schedules(&self) -> Result<u64> {
        self.write_tx("restoring schedules", |tx| Box::pin(async move { tx.run(&RESTORE, &[]).await })).await
    }

    /// Records times, starts runs and moves the cursor. `None`: somebody else did (version differs, or paused).
    ///
    /// # Errors
    /// The store failed; nothing was recorded.
    pub async fn commit_tick(&self, tick: TickCommit, now: Timestamp) -> Result<Option<Vec<TickDone>>> {
        let tick = Arc::new(tick);
        self.write_tx("acting on a schedule", move |tx| {
            let tick = Arc::clone(&tick);
            Box::pin(async move { commit(tx, &tick, now).await })
        })
        .await
    }
}

async fn changed(tx: &mut Tx<'_>, id: ScheduleId, now: Timestamp) -> std::result::Result<(), DbError> {
    tx.touched.schedules = true;
    let about = About { schedule: Some(id), ..About::default() };
    event::append(tx, EventKind::ScheduleChanged, about, &json!({}), now).await
}

/// The note that says that a person removed the schedule of this name.
fn removed(name: &str) -> String {
    format!("schedule.removed.{name}")
}

/// Makes the schedule exist with exactly this rule and its next time, whatever became of it; whether it is paused stays,
/// and so does a time of this rule that is due and not acted on yet.
pub(crate) async fn set(
    tx: &mut Tx<'_>,
    spec: &ScheduleSpec,
    mut next: Timestamp,
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    let name = spec.name.as_str();
    if let Some(mut row) = tx.first(&PUT_BEFORE, &args![name]).await? {
        row.json::<Value>()?;
        let standing = rows::schedule(&mut row)?;
        let rule = |spec: &ScheduleSpec| (spec.when.clone(), spec.time_zone.clone());
        if rule(&standing.spec) == rule(spec) {
            next = standing.next_nominal_at.filter(|due| *due <= now).unwrap_or(next);
        }
        if standing.spec == *spec && standing.next_nominal_at == Some(next) {
            return Ok(());
        }
    }
    let row = tx.first(&PUT, &args![name, as_json(spec), as_json(spec), next]).await?;
    let mut row = row.ok_or_else(|| wrong("the schedule set", name))?;
    let schedule = rows::schedule(&mut row)?;
    changed(tx, schedule.id, now).await
}

/// Takes a schedule away by its name; false: there was none.
pub(crate) async fn withdraw(
    tx: &mut Tx<'_>,
    name: &str,
    now: Timestamp,
) -> std::result::Result<bool, DbError> {
    let Some(mut row) = tx.first(&BY_NAME, &args![name]).await? else { return Ok(false) };
    let id = rows::schedule(&mut row)?.id;
    tx.run(&REMOVE, &args![id.0]).await?;
    changed(tx, id, now).await?;
    Ok(true)
}

pub(crate) async fn put(
    tx: &mut Tx<'_>,
    spec: &ScheduleSpec,
    next: Option<Timestamp>,
    now: Timestamp,
) -> std::result::Result<Schedule, DbError> {
    let name = spec.name.as_str();
    let wanted = as_json(spec);
    let (merged, next) = match tx.first(&PUT_BEFORE, &args![name]).await? {
        None => (spec.clone(), next),
        Some(mut row) => {
            let before: Value = row.json()?;
            let schedule = rows::schedule(&mut row)?;
            if before == wanted {
                return Ok(schedule);
            }
            let merged = merge(&schedule.spec, (&before, &wanted), spec);
            let next = next_of(&schedule, &merged, (spec, next), now);
            (merged, next)
        }
    };
    let row = tx.first(&PUT, &args![name, as_json(&merged), &wanted, next]).await?;
    let mut row = row.ok_or_else(|| wrong("the schedule put", name))?;
    let schedule = rows::schedule(&mut row)?;
    changed(tx, schedule.id, now).await?;
    Ok(schedule)
}

/// `spec` as it is put, but with what a person may change as it stands where the system says of it what it said before.
fn merge(standing: &ScheduleSpec, (before, wanted): (&Value, &Value), spec: &ScheduleSpec) -> ScheduleSpec {
    let same = |field: &str| before[field] == wanted[field];
    let mut merged = spec.clone();
    if same("when") {
        merged.when = standing.when.clone();
    }
    if same("time_zone") {
        merged.time_zone.clone_from(&standing.time_zone);
    }
    if same("params") {
        merged.params = standing.params.clone();
    }
    merged
}

/// The next time after a put: the one it has while its rule stays, else the new rule's.
fn next_of(
    schedule: &Schedule,
    merged: &ScheduleSpec,
    (spec, next): (&ScheduleSpec, Option<Timestamp>),
    now: Timestamp,
) -> Option<Timestamp> {
    let rule = |spec: &ScheduleSpec| (spec.when.clone(), spec.time_zone.clone());
    if rule(merged) == rule(&schedule.spec) {
        return schedule.next_nominal_at;
    }
    if rule(merged) == rule(spec) {
        return next;
    }
    // A rule of a person's cron and a system's zone, or the other way round; each was read before it was stored.
    merged.when.first(now, &merged.time_zone).ok().flatten()
}

async fn commit(
    tx: &mut Tx<'_>,
    tick: &TickCommit,
    now: Timestamp,
) -> std::result::Result<Option<Vec<TickDone>>, DbError> {
    let Some(mut row) = tx.first(&LOCKED, &args![tick.schedule.0]).await? else { return Ok(None) };
    let schedule = rows::schedule(&mut row)?;
    if schedule.version != tick.version || schedule.paused_at.is_some() {
        return Ok(None);
    }
    let mut done = Vec::new();
    for plan in &tick.ticks {
        let known = tx.number(&TICKED, &args![tick.schedule.0, plan.nominal_at]).await? > 0;
        if !known {
            done.push(one(tx, tick.schedule, plan, now).await?);
        }
    }
    let last = tick.ticks.iter().map(|plan| plan.nominal_at).max();
    tx.run(&MOVE, &args![tick.schedule.0, last, tick.next_nominal_at]).await?;
    Ok(Some(done))
}

async fn one(
    tx: &mut Tx<'_>,
    schedule: ScheduleId,
    plan: &TickPlan,
    now: Timestamp,
) -> std::result::Result<TickDone, DbError> {
    let (decision, reason, run, in_the_way) = match &plan.act {
        TickAct::Record(decision, reason) => (*decision, Some(reason.clone()), None, None),
        TickAct::Start(new) => match accept(tx, new, now).await? {
            Requested::Started(run) | Requested::Known(run) => (TickDecision::Started, None, Some(run), None),
            Requested::Buffered(run) => (TickDecision::Buffered, None, Some(run), None),
            Requested::Busy(run) => {
                let reason = format!("run {} holds the lease", run.id);
                (TickDecision::SkippedOverlap, Some(reason), None, Some(run))
            }
        },
    };
    let run_id = run.as_ref().map(|run| run.id);
    let followed = run.is_some().then_some(now);
    let args = args![
        schedule.0,
        plan.nominal_at,
        now,
        decision.code(),
        reason.as_deref(),
        run_id.map(|id| id.0),
        followed
    ];
    tx.run(&TICK, &args).await?;
    let about = About { schedule: Some(schedule), run: run_id, ..About::default() };
    let data = json!({"decision": decision.as_str(), "nominal_at": plan.nominal_at, "reason": reason});
    event::append(tx, EventKind::ScheduleTicked, about, &data, now).await?;
    Ok(TickDone { nominal_at: plan.nominal_at, decision, run: run.or(in_the_way) })
}

fn read_all(rows: Vec<Row>) -> std::result::Result<Vec<Schedule>, DbError> {
    rows.into_iter().map(|mut row| rows::schedule(&mut row)).collect()
}

impl Reader {
    /// All schedules, by name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn schedules(&self) -> Result<Vec<Schedule>> {
        self.read_tx("listing schedules", |tx| Box::pin(async move { read_all(tx.all(&ALL, &[]).await?) }))
            .await
    }

    /// One schedule.
    ///
    /// # Errors
    /// The store failed.
    pub async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>> {
        self.read_tx("reading a schedule", move |tx| {
            Box::pin(async move {
                let row = tx.first(&BY_ID, &args![id.0]).await?;
                row.map(|mut row| rows::schedule(&mut row)).transpose()
            })
        })
        .await
    }

    /// One schedule by name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn schedule_by_name(&self, name: &str) -> Result<Option<Schedule>> {
        let name = name.to_owned();
        self.read_tx("reading a schedule", move |tx| {
            let name = name.clone();
            Box::pin(async move {
                let row = tx.first(&BY_NAME, &args![name]).await?;
                row.map(|mut row| rows::schedule(&mut row)).transpose()
            })
        })
        .await
    }

    /// Schedules due, and when the next one is.
    ///
    /// # Errors
    /// The store failed.
    pub async fn due_schedules(
        &self,
        limit: u32,
        now: Timestamp,
    ) -> Result<(Vec<Schedule>, Option<Timestamp>)> {
        self.read_tx("looking for due schedules", move |tx| {
            Box::pin(async move {
                let due = read_all(tx.all(&DUE, &args![now, limit]).await?)?;
                let mut next = tx.first(&NEXT, &args![now]).await?.ok_or_else(|| wrong("a row", "none"))?;
                Ok((due, next.instant_or_null()?))
            })
        })
        .await
    }

    /// `limit` schedules after the first `passed`, by name, each with the newest of its times.
    ///
    /// # Errors
    /// The store failed.
    pub async fn schedules_page(&self, passed: u32, limit: u32) -> Result<Vec<(Schedule, Option<TickRow>)>> {
        self.read_tx("listing schedules", move |tx| {
            Box::pin(async move {
                let page = args![limit, passed];
                let schedules = read_all(tx.all(&PAGE, &page).await?)?;
                let rows = tx.all(&LAST_TICKS, &page).await?;
                let read = |mut row: Row| Ok((ScheduleId(row.int()?), rows::tick(&mut row)?));
                let mut last =
                    rows.into_iter().map(read).collect::<std::result::Result<HashMap<_, _>, DbError>>()?;
                Ok(schedules
                    .into_iter()
                    .map(|one| (last.remove(&one.id), one))
                    .map(|(at, one)| (one, at))
                    .collect())
            })
        })
        .await
    }

    /// The `limit` schedules that come due first, soonest first; those that do not come due follow by name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn upcoming_schedules(&self, limit: u32) -> Result<Vec<Schedule>> {
        self.read_tx("listing the next schedules", move |tx| {
            Box::pin(async move {
                let mut upcoming = read_all(tx.all(&UPCOMING, &args![limit]).await?)?;
                let left = limit.saturating_sub(u32::try_from(upcoming.len()).unwrap_or(limit));
                if left > 0 {
                    upcoming.extend(read_all(tx.all(&RESTING, &args![left]).await?)?);
                }
                Ok(upcoming)
            })
        })
        .await
    }

    /// Newest times of a schedule, newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn ticks(&self, id: ScheduleId, limit: u32) -> Result<Vec<TickRow>> {
        self.read_tx("listing a schedule's times", move |tx| {
            Box::pin(async move {
                let rows = tx.all(&TICKS, &args![id.0, limit]).await?;
                rows.into_iter().map(|mut row| rows::tick(&mut row)).collect()
            })
        })
        .await
    }
}
