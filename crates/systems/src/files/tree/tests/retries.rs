//! How often something is tried and how long it is waited for, what ends all of it, and stops.

use connect::storage::Wrong;
use model::file::run::FileItemStatus as Status;
use tokio::time::Instant;

use super::ground::{Ground, Soil};
use super::script::{Act, Fault, How};
use super::*;

/// How often that was done there.
fn count(acts: &[(Act, Place)], act: Act, at: &str) -> usize {
    acts.iter().filter(|(done, place)| *done == act && place.as_str().starts_with(at)).count()
}

#[tokio::test]
async fn a_storage_that_names_its_time_is_given_that_up_to_five_minutes() {
    for (asked, given) in [(7, 7), (400, 300)] {
        let busy = How::Refused(Wrong::Busy(Some(Duration::from_secs(asked))));
        let ground = Ground::with(Soil::Memory, &[("a", "x")], &[("b", "x")]).await;
        ground.script.add(Fault::new(Act::List, "source", busy.clone()).times(1));
        ground.script.add(Fault::new(Act::Draft, "target/a", busy).times(1));
        let eyes = Eyes::default();
        let (_, done, _) = ground.bed(FileMode::Full).seen(&eyes).await;
        done.unwrap();
        let pauses = eyes.pauses.into_inner().unwrap();
        assert_eq!(pauses, [Duration::from_secs(given), Duration::from_secs(given)]);
    }
}

#[tokio::test]
async fn pauses_double_and_a_storm_ends_after_six_tries_of_each() {
    let ground = Ground::with(Soil::Memory, &[("a", "x"), ("b", "x")], &[("c", "x")]).await;
    ground.script.add(Fault::new(Act::Draft, "target/*", How::Refused(Wrong::Busy(None))));
    let eyes = Eyes::default();
    eyes.chances.store(u32::MAX, Ordering::Relaxed);
    let mut bed = ground.bed(FileMode::Full);
    bed.config.transfers = 1;
    let (stats, done, _) = bed.seen(&eyes).await;
    assert_eq!(
        (done.unwrap_err().error_type(), stats.added_fail, stats.deleted_success),
        ("items_failed", 2, 0)
    );
    assert_eq!(count(&ground.script.clear(), Act::Draft, ""), 12);
    let longest = eyes.pauses.into_inner().unwrap();
    assert_eq!(longest.len(), 10);
    assert_eq!(longest[0], Duration::from_secs(1), "chance at its most");
    assert!(longest.iter().all(|pause| *pause <= Duration::from_secs(20)));
}

#[tokio::test]
async fn what_will_not_change_is_tried_once() {
    for wrong in [Wrong::Permission, Wrong::Name, Wrong::NotFile] {
        let ground = Ground::with(Soil::Memory, &[("a", "x")], &[("b", "x")]).await;
        ground.script.add(Fault::new(Act::Draft, "target/a", How::Refused(wrong)));
        let (failed, stats) = ground.bed(FileMode::Full).fails().await;
        assert_eq!((failed, stats.added_fail), ("items_failed", 1));
        assert_eq!(count(&ground.script.clear(), Act::Draft, ""), 1);
    }
}

#[tokio::test]
async fn without_room_or_right_nothing_more_is_begun_and_nothing_deleted() {
    let names: Vec<String> = (0..200).map(|number| format!("{:02}/{number}", number % 20)).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    for (wrong, said) in [(Wrong::NoSpace, "no_space"), (Wrong::Auth, "auth")] {
        let ground = Ground::with(Soil::Memory, &files, &[("extra", "x")]).await;
        ground.script.add(Fault::new(Act::Draft, "target/*", How::Refused(wrong)).after(10));
        let bed = ground.bed(FileMode::Full);
        let (stats, done, items) = bed.sync().await;
        assert_eq!(done.unwrap_err().error_type(), said);
        assert_eq!((stats.added_success, stats.deleted_success), (10, 0));
        let failed = items.iter().filter(|item| item.status == Status::Failed).count();
        assert!((1..=4).contains(&failed), "only what was begun: {failed}");
        assert_eq!(stats.added_fail, failed as u64);
        assert!(count(&ground.script.clear(), Act::Draft, "") <= 14);
        bed.done().await;
        assert_eq!(ground.tree("target").await, ground.tree("source").await);
    }
}

#[tokio::test]
async fn a_right_that_ends_while_folders_are_listed_lists_no_more() {
    let names: Vec<String> = (0..100).map(|number| format!("{number}/file")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let ground = Ground::with(Soil::Memory, &files, &[("extra", "x")]).await;
    ground.script.add(Fault::new(Act::Any, "source/*", How::Refused(Wrong::Auth)).after(5));
    let (failed, stats) = ground.bed(FileMode::Full).fails().await;
    assert_eq!((failed, stats.deleted_success), ("auth", 0));
    let listed = count(&ground.script.clear(), Act::List, "source/");
    assert!(listed <= 5 + 4, "what was begun and no more: {listed}");
}

/// Says stop to a run in which something stalls.
async fn stopped(ground: &Ground, mode: FileMode, stalls: Fault) {
    ground.script.add(stalls);
    let (eyes, began, bed) = (Eyes::default(), Instant::now(), ground.bed(mode));
    let stop = async {
        ground.script.stalled().await;
        eyes.stop.notify_one();
    };
    let ((_, done, _), ()) = futures_util::future::join(bed.seen(&eyes), stop).await;
    assert_eq!(done.unwrap_err().error_type(), "stopped");
    assert!(began.elapsed() <= Duration::from_secs(3), "{:?}", began.elapsed());
    ground.script.clear();
}

#[tokio::test]
async fn a_stop_ends_whatever_is_waited_for_within_two_seconds() {
    let (source, target) = ([("a", "x"), ("b/c", "x"), ("d", "x")], [("extra", "x"), ("d/e", "x")]);
    for act in [Act::Look, Act::List, Act::Read, Act::Draft, Act::Publish, Act::RemoveFile] {
        for nth in 0..2 {
            let ground = Ground::with(Soil::Memory, &source, &target).await;
            stopped(&ground, FileMode::Full, Fault::new(act, "*", How::Stalls).after(nth)).await;
            let left = ground.tree("").await;
            // A storage that does not answer cannot be asked to take a draft away either.
            if act != Act::RemoveFile {
                assert!(left.keys().all(|path| !path.contains(TEMPORARY)), "{act:?}: {left:?}");
                assert!(left.contains_key("target/extra") && left.contains_key("target/d/e"), "{act:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_stop_ends_the_copies_that_waited_for_the_deletes() {
    let ground = Ground::with(Soil::Memory, &[("d", "x")], &[("d/e", "x")]).await;
    stopped(&ground, FileMode::Full, Fault::new(Act::Draft, "target/d", How::Stalls)).await;
    ground.bed(FileMode::Full).done().await;
    assert_eq!(ground.tree("target").await, ground.tree("source").await);
}
