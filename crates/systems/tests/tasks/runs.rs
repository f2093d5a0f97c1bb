//! Runs: what they write, what they count, who is in the way of whom.

use serde_json::{Value, json};

use crate::bed::{Base, Bed, HOLDER};

on_both! {
    of_fifty_starts_at_once_one_wins_and_the_others_name_it
    both_types_run_at_once
    many_tasks_are_written_in_batches_and_a_second_time_none_is_new
    a_run_that_is_handed_back_counts_as_if_nothing_had_been
    the_fixed_tasks_are_matched_before_and_after_their_packages_came
    a_run_that_is_cancelled_or_paused_keeps_its_lock_to_its_end
    statistics_of_days_are_added_up_and_twice_is_once
}

async fn of_fifty_starts_at_once_one_wins_and_the_others_name_it(base: Base) {
    let mut bed = Bed::idle(base).await;
    let starts = (0..50).map(|_| bed.call("POST", "/historical/manual?async=1"));
    let answers = futures_util::future::join_all(starts).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status == 202);
    assert_eq!((won.len(), lost.len()), (1, 49));
    let words = format!("同步任务正在进行中，请稍后再试\n锁定者：{HOLDER}\n锁定时间：2025-10-24 12:00:");
    for (status, answer) in lost {
        assert_eq!((status, &answer["error_type"]), (409, &json!("lock_conflict")));
        assert!(answer["error"].as_str().unwrap().starts_with(&words), "{answer}");
        assert!(answer.get("record_id").is_none());
    }
    let status = bed.ok("GET", "/status").await["data"]["historical"].clone();
    assert_eq!((&status["syncing"], &status["locked_by"]), (&json!(true), &json!(HOLDER)));
    assert_eq!(status["last_sync"].as_object().unwrap().len(), 21);
    assert_eq!(bed.ok("GET", "/records").await["data"]["total"], 1);
    bed.drive();
    bed.ended(1).await;
    let status = bed.ok("GET", "/status").await["data"].clone();
    assert_eq!(
        (&status["historical"]["syncing"], &status["historical"]["locked_by"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(status["historical"]["last_sync"]["status"], "success");
    assert_eq!(status["today"], json!({"syncing": false, "locked_by": null, "last_sync": null}));
}

async fn both_types_run_at_once(base: Base) {
    let bed = Bed::start(base).await;
    for round in 0..3 {
        let (historical, today) =
            tokio::join!(bed.ok("POST", "/historical/manual"), bed.ok("POST", "/today/manual"));
        let counted = |answer: &Value| {
            ["total", "new", "updated", "failed"].map(|key| answer["summary"][key].as_i64().unwrap())
        };
        let (of_historical, of_today) =
            if round == 0 { ([6, 6, 0, 0], [4, 4, 0, 0]) } else { ([6, 0, 6, 0], [4, 0, 4, 0]) };
        assert_eq!((counted(&historical), counted(&today)), (of_historical, of_today));
    }
}

async fn many_tasks_are_written_in_batches_and_a_second_time_none_is_new(base: Base) {
    let bed = Bed::busy(base, 40, |_| ()).await;
    bed.import_packages().await;
    let counted = |answer: &Value| {
        ["total", "new", "updated", "failed"].map(|key| answer["summary"][key].as_i64().unwrap())
    };
    let first = bed.ok("POST", "/historical/manual").await;
    assert_eq!(counted(&first), [126, 126, 0, 0]);
    let second = bed.ok("POST", "/historical/manual").await;
    assert_eq!(counted(&second), [126, 0, 126, 0]);
    for answer in [first, second] {
        let of = |key: &str| answer["summary"][key].as_i64().unwrap();
        assert_eq!(of("matched") + of("pending"), 126);
        assert!(of("matched") > 50, "{answer}");
    }
}

async fn a_run_that_is_handed_back_counts_as_if_nothing_had_been(base: Base) {
    let mut bed = Bed::start(base).await;
    bed.spoil(&["slow=60000"]);
    bed.call("POST", "/today/manual?async=1").await;
    crate::shared::until(&bed.engine, || async { (bed.asked() != (0, 0)).then_some(()) }).await;
    bed.rest().await;
    assert_eq!(bed.record(1).await["status"], "running");
    bed.spoil(&[]);
    bed.drive();
    let record = bed.ended(1).await;
    let counted = ["tasks_total", "tasks_new", "tasks_updated"].map(|key| record[key].as_i64().unwrap());
    assert_eq!((&record["status"], counted), (&json!("success"), [4, 4, 0]));
}

async fn the_fixed_tasks_are_matched_before_and_after_their_packages_came(base: Base) {
    let bed = Bed::start(base).await;
    let counted =
        |answer: &Value| ["total", "matched", "pending"].map(|key| answer["summary"][key].as_i64().unwrap());
    assert_eq!(counted(&bed.ok("POST", "/today/manual").await), [4, 0, 4]);
    bed.import_packages().await;
    assert_eq!(counted(&bed.ok("POST", "/today/manual").await), [4, 3, 1]);
    assert_eq!(counted(&bed.ok("POST", "/historical/manual").await), [6, 1, 5]);
    let ids = vec!["9007199254740993123".to_owned(), "7100011".to_owned()];
    let known = bed.store.read().call_task_names(&ids).await.unwrap();
    assert_eq!(known.get(&ids[0]).map(String::as_str), Some("淮安-1017-高中-10000-O1-C-L3-1020"));
    assert!(!known.contains_key(&ids[1]), "it is outside both windows");
}

async fn a_run_that_is_cancelled_or_paused_keeps_its_lock_to_its_end(base: Base) {
    let mut bed = Bed::idle(base).await;
    bed.call("POST", "/today/manual?async=1").await;
    let run = bed.store.read().task_record(1).await.unwrap().unwrap().run;
    bed.engine.pause(run, bed.clock.now()).await.unwrap();
    bed.drive();
    let record = bed.record(1).await;
    assert_eq!((&record["status"], &record["end_time"]), (&json!("running"), &json!(null)));
    assert_eq!(bed.call("POST", "/today/manual").await.0, 409, "a paused run keeps its lock");
    bed.engine.resume(run, bed.clock.now()).await.unwrap();
    assert_eq!(bed.ended(1).await["status"], "success");
    bed.spoil(&["slow=60000"]);
    bed.call("POST", "/today/manual?async=1").await;
    let run = bed.store.read().task_record(2).await.unwrap().unwrap().run;
    bed.engine.cancel(run, bed.clock.now()).await.unwrap();
    let record = bed.ended(2).await;
    assert_eq!((&record["status"], &record["error_message"]), (&json!("failed"), &json!("同步已取消")));
    assert_eq!(bed.ok("GET", "/status").await["data"]["today"]["syncing"], json!(false));
}

async fn statistics_of_days_are_added_up_and_twice_is_once(base: Base) {
    let bed = Bed::start_with(base, |config| config.guanke.source = "stat_cdr".into()).await;
    bed.import_packages().await;
    let first = bed.ok("POST", "/historical/manual").await;
    let tasks = || async {
        let ids: Vec<String> = bed.simulator.tasks().iter().map(|task| task.id.to_string()).collect();
        bed.store.read().task_day_sums(&ids).await.unwrap()
    };
    let sums = tasks().await;
    assert!(!sums.is_empty() && sums.iter().all(|sum| sum.connected <= sum.called), "{sums:?}");
    let second = bed.ok("POST", "/historical/manual").await;
    assert_eq!(tasks().await, sums);
    assert_eq!(first["summary"]["total"], second["summary"]["total"]);
    assert_eq!(second["summary"]["new"], 0);
    let windows = bed.simulator.requests();
    assert!(windows.iter().any(|request| request.path == "/extension/agent/stat"));
}
