//! Any act may fail, once or for good: what failed is told, nothing is deleted on the strength of it, and a run after
//! it mends all.

use connect::storage::Wrong;
use model::file::run::{FileItemStatus as Status, FileOp as Op};

use super::ground::{Ground, Soil, wanted};
use super::killed::{SOURCE, TARGET, peaceful};
use super::script::{Act, Fault, How};
use super::*;
use crate::files::compare::Reason;

async fn ground(soil: Soil, mode: FileMode) -> Ground {
    match mode {
        FileMode::Incremental => Ground::with(soil, &peaceful(&SOURCE), &peaceful(&TARGET)).await,
        _ => Ground::with(soil, &SOURCE, &TARGET).await,
    }
}

/// What a run in which nothing goes wrong asks of its storage.
async fn acts(soil: Soil, mode: FileMode) -> Vec<(Act, Place)> {
    let ground = ground(soil, mode).await;
    ground.keeping(mode).done().await;
    ground.script.clear()
}

/// A run in which that goes wrong, and one after it.
async fn runs(soil: Soil, mode: FileMode, fault: &Fault) -> (Result<(), Failure>, Vec<Item>) {
    let ground = ground(soil, mode).await;
    let (source, before) = (ground.tree("source").await, ground.tree("target").await);
    let mut bed = ground.keeping(mode);
    ground.script.add(fault.clone());
    let (stats, done, items) = bed.sync().await;
    ground.script.clear();
    let failed = items.iter().filter(|item| item.status == Status::Failed);
    if stats.deleted_success > 0 {
        // Only what comes with the deletes and after them may fail once one was done.
        let late = |item: &Item| {
            matches!(item.op, Op::Delete | Op::RemoveFolder) || item.reason == Some(Reason::Kind)
        };
        assert!(failed.clone().all(late), "{items:?}");
    }
    assert!(failed.clone().all(|item| item.error.is_some()), "{items:?}");
    assert!(done.is_err() || failed.count() == 0, "a run with a failed item is never a success: {items:?}");
    let wanted = wanted(mode, &source, &before);
    if done.is_ok() {
        // A draft whose answer was lost is nobody's until the next run.
        let mut now = ground.tree("target").await;
        now.retain(|path, _| !path.contains(TEMPORARY));
        assert_eq!(now, wanted);
    }
    bed.claim += 1;
    bed.done().await;
    assert_eq!(ground.tree("target").await, wanted);
    ground.clean(&source).await;
    ground.lost_nothing(&before).await;
    (done, items)
}

#[tokio::test]
async fn an_act_that_fails_once_is_done_again() {
    for soil in Soil::ALL {
        for mode in [FileMode::Incremental, FileMode::Full] {
            for at in 0..acts(soil, mode).await.len() {
                for how in [How::Refused(Wrong::Network), How::Unanswered(Wrong::Timeout)] {
                    let fault = Fault::new(Act::Any, "*", how).after(at).times(1);
                    let (done, items) = runs(soil, mode, &fault).await;
                    assert!(done.is_ok(), "{at}: {done:?} {items:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn acts_that_fail_now_and_then_do_no_harm() {
    for seed in 0..40 {
        let fault = Fault::new(Act::Any, "*", How::Refused(Wrong::Network)).sometimes(0.4, seed);
        let _ = runs(Soil::Memory, FileMode::Full, &fault).await;
        let fault = Fault::new(Act::Any, "*", How::Unanswered(Wrong::Network)).sometimes(0.4, seed);
        let _ = runs(Soil::Local, FileMode::Overwrite, &fault).await;
    }
}

/// The documented type of a run in which that fails for good.
fn failure(act: Act, at: &str, wrong: Wrong) -> &'static str {
    let of_source = at.starts_with("source");
    match (act, wrong) {
        (_, Wrong::Auth) => "auth",
        (_, Wrong::NoSpace) => "no_space",
        (Act::Look, Wrong::Network) if !at.contains('/') => "unreachable",
        (Act::Look, _) if at == "source" => "source_listing",
        (Act::Look, _) if at == "target" => "target_listing",
        (Act::List, _) if of_source => "source_listing",
        (Act::List, _) => "target_listing",
        _ => "items_failed",
    }
}

#[tokio::test]
async fn what_fails_for_good_fails_the_run_in_the_documented_way() {
    for soil in Soil::ALL {
        for mode in [FileMode::Incremental, FileMode::Full] {
            let mut acts = acts(soil, mode).await;
            acts.sort_by(|a, b| a.1.cmp(&b.1));
            acts.dedup();
            for (act, at) in acts {
                for wrong in [Wrong::Network, Wrong::Permission, Wrong::NoSpace, Wrong::Auth] {
                    if wrong == Wrong::NoSpace && !act.writes() {
                        continue;
                    }
                    let fault = Fault::new(act, at.as_str(), How::Refused(wrong));
                    let (done, items) = runs(soil, mode, &fault).await;
                    let said = done.map_err(|failure| failure.error_type());
                    assert_eq!(said, Err(failure(act, at.as_str(), wrong)), "{act:?} {at} {items:?}");
                    let is_told = items.iter().any(|item| item.status == Status::Failed);
                    assert!(is_told || matches!(at.as_str(), "source" | "target"), "{act:?} {at}");
                }
            }
        }
    }
}
