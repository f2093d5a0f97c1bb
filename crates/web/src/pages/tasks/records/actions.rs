//! The forms of the pages. Each asks the system as its documented route does, and leads back to the page.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::task::TaskSyncType;
use serde::Deserialize;
use systems::tasks::Asked as Start;

use super::asked::{Asked, RawAsked};
use super::words::words;
use super::{PATH, shown};
use crate::app::Shared;
use crate::extract::{self, Form, Path};
use crate::problem::Problem;
use crate::viewer::Viewer;

type Answer = Result<Response, Problem>;

fn back(to: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// A form that is only its button.
#[derive(Debug, Deserialize)]
pub(super) struct Empty {}

/// Starts a sync, unless one of the type is at work.
pub(super) async fn sync(
    State(site): Shared,
    viewer: Viewer,
    Path(kind): Path<String>,
    Form(Empty {}, once): Form<Empty>,
) -> Answer {
    let path = || format!("/tasks/sync/{kind}");
    let sync_type = TaskSyncType::from_word(&kind).ok_or_else(|| Problem::NoRoute(path()))?;
    match site.tasks(PATH)?.start(&site.app.engine.once(once.key()), sync_type).await? {
        Start::Started(record) => {
            let asked = Asked { record: Some(record.id), ..Asked::default() };
            Ok(back(asked.address()))
        }
        Start::Busy(documented) => {
            let asked = Asked::default();
            // The documented words are Chinese; what they name is told in English too.
            let alert = in_the_way(&documented)
                .map(|(holder, since)| (words(viewer.language).conflict)(holder, since));
            let page = shown(&site, &viewer, &asked, Some(&alert.unwrap_or(documented))).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

/// Who is in the way, and since when, of the documented words: the ends of their last two lines.
fn in_the_way(documented: &str) -> Option<(&str, &str)> {
    let mut lines = documented.lines().skip(1).map(|line| line.split_once('：').map(|(_, value)| value));
    lines.next().flatten().zip(lines.next().flatten())
}

/// Acknowledges all records that have ended.
pub(super) async fn read_all(State(site): Shared, extract::Asked(raw): extract::Asked<RawAsked>) -> Answer {
    site.tasks(PATH)?.mark_all_read(site.app.engine.now()).await?;
    Ok(back(Asked::read(&raw).address()))
}

/// Acknowledges one.
pub(super) async fn read(State(site): Shared, Path(id): Path<i64>) -> Answer {
    let path = format!("/tasks/records/{id}");
    let known = site.tasks(PATH)?.mark_read(id, site.app.engine.now()).await?;
    if known { Ok(back(path)) } else { Err(Problem::NoRoute(path)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_in_the_way_is_read_off_the_documented_words() {
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let since = "2025-10-24T02:00:00Z".parse().unwrap();
        let documented = systems::tasks::labels::busy("host：1-7", since, &zone);
        assert_eq!(in_the_way(&documented), Some(("host：1-7", "2025-10-24 10:00:00")));
        assert_eq!(in_the_way("busy"), None);
    }
}
