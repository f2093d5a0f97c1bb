//! A record begins and ends with its run, and says of it what the contract wants said.

use std::collections::BTreeSet;

use model::id::Fence;
use model::limits;
use model::state::{Control, RunState};
use model::task::{TaskCounters, TaskRecordStatus, TaskRowFault, TaskSyncType, TaskTrigger};
use store::{Controlled, End, Page, Requested, Right, Store, TaskNote, TaskRecordFilter};

use crate::bed::{at, end, no_words, on_both};
use crate::task_bed::{
    claim_sync, ended_sync, failed_sync, record, start_by_schedule, start_sync, sync_of, working,
};

const ALL: Page = Page { offset: 0, limit: 100 };

async fn ids(store: &Store, filter: TaskRecordFilter) -> Vec<i64> {
    let listed = store.read().task_records(&filter, ALL).await.unwrap();
    assert_eq!(listed.total, i64::try_from(listed.rows.len()).unwrap());
    listed.rows.iter().map(|record| record.id).collect()
}

#[test]
fn a_record_begins_with_its_run_and_ends_with_it() {
    on_both(|store| async move {
        let run = start_sync(&store, TaskSyncType::Historical, 10).await;
        let begun = store.read().task_record_of_run(run.id).await.unwrap().unwrap();
        assert_eq!((begun.id, begun.run, begun.sync_type), (1, run.id, TaskSyncType::Historical));
        assert_eq!((begun.status, begun.trigger), (TaskRecordStatus::Running, TaskTrigger::Manual));
        assert_eq!((begun.started_at, begun.created_at, begun.ended_at), (at(10), at(10), None));
        assert_eq!((begun.holder.as_deref(), begun.max_retries), (Some("web-1"), 3));
        assert_eq!(begun.duration_seconds(), None);
        let claimed = claim_sync(&store, 12).await;
        assert_eq!(
            store.tasks().begin_record((&claimed.partition).into(), "worker-7", at(12)).await.unwrap(),
            Some(1)
        );
        let taken = record(&store, 1).await;
        assert_eq!((taken.started_at, taken.holder.as_deref()), (at(12), Some("worker-7")));
        let lock = store.read().task_lock(TaskSyncType::Historical).await.unwrap().unwrap();
        assert_eq!((lock.run, lock.holder.as_deref(), lock.locked_at), (run.id, Some("worker-7"), at(10)));
        assert_eq!(store.read().task_lock(TaskSyncType::Today).await.unwrap(), None);
        assert!(end(&store, &claimed, End::Succeeded, 27).await);
        let ended = record(&store, 1).await;
        assert_eq!((ended.status, ended.error_message.clone()), (TaskRecordStatus::Success, None));
        assert_eq!((ended.ended_at, ended.duration_seconds()), (Some(at(27)), Some(15)));
        assert_eq!((ended.read_at, ended.created_at), (None, at(10)));
        assert_eq!(store.read().task_lock(TaskSyncType::Historical).await.unwrap(), None);
        assert_eq!(
            store.tasks().begin_record((&claimed.partition).into(), "worker-8", at(30)).await.unwrap(),
            None
        );
    });
}

#[test]
fn of_fifty_starts_at_once_one_makes_a_run_and_a_record() {
    on_both(|store| async move {
        let starts = (0..50).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.request(sync_of(TaskSyncType::Today), at(1)).await.unwrap() })
        });
        let mut started = 0;
        let mut seen = BTreeSet::new();
        for answer in futures_util::future::join_all(starts).await {
            match answer.unwrap() {
                Requested::Started(run) => {
                    started += 1;
                    seen.insert(run.id);
                }
                Requested::Busy(run) => drop(seen.insert(run.id)),
                other => panic!("neither started nor busy: {other:?}"),
            }
        }
        assert_eq!((started, seen.len()), (1, 1));
        assert_eq!(ids(&store, TaskRecordFilter::default()).await.len(), 1);
        // The other type has a lock of its own.
        start_sync(&store, TaskSyncType::Historical, 2).await;
        assert_eq!(ids(&store, TaskRecordFilter::default()).await.len(), 2);
    });
}

#[test]
fn a_record_says_how_its_run_ended() {
    on_both(|store| async move {
        let failed = failed_sync(&store, TaskSyncType::Today, 1).await;
        let failed = record(&store, failed).await;
        assert_eq!(failed.status, TaskRecordStatus::Failed);
        assert_eq!(failed.error_message.as_deref(), Some("获取任务列表失败: HTTP 500"));

        let run = start_by_schedule(&store, TaskSyncType::Today, 2).await;
        store.cancel(run.id, no_words(), at(3)).await.unwrap();
        let cancelled = store.read().task_record_of_run(run.id).await.unwrap().unwrap();
        assert_eq!((cancelled.status, cancelled.trigger), (TaskRecordStatus::Failed, TaskTrigger::Auto));
        assert_eq!(cancelled.error_message.as_deref(), Some("同步已取消"));

        let run = start_sync(&store, TaskSyncType::Today, 10).await;
        let mut second = 10;
        for _ in 0..limits::CRASHES_MAX {
            store.promote(10, at(second)).await.unwrap();
            claim_sync(&store, second).await;
            store.reap(10, no_words(), at(second + 500)).await.unwrap();
            second += 1000;
        }
        let lost = store.read().task_record_of_run(run.id).await.unwrap().unwrap();
        assert_eq!(lost.status, TaskRecordStatus::Failed);
        assert_eq!(lost.error_message.as_deref(), Some("工作进程中断，任务未完成"));
        assert_eq!(store.read().task_lock(TaskSyncType::Today).await.unwrap(), None);

        let (claimed, partial) = working(&store, TaskSyncType::Today, 5000).await;
        let fault = |id: &str| TaskRowFault {
            task_id: id.to_owned(),
            task_name: "测试任务-P1".to_owned(),
            error: "数据包不存在".to_owned(),
        };
        let right = Right::from(&claimed.partition);
        let note = TaskNote {
            right,
            record: partial,
            counters: TaskCounters {
                total: 9,
                new: 4,
                updated: 2,
                matched: 6,
                failed: 3,
                ..TaskCounters::default()
            },
            faults: vec![fault("1"), fault("2"), fault("3")],
            limit: 2,
        };
        assert!(store.tasks().note_faults(note.clone(), at(5001)).await.unwrap());
        let stale = TaskNote { right: Right { fence: Fence(right.fence.0 - 1), ..right }, ..note.clone() };
        assert!(!store.tasks().note_faults(stale, at(5001)).await.unwrap());
        assert!(store.tasks().set_retries(right, partial, 2, at(5001)).await.unwrap());
        assert!(store.tasks().set_retries(right, partial, 1, at(5001)).await.unwrap());
        assert!(end(&store, &claimed, End::Succeeded, 5002).await);
        let partial = record(&store, partial).await;
        assert_eq!((partial.status, partial.error_message), (TaskRecordStatus::Partial, None));
        assert_eq!((partial.counters, partial.retry_count), (note.counters, 2));
        assert_eq!(partial.error_details, Some(vec![fault("1"), fault("2")]));
    });
}

#[test]
fn a_paused_sync_keeps_its_record_running_and_its_lock() {
    on_both(|store| async move {
        let (claimed, id) = working(&store, TaskSyncType::Today, 1).await;
        store.pause(claimed.run.id, no_words(), at(2)).await.unwrap();
        assert!(end(&store, &claimed, End::Released, 3).await);
        let run = store.read().run(claimed.run.id).await.unwrap().unwrap();
        assert_eq!((run.state, run.control), (RunState::Paused, Control::None));
        assert_eq!(record(&store, id).await.status, TaskRecordStatus::Running);
        assert_eq!(store.read().task_lock(TaskSyncType::Today).await.unwrap().unwrap().run, run.id);
        let busy = store.request(sync_of(TaskSyncType::Today), at(4)).await.unwrap();
        assert!(matches!(busy, Requested::Busy(holder) if holder.id == run.id));
        assert!(matches!(store.resume(run.id, at(5)).await.unwrap(), Controlled::Done(_)));
        let again = claim_sync(&store, 6).await;
        assert_eq!(
            store.tasks().begin_record((&again.partition).into(), "worker-9", at(6)).await.unwrap(),
            Some(id)
        );
        // Since when it works is said once.
        assert_eq!(record(&store, id).await.started_at, at(1));
        assert!(end(&store, &again, End::Succeeded, 7).await);
        assert_eq!(store.read().task_lock(TaskSyncType::Today).await.unwrap(), None);

        let (claimed, id) = working(&store, TaskSyncType::Today, 10).await;
        store.pause(claimed.run.id, no_words(), at(11)).await.unwrap();
        assert!(end(&store, &claimed, End::Released, 12).await);
        store.cancel(claimed.run.id, no_words(), at(13)).await.unwrap();
        assert_eq!(record(&store, id).await.error_message.as_deref(), Some("同步已取消"));
        assert_eq!(store.read().task_lock(TaskSyncType::Today).await.unwrap(), None);
    });
}

#[test]
fn records_are_listed_newest_first_by_what_is_asked_of_them() {
    on_both(|store| async move {
        let first = ended_sync(&store, TaskSyncType::Historical, 1).await;
        let second = failed_sync(&store, TaskSyncType::Today, 2).await;
        // Accepted at the same moment: the number decides.
        let third = ended_sync(&store, TaskSyncType::Today, 2).await;
        start_by_schedule(&store, TaskSyncType::Today, 3).await;
        let fourth = third + 1;
        let any = TaskRecordFilter::default;
        assert_eq!(ids(&store, any()).await, [fourth, third, second, first]);
        let today = TaskRecordFilter { sync_type: Some(TaskSyncType::Today), ..any() };
        assert_eq!(ids(&store, today).await, [fourth, third, second]);
        let good = vec![TaskRecordStatus::Success, TaskRecordStatus::Partial];
        assert_eq!(ids(&store, TaskRecordFilter { statuses: good, ..any() }).await, [third, first]);
        let auto = TaskRecordFilter { trigger: Some(TaskTrigger::Auto), ..any() };
        assert_eq!(ids(&store, auto).await, [fourth]);
        store.tasks().mark_read(third, at(4)).await.unwrap();
        assert_eq!(ids(&store, TaskRecordFilter { unread: true, ..any() }).await, [second, first]);
        let page = store.read().task_records(&any(), Page { offset: 3, limit: 2 }).await.unwrap();
        assert_eq!((page.total, page.rows.len(), page.rows[0].id), (4, 1, first));
        let past = store.read().task_records(&any(), Page { offset: i64::MAX, limit: 2 }).await.unwrap();
        assert_eq!((past.total, past.rows.len()), (4, 0));
        let outcomes = store.read().task_outcomes(at(2)).await.unwrap();
        let outcomes: Vec<_> = outcomes.iter().map(|outcome| (outcome.record, outcome.status)).collect();
        assert_eq!(outcomes, [(second, TaskRecordStatus::Failed), (third, TaskRecordStatus::Success)]);
    });
}

#[test]
fn reading_is_said_once_and_a_sync_under_way_stays_unread() {
    on_both(|store| async move {
        let (claimed, running) = working(&store, TaskSyncType::Historical, 1).await;
        let first = ended_sync(&store, TaskSyncType::Today, 2).await;
        let second = ended_sync(&store, TaskSyncType::Today, 3).await;
        assert_eq!(store.read().task_unread().await.unwrap(), 2);
        assert!(store.tasks().mark_read(first, at(10)).await.unwrap());
        assert!(store.tasks().mark_read(first, at(20)).await.unwrap());
        assert_eq!(record(&store, first).await.read_at, Some(at(10)));
        assert!(!store.tasks().mark_read(99, at(20)).await.unwrap());
        assert_eq!(store.tasks().mark_all_read(at(30)).await.unwrap(), 1);
        assert_eq!(record(&store, first).await.read_at, Some(at(10)));
        assert_eq!(record(&store, second).await.read_at, Some(at(30)));
        assert_eq!(record(&store, running).await.read_at, None);
        assert!(end(&store, &claimed, End::Succeeded, 40).await);
        assert_eq!(store.read().task_unread().await.unwrap(), 1);
    });
}

#[test]
fn old_records_go_and_a_sync_under_way_stays() {
    on_both(|store| async move {
        let (_, running) = working(&store, TaskSyncType::Historical, 1).await;
        let old = ended_sync(&store, TaskSyncType::Today, 2).await;
        let new = ended_sync(&store, TaskSyncType::Today, 3).await;
        assert_eq!(store.tasks().purge_records(at(3)).await.unwrap(), 1);
        assert_eq!(ids(&store, TaskRecordFilter::default()).await, [new, running]);
        assert_eq!(store.read().task_record(old).await.unwrap(), None);
        // Its number is not given again.
        assert!(ended_sync(&store, TaskSyncType::Today, 4).await > new);
    });
}
