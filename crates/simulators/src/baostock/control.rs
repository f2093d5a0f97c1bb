//! The control address: counts to read and switches to set while the simulator runs.
//!
//! | request | does |
//! |---|---|
//! | `GET /stats` | the counts, as [`Stats`] |
//! | `DELETE /stats` | sets them to zero |
//! | `GET /faults` | the switches in force, as [`Faults`] |
//! | `PUT /faults` | replaces all switches by those in the body; a missing one is off |
//! | `DELETE /faults` | switches everything off |

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use tokio::{net::TcpListener, time::timeout};

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
    let served = axum::serve(listener, routes).with_graceful_shutdown(stop.clone().cancelled_owned());
    let mut served = pin!(served.into_future());
    if stop.run_until_cancelled(&mut served).await.is_none() {
        // Idle connections end at once; one that never finishes its request is not waited for.
        drop(timeout(Duration::from_secs(1), served).await);
    }
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
    // By way of an object, because an array of values in the right order would be taken too.
    let object = serde_json::from_slice::<serde_json::Map<_, _>>(&body);
    match object.and_then(|object| Faults::deserialize(serde_json::Value::Object(object))) {
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
