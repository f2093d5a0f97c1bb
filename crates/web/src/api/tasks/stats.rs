//! How the syncs of the last days went.

use axum::extract::State;
use serde::Deserialize;
use systems::tasks::Stats;

use super::{bad, tasks};
use crate::app::Shared;
use crate::extract::Asked;
use crate::problem::{Problem, ProblemBody};

/// Days unless asked otherwise.
const DAYS_USUAL: i64 = 30;

/// Days there may be.
const DAYS: std::ops::RangeInclusive<i64> = 1..=365;

/// How far back.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatsQuery {
    /// Days up to today, 1 to 365; 30 unless asked.
    #[param(value_type = Option<i64>)]
    days: Option<String>,
}

/// How the syncs of the last days went: success and match rate by day, and how long each took.
#[utoipa::path(get, path = "/api/v1/tasks/stats", tag = "tasks", params(StatsQuery),
    responses((status = 200, body = Stats), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn stats(
    State(site): Shared,
    Asked(query): Asked<StatsQuery>,
) -> Result<axum::Json<Stats>, Problem> {
    let days = match query.days.as_deref().filter(|text| !text.is_empty()) {
        None => DAYS_USUAL,
        Some(text) => {
            let days = text.parse().ok().filter(|days| DAYS.contains(days));
            days.ok_or_else(|| bad("days", text, "1 to 365"))?
        }
    };
    Ok(axum::Json(tasks(&site)?.stats(days, site.app.engine.now()).await?))
}
