//! A run's log: lines appended in batches, read by following ids.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::id::{PartitionId, RunId};
use model::limits;
use serde_json::{Value, json};

use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Row, Tx, args};
use crate::types::{LogLine, NewLogLine};
use crate::{Reader, Store};

/// A line of a run that is gone, or whose log is full, is dropped. The ids follow the lines, whatever the plan is.
static APPEND: Sql = Sql::new(
    "INSERT INTO run_log (run_id, partition_id, at, level, message) \
     SELECT x.of_run, x.of_partition, x.of_at, x.of_level, x.of_message \
     FROM BATCH($1: of_n INT, of_run INT, of_partition INT, of_at INT, of_level TEXT, of_message TEXT) AS x \
     WHERE EXISTS (SELECT 1 FROM run WHERE run.id = x.of_run) ORDER BY x.of_n",
);
static TRIM: Sql = Sql::new(
    "DELETE FROM run_log WHERE run_id = $1 AND id <= \
     (SELECT id FROM run_log WHERE run_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
);
static READ: Sql = Sql::new(
    "SELECT id, run_id, partition_id, at, level, message FROM run_log WHERE run_id = $1 AND id > $2 ORDER BY id LIMIT $3",
);
static READ_BACK: Sql = Sql::new(
    "SELECT id, run_id, partition_id, at, level, message FROM run_log WHERE run_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
);

impl Store {
    /// Appends to runs' logs. Above [`limits::LOG_LINES_PER_RUN_MAX`] the oldest lines of a run go.
    ///
    /// # Errors
    /// The store failed; nothing was appended.
    pub async fn append_log(&self, lines: Vec<NewLogLine>) -> Result<()> {
        let lines = Arc::new(lines);
        self.write_tx("writing a run's log", move |tx| {
            let lines = Arc::clone(&lines);
            Box::pin(async move { append(tx, &lines).await })
        })
        .await
    }
}

/// The body of [`Store::append_log`], also run beside what a line tells of.
pub(crate) async fn append(tx: &mut Tx<'_>, lines: &[NewLogLine]) -> std::result::Result<(), DbError> {
    let batch: Vec<Value> = lines
        .iter()
        .zip(0..)
        .map(|(line, n)| {
            json!({
                "of_n": n, "of_run": line.run_id.0, "of_partition": line.partition_id.map(|id| id.0),
                "of_at": line.at.as_microsecond(), "of_level": line.level, "of_message": line.message,
            })
        })
        .collect();
    tx.run(&APPEND, &args![Value::from(batch)]).await?;
    for run in lines.iter().map(|line| line.run_id.0).collect::<BTreeSet<i64>>() {
        tx.run(&TRIM, &args![run, limits::LOG_LINES_PER_RUN_MAX]).await?;
    }
    tx.touched.events = true;
    Ok(())
}

impl Reader {
    /// Lines of a run's log with ids above `after`.
    ///
    /// # Errors
    /// The store failed.
    pub async fn log(&self, run: RunId, after: i64, limit: u32) -> Result<Vec<LogLine>> {
        self.read_tx("reading a run's log", move |tx| {
            Box::pin(async move {
                tx.all(&READ, &args![run.0, after, limit]).await?.into_iter().map(line).collect()
            })
        })
        .await
    }

    /// The newest `limit` lines of a run's log with ids below `before` (`None`: the newest of all), oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn log_before(&self, run: RunId, before: Option<i64>, limit: u32) -> Result<Vec<LogLine>> {
        self.read_tx("reading a run's log", move |tx| {
            Box::pin(async move {
                let args = args![run.0, before.unwrap_or(i64::MAX), limit];
                tx.all(&READ_BACK, &args).await?.into_iter().rev().map(line).collect()
            })
        })
        .await
    }
}

fn line(mut row: Row) -> std::result::Result<LogLine, DbError> {
    Ok(LogLine {
        id: row.int()?,
        run_id: RunId(row.int()?),
        partition_id: row.int_or_null()?.map(PartitionId),
        at: row.instant()?,
        level: row.text()?,
        message: row.text()?,
    })
}
