//! The documented routes `/api/v1/sync-status`: request and response types, mapping, nothing else. What they start
//! is an ordinary request to the engine.

mod body;
mod control;
mod error;
mod query;
mod read;
mod start;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::routing::{any, get, post};
use engine::Engine;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Stocks, labels, shanghai};
use error::Trouble;
pub use error::contract_refusal;

/// What every route has at hand.
#[derive(Clone)]
struct Desk {
    engine: Engine,
    stocks: Arc<Stocks>,
}

impl Desk {
    fn now(&self) -> Timestamp {
        self.engine.now()
    }

    fn today(&self) -> Date {
        shanghai::today(self.now())
    }
}

/// The routes, with their own answers for unknown paths and wrong methods under their prefix.
pub fn contract_routes(engine: Engine, stocks: Arc<Stocks>) -> Router {
    let routes = Router::new()
        .route("/today", get(read::today))
        .route("/date/{date}", get(read::date))
        .route("/recent", get(read::recent))
        .route("/pending", get(read::pending))
        .route("/summary", get(read::summary))
        .route("/list", get(read::list))
        .route("/check/{date}", post(read::check))
        .route("/sync/today", post(start::today))
        .route("/sync/date/{date}", post(start::date))
        .route("/sync/pending", post(start::pending))
        .route("/sync/batch", post(start::batch))
        .route("/sync/batch/active", get(control::active))
        .route("/sync/batch/progress/{task}", get(control::progress))
        .route("/sync/batch/{task}/cancel", post(control::cancel))
        .route("/sync/batch/{task}/pause", post(control::pause))
        .route("/sync/batch/{task}/resume", post(control::resume))
        .method_not_allowed_fallback(error::wrong_method)
        .fallback(error::not_found)
        .with_state(Desk { engine, stocks });
    // A nested fallback answers everything below the prefix and the prefix itself, but not the prefix and a slash.
    Router::new().nest("/api/v1/sync-status", routes).route("/api/v1/sync-status/", any(error::not_found))
}

/// The piece of a path that varies. Bytes that are no text, and the one character no database holds, stand as U+FFFD:
/// such a piece names nothing there is.
struct Piece(String);

impl<S: Send + Sync> FromRequestParts<S> for Piece {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let unknown = char::REPLACEMENT_CHARACTER.to_string();
        let read = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(read.map_or_else(|_| unknown.clone(), |Path(text)| text.replace('\0', &unknown))))
    }
}

/// A date of a path or a filter.
fn date_of(text: &str) -> Result<Date, Trouble> {
    shanghai::parse_date(text).ok_or(Trouble::Bad(labels::BAD_DATE))
}
