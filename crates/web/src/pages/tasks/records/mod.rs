//! The page of the records: what starts a sync, how syncs went, every record; and the page of one record.

mod actions;
mod asked;
mod charts;
mod draw;
mod one;
mod words;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use maud::Markup;
use model::run::Run;
use model::task::{TaskRecord, TaskRecordStatus, TaskSyncType};
use systems::tasks::{Page, TaskRecordFilter};

use crate::app::{Shared, Site};
use crate::components::Scene;
use crate::components::layout::Frame;
use crate::extract::{self, Path};
use crate::live;
use crate::pages;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
use asked::{Asked, PAGE_SIZE, RawAsked};
use words::{Words, words};

/// Its address.
const PATH: &str = "/tasks";

/// Days the charts show.
const DAYS: i64 = 30;

/// Their routes.
pub(super) fn routes() -> Routes {
    Routes::default()
        .get(PATH, page)
        .get("/tasks/live", fragments)
        .post("/tasks/sync/{type}", actions::sync)
        .post("/tasks/read", actions::read_all)
        .get("/tasks/records/{id}", one_page)
        .get("/tasks/records/{id}/live", one_fragments)
        .post("/tasks/records/{id}/read", actions::read)
}

/// For whom a page is drawn, and what was asked.
#[derive(Clone, Copy)]
struct View<'a> {
    scene: Scene<'a>,
    words: &'static Words,
    asked: &'a Asked,
}

/// What the page of the records shows.
struct Standing {
    sides: Vec<Side>,
    /// The record of the sync somebody asked for.
    told: Option<TaskRecord>,
    numbers: charts::Numbers,
    records: Vec<TaskRecord>,
    /// Records in all that were asked for.
    total: i64,
    /// Records that ended and nobody has read, whatever was asked for.
    unread: i64,
}

/// One of the two syncs.
struct Side {
    sync_type: TaskSyncType,
    /// The record of the run at work, and the run.
    active: Option<(TaskRecord, Option<Run>)>,
    /// When the newest sync began that did not fail.
    last_good: Option<Timestamp>,
    /// When the schedule wants it next.
    next: Option<Timestamp>,
}

async fn side(site: &Site, sync_type: TaskSyncType) -> Result<Side, Problem> {
    let read = site.app.engine.read();
    let only =
        |statuses| TaskRecordFilter { sync_type: Some(sync_type), statuses, ..TaskRecordFilter::default() };
    let newest = Page { offset: 0, limit: 1 };
    let good = only(vec![TaskRecordStatus::Success, TaskRecordStatus::Partial]);
    let last_good = read.task_records(&good, newest).await?.rows.pop();
    let active = read.task_records(&only(vec![TaskRecordStatus::Running]), newest).await?.rows.pop();
    let active = match active {
        Some(record) => {
            let run = read.run(record.run).await?;
            Some((record, run))
        }
        None => None,
    };
    let schedules = read.schedules().await?;
    let wanted = schedules.iter().filter(|schedule| schedule.spec.sync == sync_type.sync());
    let next = wanted
        .filter(|schedule| schedule.paused_at.is_none())
        .filter_map(|schedule| schedule.next_nominal_at)
        .min();
    Ok(Side { sync_type, active, last_good: last_good.map(|record| record.started_at), next })
}

async fn read(site: &Site, asked: &Asked) -> Result<Standing, Problem> {
    let reader = site.app.engine.read();
    let filter = TaskRecordFilter {
        sync_type: asked.sync_type,
        statuses: asked.status.into_iter().collect(),
        trigger: asked.trigger,
        unread: asked.unread,
    };
    let part = Page { offset: (asked.page - 1).saturating_mul(PAGE_SIZE), limit: PAGE_SIZE };
    let found = reader.task_records(&filter, part).await?;
    let mut sides = Vec::new();
    for sync_type in TaskSyncType::ALL {
        sides.push(side(site, *sync_type).await?);
    }
    let told = match asked.record {
        Some(id) => reader.task_record(id).await?,
        None => None,
    };
    let numbers = numbers(site).await?;
    let unread = reader.task_unread().await?;
    Ok(Standing { sides, told, numbers, records: found.rows, total: found.total, unread })
}

async fn numbers(site: &Site) -> Result<charts::Numbers, Problem> {
    let tasks = site.tasks(PATH)?;
    let stats = tasks.stats(DAYS, site.app.engine.now()).await?;
    let zone = &tasks.settings().zone;
    let days = stats.days.into_iter().map(|day| charts::Day {
        date: day.date,
        success: day.success,
        partial: day.partial,
        failed: day.failed,
        match_rate: day.match_rate,
    });
    let durations = stats.durations.into_iter().map(|one| charts::Duration {
        sync_type: one.sync_type,
        started: one.start_time.to_zoned_datetime(zone.clone()).strftime("%m-%d %H:%M").to_string(),
        seconds: one.duration,
    });
    Ok(charts::Numbers { days: days.collect(), durations: durations.collect() })
}

fn view<'a>(site: &'a Site, viewer: &Viewer, asked: &'a Asked) -> Result<View<'a>, Problem> {
    let zone = &site.tasks(PATH)?.settings().zone;
    Ok(View {
        scene: Scene { language: viewer.language, zone, now: site.app.engine.now() },
        words: words(viewer.language),
        asked,
    })
}

async fn page(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    Ok(shown(&site, &viewer, &Asked::read(&raw), None).await?.into_response())
}

/// The whole page, with words on top where something was not done.
async fn shown(site: &Site, viewer: &Viewer, asked: &Asked, alert: Option<&str>) -> Result<Markup, Problem> {
    let view = view(site, viewer, asked)?;
    let standing = read(site, asked).await?;
    let content = draw::content(&view, &standing, alert);
    let live = Some(format!("/tasks/live?{}&{}", viewer.query(), asked.query()));
    Ok(Frame { viewer, title: view.words.title, live, path: PATH }.around(&content))
}

async fn one_page(State(site): Shared, viewer: Viewer, Path(id): Path<i64>) -> Result<Response, Problem> {
    let asked = Asked::default();
    let view = view(&site, &viewer, &asked)?;
    let path = format!("/tasks/records/{id}");
    let record = site.app.engine.read().task_record(id).await?;
    let record = record.ok_or_else(|| Problem::NoRoute(path.clone()))?;
    let content = one::content(&view, &record);
    let title = format!("{} #{id}", view.words.record);
    let live = Some(format!("{path}/live?{}", viewer.query()));
    Ok(Frame { viewer: &viewer, title: &title, live, path: &path }.around(&content).into_response())
}

async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    site.tasks(PATH)?;
    let living = super::Living::Records(Living { viewer, asked: Asked::read(&raw) });
    Ok(live::fragments(site, pages::Living::Tasks(Box::new(living)))?.into_response())
}

async fn one_fragments(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    site.tasks(PATH)?;
    let living = super::Living::Record(LivingOne { viewer, id });
    Ok(live::fragments(site, pages::Living::Tasks(Box::new(living)))?.into_response())
}

/// The page of the records as it is open.
pub(crate) struct Living {
    pub(super) viewer: Viewer,
    asked: Asked,
}

impl Living {
    pub(super) fn shows(&self) -> String {
        format!("{} {}", self.asked.address(), self.viewer.query())
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

/// The page of a record as it is open.
pub(crate) struct LivingOne {
    pub(super) viewer: Viewer,
    id: i64,
}

impl LivingOne {
    pub(super) fn shows(&self) -> String {
        format!("/tasks/records/{} {}", self.id, self.viewer.query())
    }

    /// The parts that change. What could not be read is left as it is on the page.
    pub(super) async fn fragments(&self, site: &Site) -> Vec<(&'static str, String)> {
        let record = site.app.engine.read().task_record(self.id).await;
        let asked = Asked::default();
        match (record, view(site, &self.viewer, &asked)) {
            (Ok(Some(record)), Ok(view)) => one::fragments(&view, &record),
            _ => Vec::new(),
        }
    }
}
