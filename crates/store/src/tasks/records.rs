//! Reading records: one, a page of them, how many are unread, who syncs now, what statistics need.

use std::sync::Arc;

use jiff::Timestamp;
use model::id::RunId;
use model::task::{TaskRecord, TaskRecordStatus, TaskSyncType};
use serde_json::Value;

use super::rows::{self, record_columns};
use super::types::{Page, Paged, TaskLock, TaskOutcome, TaskRecordFilter};
use crate::Reader;
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, args};

static BY_ID: Sql =
    Sql::new(concat!("SELECT ", record_columns!(), " FROM task_record WHERE id = $1 AND deleted_at IS NULL"));
/// Of a run the record is its own, shown to people or not.
static OF_RUN: Sql = Sql::new(concat!("SELECT ", record_columns!(), " FROM task_record WHERE run_id = $1"));
/// What the filter's parts that are not asked for compare is the column itself.
macro_rules! filter {
    () => {
        " FROM task_record WHERE deleted_at IS NULL AND sync_type = coalesce(CAST($1 AS BIGINT), sync_type) \
         AND trigger = coalesce(CAST($2 AS BIGINT), trigger) AND (CAST($3 AS BIGINT) = 0 OR status IN LIST_INT($4)) \
         AND (CAST($5 AS BIGINT) = 0 OR (read_at IS NULL AND status >= 10))"
    };
}
static COUNT: Sql = Sql::new(concat!("SELECT count(*)", filter!()));
static LIST: Sql = Sql::new(concat!(
    "SELECT ",
    record_columns!(),
    filter!(),
    " ORDER BY created_at DESC, id DESC LIMIT $6 OFFSET $7"
));
static UNREAD: Sql = Sql::new(
    "SELECT count(*) FROM task_record WHERE read_at IS NULL AND deleted_at IS NULL AND status >= 10",
);
static LOCK: Sql = Sql::new(
    "SELECT l.run_id, r.holder, l.acquired_at FROM lease l LEFT JOIN task_record r ON r.run_id = l.run_id \
     WHERE l.key = $1 AND l.run_id IS NOT NULL",
);
static OUTCOMES: Sql = Sql::new(
    "SELECT id, sync_type, status, created_at, coalesce(started_at, created_at), ended_at, tasks_total, tasks_matched \
     FROM task_record WHERE deleted_at IS NULL AND status >= 10 AND created_at >= $1 ORDER BY created_at, id",
);

impl Reader {
    /// A record by number.
    ///
    /// # Errors
    /// The store failed.
    pub async fn task_record(&self, id: i64) -> Result<Option<TaskRecord>> {
        self.read_tx("reading a record", move |tx| {
            Box::pin(async move { tx.first(&BY_ID, &args![id]).await?.map(rows::record).transpose() })
        })
        .await
    }

    /// The record of a run, also while it is hidden because somebody deleted it too early.
    ///
    /// # Errors
    /// The store failed.
    pub async fn task_record_of_run(&self, run: RunId) -> Result<Option<TaskRecord>> {
        self.read_tx("reading a run's record", move |tx| {
            Box::pin(async move { tx.first(&OF_RUN, &args![run.0]).await?.map(rows::record).transpose() })
        })
        .await
    }

    /// Records, newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn task_records(&self, filter: &TaskRecordFilter, page: Page) -> Result<Paged<TaskRecord>> {
        let statuses: Vec<i16> = filter.statuses.iter().map(|status| status.code()).collect();
        let asked = i64::try_from(statuses.len()).unwrap_or(i64::MAX);
        let filter = args![
            filter.sync_type.map(TaskSyncType::code),
            filter.trigger.map(model::task::TaskTrigger::code),
            asked,
            Value::from(statuses),
            i64::from(filter.unread)
        ];
        let paged = Arc::new([&filter[..], &args![page.limit, page.offset]].concat());
        self.read_tx("listing records", move |tx| {
            let paged = Arc::clone(&paged);
            Box::pin(async move {
                let total = tx.number(&COUNT, &paged[..5]).await?;
                let rows = tx.all(&LIST, &paged).await?;
                let rows = rows.into_iter().map(rows::record).collect::<std::result::Result<_, DbError>>()?;
                Ok(Paged { rows, total })
            })
        })
        .await
    }

    /// Records that ended and that nobody has read.
    ///
    /// # Errors
    /// The store failed.
    pub async fn task_unread(&self) -> Result<i64> {
        self.read_tx("counting unread records", |tx| Box::pin(tx.number(&UNREAD, &[]))).await
    }

    /// Who syncs this type now.
    ///
    /// # Errors
    /// The store failed.
    pub async fn task_lock(&self, sync_type: TaskSyncType) -> Result<Option<TaskLock>> {
        let args = Arc::new(args![sync_type.sync().as_str()]);
        self.read_tx("reading who syncs tasks", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                let Some(mut row) = tx.first(&LOCK, &*args).await? else { return Ok(None) };
                Ok(Some(TaskLock {
                    run: RunId(row.int()?),
                    holder: row.text_or_null()?,
                    locked_at: row.instant()?,
                }))
            })
        })
        .await
    }

    /// Records accepted since then that have ended, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn task_outcomes(&self, since: Timestamp) -> Result<Vec<TaskOutcome>> {
        self.read_tx("reading how syncs of tasks ended", move |tx| {
            Box::pin(async move {
                let rows = tx.all(&OUTCOMES, &args![since]).await?;
                rows.into_iter()
                    .map(|mut row| {
                        Ok(TaskOutcome {
                            record: row.int()?,
                            sync_type: row.code(TaskSyncType::from_code)?,
                            status: row.code(TaskRecordStatus::from_code)?,
                            created_at: row.instant()?,
                            started_at: row.instant()?,
                            ended_at: row.instant()?,
                            total: row.int()?,
                            matched: row.int()?,
                        })
                    })
                    .collect()
            })
        })
        .await
    }
}
