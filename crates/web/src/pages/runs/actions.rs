//! The page's form: one verb for the runs that were chosen, one after the other. It does what the API routes do, and
//! says of each what became of it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::id::RunId;

use super::asked::{Asked, RawAsked};
use super::{Told, shown};
use crate::app::{Shared, Site};
use crate::components::run::Verb;
use crate::extract::{self, Form};
use crate::once::{Led, PageKey};
use crate::pages::run::ask;
use crate::problem::Problem;
use crate::viewer::Viewer;

/// Runs in one form: more than a page shows.
const CHOSEN_MAX: usize = 200;

/// What became of the chosen runs.
pub(super) struct Done {
    pub(super) verb: Verb,
    /// Each with the run to look at: itself, or the one a retry made.
    pub(super) done: Vec<(RunId, Led)>,
    pub(super) refused: Vec<(RunId, Problem)>,
}

impl Done {
    /// Something was done, or why nothing was.
    pub(super) fn status(&self) -> StatusCode {
        match (&self.done[..], &self.refused[..]) {
            ([], [(_, problem), ..]) => problem.status(),
            _ => StatusCode::OK,
        }
    }
}

/// The form's fields as they come: `run` as often as one was chosen.
type Fields = Vec<(String, String)>;

/// The verb, the runs, and the key of the page they were chosen on.
struct Chosen {
    verb: Verb,
    runs: Vec<RunId>,
    key: Option<PageKey>,
}

fn chosen(fields: &Fields) -> Result<Chosen, Problem> {
    let of = |name: &'static str| fields.iter().filter(move |(field, _)| field == name).map(|(_, text)| text);
    let verb = of("verb").next().and_then(|word| Verb::from_word(word));
    let verb = verb.ok_or_else(|| Problem::Body("verb: cancel, pause, resume or retry".to_owned()))?;
    let number = |text: &String| text.parse().map(RunId).map_err(|_| Problem::Body(format!("run={text}")));
    let mut runs = of("run").map(number).collect::<Result<Vec<_>, _>>()?;
    runs.sort_unstable();
    runs.dedup();
    if runs.len() > CHOSEN_MAX {
        return Err(Problem::Body(format!("run: at most {CHOSEN_MAX} at once")));
    }
    let key = of("key").next().cloned().map(PageKey::try_from).transpose().map_err(Problem::Body)?;
    Ok(Chosen { verb, runs, key })
}

/// Asks the verb of each, oldest first.
async fn all(site: &Site, chosen: &Chosen) -> Done {
    let mut done = Done { verb: chosen.verb, done: Vec::new(), refused: Vec::new() };
    for &run in &chosen.runs {
        match ask(site, run, chosen.verb, chosen.key.as_ref()).await {
            Ok(led) => done.done.push((run, led)),
            Err(problem) => done.refused.push((run, problem)),
        }
    }
    done
}

pub(super) async fn bulk(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
    Form(fields): Form<Fields>,
) -> Response {
    let (asked, _) = Asked::read(&raw);
    match chosen(&fields) {
        Ok(chosen) => {
            let done = all(&site, &chosen).await;
            shown(&site, &viewer, &asked, Told::Done(&done)).await
        }
        Err(problem) => shown(&site, &viewer, &asked, Told::Refused(&problem)).await,
    }
}
