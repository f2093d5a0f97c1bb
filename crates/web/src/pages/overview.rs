//! The front page: what is running, what ended, what comes next, and whether the house stands.

use std::time::{Duration, Instant};

use engine::{EndedRuns, RunFilter};
use futures_util::future::try_join_all;
use maud::{Markup, html};
use model::id::SyncKey;
use model::partition::Partition;
use model::run::Run;
use model::schedule::Schedule;
use model::state::RunState;

use crate::api::standing::ping;
use crate::app::{Range, Site};
use crate::components::layout::Frame;
use crate::components::notice::notice;
use crate::components::{Scene, active, health, history, recent, schedules};
use crate::problem::Problem;
use crate::viewer::Viewer;

/// Active runs shown; more than a person can follow are in the API.
const ACTIVE_SHOWN: u32 = 8;

/// Ended runs shown.
const ENDED_SHOWN: u32 = 20;

/// Schedules shown, soonest first.
const SCHEDULES_SHOWN: u32 = 8;

/// What the page shows, as read at one moment.
pub(crate) struct Standing {
    /// Runs that have not ended, each with the partition now being done.
    pub(crate) active: Vec<(Run, Option<Partition>)>,
    /// Runs that ended, newest first.
    pub(crate) ended: Vec<Run>,
    /// How the runs of the last days ended.
    pub(crate) history: Vec<EndedRuns>,
    /// Ended runs nobody acknowledged.
    pub(crate) unread: i64,
    /// The next ones, soonest first; paused ones last.
    pub(crate) schedules: Vec<Schedule>,
    /// Every sync with its newest ended run, where that is among the ones shown.
    pub(crate) syncs: Vec<(SyncKey, Option<Run>)>,
    /// How long the database took to answer.
    pub(crate) answered: Duration,
}

/// The whole page, with a problem on top when something was asked and not done.
pub(crate) async fn page(site: &Site, viewer: &Viewer, problem: Option<&Problem>) -> Markup {
    let scene = viewer.scene(site.app.engine.now());
    let standing = read(site, &scene).await;
    let content = content(&scene, &standing, &site.ranges, problem);
    let live = Some(format!("/live?{}", viewer.query()));
    Frame { viewer, title: viewer.language.messages().overview, live, path: "/" }.around(&content)
}

/// The parts of the page that change, by their ids. What could not be read is left as it is on the page.
pub(crate) async fn fragments(site: &Site, viewer: &Viewer) -> Vec<(&'static str, String)> {
    let scene = viewer.scene(site.app.engine.now());
    let standing = read(site, &scene).await;
    let health = health::section(&scene, standing.as_ref().ok()).into_string();
    let Ok(standing) = standing else { return vec![("health", health)] };
    vec![
        ("health", health),
        ("active", active::section(&scene, &standing).into_string()),
        ("recent", recent::section(&scene, &standing).into_string()),
        ("schedules", schedules::section(&scene, &standing).into_string()),
        ("history", history::section(&scene, &standing.history).into_string()),
    ]
}

async fn read(site: &Site, scene: &Scene<'_>) -> Result<Standing, Problem> {
    let began = Instant::now();
    ping(site).await?;
    let answered = began.elapsed();
    let read = site.app.engine.read();
    let (ends, lives): (Vec<_>, Vec<_>) = RunState::ALL.iter().copied().partition(|state| state.is_end());
    let active = RunFilter { states: lives, limit: ACTIVE_SHOWN, ..Default::default() };
    let ended = RunFilter { states: ends, limit: ENDED_SHOWN, ..Default::default() };
    let (active, ended, history, unread, schedules) = tokio::try_join!(
        read.runs(&active),
        read.runs(&ended),
        read.runs_ended(history::since(scene)),
        read.unread(None),
        read.upcoming_schedules(SCHEDULES_SHOWN)
    )?;
    let current = try_join_all(active.iter().map(|run| read.current_partition(run.id))).await?;
    let newest = |key: &SyncKey| ended.iter().find(|run| run.sync == *key).cloned();
    let syncs = site.app.engine.systems().iter().flat_map(|system| system.syncs());
    let syncs = syncs.map(|sync| (sync.key.clone(), newest(&sync.key))).collect();
    let active = active.into_iter().zip(current).collect();
    Ok(Standing { active, ended, history, unread, schedules, syncs, answered })
}

fn content(
    scene: &Scene<'_>,
    standing: &Result<Standing, Problem>,
    ranges: &[Range],
    problem: Option<&Problem>,
) -> Markup {
    html! {
        (notice(problem.or(standing.as_ref().err()), scene.language))
        (health::section(scene, standing.as_ref().ok()))
        @if let Ok(standing) = standing {
            (active::section(scene, standing))
            div.columns {
                (recent::section(scene, standing))
                div {
                    @for range in ranges { (start_form(scene, range.sync.as_str())) }
                    (schedules::section(scene, standing))
                    (history::section(scene, &standing.history))
                }
            }
        }
    }
}

fn start_form(scene: &Scene<'_>, sync: &str) -> Markup {
    let m = scene.language.messages();
    html! {
        section.card {
            h2 { (m.start_run) " " code { (sync) } }
            form.start method="post" action="/runs" {
                input type="hidden" name="sync" value=(sync);
                label { (m.from) input type="date" name="from" required; }
                label { (m.to) input type="date" name="to" required; }
                button.main { (m.start) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
