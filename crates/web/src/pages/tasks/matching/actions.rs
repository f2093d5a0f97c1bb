//! The forms of the page. Each asks the system as the route of the API does, and says what became of each task.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::task::MatchOrigin;
use systems::tasks::{Change, MatchError, PackageKey};

use super::asked::{Asked, Chosen, Fields, RawAsked, Verb, all};
use super::words::words;
use super::{Choice, PATH, Told, shown};
use crate::app::{Shared, Site};
use crate::extract::{self, Form};
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

/// Matches, idles or takes back what was chosen; for a match a package is to be chosen first.
pub(super) async fn act(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    Form(fields, _): Form<Fields>,
) -> Answer {
    let place = Place { site: &site, viewer, asked: Asked::read(&raw) };
    let tasks = site.tasks(PATH)?;
    let chosen = Chosen::read(&fields)?;
    let ids = tasks.chosen(chosen.tasks, &chosen.groups).await?;
    if ids.is_empty() {
        let why = words(place.viewer.language).none_chosen;
        return place.refused(why).await;
    }
    let now = site.app.engine.now();
    let done = match chosen.verb {
        Verb::Match => return place.choose(Choosing { ids, ..Choosing::default() }).await,
        Verb::Idle => tasks.idle(ids, now).await,
        Verb::Rematch => {
            let by = if chosen.auto { MatchOrigin::Auto } else { MatchOrigin::Manual };
            tasks.rematch(ids, by, now).await
        }
    };
    place.told(done).await
}

/// Matches tasks to the package that was chosen in the dialog.
pub(super) async fn bind(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(raw): Query,
    Form(fields, _): Form<Fields>,
) -> Answer {
    let place = Place { site: &site, viewer, asked: Asked::read(&raw) };
    let ids = all(&fields, "task");
    let other = all(&fields, "other").first().map(|text| text.trim().to_owned()).unwrap_or_default();
    let offered = all(&fields, "package").first().and_then(|id| id.parse().ok());
    // What is written counts more than what was chosen for them.
    let package = match offered {
        _ if !other.is_empty() => Some(PackageKey::External(other.clone())),
        offered => offered.map(PackageKey::Id),
    };
    let again = Choosing { ids: ids.clone(), other, refused: true };
    let Some(package) = package else { return place.choose(again).await };
    match site.tasks(PATH)?.bind(ids, package, site.app.engine.now()).await {
        Err(MatchError::NoPackage) => place.choose(again).await,
        done => place.told(done).await,
    }
}

/// What the dialog is about.
#[derive(Default)]
struct Choosing {
    ids: Vec<String>,
    other: String,
    /// No package was chosen, or one that is not there.
    refused: bool,
}

impl Place<'_> {
    /// The page with the dialog open.
    async fn choose(self, choosing: Choosing) -> Answer {
        let offer = self.site.tasks(PATH)?.offer(&choosing.ids).await?;
        let choice = Choice {
            tasks: choosing.ids,
            recommends: offer.recommends,
            candidates: offer.candidates,
            packages: offer.packages,
            other: choosing.other,
            refused: choosing.refused.then(|| words(self.viewer.language).no_package),
        };
        let status = if choosing.refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        self.page(status, &Told::Choosing(Box::new(choice))).await
    }

    async fn told(self, done: Result<Change, MatchError>) -> Answer {
        match done {
            Ok(change) => self.page(StatusCode::OK, &Told::Done(change)).await,
            Err(error) => {
                let why = Problem::from(error).body(self.viewer.language).detail;
                self.refused(&why).await
            }
        }
    }

    async fn refused(self, why: &str) -> Answer {
        self.page(StatusCode::UNPROCESSABLE_ENTITY, &Told::Refused(why.to_owned())).await
    }

    async fn page(self, status: StatusCode, told: &Told) -> Answer {
        Ok((status, shown(self.site, &self.viewer, &self.asked, told).await?).into_response())
    }
}
