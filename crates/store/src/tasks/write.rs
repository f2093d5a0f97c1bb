//! A sync's batch: rows of the platform become tasks, with the packages of their prefixes, and the record counts them.
//!
//! One transaction, in the right of a claimed partition. A batch that one row spoils is the caller's to write row by
//! row: the same call with one row each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use model::task::name::TaskName;
use model::task::row::RowError;
use model::task::{MatchOrigin, MatchStatus, TaskCounters, TaskRow, TaskRowFault};
use serde_json::{Value, json};

use super::rule::{Decision, Known, decide};
use super::types::{TaskBatch, TaskWrite};
use super::{CallTasks, record, rows};
use crate::claim::held;
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args};

static KNOWN: Sql = Sql::new(
    "SELECT t.task_id, t.match_status, t.match_origin, p.deleted_at IS NOT NULL, t.fetched_at, t.created_record_id \
     FROM call_task t LEFT JOIN lead_package p ON p.id = t.package_id WHERE t.task_id IN LIST_TEXT($1)",
);
static CODES: Sql = Sql::new(
    "SELECT internal_code, id FROM lead_package WHERE deleted_at IS NULL AND internal_code IN LIST_TEXT($1)",
);
/// A value that was not given leaves what is known; a decision that stays is not in the batch's hands.
static UPSERT: Sql = Sql::new(
    "INSERT INTO call_task (task_id, name, prefix, prefix_parsed, target_level, agent_group, line, call_mmdd, state, \
     total_number, called_number, connected_number, success_number, match_status, match_origin, package_id, \
     created_date, started_at, ended_at, imported_at, matched_at, fetched_at, created_record_id, created_at, updated_at) \
     SELECT x.of_id, x.of_name, x.of_prefix, x.of_parsed, x.of_level, x.of_group, x.of_line, x.of_mmdd, x.of_state, \
     x.of_total, x.of_called, x.of_connected, x.of_success, \
     CASE WHEN x.of_package IS NULL THEN 0 ELSE 1 END, 0, x.of_package, x.of_created, x.of_started, x.of_ended, $3, \
     CASE WHEN x.of_package IS NOT NULL THEN CAST($3 AS BIGINT) END, x.of_fetched, $2, $3, $3 \
     FROM BATCH($1: of_id TEXT, of_name TEXT, of_prefix TEXT, of_parsed BOOL, of_level TEXT, of_group TEXT, \
     of_line TEXT, of_mmdd TEXT, of_state TEXT, of_total INT, of_called INT, of_connected INT, of_success INT, \
     of_package INT, of_created INT, of_started INT, of_ended INT, of_fetched INT) AS x WHERE TRUE ORDER BY x.of_id \
     ON CONFLICT (task_id) DO UPDATE SET name = excluded.name, prefix = excluded.prefix, \
     prefix_parsed = excluded.prefix_parsed, target_level = excluded.target_level, \
     agent_group = excluded.agent_group, line = excluded.line, call_mmdd = excluded.call_mmdd, \
     state = coalesce(excluded.state, call_task.state), \
     total_number = coalesce(excluded.total_number, call_task.total_number), \
     called_number = coalesce(excluded.called_number, call_task.called_number), \
     connected_number = coalesce(excluded.connected_number, call_task.connected_number), \
     success_number = coalesce(excluded.success_number, call_task.success_number), \
     match_status = CASE WHEN call_task.match_origin = 0 THEN excluded.match_status ELSE call_task.match_status END, \
     package_id = CASE WHEN call_task.match_origin = 0 THEN excluded.package_id ELSE call_task.package_id END, \
     matched_at = CASE WHEN call_task.match_origin = 1 OR call_task.package_id = excluded.package_id \
     THEN call_task.matched_at ELSE excluded.matched_at END, \
     created_date = coalesce(excluded.created_date, call_task.created_date), \
     started_at = coalesce(excluded.started_at, call_task.started_at), \
     ended_at = coalesce(excluded.ended_at, call_task.ended_at), \
     fetched_at = excluded.fetched_at, updated_at = excluded.updated_at \
     WHERE call_task.fetched_at <= excluded.fetched_at",
);

impl CallTasks {
    /// Writes rows as tasks, matches them by the rule, and sets what the record counts to `before` and them. `None`: the
    /// fence is old and nothing was written.
    ///
    /// A task that this record inserted before counts as new again, so that a sync begun anew counts the same. A row
    /// read earlier than what is stored changes nothing and counts as seen.
    ///
    /// # Errors
    /// The store failed, or the database refused a row: write them one by one.
    pub async fn write_tasks(&self, write: TaskWrite, now: Timestamp) -> Result<Option<TaskBatch>> {
        let write = Arc::new(write);
        self.0
            .write_tx("writing tasks", move |tx| {
                let write = Arc::clone(&write);
                Box::pin(async move { write_batch(tx, &write, now).await })
            })
            .await
    }
}

async fn write_batch(
    tx: &mut Tx<'_>,
    write: &TaskWrite,
    now: Timestamp,
) -> std::result::Result<Option<TaskBatch>, DbError> {
    if !held(tx, write.right).await? {
        return Ok(None);
    }
    rows::lock(tx).await?;
    // In the order of their ids, the later of two.
    let listed: BTreeMap<&str, &TaskRow> = write.rows.iter().map(|row| (row.task_id.as_str(), row)).collect();
    let named: Vec<(&TaskRow, TaskName)> =
        listed.into_values().map(|row| (row, TaskName::parse(&row.name))).collect();
    let known = known(tx, &named).await?;
    let codes = codes(tx, &named).await?;
    let mut done = TaskBatch { counters: write.before, faults: Vec::new() };
    let mut batch = Vec::new();
    for (row, name) in &named {
        let package = name.parsed.then(|| codes.get(&name.prefix)).flatten().copied();
        let known = known.get(&row.task_id);
        let decision = decide(known, package.is_some(), row.fetched_at);
        if decision == Decision::Gone {
            done.faults.push(gone(row));
        } else {
            batch.push(values(row, name, package));
        }
        let new = known.is_none_or(|known| known.created_record == Some(write.record));
        tally(&mut done.counters, decision, new);
    }
    if !batch.is_empty() {
        tx.run(&UPSERT, &args![Value::from(batch), write.record, now]).await?;
    }
    record::count(tx, write.record, done.counters, now).await?;
    Ok(Some(done))
}

/// Adds one task to what a record counts.
fn tally(counters: &mut TaskCounters, decision: Decision, new: bool) {
    let Some(status) = decision.status() else {
        counters.failed += 1;
        return;
    };
    if new {
        counters.new += 1;
    } else {
        counters.updated += 1;
    }
    match status {
        MatchStatus::Matched => counters.matched += 1,
        MatchStatus::Pending => counters.pending += 1,
        MatchStatus::Idle => counters.idle += 1,
    }
}

fn gone(row: &TaskRow) -> TaskRowFault {
    TaskRowFault {
        task_id: row.task_id.clone(),
        task_name: row.name.clone(),
        error: RowError::PackageGone.to_string(),
    }
}

fn values(row: &TaskRow, name: &TaskName, package: Option<i64>) -> Value {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    json!({
        "of_id": row.task_id, "of_name": row.name, "of_prefix": name.prefix, "of_parsed": name.parsed,
        "of_level": name.level, "of_group": name.group, "of_line": name.line, "of_mmdd": name.call_mmdd,
        "of_state": row.state, "of_total": row.total_number, "of_called": row.called_number,
        "of_connected": row.connected_number, "of_success": row.success_number, "of_package": package,
        "of_created": micros(row.created_at), "of_started": micros(row.started_at), "of_ended": micros(row.ended_at),
        "of_fetched": row.fetched_at.as_microsecond(),
    })
}

async fn known(
    tx: &mut Tx<'_>,
    named: &[(&TaskRow, TaskName)],
) -> std::result::Result<BTreeMap<String, Known>, DbError> {
    let ids: Vec<&str> = named.iter().map(|(row, _)| row.task_id.as_str()).collect();
    let mut known = BTreeMap::new();
    for mut row in tx.all(&KNOWN, &args![Value::from(ids)]).await? {
        let task_id = row.text()?;
        let stored = Known {
            status: row.code(MatchStatus::from_code)?,
            origin: row.code(MatchOrigin::from_code)?,
            package_gone: row.bool()?,
            fetched_at: row.instant()?,
            created_record: row.int_or_null()?,
        };
        known.insert(task_id, stored);
    }
    Ok(known)
}

/// The packages of the names' prefixes.
async fn codes(
    tx: &mut Tx<'_>,
    named: &[(&TaskRow, TaskName)],
) -> std::result::Result<BTreeMap<String, i64>, DbError> {
    let parsed = named.iter().filter(|(_, name)| name.parsed);
    let prefixes: BTreeSet<&str> = parsed.map(|(_, name)| name.prefix.as_str()).collect();
    let mut codes = BTreeMap::new();
    for mut row in tx.all(&CODES, &args![Value::from(Vec::from_iter(prefixes))]).await? {
        codes.insert(row.text()?, row.int()?);
    }
    Ok(codes)
}
