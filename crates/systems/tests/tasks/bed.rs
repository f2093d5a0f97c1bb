//! The bed: everything a claim needs, started in a line and taken away at its end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use engine::Engine;
use jiff::{SignedDuration, Timestamp};
use model::task::package::PackageDraft;
use serde_json::Value as Json;
use simulators::guanke::{Options, PACKAGES, Simulator};
use store::{Probe, Store};
use systems::tasks::{self, Config, Tasks};
use tokio_util::sync::CancellationToken;

pub(crate) use crate::shared::Base;
use crate::shared::{Driver, HandClock, Place, send, until};

/// Noon in Shanghai on the simulator's today.
pub(crate) const NOON: &str = "2025-10-24T04:00:00Z";
/// What the bed calls its process.
pub(crate) const HOLDER: &str = "MacBook-Pro.local-12345";

pub(crate) struct Bed {
    pub(crate) engine: Engine,
    pub(crate) simulator: Simulator,
    pub(crate) clock: HandClock,
    pub(crate) store: Store,
    pub(crate) tasks: Arc<Tasks>,
    pub(crate) stopping: CancellationToken,
    router: Router,
    driver: Driver,
    pub(crate) place: Place,
    config: Config,
}

impl Bed {
    /// Everything running, only the fixed tasks on the platform, no packages.
    pub(crate) async fn start(base: Base) -> Self {
        Self::start_with(base, |_| ()).await
    }

    /// The same with another configuration.
    pub(crate) async fn start_with(base: Base, change: impl FnOnce(&mut Config)) -> Self {
        let mut bed = Self::idle_with(base, change).await;
        bed.drive();
        bed
    }

    /// Ready to be worked with, but nothing is being done yet.
    pub(crate) async fn idle(base: Base) -> Self {
        Self::idle_with(base, |_| ()).await
    }

    pub(crate) async fn idle_with(base: Base, change: impl FnOnce(&mut Config)) -> Self {
        let options = Options { tasks_per_day: 0, ..Options::on_a_free_port("2025-10-24".parse().unwrap()) };
        Self::over(base, options, change).await
    }

    /// With so many more tasks a day on the platform.
    pub(crate) async fn busy(base: Base, tasks_per_day: u32, change: impl FnOnce(&mut Config)) -> Self {
        let mut bed = Self::idle_and_busy(base, tasks_per_day, change).await;
        bed.drive();
        bed
    }

    /// The same, but nothing is being done yet.
    pub(crate) async fn idle_and_busy(
        base: Base,
        tasks_per_day: u32,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let date = "2025-10-24".parse().unwrap();
        Self::over(base, Options { tasks_per_day, ..Options::on_a_free_port(date) }, change).await
    }

    /// With another platform.
    pub(crate) async fn changed(
        base: Base,
        platform: impl FnOnce(&mut Options),
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut options =
            Options { tasks_per_day: 0, ..Options::on_a_free_port("2025-10-24".parse().unwrap()) };
        platform(&mut options);
        let mut bed = Self::over(base, options, change).await;
        bed.drive();
        bed
    }

    async fn over(base: Base, options: Options, change: impl FnOnce(&mut Config)) -> Self {
        let simulator = simulators::guanke::start(options).await.unwrap();
        let mut config = Config::default();
        config.guanke.base_url = simulator.base_url();
        change(&mut config);
        let place = Place::new(base).await;
        let clock = HandClock::at(NOON.parse().unwrap());
        let (store, _destination) = place.open().await;
        let tasks = Arc::new(Tasks::new(config.clone().check().unwrap(), store.tasks(), HOLDER).unwrap());
        let engine = Engine::new(store.clone(), vec![tasks.clone()], clock.clock());
        engine.register(engine.now()).await.unwrap();
        let stopping = CancellationToken::new();
        let router = tasks::contract_routes(engine.clone(), Arc::clone(&tasks), stopping.clone());
        let driver = Driver::default();
        Self { engine, simulator, clock, store, tasks, stopping, router, driver, place, config }
    }

    /// The engine of another process of the same state, with a clock of its own; every operation of it on the state is
    /// looked at.
    pub(crate) fn process(&self, holder: &str, clock: &HandClock, probe: Arc<dyn Probe>) -> Engine {
        self.server(self.store.with_probe(probe), holder, clock, |_| ())
    }

    /// The same over connections of its own, where the database takes more than one process, and otherwise configured.
    pub(crate) async fn twin(&self, holder: &str, change: impl FnOnce(&mut Config)) -> Engine {
        let store = match &self.place {
            Place::Folder(_) => self.store.clone(),
            Place::Database(database) => Store::postgres(&database.url).await.unwrap(),
        };
        let engine = self.server(store, holder, &self.clock, change);
        engine.register(engine.now()).await.unwrap();
        engine
    }

    fn server(
        &self,
        store: Store,
        holder: &str,
        clock: &HandClock,
        change: impl FnOnce(&mut Config),
    ) -> Engine {
        let mut config = self.config.clone();
        change(&mut config);
        let tasks = Tasks::new(config.check().unwrap(), store.tasks(), holder).unwrap();
        Engine::new(store, vec![Arc::new(tasks)], clock.clock())
    }

    /// Starts scheduler and worker.
    pub(crate) fn drive(&mut self) {
        self.driver = Driver::all(&self.engine);
    }

    /// Ends scheduler and worker in good order: what is under way is handed back.
    pub(crate) async fn rest(&mut self) {
        std::mem::take(&mut self.driver).stop().await;
    }

    /// Starts the scheduler alone: runs stay queued.
    pub(crate) fn drive_schedules(&mut self) {
        self.driver = Driver::schedules(&self.engine);
    }

    /// Waits of seconds pass in tenths, as long as this is held. Leases are renewed all the same.
    pub(crate) fn hurry(&self) -> Hurry {
        let clock = self.clock.clone();
        Hurry(tokio::spawn(async move {
            let mut beats = tokio::time::interval(Duration::from_millis(100));
            loop {
                beats.tick().await;
                clock.pass(SignedDuration::from_secs(1));
            }
        }))
    }

    /// From now on the platform misbehaves so.
    pub(crate) fn spoil(&self, faults: &[&str]) {
        self.simulator.set_faults(faults.iter().map(|fault| fault.parse().unwrap()).collect());
    }

    /// The platform's packages, as somebody imported them.
    pub(crate) async fn import_packages(&self) {
        for package in PACKAGES {
            self.import_one(package.external_id).await;
        }
    }

    /// One of them.
    pub(crate) async fn import_one(&self, external_id: &str) {
        let package = PACKAGES.iter().find(|package| package.external_id == external_id).unwrap();
        let draft = PackageDraft {
            external_id: package.external_id.to_owned(),
            name: package.code(),
            region: package.region.to_owned(),
            grade: package.grade.to_owned(),
            internal_code: Some(package.code()),
            ..PackageDraft::default()
        };
        self.store.tasks().put_package(draft.check().unwrap(), self.clock.now()).await.unwrap();
    }

    /// A documented route: status and text.
    pub(crate) async fn text(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("/api/sync{path}"));
        send(&self.router, request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// A documented route: status and body.
    pub(crate) async fn call(&self, method: &str, path: &str) -> (u16, Json) {
        let (status, text) = self.text(method, path, "").await;
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}")))
    }

    /// One that answers well.
    pub(crate) async fn ok(&self, method: &str, path: &str) -> Json {
        let (status, answer) = self.call(method, path).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// A record alone.
    pub(crate) async fn record(&self, id: i64) -> Json {
        self.ok("GET", &format!("/records/{id}")).await["data"].clone()
    }

    /// The record when it has ended.
    pub(crate) async fn ended(&self, id: i64) -> Json {
        until(&self.engine, || async {
            // One that a schedule starts is not there yet.
            let (status, answer) = self.call("GET", &format!("/records/{id}")).await;
            let record = &answer["data"];
            (status == 200 && record["status"] != "running").then(|| record.clone())
        })
        .await
    }

    /// The lines of the newest run's log.
    pub(crate) async fn log(&self, record: i64) -> Vec<String> {
        let record = self.store.read().task_record(record).await.unwrap().unwrap();
        let lines = until(&self.engine, || async {
            let lines = self.engine.read().log(record.run, 0, 500).await.unwrap();
            Some(lines)
        });
        lines.await.into_iter().map(|line| line.message).collect()
    }

    /// How many times the listing, and the token, were asked for.
    pub(crate) fn asked(&self) -> (usize, usize) {
        let requests = self.simulator.requests();
        let of = |start: &str| requests.iter().filter(|request| request.path.starts_with(start)).count();
        (of("/task/list"), of("/token"))
    }

    /// Runs a statement past the engine.
    pub(crate) async fn outside(&self, sql: &str) {
        match &self.place {
            Place::Folder(folder) => {
                let path = folder.path().join("state.db");
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            Place::Database(database) => {
                let client = crate::shared::place::admin_client(&database.url).await;
                client.batch_execute(sql).await.unwrap();
            }
        }
    }
}

/// Ends with the claim.
pub(crate) struct Hurry(tokio::task::JoinHandle<()>);

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    format!("{text}Z").parse().unwrap()
}
