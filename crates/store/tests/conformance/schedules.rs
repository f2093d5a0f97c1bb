//! Schedules and their times.

use model::id::SyncKey;
use model::policy::Missed;
use model::schedule::{ScheduleSpec, TickDecision, When};
use serde_json::json;
use store::{ScheduleChange, TickAct, TickCommit, TickPlan};

use crate::bed::{at, on_both, start, wish};

fn spec(expression: &str) -> ScheduleSpec {
    ScheduleSpec {
        name: "stocks.daily_sync".to_owned(),
        title: "每日20点同步数据".to_owned(),
        sync: SyncKey::parse("stocks.daily").unwrap(),
        label: "scheduler_daily".to_owned(),
        params: json!({}),
        when: When::Cron { expression: expression.to_owned() },
        time_zone: "Asia/Shanghai".to_owned(),
        missed: Missed::None,
        missed_window: std::time::Duration::from_secs(60),
        missed_max: 1,
    }
}

#[test]
fn a_persons_change_outlives_a_restart() {
    on_both(|store| async move {
        let put = store.put_schedule(&spec("0 20 * * *"), Some(at(10)), at(0)).await.unwrap();
        let change = ScheduleChange {
            cron: Some("0 21 * * *".to_owned()),
            paused: Some(true),
            ..ScheduleChange::default()
        };
        let changed = store.change_schedule(put.id, change, Some(at(20)), at(1)).await.unwrap().unwrap();
        assert!(changed.version > put.version);
        let again = store.put_schedule(&spec("0 20 * * *"), Some(at(10)), at(2)).await.unwrap();
        assert_eq!(again.spec.when, When::Cron { expression: "0 21 * * *".to_owned() });
        assert_eq!((again.paused_at, again.next_nominal_at), (Some(at(1)), Some(at(20))));
        let new = store.put_schedule(&spec("0 19 * * *"), Some(at(30)), at(3)).await.unwrap();
        assert_eq!((new.id, new.next_nominal_at), (put.id, Some(at(30))));
    });
}

#[test]
fn a_system_that_changes_other_words_of_a_schedule_leaves_a_persons_rule_alone() {
    on_both(|store| async move {
        let put = store.put_schedule(&spec("0 20 * * *"), Some(at(10)), at(0)).await.unwrap();
        let change = ScheduleChange {
            cron: Some("0 21 * * *".to_owned()),
            time_zone: Some("Europe/London".to_owned()),
            params: Some(json!({ "days": 3 })),
            ..ScheduleChange::default()
        };
        store.change_schedule(put.id, change, Some(at(20)), at(1)).await.unwrap().unwrap();
        let retitled = ScheduleSpec { title: "每日同步".to_owned(), ..spec("0 20 * * *") };
        let kept = store.put_schedule(&retitled, Some(at(10)), at(2)).await.unwrap();
        assert_eq!(kept.spec.title, "每日同步");
        assert_eq!(kept.spec.when, When::Cron { expression: "0 21 * * *".to_owned() });
        assert_eq!(
            (kept.spec.time_zone.as_str(), &kept.spec.params),
            ("Europe/London", &json!({ "days": 3 }))
        );
        assert_eq!(kept.next_nominal_at, Some(at(20)));
        // A rule of both hands: the person's expression in the system's new zone. At 1970-01-01 00:00:03 UTC the next
        // 21:00 in Tokyo is at noon UTC.
        let moved = ScheduleSpec { time_zone: "Asia/Tokyo".to_owned(), ..retitled };
        let moved = store.put_schedule(&moved, Some(at(30)), at(3)).await.unwrap();
        assert_eq!(moved.spec.when, When::Cron { expression: "0 21 * * *".to_owned() });
        let next = moved.next_nominal_at.unwrap();
        assert_eq!(next, moved.spec.when.first(at(3), "Asia/Tokyo").unwrap().unwrap());
        assert_ne!(next, at(30));
    });
}

#[test]
fn of_many_nodes_one_acts_on_a_time() {
    on_both(|store| async move {
        let put = store.put_schedule(&spec("* * * * *"), Some(at(10)), at(0)).await.unwrap();
        let (due, _) = store.read().due_schedules(5, at(10)).await.unwrap();
        assert_eq!(due.len(), 1);
        let commit = || TickCommit {
            schedule: put.id,
            version: due[0].version,
            ticks: vec![TickPlan { nominal_at: at(10), act: TickAct::Start(Box::new(wish(&["a"]))) }],
            next_nominal_at: Some(at(70)),
        };
        let nodes = (0..8).map(|_| {
            let (store, commit) = (store.clone(), commit());
            tokio::spawn(async move { store.commit_tick(commit, at(11)).await.unwrap() })
        });
        let mut acted = Vec::new();
        for node in futures_util::future::join_all(nodes).await {
            acted.extend(node.unwrap());
        }
        assert_eq!(acted.len(), 1);
        assert_eq!(acted[0][0].decision, TickDecision::Started);
        let (due, next) = store.read().due_schedules(5, at(12)).await.unwrap();
        assert_eq!((due.len(), next), (0, Some(at(70))));
        let ticks = store.read().ticks(put.id, 5).await.unwrap();
        assert_eq!((ticks.len(), ticks[0].nominal_at), (1, at(10)));
        let listed = store.read().schedules_page(0, 9).await.unwrap().remove(0);
        assert_eq!((listed.0.id, listed.1), (put.id, Some(ticks[0].clone())));
    });
}

#[test]
fn a_busy_lease_is_recorded_with_its_reason_and_followed_up() {
    on_both(|store| async move {
        let put = store.put_schedule(&spec("* * * * *"), Some(at(10)), at(0)).await.unwrap();
        let current = start(&store, wish(&["x"])).await;
        let commit = TickCommit {
            schedule: put.id,
            version: put.version,
            ticks: vec![TickPlan { nominal_at: at(10), act: TickAct::Start(Box::new(wish(&["a"]))) }],
            next_nominal_at: None,
        };
        let done = store.commit_tick(commit, at(11)).await.unwrap().unwrap();
        assert_eq!(done[0].decision, TickDecision::SkippedOverlap);
        assert_eq!(done[0].run.as_ref().map(|run| run.id), Some(current.id));
        let open = store.read().unfollowed(5).await.unwrap();
        assert_eq!(open.len(), 1);
        let follow_up = ScheduleSpec {
            name: "stocks.retry_sync".to_owned(),
            when: When::Once { at: at(3600) },
            ..spec("* * * * *")
        };
        assert!(store.follow(&open[0], vec![(follow_up, Some(at(3600)))], at(12)).await.unwrap());
        assert_eq!(store.read().unfollowed(5).await.unwrap().len(), 0);
        let retry = store.read().schedule_by_name("stocks.retry_sync").await.unwrap().unwrap();
        assert_eq!(retry.next_nominal_at, Some(at(3600)));
    });
}

#[test]
fn a_paused_schedule_is_never_due() {
    on_both(|store| async move {
        let put = store.put_schedule(&spec("* * * * *"), Some(at(10)), at(0)).await.unwrap();
        let pause = ScheduleChange { paused: Some(true), ..ScheduleChange::default() };
        store.change_schedule(put.id, pause, Some(at(10)), at(1)).await.unwrap();
        let (due, next) = store.read().due_schedules(5, at(100)).await.unwrap();
        assert_eq!((due.len(), next), (0, None));
        assert!(store.remove_schedule(put.id, at(2)).await.unwrap());
        assert!(!store.remove_schedule(put.id, at(2)).await.unwrap());
    });
}

#[test]
fn a_schedule_a_system_comes_with_stays_removed_until_it_is_restored() {
    on_both(|store| async move {
        let nightly = spec("0 20 * * *");
        let registered = store.register_schedule(&nightly, Some(at(10)), at(0)).await.unwrap().unwrap();
        let again = store.register_schedule(&nightly, Some(at(10)), at(1)).await.unwrap();
        assert_eq!(again.as_ref(), Some(&registered), "once");
        assert!(store.remove_schedule(registered.id, at(2)).await.unwrap());
        assert_eq!(store.register_schedule(&nightly, Some(at(10)), at(3)).await.unwrap(), None);
        assert_eq!(store.read().schedules().await.unwrap(), []);
        let other = ScheduleSpec { name: "another".to_owned(), ..nightly.clone() };
        assert!(store.register_schedule(&other, Some(at(10)), at(4)).await.unwrap().is_some());
        assert_eq!(store.restore_schedules().await.unwrap(), 1);
        let back = store.register_schedule(&nightly, Some(at(10)), at(5)).await.unwrap().unwrap();
        assert_eq!(back.spec, nightly);
        // One that its system puts by itself is there whenever that wants it.
        assert!(store.remove_schedule(back.id, at(6)).await.unwrap());
        assert_eq!(store.put_schedule(&nightly, None, at(7)).await.unwrap().spec, nightly);
    });
}

#[test]
fn schedules_are_read_a_page_at_a_time_and_the_soonest_first() {
    on_both(|store| async move {
        for (name, next) in [("c", Some(30)), ("a", Some(40)), ("b", None), ("d", Some(20))] {
            let named = ScheduleSpec { name: name.to_owned(), ..spec("0 20 * * *") };
            store.put_schedule(&named, next.map(at), at(0)).await.unwrap();
        }
        let pause = ScheduleChange { paused: Some(true), ..ScheduleChange::default() };
        let d = store.read().schedule_by_name("d").await.unwrap().unwrap();
        store.change_schedule(d.id, pause, Some(at(20)), at(1)).await.unwrap().unwrap();
        let page = store.read().schedules_page(1, 2).await.unwrap();
        let names: Vec<&str> = page.iter().map(|(one, _)| one.spec.name.as_str()).collect();
        assert_eq!(names, ["b", "c"]);
        for (limit, wanted) in [(1, "c"), (2, "ca"), (3, "cab"), (9, "cabd")] {
            let upcoming = store.read().upcoming_schedules(limit).await.unwrap();
            assert_eq!(upcoming.iter().map(|one| one.spec.name.as_str()).collect::<String>(), wanted);
        }
    });
}
