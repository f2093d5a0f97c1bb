//! The page's forms. Each asks the system or the engine as its routes do, and leads back to the page.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine::Engine;
use model::id::RunId;
use serde::Deserialize;
use systems::stocks::{How, Start, StartError, Stocks, parse_date};

use super::asked::{Asked, RawAsked};
use super::words::words;
use super::{shown, stocks};
use crate::app::{Shared, Site};
use crate::components::run::Verb;
use crate::extract::{self, Button, Form, Path};
use crate::once::Once;
use crate::pages::run;
use crate::problem::Problem;
use crate::viewer::Viewer;

type Query = extract::Asked<RawAsked>;
type Answer = Result<Response, Problem>;

/// The page a form was sent from.
struct Place<'a> {
    site: &'a Site,
    viewer: &'a Viewer,
    asked: Asked,
}

impl Place<'_> {
    fn back(&self, change: impl FnOnce(&mut Asked)) -> Response {
        Redirect::to(&self.asked.but(change)).into_response()
    }

    /// The page with these words on top.
    async fn again(self, status: StatusCode, alert: &str) -> Answer {
        Ok((status, shown(self.site, self.viewer, self.asked, Some(alert)).await?).into_response())
    }

    async fn started(self, start: Result<Start, StartError>) -> Answer {
        let w = words(self.viewer.language);
        match start {
            Ok(Start::Run(run)) => Ok(self.back(|asked| {
                asked.task = Some(run.id.0);
                (asked.start_date, asked.end_date) = (None, None);
            })),
            Ok(Start::Busy(_)) => self.again(StatusCode::CONFLICT, &(w.refused)(w.busy)).await,
            Ok(Start::Nothing(words)) => self.again(StatusCode::OK, &format!("ℹ️ {words}")).await,
            Ok(Start::Refused { message, .. }) => {
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

fn place<'a>(site: &'a Site, viewer: &'a Viewer, raw: RawAsked) -> Place<'a> {
    Place { site, viewer, asked: Asked::read(raw).0 }
}

/// The engine, asked once for each form.
fn wish(site: &Site, once: &Once) -> Engine {
    site.app.engine.once(once.key())
}

/// A range to be synced, as it was written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BatchForm {
    start_date: String,
    end_date: String,
}

pub(super) async fn batch(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    Form(form, once): Form<BatchForm>,
) -> Answer {
    let mut place = place(&site, &viewer, raw);
    let dates = (parse_date(&form.start_date), parse_date(&form.end_date));
    (place.asked.start_date, place.asked.end_date) = dates;
    let w = words(viewer.language);
    if form.start_date.is_empty() || form.end_date.is_empty() {
        return place.again(StatusCode::UNPROCESSABLE_ENTITY, &format!("⚠️ {}", w.no_dates)).await;
    }
    if matches!(dates, (Some(first), Some(last)) if first > last) {
        return place.again(StatusCode::UNPROCESSABLE_ENTITY, &format!("⚠️ {}", w.backwards)).await;
    }
    let bounds = (form.start_date.as_str(), form.end_date.as_str());
    let start = stocks(&site)?.start_batch(&wish(&site, &once), bounds, How::default()).await;
    place.started(start).await
}

pub(super) async fn today(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    Form(Button {}, once): Form<Button>,
) -> Answer {
    let today = Stocks::today(site.app.engine.now());
    let start = stocks(&site)?.start_day(&wish(&site, &once), today, &today.to_string()).await;
    place(&site, &viewer, raw).started(start).await
}

/// Which day's failures.
#[derive(Debug, Deserialize)]
pub(super) struct RetryForm {
    date: String,
}

pub(super) async fn retry(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    Form(form, once): Form<RetryForm>,
) -> Answer {
    let place = place(&site, &viewer, raw);
    let Some(date) = parse_date(&form.date) else {
        let words = (words(viewer.language).refused)(words(viewer.language).bad_date);
        return place.again(StatusCode::BAD_REQUEST, &words).await;
    };
    let start = stocks(&site)?.start_retry(&wish(&site, &once), Some(date), Some(date)).await;
    place.started(start).await
}

/// What the panel's buttons ask of a run.
pub(super) async fn control(
    State(site): Shared,
    viewer: Viewer,
    Path((id, verb)): Path<(i64, Verb)>,
    extract::Asked(raw): Query,
    Form(Button {}, once): Form<Button>,
) -> Answer {
    let place = place(&site, &viewer, raw);
    match run::ask(&site, RunId(id), verb, &once).await {
        Ok(_) => Ok(place.back(|_| ())),
        Err(problem) => place.failed(&problem).await,
    }
}
