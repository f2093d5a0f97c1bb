//! Systems and their syncs.

use std::collections::HashMap;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::words::OverlapWord;
use crate::app::Shared;
use crate::problem::{Problem, ProblemBody};

/// A kind of sync.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemView {
    /// The first part of its syncs' names.
    #[schema(example = "stocks")]
    name: &'static str,
    /// Names of its syncs.
    syncs: Vec<String>,
    /// Ended runs of it nobody acknowledged.
    unread: i64,
}

/// All systems.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemsAnswer {
    /// By name.
    systems: Vec<SystemView>,
}

/// The systems this server has.
#[utoipa::path(get, path = "/api/v1/systems", tag = "systems",
    responses((status = 200, body = SystemsAnswer), (status = "5XX", body = ProblemBody)))]
pub(crate) async fn list_systems(State(site): Shared) -> Result<axum::Json<SystemsAnswer>, Problem> {
    let engine = &site.app.engine;
    let mut systems = Vec::new();
    for system in engine.systems() {
        systems.push(SystemView {
            name: system.name(),
            syncs: system.syncs().iter().map(|sync| sync.key.to_string()).collect(),
            unread: engine.read().unread(Some(system.name())).await?,
        });
    }
    Ok(axum::Json(SystemsAnswer { systems }))
}

/// A configured thing a system keeps in sync, with what holds for its runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncView {
    /// `<system>.<what>`.
    #[schema(example = "stocks.daily")]
    key: String,
    /// What happens to a request while another run is active.
    #[schema(value_type = OverlapWord)]
    overlap: &'static str,
    /// Partitions of one run worked on at once; null is no limit.
    max_parallel: Option<u32>,
    /// Tries of a partition inside one run.
    tries: u32,
    /// The run that holds its lease.
    active_run_id: Option<i64>,
}

/// All syncs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncsAnswer {
    /// By system.
    syncs: Vec<SyncView>,
}

/// The syncs of all systems.
#[utoipa::path(get, path = "/api/v1/syncs", tag = "systems",
    responses((status = 200, body = SyncsAnswer), (status = "5XX", body = ProblemBody)))]
pub(crate) async fn list_syncs(State(site): Shared) -> Result<axum::Json<SyncsAnswer>, Problem> {
    let engine = &site.app.engine;
    let leases = engine.read().leases().await?;
    let holders: HashMap<&str, i64> =
        leases.iter().map(|lease| (lease.key.as_str(), lease.run_id.0)).collect();
    let syncs = engine.systems().iter().flat_map(|system| system.syncs()).map(|sync| SyncView {
        active_run_id: holders.get(sync.key.as_str()).copied(),
        key: sync.key.to_string(),
        overlap: sync.policy.overlap.as_str(),
        max_parallel: sync.policy.max_parallel,
        tries: sync.policy.retry.tries,
    });
    Ok(axum::Json(SyncsAnswer { syncs: syncs.collect() }))
}
