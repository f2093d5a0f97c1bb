//! The page of one run: where it stands, why partitions failed, its tries, its log, its partitions.
//!
//! What changes with every partition (the tries, the faults, the table) is read seldom while a run goes; the head and
//! the end of the log are read each time. After the end nothing is read any more.

mod actions;
mod asked;
mod draw;
mod log;
mod tries;
mod words;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use engine::{LogLine, PartitionFilter, Rows, RunFault, RunTry};
use jiff::{SignedDuration, Timestamp};
use maud::Markup;
use model::id::RunId;
use model::partition::Partition;
use model::run::Run;
use model::state::{PartitionState, RunState};

use crate::api::runs::find;
use crate::app::{Shared, Site};
use crate::components::layout::Frame;
use crate::components::trouble;
use crate::extract::{self, Path};
use crate::live;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
pub(crate) use actions::ask;
use asked::{Asked, RawAsked, Show};
use words::words;

/// Partitions on a page.
const PARTITIONS_SHOWN: u32 = 100;

/// Tries drawn: more than that are too narrow to be told apart.
const TRIES_SHOWN: u32 = 120;

/// Faults told, by their code.
const FAULTS_SHOWN: u32 = 8;

/// Lines of the log on a page.
const LINES_SHOWN: u32 = 200;

/// While a run goes, what looks at all its partitions is drawn this often at most.
const DETAILS_REST: SignedDuration = SignedDuration::from_secs(2);

/// The last lines of a log are written a moment after the run's end.
const LAST_LINES: SignedDuration = SignedDuration::from_secs(10);

/// Its routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/runs/{id}", page)
        .get("/runs/{id}/live", fragments)
        .post("/runs/{id}", actions::act)
}

/// Where the run stands.
struct Standing {
    run: Run,
    current: Option<Partition>,
    /// While all that is left waits for another try: the one that comes first.
    next_try: Option<Partition>,
}

/// What its partitions went through.
struct Details {
    faults: Vec<RunFault>,
    tries: Vec<RunTry>,
    /// Each with the rows it wrote.
    partitions: Vec<(Partition, Vec<Rows>)>,
}

/// A piece of its log, oldest first.
struct Lines {
    lines: Vec<LogLine>,
    /// There are older ones.
    older: bool,
}

async fn read(site: &Site, id: RunId) -> Result<Standing, Problem> {
    let run = find(site, id).await?;
    let reader = site.app.engine.read();
    let current = match run.state.is_end() {
        true => None,
        false => reader.current_partition(id).await?,
    };
    let next_try = match run.state {
        RunState::Waiting => reader.next_try(id).await?,
        _ => None,
    };
    Ok(Standing { run, current, next_try })
}

async fn details(site: &Site, run: &Run, asked: &Asked) -> Result<Details, Problem> {
    let id = run.id;
    let read = site.app.engine.read();
    let states = match asked.show {
        Show::All => Vec::new(),
        Show::Failed => vec![PartitionState::Failed, PartitionState::Quarantined],
    };
    let after = Some((asked.page - 1) * i64::from(PARTITIONS_SHOWN));
    let filter = PartitionFilter { states, after, limit: PARTITIONS_SHOWN };
    let (faults, tries, partitions) = tokio::try_join!(
        read.faults(id, FAULTS_SHOWN),
        read.tries(id, TRIES_SHOWN),
        read.partitions_failed_first(id, &filter)
    )?;
    let system = site.app.engine.systems().iter().find(|system| system.name() == run.sync.system());
    let rows = |of: &Partition| system.map(|system| system.rows(&run.sync, of)).unwrap_or_default();
    let partitions =
        partitions.into_iter().map(|one| (rows(&one), one)).map(|(rows, one)| (one, rows)).collect();
    Ok(Details { faults, tries, partitions })
}

async fn lines(site: &Site, id: RunId, asked: &Asked) -> Result<Lines, Problem> {
    let mut lines = site.app.engine.read().log_before(id, asked.before, LINES_SHOWN + 1).await?;
    let older = lines.len() > LINES_SHOWN as usize;
    if older {
        lines.remove(0);
    }
    Ok(Lines { lines, older })
}

/// A run's number in an address. Anything else is an address of nothing.
fn number(text: &str) -> Result<RunId, Problem> {
    text.parse().map(RunId).map_err(|_| Problem::NoRoute(format!("/runs/{text}")))
}

async fn page(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Response {
    let asked = Asked::read(&raw);
    match shown(&site, &viewer, (number(&id), &asked), None).await {
        Ok(page) => page.into_response(),
        Err(problem) => missing(&viewer, &problem),
    }
}

/// The whole page, with words on top where something was not done.
async fn shown(
    site: &Site,
    viewer: &Viewer,
    (id, asked): (Result<RunId, Problem>, &Asked),
    refused: Option<&Problem>,
) -> Result<Markup, Problem> {
    let id = id?;
    let standing = read(site, id).await?;
    let (details, lines) = tokio::try_join!(details(site, &standing.run, asked), lines(site, id, asked))?;
    let view = view(site, viewer, asked);
    let content = draw::content(&view, &standing, (&details, &lines), refused);
    let title = format!("#{id} {}", standing.run.sync);
    let path = format!("/runs/{id}");
    let live = Some(format!("{path}/live?{}&{}", viewer.query(), asked.query()));
    Ok(Frame { viewer, title: &title, live, path: &path }.around(&content))
}

/// Why there is no page, in the frame of one.
fn missing(viewer: &Viewer, problem: &Problem) -> Response {
    trouble::page(problem, viewer, ("/runs", words(viewer.language).back))
}

fn view<'a>(site: &Site, viewer: &'a Viewer, asked: &'a Asked) -> draw::View<'a> {
    draw::View { scene: viewer.scene(site.app.engine.now()), words: words(viewer.language), asked }
}

async fn fragments(
    State(site): Shared,
    viewer: Viewer,
    Path(id): Path<String>,
    extract::Asked(raw): extract::Asked<RawAsked>,
) -> Result<Response, Problem> {
    let id = find(&site, number(&id)?).await?.id;
    let living = Living { viewer, id, asked: Asked::read(&raw), drawn_at: None, over: Over::No };
    Ok(live::fragments(site, super::Living::Run(Box::new(living)))?.into_response())
}

/// Is there anything left to tell?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    No,
    Yes,
}

/// The page as one browser has it open.
pub(crate) struct Living {
    viewer: Viewer,
    id: RunId,
    asked: Asked,
    /// When the details were drawn last.
    drawn_at: Option<Timestamp>,
    over: Over,
}

impl Living {
    /// Who looks at it.
    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// What it shows, to whom.
    pub(crate) fn shows(&self) -> String {
        format!("/runs/{} {} {}", self.id, self.viewer.query(), self.asked.query())
    }

    /// The parts that change, by their ids. What could not be read is left as it is on the page.
    pub(crate) async fn fragments(&mut self, site: &Site) -> Vec<(&'static str, String)> {
        if self.over == Over::Yes {
            return Vec::new();
        }
        self.read(site).await.unwrap_or_default()
    }

    async fn read(&mut self, site: &Site) -> Result<Vec<(&'static str, String)>, Problem> {
        let standing = read(site, self.id).await?;
        let view = view(site, &self.viewer, &self.asked);
        let now = view.scene.now;
        let mut drawn = vec![("run-head", draw::head(&view, &standing).into_string())];
        if self.asked.before.is_none() {
            let lines = lines(site, self.id, &self.asked).await?;
            drawn.push(("run-log", log::lines(&view, &lines).into_string()));
        }
        let due = self.drawn_at.is_none_or(|at| now.duration_since(at) >= DETAILS_REST);
        if due || standing.run.state.is_end() {
            let details = details(site, &standing.run, &self.asked).await?;
            drawn.extend(draw::details(&view, &standing.run, &details));
            self.drawn_at = Some(now);
        }
        if standing.run.ended_at.is_some_and(|ended| now.duration_since(ended) >= LAST_LINES) {
            self.over = Over::Yes;
        }
        Ok(drawn)
    }
}

#[cfg(test)]
mod tests;
