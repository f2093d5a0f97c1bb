//! The bed: everything a claim needs, started in a line and taken away at its end.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use engine::worker::{Worker, WorkerSpec};
use engine::{Engine, PartitionFilter, reap};
use jiff::SignedDuration;
use model::file::run::{FileAsked, FileItem, FileItemStatus};
use model::id::RunId;
use serde_json::{Map, Value as Json, json};
use store::{Seal, Store};
use systems::files::{self, Config, FileItemFilter, Files};
use tempfile::TempDir;

use crate::outside::outside;
pub(crate) use crate::shared::place::admin_client;
pub(crate) use crate::shared::{Base, Place};
use crate::shared::{Driver, HandClock, send, until};

/// Half past ten in Shanghai, as the documented times of cron have it.
pub(crate) const MORNING: &str = "2026-01-15T02:20:30Z";

pub(crate) struct Bed {
    pub(crate) engine: Engine,
    pub(crate) clock: HandClock,
    pub(crate) store: Store,
    pub(crate) files: Arc<Files>,
    place: Place,
    config: Config,
    seal: Arc<Seal>,
    /// Where the trees are.
    pub(crate) ground: TempDir,
    router: Router,
    driver: Driver,
}

/// Another server of the same state.
pub(crate) struct Twin {
    pub(crate) engine: Engine,
    pub(crate) files: Arc<Files>,
    router: Router,
}

impl Twin {
    /// The data of a documented route that answers well.
    pub(crate) async fn ok(&self, method: &str, path: &str) -> Json {
        answered(&self.router, method, path).await
    }
}

impl Bed {
    /// Everything running, no config.
    pub(crate) async fn start(base: Base) -> Self {
        let mut bed = Self::idle(base, Config::default()).await;
        bed.drive();
        bed
    }

    /// Ready to be worked with, but nothing is being done yet.
    pub(crate) async fn idle(base: Base, config: Config) -> Self {
        let ground = tempfile::tempdir().unwrap();
        Self::over(Place::new(base).await, ground, HandClock::at(MORNING.parse().unwrap()), config).await
    }

    async fn over(place: Place, ground: TempDir, clock: HandClock, config: Config) -> Self {
        let (store, _destination) = place.open().await;
        let seal = Arc::new(Seal::of_file(&ground.path().join("secret.key")).unwrap());
        let Twin { engine, files, router } = server(&store, &seal, &clock, &config).await;
        let driver = Driver::default();
        Self { engine, clock, store, files, place, config, seal, ground, router, driver }
    }

    /// Another server of the same state, over connections of its own where the database takes more than one process.
    pub(crate) async fn twin(&self) -> Twin {
        self.twin_at(&self.clock).await
    }

    /// The same with a clock of its own.
    pub(crate) async fn twin_at(&self, clock: &HandClock) -> Twin {
        let store = match &self.place {
            Place::Folder(_) => self.store.clone(),
            Place::Database(database) => Store::postgres(&database.url).await.unwrap(),
        };
        server(&store, &self.seal, clock, &self.config).await
    }

    /// The same state and trees under a new process, in which nothing is being done yet.
    pub(crate) async fn restarted(self) -> Self {
        let Self { engine, clock, store, files, place, config, seal, ground, router, driver } = self;
        driver.stop().await;
        drop((engine, store, files, seal, router));
        Self::over(place, ground, clock, config).await
    }

    /// Statements on the state, past every server.
    pub(crate) async fn outside(&self, sql: &str) {
        match self.place {
            Place::Folder(_) => outside(&self.place, "state.db", sql).await,
            Place::Database(_) => {
                outside(&self.place, "", &format!("SET search_path = syncline; {sql}")).await;
            }
        }
    }

    /// Starts scheduler and worker.
    pub(crate) fn drive(&mut self) {
        self.driver = Driver::all(&self.engine);
    }

    /// Starts the scheduler alone: runs stay queued.
    pub(crate) fn drive_schedules(&mut self) {
        self.driver = Driver::schedules(&self.engine);
    }

    /// Ends scheduler and worker in good order.
    pub(crate) async fn rest(&mut self) {
        std::mem::take(&mut self.driver).stop().await;
    }

    /// What secrets are sealed with.
    pub(crate) fn seal(&self) -> Arc<Seal> {
        self.seal.clone()
    }

    /// What the state keeps of configs and secrets, as it lies there.
    pub(crate) async fn dump(&self) -> String {
        match &self.place {
            Place::Folder(folder) => {
                let files = fs::read_dir(folder.path())
                    .unwrap()
                    .map(|entry| fs::read(entry.unwrap().path()).unwrap());
                files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
            }
            Place::Database(database) => {
                let client = admin_client(&database.url).await;
                let all = "SELECT concat((SELECT string_agg(s::text, '') FROM syncline.secret s), \
                           (SELECT string_agg(c::text, '') FROM syncline.file_config c))";
                client.query_one(all, &[]).await.unwrap().get(0)
            }
        }
    }

    /// A folder of the ground.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.ground.path().join(path)
    }

    /// Writes a file of the ground.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let at = self.at(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, content).unwrap();
    }

    /// All files below a folder of the ground, with their contents.
    pub(crate) fn tree(&self, path: &str) -> BTreeMap<String, String> {
        let (root, mut found) = (self.at(path), BTreeMap::new());
        gather(&root, &root, &mut found);
        found
    }

    /// The body of a config between two folders of the ground.
    pub(crate) fn body(&self, more: &Json) -> Map<String, Json> {
        let side = |path: &str| json!({"service": "fs", "path": self.at(path).display().to_string()});
        let mut body = json!({"name": "照片备份", "source": side("source"), "target": side("target")});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body.as_object().unwrap().clone()
    }

    /// Makes a config between two folders of the ground.
    pub(crate) async fn config(&self, more: Json) -> i64 {
        self.files.create(&self.body(&more), None, self.engine.now()).await.unwrap().id
    }

    /// Runs a config to its end: the documented result.
    pub(crate) async fn run(&self, config: i64, asked: FileAsked) -> Json {
        let task = self.files.execute(&self.engine, config, asked).await.unwrap().task_id;
        self.ended(&task).await
    }

    /// Runs a config to the end of its first try, with what failed.
    pub(crate) async fn tried(&self, config: i64, asked: FileAsked) -> (Json, Vec<FileItem>) {
        let started = self.files.execute(&self.engine, config, asked).await.unwrap();
        let ended = until(&self.engine, || async {
            let result = self.ok("GET", &format!("/task-result/{}", started.task_id)).await;
            (result["ready"] == true || result["status"] == "RETRY").then_some(result)
        })
        .await;
        let failed = FileItemFilter { status: Some(FileItemStatus::Failed), op: None };
        let failed = self.files.items(started.run, failed, 0, 9).await.unwrap();
        (ended, failed.into_iter().map(|(_, item)| item).collect())
    }

    /// Runs a config, which must work at its first try: its counts.
    pub(crate) async fn done(&self, config: i64, asked: FileAsked) -> Json {
        let (ended, failed) = self.tried(config, asked).await;
        assert_eq!(ended["status"], "SUCCESS", "{ended} {failed:?}");
        ended["result"]["stats"].clone()
    }

    /// The same as numbers: files that were added, updated, left as they were and deleted.
    pub(crate) async fn counts(&self, config: i64) -> [u64; 4] {
        let stats = self.done(config, FileAsked::default()).await;
        let counts = ["added_success", "updated_success", "unchanged", "deleted_success"];
        let counts = counts.map(|count| stats[count].as_u64().unwrap());
        assert!(counts[0] + counts[1] > 0 || stats["bytes"] == 0, "{stats}");
        counts
    }

    /// The documented result of a task, once it has ended.
    pub(crate) async fn ended(&self, task: &str) -> Json {
        until(&self.engine, || async {
            let result = self.ok("GET", &format!("/task-result/{task}")).await;
            (result["ready"] == true).then_some(result)
        })
        .await
    }

    /// The documented result of a task at the end of its first try, done by a worker of so many slots. Time flies.
    pub(crate) async fn hurried(&self, task: &str, slots: usize) -> Json {
        let worker = worker(&self.engine, slots);
        until(&self.engine, || async {
            self.pass(1);
            worker.beat(self.engine.now()).await.unwrap();
            reap::tick(&self.engine, self.engine.now()).await.unwrap();
            worker.step(self.engine.now()).await.unwrap();
            let result = self.ok("GET", &format!("/task-result/{task}")).await;
            (result["ready"] == true || result["status"] == "RETRY").then_some(result)
        })
        .await
    }

    /// The type of what a run failed with, of its last try.
    pub(crate) async fn fault(&self, run: RunId) -> String {
        let filter = PartitionFilter { limit: 1, ..PartitionFilter::default() };
        self.engine.read().partitions(run, &filter).await.unwrap().remove(0).fault_code.unwrap()
    }

    /// Lets the time pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.pass(SignedDuration::from_secs(seconds));
    }

    /// A documented route: status and text.
    pub(crate) async fn text(&self, method: &str, path: &str, body: (&str, &str)) -> (u16, String) {
        asked(&self.router, method, path, body).await
    }

    /// The data of one that answers well.
    pub(crate) async fn ok(&self, method: &str, path: &str) -> Json {
        answered(&self.router, method, path).await
    }
}

/// A server of a state that does nothing by itself. Public names of runs are not those of other servers.
async fn server(store: &Store, seal: &Arc<Seal>, clock: &HandClock, config: &Config) -> Twin {
    static SERVERS: AtomicU64 = AtomicU64::new(7);
    let rng = fastrand::Rng::with_seed(SERVERS.fetch_add(1, Ordering::Relaxed));
    let files = Arc::new(Files::new(config.clone().check().unwrap(), store.files(seal.clone()), rng));
    let engine = Engine::new(store.clone(), vec![files.clone()], clock.clock());
    engine.register(engine.now()).await.unwrap();
    let router = files::contract_routes(engine.clone(), Arc::clone(&files));
    Twin { engine, files, router }
}

/// A worker that does nothing by itself.
pub(crate) fn worker(engine: &Engine, slots: usize) -> Worker {
    let spec = WorkerSpec { holder: "by-hand-1".to_owned(), slots };
    Worker::new(engine.clone(), spec, fastrand::Rng::with_seed(1))
}

/// A request to a documented route: status and text.
async fn asked(router: &Router, method: &str, path: &str, body: (&str, &str)) -> (u16, String) {
    let request = Request::builder().method(method).uri(format!("/api/v1/task/scheduler{path}"));
    let request = match body {
        ("", "") => request,
        (kind, _) => request.header("content-type", kind),
    };
    send(router, request.body(Body::from(body.1.to_owned())).unwrap()).await
}

/// The data of one that is answered well.
async fn answered(router: &Router, method: &str, path: &str) -> Json {
    let (status, text) = asked(router, method, path, ("", "")).await;
    let answer: Json = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"));
    assert_eq!((status, &answer["code"]), (200, &json!(200)), "{path}: {answer}");
    answer["data"].clone()
}

fn gather(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            found.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
