//! A whole server in memory: clock set by hand, a system whose partitions are days.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use connect::tables::{Cells, Column, Destination, Kind, Row, Table};
use engine::worker::{Worker, WorkerSpec};
use engine::{Context, Engine, Outcome, Refused, Rows, Said, Syncs, System, Work};
use http_body_util::BodyExt;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use model::counts::ItemCounts;
use model::fault::Fault;
use model::id::{Fence, PartitionId, SyncKey};
use model::ledger::{LedgerState, LedgerWrite};
use model::partition::Partition;
use model::policy::{Missed, Overlap, Retry, SyncPolicy};
use model::run::{Plan, PlannedPartition, RunRequest};
use model::schedule::{ScheduleSpec, When};
use serde_json::{Value, json};
use simulators::guanke::Simulator;
use store::{Seal, Store};
use systems::files::Files;
use systems::races::{self, Races};
use systems::stocks::{self, Stocks};
use systems::tasks::{self, Tasks};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use web::metrics::Metrics;
use web::{App, Hosts, Origins, Range, Refusal, Setting, Source, SystemRoutes, Version};

/// Where all tests begin: 2025-10-18 04:00 in Shanghai.
const BEGIN: &str = "2025-10-17T20:00:00Z";

/// Days of a range; the thirteenth of a month fails, the fourteenth has nothing to do.
struct Days;

fn sync() -> SyncKey {
    SyncKey::parse("days.all").unwrap()
}

#[async_trait]
impl System for Days {
    fn name(&self) -> &'static str {
        "days"
    }

    fn syncs(&self) -> Vec<Syncs> {
        let policy = SyncPolicy {
            overlap: Overlap::Reject,
            max_parallel: Some(1),
            retry: Retry::ONCE,
            source_fault_limit: None,
            pause_keeps_lease: false,
            deaths_max: None,
        };
        vec![Syncs { key: sync(), policy }]
    }

    fn schedules(&self) -> Vec<ScheduleSpec> {
        vec![ScheduleSpec {
            name: "days.nightly".to_owned(),
            title: "每日夜间同步".to_owned(),
            sync: sync(),
            label: "nightly".to_owned(),
            params: json!({ "start_date": "2025-10-01", "end_date": "2025-10-02" }),
            when: When::Cron { expression: "0 20 * * *".to_owned() },
            time_zone: "Asia/Shanghai".to_owned(),
            missed: Missed::None,
            missed_window: Duration::from_secs(86_400),
            missed_max: 1,
        }]
    }

    async fn plan(&self, request: &RunRequest, _: Timestamp) -> Result<Plan, Refused> {
        let day = |name: &str| -> Result<Date, Refused> {
            let text = request.params[name].as_str().unwrap_or_default();
            text.parse().map_err(|_| Refused::Bad {
                code: "bad_date",
                message: format!("{name}: `{text}` is no date"),
                detail: json!({ "parameter": name }),
            })
        };
        let (start, end) = (day("start_date")?, day("end_date")?);
        if start > end {
            return Err(Refused::NothingToDo("the range has no day".to_owned()));
        }
        let days = start.series(jiff::Span::new().days(1)).take_while(|day| *day <= end);
        let partitions =
            days.map(|day| PlannedPartition { key: day.to_string(), payload: Value::Null }).collect();
        Ok(Plan { partitions, params: request.params.clone(), priority: None })
    }

    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let key = &work.partition.key;
        ctx.log(tracing::Level::INFO, format!("doing {key}"));
        if key.ends_with("-13") {
            return Err(Fault::never("unlucky", format!("{key} does not work")));
        }
        if key.ends_with("-14") {
            let ledger = Some(LedgerWrite::new(LedgerState::Skipped, "day off"));
            return Ok(Outcome::Skipped(Said { ledger, ..Said::default() }));
        }
        let ledger =
            LedgerWrite { total: 10, succeeded: 10, ..LedgerWrite::new(LedgerState::Succeeded, "done") };
        let counts = ItemCounts { new: 10, ..ItemCounts::default() };
        Ok(Outcome::Succeeded(Said { counts, ledger: Some(ledger), message: None }))
    }

    fn rows(&self, _: &SyncKey, partition: &Partition) -> Vec<Rows> {
        let having = vec![("day", partition.key.clone())];
        (partition.counts.stored() > 0).then_some(Rows { table: "quote", having }).into_iter().collect()
    }

    fn writer(&self, rows: &Rows) -> Option<(SyncKey, String)> {
        let (_, day) = rows.having.iter().find(|(column, _)| rows.table == "quote" && *column == "day")?;
        Some((sync(), day.clone()))
    }

    fn failed(&self, _: &Work, fault: &Fault) -> Option<LedgerWrite> {
        Some(LedgerWrite {
            fault_code: Some(fault.code.clone()),
            fault_message: Some(fault.message.clone()),
            ..LedgerWrite::new(LedgerState::Failed, "failed")
        })
    }
}

/// A synced table with three rows.
struct Quote {
    day: Date,
    code: &'static str,
    name: Option<&'static str>,
    price: rust_decimal::Decimal,
}

impl Row for Quote {
    const TABLE: &'static Table = &Table::new(
        "quote",
        &[
            Column::required("day", Kind::Date),
            Column::required("code", Kind::Text { max: 6 }),
            Column::optional("name", Kind::Text { max: 20 }),
            Column::required("price", Kind::Decimal { precision: 10, scale: 2 }),
        ],
        &["day", "code"],
    );

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.day);
        out.push(self.code);
        out.push(self.name);
        out.push(self.price);
    }
}

/// Systems beside the house's own.
#[derive(Default)]
struct Beside {
    stocks: Option<Arc<Stocks>>,
    races: Option<Arc<Races>>,
    tasks: Option<Arc<Tasks>>,
    files: Option<Arc<Files>>,
}

/// See the module.
pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) shutdown: CancellationToken,
    router: Router,
    worker: Worker,
    now_ms: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

impl House {
    /// A server that nobody has asked for anything yet.
    pub(crate) async fn new() -> Self {
        Self::counted(Metrics::apart().1).await
    }

    /// The same, with the stocks system beside its own, and nothing synced yet.
    pub(crate) async fn with_stocks() -> Self {
        Self::made(empty().await, Metrics::apart().1, |destination, store| Beside {
            stocks: Some(stocks(destination, store)),
            ..Beside::default()
        })
        .await
    }

    /// The same, with the races system beside its own, whose source nobody answers for.
    pub(crate) async fn with_races() -> Self {
        Self::made(empty().await, Metrics::apart().1, |destination, store| Beside {
            races: Some(races(destination, store)),
            ..Beside::default()
        })
        .await
    }

    /// The same with all systems, over a state of the caller's.
    pub(crate) async fn over(store: Store) -> Self {
        Self::made(store, Metrics::apart().1, |destination, store| Beside {
            stocks: Some(stocks(destination, store)),
            races: Some(races(destination, store)),
            ..Beside::default()
        })
        .await
    }

    /// The same, with the tasks system beside its own, whose platform is this one.
    pub(crate) async fn with_tasks(platform: &Simulator) -> Self {
        Self::made(empty().await, Metrics::apart().1, |_, store| {
            let guanke = tasks::Guanke {
                base_url: platform.base_url(),
                username: "sim-user".to_owned(),
                password: "sim-pass".to_owned(),
                ..tasks::Guanke::default()
            };
            let config = tasks::Config { guanke, ..tasks::Config::default() };
            let tasks = Tasks::new(config.check().unwrap(), store.tasks(), "test-1").unwrap();
            Beside { tasks: Some(Arc::new(tasks)), ..Beside::default() }
        })
        .await
    }

    /// The same, with the files system beside its own.
    pub(crate) async fn with_files() -> Self {
        Self::made(empty().await, Metrics::apart().1, |_, store| {
            let keys = tempfile::tempdir().unwrap();
            let seal = Arc::new(Seal::of_file(&keys.path().join("secret.key")).unwrap());
            let settings = systems::files::Config::default().check().unwrap();
            let files = Files::new(settings, store.files(seal), fastrand::Rng::with_seed(4));
            Beside { files: Some(Arc::new(files)), ..Beside::default() }
        })
        .await
    }

    /// The same, with its numbers kept.
    pub(crate) async fn counted(metrics: Metrics) -> Self {
        Self::made(empty().await, metrics, |_, _| Beside::default()).await
    }

    async fn made(
        store: Store,
        metrics: Metrics,
        beside: impl FnOnce(&Destination, &Store) -> Beside,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let begin: Timestamp = BEGIN.parse().unwrap();
        let now_ms = Arc::new(AtomicI64::new(begin.as_millisecond()));
        let clock = Arc::clone(&now_ms);
        let clock = Arc::new(move || Timestamp::from_millisecond(clock.load(Ordering::SeqCst)).unwrap());
        let destination = quotes(&folder, begin).await;
        let Beside { stocks, races, tasks, files } = beside(&destination, &store);
        let mut systems: Vec<Arc<dyn System>> = vec![Arc::new(Days)];
        if let Some(stocks) = &stocks {
            stocks.prepare().await.unwrap();
            systems.push(stocks.clone());
        }
        if let Some(races) = &races {
            races.prepare().await.unwrap();
            systems.push(races.clone());
        }
        if let Some(tasks) = &tasks {
            systems.push(tasks.clone());
        }
        if let Some(files) = &files {
            systems.push(files.clone());
        }
        let engine = Engine::new(store, systems, clock);
        engine.register(engine.now()).await.unwrap();
        let spec = WorkerSpec { holder: "test-1".to_owned(), slots: 1 };
        let worker = Worker::new(engine.clone(), spec, fastrand::Rng::with_seed(1));
        let shutdown = CancellationToken::new();
        let routes = |router, refusal| SystemRoutes {
            router,
            hosts: Hosts::Ours,
            refusal,
            document: utoipa::openapi::OpenApi::default(),
            ranges: Vec::new(),
            slow: Vec::new(),
        };
        let of_days = routes(contract("/api/v1/days-status"), refused as Refusal);
        let open = routes(contract("/api/v1/open-days"), refused);
        let mut routes_of_systems = vec![
            SystemRoutes { ranges: vec![Range { sync: sync(), label: "batch" }], ..of_days },
            SystemRoutes { hosts: Hosts::Any, ..open },
        ];
        if let Some(tasks) = &tasks {
            let of_tasks = tasks::contract_routes(engine.clone(), Arc::clone(tasks), shutdown.clone());
            routes_of_systems.push(routes(of_tasks, tasks::contract_refusal));
        }
        let app = App {
            engine: engine.clone(),
            destination: Some(destination),
            stocks,
            races,
            tasks,
            files,
            systems: routes_of_systems,
            origins: Origins::parse(["https://desk.example"]).unwrap(),
            version: Version { version: "1.2.3", commit: Some("abcdef0") },
            metrics,
            settings: settings(),
            time_zone: TimeZone::get("Asia/Shanghai").unwrap(),
            rng: fastrand::Rng::with_seed(2),
            shutdown: shutdown.clone(),
        };
        Self { engine, shutdown, router: web::router(app), worker, now_ms, _folder: folder }
    }

    /// Puts a schedule for one moment; its number.
    pub(crate) async fn put_once(&self, at: &str) -> i64 {
        let spec = ScheduleSpec {
            name: "days.once".to_owned(),
            title: "补跑一次".to_owned(),
            when: When::Once { at: at.parse().unwrap() },
            ..Days.schedules().remove(0)
        };
        self.engine.put_schedule(&spec, self.engine.now()).await.unwrap().id.0
    }

    /// Lets time go by.
    pub(crate) fn advance(&self, seconds: i64) {
        self.now_ms.fetch_add(SignedDuration::from_secs(seconds).as_millis() as i64, Ordering::SeqCst);
    }

    /// Does all work there is.
    pub(crate) async fn work(&self) {
        loop {
            let step = self.worker.step(self.engine.now()).await.unwrap();
            if step.claimed == 0 && self.worker.held() == 0 {
                self.worker.beat(self.engine.now()).await.unwrap();
                return;
            }
            self.worker.outcome().await;
        }
    }

    /// The answer to any request, as it is.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Status and body of a GET.
    pub(crate) async fn get(&self, path: &str) -> String {
        shown(self.ask(Request::get(path).body(Body::empty()).unwrap()).await).await
    }

    /// Status and body of a GET, Chinese wished for.
    pub(crate) async fn get_chinese(&self, path: &str) -> String {
        let request = Request::get(path).header(header::ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9,en;q=0.8");
        shown(self.ask(request.body(Body::empty()).unwrap()).await).await
    }

    /// Status and body of a POST with JSON; with nothing when it is null.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> String {
        shown(self.ask(json_request("POST", path, body)).await).await
    }

    /// The answer to a POST with nothing, under an idempotency key.
    pub(crate) async fn post_under(&self, key: &str, path: &str) -> Response<Body> {
        self.ask(Request::post(path).header("idempotency-key", key).body(Body::empty()).unwrap()).await
    }

    /// Status and body of a DELETE.
    pub(crate) async fn delete(&self, path: &str) -> String {
        shown(self.ask(Request::delete(path).body(Body::empty()).unwrap()).await).await
    }

    /// Status and body of a PUT.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> String {
        shown(self.ask(json_request("PUT", path, body)).await).await
    }

    /// Status and body of a POST with a file.
    pub(crate) async fn post_file(&self, path: &str, kind: &str, file: impl Into<Body>) -> String {
        let request = Request::post(path).header(header::CONTENT_TYPE, kind);
        shown(self.ask(request.body(file.into()).unwrap()).await).await
    }

    /// Status and body of a PATCH.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> String {
        shown(self.ask(json_request("PATCH", path, body)).await).await
    }

    /// The answer to a form of the console.
    pub(crate) async fn form(&self, path: &str, fields: &str) -> Response<Body> {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::HOST, "127.0.0.1:8000")
            .header(header::ORIGIN, "http://127.0.0.1:8000");
        self.ask(request.body(Body::from(fields.to_owned())).unwrap()).await
    }

    /// Asks for a run over a range.
    pub(crate) async fn start(&self, from: &str, to: &str) -> String {
        let params = json!({ "start_date": from, "end_date": to });
        self.post("/api/v1/runs", &json!({ "sync": "days.all", "params": params })).await
    }
}

async fn empty() -> Store {
    Store::sqlite(":memory:".as_ref()).await.unwrap()
}

fn stocks(destination: &Destination, store: &Store) -> Arc<Stocks> {
    let settings = stocks::Config::default().check().unwrap();
    Arc::new(Stocks::new(settings, destination.clone(), store.read()))
}

fn races(destination: &Destination, store: &Store) -> Arc<Races> {
    let address = "http://127.0.0.1:1".to_owned();
    let config = races::Config { upstream_base_url: address, ..races::Config::default() };
    Arc::new(Races::new(config.check().unwrap(), destination.clone(), store.races()).unwrap())
}

pub(crate) fn json_request(method: &str, path: &str, body: &Value) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    if body.is_null() {
        return request.body(Body::empty()).unwrap();
    }
    request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
}

/// Status, then the body: JSON with a key a line, anything else as it is.
pub(crate) async fn shown(response: Response<Body>) -> String {
    let status: StatusCode = response.status();
    let body = text(response).await;
    match serde_json::from_str::<Value>(&body) {
        Ok(json) => format!("{status}\n{}", serde_json::to_string_pretty(&json).unwrap()),
        Err(_) => format!("{status}\n{body}"),
    }
}

/// The body.
pub(crate) async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn settings() -> Vec<Setting> {
    let setting =
        |key: &str, value: &str, source| Setting { key: key.to_owned(), value: value.to_owned(), source };
    vec![
        setting("listen", "127.0.0.1:8000", Source::Default),
        setting("database_url", "postgres://u:***@h/d", Source::Variable("SYNCLINE_DATABASE_URL".to_owned())),
        setting("destination_url", "", Source::Default),
        setting("days.upstream", "example:1", Source::Flag("--days-upstream".to_owned())),
        setting("days.pause", "7", Source::File("syncline.toml".to_owned())),
    ]
}

/// A documented route of the system, with its own answers under its prefix.
fn contract(prefix: &str) -> Router {
    let not_found = || async { (StatusCode::NOT_FOUND, axum::Json(json!({ "detail": "Not Found" }))) };
    let wrong =
        || async { (StatusCode::METHOD_NOT_ALLOWED, axum::Json(json!({ "detail": "Method Not Allowed" }))) };
    let inner = Router::new()
        .route("/today", axum::routing::get(|| async { "today" }).delete(|| async { "no more" }))
        .route("/broken", axum::routing::get(broken))
        .method_not_allowed_fallback(wrong)
        .fallback(not_found);
    Router::new().nest(prefix, inner)
}

async fn broken() -> &'static str {
    panic!("a bug of a system")
}

/// How those routes answer what is refused before them.
fn refused(_asked: &HeaderMap, status: StatusCode, why: &str) -> axum::response::Response {
    (status, axum::Json(json!({ "detail": why }))).into_response()
}

async fn quotes(folder: &tempfile::TempDir, now: Timestamp) -> Destination {
    let destination = Destination::sqlite(folder.path().join("data.db")).await.unwrap();
    destination.ensure(&[Quote::TABLE]).await.unwrap();
    let quote = |day: &str, code, name, cents| Quote {
        day: day.parse().unwrap(),
        code,
        name,
        price: rust_decimal::Decimal::new(cents, 2),
    };
    let rows = [
        quote("2025-10-08", "600000", Some("浦发银行"), 1_190),
        quote("2025-10-09", "000001", Some("Ping \"An\", Bank"), 1_150),
        quote("2025-10-09", "600000", None, 1_205),
    ];
    let mut transaction = destination.begin(PartitionId(1), Fence(1), now);
    transaction.merge(&rows).unwrap();
    transaction.commit().await.unwrap();
    destination
}
