//! Rules of a day: when it is due, how much of it may fail, what is asked for again, what it costs.

use std::collections::BTreeMap;

use connect::tables::Value;
use engine::{PartitionFilter, Rows, System};
use jiff::civil::date;
use simulators::baostock::Faults;
use systems::stocks::{BARS, FAILURES};

use crate::bed::{Base, Bed, Making, at};
use crate::outages::outside;

on_both! {
    a_day_is_not_published_before_half_past_five
    a_day_to_come_is_taken_again_when_it_has_come
    one_stock_in_a_hundred_may_fail_and_is_repaired
    failed_stocks_are_repaired_in_per_stock_days_too
    a_run_without_budget_pauses_until_the_next_day
    after_the_limit_was_raised_a_run_is_resumed_by_hand
    a_changed_value_is_corrected_by_a_forced_sync
    a_forced_sync_puts_an_index_out_of_a_stocks_place
    a_day_without_rows_is_synced_again
    a_day_tells_which_rows_it_wrote_and_rows_tell_their_day
}

async fn a_day_is_not_published_before_half_past_five(base: Base) {
    let bed = Making::new(base).at("2025-10-09T17:29:00").start().await;
    let early = bed.sync("2025-10-09", "2025-10-09").await;
    assert_eq!(early["skipped"], 1);
    let record = bed.record("2025-10-09").await;
    assert_eq!((&record["status"], &record["remarks"]), (&"skipped".into(), &"数据尚未发布".into()));
    bed.clock.set(at("2025-10-09T17:31:00"));
    assert_eq!(bed.sync("2025-10-09", "2025-10-09").await["success"], 1);
}

async fn a_day_to_come_is_taken_again_when_it_has_come(base: Base) {
    let bed = Making::new(base).at("2025-10-09T20:00:00").start().await;
    assert_eq!(bed.sync("2025-10-10", "2025-10-10").await["skipped"], 1);
    let check = bed.post("/check/2025-10-10", None).await;
    assert_eq!(check["reason"], "数据尚未发布，需要重新同步");
    bed.clock.set(at("2025-10-10T20:00:01"));
    assert_eq!(bed.sync("2025-10-10", "2025-10-10").await["success"], 1);
    assert_eq!(bed.requests("33"), 2, "an entry fetched before its day is not final");
}

/// Codes of the last stocks that trade.
fn last_traded(bed: &Bed, day: &str, count: usize) -> Vec<String> {
    let expected = bed.expected(day);
    expected[expected.len() - count..].to_vec()
}

async fn retry_failed(bed: &Bed) -> serde_json::Value {
    let task = bed.retry_failed().await;
    bed.ended(&task).await
}

async fn one_stock_in_a_hundred_may_fail_and_is_repaired(base: Base) {
    let bed =
        Making::new(base).stocks(300).faults(Faults { missing_stocks: 2, ..Faults::default() }).start().await;
    let day = "2025-10-09";
    let all = bed.expected(day).len();
    assert_eq!(bed.sync(day, day).await["success"], 1);
    let record = bed.record(day).await;
    assert_eq!((&record["status"], &record["failed_count"]), (&"success".into(), &2.into()), "{record}");
    assert_eq!(record["error_message"], "2 只股票失败");
    assert_eq!(
        record["remarks"],
        format!("同步完成: 获取{}只, 失败2只, 入库{}条（批量同步）", all - 2, all - 2)
    );
    let failures = bed.rows(FAILURES, day, &["exchange", "stock_code", "error", "attempts"]).await;
    assert_eq!(failures.len(), 2);
    assert_eq!(
        (&failures[0][2], &failures[0][3]),
        (&Value::Text("获取数据失败或无数据".into()), &Value::Int(1))
    );
    assert_eq!(bed.failures(day).await.len(), 2);

    bed.simulator().set_faults(Faults { missing_stocks: 8, ..Faults::default() });
    assert_eq!(bed.sync("2025-10-10", "2025-10-10").await["failed"], 1);
    let record = bed.record("2025-10-10").await;
    assert_eq!((&record["status"], &record["error_message"]), (&"failed".into(), &"部分失败: 8 只".into()));
    assert_eq!(bed.stored("2025-10-10").await, all - 8, "what came is kept");

    bed.simulator().set_faults(Faults::default());
    bed.simulator().reset_stats();
    let retried = retry_failed(&bed).await;
    assert_eq!((&retried["success"], &retried["failed"]), (&2.into(), &0.into()), "{retried}");
    assert_eq!(bed.requests("95"), 2, "of the day that succeeded only the listed stocks");
    for day in [day, "2025-10-10"] {
        let record = bed.record(day).await;
        assert_eq!((&record["status"], &record["failed_count"]), (&"success".into(), &0.into()), "{record}");
        assert_eq!(
            (&record["error_message"], &record["success_count"]),
            (&serde_json::Value::Null, &all.into())
        );
        assert_eq!(bed.rows(FAILURES, day, &["stock_code"]).await, Vec::<Vec<Value>>::new());
        assert_eq!(bed.stored(day).await, all);
    }
}

async fn failed_stocks_are_repaired_in_per_stock_days_too(base: Base) {
    let bed = Making::new(base).stocks(200).config(|c| {
        c.mode = "per_stock".into();
        c.adjustflag = 2;
    });
    let bed = bed.start().await;
    let day = "2025-10-09";
    let code = last_traded(&bed, day, 1).remove(0);
    bed.simulator().set_faults(Faults { fail_codes: vec![code.clone()], ..Faults::default() });
    assert_eq!(bed.sync(day, day).await["success"], 1);
    let failures = bed.rows(FAILURES, day, &["stock_code", "error"]).await;
    assert_eq!(failures[0][0].to_string(), code[3..]);
    assert!(failures[0][1].to_string().starts_with("10004011 "), "{failures:?}");
    bed.simulator().set_faults(Faults::default());
    assert_eq!(retry_failed(&bed).await["success"], 1);
    assert_eq!(bed.cell(day, &code[3..], "adjustflag").await, "2", "as the day's other rows");
    assert_eq!(bed.rows(FAILURES, day, &["stock_code"]).await.len(), 0);
}

async fn a_run_without_budget_pauses_until_the_next_day(base: Base) {
    let bed = Making::new(base).at("2025-10-18T22:00:00").stocks(150);
    let bed = bed.config(|c| {
        c.mode = "per_stock".into();
        c.daily_request_budget = 100;
    });
    let bed = bed.start().await;
    let task = bed.batch("2025-10-09", "2025-10-09").await;
    let paused = bed
        .until(|| async {
            let progress = bed.progress(&task).await;
            (progress["status"] == "paused").then_some(progress)
        })
        .await;
    assert_eq!(paused["message"], "今日数据源请求次数已达上限(100次)，任务已暂停，将于次日00:05自动继续");
    let sent: u64 = bed.simulator().stats().requests.values().sum();
    assert!(sent <= 100, "{sent} frames were sent");
    let record = bed.record("2025-10-09").await;
    assert_eq!((&record["status"], &record["remarks"]), (&"pending".into(), &"已暂停".into()));

    let bed = bed.restarted().await;
    let used = bed.engine.read().spent("baostock", date(2025, 10, 18)).await.unwrap();
    assert!((95..=100).contains(&used), "the count survives a restart: {used}");
    bed.clock.set(at("2025-10-19T00:05:01"));
    let ended = bed.ended(&task).await;
    assert_eq!(ended["success"], 1, "{ended}");
    assert_eq!(bed.stored("2025-10-09").await, bed.expected("2025-10-09").len());
}

async fn after_the_limit_was_raised_a_run_is_resumed_by_hand(base: Base) {
    let bed = Making::new(base).at("2025-10-18T12:00:00").stocks(150);
    let bed = bed.config(|c| {
        c.mode = "per_stock".into();
        c.daily_request_budget = 100;
    });
    let bed = bed.start().await;
    let task = bed.batch("2025-10-09", "2025-10-09").await;
    let paused = |progress: &serde_json::Value| progress["status"] == "paused";
    bed.until(|| async { paused(&bed.progress(&task).await).then_some(()) }).await;
    let sent: u64 = bed.simulator().stats().requests.values().sum();

    // Resumed under the old limit it pauses again, and nothing is sent.
    bed.post(&format!("/sync/batch/{task}/resume"), None).await;
    let again = bed
        .until(|| async {
            let progress = bed.progress(&task).await;
            paused(&progress).then_some(progress)
        })
        .await;
    assert_eq!(again["message"], "今日数据源请求次数已达上限(100次)，任务已暂停，将于次日00:05自动继续");
    assert_eq!(bed.simulator().stats().requests.values().sum::<u64>(), sent, "the day's budget is spent");

    let bed = bed.restarted_with(|c| c.daily_request_budget = 300).await;
    assert!(paused(&bed.progress(&task).await), "a raised limit alone starts nothing");
    let resumed = bed.post(&format!("/sync/batch/{task}/resume"), None).await;
    assert_eq!(resumed["data"]["message"], "任务已恢复", "{resumed}");
    let ended = bed.ended(&task).await;
    assert_eq!((&ended["success"], &ended["status"]), (&1.into(), &"completed".into()), "{ended}");
    assert_eq!(bed.stored("2025-10-09").await, bed.expected("2025-10-09").len());
    let all: u64 = bed.simulator().stats().requests.values().sum();
    let used = bed.engine.read().spent("baostock", date(2025, 10, 18)).await.unwrap();
    assert!((all..all + 5).contains(&used), "one count over both processes: {used} counted, {all} sent");
}

fn corrected(day: &str, code: &str, close: &str) -> Faults {
    let values = BTreeMap::from([("close".to_owned(), close.to_owned())]);
    let codes = BTreeMap::from([(code.to_owned(), values)]);
    Faults { corrections: BTreeMap::from([(day.to_owned(), codes)]), ..Faults::default() }
}

async fn a_changed_value_is_corrected_by_a_forced_sync(base: Base) {
    let bed = Bed::start(base).await;
    let day = "2025-10-09";
    bed.sync(day, day).await;
    let before = (bed.cell(day, "600000", "updated_at").await, bed.cell(day, "000001", "updated_at").await);
    bed.simulator().set_faults(corrected(day, "sh.600000", "77.7700"));
    bed.pass(jiff::SignedDuration::from_hours(1));
    let task = bed.batch_with(day, day, r#","force":true"#).await;
    assert_eq!(bed.ended(&task).await["success"], 1);
    assert_eq!(bed.cell(day, "600000", "close_price").await, "77.77");
    assert_ne!(bed.cell(day, "600000", "updated_at").await, before.0);
    assert_eq!(bed.cell(day, "000001", "updated_at").await, before.1, "an unchanged row is not touched");
    let run = bed.engine.read().run_by_reference(&systems::stocks::sync_key(), &task).await.unwrap().unwrap();
    assert_eq!((run.counts.new, run.counts.updated), (0, 1));
}

async fn a_forced_sync_puts_an_index_out_of_a_stocks_place(base: Base) {
    let bed = Bed::start(base).await;
    let day = "2025-10-09";
    bed.sync(day, day).await;
    let right = bed.cell(day, "000001", "close_price").await;
    let spoil = "UPDATE daily_stock_data SET stock_name = '上证综合指数', close_price = 3900.12, exchange = 'sh' WHERE stock_code = '000001'";
    outside(&bed, "data.db", spoil).await;
    let task = bed.batch_with(day, day, r#","force":true"#).await;
    bed.ended(&task).await;
    assert_eq!(bed.cell(day, "000001", "stock_name").await, "平安银行");
    assert_eq!(bed.cell(day, "000001", "exchange").await, "sz");
    assert_eq!(bed.cell(day, "000001", "close_price").await, right);
}

async fn a_day_without_rows_is_synced_again(base: Base) {
    let bed = Bed::start(base).await;
    let day = "2025-10-09";
    bed.sync(day, day).await;
    let spoil = "DELETE FROM daily_stock_data";
    outside(&bed, "data.db", spoil).await;
    assert_eq!(
        bed.post(&format!("/check/{day}"), None).await["reason"],
        "状态为 success 但无数据，需要重新同步"
    );
    assert_eq!(bed.sync(day, day).await["success"], 1);
    assert_eq!(bed.stored(day).await, bed.expected(day).len());
}

async fn a_day_tells_which_rows_it_wrote_and_rows_tell_their_day(base: Base) {
    let day = "2025-10-09";
    let bed = Making::new(base).faults(Faults { missing_stocks: 8, ..Faults::default() }).start().await;
    let task = bed.batch("2025-10-08", day).await;
    bed.ended(&task).await;
    let (sync, read) = (systems::stocks::sync_key(), bed.engine.read());
    let run = read.run_by_reference(&sync, &task).await.unwrap().unwrap();
    let partitions =
        read.partitions(run.id, &PartitionFilter { limit: 9, ..Default::default() }).await.unwrap();
    let [closed, traded] = partitions.as_slice() else { panic!("{partitions:?}") };
    assert_eq!(bed.stocks.rows(&sync, closed), [], "nothing was written of a day without trade");
    let wrote = bed.stocks.rows(&sync, traded);
    assert_eq!(wrote.iter().map(|rows| rows.table).collect::<Vec<_>>(), [BARS.name, FAILURES.name]);
    for rows in wrote {
        assert_eq!(rows.having, [("trade_date", day.to_owned())]);
        assert_eq!(bed.stocks.writer(&rows), Some((sync.clone(), day.to_owned())));
        let elsewhere = Rows { table: "trading_calendar", ..rows };
        assert_eq!(bed.stocks.writer(&elsewhere), None);
    }
}
