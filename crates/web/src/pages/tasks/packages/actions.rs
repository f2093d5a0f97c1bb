//! The forms of the page. Each asks the system as the route of the API does, and leads back to the page.

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use systems::tasks::LinkedTasks;
use systems::tasks::packages::{Import, ImportError, PackageError, write};

use super::asked::{Asked, Edit, PackageForm, RawAsked};
use super::words::words;
use super::{PATH, Told, shown};
use crate::api::tasks::packages::form_file;
use crate::app::{Shared, Site};
use crate::extract::{self, Form, Path};
use crate::problem::Problem;
use crate::viewer::Viewer;

type Query = extract::Asked<RawAsked>;
type Answer = Result<Response, Problem>;

/// The page a form was sent from.
struct Place<'a> {
    site: &'a Site,
    viewer: Viewer,
    asked: Asked,
}

impl Place<'_> {
    async fn page(self, status: StatusCode, told: Told, form: Option<PackageForm>) -> Answer {
        Ok((status, shown(self.site, &self.viewer, &self.asked, (&told, form)).await?).into_response())
    }

    /// What came of a package that was to be stored: the list again, or the form with what is wrong.
    async fn stored(mut self, form: PackageForm, done: Result<u64, PackageError>) -> Answer {
        let w = words(self.viewer.language);
        match done {
            Ok(matched) => {
                self.asked.edit = Edit::Nothing;
                let told = Told::Said((w.saved)(&form.external_package_id, matched));
                self.page(StatusCode::OK, told, None).await
            }
            Err(PackageError::Wrong(wrong)) => {
                self.page(StatusCode::UNPROCESSABLE_ENTITY, Told::Wrong(wrong), Some(form)).await
            }
            Err(error) => {
                let problem = Problem::from(error);
                let told = Told::Refused(problem.body(self.viewer.language).detail);
                self.page(problem.status(), told, Some(form)).await
            }
        }
    }
}

pub(super) async fn make(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    Form(form, _): Form<PackageForm>,
) -> Answer {
    let asked = Asked { edit: Edit::New, ..Asked::read(&raw) };
    let place = Place { site: &site, viewer, asked };
    let done = match form.draft() {
        Ok(draft) => site.tasks(PATH)?.make_package(draft, site.app.engine.now()).await,
        Err(wrong) => Err(wrong.into()),
    };
    place.stored(form, done.map(|(_, matched)| matched)).await
}

pub(super) async fn save(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    extract::Asked(raw): Query,
    Form(form, _): Form<PackageForm>,
) -> Answer {
    let asked = Asked { edit: Edit::Package(id), ..Asked::read(&raw) };
    let place = Place { site: &site, viewer, asked };
    let done = match form.draft() {
        Ok(draft) => site.tasks(PATH)?.change_package(id, draft, site.app.engine.now()).await,
        Err(wrong) => Err(wrong.into()),
    };
    place.stored(form, done.map(|(_, matched)| matched)).await
}

/// What becomes of the tasks of a package; nothing said is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DeleteForm {
    tasks: String,
}

pub(super) async fn delete(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    extract::Asked(raw): Query,
    Form(form, _): Form<DeleteForm>,
) -> Answer {
    let place = Place { site: &site, viewer, asked: Asked::read(&raw) };
    let tasks = site.tasks(PATH)?;
    let linked = match form.tasks.as_str() {
        "pending" => Some(LinkedTasks::Pending),
        "keep" => Some(LinkedTasks::Keep),
        _ => None,
    };
    match tasks.delete_package(id, linked, site.app.engine.now()).await {
        Ok(had) => {
            let told = Told::Said((words(place.viewer.language).deleted)(had));
            place.page(StatusCode::OK, told, None).await
        }
        Err(PackageError::InUse(count)) => {
            let package = tasks.package(id).await?.ok_or(PackageError::Unknown)?;
            place.page(StatusCode::CONFLICT, Told::InUse(Box::new(package), count), None).await
        }
        Err(error) => {
            let problem = Problem::from(error);
            let told = Told::Refused(problem.body(place.viewer.language).detail);
            place.page(problem.status(), told, None).await
        }
    }
}

pub(super) async fn import(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    request: Request,
) -> Answer {
    let place = Place { site: &site, viewer, asked: Asked::read(&raw) };
    let form = Multipart::from_request(request, &site).await;
    let (file, others) = form_file(form.map_err(|error| Problem::Body(error.body_text()))?).await?;
    if file.is_empty() {
        let told = Told::Refused(words(place.viewer.language).bad_file.to_owned());
        return place.page(StatusCode::UNPROCESSABLE_ENTITY, told, None).await;
    }
    let how = if others.iter().any(|name| name == "dry_run") { Import::Try } else { Import::Do };
    match site.tasks(PATH)?.import_packages(&file, how, site.app.engine.now()).await {
        Ok(done) => place.page(StatusCode::OK, Told::Imported(Box::new(done), how == Import::Do), None).await,
        Err(ImportError::NoLine(done)) => {
            place.page(StatusCode::UNPROCESSABLE_ENTITY, Told::Imported(Box::new(done), true), None).await
        }
        Err(error) => {
            let problem = Problem::from(error);
            let told = Told::Refused(problem.body(place.viewer.language).detail);
            place.page(problem.status(), told, None).await
        }
    }
}

/// Every package as a file that can be imported again.
pub(super) async fn export(State(site): Shared, viewer: Viewer) -> Answer {
    let packages = site.tasks(PATH)?.open_packages().await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"packages.csv\""),
    ];
    Ok((headers, write(&packages, viewer.language.into())).into_response())
}
