//! Tasks, and what people decide about their packages.

use axum::extract::State;
use model::task::{MatchOrigin, MatchStatus};
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use systems::tasks::{Change, Group, PackageKey, TaskCounts, TaskShown};
use utoipa::ToSchema;

use super::{Paging, bad, tasks};
use crate::app::Shared;
use crate::extract::{Asked, Json};
use crate::problem::{Problem, ProblemBody, TasksProblem};

/// Which tasks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TasksQuery {
    /// `pending`, `matched`, `idle` or `all`; needed.
    #[param(required = true)]
    state: Option<String>,
    /// A part of a task's id or name.
    q: Option<String>,
    /// Which page, from 1.
    page: Option<String>,
    /// How many a page has: 20, at most 100.
    per_page: Option<String>,
}

/// Tasks of one state: pending ones by prefix in `groups`, others in `tasks`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TasksAnswer {
    /// What was asked for.
    state: &'static str,
    /// How many tasks there are, whatever was asked for.
    counts: Counts,
    page: i64,
    per_page: i64,
    /// Groups, or tasks, in all.
    total: i64,
    pages: i64,
    /// The largest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<Group>>,
    /// Those decided on last first.
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<Vec<TaskShown>>,
}

/// How many tasks are matched how.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    /// Without a package.
    pending: i64,
    /// With one.
    matched: i64,
    /// In need of none.
    idle: i64,
    /// All of them.
    total: i64,
}

impl From<TaskCounts> for Counts {
    fn from(counts: TaskCounts) -> Self {
        let TaskCounts { pending, matched, idle } = counts;
        Self { pending, matched, idle, total: pending + matched + idle }
    }
}

/// Tasks by state; pending ones in groups by prefix, each with the packages that fit best.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", params(TasksQuery),
    responses((status = 200, body = TasksAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(site): Shared,
    Asked(query): Asked<TasksQuery>,
) -> Result<axum::Json<TasksAnswer>, Problem> {
    let text = query.state.unwrap_or_default();
    let (state, status) = match text.as_str() {
        "pending" => ("pending", Some(MatchStatus::Pending)),
        "matched" => ("matched", Some(MatchStatus::Matched)),
        "idle" => ("idle", Some(MatchStatus::Idle)),
        "all" => ("all", None),
        _ => return Err(bad("state", &text, "pending, matched, idle or all")),
    };
    let q = query.q.unwrap_or_default();
    let paging = Paging::read(query.page.as_deref(), query.per_page.as_deref());
    let tasks = tasks(&site)?;
    let (groups, listed, total) = match status {
        Some(MatchStatus::Pending) => {
            let found = tasks.pending(q.trim(), paging.part()).await?;
            (Some(found.rows), None, found.total)
        }
        status => {
            let found = tasks.tasks(status, q.trim(), paging.part()).await?;
            (None, Some(found.rows), found.total)
        }
    };
    Ok(axum::Json(TasksAnswer {
        state,
        counts: tasks.counts().await?.into(),
        page: paging.page,
        per_page: paging.per_page,
        total,
        pages: paging.pages(total),
        groups,
        tasks: listed,
    }))
}

/// An id: a text, or a whole number read digit by digit.
#[derive(Debug, ToSchema)]
#[schema(value_type = String)]
pub(crate) struct TextId(String);

impl<'de> Deserialize<'de> for TextId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = TextId;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("a text or a whole number")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TextId, E> {
                if text.is_empty() { Err(E::custom("an empty id")) } else { Ok(TextId(text.to_owned())) }
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<TextId, E> {
                Ok(TextId(number.to_string()))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<TextId, E> {
                Err(E::custom(format!("{number} is negative")))
            }

            fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<TextId, E> {
                Err(E::custom("a number that is not whole or has too many digits; send it as a text"))
            }
        }
        deserializer.deserialize_any(Reader).map_err(D::Error::custom)
    }
}

fn ids(ids: Vec<TextId>) -> Vec<String> {
    ids.into_iter().map(|TextId(id)| id).collect()
}

/// Tasks and the package they are to have: one of the two keys.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatchWish {
    /// 1 to 1000 of them.
    task_ids: Vec<TextId>,
    /// The package's number here.
    package_id: Option<i64>,
    /// The package's number where it came from.
    external_package_id: Option<TextId>,
}

/// Tasks that are meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdleWish {
    /// 1 to 1000 of them.
    task_ids: Vec<TextId>,
}

/// Tasks that are to be pending again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RematchWish {
    /// 1 to 1000 of them.
    task_ids: Vec<TextId>,
    /// Whether the rule decides on them again, at once.
    #[serde(default)]
    auto: bool,
}

/// Gives tasks a package, whatever they have. A person's decision: no sync changes it.
#[utoipa::path(post, path = "/api/v1/tasks/match", tag = "tasks", request_body = MatchWish,
    responses((status = 200, body = Change), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn bind(
    State(site): Shared,
    Json(wish): Json<MatchWish>,
) -> Result<axum::Json<Change>, Problem> {
    let package = match (wish.package_id, wish.external_package_id) {
        (Some(id), None) => PackageKey::Id(id),
        (None, Some(TextId(id))) => PackageKey::External(id),
        _ => {
            let english = "exactly one of package_id and external_package_id is needed".to_owned();
            let chinese = "package_id 与 external_package_id 必须且只能填写一个".to_owned();
            return Err(TasksProblem::Parameter(english, chinese).into());
        }
    };
    Ok(axum::Json(tasks(&site)?.bind(ids(wish.task_ids), package, site.app.engine.now()).await?))
}

/// Says of tasks that they need no package. A person's decision: no sync changes it.
#[utoipa::path(post, path = "/api/v1/tasks/idle", tag = "tasks", request_body = IdleWish,
    responses((status = 200, body = Change), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn idle(
    State(site): Shared,
    Json(wish): Json<IdleWish>,
) -> Result<axum::Json<Change>, Problem> {
    Ok(axum::Json(tasks(&site)?.idle(ids(wish.task_ids), site.app.engine.now()).await?))
}

/// Makes tasks pending again; with `auto` the rule decides on them at once.
#[utoipa::path(post, path = "/api/v1/tasks/rematch", tag = "tasks", request_body = RematchWish,
    responses((status = 200, body = Change), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn rematch(
    State(site): Shared,
    Json(wish): Json<RematchWish>,
) -> Result<axum::Json<Change>, Problem> {
    let by = if wish.auto { MatchOrigin::Auto } else { MatchOrigin::Manual };
    Ok(axum::Json(tasks(&site)?.rematch(ids(wish.task_ids), by, site.app.engine.now()).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_digit_by_digit_or_not_at_all() {
        let read = |json: &str| serde_json::from_str::<TextId>(json).map(|TextId(id)| id).ok();
        assert_eq!(read("9007199254740993123").as_deref(), Some("9007199254740993123"));
        assert_eq!(read("\"0071\"").as_deref(), Some("0071"));
        for json in ["1.0", "-1", "99999999999999999999999", "\"\"", "null", "true", "[1]"] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
