//! The front page: what is running, what ended, what comes next, and whether the house stands.

use std::time::{Duration, Instant};

use engine::RunFilter;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use maud::{Markup, html};
use model::partition::Partition;
use model::run::Run;
use model::schedule::Schedule;
use model::state::RunState;

use crate::api::standing::ping;
use crate::app::Site;
use crate::components::layout::Frame;
use crate::components::{active, recent, schedules};
use crate::i18n::Language;
use crate::problem::Problem;

/// Active runs shown; more than a person can follow are in the API.
const ACTIVE_SHOWN: u32 = 8;

/// Ended runs shown.
const ENDED_SHOWN: u32 = 20;

/// Schedules shown, soonest first.
const SCHEDULES_SHOWN: usize = 8;

/// What the page shows, as read at one moment.
pub(crate) struct Standing {
    /// Runs that have not ended, each with the partition now being done.
    pub(crate) active: Vec<(Run, Option<Partition>)>,
    /// Runs that ended, newest first.
    pub(crate) ended: Vec<Run>,
    /// Ended runs nobody acknowledged.
    pub(crate) unread: i64,
    /// The next ones, soonest first; paused ones last.
    pub(crate) schedules: Vec<Schedule>,
    /// When.
    pub(crate) now: Timestamp,
}

/// The whole page, with a problem on top when something was asked and not done.
pub(crate) async fn page(site: &Site, language: Language, problem: Option<&Problem>) -> Markup {
    let m = language.messages();
    let (answered, standing) = look(site).await;
    let failure = standing.as_ref().err();
    let content = html! {
        (notice(problem.or(failure), language))
        (health(site, language, answered, standing.as_ref().ok()))
        @if let Ok(standing) = &standing {
            (active::section(site, language, standing))
            div.columns {
                (recent::section(site, language, standing))
                div {
                    @for sync in &site.ranges { (start_form(sync.as_str(), language)) }
                    (schedules::section(site, language, standing))
                }
            }
        }
    };
    let live = Some(format!("/live?lang={}", language.tag()));
    Frame { language, title: m.overview, live, path: "/" }.around(&content)
}

/// The parts of the page that change, by their ids. What could not be read is left as it is on the page.
pub(crate) async fn fragments(site: &Site, language: Language) -> Vec<(&'static str, String)> {
    let (answered, standing) = look(site).await;
    let health = health(site, language, answered, standing.as_ref().ok()).into_string();
    let Ok(standing) = standing else { return vec![("health", health)] };
    vec![
        ("health", health),
        ("active", active::section(site, language, &standing).into_string()),
        ("recent", recent::section(site, language, &standing).into_string()),
        ("schedules", schedules::section(site, language, &standing).into_string()),
    ]
}

/// Reads what the page shows, and how long the database took to answer.
async fn look(site: &Site) -> (Option<Duration>, Result<Standing, Problem>) {
    let began = Instant::now();
    if let Err(problem) = ping(site).await {
        return (None, Err(problem));
    }
    (Some(began.elapsed()), read(site).await)
}

async fn read(site: &Site) -> Result<Standing, Problem> {
    let read = site.app.engine.read();
    let (ends, lives): (Vec<_>, Vec<_>) = RunState::ALL.iter().copied().partition(|state| state.is_end());
    let active = RunFilter { states: lives, limit: ACTIVE_SHOWN, ..Default::default() };
    let ended = RunFilter { states: ends, limit: ENDED_SHOWN, ..Default::default() };
    let (active, ended, unread, mut schedules) =
        tokio::try_join!(read.runs(&active), read.runs(&ended), read.unread(None), read.schedules())?;
    let current = try_join_all(active.iter().map(|run| read.current_partition(run.id))).await?;
    schedules.sort_by_key(|schedule| {
        let at = schedule.next_nominal_at.filter(|_| schedule.paused_at.is_none());
        (at.is_none(), at, schedule.spec.name.clone())
    });
    schedules.truncate(SCHEDULES_SHOWN);
    let active = active.into_iter().zip(current).collect();
    Ok(Standing { active, ended, unread, schedules, now: site.app.engine.now() })
}

/// What went wrong, in words.
fn notice(problem: Option<&Problem>, language: Language) -> Markup {
    html! {
        div #notice data-fragment role="alert" {
            @if let Some(problem) = problem {
                @let body = problem.body(language);
                p.notice { strong { (body.title) } " " span { (body.detail) } }
            }
        }
    }
}

fn health(
    site: &Site,
    language: Language,
    answered: Option<Duration>,
    standing: Option<&Standing>,
) -> Markup {
    let m = language.messages();
    let zone = site.app.time_zone.iana_name().unwrap_or("UTC");
    // Steps of the shown time, so that the line does not flicker.
    let shown = |took: Duration| took.as_millis().div_ceil(5).max(1) * 5;
    html! {
        section #health data-fragment .health aria-label=(m.health) {
            span data-state=(if answered.is_some() { "succeeded" } else { "failed" }) .dot {
                (m.database) " "
                @match answered { Some(took) => ((m.answers)(shown(took))), None => strong { (m.does_not_answer) } }
            }
            @if let Some(standing) = standing {
                @if standing.unread > 0 {
                    form.unread method="post" action="/runs/mark-read" {
                        span.dot data-state="partial" { ((m.unread)(standing.unread)) }
                        @if let Some(newest) = standing.ended.iter().map(|run| run.id).max() {
                            input type="hidden" name="up_to" value=(newest);
                            button #mark-read { (m.mark_all_read) }
                        }
                    }
                } @else {
                    span.dot data-state="succeeded" { (m.nothing_unread) }
                }
            }
            span.zone { ((m.time_in)(zone)) }
        }
    }
}

fn start_form(sync: &str, language: Language) -> Markup {
    let m = language.messages();
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
