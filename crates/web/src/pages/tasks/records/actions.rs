//! The forms of the pages. Each asks the system as its documented route does, and leads back to the page.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::task::TaskSyncType;
use systems::tasks::Asked as Start;

use super::asked::{Asked, RawAsked};
use super::words::words;
use super::{PATH, shown};
use crate::app::Shared;
use crate::extract::{self, Button, Form, Path};
use crate::problem::Problem;
use crate::viewer::Viewer;

type Answer = Result<Response, Problem>;

/// Starts a sync, unless one of the type is at work.
pub(super) async fn sync(
    State(site): Shared,
    viewer: Viewer,
    Path(kind): Path<String>,
    Form(Button {}, once): Form<Button>,
) -> Answer {
    let path = || format!("/tasks/sync/{kind}");
    let sync_type = TaskSyncType::from_word(&kind).ok_or_else(|| Problem::NoRoute(path()))?;
    match site.tasks(PATH)?.start(&site.app.engine.once(once.key()), sync_type).await? {
        Start::Started(record) => {
            let asked = Asked { record: Some(record.id), ..Asked::default() };
            Ok(Redirect::to(&asked.address()).into_response())
        }
        Start::Busy(way) => {
            let alert = (words(viewer.language).conflict)(&way.holder, &way.since);
            let page = shown(&site, &viewer, &Asked::default(), Some(&alert)).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

/// Acknowledges all records that have ended.
pub(super) async fn read_all(State(site): Shared, extract::Asked(raw): extract::Asked<RawAsked>) -> Answer {
    site.tasks(PATH)?.mark_all_read(site.app.engine.now()).await?;
    Ok(Redirect::to(&Asked::read(&raw).address()).into_response())
}

/// Acknowledges one.
pub(super) async fn read(State(site): Shared, Path(id): Path<i64>) -> Answer {
    let path = format!("/tasks/records/{id}");
    let known = site.tasks(PATH)?.mark_read(id, site.app.engine.now()).await?;
    if known { Ok(Redirect::to(&path).into_response()) } else { Err(Problem::NoRoute(path)) }
}
