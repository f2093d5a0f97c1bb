//! A run that is paused: it stops, lets others at its target, and goes on when it may.

use model::file::run::FileAsked;
use model::state::RunState;
use serde_json::json;

use crate::bed::{Base, Bed};
use crate::shared::until;

async fn a_paused_run_leaves_no_half_file_and_its_target_to_others_and_goes_on(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/slow", &"x".repeat(3000));
    bed.write("other/quick", "q");
    let slow = bed.config(json!({"bandwidth_limit": 1000})).await;
    let other = json!({"service": "fs", "path": bed.at("other").display().to_string()});
    let quick = bed.config(json!({"source": other})).await;
    let started = bed.files.execute(&bed.engine, slow, FileAsked::default()).await.unwrap();
    let drafted = || async { bed.tree("target").keys().any(|at| at.contains("tmp")).then_some(()) };
    until(&bed.engine, drafted).await;
    bed.engine.pause(started.run, bed.engine.now()).await.unwrap();
    until(&bed.engine, || async { bed.tree("target").is_empty().then_some(()) }).await;
    let paused = || async {
        let run = bed.store.read().run(started.run).await.unwrap().unwrap();
        (run.state == RunState::Paused).then_some(())
    };
    until(&bed.engine, paused).await;
    let waits = bed.ok("GET", &format!("/task-result/{}", started.task_id)).await;
    assert_eq!((&waits["status"], &waits["ready"]), (&json!("STARTED"), &json!(false)));
    assert_eq!(bed.run(quick, FileAsked::default()).await["status"], "SUCCESS");
    bed.engine.resume(started.run, bed.engine.now()).await.unwrap();
    let ended = bed.ended(&started.task_id).await;
    assert_eq!(ended["status"], "SUCCESS", "{ended}");
    assert_eq!(ended["result"]["stats"]["added_success"], 1);
    assert_eq!(bed.tree("target")["slow"], bed.tree("source")["slow"]);
}

on_both! {
    a_paused_run_leaves_no_half_file_and_its_target_to_others_and_goes_on
}
