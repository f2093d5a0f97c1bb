//! The bed: everything a claim needs, started in a line and taken away at its end.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use connect::tables::{Destination, Filter, Select, Table};
use engine::{Engine, Requested, RunFilter};
use jiff::Timestamp;
use model::id::{RunId, SyncKey};
use model::run::{Run, RunRequest, Trigger};
use model::state::RunState;
use serde_json::{Value as Json, json};
use simulators::jolpica::{Fault, Options, Simulator, Trouble};
use store::{Probe, Store};
use systems::races::{self, Config, Races};

pub(crate) use crate::shared::Base;
use crate::shared::{Driver, HandClock, Place, send, until};

pub(crate) struct Bed {
    pub(crate) engine: Engine,
    pub(crate) simulator: Simulator,
    pub(crate) clock: HandClock,
    store: Store,
    destination: Destination,
    pub(crate) races: Arc<Races>,
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
        Self::idle_with(base, |_| ()).await
    }

    /// The same with another configuration.
    pub(crate) async fn idle_with(base: Base, change: impl FnOnce(&mut Config)) -> Self {
        let simulator = simulators::jolpica::start(Options::on_a_free_port()).await.unwrap();
        let mut config = Config { upstream_base_url: simulator.base_url(), ..Config::default() };
        change(&mut config);
        let clock = HandClock::at(at("2025-06-29T17:00:00"));
        Self::over(Place::new(base).await, clock, config, simulator).await
    }

    async fn over(place: Place, clock: HandClock, config: Config, simulator: Simulator) -> Self {
        let (store, destination): (Store, Destination) = place.open().await;
        let settings = config.clone().check().unwrap();
        let races = Arc::new(Races::new(settings, destination.clone(), store.races()).unwrap());
        races.prepare().await.unwrap();
        let engine = Engine::new(store.clone(), vec![races.clone()], clock.clock());
        engine.register(engine.now()).await.unwrap();
        let router = races::contract_routes(engine.clone(), Arc::clone(&races));
        Self {
            engine,
            simulator,
            clock,
            store,
            destination,
            races,
            router,
            driver: Driver::default(),
            place,
            config,
        }
    }

    /// Starts scheduler and worker.
    pub(crate) fn drive(&mut self) {
        self.driver = Driver::all(&self.engine);
    }

    /// Scheduler and worker of a process of their own, every operation of which on the state is looked at.
    pub(crate) fn process(&self, probe: Arc<dyn Probe>) -> Driver {
        let store = self.store.with_probe(probe);
        let settings = self.config.clone().check().unwrap();
        let races = Races::new(settings, self.destination.clone(), store.races()).unwrap();
        Driver::all(&Engine::new(store, vec![Arc::new(races)], self.clock.clock()))
    }

    /// Starts the scheduler alone: runs stay queued.
    pub(crate) fn drive_schedules(&mut self) {
        self.driver = Driver::schedules(&self.engine);
    }

    /// From now on nobody works.
    pub(crate) async fn rest(&mut self) {
        std::mem::take(&mut self.driver).stop().await;
    }

    /// Lets the time be another one while nobody works: a worker that took its time before a leap would find its lease
    /// run out after it, and begin anew.
    pub(crate) async fn wake_at(&mut self, time: &str) {
        self.rest().await;
        self.clock.set(at(time));
        self.drive();
    }

    /// The same databases and source under a new process, `later` in the day.
    pub(crate) async fn restarted_at(self, later: &str) -> Self {
        let Self { engine, simulator, clock, store, destination, races, router, driver, place, config } =
            self;
        driver.stop().await;
        drop((engine, store, destination, races, router));
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

    /// Starts a chore by its route and waits for its end; its run.
    pub(crate) async fn chore(&self, path: &str) -> String {
        let answer = self.ok("POST", path, "").await;
        let run = answer["task_id"].as_str().unwrap().to_owned();
        self.ended(&run).await;
        run
    }

    /// Syncs the calendar; whether it could.
    pub(crate) async fn calendar(&self) -> RunState {
        let request = RunRequest {
            sync: SyncKey::parse("races.calendar").unwrap(),
            trigger: Trigger::Manual,
            label: "calendar".into(),
            params: json!({"season": 2025}),
            priority: 0,
            reference: None,
            idempotency_key: None,
            tick: None,
            requested_by: None,
        };
        let requested = self.engine.request(request, self.engine.now()).await.unwrap();
        let Requested::Started(run) = requested else { panic!("{requested:?}") };
        self.ended(&run.id.0.to_string()).await
    }

    pub(crate) async fn run(&self, run: &str) -> Run {
        self.engine.read().run(RunId(run.parse().unwrap())).await.unwrap().unwrap()
    }

    /// Waits for a run's end, and that it was followed up.
    pub(crate) async fn ended(&self, run: &str) -> RunState {
        let id = RunId(run.parse().unwrap());
        until(&self.engine, || async {
            let run = self.engine.read().run(id).await.unwrap().unwrap();
            let followed = self.engine.read().unfollowed(500).await.unwrap().is_empty();
            (run.state.is_end() && followed).then_some(run.state)
        })
        .await
    }

    /// Waits until nothing is queued or at work.
    pub(crate) async fn quiet(&self) {
        until(&self.engine, || async {
            let runs =
                self.engine.read().runs(&RunFilter { limit: 500, ..RunFilter::default() }).await.unwrap();
            runs.iter().all(|run| run.state.is_end()).then_some(())
        })
        .await;
    }

    /// The lines of a run's log.
    pub(crate) async fn log(&self, run: &Json) -> String {
        let id = RunId(run.as_str().unwrap().parse().unwrap());
        let lines = self.engine.read().log(id, 0, 500).await.unwrap();
        lines.into_iter().map(|line| line.message).collect::<Vec<_>>().join("\n")
    }

    /// Something goes wrong on a path until it is cleared.
    pub(crate) fn spoil(&self, path: &str, trouble: Trouble) {
        self.simulator.add_fault(Fault::always(path, trouble));
    }

    /// What a column of a round's rows holds.
    pub(crate) async fn column(&self, table: &'static Table, round: i64, column: &str) -> Vec<String> {
        let select = Select::from(table).columns(&[column]).filter(Filter::eq("round", round));
        let rows = self.destination.rows(&select).await.unwrap();
        rows.iter().map(|row| row[0].to_string()).collect()
    }

    /// Rows of a round.
    pub(crate) async fn rows(&self, table: &'static Table, round: i64) -> usize {
        let select = Select::from(table).columns(&["round"]).filter(Filter::eq("round", round));
        self.destination.rows(&select).await.unwrap().len()
    }
}
