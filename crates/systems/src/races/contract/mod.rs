//! The documented routes `/api/v1/post-race-sync`, and those that read what was synced: request and response types,
//! mapping, nothing else. What they start is an ordinary request to the engine.

mod asked;
mod body;
mod error;
mod plans;
mod read;
mod runs;
mod shape;
mod stats;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::OriginalUri;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};
use engine::Engine;
use jiff::Timestamp;
use serde::Serialize;

use super::Races;
use super::verbs::VerbError;
use crate::wire::json;
use error::Trouble;
pub use error::contract_refusal;

/// Below what known clients wait for, and above the longest documented wait.
const ANSWER_TIME_MAX: Duration = Duration::from_millis(4_500);

/// What every route has at hand.
#[derive(Clone)]
struct Desk {
    engine: Engine,
    races: Arc<Races>,
    /// Failures so far, by which they are told apart within a microsecond.
    failures: Arc<AtomicU64>,
}

impl Desk {
    fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// The answer, or what is said instead of one; `failed` begins what is said of a failure.
    async fn answer(&self, failed: &str, work: impl Future<Output = Answer>) -> Response {
        let done = match tokio::time::timeout(ANSWER_TIME_MAX, work).await {
            Ok(done) => done,
            Err(_) => Err(VerbError::Late(ANSWER_TIME_MAX).into()),
        };
        match done {
            Ok(response) => response,
            Err(trouble) => trouble.answer(failed, || {
                let count = self.failures.fetch_add(1, Ordering::Relaxed);
                format!("{:x}-{count:x}", self.now().as_microsecond())
            }),
        }
    }
}

type Answer = Result<Response, Trouble>;

fn ok(body: &impl Serialize) -> Answer {
    Ok(json(StatusCode::OK, body))
}

/// The routes, with their own answers for unknown paths and wrong methods under their prefixes.
pub fn contract_routes(engine: Engine, races: Arc<Races>) -> Router {
    let plan = get(plans::plan).post(plans::schedule).delete(plans::cancel);
    let sync = [
        ("/{season}/{round}/schedule", plan, "GET, POST, DELETE"),
        ("/{season}/{round}/execute/{attempt}", post(plans::execute), "POST"),
        ("/schedules", get(plans::list), "GET"),
        ("/pending", get(plans::pending), "GET"),
        ("/monitor", post(runs::monitor), "POST"),
        ("/cleanup", post(runs::cleanup), "POST"),
        ("/batch-schedule", post(runs::batch), "POST"),
        ("/stats", get(plans::stats), "GET"),
    ];
    let races_of_season = [
        ("/{season}", get(read::races), "GET"),
        ("/{season}/{round}/results", get(read::results), "GET"),
        ("/{season}/{round}/sprint", get(read::sprint), "GET"),
        ("/{season}/{round}/qualifying", get(read::qualifying), "GET"),
    ];
    let standings = [
        ("/{season}/drivers", get(read::drivers), "GET"),
        ("/{season}/constructors", get(read::constructors), "GET"),
    ];
    let desk = Desk { engine, races, failures: Arc::default() };
    Router::new()
        .merge(below("/api/v1/post-race-sync", sync, &desk))
        .merge(below("/api/v1/races", races_of_season, &desk))
        .merge(below("/api/v1/standings", standings, &desk))
}

/// Routes below a prefix: each under its methods alone, HEAD is none of them, and with a slash at its end it is
/// elsewhere.
fn below<const N: usize>(
    prefix: &str,
    routes: [(&str, MethodRouter<Desk>, &'static str); N],
    desk: &Desk,
) -> Router {
    let mut router = Router::new().fallback(error::not_found);
    for (path, methods, allowed) in routes {
        let refuse = move || async move { error::wrong_method(allowed) };
        router = router
            .route(path, methods.head(refuse).fallback(refuse))
            .route(&format!("{path}/"), any(without_slash));
    }
    // A nested fallback answers everything below the prefix and the prefix itself, but not the prefix and a slash.
    Router::new()
        .nest(prefix, router.with_state(desk.clone()))
        .route(&format!("{prefix}/"), any(error::not_found))
}

async fn without_slash(OriginalUri(uri): OriginalUri) -> Response {
    let path = uri.path().trim_end_matches('/');
    match uri.query() {
        Some(query) => error::elsewhere(&format!("{path}?{query}")),
        None => error::elsewhere(path),
    }
}
