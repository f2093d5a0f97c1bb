//! What people decide on tasks and packages, through the syncs that follow.

use serde_json::{Value as Json, json};
use store::{LinkedTasks, PackageDeleted, PackageKey};

use crate::bed::{Base, Bed};

on_both! {
    tasks_kept_with_a_deleted_package_make_their_syncs_partial_until_somebody_decides
    tasks_let_go_with_their_package_are_pending_and_matched_again_when_it_comes_back
    idle_tasks_are_neither_matched_nor_pending_in_any_record
}

const NAME: &str = "淮安-1014-高中-10000-O3-A--L3-1019";

/// How a task stands, and what it counts.
async fn task(bed: &Bed, id: &str) -> String {
    let columns = "match_status, match_origin, called_number";
    bed.rows(&format!("SELECT {columns} FROM dial_tasks WHERE guanke_task_id = '{id}'")).await.remove(0)
}

async fn delete(bed: &Bed, external: &str, linked: LinkedTasks) -> PackageDeleted {
    let package = bed.store.read().lead_package_by_external(external).await.unwrap().unwrap().package;
    bed.store.tasks().delete_package(package.id, Some(linked), bed.clock.now()).await.unwrap()
}

/// A sync of today to its end; its record.
async fn sync(bed: &Bed) -> Json {
    let record = bed.ok("POST", "/today/manual").await["record_id"].as_i64().unwrap();
    bed.record(record).await
}

fn counts(record: &Json) -> [i64; 5] {
    ["total", "updated", "matched", "pending", "failed"]
        .map(|key| record[format!("tasks_{key}")].as_i64().unwrap())
}

async fn tasks_kept_with_a_deleted_package_make_their_syncs_partial_until_somebody_decides(base: Base) {
    let bed = Bed::start(base).await;
    bed.import_packages().await;
    sync(&bed).await;
    assert_eq!(delete(&bed, "559336", LinkedTasks::Keep).await, PackageDeleted::Deleted(1));
    bed.simulator.advance();
    for time in ["the next sync", "the one after it"] {
        let record = sync(&bed).await;
        assert_eq!((&record["status"], counts(&record)), (&json!("partial"), [4, 3, 2, 1, 1]), "{time}");
        let details = json!([{"task_id": "7100001", "task_name": NAME, "error": "数据包不存在"}]);
        assert_eq!(record["error_details"], details, "{time}");
        assert_eq!(task(&bed, "7100001").await, "matched|auto|4000", "{time}: it is left as it was");
    }
    let key = PackageKey::External("559263".to_owned());
    let matched =
        bed.store.tasks().match_tasks(vec!["7100001".to_owned()], key, bed.clock.now()).await.unwrap();
    assert_eq!(matched.unwrap().changed, 1);
    let record = sync(&bed).await;
    assert_eq!((&record["status"], counts(&record)), (&json!("success"), [4, 4, 3, 1, 0]));
    let decided = task(&bed, "7100001").await;
    assert!(decided.starts_with("matched|manual|") && !decided.ends_with("|4000"), "{decided}");
}

async fn tasks_let_go_with_their_package_are_pending_and_matched_again_when_it_comes_back(base: Base) {
    let bed = Bed::start(base).await;
    bed.import_packages().await;
    sync(&bed).await;
    assert_eq!(delete(&bed, "559336", LinkedTasks::Pending).await, PackageDeleted::Deleted(1));
    assert_eq!(task(&bed, "7100001").await, "pending|auto|4000");
    let record = sync(&bed).await;
    assert_eq!((&record["status"], counts(&record)), (&json!("success"), [4, 4, 2, 2, 0]));
    bed.import_one("559336").await;
    assert_eq!(task(&bed, "7100001").await, "matched|auto|4000", "at once, without a sync");
}

async fn idle_tasks_are_neither_matched_nor_pending_in_any_record(base: Base) {
    let bed = Bed::start(base).await;
    bed.import_packages().await;
    sync(&bed).await;
    let ids = vec!["7100001".to_owned(), "7100004".to_owned()];
    assert_eq!(bed.store.tasks().idle_tasks(ids, bed.clock.now()).await.unwrap().changed, 2);
    let record = sync(&bed).await;
    assert_eq!((&record["status"], counts(&record)), (&json!("success"), [4, 4, 2, 0, 0]));
    let idle = "SELECT count(*) FROM dial_tasks WHERE is_idle AND package_id IS NULL";
    assert_eq!(bed.rows(idle).await, ["2"]);
}
