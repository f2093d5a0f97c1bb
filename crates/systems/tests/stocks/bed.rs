//! The bed: everything a claim needs, started in a line and taken away at its end.

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use connect::baostock::{Timeouts, Wait};
use connect::tables::{Destination, Filter, Select, Table, Value};
use engine::Engine;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use simulators::baostock::{Faults, Options, Simulator};
use store::{Probe, Store};
use systems::stocks::{self, Config, Failure, Patience, Start, Started, Stocks};

use crate::shared::place::{Database, admin_client};
pub(crate) use crate::shared::{Base, Place, send};
use crate::shared::{Driver, HandClock, until};

/// How a bed is made.
pub(crate) struct Making {
    base: Base,
    now: Timestamp,
    pub(crate) config: Config,
    pub(crate) options: Options,
}

pub(crate) struct Bed {
    pub(crate) engine: Engine,
    pub(crate) stocks: Arc<Stocks>,
    pub(crate) simulator: Option<Simulator>,
    pub(crate) clock: HandClock,
    pub(crate) store: Store,
    pub(crate) destination: Destination,
    router: Router,
    driver: Driver,
    place: Place,
    config: Config,
}

/// Pauses between tries are not waited for.
struct NoWait;

#[async_trait]
impl Wait for NoWait {
    async fn wait(&self, _pause: Duration) {
        tokio::task::yield_now().await;
    }
}

/// Shanghai's wall clock.
pub(crate) fn at(text: &str) -> Timestamp {
    Offset::constant(8).to_timestamp(text.parse::<DateTime>().unwrap()).unwrap()
}

impl Making {
    pub(crate) fn new(base: Base) -> Self {
        let options = Options { stocks: 60, control: None, ..Options::on_free_ports() };
        let config = Config { host: "127.0.0.1".into(), ..Config::default() };
        Self { base, now: at("2025-10-18T04:00:00"), config, options }
    }

    pub(crate) fn at(self, now: &str) -> Self {
        Self { now: at(now), ..self }
    }

    pub(crate) fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    pub(crate) fn stocks(mut self, count: usize) -> Self {
        self.options.stocks = count;
        self
    }

    pub(crate) fn faults(mut self, faults: Faults) -> Self {
        self.options.faults = faults;
        self
    }

    /// Ready to be worked with, but nothing is being done yet.
    pub(crate) async fn idle(mut self) -> Bed {
        let simulator = simulators::baostock::start(self.options.clone()).await.unwrap();
        self.config.port = simulator.address().port().into();
        let place = Place::new(self.base).await;
        let clock = HandClock::at(self.now);
        Bed::over(place, clock, self.config, Some(simulator)).await
    }

    /// Ready, with everything running.
    pub(crate) async fn start(self) -> Bed {
        let mut bed = self.idle().await;
        bed.drive();
        bed
    }
}

impl Bed {
    pub(crate) async fn start(base: Base) -> Self {
        Making::new(base).start().await
    }

    async fn over(place: Place, clock: HandClock, config: Config, simulator: Option<Simulator>) -> Self {
        let (store, destination) = place.open().await;
        let second = Duration::from_secs(1);
        let patience = Patience {
            wait: Arc::new(NoWait),
            timeouts: Timeouts { connect: 2 * second, silence: 5 * second, reply: 20 * second },
        };
        let settings = config.clone().check().unwrap();
        let stocks = Stocks::new(settings, destination.clone(), store.read()).with_patience(patience);
        let stocks = Arc::new(stocks);
        stocks.prepare().await.unwrap();
        let engine = Engine::new(store.clone(), vec![stocks.clone()], clock.clock());
        engine.register(engine.now()).await.unwrap();
        let router = stocks::contract_routes(engine.clone(), Arc::clone(&stocks));
        Self {
            engine,
            stocks,
            simulator,
            clock,
            store,
            destination,
            router,
            driver: Driver::default(),
            place,
            config,
        }
    }

    /// A second server over the same PostgreSQL database, which this one keeps.
    pub(crate) async fn another(&self) -> Self {
        let Place::Database(database) = &self.place else { panic!("only PostgreSQL takes two servers") };
        let same = Database { admin: String::new(), name: String::new(), url: database.url.clone() };
        Self::over(Place::Database(same), self.clock.clone(), self.config.clone(), None).await
    }

    /// Starts scheduler and worker.
    pub(crate) fn drive(&mut self) {
        self.driver = Driver::all(&self.engine);
    }

    /// Starts the scheduler alone: runs stay queued.
    pub(crate) fn drive_schedules(&mut self) {
        self.driver = Driver::schedules(&self.engine);
    }

    /// Ends all work in good order.
    pub(crate) async fn stop(&mut self) {
        std::mem::take(&mut self.driver).stop().await;
    }

    /// The same databases and source under a new process.
    pub(crate) async fn restarted(self) -> Self {
        self.restarted_with(|_| ()).await
    }

    /// The same, with another configuration.
    pub(crate) async fn restarted_with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        self.stop().await;
        change(&mut self.config);
        let Self { place, clock, config, simulator, store, destination, engine, stocks, router, .. } = self;
        drop((store, destination, engine, stocks, router));
        let mut bed = Self::over(place, clock, config, simulator).await;
        bed.drive();
        bed
    }

    pub(crate) fn simulator(&self) -> &Simulator {
        self.simulator.as_ref().unwrap()
    }

    /// The documented routes over the same databases, with a look at every operation on the state.
    pub(crate) fn watched(&self, probe: Arc<dyn Probe>) -> Router {
        let store = self.store.with_probe(probe);
        let settings = self.config.clone().check().unwrap();
        let stocks = Arc::new(Stocks::new(settings, self.destination.clone(), store.read()));
        let engine = Engine::new(store, vec![stocks.clone()], self.clock.clock());
        stocks::contract_routes(engine, stocks)
    }

    /// The documented routes over the same PostgreSQL database at another address.
    pub(crate) async fn routes_over(&self, url: &str) -> (Router, Arc<Stocks>) {
        let store = Store::postgres(url).await.unwrap();
        let destination = Destination::postgres(url).await.unwrap();
        let settings = self.config.clone().check().unwrap();
        let stocks = Arc::new(Stocks::new(settings, destination, store.read()));
        stocks.prepare().await.unwrap();
        let engine = Engine::new(store, vec![stocks.clone()], self.clock.clock());
        (stocks::contract_routes(engine, stocks.clone()), stocks)
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn url(&self) -> Option<&str> {
        if let Place::Database(database) = &self.place { Some(&database.url) } else { None }
    }

    pub(crate) fn file(&self, name: &str) -> Option<PathBuf> {
        if let Place::Folder(folder) = &self.place { Some(folder.path().join(name)) } else { None }
    }

    /// One request; status and body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&str>) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request =
            request.body(body.map_or_else(Body::empty, |text| Body::from(text.to_owned()))).unwrap();
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (u16, String) {
        send(&self.router, request).await
    }

    /// A documented route, asked with GET.
    pub(crate) async fn get(&self, path: &str) -> Json {
        let (status, body) = self.call("GET", &format!("/api/v1/sync-status{path}"), None).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// A documented route, asked with POST.
    pub(crate) async fn post(&self, path: &str, body: Option<&str>) -> Json {
        let (status, body) = self.call("POST", &format!("/api/v1/sync-status{path}"), body).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Starts a batch; its name.
    pub(crate) async fn batch(&self, first: &str, last: &str) -> String {
        self.batch_with(first, last, "").await
    }

    /// The same with more in the body.
    pub(crate) async fn batch_with(&self, first: &str, last: &str, more: &str) -> String {
        let body = format!(r#"{{"start_date":"{first}","end_date":"{last}"{more}}}"#);
        let answer = self.post("/sync/batch", Some(&body)).await;
        answer["data"]["task_id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    pub(crate) async fn progress(&self, task: &str) -> Json {
        self.get(&format!("/sync/batch/progress/{task}")).await["data"].clone()
    }

    /// Starts what failed again; the batch's name.
    pub(crate) async fn retry_failed(&self) -> String {
        let start = self.stocks.start_retry(&self.engine, None, None).await.unwrap();
        let Start::Run(run) = start else { panic!("{start:?}") };
        Started::from(&*run).task_id
    }

    /// The failed stocks of a day.
    pub(crate) async fn failures(&self, day: &str) -> Vec<Failure> {
        let date = day.parse().unwrap();
        self.stocks.failures(date, date).await.unwrap()
    }

    /// Waits for the run's end; its progress then.
    pub(crate) async fn ended(&self, task: &str) -> Json {
        self.until(|| async {
            let progress = self.progress(task).await;
            let status = progress["status"].as_str().unwrap().to_owned();
            matches!(status.as_str(), "completed" | "failed" | "cancelled").then_some(progress)
        })
        .await
    }

    /// Syncs a range to its end.
    pub(crate) async fn sync(&self, first: &str, last: &str) -> Json {
        let task = self.batch(first, last).await;
        self.ended(&task).await
    }

    /// The row of a date.
    pub(crate) async fn record(&self, date: &str) -> Json {
        self.get(&format!("/date/{date}")).await["data"].clone()
    }

    /// See [`until`].
    pub(crate) async fn until<T, F: Future<Output = Option<T>>>(&self, look: impl Fn() -> F) -> T {
        until(&self.engine, look).await
    }

    /// Cells of a table's rows with this date.
    pub(crate) async fn rows(&self, table: &'static Table, day: &str, columns: &[&str]) -> Vec<Vec<Value>> {
        let column = table.key.iter().find(|name| name.ends_with("date")).unwrap();
        let date: Date = day.parse().unwrap();
        let select = Select::from(table).columns(columns).filter(Filter::eq(column, date));
        self.destination.rows(&select).await.unwrap()
    }

    /// The text of one cell.
    pub(crate) async fn cell(&self, day: &str, code: &str, column: &str) -> String {
        let select = Select::from(stocks::BARS)
            .columns(&[column])
            .filter(Filter::eq("trade_date", day.parse::<Date>().unwrap()))
            .filter(Filter::eq("stock_code", code));
        let rows = self.destination.rows(&select).await.unwrap();
        assert_eq!(rows.len(), 1, "{day} {code}");
        rows[0][0].to_string()
    }

    /// Stored bars of a date.
    pub(crate) async fn stored(&self, day: &str) -> usize {
        self.rows(stocks::BARS, day, &["stock_code"]).await.len()
    }

    /// Stocks the simulator has a bar of, on a trading day.
    pub(crate) fn expected(&self, day: &str) -> Vec<String> {
        let market = self.simulator().market();
        let day = market.trading_day(day.parse().unwrap()).unwrap();
        let shares = market.shares().filter(|share| market.bar(share, day).is_some());
        shares.map(|share| share.code.clone()).collect()
    }

    /// Moves the clock on.
    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.pass(time);
    }

    /// Requests of a type the simulator saw.
    pub(crate) fn requests(&self, kind: &str) -> u64 {
        self.simulator().stats().requests.get(kind).copied().unwrap_or(0)
    }
}

impl Database {
    /// The server goes away from everybody in this database.
    pub(crate) async fn close(&self) {
        let client = admin_client(&self.admin).await;
        let name = &self.name;
        client.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        client.query(end, &[name]).await.unwrap();
    }

    /// And is back.
    pub(crate) async fn open(&self) {
        let client = admin_client(&self.admin).await;
        let name = &self.name;
        client.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
    }
}

/// Log lines of the whole test process, to be searched for a task's own name.
pub(crate) fn lines() -> Arc<Mutex<Vec<String>>> {
    use std::sync::OnceLock;
    static LINES: OnceLock<Arc<Mutex<Vec<String>>>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Sink(Arc::clone(&lines));
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_env_filter("sync.stocks=info")
            .with_writer(move || sink.clone())
            .init();
        lines
    });
    Arc::clone(lines)
}

#[derive(Clone)]
struct Sink(Arc<Mutex<Vec<String>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().push(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
