//! Databases in trouble, two servers at once, and what an older system left.

use std::sync::Arc;

use serde_json::json;

use crate::bed::{Base, Bed, Making, Place};

on_both! {
    without_the_state_every_route_says_so
    a_failed_write_fails_the_day_whole_and_the_next_run_repairs_it
    the_last_ten_of_fifteen_failures_are_shown
    an_older_systems_tables_are_taken_over
}

/// Runs statements past the engine.
pub(crate) async fn outside(bed: &Bed, database: &str, sql: &str) {
    match bed.url() {
        Some(url) => crate::shared::place::admin_client(url).await.batch_execute(sql).await.unwrap(),
        None => rusqlite::Connection::open(bed.file(database).unwrap()).unwrap().execute_batch(sql).unwrap(),
    }
}

async fn without_the_state_every_route_says_so(base: Base) {
    let bed = Making::new(base).idle().await;
    let task = bed.batch("2025-10-09", "2025-10-09").await;
    let sql = match base {
        Base::Postgres => "ALTER SCHEMA syncline RENAME TO gone",
        Base::Sqlite => {
            "DROP VIEW daily_sync_status; ALTER TABLE ledger RENAME TO l; ALTER TABLE run RENAME TO r; ALTER TABLE lease RENAME TO e"
        }
    };
    outside(&bed, "state.db", sql).await;
    every_route_refuses(&bed, &task).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_server_is_gone_every_route_says_so_and_then_goes_on() {
    let bed = Making::new(Base::Postgres).idle().await;
    let task = bed.batch("2025-10-09", "2025-10-09").await;
    let Place::Database(database) = bed.place() else { unreachable!("the bed is on PostgreSQL") };
    database.close().await;
    every_route_refuses(&bed, &task).await;
    database.open().await;
    assert_eq!(bed.progress(&task).await["status"], "running");
    assert_eq!(bed.get("/sync/batch/active").await["data"]["task_id"], task);
}

/// Answers 500 and the reason on every route, and nothing that could be taken for an answer.
async fn every_route_refuses(bed: &Bed, task: &str) {
    let progress = format!("/sync/batch/progress/{task}");
    let resume = format!("/sync/batch/{task}/resume");
    let pause = format!("/sync/batch/{task}/pause");
    let cancel = format!("/sync/batch/{task}/cancel");
    let batch = r#"{"start_date":"2025-10-09","end_date":"2025-10-09"}"#;
    for (method, path, body) in [
        ("GET", "/today", None),
        ("GET", "/date/2025-10-09", None),
        ("GET", "/recent", None),
        ("GET", "/pending", None),
        ("GET", "/summary", None),
        ("GET", "/list", None),
        ("POST", "/check/2025-10-09", None),
        ("POST", "/sync/today", None),
        ("POST", "/sync/date/2025-10-09", None),
        ("POST", "/sync/pending", None),
        ("POST", "/sync/batch", Some(batch)),
        ("GET", "/sync/batch/active", None),
        ("GET", progress.as_str(), None),
        ("POST", cancel.as_str(), None),
        ("POST", pause.as_str(), None),
        ("POST", resume.as_str(), None),
    ] {
        let (status, text) = bed.call(method, &format!("/api/v1/sync-status{path}"), body).await;
        assert_eq!(status, 500, "{path}: {text}");
        assert!(text.starts_with(r#"{"detail":"state store "#), "{path}: {text}");
    }
}

async fn a_failed_write_fails_the_day_whole_and_the_next_run_repairs_it(base: Base) {
    let bed = Bed::start(base).await;
    let (spoil, mend) = match base {
        Base::Sqlite => (
            "CREATE TRIGGER full BEFORE INSERT ON daily_stock_data WHEN NEW.stock_code = '600000' \
             BEGIN SELECT RAISE(ABORT, 'no room'); END",
            "DROP TRIGGER full",
        ),
        Base::Postgres => (
            "ALTER TABLE daily_stock_data ADD CONSTRAINT room CHECK (stock_code <> '600000')",
            "ALTER TABLE daily_stock_data DROP CONSTRAINT room",
        ),
    };
    outside(&bed, "data.db", spoil).await;
    let progress = bed.sync("2025-10-09", "2025-10-09").await;
    assert_eq!((&progress["status"], &progress["failed"]), (&"completed".into(), &1.into()), "{progress}");
    let record = bed.record("2025-10-09").await;
    assert_eq!(record["status"], "failed");
    let error = record["error_message"].as_str().unwrap();
    assert!(error.contains("daily_stock_data") || error.contains("refused"), "{record}");
    assert_eq!(bed.stored("2025-10-09").await, 0, "all or nothing");
    outside(&bed, "data.db", mend).await;
    assert_eq!(bed.sync("2025-10-09", "2025-10-09").await["success"], 1);
    assert_eq!(bed.stored("2025-10-09").await, bed.expected("2025-10-09").len());
}

async fn the_last_ten_of_fifteen_failures_are_shown(base: Base) {
    let bed = Bed::start(base).await;
    bed.simulator().publish_until(Some("2025-09-05".parse().unwrap()));
    let task = bed.batch("2025-09-08", "2025-09-26").await;
    let progress = loop {
        let progress = bed.progress(&task).await;
        let failed = progress["failed"].as_u64().unwrap();
        let shown = progress["errors"].as_array().unwrap();
        assert_eq!(shown.len() as u64, failed.min(10), "at every look: {progress}");
        assert_eq!(progress["error_count"], failed, "{progress}");
        assert!(shown.is_sorted_by_key(|error| error["date"].as_str().unwrap().to_owned()), "{progress}");
        if progress["status"] != "running" {
            break progress;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&progress["failed"], &progress["error_count"]), (&15.into(), &15.into()), "{progress}");
    let errors = progress["errors"].as_array().unwrap();
    assert_eq!(
        (errors.len(), &errors[0]["date"], &errors[9]["date"]),
        (10, &"2025-09-15".into(), &"2025-09-26".into())
    );
    assert_eq!(errors[0]["error"], "没有获取到任何数据");
    assert!(errors[0]["time"].is_string());
    assert_eq!(progress["status"], "completed", "it went through all its dates");
}

async fn an_older_systems_tables_are_taken_over(base: Base) {
    let bed = Making::new(base).idle().await;
    let (view, place) = match base {
        Base::Postgres => ("DROP VIEW public.daily_sync_status;", "public."),
        Base::Sqlite => ("", ""),
    };
    let older = format!(
        "{view} CREATE TABLE {place}daily_sync_status (id INTEGER PRIMARY KEY, sync_date DATE UNIQUE, status VARCHAR(20), \
         total_records INTEGER, success_count INTEGER, failed_count INTEGER, start_time TIMESTAMP, end_time TIMESTAMP, \
         duration_seconds INTEGER, error_message TEXT, remarks TEXT, process_id VARCHAR(50), created_at TIMESTAMP, \
         updated_at TIMESTAMP); \
         INSERT INTO {place}daily_sync_status (id, sync_date, status, total_records, success_count, failed_count, start_time, \
         end_time, remarks, created_at) VALUES \
         (1, '2025-09-30', 'success', 5205, 5205, 0, '2025-09-30 20:00:01', '2025-09-30 20:00:09', '旧', '2025-09-30 20:00:00'), \
         (2, '2025-09-29', 'syncing', 0, 0, 0, '2025-09-29 20:00:01', NULL, NULL, '2025-09-29 20:00:00'), \
         (3, '2025-09-28', 'done', 0, 0, 0, NULL, NULL, NULL, '2025-09-28 20:00:00')"
    );
    outside(&bed, "data.db", &older).await;
    assert_eq!(bed.stocks.take_over(&bed.engine, bed.engine.now()).await.unwrap(), 3);
    assert_eq!(bed.stocks.take_over(&bed.engine, bed.engine.now()).await.unwrap(), 0);
    let record = bed.record("2025-09-30").await;
    assert_eq!((&record["status"], &record["total_records"]), (&"success".into(), &5205.into()));
    assert_eq!(
        (&record["start_time"], &record["duration_seconds"]),
        (&"2025-09-30T20:00:01".into(), &8.into())
    );
    let record = bed.record("2025-09-29").await;
    assert_eq!((&record["status"], &record["error_message"]), (&"failed".into(), &"同步进程已停止".into()));
    let check = bed.post("/check/2025-09-28", None).await;
    assert_eq!(check["reason"], "未知状态 done，建议同步");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_batches_on_two_servers_one_starts() {
    let bed = Arc::new(Making::new(Base::Postgres).idle().await);
    let other = Arc::new(bed.another().await);
    let body = r#"{"start_date":"2025-09-22","end_date":"2025-09-30"}"#;
    let asked: Vec<_> = (0..50)
        .map(|number| {
            let server = Arc::clone(if number % 2 == 0 { &bed } else { &other });
            tokio::spawn(async move { server.post("/sync/batch", Some(body)).await })
        })
        .collect();
    let mut started = 0;
    for answer in asked {
        let answer = answer.await.unwrap();
        if answer["status"] == "success" {
            started += 1;
        } else {
            assert_eq!(answer["current_task"]["total_days"], 9, "{answer}");
        }
    }
    assert_eq!(started, 1);
    assert_eq!(other.get("/sync/batch/active").await["data"]["progress"]["total"], json!(9));
}
