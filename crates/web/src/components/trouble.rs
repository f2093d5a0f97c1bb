//! A page for what cannot be shown: what went wrong, in words, and a way on.

use axum::response::{IntoResponse, Response};
use maud::html;

use super::layout::Frame;
use crate::problem::Problem;
use crate::viewer::Viewer;

/// Where a person goes on: an address, and its name.
pub(crate) type Way<'a> = (&'a str, &'a str);

/// The page, as a part of what `way` leads to.
pub(crate) fn page(problem: &Problem, viewer: &Viewer, way: Way<'_>) -> Response {
    drawn(problem, viewer, way.0, way)
}

/// The page for where no page of its own says more: a part of nothing, at whatever address was asked for.
pub(crate) fn anywhere(problem: &Problem, viewer: &Viewer) -> Response {
    drawn(problem, viewer, "", ("/", viewer.language.messages().overview))
}

fn drawn(problem: &Problem, viewer: &Viewer, path: &str, (address, name): Way<'_>) -> Response {
    let body = problem.body(viewer.language);
    let content = html! {
        section.trouble aria-labelledby="trouble-title" {
            p.status { (body.status) }
            h1 #trouble-title { (body.title) }
            p.detail { (body.detail) }
            p { a.button href=(address) { (name) } }
        }
    };
    let page = Frame { viewer, title: body.title, live: None, path }.around(&content);
    (problem.status(), page).into_response()
}
