//! What the server is made of, and the one router of it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use engine::{Engine, StoreError};
use jiff::tz::TimeZone;
use model::id::SyncKey;
use model::limits;
use systems::files::Files;
use systems::stocks::Stocks;
use systems::tasks::Tasks;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::guard::Door;
use crate::live::Canvases;
use crate::metrics::Metrics;
use crate::origins::Origins;
use crate::problem::Problem;
use crate::settings::Setting;
use crate::{api, assets, docs, guard, pages};

/// Everything the server is made of.
pub struct App {
    /// The engine all verbs go to.
    pub engine: Engine,
    /// Where the synced rows are; `None` when this server shows none.
    pub destination: Option<connect::tables::Destination>,
    /// The stocks system, for its page and its native routes; `None` when it is not here.
    pub stocks: Option<Arc<Stocks>>,
    /// The races system, for its pages; `None` when it is not here.
    pub races: Option<Arc<systems::races::Races>>,
    /// The tasks system, for its pages and its native routes; `None` when it is not here.
    pub tasks: Option<Arc<Tasks>>,
    /// The files system, for its pages and its native routes; `None` when it is not here.
    pub files: Option<Arc<Files>>,
    /// The documented routes of each system, ready made.
    pub systems: Vec<SystemRoutes>,
    /// Pages of other servers that may ask the API.
    pub origins: Origins,
    /// What runs here.
    pub version: Version,
    /// Where the program's numbers are kept.
    pub metrics: Metrics,
    /// The values it runs with, in the order they are shown.
    pub settings: Vec<Setting>,
    /// The server's own zone: the console's, for those whose zone is not known.
    pub time_zone: TimeZone,
    /// Where the keys of pages come from.
    pub rng: fastrand::Rng,
    /// Ends live streams when the server goes down.
    pub shutdown: CancellationToken,
}

/// The documented routes of one system.
pub struct SystemRoutes {
    /// Its routes, with their own answers for unknown paths and wrong methods under their prefix.
    pub router: Router,
    /// In whose name they may be asked.
    pub hosts: Hosts,
    /// How they answer what the server refuses before, or in place of, them.
    pub refusal: Refusal,
    /// What they are, for the API's document; empty when documented elsewhere.
    pub document: utoipa::openapi::OpenApi,
    /// Its syncs that take a range of dates, for the console's form.
    pub ranges: Vec<Range>,
    /// Paths of it that answer when what they started has ended; how long that may take is theirs to say.
    pub slow: Vec<&'static str>,
}

/// What a request is answered with that a guard turned away, that took too long, or whose handler panicked: of its
/// headers, the status and the server's own words, in the form the routes' clients know.
pub type Refusal = fn(&HeaderMap, StatusCode, &str) -> Response;

/// In whose name routes may be asked. A browser that was led to this machine under another name says so; so does a
/// program that reaches it through a tunnel or a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// The loopback's alone: no page under another name reads or writes.
    Ours,
    /// Any, where a contract says so: such a page reads, and does not write.
    Any,
}

/// A sync whose parameters are `start_date` and `end_date`.
#[derive(Clone, Debug)]
pub struct Range {
    /// Which sync.
    pub sync: SyncKey,
    /// The system's word for such a request, kept on the run.
    pub label: &'static str,
}

/// What runs here.
#[derive(Clone, Debug)]
pub struct Version {
    /// The package's version.
    pub version: &'static str,
    /// The commit it was built from, when known.
    pub commit: Option<&'static str>,
}

/// Live connections at once: each holds a socket and reads the feed; a browser page holds one.
const STREAMS_MAX: usize = 256;

/// The app with what the doors themselves keep.
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) canvases: Canvases,
    pub(crate) document: utoipa::openapi::OpenApi,
    pub(crate) ranges: Vec<Range>,
    pub(crate) rng: Mutex<fastrand::Rng>,
    pub(crate) slow: Vec<&'static str>,
}

impl Site {
    /// The stocks system; where it is not, there is nothing at `address`.
    pub(crate) fn stocks(&self, address: &str) -> Result<&Stocks, Problem> {
        self.app.stocks.as_deref().ok_or_else(|| Problem::NoRoute(address.to_owned()))
    }

    /// The tasks system; where it is not, there is nothing at `address`.
    pub(crate) fn tasks(&self, address: &str) -> Result<&Tasks, Problem> {
        self.app.tasks.as_deref().ok_or_else(|| Problem::NoRoute(address.to_owned()))
    }

    /// The files system; where it is not, there is nothing at `address`.
    pub(crate) fn files(&self, address: &str) -> Result<&Files, Problem> {
        self.app.files.as_deref().ok_or_else(|| Problem::NoRoute(address.to_owned()))
    }

    /// Records of the tasks system that ended and nobody has read.
    pub(crate) async fn unread(&self) -> Result<i64, StoreError> {
        self.app.engine.read().task_unread().await
    }
}

/// What handlers take.
pub(crate) type Shared = axum::extract::State<Arc<Site>>;

/// The whole server: native API, console, contract routes, behind one set of guards.
pub fn router(mut app: App) -> Router {
    let (mut document, mut ranges, mut slow) = (docs::openapi(), Vec::new(), Vec::new());
    let mut contracts = Vec::new();
    for system in app.systems.drain(..) {
        document.merge(system.document);
        ranges.extend(system.ranges);
        slow.extend(system.slow);
        contracts.push((system.router, system.hosts, system.refusal));
    }
    let origins = Arc::new(app.origins.clone());
    let streams = Arc::new(Semaphore::new(STREAMS_MAX));
    let rng = Mutex::new(app.rng.clone());
    let canvases = Canvases::default();
    let site = Arc::new(Site { app, streams, canvases, document, ranges, rng, slow });
    let guarded = |routes: Router, hosts| {
        let door = Door { hosts, origins: Arc::clone(&origins) };
        routes
            .layer(from_fn_with_state(door, guard::admit))
            .layer(from_fn_with_state(Arc::clone(&site), guard::in_time))
            .layer(CatchPanicLayer::custom(guard::caught))
    };
    let native = native().router.method_not_allowed_fallback(guard::wrong_method);
    let native = native.with_state(Arc::clone(&site)).fallback(guard::no_route);
    let all = contracts.into_iter().fold(guarded(native, Hosts::Ours), |all, (routes, hosts, refusal)| {
        all.merge(guarded(routes, hosts).layer(from_fn_with_state(refusal, guard::refuse_as_documented)))
    });
    all.layer(DefaultBodyLimit::max(limits::BODY_MAX)).layer(from_fn_with_state(site, guard::speak))
}

/// The routes of this room.
pub(crate) fn native() -> crate::routes::Routes {
    api::routes().and(docs::routes()).and(pages::routes()).and(assets::routes())
}
