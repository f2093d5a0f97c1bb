//! Reading tasks: by how they stand, in groups while they are pending, and how many there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::task::{CallTask, MatchStatus};
use serde_json::Value;

use super::rows::{self, task_columns};
use super::types::{Page, Paged, TaskCounts, TaskGroup};
use crate::Reader;
use crate::db::Result;
use crate::like;
use crate::sql::Sql;
use crate::tx::{Arg, DbError, Tx, args};

/// Tasks that stand like `$1` (all, when that is null) and have the pattern `$2` in their id or name.
macro_rules! listed {
    () => {
        " FROM call_task t LEFT JOIN lead_package p ON p.id = t.package_id \
         WHERE t.match_status = coalesce(CAST($1 AS BIGINT), t.match_status) AND (CAST($2 AS TEXT) IS NULL \
         OR lower(t.task_id) LIKE CAST($2 AS TEXT) ESCAPE '\\' OR lower(t.name) LIKE CAST($2 AS TEXT) ESCAPE '\\')"
    };
}
static COUNT: Sql = Sql::new(concat!("SELECT count(*)", listed!()));
static LIST: Sql = Sql::new(concat!(
    "SELECT ",
    task_columns!(),
    listed!(),
    " ORDER BY CASE CAST($1 AS BIGINT) WHEN 1 THEN t.matched_at WHEN 2 THEN t.idle_at ELSE t.imported_at END DESC, ",
    "t.id DESC LIMIT $3 OFFSET $4"
));
static GROUP_COUNT: Sql = Sql::new(concat!(
    "SELECT count(*) FROM (SELECT 1",
    listed!(),
    " GROUP BY t.prefix, t.prefix_parsed) AS grouped"
));
static GROUPS: Sql = Sql::new(concat!(
    "SELECT t.prefix, t.prefix_parsed",
    listed!(),
    " GROUP BY t.prefix, t.prefix_parsed ORDER BY count(*) DESC, t.prefix, t.prefix_parsed LIMIT $3 OFFSET $4"
));
static MEMBERS: Sql = Sql::new(concat!(
    "SELECT ",
    task_columns!(),
    listed!(),
    " AND t.prefix IN LIST_TEXT($3) ORDER BY t.name, t.id"
));
static COUNTS: Sql = Sql::new("SELECT match_status, count(*) FROM call_task GROUP BY match_status");
static BY_ID: Sql = Sql::new(concat!(
    "SELECT ",
    task_columns!(),
    " FROM call_task t LEFT JOIN lead_package p ON p.id = t.package_id WHERE t.task_id = $1"
));

impl Reader {
    /// A task by the platform's id.
    ///
    /// # Errors
    /// The store failed.
    pub async fn call_task(&self, task_id: &str) -> Result<Option<CallTask>> {
        let args = Arc::new(args![task_id]);
        self.read_tx("reading a task", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.first(&BY_ID, &*args).await?.map(rows::task).transpose() })
        })
        .await
    }

    /// Tasks that stand like this (all, when `None`) with that in their id or name: those matched, marked or imported
    /// last first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn call_tasks(
        &self,
        status: Option<MatchStatus>,
        contains: Option<&str>,
        page: Page,
    ) -> Result<Paged<CallTask>> {
        let args = Arc::new(listing(status, contains, page));
        self.read_tx("listing tasks", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                let total = tx.number(&COUNT, &args[..2]).await?;
                let rows = tx.all(&LIST, &*args).await?;
                Ok(Paged { rows: tasks(rows)?, total })
            })
        })
        .await
    }

    /// Pending tasks with that in their id or name, by what their names say of their package: the largest group first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn pending_groups(&self, contains: Option<&str>, page: Page) -> Result<Paged<TaskGroup>> {
        let args = Arc::new(listing(Some(MatchStatus::Pending), contains, page));
        self.read_tx("grouping pending tasks", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { groups(tx, &*args).await })
        })
        .await
    }

    /// How many tasks there are.
    ///
    /// # Errors
    /// The store failed.
    pub async fn task_counts(&self) -> Result<TaskCounts> {
        self.read_tx("counting tasks", |tx| {
            Box::pin(async move {
                let mut counts = TaskCounts::default();
                for mut row in tx.all(&COUNTS, &[]).await? {
                    let (status, count) = (row.code(MatchStatus::from_code)?, row.int()?);
                    match status {
                        MatchStatus::Pending => counts.pending = count,
                        MatchStatus::Matched => counts.matched = count,
                        MatchStatus::Idle => counts.idle = count,
                    }
                }
                Ok(counts)
            })
        })
        .await
    }
}

fn listing(status: Option<MatchStatus>, contains: Option<&str>, page: Page) -> [Arg; 4] {
    args![status.map(MatchStatus::code), like::pattern(contains), page.limit, page.offset]
}

fn tasks(rows: Vec<crate::tx::Row>) -> std::result::Result<Vec<CallTask>, DbError> {
    rows.into_iter().map(rows::task).collect()
}

async fn groups(tx: &mut Tx<'_>, args: &[Arg]) -> std::result::Result<Paged<TaskGroup>, DbError> {
    let total = tx.number(&GROUP_COUNT, &args[..2]).await?;
    let mut groups = Vec::new();
    for mut row in tx.all(&GROUPS, args).await? {
        groups.push(TaskGroup { prefix: row.text()?, parsed: row.bool()?, tasks: Vec::new() });
    }
    let prefixes: Vec<&str> = groups.iter().map(|group| group.prefix.as_str()).collect();
    let of_groups = [&args[..2], &args![Value::from(prefixes)]].concat();
    let mut members: BTreeMap<(String, bool), Vec<CallTask>> = BTreeMap::new();
    for task in tasks(tx.all(&MEMBERS, &of_groups).await?)? {
        members.entry((task.prefix.clone(), task.prefix_parsed)).or_default().push(task);
    }
    for group in &mut groups {
        group.tasks = members.remove(&(group.prefix.clone(), group.parsed)).unwrap_or_default();
    }
    Ok(Paged { rows: groups, total })
}
