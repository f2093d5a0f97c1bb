//! Batches: what is stored, what is shown on the way, and that one starts at a time.

use std::sync::Arc;

use connect::tables::Value;
use simulators::baostock::Faults;
use systems::stocks::BARS;

use crate::bed::{Base, Bed, Making, at, lines};

on_both! {
    a_batch_stores_exactly_the_stocks_of_the_source
    a_holiday_week_is_one_day_synced_and_eight_skipped
    of_fifty_batches_at_once_one_starts
    progress_is_readable_at_once_and_never_falls
    the_end_is_foretold_from_finished_days
    stock_by_stock_takes_one_request_each_over_one_login
    several_connections_store_the_same_rows
    counters_agree_at_every_look_and_at_the_end
    the_documented_statements_find_the_batch
}

async fn codes(bed: &Bed, day: &str) -> Vec<String> {
    let mut codes: Vec<String> = bed
        .rows(BARS, day, &["exchange", "stock_code"])
        .await
        .into_iter()
        .map(|row| format!("{}.{}", row[0], row[1]))
        .collect();
    codes.sort();
    codes
}

async fn a_batch_stores_exactly_the_stocks_of_the_source(base: Base) {
    let bed = Bed::start(base).await;
    for more in ["", r#","mode":"per_stock""#] {
        let day = if more.is_empty() { "2025-10-09" } else { "2025-10-10" };
        let task = bed.batch_with(day, day, more).await;
        let progress = bed.ended(&task).await;
        assert_eq!(progress["status"], "completed", "{progress}");
        assert_eq!((&progress["success"], &progress["progress_percent"]), (&1.into(), &100.into()));
        assert_eq!(codes(&bed, day).await, bed.expected(day), "{more}");
        assert_eq!(bed.cell(day, "000001", "stock_name").await, "平安银行");
        assert_eq!(bed.cell(day, "000001", "exchange").await, "sz");
        assert_eq!(bed.cell(day, "689009", "exchange").await, "sh");
        assert_eq!(bed.cell(day, "302132", "exchange").await, "sz");
        assert_eq!(bed.cell(day, "000002", "stock_name").await, "万科Ａ");
        let stored = bed.stored(day).await;
        let record = bed.record(day).await;
        assert_eq!(
            record["remarks"],
            format!("同步完成: 获取{stored}只, 失败0只, 入库{stored}条（批量同步）")
        );
        assert_eq!(
            (&record["status"], &record["error_message"]),
            (&"success".into(), &serde_json::Value::Null)
        );
        assert_eq!((&record["total_records"], &record["success_count"]), (&stored.into(), &stored.into()));
        assert!(record["duration_seconds"].is_i64() && record["process_id"].is_string(), "{record}");
    }
}

async fn a_holiday_week_is_one_day_synced_and_eight_skipped(base: Base) {
    let bed = Bed::start(base).await;
    let progress = bed.sync("2025-10-01", "2025-10-09").await;
    assert_eq!((&progress["success"], &progress["skipped"]), (&1.into(), &8.into()), "{progress}");
    let message = progress["message"].as_str().unwrap();
    assert!(message.starts_with("批量同步完成: 成功1, 失败0, 跳过8, 耗时0分"), "{message}");
    let closed = bed.record("2025-10-05").await;
    assert_eq!((&closed["status"], &closed["remarks"]), (&"skipped".into(), &"非交易日".into()));
    assert!(closed["end_time"].is_string() && closed["duration_seconds"].is_i64(), "{closed}");
    assert_eq!((bed.requests("00"), bed.requests("33")), (1, 1));

    let (before, kept) = (bed.requests("98") + bed.requests("95"), bed.record("2025-10-09").await);
    let again = bed.sync("2025-10-01", "2025-10-09").await;
    assert_eq!((&again["skipped"], &again["current"]), (&9.into(), &9.into()));
    assert_eq!(bed.requests("98") + bed.requests("95"), before);
    assert_eq!(bed.record("2025-10-09").await, kept, "a day that is there is left alone");
}

async fn of_fifty_batches_at_once_one_starts(base: Base) {
    let bed = Arc::new(Making::new(base).idle().await);
    let body = r#"{"start_date":"2025-09-22","end_date":"2025-09-30"}"#;
    let asked: Vec<_> = (0..50)
        .map(|_| {
            let bed = Arc::clone(&bed);
            tokio::spawn(async move { bed.post("/sync/batch", Some(body)).await })
        })
        .collect();
    let mut started = Vec::new();
    let mut refused = Vec::new();
    for answer in asked {
        let answer = answer.await.unwrap();
        if answer["status"] == "success" { started.push(answer) } else { refused.push(answer) }
    }
    assert_eq!((started.len(), refused.len()), (1, 49));
    assert_eq!(started[0]["data"]["message"], "批量同步任务已启动，将同步 9 天的数据");
    for answer in refused {
        assert_eq!(answer["message"], "已有同步任务正在运行，请等待当前任务完成后再试");
        assert_eq!(answer["current_task"]["task_id"], started[0]["data"]["task_id"]);
        assert_eq!(answer["current_task"]["task_type"], "web_batch");
        assert_eq!(answer["current_task"]["total_days"], 9);
        assert_eq!(answer["current_task"]["start_time"], "2025-10-18T04:00:00");
    }
}

async fn progress_is_readable_at_once_and_never_falls(base: Base) {
    let mut bed = Making::new(base).idle().await;
    let task = bed.batch("2025-10-08", "2025-10-13").await;
    assert_eq!(task, "2025-10-08_2025-10-13_1760731200");
    let first = bed.progress(&task).await;
    let (_, raw) = bed.call("GET", &format!("/api/v1/sync-status/sync/batch/progress/{task}"), None).await;
    assert_eq!(
        raw,
        r#"{"status":"success","data":{"status":"running","total":6,"current":0,"success":0,"failed":0,"skipped":0,"current_date":"","message":"正在初始化...","progress_percent":0.0,"start_time":"2025-10-18T04:00:00","end_time":null,"start_date":"2025-10-08","end_date":"2025-10-13","task_start_time":"2025-10-18T04:00:00","estimated_completion":null,"duration_seconds":null,"errors":[],"error_count":0,"stocks":{"total":0,"done":0,"failed":0}}}"#
    );
    assert_eq!((&first["status"], &first["message"]), (&"running".into(), &"正在初始化...".into()));
    assert_eq!((&first["progress_percent"], &first["current_date"]), (&0.0.into(), &"".into()));
    assert_eq!(first["estimated_completion"], serde_json::Value::Null);
    assert_eq!(bed.get("/sync/batch/active").await["data"]["task_id"], task);

    bed.drive();
    let mut shown = 0.0;
    let last = loop {
        let progress = bed.progress(&task).await;
        let count = |key: &str| progress[key].as_i64().unwrap();
        assert_eq!(count("current"), count("success") + count("failed") + count("skipped"));
        let percent = progress["progress_percent"].as_f64().unwrap();
        assert!(percent >= shown, "{shown} then {progress}");
        shown = percent;
        if progress["status"] != "running" {
            break progress;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(
        (&last["status"], &last["success"], &last["skipped"]),
        (&"completed".into(), &3.into(), &3.into())
    );
    assert_eq!(last["progress_percent"].to_string(), "100");
    assert!(last["end_time"].is_string() && last["duration_seconds"].is_i64());
    assert_eq!(bed.get("/sync/batch/active").await["data"], serde_json::Value::Null);
}

async fn the_end_is_foretold_from_finished_days(base: Base) {
    let slow = Faults { latency: 150, ..Faults::default() };
    let bed = Making::new(base).faults(slow).start().await;
    // Ten trading days and two weekends.
    let task = bed.batch("2025-09-08", "2025-09-21").await;
    let half = bed
        .until(|| async {
            let progress = bed.progress(&task).await;
            if progress["success"] == 0 {
                assert!(progress["estimated_completion"].is_null(), "{progress}");
            }
            (progress["success"] == 5).then_some(progress)
        })
        .await;
    let ended = bed.ended(&task).await;
    let seconds = |value: &serde_json::Value| at(value.as_str().unwrap()).as_second();
    let (foretold, end) = (seconds(&half["estimated_completion"]), seconds(&ended["end_time"]));
    let took = end - seconds(&ended["start_time"]);
    // The documented fifth, and the second lost by showing whole ones.
    assert!((foretold - end).abs() <= took / 5 + 1, "foretold {half}, ended {ended}");
}

async fn stock_by_stock_takes_one_request_each_over_one_login(base: Base) {
    let bed = Making::new(base).config(|c| c.mode = "per_stock".into()).start().await;
    bed.sync("2025-10-09", "2025-10-10").await;
    let stats = bed.simulator().stats();
    assert_eq!(stats.requests.get("95"), Some(&120), "60 stocks on each of two days: {stats:?}");
    assert_eq!((stats.requests.get("00"), stats.requests.get("33")), (Some(&1), Some(&1)));
    assert_eq!((stats.connections, stats.max_concurrent), (1, 1));
    assert_eq!(codes(&bed, "2025-10-10").await, bed.expected("2025-10-10"));
}

async fn several_connections_store_the_same_rows(base: Base) {
    let columns =
        ["exchange", "stock_code", "stock_name", "close_price", "volume", "change_pct", "adjustflag"];
    let mut stored = Vec::new();
    for connections in [1, 4] {
        let slow = Faults { latency: 5, ..Faults::default() };
        let bed = Making::new(base).faults(slow).config(|c| {
            c.mode = "per_stock".into();
            c.connections = connections;
        });
        let bed = bed.start().await;
        let ended = bed.sync("2025-10-09", "2025-10-10").await;
        assert_eq!(ended["success"], 2, "{ended}");
        let stats = bed.simulator().stats();
        assert_eq!(stats.requests.get("95"), Some(&120), "one request a stock: {stats:?}");
        let connections = u64::try_from(connections).unwrap();
        assert_eq!(stats.requests.get("00"), Some(&connections), "one login a connection and run: {stats:?}");
        assert_eq!((stats.connections, stats.max_concurrent), (connections, connections));
        let mut rows: Vec<_> =
            bed.rows(BARS, "2025-10-10", &columns).await.iter().map(|r| texts(r)).collect();
        rows.sort();
        stored.push(rows);
    }
    assert!(stored[0].len() > 40 && stored[0] == stored[1]);
}

/// Successes, a failure and skips, looked at while they come about.
async fn counters_agree_at_every_look_and_at_the_end(base: Base) {
    let lines = lines();
    let calendar = [("2025-10-14".to_owned(), String::new())].into();
    let faults = Faults { latency: 20, calendar, ..Faults::default() };
    let mut bed = Making::new(base).at("2025-10-20T02:03:04").faults(faults).idle().await;
    let task = bed.batch("2025-10-08", "2025-10-17").await;
    bed.drive();
    let (mut shown, mut looks) = (0.0, 0);
    let last = loop {
        let progress = bed.progress(&task).await;
        let keys: Vec<&String> = progress.as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), 19, "{keys:?}");
        let count = |key: &str| progress[key].as_i64().unwrap();
        assert_eq!(count("current"), count("success") + count("failed") + count("skipped"), "{progress}");
        assert_eq!(count("error_count"), count("failed"), "{progress}");
        assert_eq!(progress["errors"].as_array().unwrap().len(), usize::try_from(count("failed")).unwrap());
        let (done, of) = (&progress["stocks"]["done"], &progress["stocks"]["total"]);
        assert!(done.as_i64() <= of.as_i64() && count("current") <= count("total"), "{progress}");
        let percent = progress["progress_percent"].as_f64().unwrap();
        assert!((shown..=100.0).contains(&percent), "{shown} then {progress}");
        (shown, looks) = (percent, looks + 1);
        if progress["status"] != "running" {
            break progress;
        }
        assert!(progress["end_time"].is_null() && progress["duration_seconds"].is_null(), "{progress}");
        tokio::task::yield_now().await;
    };
    assert!(looks > 10, "{looks}");
    let counts = [&last["total"], &last["success"], &last["failed"], &last["skipped"], &last["error_count"]];
    assert_eq!(counts, [10, 6, 1, 3, 1], "{last}");
    assert_eq!(last["errors"][0]["date"], "2025-10-14");
    let message = last["message"].as_str().unwrap();
    assert!(message.starts_with("批量同步完成: 成功6, 失败1, 跳过3, 耗时"), "{message}");
    let rows = bed.get("/list?start_date=2025-10-08&end_date=2025-10-17").await["data"]["stats"].clone();
    let counted = serde_json::json!({"total":10,"success":6,"failed":1,"syncing":0,"skipped":3});
    assert_eq!(rows, counted);
    bed.until(|| async { lines.lock().unwrap().iter().any(|line| line.contains(message)).then_some(()) })
        .await;
}

async fn the_documented_statements_find_the_batch(base: Base) {
    let lines = lines();
    let bed = Making::new(base).at("2025-10-19T01:02:03").start().await;
    let task = bed.batch("2025-10-09", "2025-10-10").await;
    bed.ended(&task).await;
    let batch = "SELECT * FROM daily_sync_status WHERE remarks LIKE '%批量同步%' ORDER BY start_time DESC";
    let mut found = documented(&bed, batch).await;
    // The two days may have begun in the same second.
    found.sort();
    assert_eq!(found, ["2025-10-09", "2025-10-10"]);
    let syncing = "SELECT * FROM daily_sync_status WHERE status = 'syncing' ORDER BY start_time DESC";
    assert_eq!(documented(&bed, syncing).await, Vec::<String>::new());
    let newest = "SELECT * FROM daily_sync_status ORDER BY created_at DESC LIMIT 20";
    assert_eq!(documented(&bed, newest).await.len(), 2);
    bed.until(|| async {
        let left = format!("同步任务结束，释放同步锁，任务ID: {task}");
        lines.lock().unwrap().iter().any(|line| line.contains(&left)).then_some(())
    })
    .await;
    let said = lines.lock().unwrap().concat();
    for line in [
        "批量同步任务开始: 2025-10-09 至 2025-10-10, 共 2 天",
        "[1/2] 开始同步: 2025-10-09 (0.0%)",
        "[2/2] 开始同步: 2025-10-10 (50.0%)",
        "批量同步完成: 成功2, 失败0, 跳过0, 耗时0分",
    ] {
        assert!(said.contains(line), "{line}");
    }
}

/// Dates of the rows a documented statement finds.
async fn documented(bed: &Bed, statement: &str) -> Vec<String> {
    if let Some(url) = bed.url() {
        let client = crate::shared::place::admin_client(url).await;
        let messages = client.simple_query(statement).await.unwrap();
        return messages
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get("sync_date").map(str::to_owned),
                _ => None,
            })
            .collect();
    }
    let state = rusqlite::Connection::open(bed.file("state.db").unwrap()).unwrap();
    let mut statement = state.prepare(statement).unwrap();
    let found = statement.query_map([], |row| row.get::<_, String>("sync_date")).unwrap();
    found.map(Result::unwrap).collect()
}

/// The cells' texts.
pub(crate) fn texts(row: &[Value]) -> Vec<String> {
    row.iter().map(ToString::to_string).collect()
}
