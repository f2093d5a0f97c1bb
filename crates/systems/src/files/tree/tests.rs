//! Trees made like one another, on folders and in memory.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use connect::storage::{Body, Entry, Local, Memory};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use model::file::run::FileItemStatus as Status;
use model::file::{FileCompare, FileFilters, FileGuard, FileSide};
use proptest::collection::btree_map;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::files::TEMPORARY;

/// Says go on, and keeps what it is told.
#[derive(Default)]
struct Eyes {
    items: Mutex<Vec<Item>>,
    memory: Arc<Mutex<Vec<FileBaseline>>>,
    chances: AtomicU32,
}

#[async_trait]
impl Watch for Eyes {
    fn go_on(&self) -> Result<(), Fault> {
        Ok(())
    }

    async fn stopped(&self) -> Fault {
        std::future::pending().await
    }

    async fn wait(&self, _pause: Duration) -> Result<(), Fault> {
        Ok(())
    }

    fn chance(&self) -> f64 {
        f64::from(self.chances.fetch_add(1, Ordering::Relaxed)) / f64::from(u32::MAX)
    }

    fn curious(&self) -> bool {
        false
    }

    async fn remembered(&self, folder: &Place) -> Result<Vec<FileBaseline>, Fault> {
        let memory = self.memory.lock().unwrap();
        Ok(memory.iter().filter(|file| file.folder == folder.as_str()).cloned().collect())
    }

    async fn told(&self, told: Told) -> Result<(), Fault> {
        let (items, Marks { remembered, forgotten }) = (told.items, told.marks);
        self.items.lock().unwrap().extend(items);
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
    memory: Arc<Mutex<Vec<FileBaseline>>>,
}

impl Bed {
    fn local(source: &TempDir, target: &TempDir, mode: FileMode) -> Self {
        Self {
            source: Arc::new(Local::new(&source.path().join("tree"))),
            target: Arc::new(Local::new(&target.path().join("tree"))),
            config: config(mode),
            asked: FileAsked::default(),
            memory: Arc::default(),
        }
    }

    async fn sync(&self) -> (FileStats, Result<(), Failure>, Vec<Item>) {
        let trees = Trees {
            source: Arc::clone(&self.source),
            target: Arc::clone(&self.target),
            filter: Filter::new(&self.config.filters).unwrap(),
            rename: Rename::new(&self.config.rename_rules).unwrap(),
            config: self.config.clone(),
            asked: self.asked,
            temporary: format!("{TEMPORARY}1-1-0001"),
            backup: None,
            shared: None,
        };
        let told = Eyes { memory: Arc::clone(&self.memory), ..Eyes::default() };
        let (stats, done) = sync(&trees, &told).await;
        (stats, done, told.items.into_inner().unwrap())
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_mirror_is_like_its_source_and_the_next_run_copies_nothing(source in files(), target in files()) {
        runtime().block_on(async {
            let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let mut bed = Bed::local(&from, &to, FileMode::Full);
            // Equal sizes and times may hide another content from a comparison by them.
            bed.config.compare = FileCompare::Checksum;
            bed.asked.force = true;
            fill(&*bed.source, &source).await;
            fill(&*bed.target, &target).await;
            bed.done().await;
            assert_eq!(all(&*bed.target).await, all(&*bed.source).await);
            let again = bed.done().await;
            assert_eq!((again.unchanged, again.bytes), (source.len() as u64, 0));
            assert_eq!(again.added_success + again.updated_success + again.deleted_success, 0);
        });
    }

    #[test]
    fn an_incremental_run_deletes_nothing_and_counts_every_file_once(source in files(), target in files()) {
        runtime().block_on(async {
            let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let bed = Bed::local(&from, &to, FileMode::Incremental);
            fill(&*bed.source, &source).await;
            fill(&*bed.target, &target).await;
            let before = all(&*bed.target).await;
            let (stats, _, _) = bed.sync().await;
            let after = all(&*bed.target).await;
            assert!(before.keys().all(|path| after.contains_key(path)));
            assert_eq!(stats.deleted_success, 0);
            let met = stats.added_success + stats.updated_success + stats.unchanged;
            assert!(met <= stats.source_list_num && stats.source_list_num <= source.len() as u64);
        });
    }
}

#[tokio::test]
async fn files_go_from_a_folder_into_memory_and_back() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let memory: Arc<dyn Storage> = Arc::new(Memory::default());
    let mut there = Bed::local(&from, &to, FileMode::Full);
    fill(&*there.source, &BTreeMap::from([("a/b".to_owned(), ("x".to_owned(), 1))])).await;
    there.target = Arc::clone(&memory);
    // In memory there is no root before the first file.
    assert_eq!(there.done().await.added_success, 1);
    let mut back = Bed::local(&from, &to, FileMode::Full);
    back.source = memory;
    assert_eq!(back.done().await.added_success, 1);
    assert_eq!(all(&*back.target).await, all(&*there.source).await);
}

#[tokio::test]
async fn a_source_that_is_not_there_touches_nothing() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bed = Bed::local(&from, &to, FileMode::Full);
    put(&*bed.target, "kept", "x", 1).await;
    assert_eq!(bed.fails().await.0, "source_missing");
    assert_eq!(all(&*bed.target).await.len(), 1);
    assert!(!from.path().join("tree").exists(), "and nothing is made at the source");
}

#[tokio::test]
async fn an_empty_source_deletes_nothing_unless_it_is_forced() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bed = Bed::local(&from, &to, FileMode::Full);
    bed.source.make_folder(&Place::root()).await.unwrap();
    put(&*bed.target, "kept", "x", 1).await;
    assert_eq!(bed.fails().await.0, "empty_source");
    bed.asked.force = true;
    assert_eq!(bed.done().await.deleted_success, 1);
}

#[tokio::test]
async fn more_deletes_than_the_guard_allows_delete_nothing() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bed = Bed::local(&from, &to, FileMode::Full);
    bed.config.delete_guard = FileGuard { max_files: Some(100), max_percent: Some(10) };
    for number in 0..18 {
        put(&*bed.source, &format!("{number}"), "x", 1).await;
    }
    bed.done().await;
    put(&*bed.target, "extra/1", "x", 1).await;
    put(&*bed.target, "extra/2", "x", 1).await;
    put(&*bed.source, "new", "x", 1).await;
    assert_eq!(bed.done().await.deleted_success, 2, "two of twenty are a tenth");
    for number in 0..3 {
        put(&*bed.target, &format!("extra/{number}"), "x", 1).await;
    }
    let (failed, stats) = bed.fails().await;
    assert_eq!((failed, stats.deleted_success, stats.to_delete_total), ("guard", 0, 3));
    bed.asked.confirm = true;
    bed.asked.max_delete = Some(2);
    assert_eq!(bed.fails().await.0, "guard", "a confirmed number is a bound too");
    bed.asked.max_delete = None;
    assert_eq!(bed.done().await.deleted_success, 3);
    assert!(!to.path().join("tree/extra").exists(), "its folder went with the last of them");
}

#[tokio::test]
async fn a_dry_run_says_what_the_next_run_does_and_does_nothing() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bed = Bed::local(&from, &to, FileMode::Full);
    put(&*bed.source, "a/new", "x", 1).await;
    put(&*bed.source, "changed", "longer", 1).await;
    put(&*bed.target, "changed", "x", 1).await;
    put(&*bed.target, "extra", "x", 1).await;
    let before = all(&*bed.target).await;
    bed.config.delete_guard = FileGuard::default();
    bed.asked.dry_run = true;
    let (_, done, mut said) = bed.sync().await;
    done.expect("the guard is for who deletes");
    assert_eq!(all(&*bed.target).await, before);
    assert!(said.iter().all(|item| item.status == Status::Pending));
    bed.asked.dry_run = false;
    bed.asked.confirm = true;
    let (_, done, mut did) = bed.sync().await;
    done.unwrap();
    let by_place = |items: &mut Vec<Item>| {
        items.sort_by(|a, b| a.to.cmp(&b.to));
        items.iter().map(|item| (item.op, item.to.as_str().to_owned(), item.reason)).collect::<Vec<_>>()
    };
    assert_eq!(by_place(&mut said), by_place(&mut did));
}

#[tokio::test]
async fn a_folder_that_cannot_be_read_deletes_nothing_and_the_others_go_on() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bed = Bed::local(&from, &to, FileMode::Full);
    put(&*bed.source, "good/new", "x", 1).await;
    put(&*bed.source, "bad/file", "x", 1).await;
    put(&*bed.target, "bad/old", "x", 1).await;
    put(&*bed.target, "extra", "x", 1).await;
    // A link in a folder's place is no folder, whoever put it there.
    let bad = from.path().join("tree/bad");
    std::fs::rename(&bad, from.path().join("elsewhere")).unwrap();
    let listed = Switched { storage: Arc::clone(&bed.source), missing: "bad" };
    let bed = Bed { source: Arc::new(listed), ..bed };
    let (failed, stats) = bed.fails().await;
    assert_eq!((failed, stats.added_success, stats.deleted_success), ("source_listing", 1, 0));
    assert_eq!(all(&*bed.target).await.len(), 5, "bad, bad/old, extra, good, good/new");
}

/// A storage whose root still lists a folder that is gone.
struct Switched {
    storage: Arc<dyn Storage>,
    missing: &'static str,
}

#[async_trait]
impl Storage for Switched {
    fn nature(&self) -> connect::storage::Nature {
        self.storage.nature()
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        self.storage.look(at).await
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let mut entries = self.storage.list(folder).await?;
        if folder.is_root() {
            entries.push(Entry { name: self.missing.to_owned(), kind: Kind::Folder });
        }
        Ok(entries)
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        self.storage.read(at).await
    }

    async fn draft(&self, _: &Place, _: &str, _: Body, _: u64) -> Result<connect::storage::Draft, Trouble> {
        unreachable!("it is a source")
    }

    async fn publish(
        &self,
        _: connect::storage::Draft,
        _: Option<Timestamp>,
    ) -> Result<connect::storage::FileFacts, Trouble> {
        unreachable!("it is a source")
    }

    async fn discard(&self, _: connect::storage::Draft) -> Result<(), Trouble> {
        unreachable!("it is a source")
    }

    async fn make_folder(&self, _: &Place) -> Result<(), Trouble> {
        unreachable!("it is a source")
    }

    async fn move_file(&self, _: &Place, _: &Place) -> Result<(), Trouble> {
        unreachable!("it is a source")
    }

    async fn remove_file(&self, _: &Place) -> Result<(), Trouble> {
        unreachable!("it is a source")
    }

    async fn remove_folder(&self, _: &Place) -> Result<(), Trouble> {
        unreachable!("it is a source")
    }

    async fn set_modified(&self, _: &Place, _: Timestamp) -> Result<(), Trouble> {
        unreachable!("it is a source")
    }
}
