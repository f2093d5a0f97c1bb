//! The page of the matching: which task belongs to which package, and what people decide about it.

mod actions;
mod asked;
mod dialog;
mod draw;
mod words;

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::Markup;
use systems::tasks::{Candidate, Change, Group, PackageNamed, Page, TaskCounts, TaskShown};

use crate::app::{Shared, Site};
use crate::components::Scene;
use crate::components::layout::Frame;
use crate::extract;
use crate::live;
use crate::pages;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
use asked::{Asked, PAGE_SIZE, RawAsked, Tab};
use words::{Words, words};

/// Its address.
const PATH: &str = "/tasks/matching";

/// Its routes.
pub(super) fn routes() -> Routes {
    Routes::default()
        .get(PATH, page)
        .get("/tasks/matching/live", fragments)
        .post("/tasks/matching/act", actions::act)
        .post("/tasks/matching/bind", actions::bind)
}

/// For whom the page is drawn, and what was asked.
#[derive(Clone, Copy)]
struct View<'a> {
    scene: Scene<'a>,
    words: &'static Words,
    asked: &'a Asked,
    /// What the platform's states are called here.
    state_labels: &'a BTreeMap<String, String>,
}

/// What the page shows.
struct Standing {
    counts: TaskCounts,
    shown: Shown,
    /// Groups or tasks in all.
    total: i64,
}

enum Shown {
    Groups(Vec<Group>),
    Tasks(Vec<TaskShown>),
}

/// What stands on top of the list.
enum Told {
    Nothing,
    Refused(String),
    Done(Change),
    Choosing(Box<Choice>),
}

/// Tasks a package is to be chosen for.
struct Choice {
    tasks: Vec<String>,
    candidates: Vec<Candidate>,
    /// The first candidate fits well enough to be chosen beforehand.
    recommends: bool,
    packages: Vec<PackageNamed>,
    /// What was written.
    other: String,
    refused: Option<&'static str>,
}

async fn read(site: &Site, asked: &Asked) -> Result<Standing, Problem> {
    let tasks = site.tasks(PATH)?;
    let page = Page { offset: (asked.page - 1).saturating_mul(PAGE_SIZE), limit: PAGE_SIZE };
    let (shown, total) = match asked.tab {
        Tab::Pending => {
            let groups = tasks.pending(&asked.q, page).await?;
            (Shown::Groups(groups.rows), groups.total)
        }
        tab => {
            let found = tasks.tasks(tab.status(), &asked.q, page).await?;
            (Shown::Tasks(found.rows), found.total)
        }
    };
    Ok(Standing { counts: tasks.counts().await?, shown, total })
}

fn view<'a>(site: &'a Site, viewer: &Viewer, asked: &'a Asked) -> Result<View<'a>, Problem> {
    let settings = site.tasks(PATH)?.settings();
    let scene = Scene { language: viewer.language, zone: &settings.zone, now: site.app.engine.now() };
    Ok(View { scene, words: words(viewer.language), asked, state_labels: &settings.state_labels })
}

async fn page(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    Ok(shown(&site, &viewer, &Asked::read(&raw), &Told::Nothing).await?.into_response())
}

/// The whole page, with what became of a form on top.
async fn shown(site: &Site, viewer: &Viewer, asked: &Asked, told: &Told) -> Result<Markup, Problem> {
    let standing = read(site, asked).await?;
    let view = view(site, viewer, asked)?;
    let content = draw::content(&view, &standing, told);
    let live = Some(format!("{}&{}", asked.below("/live"), viewer.query()));
    Ok(Frame { viewer, title: view.words.title, live, path: PATH }.around(&content))
}

async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    site.tasks(PATH)?;
    let living = super::Living::Matching(Living { viewer, asked: Asked::read(&raw) });
    Ok(live::fragments(site, pages::Living::Tasks(Box::new(living)))?.into_response())
}

/// The page as it is open.
pub(crate) struct Living {
    pub(super) viewer: Viewer,
    asked: Asked,
}

impl Living {
    pub(super) fn shows(&self) -> String {
        format!("{} {}", self.asked.below(""), self.viewer.query())
    }

    /// The parts that change. What could not be read is left as it is on the page.
    pub(super) async fn fragments(&self, site: &Site) -> Vec<(&'static str, String)> {
        let Ok(standing) = read(site, &self.asked).await else { return Vec::new() };
        match view(site, &self.viewer, &self.asked) {
            Ok(view) => draw::fragments(&view, &standing),
            Err(_) => Vec::new(),
        }
    }
}
