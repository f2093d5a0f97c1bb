//! What every run does, on storages that do as they are told.

use connect::storage::Memory;
use model::file::run::FileItemStatus as Status;
use proptest::prelude::*;

use super::*;

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

/// How often a run that copies so many small files asks whether to go on: at least once for each that goes alone.
async fn asks(bed: &Bed, files: u64) -> u64 {
    let small = (0..files).map(|number| (format!("a/{number}"), ("x".to_owned(), 1)));
    fill(&*bed.source, &small.collect()).await;
    let eyes = Eyes { memory: Arc::clone(&bed.memory), ..Eyes::default() };
    let (stats, done, _) = bed.seen(&eyes).await;
    assert!(done.is_ok(), "{done:?}");
    assert_eq!((stats.added_success, all(&*bed.target).await), (files, all(&*bed.source).await));
    u64::from(u32::MAX - eyes.steps.load(Ordering::Relaxed))
}

#[tokio::test]
async fn small_files_of_this_machine_go_many_at_once() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bed = Bed::local(&from, &to, FileMode::Full);
    // Both trees lie in one storage, as all folders of this machine do.
    bed.shares = Some(Arc::new(Local::new(from.path())));
    assert!(asks(&bed, 64).await < 20);
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut alone = Bed::local(&from, &to, FileMode::Full);
    alone.config.compare = FileCompare::Checksum;
    assert!(asks(&alone, 64).await >= 64, "who reads back takes them one by one");
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
}
