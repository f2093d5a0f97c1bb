//! Runs of configs: asked for, listed, and what became of each file.

use axum::extract::State;
use axum::http::StatusCode;
use model::file::FileCompare;
use model::file::run::{FileAsked, FileItem, FileItemStatus, FileOp};
use model::id::RunId;
use model::state::RunState;
use serde::{Deserialize, Serialize};
use systems::files::{FileItemFilter, RunSummary, Started};
use utoipa::ToSchema;

use super::{files, page};
use crate::app::Shared;
use crate::extract::{Asked, Json, Path};
use crate::problem::{Problem, ProblemBody};

/// Items of one answer.
const ITEMS_MAX: i64 = 1_000;

/// What a run may do beyond its config.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExecuteWish {
    /// Delete more than the guard allows.
    confirm: bool,
    /// At most so many even then.
    max_delete: Option<u64>,
    /// Take an empty source for what it is; implies `confirm`.
    force: bool,
}

/// How trees are looked at.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DryRunWish {
    /// `auto`, `size` or `checksum` instead of what the config says.
    compare: Option<String>,
    /// Whether the target is like the source, whatever the mode.
    verify: bool,
}

/// A run that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StartedAnswer {
    run_id: i64,
    task_id: String,
    status: &'static str,
}

fn accepted(started: Started) -> (StatusCode, axum::Json<StartedAnswer>) {
    let answer = StartedAnswer { run_id: started.run.0, task_id: started.task_id, status: "queued" };
    (StatusCode::ACCEPTED, axum::Json(answer))
}

/// Runs a config now.
#[utoipa::path(post, path = "/api/v1/files/configs/{id}/execute", tag = "files", params(("id" = i64, Path)),
    request_body = Option<ExecuteWish>,
    responses((status = 202, body = StartedAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn execute(
    State(site): Shared,
    Path(id): Path<i64>,
    wish: Option<Json<ExecuteWish>>,
) -> Result<(StatusCode, axum::Json<StartedAnswer>), Problem> {
    let ExecuteWish { confirm, max_delete, force } = wish.map(|Json(wish)| wish).unwrap_or_default();
    let asked = FileAsked { confirm, max_delete, force, ..FileAsked::default() };
    Ok(accepted(files(&site)?.execute(&site.app.engine, id, asked).await?))
}

/// Says what a run would do, and does nothing. Also of a config that is disabled.
#[utoipa::path(post, path = "/api/v1/files/configs/{id}/dry-run", tag = "files", params(("id" = i64, Path)),
    request_body = Option<DryRunWish>,
    responses((status = 202, body = StartedAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn dry_run(
    State(site): Shared,
    Path(id): Path<i64>,
    wish: Option<Json<DryRunWish>>,
) -> Result<(StatusCode, axum::Json<StartedAnswer>), Problem> {
    let DryRunWish { compare, verify } = wish.map(|Json(wish)| wish).unwrap_or_default();
    let compare = match compare.as_deref() {
        None => None,
        Some(word) => Some(
            FileCompare::from_word(word)
                .ok_or_else(|| Problem::Body(format!("compare={word}: auto, size or checksum is allowed")))?,
        ),
    };
    let asked = FileAsked { dry_run: true, compare, verify, ..FileAsked::default() };
    Ok(accepted(files(&site)?.execute(&site.app.engine, id, asked).await?))
}

/// Which runs.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// In this state.
    status: Option<String>,
    /// Which page, from 1.
    page: Option<i64>,
    /// How many a page has: 20, at most 200.
    size: Option<i64>,
}

/// A page of runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunsAnswer {
    /// The newest first.
    #[schema(value_type = Vec<Object>)]
    items: Vec<RunSummary>,
    total: i64,
    page: i64,
    size: i64,
}

/// Runs of a config, the newest first.
#[utoipa::path(get, path = "/api/v1/files/configs/{id}/runs", tag = "files", params(("id" = i64, Path), RunsQuery),
    responses((status = 200, body = RunsAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(site): Shared,
    Path(id): Path<i64>,
    Asked(query): Asked<RunsQuery>,
) -> Result<axum::Json<RunsAnswer>, Problem> {
    let states: Vec<RunState> = match query.status.as_deref() {
        None => Vec::new(),
        Some(word) => {
            let state = RunState::from_word(word);
            vec![
                state
                    .ok_or_else(|| Problem::Parameter(format!("status={word}: a run's state is allowed")))?,
            ]
        }
    };
    let (number, size, part) = page(query.page, query.size)?;
    let found = files(&site)?.runs(id, &states, part, site.app.engine.now()).await?;
    Ok(axum::Json(RunsAnswer { items: found.rows, total: found.total, page: number, size }))
}

/// Which items.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ItemsQuery {
    /// `pending` (of a dry run), `completed`, `failed` or `skipped`.
    status: Option<String>,
    /// `add`, `update`, `delete`, `mkdir`, `rmdir` or `list`.
    op: Option<String>,
    /// Those after the item of this number.
    #[serde(default)]
    after: i64,
    /// How many: 200, at most 1000.
    limit: Option<i64>,
}

/// One item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemAnswer {
    seq: i64,
    op: &'static str,
    src_path: Option<String>,
    dst_path: String,
    size: u64,
    /// `new`, `size`, `mtime`, `checksum`, `overwrite`, `extra`, `kind`.
    reason: Option<String>,
    status: &'static str,
    error_type: Option<String>,
    err_msg: Option<String>,
}

/// Items of a run, in the order they were told; files that are the same are counted, not listed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemsAnswer {
    #[schema(value_type = Object)]
    run: RunSummary,
    items: Vec<ItemAnswer>,
    /// To ask for what comes after; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_after: Option<i64>,
}

/// What became of the files of a run.
#[utoipa::path(get, path = "/api/v1/files/runs/{id}/items", tag = "files", params(("id" = i64, Path), ItemsQuery),
    responses((status = 200, body = ItemsAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn items(
    State(site): Shared,
    Path(id): Path<i64>,
    Asked(query): Asked<ItemsQuery>,
) -> Result<axum::Json<ItemsAnswer>, Problem> {
    let unknown = |name: &str, word: &str| Problem::Parameter(format!("{name}={word}: there is none such"));
    let status = match query.status.as_deref() {
        None => None,
        Some(word) => Some(FileItemStatus::from_word(word).ok_or_else(|| unknown("status", word))?),
    };
    let op = match query.op.as_deref() {
        None => None,
        Some(word) => Some(FileOp::from_word(word).ok_or_else(|| unknown("op", word))?),
    };
    let limit = query.limit.unwrap_or(200);
    if !(1..=ITEMS_MAX).contains(&limit) {
        return Err(Problem::Parameter(format!("limit={limit}: 1 to {ITEMS_MAX} is allowed")));
    }
    let (files, run) = (files(&site)?, RunId(id));
    let summary = files.run(run, site.app.engine.now()).await?.ok_or(Problem::UnknownRun(run))?;
    let found = files.items(run, FileItemFilter { status, op }, query.after, limit).await?;
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) == limit;
    let next_after = found.last().filter(|_| full).map(|(seq, _)| *seq);
    let items = found.into_iter().map(|(seq, item)| shown(seq, item)).collect();
    Ok(axum::Json(ItemsAnswer { run: summary, items, next_after }))
}

fn shown(seq: i64, item: FileItem) -> ItemAnswer {
    ItemAnswer {
        seq,
        op: item.op.as_str(),
        src_path: item.from,
        dst_path: item.to,
        size: item.size,
        reason: item.reason,
        status: item.status.as_str(),
        error_type: item.error_type,
        err_msg: item.error,
    }
}
