//! Who may write where: the target of a run and the folder in which it keeps what it replaces are its own meanwhile.

use model::file::run::{FileAsked, FilePhase};
use model::id::RunId;
use serde_json::{Value as Json, json};

use crate::bed::{Base, Bed};
use crate::shared::until;

fn side(bed: &Bed, path: &str) -> Json {
    json!({"service": "fs", "path": bed.at(path).display().to_string()})
}

/// A config from `other` to there.
async fn quick(bed: &Bed, target: &str, kept: Option<&str>) -> i64 {
    bed.write("other/quick", "q");
    let kept = kept.map(|kept| bed.at(kept).display().to_string());
    bed.config(json!({"source": side(bed, "other"), "target": side(bed, target), "backup_dir": kept})).await
}

/// A run that is at work for minutes, and keeps what it replaces in `kept/old`.
async fn slow(bed: &Bed) -> RunId {
    bed.write("source/slow", &"x".repeat(200_000));
    let kept = bed.at("kept/old").display().to_string();
    let slow = bed.config(json!({"bandwidth_limit": 1000, "backup_dir": kept})).await;
    let started = bed.files.execute(&bed.engine, slow, FileAsked::default()).await.unwrap();
    let drafted = || async { bed.tree("target").keys().any(|at| at.contains("tmp")).then_some(()) };
    until(&bed.engine, drafted).await;
    started.run
}

/// Sees a run wait for its target without having begun.
async fn waits(bed: &Bed, run: RunId) {
    let waits = || async {
        let kept = bed.store.read().file_run(run).await.unwrap().unwrap();
        assert_eq!(kept.begun_at, None, "it writes where another run is at work");
        (kept.phase == Some(FilePhase::WaitingLease)).then_some(())
    };
    until(&bed.engine, waits).await;
}

async fn nobody_writes_where_another_run_keeps_what_it_replaces(base: Base) {
    let bed = Bed::start(base).await;
    let slow = slow(&bed).await;
    for target in ["kept", "kept/old", "kept/old/inner"] {
        let config = quick(&bed, target, None).await;
        let waiting = bed.files.execute(&bed.engine, config, FileAsked::default()).await.unwrap();
        waits(&bed, waiting.run).await;
        bed.engine.cancel(waiting.run, bed.engine.now()).await.unwrap();
        assert_eq!(bed.ended(&waiting.task_id).await["status"], "REVOKED");
    }
    let config = quick(&bed, "kept/old/inner", None).await;
    let waiting = bed.files.execute(&bed.engine, config, FileAsked::default()).await.unwrap();
    bed.engine.cancel(slow, bed.engine.now()).await.unwrap();
    assert_eq!(bed.ended(&waiting.task_id).await["status"], "SUCCESS", "it begins when the other has ended");
}

async fn two_that_keep_in_one_folder_do_not_wait_for_each_other(base: Base) {
    let bed = Bed::start(base).await;
    let slow = slow(&bed).await;
    let beside = quick(&bed, "elsewhere", Some("kept/old")).await;
    bed.write("elsewhere/quick", "old and longer");
    assert_eq!(bed.run(beside, FileAsked::default()).await["status"], "SUCCESS");
    assert_eq!(bed.tree("kept").into_values().collect::<Vec<_>>(), ["old and longer"]);
    let run = bed.store.read().run(slow).await.unwrap().unwrap();
    assert!(!run.state.is_end(), "the other is still at work");
    bed.engine.cancel(slow, bed.engine.now()).await.unwrap();
}

async fn a_target_is_not_kept_in_while_it_is_written_to(base: Base) {
    let bed = Bed::start(base).await;
    let slow = slow(&bed).await;
    let config = quick(&bed, "elsewhere", Some("target/.old")).await;
    let waiting = bed.files.execute(&bed.engine, config, FileAsked::default()).await.unwrap();
    waits(&bed, waiting.run).await;
    bed.engine.cancel(slow, bed.engine.now()).await.unwrap();
    assert_eq!(bed.ended(&waiting.task_id).await["status"], "SUCCESS");
}

async fn a_run_that_goes_on_holds_where_it_writes_and_not_where_its_config_points_since(base: Base) {
    let mut bed = Bed::start(base).await;
    let slow = slow(&bed).await;
    bed.rest().await;
    let config = bed.store.read().file_run(slow).await.unwrap().unwrap().params.config.unwrap();
    let moved = json!({"target": side(&bed, "elsewhere"), "backup_dir": null});
    let moved = moved.as_object().unwrap();
    bed.files.change(config, moved, bed.engine.now()).await.unwrap();
    bed.drive();
    let begun_again = || async {
        let kept = bed.store.read().file_run(slow).await.unwrap().unwrap();
        (kept.attempt > 1 && kept.phase != Some(FilePhase::WaitingLease)).then_some(())
    };
    until(&bed.engine, begun_again).await;
    let config = quick(&bed, "target/inner", None).await;
    let waiting = bed.files.execute(&bed.engine, config, FileAsked::default()).await.unwrap();
    waits(&bed, waiting.run).await;
    let config = quick(&bed, "elsewhere", None).await;
    assert_eq!(bed.run(config, FileAsked::default()).await["status"], "SUCCESS", "nobody writes there");
    bed.engine.cancel(slow, bed.engine.now()).await.unwrap();
    assert_eq!(bed.ended(&waiting.task_id).await["status"], "SUCCESS");
}

on_both! {
    nobody_writes_where_another_run_keeps_what_it_replaces
    two_that_keep_in_one_folder_do_not_wait_for_each_other
    a_target_is_not_kept_in_while_it_is_written_to
    a_run_that_goes_on_holds_where_it_writes_and_not_where_its_config_points_since
}
