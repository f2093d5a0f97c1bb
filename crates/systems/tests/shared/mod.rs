//! What the beds of all systems share: a clock set by hand, databases that are gone with their test, scheduler and
//! worker in this process.

#[macro_use]
mod both;
mod clock;
mod driver;
pub(crate) mod place;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

pub(crate) use clock::HandClock;
pub(crate) use driver::{Driver, until};
pub(crate) use place::{Base, Place};

/// One request to some routes.
pub(crate) async fn send(routes: &Router, request: Request<Body>) -> (u16, String) {
    let response = routes.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}
