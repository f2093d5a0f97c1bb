//! Wiring: the store, the destination, the systems, the engine's loops and the doors, made of settings.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use connect::tables::Destination;
use engine::loops::{Roles, Shutdown, Wall};
use engine::worker::WorkerSpec;
use engine::{Engine, System};
use jiff::Timestamp;
use store::{Keep, Seal, Store, StoreError};
use systems::files::{self, Files};
use systems::races::{self, Races};
use systems::stocks::{self, Stocks};
use systems::tasks::{self, Tasks};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use web::{App, Hosts, SystemRoutes};

use crate::config::{Role, Settings, State, without_password};
use crate::exit::Failure;
use crate::words::both;

/// The note that names this state store to destinations.
const STATE_NAME: &str = "syncline.state";

/// The log target of the stocks system.
const STOCKS: &str = "sync.stocks";

/// A started server. Ends when its shutdown is asked for.
pub(crate) struct Server {
    /// The console's address; `None` without the role `api`.
    pub(crate) url: Option<String>,
    /// Ends it.
    pub(crate) shutdown: Shutdown,
    loops: JoinHandle<Result<(), StoreError>>,
    /// Goes with the server.
    _floor: Floor,
    doors: Option<JoinHandle<()>>,
    /// SQLite's logs, which are empty or gone once the databases are closed.
    logs: Vec<PathBuf>,
}

/// Threads for the engine's loops and the work: a system that reads a large reply in one go holds up no request.
struct Floor(Option<Runtime>);

impl Floor {
    fn new() -> anyhow::Result<Self> {
        let threads = Builder::new_multi_thread().thread_name("syncline-work").enable_all().build();
        Ok(Self(Some(threads.context("the threads for the work could not be started")?)))
    }

    fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.0.as_ref().expect("it goes only when dropped").spawn(task)
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // What still waits for somebody else's reply must not hold the process.
        if let Some(threads) = self.0.take() {
            threads.shutdown_background();
        }
    }
}

/// For SQLite to write its log into the database: a stopped server leaves whole files behind.
const CLOSING: Duration = Duration::from_secs(2);

impl Server {
    /// Starts everything the settings ask for. When this returns, requests are answered.
    pub(crate) async fn start(settings: &Settings) -> Result<Self, Failure> {
        settings.may_listen()?;
        // First the port: it is the cheapest thing that can be wrong, and nothing is written before it is ours.
        let listener = match settings.does(Role::Api) {
            true => Some(listen(settings.listen).await?),
            false => None,
        };
        Ok(Self::behind(listener, settings).await?)
    }

    async fn behind(listener: Option<TcpListener>, settings: &Settings) -> anyhow::Result<Self> {
        let (store, destination) = databases(settings).await?;
        tracing::info!(target: STOCKS, "{}", stocks::POOL_LAZY);
        let stocks = Stocks::new(settings.stocks.clone(), destination.clone(), store.read());
        stocks.prepare().await.context("the tables of the destination could not be made ready")?;
        let stocks = Arc::new(stocks);
        let races = Races::new(settings.races.clone(), destination.clone(), store.races())
            .context("the races system cannot talk to its source")?;
        races.prepare().await.context("the tables of the destination could not be made ready")?;
        let races = Arc::new(races);
        let tasks = Tasks::new(settings.tasks.clone(), store.tasks(), &host_and_pid())
            .context("the tasks system cannot talk to its source")?;
        let tasks = Arc::new(tasks);
        let seal = Arc::new(Seal::of_file(&settings.secret_key_file)?);
        let files = Arc::new(Files::new(settings.files.clone(), store.files(seal), random()));
        for warning in settings.stocks.warnings() {
            tracing::warn!(target: STOCKS, "{warning}");
        }

        let wall = Wall::default();
        wall.set_by(&store).await?;
        let all: Vec<Arc<dyn System>> = vec![
            Arc::clone(&stocks) as _,
            Arc::clone(&races) as _,
            Arc::clone(&tasks) as _,
            Arc::clone(&files) as _,
        ];
        let engine = Engine::new(store, all, wall.clock());
        engine.register(engine.now()).await.inspect_err(|error| {
            tracing::error!(target: STOCKS, "{}", stocks::scheduler_failed(error));
        })?;
        let taken = stocks.take_over(&engine, engine.now()).await;
        taken.context("the older system's daily_sync_status could not be taken over")?;

        let shutdown = Shutdown::default();
        let url = listener.as_ref().map(url_of).transpose()?;
        let doors = listener.map(|listener| {
            let systems = Systems { stocks, races, tasks: Arc::clone(&tasks), files };
            let app = app(settings, &engine, systems, (destination, &shutdown));
            let router = web::router(app);
            tokio::spawn(web::serve(listener, router, shutdown.graceful.clone()))
        });
        let floor = Floor::new()?;
        let loops = floor.spawn(run_loops(engine, roles(settings), wall, shutdown.clone()));
        if settings.does(Role::Scheduler) {
            tracing::info!(target: STOCKS, "{}", stocks::SCHEDULER_STARTED);
            for line in tasks.log_schedules() {
                tracing::info!(target: tasks::labels::TARGET, "{line}");
            }
        }
        let logs = ["state.db-wal", "data.db-wal"].map(|name| settings.data_dir.join(name)).to_vec();
        Ok(Self { url, shutdown, loops, _floor: floor, doors, logs })
    }

    /// Waits for the end: work handed back, answers in flight given.
    pub(crate) async fn ended(self) -> anyhow::Result<()> {
        let loops = self.loops.await.context("the engine's loops died")?;
        if let Some(doors) = self.doors {
            doors.await.context("the doors died")?;
        }
        let closed = async {
            let mut looks = tokio::time::interval(Duration::from_millis(5));
            while self.logs.iter().any(|path| path.metadata().is_ok_and(|log| log.len() > 0)) {
                looks.tick().await;
            }
        };
        // Whoever else reads the files keeps them open; that is theirs to do.
        let _ = tokio::time::timeout(CLOSING, closed).await;
        loops.context("the engine's loops could not start")
    }
}

async fn run_loops(engine: Engine, roles: Roles, wall: Wall, shutdown: Shutdown) -> Result<(), StoreError> {
    let ended = engine::loops::run(engine, roles, wall, random(), shutdown.clone()).await;
    // Without its loops a server would answer and never work.
    shutdown.graceful.cancel();
    ended
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        both(
            format!(
                "cannot listen on {address}; choose another address with --listen, port 0 picks a free one"
            ),
            format!("无法监听 {address}；请用 --listen 指定其他地址，端口 0 表示自动选择"),
        )
    })
}

fn url_of(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}", listener.local_addr().context("the listening address is unknown")?))
}

/// The state and the destination, made where they are missing.
async fn databases(settings: &Settings) -> anyhow::Result<(Store, Destination)> {
    let store = match &settings.state {
        State::Postgres(url) => {
            Store::postgres(url).await.map_err(|error| no_server("database_url", url, &error))?
        }
        State::Embedded => {
            make_folder(&settings.data_dir)?;
            let path = settings.data_dir.join("state.db");
            Store::sqlite(&path).await.map_err(|error| match error {
                // It says whose the file is and what to do.
                StoreError::InUse { .. } => error.into(),
                error => no_file(&path, &error),
            })?
        }
    };
    let destination = match (&settings.destination_url, &settings.state) {
        (Some(url), _) => {
            Destination::postgres(url).await.map_err(|error| no_server("destination_url", url, &error))?
        }
        (None, State::Postgres(url)) => {
            Destination::postgres(url).await.map_err(|error| no_server("database_url", url, &error))?
        }
        (None, State::Embedded) => {
            make_folder(&settings.data_dir)?;
            let path = settings.data_dir.join("data.db");
            Destination::sqlite(&path).await.map_err(|error| no_file(&path, &error))?
        }
    };
    let name = name_of(&store).await?;
    Ok((store, destination.of_state(&name)))
}

/// A database server that could not be used: which, why, and the way on. The address is shown without its password.
fn no_server(key: &str, url: &str, error: &dyn std::error::Error) -> anyhow::Error {
    let url = without_password(url);
    let (english, chinese) = match key {
        "destination_url" => ("the destination", "目标库"),
        _ => ("the state store", "状态库"),
    };
    anyhow::anyhow!(both(
        format!(
            "cannot open {english} {url}: {error}. Check that PostgreSQL runs there and that host, user, password \
             and database of {key} are right; `syncline doctor` tries them"
        ),
        format!(
            "无法打开{chinese} {url}：{error}。请确认 PostgreSQL 正在运行，且 {key} 中的主机、用户、密码和数据库无误；\
             可用 `syncline doctor` 检查"
        ),
    ))
}

/// A database file that could not be used: which, why, and the way on.
fn no_file(path: &Path, error: &dyn std::error::Error) -> anyhow::Error {
    let path = path.display();
    anyhow::anyhow!(both(
        format!(
            "cannot open {path}: {error}. Check that it is a database file of Syncline's that this user may write, \
             or choose another folder with --data-dir"
        ),
        format!(
            "无法打开 {path}：{error}。请确认它是当前用户可写的 Syncline 数据库文件，或用 --data-dir 指定其他目录"
        ),
    ))
}

fn make_folder(path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path).with_context(|| {
        both(
            format!("cannot make the data folder {}; choose another with --data-dir", path.display()),
            format!("无法创建数据目录 {}；请用 --data-dir 指定其他目录", path.display()),
        )
    })
}

/// The state store's own name: a destination keeps the fences of several stores apart by it.
async fn name_of(store: &Store) -> Result<String, StoreError> {
    let candidate = serde_json::Value::String(format!("{:016x}", random().u64(..)));
    let name = store.keep_note(STATE_NAME, &candidate, machine_time()).await?;
    Ok(name.as_str().unwrap_or_default().to_owned())
}

/// The systems that ship with it.
struct Systems {
    stocks: Arc<Stocks>,
    races: Arc<Races>,
    tasks: Arc<Tasks>,
    files: Arc<Files>,
}

fn app(
    settings: &Settings,
    engine: &Engine,
    Systems { stocks, races, tasks, files }: Systems,
    (destination, shutdown): (Destination, &Shutdown),
) -> App {
    let routes = |router, refusal: web::Refusal| SystemRoutes {
        router,
        hosts: Hosts::Ours,
        refusal,
        document: utoipa::openapi::OpenApi::default(),
        ranges: Vec::new(),
        slow: Vec::new(),
    };
    let of_stocks = stocks::contract_routes(engine.clone(), Arc::clone(&stocks));
    let of_races = races::contract_routes(engine.clone(), Arc::clone(&races));
    let of_tasks = tasks::contract_routes(engine.clone(), Arc::clone(&tasks), shutdown.graceful.clone());
    let of_files = files::contract_routes(engine.clone(), Arc::clone(&files));
    let days = web::Range { sync: stocks::sync_key(), label: "web_batch" };
    App {
        engine: engine.clone(),
        destination: Some(destination),
        stocks: Some(stocks),
        races: Some(races),
        tasks: Some(tasks),
        files: Some(files),
        systems: vec![
            SystemRoutes { ranges: vec![days], ..routes(of_stocks, stocks::contract_refusal) },
            // Their contract checks no host.
            SystemRoutes { hosts: Hosts::Any, ..routes(of_races, races::contract_refusal) },
            SystemRoutes { slow: tasks::SLOW.to_vec(), ..routes(of_tasks, tasks::contract_refusal) },
            routes(of_files, files::contract_refusal),
        ],
        origins: settings.allowed_origins.clone(),
        version: web::Version { version: crate::version::NUMBER, commit: crate::version::COMMIT },
        metrics: web::metrics::Metrics::install().expect("the numbers are kept once, by the one server"),
        settings: settings.shown.clone(),
        time_zone: settings.time_zone.clone(),
        rng: random(),
        shutdown: shutdown.graceful.clone(),
    }
}

fn roles(settings: &Settings) -> Roles {
    let keep = Keep { runs: settings.runs_kept, events: settings.events_kept };
    let spec = WorkerSpec { holder: holder(), slots: settings.worker_slots };
    Roles {
        scheduler: settings.does(Role::Scheduler).then_some(keep),
        worker: settings.does(Role::Worker).then_some(spec),
    }
}

/// `host-pid/boot`: in containers every process is number 1 of its host.
fn holder() -> String {
    format!("{}/{:08x}", host_and_pid(), random().u32(..))
}

/// `host-pid`.
fn host_and_pid() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let host = host.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    let host = match host.trim() {
        "" => "localhost",
        host => host,
    };
    format!("{host}-{}", std::process::id())
}

#[expect(clippy::disallowed_methods, reason = "this is where randomness comes into the program")]
pub(crate) fn random() -> fastrand::Rng {
    fastrand::Rng::new()
}

#[expect(clippy::disallowed_methods, reason = "commands read the clock here; the engine has its own")]
pub(crate) fn machine_time() -> Timestamp {
    Timestamp::now()
}
