//! The platform's statistics, a row for a task and a day: what a task comes to is the sum of its days.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::task::TaskDay;
use serde_json::{Value, json};

use super::CallTasks;
use super::types::TaskDaySum;
use crate::Reader;
use crate::claim::held;
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::args;
use crate::types::Right;

static UPSERT: Sql = Sql::new(
    "INSERT INTO call_task_day (task_id, day, called_number, connected_number, success_number) \
     SELECT x.of_id, x.of_day, x.of_called, x.of_connected, x.of_success FROM BATCH($1: of_id TEXT, of_day TEXT, \
     of_called INT, of_connected INT, of_success INT) AS x WHERE TRUE ORDER BY x.of_id, x.of_day \
     ON CONFLICT (task_id, day) DO UPDATE SET called_number = excluded.called_number, \
     connected_number = excluded.connected_number, success_number = excluded.success_number",
);
static SUMS: Sql = Sql::new(
    "SELECT task_id, CAST(sum(called_number) AS BIGINT), CAST(sum(connected_number) AS BIGINT), \
     CAST(sum(success_number) AS BIGINT) FROM call_task_day WHERE task_id IN LIST_TEXT($1) GROUP BY task_id \
     ORDER BY task_id",
);
static NAMES: Sql = Sql::new("SELECT task_id, name FROM call_task WHERE task_id IN LIST_TEXT($1)");

impl CallTasks {
    /// Stores what days say of tasks, in place of what was said of them before. False: the fence is old.
    ///
    /// # Errors
    /// The store failed.
    pub async fn upsert_days(&self, right: Right, days: Vec<TaskDay>) -> Result<bool> {
        // Of two rows for one day the later counts; in one order, so that two syncs do not wait for each other.
        let days: BTreeMap<_, _> =
            days.into_iter().map(|day| ((day.task_id.clone(), day.day.to_string()), day)).collect();
        let batch: Vec<Value> = days
            .into_iter()
            .map(|((task_id, day), row)| {
                json!({
                    "of_id": task_id, "of_day": day, "of_called": row.called_number,
                    "of_connected": row.connected_number, "of_success": row.success_number,
                })
            })
            .collect();
        let args = Arc::new(args![Value::from(batch)]);
        self.0
            .write_tx("storing days of tasks", move |tx| {
                let args = Arc::clone(&args);
                Box::pin(async move {
                    if !held(tx, right).await? {
                        return Ok(false);
                    }
                    tx.run(&UPSERT, &*args).await?;
                    Ok(true)
                })
            })
            .await
    }
}

impl Reader {
    /// What all stored days say of these tasks; a task without days is missing.
    ///
    /// # Errors
    /// The store failed.
    pub async fn task_day_sums(&self, task_ids: &[String]) -> Result<Vec<TaskDaySum>> {
        let args = Arc::new(args![Value::from(task_ids.to_vec())]);
        self.read_tx("adding up days of tasks", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                let rows = tx.all(&SUMS, &*args).await?;
                rows.into_iter()
                    .map(|mut row| {
                        Ok(TaskDaySum {
                            task_id: row.text()?,
                            called: row.int()?,
                            connected: row.int()?,
                            success: row.int()?,
                        })
                    })
                    .collect()
            })
        })
        .await
    }

    /// The names of those of these tasks that are known.
    ///
    /// # Errors
    /// The store failed.
    pub async fn call_task_names(&self, task_ids: &[String]) -> Result<BTreeMap<String, String>> {
        let args = Arc::new(args![Value::from(task_ids.to_vec())]);
        self.read_tx("reading names of tasks", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                let rows = tx.all(&NAMES, &*args).await?;
                rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
            })
        })
        .await
    }
}
