//! The ledger, and the documented view over it.

use model::ledger::{LedgerState, LedgerWrite};
use store::{End, LedgerFilter, LedgerImport, Order};

use crate::bed::{Database, at, claim_one, finish, on_both, start, sync, wish};

fn counted(state: LedgerState, message: &str, succeeded: i64) -> LedgerWrite {
    LedgerWrite { total: 10, succeeded, failed: 10 - succeeded, ..LedgerWrite::new(state, message) }
}

#[test]
fn a_key_goes_from_running_to_success_and_keeps_its_id() {
    on_both(|store| async move {
        start(&store, wish(&["2025-10-09"])).await;
        let held = claim_one(&store, 0).await;
        let (id, fence) = (held.partition.id, held.partition.fence);
        let begun = LedgerWrite::new(LedgerState::Running, "begun");
        assert!(store.write_ledger(id, fence, begun, at(5)).await.unwrap());
        let half = counted(LedgerState::Running, "half", 4);
        assert!(store.write_ledger(id, fence, half, at(6)).await.unwrap());
        let row = store.read().ledger_row(&sync(), "2025-10-09").await.unwrap().unwrap();
        assert_eq!((row.state, row.started_at, row.ended_at), (LedgerState::Running, Some(at(5)), None));
        assert_eq!((row.process_id.as_deref(), row.succeeded), (Some("42"), 4));
        assert_eq!(store.read().living(&sync(), at(7)).await.unwrap(), ["2025-10-09"]);
        assert_eq!(store.read().living(&sync(), at(31)).await.unwrap().len(), 0);
        let mut done = finish(&held, End::Succeeded);
        done.ledger = Some(counted(LedgerState::Succeeded, "done", 9));
        store.finish(vec![done], at(8)).await.unwrap();
        let ended = store.read().ledger_row(&sync(), "2025-10-09").await.unwrap().unwrap();
        assert_eq!((ended.id, ended.state, ended.started_at), (row.id, LedgerState::Succeeded, Some(at(5))));
        assert_eq!((ended.ended_at, ended.message.as_deref()), (Some(at(8)), Some("done")));
    });
}

#[test]
fn an_old_fence_writes_no_ledger() {
    on_both(|store| async move {
        start(&store, wish(&["k"])).await;
        let held = claim_one(&store, 0).await;
        let stale = model::id::Fence(held.partition.fence.0 - 1);
        let write = LedgerWrite::new(LedgerState::Succeeded, "stale");
        assert!(!store.write_ledger(held.partition.id, stale, write, at(1)).await.unwrap());
        assert_eq!(store.read().ledger_row(&sync(), "k").await.unwrap(), None);
    });
}

#[test]
fn a_filter_bounds_orders_counts_and_pages() {
    on_both(|store| async move {
        let import = |key: &str, state| LedgerImport {
            key: key.to_owned(),
            write: LedgerWrite::new(state, "old"),
            started_at: Some(at(0)),
            ended_at: Some(at(1)),
            created_at: None,
        };
        let rows = vec![
            import("a", LedgerState::Succeeded),
            import("b", LedgerState::Failed),
            import("c", LedgerState::Succeeded),
            import("d", LedgerState::Skipped),
        ];
        assert_eq!(store.import_ledger(&sync(), rows.clone(), at(2)).await.unwrap(), 4);
        assert_eq!(store.import_ledger(&sync(), rows, at(3)).await.unwrap(), 0, "once");
        let filter = LedgerFilter {
            from: Some("b".to_owned()),
            to: Some("d".to_owned()),
            states: vec![LedgerState::Succeeded, LedgerState::Skipped],
            order: Order::Descending,
            offset: 1,
            limit: Some(5),
        };
        let read = store.read();
        let keys: Vec<String> =
            read.ledger(&sync(), &filter).await.unwrap().into_iter().map(|row| row.key).collect();
        assert_eq!(keys, ["c"]);
        let counts = read.ledger_counts(&sync(), &LedgerFilter::default()).await.unwrap();
        assert_eq!(
            counts,
            [(LedgerState::Succeeded, 2), (LedgerState::Skipped, 1), (LedgerState::Failed, 1)]
        );
    });
}

/// The documented statements, in the documented words, on both databases.
#[test]
fn the_documented_sql_reads_the_view() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let fill = async |store: &store::Store| {
        start(store, wish(&["2025-10-09"])).await;
        let held = claim_one(store, 0).await;
        let begun = LedgerWrite::new(LedgerState::Running, "开始同步（批量同步）");
        store.write_ledger(held.partition.id, held.partition.fence, begun, at(5)).await.unwrap();
    };
    let batch = "SELECT * FROM daily_sync_status WHERE remarks LIKE '%批量同步%' ORDER BY start_time DESC";
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let store = store::Store::sqlite(&path).await.unwrap();
        fill(&store).await;
        let shell = rusqlite::Connection::open(&path).unwrap();
        let row: (String, String, String, Option<String>) = shell
            .query_row(batch, [], |row| Ok((row.get(1)?, row.get(2)?, row.get(6)?, row.get(7)?)))
            .unwrap();
        let expected =
            ("2025-10-09".to_owned(), "syncing".to_owned(), "2025-10-09 08:00:05".to_owned(), None);
        assert_eq!(row, expected);

        let database = Database::create().await;
        let store = store::Store::postgres(&database.url).await.unwrap();
        fill(&store).await;
        let (shell, connection) =
            tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let rows = shell.simple_query(batch).await.unwrap();
        let row = rows
            .iter()
            .find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
                _ => None,
            })
            .expect("the view has the row");
        let fields = [row.get("sync_date"), row.get("status"), row.get("start_time"), row.get("end_time")];
        assert_eq!(fields, [Some("2025-10-09"), Some("syncing"), Some("2025-10-09 08:00:05"), None]);
        database.remove().await;
    });
}
