//! The bed: everything a claim needs, started in a line and taken away at its end.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use connect::tables::Destination;
use engine::Engine;
use engine::loops::{self, Roles, Shutdown, Wall};
use engine::worker::WorkerSpec;
use http_body_util::BodyExt;
use serde_json::Value as Json;
use simulators::jolpica::{Options, Simulator, start};
use store::{Keep, Store};
use systems::races::{self, Config, Races};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tower::ServiceExt;

pub(crate) const ROOT: &str = "/api/v1/post-race-sync";

/// Which databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Sqlite,
    Postgres,
}

enum Place {
    Folder(TempDir),
    Database(Database),
}

/// A database of its own on the PostgreSQL of the tests, dropped with it.
struct Database {
    admin: String,
    name: String,
    url: String,
}

pub(crate) struct Bed {
    pub(crate) simulator: Simulator,
    router: Router,
    engine: Engine,
    shutdown: Shutdown,
    working: Option<JoinHandle<()>>,
    place: Place,
}

/// An answer: its status, its head, its text.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.status, self.text)
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

impl Bed {
    /// The day before the Austrian Grand Prix of 2025; nothing is stored, nothing at work.
    pub(crate) async fn idle(base: Base) -> Self {
        let place = match base {
            Base::Sqlite => Place::Folder(tempfile::tempdir().unwrap()),
            Base::Postgres => Place::Database(Database::new().await),
        };
        let (store, destination) = match &place {
            Place::Folder(folder) => (
                Store::sqlite(&folder.path().join("state.db")).await.unwrap(),
                Destination::sqlite(folder.path().join("data.db")).await.unwrap(),
            ),
            Place::Database(database) => (
                Store::postgres(&database.url).await.unwrap(),
                Destination::postgres(&database.url).await.unwrap(),
            ),
        };
        let simulator = start(Options::on_a_free_port()).await.unwrap();
        let config = Config { upstream_base_url: simulator.base_url(), ..Config::default() };
        let races = Arc::new(Races::new(config.check().unwrap(), destination, store.races()).unwrap());
        races.prepare().await.unwrap();
        let now = "2025-06-28T08:31:25.676021Z".parse().unwrap();
        let engine = Engine::new(store, vec![races.clone()], Arc::new(move || now));
        engine.register(engine.now()).await.unwrap();
        let router = races::contract_routes(engine.clone(), races);
        Self { simulator, router, engine, shutdown: Shutdown::default(), working: None, place }
    }

    /// The same with a worker.
    pub(crate) async fn start(base: Base) -> Self {
        let mut bed = Self::idle(base).await;
        let keep = Keep { runs: Duration::from_secs(86_400 * 30), events: Duration::from_secs(86_400) };
        let worker = WorkerSpec { holder: format!("test-{}", std::process::id()), slots: 4 };
        let roles = Roles { scheduler: Some(keep), worker: Some(worker) };
        let (engine, shutdown) = (bed.engine.clone(), bed.shutdown.clone());
        bed.working = Some(tokio::spawn(async move {
            let rng = fastrand::Rng::with_seed(1);
            // Databases that a claim takes away end it too.
            let _ = loops::run(engine, roles, Wall::default(), rng, shutdown).await;
        }));
        bed
    }

    /// From now on nobody works: runs stay queued.
    pub(crate) async fn rest(&mut self) {
        self.shutdown.graceful.cancel();
        self.working.take().unwrap().await.unwrap();
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: head.status.as_u16(), head: head.headers, text }
    }

    /// A request of any path, with a body of JSON where there is one.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |text| Body::from(text.to_owned()));
        self.send(request.body(body).unwrap()).await
    }

    /// A documented route.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        self.call(method, &format!("{ROOT}{path}"), body).await
    }

    /// A documented route that answers well.
    pub(crate) async fn json(&self, method: &str, path: &str) -> Json {
        let answer = self.ask(method, path, None).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
        answer.json()
    }

    /// Runs a statement past the engine.
    pub(crate) async fn outside(&self, sql: &str) {
        match &self.place {
            Place::Folder(folder) => {
                let path: PathBuf = folder.path().join("state.db");
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            Place::Database(database) => client(&database.url).await.batch_execute(sql).await.unwrap(),
        }
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.shutdown.graceful.cancel();
    }
}

impl Database {
    async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let admin = std::env::var("TEST_DATABASE_URL")
            .expect("TEST_DATABASE_URL names the PostgreSQL the tests use; `make test` starts one");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("routes_{}_{number}", std::process::id());
        client(&admin).await.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (server, options) = match admin.split_once('?') {
            Some((server, options)) => (server, format!("?{options}")),
            None => (admin.as_str(), String::new()),
        };
        let (server, _) = server.rsplit_once('/').unwrap();
        let url = format!("{server}/{name}{options}");
        Self { admin, name, url }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                client(&admin).await.batch_execute(&drop).await.unwrap();
            });
        });
        assert!(dropped.join().is_ok() || std::thread::panicking(), "the database could not be dropped");
    }
}

async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
