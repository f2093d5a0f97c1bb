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
    let settings = site.tasks(PATH)?.settings();
    let scene = Scene { language: viewer.language, zone: &settings.zone, now: site.app.engine.now() };
    let view = View { scene, words: words(viewer.language), asked };
    let content = draw::content(&view, &standing, told);
    Ok(Frame { viewer, title: view.words.title, live: None, path: PATH }.around(&content))
}
