//! The pages of the schedules: all of them, and one with its editor and what became of its times.

mod actions;
mod asked;
mod draw;
mod editor;
mod one;
mod rule;
mod words;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::id::ScheduleId;
use model::schedule::{Schedule, TickRow};

use crate::app::{Shared, Site};
use crate::components::layout::Frame;
use crate::extract;
use crate::live;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
pub(crate) use actions::run_now;
use asked::AskedList;
use words::words;

/// Schedules on a page.
const SCHEDULES_SHOWN: u32 = 50;

/// Their routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/schedules", page)
        .post("/schedules", actions::act_on_list)
        .get("/schedules/live", fragments)
        .get("/schedules/explained", editor::explained)
        .get("/schedules/{id}", one::page)
        .post("/schedules/{id}", actions::act_on_one)
        .get("/schedules/{id}/live", one::fragments)
}

/// What the list shows.
struct Standing {
    /// Each with the newest of its times.
    schedules: Vec<(Schedule, Option<TickRow>)>,
    page: u32,
    more: bool,
}

async fn read(site: &Site, page: u32) -> Result<Standing, Problem> {
    let passed = SCHEDULES_SHOWN.saturating_mul(page - 1);
    let mut schedules = site.app.engine.read().schedules_page(passed, SCHEDULES_SHOWN + 1).await?;
    let more = schedules.len() > SCHEDULES_SHOWN as usize;
    schedules.truncate(SCHEDULES_SHOWN as usize);
    Ok(Standing { schedules, page, more })
}

async fn page(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(asked): extract::Asked<AskedList>,
) -> Response {
    shown(&site, &viewer, &asked, None).await
}

/// The whole page; without its list, and with the reason, when that could not be read.
async fn shown(site: &Site, viewer: &Viewer, asked: &AskedList, refused: Option<&Problem>) -> Response {
    let standing = read(site, asked.page()).await;
    let refused = refused.or(standing.as_ref().err());
    let status = refused.map_or(StatusCode::OK, Problem::status);
    let view = view(site, viewer);
    let content = draw::content(&view, standing.as_ref().ok(), asked.started(), refused);
    let live = Some(format!("/schedules/live?{}&page={}", viewer.query(), asked.page()));
    let title = viewer.language.messages().schedules;
    (status, Frame { viewer, title, live, path: "/schedules" }.around(&content)).into_response()
}

fn view<'a>(site: &Site, viewer: &'a Viewer) -> draw::View<'a> {
    draw::View { scene: viewer.scene(site.app.engine.now()), words: words(viewer.language) }
}

async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(asked): extract::Asked<AskedList>,
) -> Result<Response, Problem> {
    let living = Living { viewer, of: Of::List(asked.page()) };
    Ok(live::fragments(site, super::Living::Schedules(living))?.into_response())
}

/// A page as one browser has it open.
pub(crate) struct Living {
    viewer: Viewer,
    of: Of,
}

enum Of {
    /// This page of the list.
    List(u32),
    One(ScheduleId),
}

impl Living {
    /// Who looks at it.
    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// What it shows, to whom; see [`super::Living::shows`].
    pub(super) fn shows(&self) -> String {
        let viewer = self.viewer.query();
        match self.of {
            Of::List(page) => format!("/schedules {viewer} {page}"),
            Of::One(id) => format!("/schedules/{id} {viewer}"),
        }
    }

    /// The parts that change. What could not be read is left as it is on the page.
    pub(crate) async fn fragments(&self, site: &Site) -> Vec<(&'static str, String)> {
        let view = view(site, &self.viewer);
        match self.of {
            Of::List(page) => match read(site, page).await {
                Ok(standing) => vec![("schedules-list", draw::list(&view, &standing).into_string())],
                Err(_) => Vec::new(),
            },
            Of::One(id) => match one::read(site, id).await {
                Ok(standing) => one::living(&view, &standing),
                Err(_) => Vec::new(),
            },
        }
    }
}
