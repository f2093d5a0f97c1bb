//! Batches: all configs at once, whatever few places there are and whatever becomes of one of them; and what is told of
//! any task after a restart.

use model::file::run::{FileAsked, FileRun};
use serde_json::{Value as Json, json};
use systems::files::Config;

use crate::bed::{Base, Bed};
use crate::shared::until;

/// The side of a config that is a folder of the ground.
fn side(bed: &Bed, path: &str) -> Json {
    json!({"service": "fs", "path": bed.at(path).display().to_string()})
}

/// So many configs, each with a tree of its own.
async fn configs(bed: &Bed, count: usize, more: Json) -> Vec<i64> {
    let mut configs = Vec::new();
    for number in 0..count {
        bed.write(&format!("source{number}/a"), "content");
        let mut body = more.clone();
        body["source"] = side(bed, &format!("source{number}"));
        body["target"] = side(bed, &format!("target{number}"));
        configs.push(bed.config(body).await);
    }
    configs
}

async fn batch(bed: &Bed) -> String {
    bed.ok("POST", "/execute-all-enabled").await["task_id"].as_str().unwrap().to_owned()
}

/// The runs of a batch, once there are so many.
async fn runs(bed: &Bed, task: &str, count: usize) -> Vec<FileRun> {
    until(&bed.engine, || async {
        let batch = bed.store.read().file_run_of_task(task).await.unwrap().unwrap();
        let runs = bed.store.read().file_runs_of_batch(batch.run.id).await.unwrap();
        (runs.len() == count).then_some(runs)
    })
    .await
}

async fn a_batch_goes_through_where_one_thing_is_done_at_a_time(base: Base) {
    let bed = Bed::idle(base, Config { max_concurrent_runs: 1, ..Config::default() }).await;
    let all = configs(&bed, 3, json!({})).await;
    let ended = bed.hurried(&batch(&bed).await, 1).await;
    assert_eq!(ended["result"]["message"], "批量同步完成，成功 3/3 个配置", "{ended}");
    let told: Vec<&Json> = ended["result"]["results"].as_array().unwrap().iter().collect();
    assert_eq!(told.iter().map(|run| run["config_id"].as_i64().unwrap()).collect::<Vec<_>>(), all);
}

async fn the_most_urgent_config_of_a_batch_is_the_first(base: Base) {
    let bed = Bed::idle(base, Config { max_concurrent_runs: 1, ..Config::default() }).await;
    let all = configs(&bed, 3, json!({})).await;
    let urgent = json!({"priority": 5});
    bed.files.change(all[2], urgent.as_object().unwrap(), bed.engine.now()).await.unwrap();
    let task = batch(&bed).await;
    bed.hurried(&task, 1).await;
    let mut runs = runs(&bed, &task, 3).await;
    runs.sort_by_key(|run| run.begun_at);
    let order: Vec<i64> = runs.iter().map(|run| run.params.config.unwrap()).collect();
    assert_eq!(order, [all[2], all[0], all[1]]);
}

/// A batch of two configs, the first of which will not end by itself: the configs, the batch's task, and their runs.
async fn one_slow_of_two(bed: &Bed) -> (Vec<i64>, String, Vec<FileRun>) {
    let all = configs(bed, 2, json!({})).await;
    bed.write("source0/a", &"x".repeat(1 << 20));
    let slow = json!({"bandwidth_limit": 1000});
    bed.files.change(all[0], slow.as_object().unwrap(), bed.engine.now()).await.unwrap();
    let task = batch(bed).await;
    let runs = runs(bed, &task, 2).await;
    (all, task, runs)
}

async fn a_batch_tells_of_a_run_that_was_cancelled_and_of_the_others(base: Base) {
    let bed = Bed::start(base).await;
    let (all, task, runs) = one_slow_of_two(&bed).await;
    until(&bed.engine, || async { bed.at("target0").exists().then_some(()) }).await;
    bed.engine.cancel(runs[0].run.id, bed.engine.now()).await.unwrap();
    let mut ended = bed.ended(&task).await;
    assert_eq!((&ended["status"], &ended["traceback"]), (&json!("SUCCESS"), &Json::Null), "{ended}");
    let result = &mut ended["result"];
    let mut cancelled = result["results"][0].take();
    assert!(cancelled["elapsed_time"].take().is_f64());
    assert_eq!(
        cancelled,
        json!({"success": false, "config_id": all[0], "message": "同步任务已取消", "error": "cancelled",
            "elapsed_time": null})
    );
    assert_eq!(result["results"][1]["success"], true, "{result}");
    assert_eq!(
        (&result["message"], &result["success_count"], &result["failed_count"]),
        (&json!("批量同步完成，成功 1/2 个配置"), &json!(1), &json!(1))
    );
}

async fn who_cancels_a_batch_cancels_what_has_not_ended_of_it(base: Base) {
    let bed = Bed::start(base).await;
    let (_, task, runs) = one_slow_of_two(&bed).await;
    assert_eq!(bed.ended(&runs[1].params.task_id).await["status"], "SUCCESS");
    let number = bed.store.read().file_run_of_task(&task).await.unwrap().unwrap().run.id;
    bed.engine.cancel(number, bed.engine.now()).await.unwrap();
    for task in [&task, &runs[0].params.task_id] {
        assert_eq!(bed.ended(task).await["status"], "REVOKED");
    }
    assert_eq!(bed.ended(&runs[1].params.task_id).await["status"], "SUCCESS", "what was done is done");
}

async fn what_is_told_of_a_task_is_the_same_after_a_restart(base: Base) {
    let mut bed = Bed::start(base).await;
    let all = configs(&bed, 2, json!({})).await;
    let missing = bed.config(json!({"source": side(&bed, "nowhere"), "target": side(&bed, "other")})).await;
    let mut tasks = vec!["nobody".to_owned()];
    for config in [all[0], missing] {
        let task = bed.files.execute(&bed.engine, config, FileAsked::default()).await.unwrap().task_id;
        bed.ended(&task).await;
        tasks.push(task);
    }
    tasks.push(batch(&bed).await);
    bed.ended(&tasks[3]).await;
    // One that is tried again, one that was cancelled and one that waits.
    bed.write("blocked/a", "a");
    bed.write("target/a/in the way", "x");
    let blocked = json!({"source": side(&bed, "blocked"), "target": side(&bed, "target")});
    let blocked = bed.config(blocked).await;
    let again = bed.files.execute(&bed.engine, blocked, FileAsked::default()).await.unwrap().task_id;
    until(&bed.engine, || async {
        let result = bed.ok("GET", &format!("/task-result/{again}")).await;
        (result["status"] == "RETRY").then_some(())
    })
    .await;
    bed.rest().await;
    let cancelled = bed.files.execute(&bed.engine, all[0], FileAsked::default()).await.unwrap();
    bed.engine.cancel(cancelled.run, bed.engine.now()).await.unwrap();
    let waits = bed.files.execute(&bed.engine, all[1], FileAsked::default()).await.unwrap().task_id;
    tasks.extend([again, cancelled.task_id, waits]);
    let told = async |bed: &Bed| {
        let mut told = Vec::new();
        for task in &tasks {
            told.push(bed.text("GET", &format!("/task-result/{task}"), ("", "")).await.1);
        }
        told
    };
    let before = told(&bed).await;
    let words = ["PENDING", "SUCCESS", "FAILURE", "SUCCESS", "RETRY", "REVOKED", "PENDING"];
    for (said, word) in before.iter().zip(words) {
        assert!(said.contains(&format!(r#""status":"{word}""#)), "{word}: {said}");
    }
    let mut bed = bed.restarted().await;
    assert_eq!(told(&bed).await, before);
    bed.drive();
    assert_eq!(bed.ended(&tasks[6]).await["status"], "SUCCESS", "and what waited goes on");
}

on_both! {
    a_batch_goes_through_where_one_thing_is_done_at_a_time
    the_most_urgent_config_of_a_batch_is_the_first
    a_batch_tells_of_a_run_that_was_cancelled_and_of_the_others
    who_cancels_a_batch_cancels_what_has_not_ended_of_it
    what_is_told_of_a_task_is_the_same_after_a_restart
}
