//! The bed: everything a claim needs, started in a line and taken away at its end.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use engine::Engine;
use jiff::SignedDuration;
use model::file::run::{FileAsked, FileItem, FileItemStatus};
use serde_json::{Map, Value as Json, json};
use store::{Seal, Store};
use systems::files::{self, Config, FileItemFilter, Files};
use tempfile::TempDir;

pub(crate) use crate::shared::Base;
use crate::shared::{Driver, HandClock, Place, send, until};

/// Half past ten in Shanghai, as the documented times of cron have it.
pub(crate) const MORNING: &str = "2026-01-15T02:20:30Z";

pub(crate) struct Bed {
    pub(crate) engine: Engine,
    pub(crate) clock: HandClock,
    pub(crate) store: Store,
    pub(crate) files: Arc<Files>,
    place: Place,
    seal: Arc<Seal>,
    /// Where the trees are.
    pub(crate) ground: TempDir,
    router: Router,
    driver: Driver,
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
        let place = Place::new(base).await;
        let clock = HandClock::at(MORNING.parse().unwrap());
        let (store, _destination) = place.open().await;
        let seal = Arc::new(Seal::of_file(&ground.path().join("secret.key")).unwrap());
        let rng = fastrand::Rng::with_seed(7);
        let files = Arc::new(Files::new(config.check().unwrap(), store.files(seal.clone()), rng));
        let engine = Engine::new(store.clone(), vec![files.clone()], clock.clock());
        engine.register(engine.now()).await.unwrap();
        let router = files::contract_routes(engine.clone(), Arc::clone(&files));
        Self { engine, clock, store, files, place, seal, ground, router, driver: Driver::default() }
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
                let client = crate::shared::place::admin_client(&database.url).await;
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

    /// Lets the time pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.pass(SignedDuration::from_secs(seconds));
    }

    /// A documented route: status and text.
    pub(crate) async fn text(&self, method: &str, path: &str, body: (&str, &str)) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("/api/v1/task/scheduler{path}"));
        let request = match body {
            ("", "") => request,
            (kind, _) => request.header("content-type", kind),
        };
        send(&self.router, request.body(Body::from(body.1.to_owned())).unwrap()).await
    }

    /// A documented route: status and body.
    pub(crate) async fn call(&self, method: &str, path: &str) -> (u16, Json) {
        let (status, text) = self.text(method, path, ("", "")).await;
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}")))
    }

    /// The data of one that answers well.
    pub(crate) async fn ok(&self, method: &str, path: &str) -> Json {
        let (status, answer) = self.call(method, path).await;
        assert_eq!((status, &answer["code"]), (200, &json!(200)), "{path}: {answer}");
        answer["data"].clone()
    }
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
