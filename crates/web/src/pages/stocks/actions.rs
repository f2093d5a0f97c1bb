//! The page's forms. Each asks the system or the engine as its routes do, and leads back to the page.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::id::RunId;
use serde::Deserialize;
use systems::stocks::{Asking, How, Start, StartError, Stocks, parse_date};

use super::asked::{Asked, RawAsked};
use super::words::words;
use super::{shown, stocks};
use crate::app::{Shared, Site};
use crate::components::run::Verb;
use crate::extract::{self, Form, Path};
use crate::once::{Keyed, PageKey};
use crate::pages::run;
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
    fn back(&self, change: impl FnOnce(&mut Asked)) -> Response {
        (StatusCode::SEE_OTHER, [(header::LOCATION, self.asked.but(change))]).into_response()
    }

    /// The page with these words on top.
    async fn again(self, status: StatusCode, alert: &str) -> Answer {
        Ok((status, shown(self.site, &self.viewer, self.asked, Some(alert)).await?).into_response())
    }

    async fn started(mut self, start: Result<Start, StartError>) -> Answer {
        let w = words(self.viewer.language);
        match start {
            Ok(Start::Known(run)) => {
                self.asked.task = Some(run.id.0);
                self.again(StatusCode::OK, &(w.sent_twice)(run.id.0)).await
            }
            Ok(Start::Run(run)) => Ok(self.back(|asked| {
                asked.task = Some(run.id.0);
                (asked.start_date, asked.end_date) = (None, None);
            })),
            Ok(Start::Busy(_)) => self.again(StatusCode::CONFLICT, &(w.refused)(w.busy)).await,
            Ok(Start::Nothing(words)) => self.again(StatusCode::OK, &format!("ℹ️ {words}")).await,
            Ok(Start::Refused(message)) => {
                let message = if message.is_empty() { w.unknown_error } else { &message };
                self.again(StatusCode::UNPROCESSABLE_ENTITY, &(w.refused)(message)).await
            }
            Err(error) => self.failed(&error.into()).await,
        }
    }

    async fn failed(self, problem: &Problem) -> Answer {
        let body = problem.body(self.viewer.language);
        let words = (words(self.viewer.language).refused)(&format!("{} {}", body.title, body.detail));
        self.again(problem.status(), &words).await
    }
}

fn place(site: &Site, viewer: Viewer, raw: RawAsked) -> Place<'_> {
    Place { site, viewer, asked: Asked::read(raw).0 }
}

fn keyed(key: Option<&PageKey>, wish: &str) -> Result<Option<String>, Problem> {
    key.map(|key| key.for_wish(wish)).transpose()
}

fn asking<'a>(site: &'a Site, key: Option<&'a str>) -> Asking<'a> {
    Asking { engine: &site.app.engine, key }
}

/// A range to be synced, as it was written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BatchForm {
    start_date: String,
    end_date: String,
    key: Option<PageKey>,
}

pub(super) async fn batch(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    Form(form): Form<BatchForm>,
) -> Answer {
    let language = viewer.language;
    let mut place = place(&site, viewer.again(form.key.clone()), raw);
    let dates = (parse_date(&form.start_date), parse_date(&form.end_date));
    (place.asked.start_date, place.asked.end_date) = dates;
    let w = words(language);
    if form.start_date.is_empty() || form.end_date.is_empty() {
        return place.again(StatusCode::UNPROCESSABLE_ENTITY, &format!("⚠️ {}", w.no_dates)).await;
    }
    if matches!(dates, (Some(first), Some(last)) if first > last) {
        return place.again(StatusCode::UNPROCESSABLE_ENTITY, &format!("⚠️ {}", w.backwards)).await;
    }
    let bounds = (form.start_date.as_str(), form.end_date.as_str());
    let key = keyed(form.key.as_ref(), &format!("batch/{}/{}", bounds.0, bounds.1))?;
    let start = stocks(&site)?.start_batch(asking(&site, key.as_deref()), bounds, How::default()).await;
    place.started(start).await
}

pub(super) async fn today(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    Form(form): Form<Keyed>,
) -> Answer {
    let today = Stocks::today(site.app.engine.now());
    let key = keyed(form.key.as_ref(), &format!("day/{today}"))?;
    let start = stocks(&site)?.start_day(asking(&site, key.as_deref()), today, &today.to_string()).await;
    place(&site, viewer.again(form.key), raw).started(start).await
}

/// Which day's failures.
#[derive(Debug, Deserialize)]
pub(super) struct RetryForm {
    date: String,
    key: Option<PageKey>,
}

pub(super) async fn retry(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    Form(form): Form<RetryForm>,
) -> Answer {
    let language = viewer.language;
    let place = place(&site, viewer.again(form.key.clone()), raw);
    let Some(date) = parse_date(&form.date) else {
        let words = (words(language).refused)(words(language).bad_date);
        return place.again(StatusCode::BAD_REQUEST, &words).await;
    };
    let key = keyed(form.key.as_ref(), &format!("failed/{date}"))?;
    let start = stocks(&site)?.start_retry(asking(&site, key.as_deref()), date).await;
    place.started(start).await
}

/// What the panel's buttons ask of a run.
pub(super) async fn control(
    State(site): Shared,
    viewer: Viewer,
    Path((id, verb)): Path<(i64, Verb)>,
    extract::Asked(raw): Query,
    Form(form): Form<Keyed>,
) -> Answer {
    let done = run::ask(&site, RunId(id), verb, form.key.as_ref()).await;
    let place = place(&site, viewer.again(form.key), raw);
    match done {
        Ok(_) => Ok(place.back(|_| ())),
        Err(problem) => place.failed(&problem).await,
    }
}
