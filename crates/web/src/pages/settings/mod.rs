//! The settings: how the viewer wants to see the console, kept in their browser, and what the server runs with.

mod actions;
mod draw;
mod words;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::Markup;
use serde::Deserialize;

use crate::app::{Shared, Site};
use crate::components::layout::Frame;
use crate::extract::Asked;
use crate::routes::Routes;
use crate::viewer::Viewer;
use actions::ChoiceForm;
use words::words;

/// Its routes.
pub(crate) fn routes() -> Routes {
    Routes::default().get("/settings", page).post("/settings", actions::choose)
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawAsked {
    /// The choices were just kept.
    saved: String,
}

/// What stands in the form of the choices.
enum Standing<'a> {
    /// What holds.
    Chosen,
    /// What holds, since just now.
    Saved,
    /// What was sent and could not be kept.
    Refused(&'a ChoiceForm),
}

async fn page(State(site): Shared, viewer: Viewer, Asked(asked): Asked<RawAsked>) -> Response {
    let standing = if asked.saved.is_empty() { Standing::Chosen } else { Standing::Saved };
    shown(&site, &viewer, &standing).into_response()
}

fn shown(site: &Site, viewer: &Viewer, standing: &Standing<'_>) -> Markup {
    let words = words(viewer.language);
    let content = draw::content(&draw::View { site, viewer, words }, standing);
    Frame { viewer, title: words.title, live: None, path: "/settings" }.around(&content)
}
