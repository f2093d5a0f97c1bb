//! The pages of the files system: its configs, one of them with its runs, the form of one, and what a run did with
//! each file. They ask the system as its native routes do; without JavaScript they are forms and links.

mod actions;
mod asked;
mod chinese;
mod draw;
mod english;
mod facts;
mod field;
mod form;
mod list;
mod one;
mod rows;
mod run;
mod typed;
mod when;
mod words;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::file::run::{FileItem, FileItemStatus, FileRunKind, FileRunParams};
use model::id::{RunId, SyncKey};
use model::run::Run;
use systems::files::{Detail, FileConfigFilter, FileItemFilter, Files, Listed, Page, RunSummary};

use crate::api::runs::find;
use crate::app::{Shared, Site};
use crate::components::Scene;
use crate::components::layout::Frame;
use crate::components::trouble;
use crate::extract::{self, Path};
use crate::live;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
use asked::RawAsked;
use words::{Words, words};

/// Configs, runs of one, and items of a run on a page.
const CONFIGS_SHOWN: i64 = 20;
const RUNS_SHOWN: i64 = 20;
const ITEMS_SHOWN: i64 = 200;

/// Failures told before all other items.
const FAILURES_SHOWN: i64 = 20;

/// Their routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/files", page)
        .post("/files", actions::act_on_list)
        .get("/files/live", fragments)
        .get("/files/new", form::blank)
        .post("/files/new", actions::make)
        .get("/files/cron", when::explained)
        .get("/files/configs/{id}", config_page)
        .post("/files/configs/{id}", actions::act_on_one)
        .get("/files/configs/{id}/live", config_fragments)
        .get("/files/configs/{id}/edit", form::filled)
        .post("/files/configs/{id}/edit", actions::change)
        .get("/files/runs/{id}", run_page)
        .get("/files/runs/{id}/live", run_fragments)
}

/// The page that says more of a run of this system than the page of any run.
pub(crate) fn page_of(run: &Run) -> Option<String> {
    let of_files = run.sync.system() == model::file::SYSTEM;
    of_files.then(|| format!("/files/runs/{}", run.id))
}

/// The page of the config that a sync is of.
pub(crate) fn config_of(sync: &SyncKey) -> Option<String> {
    Some(format!("/files/configs/{}", model::file::config_of(sync)?))
}

/// For whom a page is drawn.
#[derive(Clone, Copy)]
struct View<'a> {
    words: &'static Words,
    scene: Scene<'a>,
}

fn view<'a>(site: &Site, viewer: &'a Viewer) -> View<'a> {
    View { words: words(viewer.language), scene: viewer.scene(site.app.engine.now()) }
}

fn files(site: &Site) -> Result<&Files, Problem> {
    site.files("/files")
}

/// Why there is no page, in the frame of one.
fn missing(viewer: &Viewer, problem: &Problem) -> Response {
    trouble::page(problem, viewer, ("/files", words(viewer.language).back))
}

/// A number in an address. Anything else is an address of nothing.
fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::NoRoute(format!("/files/{text}")))
}

/// What the list shows: configs, each with its newest run.
struct List {
    configs: Vec<Listed>,
    total: i64,
    page: i64,
}

async fn list(site: &Site, asked: &RawAsked) -> Result<List, Problem> {
    let (files, now, page) = (files(site)?, site.app.engine.now(), asked.page());
    let part = Page { limit: CONFIGS_SHOWN, offset: (page - 1).saturating_mul(CONFIGS_SHOWN) };
    let found = files.configs(&FileConfigFilter::default(), part, now).await?;
    Ok(List { configs: found.rows, total: found.total, page })
}

/// What the page of a config shows.
struct One {
    config: Detail,
    runs: Vec<RunSummary>,
    total: i64,
    page: i64,
}

async fn one(site: &Site, id: i64, asked: &RawAsked) -> Result<One, Problem> {
    let (files, now, page) = (files(site)?, site.app.engine.now(), asked.page());
    let config = files.config(id, now).await?;
    let part = Page { limit: RUNS_SHOWN, offset: (page - 1).saturating_mul(RUNS_SHOWN) };
    let runs = files.runs(id, &[], part, now).await?;
    Ok(One { config, runs: runs.rows, total: runs.total, page })
}

/// What the page of a run shows.
struct Done {
    run: Run,
    params: FileRunParams,
    summary: RunSummary,
    failures: Vec<FileItem>,
    items: Vec<FileItem>,
    /// The number to go on after.
    next: Option<i64>,
}

async fn done(site: &Site, id: RunId, asked: &RawAsked) -> Result<Done, Problem> {
    let files = files(site)?;
    let summary = files.run(id, site.app.engine.now()).await?.ok_or(Problem::UnknownRun(id))?;
    let run = find(site, id).await?;
    let params = serde_json::from_value(run.params.clone()).map_err(|_| Problem::UnknownRun(id))?;
    let failed = FileItemFilter { status: Some(FileItemStatus::Failed), op: None };
    let failures = match asked.is_plain() {
        true => files.items(id, failed, 0, FAILURES_SHOWN).await?,
        false => Vec::new(),
    };
    let found = files.items(id, asked.filter(), asked.after(), ITEMS_SHOWN + 1).await?;
    let more = found.len() as i64 > ITEMS_SHOWN;
    let shown: Vec<(i64, FileItem)> = found.into_iter().take(ITEMS_SHOWN as usize).collect();
    let next = shown.last().filter(|_| more).map(|(seq, _)| *seq);
    let bare = |items: Vec<(i64, FileItem)>| items.into_iter().map(|(_, item)| item).collect();
    Ok(Done { run, params, summary, failures: bare(failures), items: bare(shown), next })
}

/// The run that was asked for just now.
async fn told(site: &Site, asked: &RawAsked) -> Result<Option<Run>, Problem> {
    let Some(id) = asked.run() else { return Ok(None) };
    let run = site.app.engine.read().run(RunId(id)).await?;
    Ok(run.filter(|run| run.sync.system() == model::file::SYSTEM))
}

async fn page(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Response {
    shown(&site, &viewer, &asked, None).await
}

/// The page of all configs, with words on top where something was not done.
async fn shown(site: &Site, viewer: &Viewer, asked: &RawAsked, refused: Option<&Problem>) -> Response {
    let read = async { Ok::<_, Problem>((list(site, asked).await?, told(site, asked).await?)) };
    let (list, told) = match read.await {
        Ok(both) => both,
        Err(problem) => return missing(viewer, &problem),
    };
    let view = view(site, viewer);
    let content = list::content(&view, &list, told.as_ref(), refused);
    let live = Some(format!("/files/live?{}&{}", viewer.query(), asked.query()));
    let status = refused.map_or(StatusCode::OK, Problem::status);
    (status, Frame { viewer, title: view.words.title, live, path: "/files" }.around(&content)).into_response()
}

async fn config_page(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Response {
    match number(&id) {
        Ok(id) => one_shown(&site, &viewer, (id, &asked), None).await,
        Err(problem) => missing(&viewer, &problem),
    }
}

/// The page of a config, with words on top where something was not done.
async fn one_shown(
    site: &Site,
    viewer: &Viewer,
    (id, asked): (i64, &RawAsked),
    refused: Option<&Problem>,
) -> Response {
    let read = async { Ok::<_, Problem>((one(site, id, asked).await?, told(site, asked).await?)) };
    let (one, told) = match read.await {
        Ok(both) => both,
        Err(problem) => return missing(viewer, &problem),
    };
    let view = view(site, viewer);
    let content = one::content(&view, &one, (asked, told.as_ref()), refused);
    let path = format!("/files/configs/{id}");
    let live = Some(format!("{path}/live?{}&{}", viewer.query(), asked.query()));
    let status = refused.map_or(StatusCode::OK, Problem::status);
    let title = draw::name(&view, &one.config);
    (status, Frame { viewer, title: &title, live, path: &path }.around(&content)).into_response()
}

async fn run_page(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Response {
    let read = async { done(&site, RunId(number(&id)?), &asked).await };
    let done = match read.await {
        Ok(done) => done,
        Err(problem) => return missing(&viewer, &problem),
    };
    // A batch has no files of its own.
    if done.params.kind == FileRunKind::Batch {
        return Redirect::to(&format!("/runs/{}", done.run.id)).into_response();
    }
    let view = view(&site, &viewer);
    let content = run::content(&view, &done, &asked);
    let path = format!("/files/runs/{}", done.run.id);
    let live = Some(format!("{path}/live?{}&{}", viewer.query(), asked.query()));
    let title = run::title(&view, &done);
    Frame { viewer: &viewer, title: &title, live, path: &path }.around(&content).into_response()
}

async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    files(&site)?;
    lived(site, Living { viewer, asked, of: Of::List })
}

async fn config_fragments(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    one(&site, id, &asked).await?;
    lived(site, Living { viewer, asked, of: Of::One(id) })
}

async fn run_fragments(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    extract::Asked(asked): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    done(&site, RunId(id), &asked).await?;
    lived(site, Living { viewer, asked, of: Of::Run(RunId(id)) })
}

fn lived(site: std::sync::Arc<Site>, living: Living) -> Result<Response, Problem> {
    Ok(live::fragments(site, super::Living::Files(Box::new(living)))?.into_response())
}

/// A page as one browser has it open.
pub(crate) struct Living {
    viewer: Viewer,
    asked: RawAsked,
    of: Of,
}

#[derive(Debug)]
enum Of {
    List,
    One(i64),
    Run(RunId),
}

impl Living {
    /// Who looks at it.
    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// What it shows, to whom.
    pub(crate) fn shows(&self) -> String {
        format!("/files {:?} {} {}", self.of, self.viewer.query(), self.asked.query())
    }

    /// The parts that change, by their ids. What could not be read is left as it is on the page.
    pub(crate) async fn fragments(&mut self, site: &Site) -> Vec<(&'static str, String)> {
        self.read(site).await.unwrap_or_default()
    }

    async fn read(&self, site: &Site) -> Result<Vec<(&'static str, String)>, Problem> {
        let view = view(site, &self.viewer);
        let asked = &self.asked;
        let mut drawn = match self.of {
            Of::List => list::fragments(&view, &list(site, asked).await?),
            Of::One(id) => one::fragments(&view, &one(site, id, asked).await?),
            Of::Run(id) => return Ok(run::fragments(&view, &done(site, id, asked).await?, asked)),
        };
        let told = told(site, asked).await?;
        drawn.push(("files-told", draw::told(&view, asked, told.as_ref()).into_string()));
        Ok(drawn)
    }
}
