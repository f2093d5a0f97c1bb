//! The documented routes `/api/sync`: request and response types, mapping, nothing else. What they start is an ordinary
//! request to the engine. Bodies are not looked at.

mod asked;
mod error;
mod records;
mod shape;
mod start;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};
use engine::Engine;
use jiff::Timestamp;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::Tasks;
use crate::wire;
use error::Trouble;
pub use error::contract_refusal;

/// The routes that answer when what they started has ended.
pub const SLOW: [&str; 2] = ["/api/sync/historical/manual", "/api/sync/today/manual"];

const PREFIX: &str = "/api/sync";

/// What every route has at hand.
#[derive(Clone)]
struct Desk {
    engine: Engine,
    tasks: Arc<Tasks>,
    /// The server goes down.
    stopping: CancellationToken,
}

impl Desk {
    fn now(&self) -> Timestamp {
        self.engine.now()
    }
}

type Answer = Result<Response, Trouble>;

/// The routes, with their own answers for unknown paths and wrong methods under their prefix. Who waits for a run's end
/// is answered at once when the server goes down, which `stopping` tells.
pub fn contract_routes(engine: Engine, tasks: Arc<Tasks>, stopping: CancellationToken) -> Router {
    let routes: [(&str, MethodRouter<Desk>, &'static str); 7] = [
        ("/historical/manual", post(start::historical), "POST"),
        ("/today/manual", post(start::today), "POST"),
        ("/records", get(records::list), "GET"),
        ("/records/read-all", post(records::read_all), "POST"),
        ("/records/{id}", get(records::detail), "GET"),
        ("/records/{id}/read", post(records::read), "POST"),
        ("/status", get(records::status), "GET"),
    ];
    let mut router = Router::new().fallback(error::no_route);
    for (path, methods, allowed) in routes {
        router = router.route(path, methods.fallback(move || async move { error::wrong_method(allowed) }));
    }
    // A nested fallback answers everything below the prefix and the prefix itself, but not the prefix and a slash.
    Router::new()
        .nest(PREFIX, router.with_state(Desk { engine, tasks, stopping }))
        .route(&format!("{PREFIX}/"), any(error::no_route))
}

/// An answer that no cache keeps.
fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = wire::json(status, body);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn ok(body: &impl Serialize) -> Answer {
    Ok(answer(StatusCode::OK, body))
}
