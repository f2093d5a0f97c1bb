//! The ledger: what is there, what is missing, and asking for what is missing.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use engine::{LedgerFilter, Order};
use model::ledger::{LedgerRow, LedgerState};
use model::run::{RunRequest, Trigger};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::view::FaultView;
use super::view::ledger::{GapView, LedgerCountsView, LedgerRowView};
use super::view::words::LedgerStateWord;
use super::{page, runs};
use crate::app::{Shared, Site};
use crate::extract::{Asked, Json};
use crate::problem::{Problem, ProblemBody};

/// Which rows.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LedgerQuery {
    /// Which sync.
    #[param(example = "stocks.daily")]
    sync: String,
    /// Smallest key.
    from: Option<String>,
    /// Largest key.
    to: Option<String>,
    /// In one of these states, separated by commas.
    #[param(value_type = Option<LedgerStateWord>)]
    state: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500; 50 unless asked.
    limit: Option<u32>,
}

/// A page of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerPage {
    /// Largest key first.
    rows: Vec<LedgerRowView>,
    /// Over the whole filter.
    counts: LedgerCountsView,
    /// Cursor of the next page; null on the last one.
    next: Option<String>,
}

/// The newest outcome per key, largest key first.
#[utoipa::path(get, path = "/api/v1/ledger", tag = "ledger", params(LedgerQuery),
    responses((status = 200, body = LedgerPage), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(site): Shared,
    Asked(query): Asked<LedgerQuery>,
) -> Result<axum::Json<LedgerPage>, Problem> {
    let sync = page::sync(&query.sync)?;
    let limit = page::limit(query.limit)?;
    let offset: u32 = page::cursor(query.cursor.as_deref())?.unwrap_or(0);
    let filter = LedgerFilter {
        from: query.from,
        to: query.to,
        states: page::words("state", query.state.as_deref(), LedgerState::ALL, LedgerState::from_word)?,
        order: Order::Descending,
        offset,
        limit: Some(limit + 1),
    };
    let read = site.app.engine.read();
    let (mut rows, counts) =
        tokio::try_join!(read.ledger(&sync, &filter), read.ledger_counts(&sync, &filter))?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = if more { Some((offset + limit).to_string()) } else { None };
    let rows = rows.into_iter().map(LedgerRowView::from).collect();
    Ok(axum::Json(LedgerPage { rows, counts: counts.into_iter().collect(), next }))
}

/// Which keys.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GapsQuery {
    /// Which sync.
    #[param(example = "stocks.daily")]
    sync: String,
    /// First key.
    #[param(example = "2025-09-22")]
    from: String,
    /// Last key.
    #[param(example = "2025-09-30")]
    to: String,
}

/// What is missing in a range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GapsAnswer {
    /// Keys the system's plan wants in the range.
    planned: usize,
    /// Those the ledger does not show as succeeded or skipped, in plan order.
    gaps: Vec<GapView>,
}

/// Keys of a range that are missing, failed or not finished: what a backfill would do.
#[utoipa::path(get, path = "/api/v1/ledger/gaps", tag = "ledger", params(GapsQuery),
    responses((status = 200, body = GapsAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn gaps(
    State(site): Shared,
    Asked(query): Asked<GapsQuery>,
) -> Result<axum::Json<GapsAnswer>, Problem> {
    let wish = BackfillWish { sync: query.sync, from: query.from, to: query.to, params: Value::Null };
    let request = wish.request(None)?;
    let plan = site.app.engine.preview(&request, site.app.engine.now()).await?;
    let known = known(&site, &request, &wish).await?;
    let planned = plan.partitions.len();
    let gaps = plan.partitions.into_iter().filter_map(|partition| gap(partition.key, &known)).collect();
    Ok(axum::Json(GapsAnswer { planned, gaps }))
}

async fn known(
    site: &Site,
    request: &RunRequest,
    wish: &BackfillWish,
) -> Result<HashMap<String, LedgerRow>, Problem> {
    let filter =
        LedgerFilter { from: Some(wish.from.clone()), to: Some(wish.to.clone()), ..Default::default() };
    let rows = site.app.engine.read().ledger(&request.sync, &filter).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

fn gap(key: String, known: &HashMap<String, LedgerRow>) -> Option<GapView> {
    let row = known.get(&key);
    match row.map(|row| row.state) {
        Some(LedgerState::Succeeded | LedgerState::Skipped) => None,
        state => Some(GapView {
            fault: row.and_then(|row| FaultView::of(row.fault_code.clone(), row.fault_message.clone())),
            state: state.map(LedgerState::as_str),
            key,
        }),
    }
}

/// A range to be filled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackfillWish {
    /// Which sync.
    #[schema(example = "stocks.daily")]
    sync: String,
    /// First key.
    #[schema(example = "2025-09-22")]
    from: String,
    /// Last key.
    #[schema(example = "2025-09-30")]
    to: String,
    /// Further parameters, in the system's own shape.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    params: Value,
}

impl BackfillWish {
    /// The range goes to the system as the parameters `start_date` and `end_date`, beside its own ones.
    fn request(&self, idempotency_key: Option<String>) -> Result<RunRequest, Problem> {
        let mut params = match &self.params {
            Value::Null => serde_json::Map::new(),
            Value::Object(map) => map.clone(),
            other => return Err(Problem::Body(format!("params: expected an object, got {other}"))),
        };
        params.insert("start_date".to_owned(), json!(self.from));
        params.insert("end_date".to_owned(), json!(self.to));
        Ok(RunRequest {
            sync: page::sync(&self.sync)?,
            trigger: Trigger::Backfill,
            label: "backfill".to_owned(),
            params: Value::Object(params),
            priority: 0,
            reference: None,
            idempotency_key,
            tick: None,
            requested_by: None,
        })
    }
}

/// Asks for a run over a range. What is already there is skipped by the run itself.
#[utoipa::path(post, path = "/api/v1/ledger/backfill", tag = "ledger", request_body = BackfillWish,
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 200 visible ASCII characters")),
    responses((status = 202, body = super::view::run::RunView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn backfill(
    State(site): Shared,
    headers: HeaderMap,
    Json(wish): Json<BackfillWish>,
) -> Result<Response, Problem> {
    let request = wish.request(runs::idempotency_key(&headers)?)?;
    let now = site.app.engine.now();
    runs::accepted(&site, site.app.engine.request(request, now).await?).await
}
