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
use crate::once::Once;
use crate::pages::run::ask;
use crate::problem::Problem;
use crate::viewer::Viewer;

/// Runs in one form: more than a page shows.
const CHOSEN_MAX: usize = 200;

/// What became of the chosen runs.
pub(super) struct Done {
    pub(super) verb: Verb,
    /// Each with the run to look at: itself, or the one a retry made.
    pub(super) done: Vec<(RunId, RunId)>,
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

fn chosen(fields: &Fields) -> Result<(Verb, Vec<RunId>), Problem> {
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
    Ok((verb, runs))
}

/// Asks the verb of each, oldest first.
async fn all(site: &Site, verb: Verb, runs: Vec<RunId>, once: &Once) -> Done {
    let mut done = Done { verb, done: Vec::new(), refused: Vec::new() };
    for run in runs {
        match ask(site, run, verb, &once.for_run(run)).await {
            Ok(led) => done.done.push((run, led.run())),
            Err(problem) => done.refused.push((run, problem)),
        }
    }
    done
}

pub(super) async fn bulk(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): extract::Asked<RawAsked>,
    Form(fields, once): Form<Fields>,
) -> Response {
    let (asked, _) = Asked::read(&raw);
    match chosen(&fields) {
        Ok((verb, runs)) => {
            let done = all(&site, verb, runs, &once).await;
            shown(&site, &viewer, &asked, Told::Done(&done)).await
        }
        Err(problem) => shown(&site, &viewer, &asked, Told::Refused(&problem)).await,
    }
}
