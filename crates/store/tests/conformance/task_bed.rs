//! What claims about tasks need: a sync of them in a line, and rows of the platform.

use jiff::SignedDuration;
use model::fault::Fault;
use model::run::{PlannedPartition, Run, Trigger};
use model::task::{TaskRecord, TaskSyncType, TaskWindow};
use serde_json::json;
use store::{Claimed, End, NewRun, Requested, Store};

use crate::bed::{LEASE, at, end, wish};

/// A wish for a sync of tasks, as the system makes it.
pub(crate) fn sync_of(sync_type: TaskSyncType) -> NewRun {
    let mut new = wish(&["window"]);
    new.request.sync = sync_type.sync();
    new.plan.partitions = vec![PlannedPartition { key: "window".to_owned(), payload: json!({}) }];
    let window = TaskWindow { from: at(0) - SignedDuration::from_hours(72), to: at(0) };
    new.plan.params = json!({"window": window, "holder": "web-1", "max_retries": 3});
    new.policy.pause_keeps_lease = true;
    new
}

pub(crate) async fn start_sync(store: &Store, sync_type: TaskSyncType, second: i64) -> Run {
    match store.request(sync_of(sync_type), at(second)).await.unwrap() {
        Requested::Started(run) => run,
        other => panic!("expected a started run, got {other:?}"),
    }
}

pub(crate) async fn start_by_schedule(store: &Store, sync_type: TaskSyncType, second: i64) -> Run {
    let mut new = sync_of(sync_type);
    new.request.trigger = Trigger::Schedule;
    match store.request(new, at(second)).await.unwrap() {
        Requested::Started(run) => run,
        other => panic!("expected a started run, got {other:?}"),
    }
}

pub(crate) async fn claim_sync(store: &Store, second: i64) -> Claimed {
    let mut claimed = store.claim("worker-7", &["tasks".to_owned()], 1, LEASE, at(second)).await.unwrap();
    claimed.pop().expect("a sync to claim")
}

/// A sync under way: accepted, claimed, begun; the claim and the number of its record.
pub(crate) async fn working(store: &Store, sync_type: TaskSyncType, second: i64) -> (Claimed, i64) {
    start_sync(store, sync_type, second).await;
    let claimed = claim_sync(store, second).await;
    let begun = store.tasks().begin_record(claimed.run.id, "worker-7", at(second)).await.unwrap();
    (claimed, begun.expect("the run has a record"))
}

/// A sync that ended well; the number of its record.
pub(crate) async fn ended_sync(store: &Store, sync_type: TaskSyncType, second: i64) -> i64 {
    let (claimed, record) = working(store, sync_type, second).await;
    assert!(end(store, &claimed, End::Succeeded, second).await);
    record
}

/// A sync that failed; the number of its record.
pub(crate) async fn failed_sync(store: &Store, sync_type: TaskSyncType, second: i64) -> i64 {
    let (claimed, record) = working(store, sync_type, second).await;
    let fault = Fault::never("upstream", "获取任务列表失败: HTTP 500");
    assert!(end(store, &claimed, End::Failed(fault), second).await);
    record
}

pub(crate) async fn record(store: &Store, id: i64) -> TaskRecord {
    store.read().task_record(id).await.unwrap().expect("the record is there")
}
