//! The bed: everything a claim needs, started in a line and taken away at its end.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use connect::tables::{Destination, Filter, Select, Table};
use engine::Engine;
use jiff::Timestamp;
use model::id::RunId;
use serde_json::Value as Json;
use simulators::jolpica::{Fault, Options, Simulator, Trouble};
use store::Store;
use systems::races::{self, Config, Races};

pub(crate) use crate::shared::Base;
use crate::shared::{Driver, HandClock, Place, send, until};

pub(crate) struct Bed {
    pub(crate) engine: Engine,
    pub(crate) simulator: Simulator,
    pub(crate) clock: HandClock,
    destination: Destination,
    router: Router,
    driver: Driver,
    place: Place,
    config: Config,
}

pub(crate) fn at(text: &str) -> Timestamp {
    format!("{text}Z").parse().unwrap()
}

impl Bed {
    /// Everything running, the evening of the Austrian Grand Prix, all data published.
    pub(crate) async fn start(base: Base) -> Self {
        let mut bed = Self::idle(base).await;
        bed.drive();
        bed
    }

    /// Ready to be worked with, but nothing is being done yet.
    pub(crate) async fn idle(base: Base) -> Self {
        let simulator = simulators::jolpica::start(Options::on_a_free_port()).await.unwrap();
        let config = Config { upstream_base_url: simulator.base_url(), ..Config::default() };
        let clock = HandClock::at(at("2025-06-29T17:00:00"));
        Self::over(Place::new(base).await, clock, config, simulator).await
    }

    async fn over(place: Place, clock: HandClock, config: Config, simulator: Simulator) -> Self {
        let (store, destination): (Store, Destination) = place.open().await;
        let settings = config.clone().check().unwrap();
        let races = Arc::new(Races::new(settings, destination.clone(), store.clone()).unwrap());
        races.prepare().await.unwrap();
        let engine = Engine::new(store, vec![races.clone()], clock.clock());
        engine.register(engine.now()).await.unwrap();
        let router = races::contract_routes(engine.clone(), races);
        Self { engine, simulator, clock, destination, router, driver: Driver::default(), place, config }
    }

    /// Starts scheduler and worker.
    pub(crate) fn drive(&mut self) {
        self.driver = Driver::all(&self.engine);
    }

    /// Starts the scheduler alone: runs stay queued.
    pub(crate) fn drive_schedules(&mut self) {
        self.driver = Driver::schedules(&self.engine);
    }

    /// The same databases and source under a new process, `later` in the day.
    pub(crate) async fn restarted_at(self, later: &str) -> Self {
        let Self { engine, simulator, clock, destination, router, driver, place, config } = self;
        driver.stop().await;
        drop((engine, destination, router));
        clock.set(at(later));
        let mut bed = Self::over(place, clock, config, simulator).await;
        bed.drive();
        bed
    }

    /// A documented route: status and body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> (u16, Json) {
        let request = Request::builder().method(method).uri(format!("/api/v1/post-race-sync{path}"));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let (status, text) = send(&self.router, request.body(Body::from(body.to_owned())).unwrap()).await;
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}")))
    }

    pub(crate) async fn ok(&self, method: &str, path: &str, body: &str) -> Json {
        let (status, answer) = self.call(method, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Plans a race. Where its calendar is still being fetched, asks again, as people are told to.
    pub(crate) async fn plan(&self, round: i64, body: &str) -> Json {
        let answer = until(&self.engine, || async {
            let (status, answer) = self.call("POST", &format!("/2025/{round}/schedule"), body).await;
            let comes = answer["message"].as_str().is_some_and(|said| said.contains("赛历正在同步"));
            assert!(status == 200 || comes, "{answer}");
            (status == 200).then_some(answer)
        })
        .await;
        self.simulator.clear_requests();
        answer
    }

    pub(crate) async fn attempt(&self, round: i64, number: usize) -> Json {
        let plan = self.ok("GET", &format!("/2025/{round}/schedule"), "").await;
        plan["schedule"]["attempts"][number - 1].clone()
    }

    /// The attempt when it has this status.
    pub(crate) async fn until(&self, round: i64, number: usize, status: &str) -> Json {
        until(&self.engine, || async {
            let attempt = self.attempt(round, number).await;
            (attempt["status"] == status).then_some(attempt)
        })
        .await
    }

    pub(crate) async fn statuses(&self, round: i64) -> Vec<String> {
        let plan = self.ok("GET", &format!("/2025/{round}/schedule"), "").await;
        let attempts = plan["schedule"]["attempts"].as_array().unwrap().iter();
        attempts.map(|attempt| attempt["status"].as_str().unwrap().to_owned()).collect()
    }

    /// Runs an attempt now; its run.
    pub(crate) async fn execute(&self, round: i64, number: usize) -> String {
        let answer = self.ok("POST", &format!("/2025/{round}/execute/{number}"), "").await;
        answer["task_id"].as_str().unwrap().to_owned()
    }

    /// Waits for a run's end.
    pub(crate) async fn ended(&self, run: &str) {
        let id = RunId(run.parse().unwrap());
        until(&self.engine, || async {
            let run = self.engine.read().run(id).await.unwrap().unwrap();
            run.state.is_end().then_some(())
        })
        .await;
    }

    /// The lines of an attempt's run, its last one included.
    pub(crate) async fn log(&self, run: &Json) -> String {
        let id = RunId(run.as_str().unwrap().parse().unwrap());
        until(&self.engine, || async {
            let lines = self.engine.read().log(id, 0, 500).await.unwrap();
            let lines: Vec<String> = lines.into_iter().map(|line| line.message).collect();
            lines.last().is_some_and(|last| last.starts_with(['✅', '❌', '🚫'])).then(|| lines.join("\n"))
        })
        .await
    }

    /// Something goes wrong on a path until it is cleared.
    pub(crate) fn spoil(&self, path: &str, trouble: Trouble) {
        self.simulator.add_fault(Fault::always(path, trouble));
    }

    /// Rows of a round.
    pub(crate) async fn rows(&self, table: &'static Table, round: i64) -> usize {
        let select = Select::from(table).columns(&["round"]).filter(Filter::eq("round", round));
        self.destination.rows(&select).await.unwrap().len()
    }
}
