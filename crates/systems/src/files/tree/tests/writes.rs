//! Content that breaks off, is cut or changes on its way, and files that are kept before they are replaced.

use connect::storage::Wrong;
use model::file::run::FileItemStatus as Status;

use super::ground::{Ground, Soil};
use super::script::{Act, Fault, How};
use super::*;

const SOURCE: [(&str, &str); 3] = [("changed", "longer than it was"), ("new", "new content"), ("other", "x")];
const TARGET: [(&str, &str); 2] = [("changed", "short"), ("extra", "x")];

/// What becomes of a run in which that goes wrong, on each ground: the failed items with their types, and the target.
async fn spoiled(soil: Soil, fault: Fault) -> (Vec<(String, &'static str)>, ground::Tree) {
    let ground = Ground::with(soil, &SOURCE, &TARGET).await;
    ground.script.add(fault);
    let (stats, done, items) = ground.bed(FileMode::Full).sync().await;
    let failed = items.into_iter().filter(|item| item.status == Status::Failed);
    let failed: Vec<_> = failed.map(|item| (item.to.as_str().to_owned(), item.error.unwrap().0)).collect();
    assert_eq!(
        done.map_err(|failure| failure.error_type()),
        match failed.is_empty() {
            true => Ok(()),
            false => Err("items_failed"),
        }
    );
    let target = ground.tree("target").await;
    assert!(target.keys().all(|path| !path.contains(TEMPORARY)), "{target:?}");
    if !failed.is_empty() {
        assert_eq!(stats.deleted_success, 0, "one failed transfer, no delete");
        assert!(target.contains_key("extra"));
    }
    assert_eq!(target["other"], "x", "the others go on");
    (failed, target)
}

#[tokio::test]
async fn content_that_breaks_off_leaves_the_old_one_and_nothing_of_itself() {
    for soil in Soil::ALL {
        for (act, side) in [(Act::Draft, "target"), (Act::Read, "source")] {
            let broken = |name: &str| Fault::new(act, format!("{side}/{name}"), How::Broken(3));
            let (failed, target) = spoiled(soil, broken("changed")).await;
            assert_eq!(failed, [("changed".to_owned(), "network")]);
            assert_eq!(target["changed"], "short");
            let (failed, target) = spoiled(soil, broken("new")).await;
            assert_eq!(failed, [("new".to_owned(), "network")]);
            assert!(!target.contains_key("new"));
            let (failed, target) = spoiled(soil, broken("new").times(5)).await;
            assert_eq!((failed.len(), target["new"].as_str()), (0, "new content"), "the sixth try works");
        }
    }
}

#[tokio::test]
async fn content_that_is_cut_and_said_to_be_whole_is_found_out() {
    for soil in Soil::ALL {
        for size in [0, 3] {
            let cut = Fault::new(Act::Draft, "target/new", How::Short(size));
            let (failed, target) = spoiled(soil, cut.clone()).await;
            assert_eq!(failed, [("new".to_owned(), "verify")]);
            assert!(!target.contains_key("new"), "half a file is none");
            let (failed, target) = spoiled(soil, cut.times(1)).await;
            assert_eq!((failed.len(), target["new"].as_str()), (0, "new content"));
        }
        // What was read was not all of it, though the storage says so.
        let (failed, target) = spoiled(soil, Fault::new(Act::Read, "source/changed", How::Short(3))).await;
        assert_eq!((failed.len(), target["changed"].as_str()), (1, "short"));
    }
}

#[tokio::test]
async fn a_source_that_changes_while_it_is_read_is_read_again() {
    for soil in Soil::ALL {
        let changes = Fault::new(Act::Read, "source/changed", How::Changed);
        let (failed, target) = spoiled(soil, changes.clone()).await;
        assert_eq!(failed, [("changed".to_owned(), "source_changed")]);
        assert_eq!(target["changed"], "short");
        let (failed, target) = spoiled(soil, changes.times(2)).await;
        assert_eq!((failed.len(), target["changed"].as_str()), (0, "longer than it was more more"));
    }
}

#[tokio::test]
async fn content_that_is_read_back_otherwise_than_it_was_sent_is_found_out() {
    for soil in Soil::ALL {
        let ground = Ground::with(soil, &[("new", "new content")], &[]).await;
        let mut bed = ground.bed(FileMode::Full);
        bed.config.compare = FileCompare::Checksum;
        ground.script.add(Fault::new(Act::Read, format!("target/{TEMPORARY}*"), How::Short(3)));
        let (_, done, items) = bed.sync().await;
        assert_eq!(done.unwrap_err().error_type(), "items_failed");
        assert_eq!(items[0].error.as_ref().unwrap().0, "verify");
        ground.script.clear();
        assert_eq!(bed.done().await.added_success, 1);
    }
}

#[tokio::test]
async fn a_copy_that_a_server_makes_and_leaves_empty_is_found_out() {
    for soil in Soil::ALL {
        let ground = Ground::with(soil, &SOURCE, &TARGET).await;
        let before = ground.tree("target").await;
        let empty = Fault::new(Act::Copy, "target/*", How::Short(0));
        ground.script.add(empty.clone().times(1));
        ground.sharing(FileMode::Full).done().await;
        assert!(
            ground.script.clear().iter().all(|(act, _)| *act != Act::Read),
            "nothing passed through here"
        );
        assert_eq!(ground.tree("target").await, ground.tree("source").await);
        ground.lost_nothing(&before).await;

        let ground = Ground::with(soil, &SOURCE, &TARGET).await;
        ground.script.add(empty);
        let (_, done, items) = ground.sharing(FileMode::Full).sync().await;
        assert_eq!(done.unwrap_err().error_type(), "items_failed");
        let failed = items.iter().filter(|item| item.status == Status::Failed);
        assert!(failed.clone().all(|item| item.error.as_ref().unwrap().0 == "verify"), "{items:?}");
        assert_eq!(failed.count(), 3);
        assert!(ground.tree("target").await.values().all(|content| !content.is_empty()));
        ground.lost_nothing(&before).await;
    }
}

#[tokio::test]
async fn a_copy_that_a_server_refuses_passes_through_here() {
    for wrong in [Wrong::Permission, Wrong::Other] {
        let ground = Ground::with(Soil::Memory, &SOURCE, &TARGET).await;
        ground.script.add(Fault::new(Act::Copy, "*", How::Refused(wrong)));
        ground.sharing(FileMode::Full).done().await;
        assert_eq!(ground.tree("target").await, ground.tree("source").await);
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_kept_stays_where_it_is() {
    for soil in Soil::ALL {
        for name in ["changed", "extra"] {
            for wrong in [Wrong::Permission, Wrong::Network] {
                let ground = Ground::with(soil, &SOURCE, &TARGET).await;
                ground.script.add(Fault::new(Act::Move, format!("target/{name}"), How::Refused(wrong)));
                let (_, done, items) = ground.keeping(FileMode::Full).sync().await;
                assert_eq!(done.unwrap_err().error_type(), "items_failed");
                let failed: Vec<_> = items.iter().filter(|item| item.status == Status::Failed).collect();
                assert_eq!((failed.len(), failed[0].to.as_str()), (1, name));
                assert_eq!(failed[0].error.as_ref().unwrap().0, "backup");
                assert_eq!(ground.tree("target").await[name], BTreeMap::from(TARGET)[name]);
            }
        }
    }
}

#[tokio::test]
async fn a_file_for_which_nothing_comes_goes_back_from_where_it_is_kept() {
    for soil in Soil::ALL {
        let nameless = Fault::new(Act::Publish, "target/changed", How::Refused(Wrong::Permission));
        let cut = Fault::new(Act::Draft, "target/changed", How::Short(3));
        for fault in [nameless, cut] {
            let ground = Ground::with(soil, &SOURCE, &TARGET).await;
            ground.script.add(fault);
            let (_, done, _) = ground.keeping(FileMode::Full).sync().await;
            assert_eq!(done.unwrap_err().error_type(), "items_failed");
            assert_eq!(ground.tree("target").await["changed"], "short");
            assert!(ground.tree("kept").await.is_empty());
        }
    }
}

#[tokio::test]
async fn a_file_that_vanishes_before_it_is_read_is_passed_over() {
    for (soil, reads) in [(Soil::Local, 0), (Soil::Memory, 0), (Soil::Local, 1)] {
        let ground = Ground::with(soil, &[("deep/new", "x"), ("other", "x")], &[]).await;
        ground.storage.remove_folder(&Place::parse("target/deep").unwrap()).await.unwrap();
        let gone = How::Refused(Wrong::Missing);
        ground.script.add(Fault::new(Act::Read, "source/deep/new", gone).after(reads));
        let mut bed = ground.bed(FileMode::Full);
        bed.config.create_empty_dirs = false;
        let stats = bed.done().await;
        assert_eq!((stats.added_success, stats.added_fail, stats.skipped), (1, 0, 1));
    }
}

#[tokio::test]
async fn a_run_that_is_tried_again_keeps_what_it_replaced_first() {
    for soil in Soil::ALL {
        let ground = Ground::with(soil, &SOURCE, &TARGET).await;
        let before = ground.tree("target").await;
        let bed = ground.keeping(FileMode::Overwrite);
        bed.done().await;
        bed.done().await;
        bed.done().await;
        ground.lost_nothing(&before).await;
    }
}

#[tokio::test]
async fn a_name_given_without_an_answer_does_not_cost_what_was_kept() {
    for soil in Soil::ALL {
        let ground = Ground::with(soil, &SOURCE, &TARGET).await;
        let before = ground.tree("target").await;
        ground.script.add(Fault::new(Act::Publish, "*", How::Unanswered(Wrong::Network)).times(4));
        ground.keeping(FileMode::Full).done().await;
        ground.lost_nothing(&before).await;
        assert_eq!(ground.tree("target").await, ground.tree("source").await);
    }
}

#[tokio::test]
async fn what_is_left_out_survives_with_the_folders_that_hold_it() {
    for soil in Soil::ALL {
        for mode in [FileMode::Full, FileMode::Overwrite] {
            let target = [("old/deep/a.tmp", "x"), ("old/deep/b", "x"), ("old/c", "x"), ("gone/d", "x")];
            let ground = Ground::with(soil, &SOURCE, &target).await;
            let mut bed = ground.bed(mode);
            bed.config.filters.rules = vec!["*.tmp".to_owned()];
            assert_eq!(bed.done().await.deleted_success, 3);
            let mut now = ground.tree("target").await;
            assert_eq!(now.remove("old/deep/a.tmp").as_deref(), Some("x"));
            assert_eq!(now, ground.tree("source").await);
        }
    }
}
