//! Configs: read, made, changed, deleted.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::file::FileMode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use systems::files::{Deleted, Detail, FileConfigFilter, Listed};
use utoipa::ToSchema;

use super::{files, page};
use crate::app::Shared;
use crate::extract::{Asked, Json, Path};
use crate::problem::{FilesProblem, Problem, ProblemBody};

/// Which configs.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConfigsQuery {
    /// Enabled ones, or others.
    enabled: Option<bool>,
    /// `incremental`, `full` or `overwrite`.
    mode: Option<String>,
    /// With a storage of this kind at either end.
    service: Option<String>,
    /// A part of the name.
    name: Option<String>,
    /// Which page, from 1.
    page: Option<i64>,
    /// How many a page has: 20, at most 200.
    size: Option<i64>,
}

/// A page of configs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfigsAnswer {
    /// The newest first, each with its newest run (`newest_run`; null while there is none).
    #[schema(value_type = Vec<Object>)]
    items: Vec<Listed>,
    total: i64,
    page: i64,
    size: i64,
}

/// A config. Needed: `source` and `target`; what is absent has its default.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(value_type = Object)]
pub(crate) struct ConfigBody(Map<String, Value>);

/// Configs, the newest first.
#[utoipa::path(get, path = "/api/v1/files/configs", tag = "files", params(ConfigsQuery),
    responses((status = 200, body = ConfigsAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(site): Shared,
    Asked(query): Asked<ConfigsQuery>,
) -> Result<axum::Json<ConfigsAnswer>, Problem> {
    let mode = match query.mode.as_deref() {
        None => None,
        Some(word) => Some(FileMode::from_word(word).ok_or_else(|| {
            Problem::Parameter(format!("mode={word}: incremental, full or overwrite is allowed"))
        })?),
    };
    let (number, size, part) = page(query.page, query.size)?;
    let filter = FileConfigFilter { enabled: query.enabled, mode, service: query.service, name: query.name };
    let found = files(&site)?.configs(&filter, part, site.app.engine.now()).await?;
    Ok(axum::Json(ConfigsAnswer { items: found.rows, total: found.total, page: number, size }))
}

/// A config.
#[utoipa::path(get, path = "/api/v1/files/configs/{id}", tag = "files", params(("id" = i64, Path)),
    responses((status = 200, body = Object), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn one(State(site): Shared, Path(id): Path<i64>) -> Result<axum::Json<Detail>, Problem> {
    Ok(axum::Json(files(&site)?.config(id, site.app.engine.now()).await?))
}

/// Makes a config, and its schedule when it has a cron.
#[utoipa::path(post, path = "/api/v1/files/configs", tag = "files", request_body = ConfigBody,
    responses((status = 201, body = Object), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn make(
    State(site): Shared,
    Json(ConfigBody(body)): Json<ConfigBody>,
) -> Result<(StatusCode, axum::Json<Detail>), Problem> {
    let made = files(&site)?.create(&body, None, site.app.engine.now()).await?;
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// Makes a config what is given, all of it; secrets that are absent stay.
#[utoipa::path(put, path = "/api/v1/files/configs/{id}", tag = "files", params(("id" = i64, Path)),
    request_body = ConfigBody,
    responses((status = 200, body = Object), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn replace(
    State(site): Shared,
    Path(id): Path<i64>,
    Json(ConfigBody(body)): Json<ConfigBody>,
) -> Result<axum::Json<Detail>, Problem> {
    Ok(axum::Json(files(&site)?.replace(id, &body, site.app.engine.now()).await?))
}

/// Changes what is given of a config: a JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/files/configs/{id}", tag = "files", params(("id" = i64, Path)),
    request_body = ConfigBody,
    responses((status = 200, body = Object), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn change(
    State(site): Shared,
    Path(id): Path<i64>,
    Json(ConfigBody(body)): Json<ConfigBody>,
) -> Result<axum::Json<Detail>, Problem> {
    Ok(axum::Json(files(&site)?.change(id, &body, site.app.engine.now()).await?))
}

/// What is to become of a run that has not ended.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// Whether it is cancelled first.
    #[serde(default)]
    cancel: bool,
}

/// Deletes a config with its schedule and its secrets; what is kept of its runs stays.
#[utoipa::path(delete, path = "/api/v1/files/configs/{id}", tag = "files", params(("id" = i64, Path), DeleteQuery),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn delete(
    State(site): Shared,
    Path(id): Path<i64>,
    Asked(query): Asked<DeleteQuery>,
) -> Result<Response, Problem> {
    let deleted = files(&site)?.delete(&site.app.engine, id, query.cancel).await?;
    match deleted {
        Deleted::Done => Ok(StatusCode::NO_CONTENT.into_response()),
        Deleted::Stopping(run) => Err(FilesProblem::Active(run).into()),
    }
}
