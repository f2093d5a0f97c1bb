//! `syncline tasks …`, with the documented outputs in both languages and the documented exit codes: 1 for whatever
//! failed, 3 for what was done in part.

mod matching;
mod packages;
mod records;

use reqwest::Method;
use serde_json::Value;

use super::{Answer, Api};
use crate::arguments::{TasksArguments, TasksVerb};
use crate::config::Layers;
use crate::exit::{Exit, Failure};
use crate::words::both;

/// Does one of its verbs.
pub(crate) async fn run(layers: &Layers, asked: TasksArguments) -> Result<Exit, Failure> {
    let api = Api::of(layers, asked.client.reader())?;
    let done = match asked.verb {
        TasksVerb::Sync { days, at_once } => records::sync(&api, days, at_once).await,
        TasksVerb::Records { days, status, unread, page, per_page } => {
            records::list(&api, &records::Wanted { days, status, unread, page, per_page }).await
        }
        TasksVerb::Record { record } => records::show(&api, record).await,
        TasksVerb::Read { record, .. } => records::read(&api, record).await,
        TasksVerb::Status => records::status(&api).await,
        TasksVerb::Packages(verb) => packages::run(&api, verb).await,
        TasksVerb::List { state, q, page, per_page } => {
            matching::list(&api, &matching::Wanted { state, q, page, per_page }).await
        }
        TasksVerb::Match { package, tasks } => matching::bind(&api, &package, tasks).await,
        TasksVerb::Idle { tasks } => matching::idle(&api, tasks).await,
        TasksVerb::Rematch { auto, tasks } => matching::rematch(&api, auto, tasks).await,
    };
    // The contract knows one code for whatever failed, a server that does not answer among it.
    done.map_err(|failure| Failure {
        exit: if failure.exit == Exit::Usage { Exit::Usage } else { Exit::Failed },
        ..failure
    })
}

/// Asks; what is no success is a failure in the server's words. `None`: the answer was printed as it came.
async fn ask(api: &Api, method: Method, path: &str, body: Option<&Value>) -> Result<Option<Value>, Failure> {
    let answer = api.send(method, path, body).await?;
    let printed = api.printed(&answer);
    accepted(&answer)?;
    Ok((!printed).then_some(answer.body))
}

/// Whether the server did it; else what it said.
pub(crate) fn accepted(answer: &Answer) -> Result<(), Failure> {
    if answer.status.is_success() {
        return Ok(());
    }
    // Documented routes say it in `error`, native ones in `detail`.
    let said = ["error", "detail"].into_iter().find_map(|key| answer.body[key].as_str());
    Err(Failure::new(Exit::Failed, said.map_or_else(|| answer.status.to_string(), str::to_owned)))
}

/// A count of an answer.
fn count(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// The elements of an answer's list.
fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A time of a documented answer, `2025-10-24T10:00:15`, as the console writes it.
fn moment(value: &Value) -> String {
    value.as_str().map_or_else(|| "-".to_owned(), |text| text.replace('-', "/").replace('T', " "))
}

/// A number of seconds.
fn seconds(value: &Value) -> String {
    match value.as_i64() {
        Some(seconds) => both(format!("{seconds} s"), format!("{seconds} 秒")),
        None => "-".to_owned(),
    }
}
