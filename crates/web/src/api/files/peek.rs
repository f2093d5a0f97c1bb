//! A look into a storage before a config is kept.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use systems::files::Seen;
use utoipa::ToSchema;

use super::files;
use crate::app::Shared;
use crate::extract::Json;
use crate::problem::{Problem, ProblemBody};

/// One side of a config, as a config has it: `source` or `target`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestBody {
    /// The config whose secrets are used where none are given and the storage is the same.
    config_id: Option<i64>,
    /// Where files come from.
    #[schema(value_type = Option<Object>)]
    source: Option<Value>,
    /// Where they go.
    #[schema(value_type = Option<Object>)]
    target: Option<Value>,
}

/// Looks into a storage: its first 20 entries, or why they cannot be seen. Nothing is kept, nothing is written.
#[utoipa::path(post, path = "/api/v1/files/test", tag = "files", request_body = TestBody,
    responses((status = 200, body = Object), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn test(
    State(site): Shared,
    Json(TestBody { config_id, source, target }): Json<TestBody>,
) -> Result<axum::Json<Seen>, Problem> {
    let sides = [("source", source), ("target", target)];
    let body: Map<String, Value> =
        sides.into_iter().filter_map(|(end, side)| Some((end.to_owned(), side?))).collect();
    Ok(axum::Json(files(&site)?.peek(config_id, &body, site.app.engine.now()).await?))
}
