//! What claims about tasks need: a sync of them in a line, and rows of the platform.

use jiff::SignedDuration;
use model::fault::Fault;
use model::run::{PlannedPartition, Run, Trigger};
use model::task::{
    CallTask, LeadPackage, NewLeadPackage, PackageSource, TaskCounters, TaskRecord, TaskRow, TaskSyncType,
    TaskWindow,
};
use serde_json::json;
use store::{Claimed, End, NewRun, PackagePut, Requested, Store, TaskBatch, TaskWrite};

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
    let begun =
        store.tasks().begin_record((&claimed.partition).into(), "worker-7", at(second)).await.unwrap();
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

/// A row of the platform, read at that second.
pub(crate) fn row(task_id: &str, name: &str, second: i64) -> TaskRow {
    TaskRow {
        task_id: task_id.to_owned(),
        name: name.to_owned(),
        state: Some("2".to_owned()),
        total_number: Some(100),
        called_number: Some(40),
        connected_number: Some(10),
        success_number: Some(1),
        created_at: Some(at(0)),
        started_at: None,
        ended_at: None,
        fetched_at: at(second),
    }
}

/// Writes rows in the right of a claim, on top of what was counted before.
pub(crate) async fn write_on(
    store: &Store,
    (claimed, record): (&Claimed, i64),
    rows: Vec<TaskRow>,
    before: TaskCounters,
) -> Option<TaskBatch> {
    let second = rows.first().map_or(0, |row| row.fetched_at.as_second() - at(0).as_second());
    let write = TaskWrite { right: (&claimed.partition).into(), record, rows, before };
    store.tasks().write_tasks(write, at(second)).await.unwrap()
}

/// A whole sync of these rows: what came of them.
pub(crate) async fn sync_rows(store: &Store, sync_type: TaskSyncType, rows: Vec<TaskRow>) -> TaskBatch {
    let second = rows.first().map_or(0, |row| row.fetched_at.as_second() - at(0).as_second());
    let (claimed, record) = working(store, sync_type, second).await;
    let before = TaskCounters { total: i64::try_from(rows.len()).unwrap(), ..TaskCounters::default() };
    let batch = write_on(store, (&claimed, record), rows, before).await.expect("the claim is held");
    assert!(end(store, &claimed, End::Succeeded, second).await);
    batch
}

pub(crate) async fn task(store: &Store, task_id: &str) -> CallTask {
    store.read().call_task(task_id).await.unwrap().expect("the task is there")
}

/// How a task stands, who decided, and the code of its package.
pub(crate) async fn standing(store: &Store, task_id: &str) -> String {
    let task = task(store, task_id).await;
    let code = task.package.map(|package| format!(" {}", package.internal_code)).unwrap_or_default();
    format!("{}/{}{code}", task.match_status, task.match_origin)
}

pub(crate) fn package(external_id: &str, code: &str) -> NewLeadPackage {
    NewLeadPackage {
        external_id: external_id.to_owned(),
        name: format!("{code}.csv"),
        source: PackageSource::Purchased,
        region: code.split('-').next().unwrap_or_default().to_owned(),
        grade: "高中".to_owned(),
        total_leads: Some(12_000),
        valid_leads: Some(10_000),
        available_leads: None,
        internal_code: code.to_owned(),
        package_level: None,
        contact_rate: Some(0.25),
    }
}

/// A package made, and how many tasks were matched with it.
pub(crate) async fn put(store: &Store, new: NewLeadPackage, second: i64) -> (LeadPackage, u64) {
    match store.tasks().put_package(new, at(second)).await.unwrap() {
        PackagePut::Stored(package, matched) => (*package, matched),
        other => panic!("expected a package, got {other:?}"),
    }
}
