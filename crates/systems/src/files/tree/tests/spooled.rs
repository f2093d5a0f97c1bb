//! Lists longer than memory holds: what is deleted and what is moved is the same, and what cannot be kept deletes nothing.

use std::io;

use model::file::run::{FileItemStatus as Status, FileOp as Op};
use model::file::{FileRename, FileRuleTarget};

use super::ground::{Ground, Soil};
use super::*;

const HELD: [usize; 4] = [1, 2, 7, 10_000];

fn held(held_max: usize) -> Bound {
    Bound { held_max, ..Bound::default() }
}

/// What a run did. What is copied meanwhile is told when it is done, so the lines are sorted.
async fn ran(bed: &Bed) -> Vec<String> {
    let (stats, done, items) = bed.sync().await;
    let line = |item: &Item| format!("{:?} {:?} {:?}", item.op, item.to.as_str(), item.status);
    let mut lines: Vec<_> = items.iter().map(line).collect();
    lines.sort();
    lines.push(format!("{stats:?} {:?}", done.map_err(|failure| failure.error_type())));
    lines
}

/// A target with many files and folders that the source has not, and some in the way of the source's.
async fn crowded(soil: Soil) -> Ground {
    let source = [("kept", "x"), ("was file/a", "x"), ("was file/b", "x"), ("was folder", "x")];
    let ground = Ground::with(soil, &source, &[("was file", "old"), ("was folder/a", "old")]).await;
    for number in 0..12 {
        let (one, two) = (format!("gone {}/deep/{number}", number % 3), format!("lone {number}"));
        ground.fill("target", &[(&one, "old"), (&two, "old")]).await;
    }
    ground
}

/// One after another, so that the order is always the same.
fn alone(bed: Bed, bound: Bound) -> Bed {
    let mut bed = Bed { bound, ..bed };
    (bed.config.transfers, bed.config.checkers) = (1, 1);
    bed
}

#[tokio::test]
async fn more_deletes_than_memory_holds_are_done_in_the_same_order() {
    for soil in Soil::ALL {
        let mut first = None;
        for held_max in HELD {
            let ground = crowded(soil).await;
            let bed = alone(ground.bed(FileMode::Full), held(held_max));
            let mut dry = alone(ground.bed(FileMode::Full), held(held_max));
            dry.asked.dry_run = true;
            let planned = ran(&dry).await;
            let (_, done, items) = bed.sync().await;
            assert!(done.is_ok(), "{done:?}");
            assert_eq!(ground.tree("target").await, ground.tree("source").await);
            let deleted = items.iter().filter(|item| matches!(item.op, Op::Delete | Op::RemoveFolder));
            let deleted: Vec<_> = deleted.map(|item| (item.op, item.to.as_str().to_owned())).collect();
            let files = deleted.iter().take_while(|(op, _)| *op == Op::Delete).count();
            assert_eq!(files, 26);
            for (at, (op, folder)) in deleted.iter().enumerate().skip(files) {
                assert_eq!(*op, Op::RemoveFolder);
                let inside = |(_, other): &(Op, String)| other.starts_with(&format!("{folder}/"));
                assert!(!deleted[at..].iter().any(inside), "{folder} went before what is in it");
            }
            let did = (planned, deleted);
            assert_eq!(first.get_or_insert_with(|| did.clone()), &did, "{soil:?} {held_max}");
        }
    }
}

#[tokio::test]
async fn the_guard_counts_deletes_that_memory_does_not_hold() {
    let ground = crowded(Soil::Memory).await;
    let before = ground.tree("target").await;
    let mut bed = alone(ground.bed(FileMode::Full), held(2));
    bed.config.delete_guard.max_files = Some(25);
    assert_eq!(bed.fails().await.0, "guard");
    for path in before.keys() {
        assert!(ground.tree("target").await.contains_key(path), "{path}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_kept_fails_the_run_before_anything_is_deleted() {
    for renames in [false, true] {
        let ground = crowded(Soil::Memory).await;
        let before = ground.tree("target").await;
        let full = || Err(io::ErrorKind::StorageFull.into());
        let mut bed = alone(ground.bed(FileMode::Full), Bound { held_max: 2, file: full });
        if renames {
            bed.config.rename_rules = vec![by_path("^in./", "out/")];
        }
        let (_, done, items) = bed.sync().await;
        let failure = done.unwrap_err();
        assert_eq!(failure.error_type(), "internal");
        assert_eq!(failure.message(), "内部错误: 无法读写本机临时文件: no storage space");
        assert_eq!(failure.fault().again, model::fault::Again::Again);
        assert!(items.iter().all(|item| item.op != Op::Delete && item.status != Status::Failed));
        for path in before.keys() {
            assert!(ground.tree("target").await.contains_key(path), "{path}");
        }
    }
}

fn by_path(match_regex: &str, replace_string: &str) -> FileRename {
    FileRename {
        match_regex: match_regex.to_owned(),
        replace_string: replace_string.to_owned(),
        target_scope: FileRuleTarget::Path,
        case_sensitive: true,
    }
}

#[tokio::test]
async fn more_moved_names_than_memory_holds_go_where_they_would_and_are_told_apart() {
    let source = [
        ("in1/both", "x"),
        ("in2/both", "y"),
        ("in1/deep/one", "x"),
        ("in2/deep/two", "y"),
        ("in3/sub", "a file"),
        ("in4/sub/under", "in a folder of that name"),
        ("stays/here", "z"),
        ("stays/there/too", "z"),
        ("top", "z"),
    ];
    let target =
        [("out/both", "kept"), ("out/deep/one", "old"), ("out/deep/gone", "old"), ("in1/both", "old")];
    for soil in Soil::ALL {
        let mut first = None;
        for held_max in HELD {
            let ground = Ground::with(soil, &source, &target).await;
            let mut bed = alone(ground.bed(FileMode::Full), held(held_max));
            bed.config.rename_rules = vec![by_path("^in[0-9]/", "out/")];
            let did = (ran(&bed).await, ground.tree("target").await);
            assert!(did.0.last().unwrap().ends_with("Err(\"items_failed\")"), "{did:?}");
            assert_eq!(did.1["out/deep/two"], "y");
            assert_eq!(did.1["out/both"], "kept");
            assert_eq!(first.get_or_insert_with(|| did.clone()), &did, "{soil:?} {held_max}");
        }
    }
}

#[tokio::test]
async fn a_folder_that_the_target_spells_another_way_is_the_same_when_paths_move() {
    for held_max in HELD {
        let (source, target) = (("e\u{301}/deep/a", "new"), ("\u{e9}/deep/a", "older"));
        let ground = Ground::with(Soil::Memory, &[source], &[target, ("\u{e9}/gone", "old")]).await;
        let mut bed = alone(ground.bed(FileMode::Full), held(held_max));
        bed.config.rename_rules = vec![by_path("^in/", "out/")];
        let stats = bed.done().await;
        assert_eq!((stats.updated_success, stats.added_success, stats.deleted_success), (1, 0, 1));
        let now = ground.tree("target").await;
        assert_eq!(now.into_iter().collect::<Vec<_>>(), [("\u{e9}/deep/a".to_owned(), "new".to_owned())]);
    }
}
