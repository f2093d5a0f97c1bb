//! What people decide on tasks: this package, none needed, begin again. Their decision stays until they take it back.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use model::task::MatchOrigin;
use serde_json::Value;

use super::types::{PackageKey, TasksChanged};
use super::{CallTasks, Part, rows, told};
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{Arg, DbError, Tx, args};

static FOUND: Sql = Sql::new("SELECT task_id FROM call_task WHERE task_id IN LIST_TEXT($1)");
static PACKAGE: Sql = Sql::new("SELECT id FROM lead_package WHERE deleted_at IS NULL AND id = $1");
static PACKAGE_EXTERNAL: Sql =
    Sql::new("SELECT id FROM lead_package WHERE deleted_at IS NULL AND external_id = $1");
static MATCH: Sql = Sql::new(
    "UPDATE call_task SET match_status = 1, match_origin = 1, package_id = $3, \
     matched_at = CASE WHEN package_id = $3 THEN matched_at ELSE CAST($2 AS BIGINT) END, idle_at = NULL, updated_at = $2 \
     WHERE task_id IN LIST_TEXT($1) AND NOT (match_status = 1 AND match_origin = 1 AND package_id = $3)",
);
static IDLE: Sql = Sql::new(
    "UPDATE call_task SET match_status = 2, match_origin = 1, package_id = NULL, matched_at = NULL, idle_at = $2, \
     updated_at = $2 WHERE task_id IN LIST_TEXT($1) AND match_status <> 2",
);
static UNDECIDE: Sql = Sql::new(
    "UPDATE call_task SET match_status = 0, match_origin = 1, package_id = NULL, matched_at = NULL, idle_at = NULL, \
     updated_at = $2 WHERE task_id IN LIST_TEXT($1) AND match_status <> 0",
);

/// The package of a task's prefix.
macro_rules! by_rule {
    () => {
        "(SELECT p.id FROM lead_package p WHERE p.deleted_at IS NULL AND call_task.prefix_parsed \
         AND p.internal_code = call_task.prefix)"
    };
}
/// Lets tasks have what the rule says, as of `$2`.
macro_rules! follow {
    ($which:literal) => {
        concat!(
            "UPDATE call_task SET match_origin = 0, package_id = ",
            by_rule!(),
            ", match_status = CASE WHEN ",
            by_rule!(),
            " IS NULL THEN 0 ELSE 1 END, matched_at = CASE WHEN package_id = ",
            by_rule!(),
            " THEN matched_at WHEN ",
            by_rule!(),
            " IS NOT NULL THEN CAST($2 AS BIGINT) END, idle_at = NULL, updated_at = $2 WHERE ",
            $which,
            " AND NOT (match_origin = 0 AND coalesce(package_id, 0) = coalesce(",
            by_rule!(),
            ", 0))"
        )
    };
}
static FOLLOW: Sql = Sql::new(follow!("task_id IN LIST_TEXT($1)"));
static FOLLOW_CODES: Sql =
    Sql::new(follow!("match_status = 0 AND match_origin = 0 AND prefix_parsed AND prefix IN LIST_TEXT($1)"));
static LEAVE: Sql = Sql::new(follow!("match_origin = 0 AND package_id IN LIST_INT($1)"));

/// Matches undecided tasks with the packages of these codes, and counts them.
pub(super) async fn follow_codes(
    tx: &mut Tx<'_>,
    codes: &[String],
    now: Timestamp,
) -> std::result::Result<u64, DbError> {
    tx.run(&FOLLOW_CODES, &args![Value::from(codes.to_vec()), now]).await
}

/// Lets tasks go that these packages had by the rule and have no longer.
pub(super) async fn leave(
    tx: &mut Tx<'_>,
    packages: &[i64],
    now: Timestamp,
) -> std::result::Result<u64, DbError> {
    tx.run(&LEAVE, &args![Value::from(packages.to_vec()), now]).await
}

/// The number of a package that is not deleted.
async fn package(tx: &mut Tx<'_>, key: &PackageKey) -> std::result::Result<Option<i64>, DbError> {
    let row = match key {
        PackageKey::Id(id) => tx.first(&PACKAGE, &args![*id]).await?,
        PackageKey::External(id) => tx.first(&PACKAGE_EXTERNAL, &args![id.as_str()]).await?,
    };
    row.map(|mut row| row.int()).transpose()
}

/// Changes the tasks of these ids and says what came of it. The statement's first arguments are ids and now.
async fn change(
    tx: &mut Tx<'_>,
    sql: &'static Sql,
    (ids, package): (&[String], Option<i64>),
    now: Timestamp,
) -> std::result::Result<TasksChanged, DbError> {
    let list = Value::from(ids.to_vec());
    let mut found = BTreeSet::new();
    for mut row in tx.all(&FOUND, &args![&list]).await? {
        found.insert(row.text()?);
    }
    let mut args: Vec<Arg> = args![&list, now].to_vec();
    args.extend(package.map(Arg::from));
    let changed = tx.run(sql, &args).await?;
    if changed > 0 {
        told(tx, Part::Matching, now).await?;
    }
    let mut named = BTreeSet::new();
    let unknown = ids.iter().filter(|id| !found.contains(*id) && named.insert(*id)).cloned().collect();
    Ok(TasksChanged { changed, unchanged: (found.len() as u64).saturating_sub(changed), unknown })
}

impl CallTasks {
    /// Gives tasks this package, whatever they have. `None`: there is no such package, and nothing was changed.
    ///
    /// # Errors
    /// The store failed.
    pub async fn match_tasks(
        &self,
        task_ids: Vec<String>,
        key: PackageKey,
        now: Timestamp,
    ) -> Result<Option<TasksChanged>> {
        let wish = Arc::new((task_ids, key));
        self.0
            .write_tx("matching tasks", move |tx| {
                let wish = Arc::clone(&wish);
                Box::pin(async move {
                    rows::lock(tx).await?;
                    let Some(package) = package(tx, &wish.1).await? else { return Ok(None) };
                    change(tx, &MATCH, (&wish.0, Some(package)), now).await.map(Some)
                })
            })
            .await
    }

    /// Says of tasks that they need no package.
    ///
    /// # Errors
    /// The store failed.
    pub async fn idle_tasks(&self, task_ids: Vec<String>, now: Timestamp) -> Result<TasksChanged> {
        self.change_tasks("marking tasks as idle", &IDLE, task_ids, now).await
    }

    /// Makes tasks pending again: for people to decide (`Manual`), or by the rule, at once (`Auto`).
    ///
    /// # Errors
    /// The store failed.
    pub async fn rematch_tasks(
        &self,
        task_ids: Vec<String>,
        by: MatchOrigin,
        now: Timestamp,
    ) -> Result<TasksChanged> {
        let sql = match by {
            MatchOrigin::Auto => &FOLLOW,
            MatchOrigin::Manual => &UNDECIDE,
        };
        self.change_tasks("matching tasks again", sql, task_ids, now).await
    }

    async fn change_tasks(
        &self,
        tried: &'static str,
        sql: &'static Sql,
        task_ids: Vec<String>,
        now: Timestamp,
    ) -> Result<TasksChanged> {
        let task_ids = Arc::new(task_ids);
        self.0
            .write_tx(tried, move |tx| {
                let task_ids = Arc::clone(&task_ids);
                Box::pin(async move {
                    rows::lock(tx).await?;
                    change(tx, sql, (&task_ids, None), now).await
                })
            })
            .await
    }
}
