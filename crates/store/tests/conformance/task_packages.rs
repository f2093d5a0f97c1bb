//! Packages: one of each external id and code, matched at once, imported as previewed; and the lists people read.

use model::event::{Event, EventKind};
use model::task::{MatchOrigin, MatchStatus, NewLeadPackage, PackageSource, TaskSyncType};
use store::{LinkedTasks, PackageDeleted, PackageFilter, PackageImport, PackagePut, Page, Store, TaskCounts};

use crate::bed::{at, on_both};
use crate::task_bed::{ended_sync, package, put, row, standing, start_sync, sync_rows, task};

const TODAY: TaskSyncType = TaskSyncType::Today;
const ALL: Page = Page { offset: 0, limit: 100 };
const HUAIAN: &str = "淮安-1014-高中-10000";

#[test]
fn a_package_is_made_once_and_takes_the_tasks_of_its_code() {
    on_both(|store| async move {
        let names = ["-N", "-O3-A--L3-1019", ""].map(|rest| format!("{HUAIAN}{rest}"));
        let rows = names.iter().enumerate().map(|(at, name)| row(&at.to_string(), name, 10)).collect();
        sync_rows(&store, TODAY, rows).await;
        let (made, matched) = put(&store, package("559336", HUAIAN), 20).await;
        assert_eq!(
            (made.external_id.as_str(), made.valid_leads, made.contact_rate),
            ("559336", Some(10_000), Some(0.25))
        );
        // A name that is only a prefix follows no rule.
        assert_eq!((matched, standing(&store, "2").await.as_str()), (2, "pending/auto"));
        assert_eq!(task(&store, "0").await.matched_at, Some(at(20)));
        for twin in [package("559336", "淮安-1-高中-1"), package("1", HUAIAN)] {
            assert_eq!(
                store.tasks().put_package(twin, at(21)).await.unwrap(),
                PackagePut::Duplicate(made.id)
            );
        }
        let (other, matched) = put(&store, package("1", "淮安-1-高中-1"), 22).await;
        assert_eq!(matched, 0);
        let taken = store.tasks().change_package(other.id, package("1", HUAIAN), at(23)).await.unwrap();
        assert_eq!(taken, PackagePut::Duplicate(made.id));
        assert_eq!(
            store.tasks().change_package(99, package("2", "x"), at(23)).await.unwrap(),
            PackagePut::Unknown
        );
        let moved = NewLeadPackage {
            source: PackageSource::Practice,
            contact_rate: None,
            ..package("559336", "淮安-2-高中-2")
        };
        let PackagePut::Stored(moved, matched) =
            store.tasks().change_package(made.id, moved, at(24)).await.unwrap()
        else {
            panic!("the package was there")
        };
        assert_eq!((moved.source, moved.contact_rate, matched), (PackageSource::Practice, None, 0));
        assert_eq!(standing(&store, "0").await, "pending/auto");
        assert_eq!(task(&store, "0").await.matched_at, None);
    });
}

#[test]
fn deleting_a_package_can_let_its_tasks_go_and_frees_its_names() {
    on_both(|store| async move {
        let (made, _) = put(&store, package("559336", HUAIAN), 0).await;
        sync_rows(&store, TODAY, vec![row("1", &format!("{HUAIAN}-N"), 10)]).await;
        let gone = store.tasks().delete_package(made.id, Some(LinkedTasks::Pending), at(11)).await.unwrap();
        assert_eq!(
            (gone, standing(&store, "1").await.as_str()),
            (PackageDeleted::Deleted(1), "pending/auto")
        );
        assert_eq!(store.read().lead_package(made.id).await.unwrap(), None);
        let (again, matched) = put(&store, package("559336", HUAIAN), 12).await;
        assert_eq!((again.id != made.id, matched), (true, 1));
        let (unused, _) = put(&store, package("1", "淮安-1-高中-1"), 13).await;
        assert_eq!(
            store.tasks().delete_package(unused.id, None, at(14)).await.unwrap(),
            PackageDeleted::Deleted(0)
        );
    });
}

#[test]
fn an_import_does_what_its_preview_says() {
    on_both(|store| async move {
        put(&store, package("1", "淮安-1-高中-1"), 0).await;
        put(&store, package("2", "淮安-2-高中-2"), 0).await;
        let rows = [("a", "淮安-1-高中-1-N"), ("b", "淮安-3-高中-3-N"), ("c", "禹州-3-高中-3-N")];
        sync_rows(&store, TODAY, rows.map(|(id, name)| row(id, name, 1)).to_vec()).await;
        let mut sparse = package("1", "淮安-1-高中-1");
        (sparse.total_leads, sparse.contact_rate) = (None, None);
        let new = vec![
            sparse,
            // Gives its code up …
            package("2", "淮安-4-高中-4"),
            // … which another then takes.
            package("3", "淮安-2-高中-2"),
            package("4", "淮安-1-高中-1"),
            package("5", "淮安-5-高中-5"),
            package("6", "淮安-5-高中-5"),
        ];
        let preview = store.tasks().preview_import(new.clone()).await.unwrap();
        let expected = PackageImport {
            created: 2,
            updated: 1,
            unchanged: 1,
            matched_tasks: 0,
            refused: vec![(3, "1".to_owned()), (5, "5".to_owned())],
        };
        assert_eq!(preview, expected);
        let listed = async || store.read().lead_packages(&PackageFilter::default(), ALL).await.unwrap();
        assert_eq!(listed().await.total, 2);
        assert_eq!(store.tasks().import_packages(new.clone(), at(2)).await.unwrap(), expected);
        let first = store.read().lead_package_by_external("1").await.unwrap().unwrap().package;
        assert_eq!((first.total_leads, first.contact_rate), (Some(12_000), Some(0.25)));
        let again = store.tasks().import_packages(new, at(3)).await.unwrap();
        assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 4));
        assert_eq!(listed().await.total, 4);
    });
}

#[test]
fn an_import_matches_what_waits_for_it() {
    on_both(|store| async move {
        sync_rows(
            &store,
            TODAY,
            vec![row("1", &format!("{HUAIAN}-N"), 1), row("2", &format!("{HUAIAN}-O1"), 1)],
        )
        .await;
        let new = vec![package("559336", HUAIAN)];
        assert_eq!(store.tasks().preview_import(new.clone()).await.unwrap().matched_tasks, 2);
        assert_eq!(standing(&store, "1").await, "pending/auto");
        assert_eq!(store.tasks().import_packages(new, at(2)).await.unwrap().matched_tasks, 2);
        assert_eq!(standing(&store, "1").await, format!("matched/auto {HUAIAN}"));
    });
}

#[test]
fn pending_tasks_are_grouped_and_others_listed() {
    on_both(|store| async move {
        put(&store, package("559336", HUAIAN), 0).await;
        let rows = vec![
            row("1", "禹州-0826-高中-721-O1-A+-L10-1019", 10),
            row("2", "禹州-0826-高中-721-O2", 10),
            row("3", "100%_测试", 10),
            row("4", &format!("{HUAIAN}-N"), 10),
            // The prefix of others, as a whole name.
            row("5", "禹州-0826-高中-721", 10),
        ];
        sync_rows(&store, TODAY, rows).await;
        let groups = store.read().pending_groups(None, ALL).await.unwrap();
        let seen: Vec<_> = groups
            .rows
            .iter()
            .map(|group| (group.prefix.as_str(), group.parsed, group.tasks.len()))
            .collect();
        assert_eq!(groups.total, 3);
        assert_eq!(seen[0], ("禹州-0826-高中-721", true, 2));
        assert!(seen.contains(&("禹州-0826-高中-721", false, 1)) && seen.contains(&("100%_测试", false, 1)));
        let page = store.read().pending_groups(None, Page { offset: 1, limit: 1 }).await.unwrap();
        assert_eq!((page.total, page.rows.len()), (3, 1));
        let found = async |text: &str| {
            let found = store.read().pending_groups(Some(text), ALL).await.unwrap();
            found
                .rows
                .iter()
                .flat_map(|group| &group.tasks)
                .map(|task| task.task_id.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("0%_").await, ["3"]);
        assert_eq!(found("_").await, ["3"]);
        assert_eq!(found("-o1-a+").await, ["1"]);
        assert_eq!(found("2").await.len(), 3);
        store.tasks().idle_tasks(vec!["3".to_owned()], at(11)).await.unwrap();
        let counts = store.read().task_counts().await.unwrap();
        assert_eq!(counts, TaskCounts { pending: 3, matched: 1, idle: 1 });
        let listed = async |store: &Store, status| {
            let listed = store.read().call_tasks(status, None, ALL).await.unwrap();
            assert_eq!(listed.total, i64::try_from(listed.rows.len()).unwrap());
            listed.rows.iter().map(|task| task.task_id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(listed(&store, Some(MatchStatus::Matched)).await, ["4"]);
        assert_eq!(listed(&store, Some(MatchStatus::Idle)).await, ["3"]);
        assert_eq!(listed(&store, None).await, ["5", "4", "3", "2", "1"]);
        store.tasks().idle_tasks(vec!["1".to_owned()], at(12)).await.unwrap();
        assert_eq!(listed(&store, Some(MatchStatus::Idle)).await, ["1", "3"]);
    });
}

#[test]
fn a_package_is_listed_with_what_its_tasks_come_to() {
    on_both(|store| async move {
        let (made, _) = put(&store, package("559336", HUAIAN), 1).await;
        put(&store, package("541437", "禹州-0826-高中-1000"), 2).await;
        let levels = ["N", "O1", "O1"].iter().enumerate();
        let rows = levels.map(|(at, level)| row(&at.to_string(), &format!("{HUAIAN}-{level}"), 10)).collect();
        sync_rows(&store, TODAY, rows).await;
        let row = store.read().lead_package(made.id).await.unwrap().unwrap();
        assert_eq!((row.tasks, row.connected, row.success), (3, 30, 3));
        assert_eq!(row.levels, [("N".to_owned(), 40), ("O1".to_owned(), 80)]);
        let ids = async |region: Option<&str>, contains: Option<&str>| {
            let filter =
                PackageFilter { region: region.map(str::to_owned), contains: contains.map(str::to_owned) };
            let listed = store.read().lead_packages(&filter, ALL).await.unwrap();
            listed.rows.into_iter().map(|row| row.package.external_id).collect::<Vec<_>>()
        };
        assert_eq!(ids(None, None).await, ["541437", "559336"]);
        assert_eq!(ids(Some("淮安"), None).await, ["559336"]);
        assert_eq!(ids(None, Some("4143")).await, ["541437"]);
        assert_eq!(ids(Some("淮安"), Some("0826")).await, Vec::<String>::new());
        let of_region = store.read().packages_of_regions(&["禹州".to_owned()]).await.unwrap();
        assert_eq!(of_region.len(), 1);
    });
}

#[test]
fn what_people_change_is_told_once() {
    on_both(|store| async move {
        let record = ended_sync(&store, TODAY, 1).await;
        sync_rows(&store, TODAY, vec![row("1", "测试任务-P1", 2)]).await;
        let (_, mut cursor) = store.read().events(None, 1).await.unwrap();
        let (tasks, one) = (store.tasks(), vec!["1".to_owned()]);
        for second in [10, 11] {
            tasks.mark_read(record, at(second)).await.unwrap();
        }
        for second in [12, 13] {
            tasks.mark_all_read(at(second)).await.unwrap();
        }
        for second in [14, 15] {
            tasks.idle_tasks(one.clone(), at(second)).await.unwrap();
        }
        for second in [16, 17] {
            tasks.rematch_tasks(one.clone(), MatchOrigin::Auto, at(second)).await.unwrap();
        }
        for second in [18, 19] {
            tasks.import_packages(vec![package("1", HUAIAN)], at(second)).await.unwrap();
        }
        for second in [20, 21] {
            tasks.put_package(package("2", "淮安-2-高中-2"), at(second)).await.unwrap();
        }
        let made = store.read().lead_package_by_external("2").await.unwrap().unwrap().package;
        for second in [22, 23] {
            tasks.delete_package(made.id, None, at(second)).await.unwrap();
        }
        let last = start_sync(&store, TODAY, 30).await;
        let mut seen = Vec::new();
        while seen.last().is_none_or(|event: &Event| event.run_id != Some(last.id)) {
            let (events, next) = store.read().events(Some(&cursor), 100).await.unwrap();
            seen.extend(events);
            cursor = next;
        }
        seen.retain(|event| event.kind == EventKind::SystemChanged);
        let told: Vec<_> = seen
            .iter()
            .map(|event| (event.sync.as_ref().unwrap().as_str(), event.at.duration_since(at(0)).as_secs()))
            .collect();
        let (records, matching) = ("tasks.records", "tasks.matching");
        assert_eq!(
            told,
            [
                (records, 10),
                (records, 12),
                (matching, 14),
                (matching, 16),
                (matching, 18),
                (matching, 20),
                (matching, 22)
            ]
        );
    });
}
