//! Listings that fail, lie or lead elsewhere, and the guard: nothing is deleted that might be missed.

use connect::storage::Wrong;
use model::file::run::{FileItemStatus as Status, FileOp as Op};

use super::ground::{Ground, Soil};
use super::script::{Act, Fault, How};
use super::*;

const SOURCE: [(&str, &str); 3] = [("good/new", "x"), ("bad/file", "x"), ("bad/deep/file", "x")];
const TARGET: [(&str, &str); 4] =
    [("bad/old", "x"), ("bad/deep/file", "x"), ("extra", "x"), ("good/extra", "x")];

fn file(name: &str) -> Entry {
    Entry { name: name.to_owned(), kind: Kind::File(connect::storage::FileFacts::default()) }
}

/// What a listing in which that goes wrong makes of a run, on each side, in each mode, on each ground: no delete, the
/// rest is synced, and the run fails.
async fn spoils(how: How) {
    for (side, said) in [("source", "source_listing"), ("target", "target_listing")] {
        for mode in FileMode::ALL {
            for soil in Soil::ALL {
                let ground = Ground::with(soil, &SOURCE, &TARGET).await;
                let before = ground.tree("target").await;
                ground.script.add(Fault::new(Act::List, format!("{side}/bad"), how.clone()));
                let (stats, done, items) = ground.bed(*mode).sync().await;
                assert_eq!(done.unwrap_err().error_type(), said, "{items:?}");
                assert_eq!((stats.deleted_success, stats.added_success), (0, 1), "{items:?}");
                let bad: Vec<_> = items.iter().filter(|item| item.status == Status::Failed).collect();
                assert_eq!((bad.len(), bad[0].op, bad[0].to.as_str()), (1, Op::List, "bad"));
                let mut now = ground.tree("target").await;
                assert_eq!(now.remove("good/new").as_deref(), Some("x"));
                assert_eq!(now, before);
            }
        }
    }
}

#[tokio::test]
async fn a_listing_that_fails_deletes_nothing_and_the_others_go_on() {
    for wrong in [Wrong::Network, Wrong::Permission, Wrong::Missing, Wrong::Other] {
        spoils(How::Refused(wrong)).await;
    }
}

#[tokio::test]
async fn a_listing_with_names_that_are_none_or_come_twice_is_no_listing() {
    spoils(How::Entries(|_, entries| [vec![file("../x")], entries].concat())).await;
    spoils(How::Entries(|_, entries| [vec![file("..")], entries].concat())).await;
    spoils(How::Entries(|_, entries| [vec![file("a/b")], entries].concat())).await;
    spoils(How::Entries(|_, entries| [entries.clone(), entries].concat())).await;
}

#[tokio::test]
async fn a_folder_that_lists_itself_is_not_gone_into_for_ever() {
    let itself = How::Entries(|folder, mut entries| {
        entries.push(Entry { name: folder.name().to_owned(), kind: Kind::Folder });
        entries
    });
    for soil in Soil::ALL {
        let ground = Ground::with(soil, &SOURCE, &TARGET).await;
        ground.script.add(Fault::new(Act::List, "source/bad", itself.clone()));
        let (failed, stats) = ground.bed(FileMode::Full).fails().await;
        assert_eq!((failed, stats.deleted_success), ("source_listing", 0));
    }
}

#[tokio::test]
async fn a_folder_that_vanished_after_it_was_listed_deletes_nothing() {
    let gone = How::Entries(|_, mut entries| {
        entries.push(Entry { name: "gone".to_owned(), kind: Kind::Folder });
        entries
    });
    for soil in Soil::ALL {
        for mode in FileMode::ALL {
            let ground = Ground::with(soil, &SOURCE, &[("gone/kept", "x"), ("extra", "x")]).await;
            ground.script.add(Fault::new(Act::List, "source", gone.clone()));
            let (failed, stats) = ground.bed(*mode).fails().await;
            assert_eq!((failed, stats.deleted_success), ("source_listing", 0));
            assert!(ground.tree("target").await.contains_key("gone/kept"));
        }
    }
}

#[tokio::test]
async fn a_listing_cut_short_of_a_folder_that_is_gone_deletes_nothing() {
    for soil in Soil::ALL {
        for mode in [FileMode::Full, FileMode::Overwrite] {
            let all = [("going/1", "x"), ("going/2", "x"), ("going/3", "x"), ("new", "x")];
            let ground = Ground::with(soil, &all, &all[..3]).await;
            ground.script.add(Fault::new(Act::List, "source/going", How::Short(1)));
            ground.script.add(Fault::new(Act::Look, "source/going", How::Refused(Wrong::Missing)));
            let (failed, stats) = ground.bed(mode).fails().await;
            assert_eq!((failed, stats.deleted_success), ("source_listing", 0));
            let target = ground.tree("target").await;
            assert_eq!(target.len(), 4, "the others go on: {target:?}");
        }
    }
}

#[tokio::test]
async fn a_source_that_says_it_is_empty_deletes_nothing_unless_it_is_forced() {
    for soil in Soil::ALL {
        for mode in FileMode::ALL {
            let ground = Ground::with(soil, &SOURCE, &TARGET).await;
            let before = ground.tree("target").await;
            ground.script.add(Fault::new(Act::List, "source", How::Short(0)));
            let mut bed = ground.bed(*mode);
            let (stats, done, _) = bed.sync().await;
            assert_eq!(ground.tree("target").await, before);
            assert_eq!(stats.deleted_success, 0);
            if *mode == FileMode::Incremental {
                assert!(done.is_ok(), "who deletes nothing has nothing to fear");
                continue;
            }
            assert_eq!(done.unwrap_err().error_type(), "empty_source");
            bed.config.delete_guard = FileGuard::default();
            bed.asked.force = true;
            assert_eq!(bed.done().await.deleted_success, 4, "who forces it has confirmed it too");
        }
    }
}

#[tokio::test]
async fn a_root_that_is_said_to_be_there_and_cannot_be_listed_deletes_nothing() {
    for mode in FileMode::ALL {
        let ground = Ground::with(Soil::Local, &[], &TARGET).await;
        ground.storage.remove_folder(&Place::parse("source").unwrap()).await.unwrap();
        ground.script.add(Fault::new(Act::Look, "source", How::Found(Kind::Folder)));
        let (failed, stats) = ground.bed(*mode).fails().await;
        assert_eq!((failed, stats.deleted_success), ("source_listing", 0));
        assert_eq!(ground.tree("target").await.len(), 4);
        let nothing = ground.storage.look(&Place::parse("source").unwrap()).await.unwrap();
        assert_eq!(nothing, None, "and nothing is made at the source");
    }
}

#[tokio::test]
async fn where_folders_are_only_their_files_an_empty_source_is_a_missing_one_unless_it_is_forced() {
    let ground = Ground::with(Soil::Memory, &[], &TARGET).await;
    let mut bed = ground.bed(FileMode::Full);
    assert_eq!(bed.fails().await.0, "source_missing");
    bed.asked.force = true;
    assert_eq!(bed.done().await.deleted_success, 4);
    assert_eq!(bed.done().await.deleted_success, 0, "and nothing beside nothing is the same");
}

#[tokio::test]
async fn a_folder_that_is_left_out_is_not_listed() {
    for soil in Soil::ALL {
        let (source, target) =
            ([("cache/deep/a", "x"), ("b", "x")], [("cache/deep/c", "x"), ("x/cache/d", "x")]);
        let ground = Ground::with(soil, &source, &target).await;
        let mut bed = ground.bed(FileMode::Full);
        bed.config.filters.rules = vec!["cache/".to_owned()];
        bed.done().await;
        let acts = ground.script.clear();
        assert!(acts.iter().all(|(_, at)| !at.as_str().contains("cache")), "{acts:?}");
        assert_eq!(ground.tree("target").await.len(), 3);
    }
}

/// A run that would delete so many of so many files, and whether the guard lets it.
async fn passes(deletes: usize, present: usize, guard: FileGuard, asked: FileAsked) -> bool {
    let ground = Ground::new(Soil::Memory);
    let names: Vec<String> = (0..present).map(|number| format!("{:02}/{number}", number % 20)).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    ground.fill("target", &files).await;
    ground.fill("source", &files[deletes..]).await;
    let mut bed = ground.bed(FileMode::Full);
    (bed.config.delete_guard, bed.asked) = (guard, asked);
    bed.config.compare = FileCompare::Size;
    let (stats, done, _) = bed.sync().await;
    let left = ground.tree("target").await.len();
    match done {
        Ok(()) => assert_eq!((stats.deleted_success, left), (deletes as u64, present - deletes)),
        Err(failure) => {
            assert_eq!((failure.error_type(), stats.deleted_success, left), ("guard", 0, present));
        }
    }
    stats.deleted_success > 0
}

#[tokio::test]
async fn the_guard_lets_a_hundred_files_and_a_tenth_pass_and_no_more() {
    let (asked, guard) = (FileAsked::default(), FileGuard::default());
    assert!(passes(100, 1000, guard, asked).await, "a hundred, a tenth");
    assert!(!passes(101, 1010, guard, asked).await, "a hundred and one");
    assert!(!passes(100, 999, guard, asked).await, "more than a tenth");
    let files = FileGuard { max_percent: None, ..guard };
    assert!(passes(100, 101, files, asked).await);
    assert!(!passes(101, 1100, files, asked).await);
    let percent = FileGuard { max_files: None, ..guard };
    assert!(passes(101, 1010, percent, asked).await);
    assert!(!passes(101, 1000, percent, asked).await, "10.1 %");
    let off = FileGuard { max_files: None, max_percent: None };
    assert!(passes(300, 301, off, asked).await);
}

#[tokio::test]
async fn who_confirms_may_delete_more_and_a_number_is_a_bound_of_its_own() {
    let guard = FileGuard::default();
    let asked = |confirm, max_delete| FileAsked { confirm, max_delete, ..FileAsked::default() };
    assert!(passes(150, 300, guard, asked(true, None)).await);
    assert!(passes(150, 300, guard, asked(true, Some(150))).await);
    assert!(!passes(150, 300, guard, asked(true, Some(149))).await);
    assert!(!passes(150, 300, guard, asked(false, Some(200))).await, "a number alone confirms nothing");
    assert!(!passes(10, 300, guard, asked(false, Some(9))).await);
    let off = FileGuard { max_files: None, max_percent: None };
    assert!(!passes(10, 300, off, asked(false, Some(9))).await, "it binds without a guard too");
}
