//! Events, rings, the run's log, budgets, notes.

use model::event::EventKind;
use model::id::RunId;
use serde_json::json;
use store::NewLogLine;

use crate::bed::{Database, at, no_words, on_both, start, wide, wish};

#[test]
fn events_are_read_on_from_a_cursor() {
    on_both(|store| async move {
        let (none, cursor) = store.read().events(None, 10).await.unwrap();
        assert_eq!(none.len(), 0);
        let made = start(&store, wish(&["a"])).await;
        store.cancel(made.id, no_words(), at(1)).await.unwrap();
        // On PostgreSQL an event is shown when no older transaction of the whole server is open any more.
        let (mut events, mut cursor) = (Vec::new(), cursor);
        while events.len() < 2 {
            let (more, next) = store.read().events(Some(&cursor), 10).await.unwrap();
            events.extend(more);
            cursor = next;
        }
        let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::RunCreated, EventKind::RunEnded]);
        assert_eq!(events[0].run_id, Some(made.id));
        let (none, same) = store.read().events(Some(&cursor), 10).await.unwrap();
        assert_eq!((none.len(), same), (0, cursor));
        let bad = store.read().events(Some("nonsense"), 10).await.unwrap_err().to_string();
        assert!(bad.contains("nonsense"), "{bad}");
    });
}

#[test]
fn no_event_is_skipped_by_a_reader_beside_writers() {
    on_both(|store| async move {
        let (_, mut cursor) = store.read().events(None, 1).await.unwrap();
        let writers: Vec<_> = (0..6)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..20 {
                        start(&store, wide(&["a"])).await;
                    }
                })
            })
            .collect();
        let mut seen: Vec<RunId> = Vec::new();
        let mut rings = store.rings().events;
        while seen.len() < 120 {
            let (events, next) = store.read().events(Some(&cursor), 7).await.unwrap();
            let made = events.iter().filter(|event| event.kind == EventKind::RunCreated);
            seen.extend(made.filter_map(|event| event.run_id));
            if next == cursor {
                let wait = std::time::Duration::from_millis(20);
                drop(tokio::time::timeout(wait, rings.changed()).await);
            }
            cursor = next;
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 120);
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

#[test]
fn a_ring_reaches_other_processes() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let database = Database::create().await;
        let here = store::Store::postgres(&database.url).await.unwrap();
        let there = store::Store::postgres(&database.url).await.unwrap();
        let mut rings = there.rings().work;
        let deadline = std::time::Duration::from_secs(20);
        let heard = async {
            while *rings.borrow() == 0 {
                start(&here, wide(&["a"])).await;
                drop(tokio::time::timeout(std::time::Duration::from_millis(100), rings.changed()).await);
            }
        };
        tokio::time::timeout(deadline, heard).await.expect("the other store was rung");
        database.remove().await;
    });
}

#[test]
fn a_log_is_followed_by_id() {
    on_both(|store| async move {
        let made = start(&store, wish(&["a"])).await;
        let line = |run: RunId, text: &str| NewLogLine {
            run_id: run,
            partition_id: None,
            at: at(1),
            level: "info".to_owned(),
            message: text.to_owned(),
        };
        let gone = RunId(made.id.0 + 1000);
        let lines = vec![line(made.id, "one"), line(gone, "nowhere"), line(made.id, "two")];
        store.append_log(lines).await.unwrap();
        let first = store.read().log(made.id, 0, 1).await.unwrap();
        let rest = store.read().log(made.id, first[0].id, 10).await.unwrap();
        assert_eq!((first[0].message.as_str(), rest.len()), ("one", 1));
        assert_eq!(rest[0].message, "two");
    });
}

#[test]
fn a_budget_is_never_overdrawn() {
    on_both(|store| async move {
        let day = jiff::civil::date(2025, 10, 9);
        let spenders = (0..20).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.spend("up", day, 7, 100, at(0)).await.unwrap().granted })
        });
        let mut granted = 0;
        for spender in futures_util::future::join_all(spenders).await {
            granted += spender.unwrap();
        }
        assert_eq!(granted, 100);
        assert_eq!(store.read().spent("up", day).await.unwrap(), 100);
        store.unspend("up", day, 10, at(1)).await.unwrap();
        let more = store.spend("up", day, 50, 100, at(2)).await.unwrap();
        assert_eq!((more.granted, more.used), (10, 100));
        let tomorrow = store.spend("up", day.tomorrow().unwrap(), 1, 100, at(3)).await.unwrap();
        assert_eq!(tomorrow.used, 1);
    });
}

#[test]
fn a_note_is_kept_replaced_and_removed() {
    on_both(|store| async move {
        store.put_note("stocks.x", Some(&json!({"until": 1})), at(0)).await.unwrap();
        store.put_note("stocks.x", Some(&json!({"until": 2})), at(1)).await.unwrap();
        assert_eq!(store.read().note("stocks.x").await.unwrap(), Some(json!({"until": 2})));
        store.put_note("stocks.x", None, at(2)).await.unwrap();
        assert_eq!(store.read().note("stocks.x").await.unwrap(), None);
    });
}

#[test]
fn a_note_is_swapped_only_by_who_knows_what_stands_there() {
    on_both(|store| async move {
        let (first, second, third) = (json!({"n": 1, "a": [1, 2]}), json!({"n": 2}), json!({"n": 3}));
        assert!(store.swap_note("x.y", None, &first, at(0)).await.unwrap());
        assert!(!store.swap_note("x.y", None, &second, at(1)).await.unwrap());
        assert!(!store.swap_note("x.y", Some(&second), &third, at(2)).await.unwrap());
        assert_eq!(store.read().note("x.y").await.unwrap(), Some(first.clone()));
        assert!(store.swap_note("x.y", Some(&first), &second, at(3)).await.unwrap());
        assert_eq!(store.read().note("x.y").await.unwrap(), Some(second));
    });
}
