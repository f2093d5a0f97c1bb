//! The control address: counts to read and switches to set while the simulator runs.
//!
//! | request | does |
//! |---|---|
//! | `GET /stats` | the counts, as [`Stats`] |
//! | `DELETE /stats` | sets them to zero |
//! | `GET /faults` | the switches in force, as [`Faults`] |
//! | `PUT /faults` | replaces all switches by those in the body; a missing one is off |
//! | `DELETE /faults` | switches everything off |

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

use super::{
    faults::Faults,
    server::{Shared, Stats},
};

/// Serves until the simulator stops.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let stop = shared.stop.clone();
    let routes = Router::new()
        .route("/stats", get(stats).delete(reset_stats))
        .route("/faults", get(faults).put(set_faults).delete(clear_faults))
        .with_state(shared);
    // Accepting goes on after any failure of a single connection, so this ends only when told to.
    drop(stop.run_until_cancelled(axum::serve(listener, routes).into_future()).await);
}

async fn stats(State(shared): State<Arc<Shared>>) -> Json<Stats> {
    Json(shared.stats())
}

async fn reset_stats(State(shared): State<Arc<Shared>>) -> Json<Stats> {
    shared.reset_stats();
    Json(shared.stats())
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Faults> {
    Json(Faults::clone(&shared.faults()))
}

async fn set_faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Faults>(&body) {
        Ok(faults) => {
            shared.arm(faults.clone());
            Json(faults).into_response()
        }
        Err(error) => {
            let body = serde_json::json!({ "error": format!("these are not fault switches: {error}") });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> Json<Faults> {
    shared.arm(Faults::default());
    faults(State(shared)).await
}
