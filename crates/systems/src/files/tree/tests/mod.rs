//! Trees made like one another, on folders and in memory: the bed of these claims.

mod facts;
mod failing;
mod faulty;
mod ground;
mod killed;
mod leases;
mod listings;
mod looks;
mod names;
mod odd;
mod progress;
mod retries;
mod script;
mod spelled;
mod spooled;
mod trees;
mod writes;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use connect::storage::{Body, Entry, Local};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use model::file::{FileCompare, FileFilters, FileGuard, FileSide};
use proptest::collection::btree_map;
use proptest::strategy::Strategy;
use tempfile::TempDir;

use super::*;
use crate::files::TEMPORARY;

/// Says go on as often as it may, lets no time go by, and keeps what it is told.
struct Eyes {
    items: Mutex<Vec<Item>>,
    memory: Arc<Mutex<Vec<FileBaseline>>>,
    pauses: Mutex<Vec<Duration>>,
    chances: AtomicU32,
    /// How often it says go on before the work must stop.
    steps: AtomicU32,
    stop: tokio::sync::Notify,
    /// What it was told last at each time; it wants to be told all the time when it keeps that.
    seen: Option<Mutex<Vec<(FilePhase, FileProgress)>>>,
}

impl Default for Eyes {
    fn default() -> Self {
        let (items, memory, pauses) = (Mutex::default(), Arc::default(), Mutex::default());
        let (chances, steps) = (AtomicU32::new(0), AtomicU32::new(u32::MAX));
        Self { items, memory, pauses, chances, steps, stop: tokio::sync::Notify::new(), seen: None }
    }
}

#[async_trait]
impl Watch for Eyes {
    fn go_on(&self) -> Result<(), Fault> {
        let step = |steps: u32| steps.checked_sub(1);
        let went = self.steps.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        went.map(drop).map_err(|_| Fault::again("stopped", "somebody else has the right now"))
    }

    async fn stopped(&self) -> Fault {
        self.stop.notified().await;
        Fault::again("stopped", "somebody said stop")
    }

    async fn wait(&self, pause: Duration) -> Result<(), Fault> {
        self.pauses.lock().unwrap().push(pause);
        Ok(())
    }

    fn chance(&self) -> f64 {
        f64::from(self.chances.fetch_add(1, Ordering::Relaxed)) / f64::from(u32::MAX)
    }

    fn curious(&self) -> bool {
        self.seen.is_some()
    }

    async fn curiosity(&self) {
        match self.seen {
            Some(_) => tokio::task::yield_now().await,
            None => std::future::pending().await,
        }
    }

    async fn remembered(&self, folder: &Place) -> Result<Vec<FileBaseline>, Fault> {
        let memory = self.memory.lock().unwrap();
        Ok(memory.iter().filter(|file| file.folder == folder.as_str()).cloned().collect())
    }

    async fn uploads(&self) -> Result<Vec<FileUpload>, Fault> {
        Ok(Vec::new())
    }

    async fn upload_begun(&self, _upload: &FileUpload) -> Result<(), Fault> {
        Ok(())
    }

    async fn upload_ended(&self, _upload: &str) -> Result<(), Fault> {
        Ok(())
    }

    async fn told(&self, told: Told) -> Result<(), Fault> {
        let (items, Marks { remembered, forgotten }) = (told.items, told.marks);
        self.items.lock().unwrap().extend(items);
        if let Some(seen) = &self.seen {
            seen.lock().unwrap().push((told.phase, told.progress));
        }
        let mut memory = self.memory.lock().unwrap();
        let again =
            |file: &FileBaseline, (folder, name): (&str, &str)| file.folder == folder && file.name == name;
        memory.retain(|file| !forgotten.iter().any(|(folder, name)| again(file, (folder, name))));
        memory.retain(|file| !remembered.iter().any(|new| again(file, (&new.folder, &new.name))));
        memory.extend(remembered);
        Ok(())
    }
}

fn config(mode: FileMode) -> FileConfig {
    let side = |path: &str| FileSide {
        service: "fs".to_owned(),
        options: BTreeMap::new(),
        path: path.to_owned(),
        must_exist: false,
        case_insensitive: None,
    };
    FileConfig {
        name: None,
        enabled: true,
        source: side("/source"),
        target: side("/target"),
        mode,
        cron: None,
        timezone: "UTC".to_owned(),
        filters: FileFilters { case_sensitive: true, ..FileFilters::default() },
        rename_rules: Vec::new(),
        compare: FileCompare::Auto,
        mtime_tolerance_ms: None,
        delete_guard: FileGuard { max_files: None, max_percent: None },
        backup_dir: None,
        create_empty_dirs: true,
        transfers: 4,
        checkers: 4,
        bandwidth_limit: 0,
        end_time: None,
        priority: 0,
    }
}

/// Two trees and a config, ready to be synced.
struct Bed {
    source: Arc<dyn Storage>,
    target: Arc<dyn Storage>,
    config: FileConfig,
    asked: FileAsked,
    /// What is remembered from run to run.
    memory: Arc<Mutex<Vec<FileBaseline>>>,
    /// Where replaced and deleted files are kept: a storage that holds `target` and `kept`.
    keeps: Option<Arc<dyn Storage>>,
    /// A storage that holds `source` and `target`, and may be asked to copy from the one to the other.
    shares: Option<Arc<dyn Storage>>,
    /// Which process it is that syncs.
    claim: u16,
    /// See [`Trees`].
    bound: Bound,
}

impl Bed {
    fn local(source: &TempDir, target: &TempDir, mode: FileMode) -> Self {
        Self {
            source: Arc::new(Local::new(&source.path().join("tree"))),
            target: Arc::new(Local::new(&target.path().join("tree"))),
            config: config(mode),
            asked: FileAsked::default(),
            memory: Arc::default(),
            keeps: None,
            shares: None,
            claim: 1,
            bound: Bound::default(),
        }
    }

    async fn sync(&self) -> (FileStats, Result<(), Failure>, Vec<Item>) {
        self.seen(&Eyes { memory: Arc::clone(&self.memory), ..Eyes::default() }).await
    }

    /// Syncs before these eyes.
    async fn seen(&self, eyes: &Eyes) -> (FileStats, Result<(), Failure>, Vec<Item>) {
        let kept = |storage| Backup {
            storage,
            target: Place::parse("target").unwrap(),
            kept: Place::parse("kept/run").unwrap(),
            inside: None,
        };
        let shared = |storage| Shared {
            storage,
            source: Place::parse("source").unwrap(),
            target: Place::parse("target").unwrap(),
        };
        let trees = Trees {
            source: Arc::clone(&self.source),
            target: Arc::clone(&self.target),
            filter: Filter::new(&self.config.filters).unwrap(),
            rename: Rename::new(&self.config.rename_rules).unwrap(),
            config: self.config.clone(),
            asked: self.asked,
            temporary: format!("{TEMPORARY}1-1-{:04x}", self.claim),
            backup: self.keeps.clone().map(kept),
            shared: self.shares.clone().map(shared),
            bound: self.bound,
        };
        let (stats, done) = sync(&trees, eyes).await;
        let items = std::mem::take(&mut *eyes.items.lock().unwrap());
        (stats, done, items)
    }

    /// Syncs, which must work.
    async fn done(&self) -> FileStats {
        let (stats, done, items) = self.sync().await;
        assert!(done.is_ok(), "{done:?} {items:?}");
        stats
    }

    /// Syncs, which must not work; the type of the failure.
    async fn fails(&self) -> (&'static str, FileStats) {
        let (stats, done, _) = self.sync().await;
        (done.unwrap_err().error_type(), stats)
    }
}

async fn put(storage: &dyn Storage, path: &str, content: &str, modified: i64) {
    let at = Place::parse(path).unwrap();
    storage.make_folder(&at.folder()).await.unwrap();
    let piece = Ok(bytes::Bytes::copy_from_slice(content.as_bytes()));
    let body = Body::Pieces(stream::iter([piece]).boxed());
    let draft = storage.draft(&at, ".draft", body, content.len() as u64).await.unwrap();
    let modified = Timestamp::from_second(modified).unwrap();
    storage.publish(draft, Some(modified)).await.unwrap();
}

/// All files of a tree with their content, and its folders with nothing.
async fn all(storage: &dyn Storage) -> BTreeMap<String, Option<String>> {
    let (mut found, mut unread) = (BTreeMap::new(), vec![Place::root()]);
    while let Some(folder) = unread.pop() {
        if storage.look(&folder).await.unwrap().is_none() {
            continue;
        }
        for Entry { name, kind } in storage.list(&folder).await.unwrap() {
            let at = folder.join(&name).unwrap();
            let content = match kind {
                Kind::Folder => {
                    unread.push(at.clone());
                    None
                }
                Kind::File(_) => {
                    let pieces = storage.read(&at).await.unwrap().pieces();
                    let bytes = pieces.map_ok(|piece| piece.to_vec()).try_concat().await.unwrap();
                    Some(String::from_utf8(bytes).unwrap())
                }
                Kind::Odd(_) => continue,
            };
            found.insert(at.as_str().to_owned(), content);
        }
    }
    found
}

async fn fill(storage: &dyn Storage, files: &BTreeMap<String, (String, i64)>) {
    storage.make_folder(&Place::root()).await.unwrap();
    for (path, (content, modified)) in files {
        put(storage, path, content, *modified).await;
    }
}

/// A few files in a few folders. A letter is a folder or a file, so that both meet in one place.
fn files() -> impl Strategy<Value = BTreeMap<String, (String, i64)>> {
    let path = proptest::collection::vec(proptest::sample::select(vec!["a", "b", "c.tmp", "字"]), 1..4);
    let files = btree_map(path.prop_map(|names| names.join("/")), ("[xy]{0,2}", 0_i64..4), 0..8);
    // A file that has another below it is no file.
    files.prop_map(|files: BTreeMap<String, (String, i64)>| {
        let paths: Vec<String> = files.keys().cloned().collect();
        let is_folder = |path: &String| paths.iter().any(|other| other.starts_with(&format!("{path}/")));
        files.into_iter().filter(|(path, _)| !is_folder(path)).collect()
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}
