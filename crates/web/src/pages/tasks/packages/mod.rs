//! The page of the packages: what follows from their tasks, and how they come in and go out.

mod actions;
mod asked;
mod draw;
mod editor;
mod words;

use axum::extract::State;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use maud::Markup;
use model::task::package::Wrong;
use systems::tasks::packages::{Imported, PackageShown};
use systems::tasks::{PackageFilter, Page};

use crate::api::tasks::file_limit;
use crate::app::{Shared, Site};
use crate::components::Scene;
use crate::components::layout::Frame;
use crate::extract;
use crate::live;
use crate::pages;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
use asked::{Asked, Edit, PAGE_SIZE, PackageForm, RawAsked};
use words::{Words, words};

/// Its address.
const PATH: &str = "/tasks/packages";

/// Its routes.
pub(super) fn routes() -> Routes {
    Routes::default()
        .get(PATH, page)
        .get("/tasks/packages/live", fragments)
        .get("/tasks/packages/export", actions::export)
        .post("/tasks/packages/new", actions::make)
        .post("/tasks/packages/import", actions::import.layer(file_limit()))
        .post("/tasks/packages/{id}/save", actions::save)
        .post("/tasks/packages/{id}/delete", actions::delete)
}

/// For whom the page is drawn, and what was asked.
#[derive(Clone, Copy)]
struct View<'a> {
    scene: Scene<'a>,
    words: &'static Words,
    asked: &'a Asked,
}

/// What the page shows.
struct Standing {
    packages: Vec<PackageShown>,
    /// Packages in all.
    total: i64,
    /// What stands in the form, when one is open.
    form: Option<PackageForm>,
}

/// What stands on top of the page.
enum Told {
    Nothing,
    Said(String),
    Refused(String),
    /// A field of the form.
    Wrong(Wrong),
    /// A package that is to be deleted has so many tasks.
    InUse(Box<PackageShown>, u64),
    /// What came of a file, and whether it was done.
    Imported(Box<Imported>, bool),
}

async fn read(site: &Site, asked: &Asked, form: Option<PackageForm>) -> Result<Standing, Problem> {
    let tasks = site.tasks(PATH)?;
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let filter = PackageFilter { region: given(&asked.region), contains: given(&asked.q) };
    let part = Page { offset: (asked.page - 1).saturating_mul(PAGE_SIZE), limit: PAGE_SIZE };
    let found = tasks.packages(filter, part).await?;
    let form = match (form, asked.edit) {
        (None, Edit::New) => Some(PackageForm::default()),
        (None, Edit::Package(id)) => tasks.package(id).await?.map(PackageForm::from),
        (form, _) => form,
    };
    Ok(Standing { packages: found.rows, total: found.total, form })
}

async fn page(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    Ok(shown(&site, &viewer, &Asked::read(&raw), (&Told::Nothing, None)).await?.into_response())
}

/// The whole page, with what became of a form on top, and what stood in it where it is to be written again.
async fn shown(
    site: &Site,
    viewer: &Viewer,
    asked: &Asked,
    (told, form): (&Told, Option<PackageForm>),
) -> Result<Markup, Problem> {
    let standing = read(site, asked, form).await?;
    let view = view(site, viewer, asked)?;
    let content = draw::content(&view, &standing, told);
    let live = Some(format!("{}&{}", asked.live(), viewer.query()));
    Ok(Frame { viewer, title: view.words.title, live, path: PATH }.around(&content))
}

fn view<'a>(site: &'a Site, viewer: &Viewer, asked: &'a Asked) -> Result<View<'a>, Problem> {
    let zone = &site.tasks(PATH)?.settings().zone;
    let scene = Scene { language: viewer.language, zone, now: site.app.engine.now() };
    Ok(View { scene, words: words(viewer.language), asked })
}

async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    site.tasks(PATH)?;
    let living = super::Living::Packages(Living { viewer, asked: Asked::read(&raw) });
    Ok(live::fragments(site, pages::Living::Tasks(Box::new(living)))?.into_response())
}

/// The page as it is open.
pub(crate) struct Living {
    pub(super) viewer: Viewer,
    asked: Asked,
}

impl Living {
    pub(super) fn shows(&self) -> String {
        format!("{} {}", self.asked.live(), self.viewer.query())
    }

    /// The part that changes. What could not be read is left as it is on the page; nor is the form touched: somebody
    /// may be writing in it.
    pub(super) async fn fragments(&self, site: &Site) -> Vec<(&'static str, String)> {
        let Ok(standing) = read(site, &self.asked, None).await else { return Vec::new() };
        match view(site, &self.viewer, &self.asked) {
            Ok(view) => draw::fragments(&view, &standing),
            Err(_) => Vec::new(),
        }
    }
}
