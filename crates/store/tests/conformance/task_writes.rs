//! A sync's batch: whose it is, what it counts, what it may overwrite, and what of people's decisions it leaves.

use model::task::{MatchOrigin, MatchStatus, TaskCounters, TaskDay, TaskRecordStatus, TaskSyncType};
use store::{Claimed, End, LinkedTasks, PackageDeleted, PackageKey, Right, TaskBatch, TaskDaySum, TaskWrite};

use crate::bed::{at, end, no_words, on_both};
use crate::task_bed::{claim_sync, package, put, record, row, standing, sync_rows, task, working, write_on};

const TODAY: TaskSyncType = TaskSyncType::Today;
const HUAIAN: &str = "淮安-1014-高中-10000";

fn counted(batch: &TaskBatch) -> [i64; 7] {
    let counters = batch.counters;
    [
        counters.total,
        counters.new,
        counters.updated,
        counters.matched,
        counters.pending,
        counters.idle,
        counters.failed,
    ]
}

#[test]
fn a_sync_stores_tasks_and_matches_those_whose_prefix_is_a_packages_code() {
    on_both(|store| async move {
        put(&store, package("559336", HUAIAN), 0).await;
        let rows = vec![
            row("7100006", "淮安-1014A-高中-10000-O10-C-L3-1020", 10),
            row("9007199254740993123", "淮安-1014-高中-10000-O3-A--L3-1019", 10),
            row("7100004", "0909-高中加购-15000-P5-C--L3-1014", 10),
        ];
        let batch = sync_rows(&store, TODAY, rows.clone()).await;
        assert_eq!(counted(&batch), [3, 3, 0, 1, 2, 0, 0]);
        let stored = task(&store, "9007199254740993123").await;
        assert_eq!((stored.prefix.as_str(), stored.prefix_parsed), (HUAIAN, true));
        assert_eq!((stored.target_level.as_deref(), stored.agent_group.as_deref()), (Some("O3"), Some("A-")));
        assert_eq!((stored.line.as_deref(), stored.call_mmdd.as_deref()), (Some("L3"), Some("1019")));
        assert_eq!((stored.match_status, stored.match_origin), (MatchStatus::Matched, MatchOrigin::Auto));
        assert_eq!(stored.package.map(|package| package.external_id).as_deref(), Some("559336"));
        assert_eq!((stored.imported_at, stored.matched_at, stored.idle_at), (at(10), Some(at(10)), None));
        assert_eq!((stored.created_date, stored.total_number), (Some(at(0)), Some(100)));
        let other = task(&store, "7100004").await;
        assert_eq!((other.prefix.as_str(), other.prefix_parsed), (other.name.as_str(), false));
        assert_eq!(standing(&store, "7100006").await, "pending/auto");

        let again = rows.into_iter().map(|known| row(&known.task_id, &known.name, 20)).collect();
        let batch = sync_rows(&store, TODAY, again).await;
        assert_eq!(counted(&batch), [3, 0, 3, 1, 2, 0, 0]);
        let stored = task(&store, "9007199254740993123").await;
        assert_eq!((stored.imported_at, stored.matched_at), (at(10), Some(at(10))));
    });
}

#[test]
fn values_that_are_not_given_leave_what_is_known_and_rows_read_earlier_change_nothing() {
    on_both(|store| async move {
        put(&store, package("559336", HUAIAN), 0).await;
        let name = format!("{HUAIAN}-O3-A--L3-1019");
        sync_rows(&store, TODAY, vec![row("1", &name, 10)]).await;
        let mut sparse = row("1", &name, 20);
        (sparse.state, sparse.total_number, sparse.created_at) = (None, None, None);
        sparse.called_number = Some(50);
        sync_rows(&store, TODAY, vec![sparse]).await;
        let stored = task(&store, "1").await;
        assert_eq!((stored.state.as_deref(), stored.total_number), (Some("2"), Some(100)));
        assert_eq!((stored.called_number, stored.created_date), (Some(50), Some(at(0))));

        let (claimed, id) = working(&store, TODAY, 30).await;
        let mut late = row("1", "测试任务-P1", 15);
        late.called_number = Some(1);
        let batch = write_on(&store, (&claimed, id), vec![late], TaskCounters::default()).await.unwrap();
        // Seen, and counted as it stands.
        assert_eq!(counted(&batch), [0, 0, 1, 1, 0, 0, 0]);
        let kept = task(&store, "1").await;
        assert_eq!((kept.name.as_str(), kept.called_number), (name.as_str(), Some(50)));
    });
}

#[test]
fn a_task_listed_twice_is_written_once_as_it_was_listed_last() {
    on_both(|store| async move {
        let rows = vec![row("1", "测试任务-P1", 10), row("1", "测试任务-P2", 10)];
        assert_eq!(counted(&sync_rows(&store, TODAY, rows).await)[1], 1);
        assert_eq!(task(&store, "1").await.name, "测试任务-P2");
    });
}

#[test]
fn a_batch_in_an_old_right_writes_nothing() {
    on_both(|store| async move {
        let (claimed, id) = working(&store, TODAY, 1).await;
        let write = |claimed: &Claimed| TaskWrite {
            right: (&claimed.partition).into(),
            record: id,
            rows: vec![row("1", "测试任务-P1", 2)],
            before: TaskCounters::default(),
        };
        store.reap(10, no_words(), at(100)).await.unwrap();
        assert_eq!(store.tasks().write_tasks(write(&claimed), at(101)).await.unwrap(), None);
        let again = claim_sync(&store, 102).await;
        assert_eq!(store.tasks().write_tasks(write(&claimed), at(103)).await.unwrap(), None);
        assert!(store.read().call_task("1").await.unwrap().is_none());
        assert_eq!(record(&store, id).await.counters, TaskCounters::default());
        assert!(store.tasks().write_tasks(write(&again), at(104)).await.unwrap().is_some());
        let day = || {
            vec![TaskDay {
                task_id: "1".to_owned(),
                day: "2025-10-09".parse().unwrap(),
                called_number: 1,
                connected_number: 1,
                success_number: 1,
            }]
        };
        let (stale, right) = (Right::from(&claimed.partition), Right::from(&again.partition));
        assert!(!store.tasks().upsert_days(stale, day()).await.unwrap());
        assert!(store.tasks().upsert_days(right, day()).await.unwrap());
        // Who stalled before it began takes nothing back of what its successor counted.
        assert_eq!(store.tasks().begin_record(stale, "worker-7", at(105)).await.unwrap(), None);
        assert!(!store.tasks().set_retries(stale, id, 3, at(105)).await.unwrap());
        let standing = record(&store, id).await;
        assert_eq!((standing.counters.new, standing.retry_count), (1, 0));
        assert_eq!(standing.holder.as_deref(), Some("worker-7"));
        assert_eq!(store.tasks().begin_record(right, "worker-9", at(106)).await.unwrap(), Some(id));
    });
}

#[test]
fn a_sync_that_lost_its_worker_counts_the_same_in_the_end() {
    on_both(|store| async move {
        put(&store, package("559336", HUAIAN), 0).await;
        let name = format!("{HUAIAN}-O3-A--L3-1019");
        sync_rows(&store, TODAY, vec![row("1", &name, 5)]).await;
        let (claimed, id) = working(&store, TODAY, 10).await;
        let total = TaskCounters { total: 3, ..TaskCounters::default() };
        let first =
            write_on(&store, (&claimed, id), vec![row("1", &name, 11), row("2", &name, 11)], total).await;
        assert_eq!(counted(&first.unwrap()), [3, 1, 1, 2, 0, 0, 0]);
        store.reap(10, no_words(), at(100)).await.unwrap();
        let again = claim_sync(&store, 101).await;
        let begun = store.tasks().begin_record((&again.partition).into(), "worker-9", at(101)).await.unwrap();
        assert_eq!(begun, Some(id));
        assert_eq!(record(&store, id).await.counters, TaskCounters::default());
        let first =
            write_on(&store, (&again, id), vec![row("1", &name, 102), row("2", &name, 102)], total).await;
        let before = first.unwrap().counters;
        let last = write_on(&store, (&again, id), vec![row("3", "测试任务-P1", 102)], before).await;
        assert!(end(&store, &again, End::Succeeded, 103).await);
        let ended = record(&store, id).await;
        assert_eq!(counted(&last.unwrap()), [3, 2, 1, 2, 1, 0, 0]);
        assert_eq!((ended.counters.new, ended.counters.updated), (2, 1));
        assert_eq!((ended.status, ended.started_at), (TaskRecordStatus::Success, at(10)));
    });
}

#[test]
fn both_syncs_write_the_same_tasks_at_once() {
    on_both(|store| async move {
        put(&store, package("559336", HUAIAN), 0).await;
        let (one, of_one) = working(&store, TaskSyncType::Historical, 1).await;
        let (two, of_two) = working(&store, TODAY, 1).await;
        let rows = |second: i64, backwards: bool| {
            let mut ids: Vec<i64> = (0..50).collect();
            if backwards {
                ids.reverse();
            }
            let name = |id: i64| {
                if id % 2 == 0 { format!("{HUAIAN}-O{}", id + 1) } else { format!("测试任务-{id}") }
            };
            ids.into_iter().map(|id| row(&id.to_string(), &name(id), second)).collect::<Vec<_>>()
        };
        let writes = (0..10).flat_map(|second| {
            let none = TaskCounters::default();
            let (store, one, two) = (&store, &one, &two);
            [
                Box::pin(write_on(store, (one, of_one), rows(second, false), none)),
                Box::pin(write_on(store, (two, of_two), rows(second, true), none)),
            ]
        });
        for batch in futures_util::future::join_all(writes).await {
            let counters = batch.unwrap().counters;
            assert_eq!(counters.new + counters.updated, 50);
            assert_eq!((counters.matched, counters.pending, counters.failed), (25, 25, 0));
        }
        let counts = store.read().task_counts().await.unwrap();
        assert_eq!((counts.matched, counts.pending, counts.idle), (25, 25, 0));
        assert!(end(&store, &one, End::Succeeded, 20).await);
        assert!(end(&store, &two, End::Succeeded, 20).await);
    });
}

#[test]
fn what_people_decided_stays_through_syncs_renames_and_imports() {
    on_both(|store| async move {
        put(&store, package("550002", "淮安-0913-高中-3747"), 0).await;
        let fits = "淮安-0913-高中-3747-O1";
        let names = ["1", "2", "3"].map(|id| row(id, fits, 10));
        sync_rows(&store, TODAY, vec![row("0", "淮安-0913A-高中-3747-O10-C-L3-1020", 10)]).await;
        sync_rows(&store, TODAY, names.to_vec()).await;
        let tasks = store.tasks();
        let key = PackageKey::External("550002".to_owned());
        tasks.match_tasks(vec!["0".to_owned()], key, at(11)).await.unwrap().unwrap();
        tasks.idle_tasks(vec!["1".to_owned()], at(11)).await.unwrap();
        tasks.rematch_tasks(vec!["2".to_owned()], MatchOrigin::Manual, at(11)).await.unwrap();
        let decided = async || {
            let mut all = Vec::new();
            for id in ["0", "1", "2", "3"] {
                all.push(standing(&store, id).await);
            }
            all
        };
        let matched = "matched/manual 淮安-0913-高中-3747";
        let by_rule = "matched/auto 淮安-0913-高中-3747";
        assert_eq!(decided().await, [matched, "idle/manual", "pending/manual", by_rule]);
        for second in [20, 30] {
            let rows = ["0", "1", "2", "3"].map(|id| row(id, fits, second)).to_vec();
            assert_eq!(counted(&sync_rows(&store, TODAY, rows).await), [4, 0, 4, 2, 1, 1, 0]);
            assert_eq!(decided().await, [matched, "idle/manual", "pending/manual", by_rule]);
        }
        tasks.import_packages(vec![package("550002", "淮安-0913-高中-9")], at(40)).await.unwrap();
        let moved = "matched/manual 淮安-0913-高中-9";
        assert_eq!(decided().await, [moved, "idle/manual", "pending/manual", "pending/auto"]);
        tasks.import_packages(vec![package("550002", "淮安-0913-高中-3747")], at(41)).await.unwrap();
        assert_eq!(decided().await, [matched, "idle/manual", "pending/manual", by_rule]);

        let all = ["0", "1", "2", "3", "x", "x"].map(str::to_owned).to_vec();
        let changed = tasks.rematch_tasks(all, MatchOrigin::Auto, at(50)).await.unwrap();
        assert_eq!((changed.changed, changed.unchanged, changed.unknown), (3, 1, vec!["x".to_owned()]));
        assert_eq!(decided().await, [by_rule; 4]);
        let renamed = vec![row("0", "测试任务-P1", 60)];
        sync_rows(&store, TODAY, renamed).await;
        assert_eq!(standing(&store, "0").await, "pending/auto");
    });
}

#[test]
fn a_decision_says_what_it_changed() {
    on_both(|store| async move {
        let (made, _) = put(&store, package("559336", HUAIAN), 0).await;
        sync_rows(&store, TODAY, vec![row("1", "测试任务-P1", 10), row("2", &format!("{HUAIAN}-N"), 10)])
            .await;
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let tasks = store.tasks();
        let matched =
            tasks.match_tasks(ids(&["1", "2", "9"]), PackageKey::Id(made.id), at(11)).await.unwrap().unwrap();
        // The rule's match becomes a person's.
        assert_eq!((matched.changed, matched.unchanged, matched.unknown), (2, 0, ids(&["9"])));
        let again = tasks.match_tasks(ids(&["1"]), PackageKey::Id(made.id), at(12)).await.unwrap().unwrap();
        assert_eq!((again.changed, again.unchanged), (0, 1));
        assert_eq!(task(&store, "2").await.matched_at, Some(at(10)));
        assert_eq!(tasks.match_tasks(ids(&["1"]), PackageKey::Id(99), at(13)).await.unwrap(), None);
        let idle = tasks.idle_tasks(ids(&["1"]), at(14)).await.unwrap();
        assert_eq!((idle.changed, idle.unchanged), (1, 0));
        let stored = task(&store, "1").await;
        assert_eq!((stored.idle_at, stored.matched_at, stored.package), (Some(at(14)), None, None));
        assert_eq!(tasks.idle_tasks(ids(&["1"]), at(15)).await.unwrap().unchanged, 1);
        let pending = tasks.rematch_tasks(ids(&["1"]), MatchOrigin::Manual, at(16)).await.unwrap();
        assert_eq!((pending.changed, standing(&store, "1").await.as_str()), (1, "pending/manual"));
        assert_eq!(task(&store, "1").await.idle_at, None);
        assert_eq!(tasks.rematch_tasks(ids(&["1"]), MatchOrigin::Manual, at(17)).await.unwrap().unchanged, 1);
    });
}

#[test]
fn a_task_left_with_a_deleted_package_fails_until_somebody_decides() {
    on_both(|store| async move {
        let (made, _) = put(&store, package("559336", HUAIAN), 0).await;
        let name = format!("{HUAIAN}-N");
        sync_rows(&store, TODAY, vec![row("1", &name, 10), row("2", &name, 10)]).await;
        let tasks = store.tasks();
        let ids = |id: &str| vec![id.to_owned()];
        tasks.match_tasks(ids("2"), PackageKey::Id(made.id), at(11)).await.unwrap().unwrap();
        assert_eq!(tasks.delete_package(made.id, None, at(12)).await.unwrap(), PackageDeleted::InUse(2));
        let kept = tasks.delete_package(made.id, Some(LinkedTasks::Keep), at(12)).await.unwrap();
        assert_eq!(kept, PackageDeleted::Deleted(2));
        assert_eq!(tasks.delete_package(made.id, None, at(12)).await.unwrap(), PackageDeleted::Unknown);
        let mut rows = vec![row("1", &name, 20), row("2", &name, 20)];
        rows[0].called_number = Some(99);
        let batch = sync_rows(&store, TODAY, rows.clone()).await;
        assert_eq!(counted(&batch), [2, 0, 0, 0, 0, 0, 2]);
        let errors: Vec<_> =
            batch.faults.iter().map(|fault| (fault.task_id.as_str(), fault.error.as_str())).collect();
        assert_eq!(errors, [("1", "数据包不存在"), ("2", "数据包不存在")]);
        assert_eq!(task(&store, "1").await.called_number, Some(40));
        // Another package with the prefix takes over what the rule had matched, not what a person had.
        put(&store, package("559337", HUAIAN), 30).await;
        let rows = vec![row("1", &name, 40), row("2", &name, 40)];
        assert_eq!(counted(&sync_rows(&store, TODAY, rows).await), [2, 0, 1, 1, 0, 0, 1]);
        assert_eq!(task(&store, "1").await.package.unwrap().external_id, "559337");
        tasks.idle_tasks(ids("2"), at(41)).await.unwrap();
        let rows = vec![row("1", &name, 50), row("2", &name, 50)];
        assert_eq!(counted(&sync_rows(&store, TODAY, rows).await), [2, 0, 2, 1, 0, 1, 0]);
    });
}

#[test]
fn days_are_stored_once_and_add_up() {
    on_both(|store| async move {
        let (claimed, _) = working(&store, TODAY, 1).await;
        let day = |day: &str, called: i64| TaskDay {
            task_id: "1".to_owned(),
            day: day.parse().unwrap(),
            called_number: called,
            connected_number: 2,
            success_number: 1,
        };
        for _ in 0..2 {
            let days = vec![day("2025-10-08", 10), day("2025-10-09", 5), day("2025-10-09", 7)];
            assert!(store.tasks().upsert_days((&claimed.partition).into(), days).await.unwrap());
        }
        let sums = store.read().task_day_sums(&["1".to_owned(), "2".to_owned()]).await.unwrap();
        let sum = TaskDaySum { task_id: "1".to_owned(), called: 17, connected: 4, success: 2 };
        assert_eq!(sums, [sum]);
        sync_rows(&store, TaskSyncType::Historical, vec![row("1", "测试任务-P1", 2)]).await;
        let names = store.read().call_task_names(&["1".to_owned(), "2".to_owned()]).await.unwrap();
        assert_eq!(names.into_iter().collect::<Vec<_>>(), [("1".to_owned(), "测试任务-P1".to_owned())]);
    });
}
