//! Packages of leads.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::task::package::{PackageDraft, Wrong};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use systems::tasks::packages::{Import, Imported, PackageShown};
use systems::tasks::{LinkedTasks, PackageFilter};
use utoipa::ToSchema;

use super::{Paging, bad, tasks};
use crate::app::{Shared, Site};
use crate::extract::{Asked, Json, Path};
use crate::problem::{Problem, ProblemBody, TasksProblem};

/// Which packages.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PackagesQuery {
    /// Of one 职场.
    region: Option<String>,
    /// A part of its external id, name or prefix.
    q: Option<String>,
    /// Which page, from 1.
    page: Option<String>,
    /// How many a page has: 20, at most 100.
    per_page: Option<String>,
}

/// A page of packages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PackagesAnswer {
    packages: Vec<PackageShown>,
    page: i64,
    per_page: i64,
    total: i64,
    pages: i64,
}

/// Packages, each with what follows from its tasks.
#[utoipa::path(get, path = "/api/v1/tasks/packages", tag = "tasks", params(PackagesQuery),
    responses((status = 200, body = PackagesAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(site): Shared,
    Asked(query): Asked<PackagesQuery>,
) -> Result<axum::Json<PackagesAnswer>, Problem> {
    let paging = Paging::read(query.page.as_deref(), query.per_page.as_deref());
    let given =
        |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = PackageFilter { region: given(query.region), contains: given(query.q) };
    let found = tasks(&site)?.packages(filter, paging.part()).await?;
    Ok(axum::Json(PackagesAnswer {
        packages: found.rows,
        page: paging.page,
        per_page: paging.per_page,
        total: found.total,
        pages: paging.pages(found.total),
    }))
}

/// A package as it is wanted. Needed of a new one: `external_package_id`, `name`, `region`, `grade`. What is absent
/// from a change stays; `null` takes it away.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PackageWish {
    /// A text; a whole number is read digit by digit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    external_package_id: Option<Value>,
    /// Usually the name of its file.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    name: Option<Value>,
    /// `采买` unless said, or `练习`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    source: Option<Value>,
    /// 职场.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    region: Option<Value>,
    /// 年级.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    grade: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    total_leads: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    valid_leads: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    available_leads: Option<Value>,
    /// The prefix of its tasks' names; derived from name, region, grade and valid leads unless said.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    internal_code: Option<Value>,
    /// `N`, `O1`–`O99`, `P1`–`P99`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    package_level: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    contact_rate: Option<Value>,
}

/// A value that is there, `null` too.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl PackageWish {
    /// What it makes of a draft.
    fn on(self, mut draft: PackageDraft) -> Result<PackageDraft, Wrong> {
        let text = |field, value: Option<Value>, was: Option<String>| {
            value.map_or(Ok(was), |value| text(field, value))
        };
        let count = |field, value: Option<Value>, was| value.map_or(Ok(was), |value| count(field, &value));
        let needed = |field, value, was: String| Ok(text(field, value, Some(was))?.unwrap_or_default());
        draft.external_id = needed("external_package_id", self.external_package_id, draft.external_id)?;
        draft.name = needed("name", self.name, draft.name)?;
        draft.source = text("source", self.source, draft.source)?;
        draft.region = needed("region", self.region, draft.region)?;
        draft.grade = needed("grade", self.grade, draft.grade)?;
        draft.total_leads = count("total_leads", self.total_leads, draft.total_leads)?;
        draft.valid_leads = count("valid_leads", self.valid_leads, draft.valid_leads)?;
        draft.available_leads = count("available_leads", self.available_leads, draft.available_leads)?;
        draft.internal_code = text("internal_code", self.internal_code, draft.internal_code)?;
        draft.package_level = text("package_level", self.package_level, draft.package_level)?;
        if let Some(value) = self.contact_rate {
            draft.contact_rate = match value {
                Value::Null => None,
                value => Some(value.as_f64().ok_or_else(|| wrong("contact_rate", "不是非负数"))?),
            };
        }
        Ok(draft)
    }
}

fn wrong(field: &'static str, message: &str) -> Wrong {
    Wrong { field, message: message.to_owned() }
}

/// A text; a whole number is one too.
fn text(field: &'static str, value: Value) -> Result<Option<String>, Wrong> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) if number.is_u64() => Ok(Some(number.to_string())),
        _ => Err(wrong(field, "不是文本")),
    }
}

fn count(field: &'static str, value: &Value) -> Result<Option<i64>, Wrong> {
    if value.is_null() {
        return Ok(None);
    }
    value.as_i64().map(Some).ok_or_else(|| wrong(field, "不是非负整数"))
}

/// A package, and how many pending tasks the rule matched with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PackageAnswer {
    #[serde(flatten)]
    package: PackageShown,
    matched_tasks: u64,
}

/// Makes a package; pending tasks of its prefix are matched at once.
#[utoipa::path(post, path = "/api/v1/tasks/packages", tag = "tasks", request_body = PackageWish,
    responses((status = 201, body = PackageAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn make(State(site): Shared, Json(wish): Json<PackageWish>) -> Result<Response, Problem> {
    let draft = wish.on(PackageDraft::default()).map_err(TasksProblem::Package)?;
    let (package, matched_tasks) = tasks(&site)?.make_package(draft, site.app.engine.now()).await?;
    Ok((StatusCode::CREATED, axum::Json(PackageAnswer { package, matched_tasks })).into_response())
}

/// Changes a package; what is absent stays.
#[utoipa::path(put, path = "/api/v1/tasks/packages/{id}", tag = "tasks", params(("id" = i64, Path, description = "The package's number here")),
    request_body = PackageWish,
    responses((status = 200, body = PackageAnswer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn change(
    State(site): Shared,
    Path(id): Path<String>,
    Json(wish): Json<PackageWish>,
) -> Result<axum::Json<PackageAnswer>, Problem> {
    let (id, tasks) = (number(&id)?, tasks(&site)?);
    let known = tasks.package(id).await?.ok_or(TasksProblem::NoPackage)?;
    let draft = wish.on(PackageDraft::from(known)).map_err(TasksProblem::Package)?;
    let (package, matched_tasks) = tasks.change_package(id, draft, site.app.engine.now()).await?;
    Ok(axum::Json(PackageAnswer { package, matched_tasks }))
}

/// A package's number; what is none is no package.
fn number(id: &str) -> Result<i64, Problem> {
    id.parse().map_err(|_| TasksProblem::NoPackage.into())
}

/// What becomes of the tasks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// `pending`: the rule decides on them again; `keep`: they stay with it. Needed when it has any.
    tasks: Option<String>,
}

/// That a package was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deleted {
    deleted: bool,
    /// How many tasks it had.
    tasks: u64,
}

/// Deletes a package.
#[utoipa::path(delete, path = "/api/v1/tasks/packages/{id}", tag = "tasks",
    params(("id" = i64, Path, description = "The package's number here"), DeleteQuery),
    responses((status = 200, body = Deleted), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn delete(
    State(site): Shared,
    Path(id): Path<String>,
    Asked(query): Asked<DeleteQuery>,
) -> Result<axum::Json<Deleted>, Problem> {
    let linked = match query.tasks.as_deref() {
        None | Some("") => None,
        Some("pending") => Some(LinkedTasks::Pending),
        Some("keep") => Some(LinkedTasks::Keep),
        Some(other) => return Err(bad("tasks", other, "pending or keep")),
    };
    let tasks = tasks(&site)?.delete_package(number(&id)?, linked, site.app.engine.now()).await?;
    Ok(axum::Json(Deleted { deleted: true, tasks }))
}

/// Whether the import is done.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// `1`: say what would come of it, and change nothing.
    dry_run: Option<String>,
}

/// Takes packages from a CSV file: the body itself, or the field `file` of a form.
#[utoipa::path(post, path = "/api/v1/tasks/packages/import", tag = "tasks", params(ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Imported), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn import(
    State(site): Shared,
    Asked(query): Asked<ImportQuery>,
    request: Request,
) -> Result<axum::Json<Imported>, Problem> {
    let how = match query.dry_run.as_deref() {
        None | Some("" | "0" | "false") => Import::Do,
        Some("1" | "true") => Import::Try,
        Some(other) => return Err(bad("dry_run", other, "1 or 0")),
    };
    let file = file(&site, request).await?;
    Ok(axum::Json(tasks(&site)?.import_packages(&file, how, site.app.engine.now()).await?))
}

async fn file(site: &Site, request: Request) -> Result<Bytes, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        return Ok(Bytes::from_request(request, site).await?);
    }
    let fields = Multipart::from_request(request, site).await;
    let (file, _) = form_file(fields.map_err(|error| Problem::Body(error.body_text()))?).await?;
    Ok(file)
}

/// The file of a form, and the names of the other fields.
pub(crate) async fn form_file(mut form: Multipart) -> Result<(Bytes, Vec<String>), Problem> {
    let bad = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::BodyTooLarge,
        _ => Problem::Body(error.body_text()),
    };
    let (mut file, mut others) = (None, Vec::new());
    while let Some(field) = form.next_field().await.map_err(bad)? {
        match field.name() {
            Some("file") => file = Some(field.bytes().await.map_err(bad)?),
            name => others.push(name.unwrap_or_default().to_owned()),
        }
    }
    let file = file.ok_or_else(|| Problem::Body("the form has no field `file`".to_owned()))?;
    Ok((file, others))
}
