//! A source in trouble: what is recovered from, what fails, and what is never mistaken for something else.

use std::num::NonZeroU64;

use simulators::baostock::Faults;
use systems::stocks::FACTORS;

use crate::bed::{Base, Bed, Making};

on_both! {
    a_source_that_is_down_ends_a_batch_after_three_days
    a_day_without_a_listing_fails
    a_blacklist_ends_the_run_and_silences_schedules
    days_without_bars_fail
    without_the_market_request_the_run_goes_on_stock_by_stock
    without_the_factor_request_days_succeed
    a_failed_factor_request_is_a_warning_and_repeated
    passing_trouble_is_recovered_from
    a_day_the_calendar_leaves_out_fails
}

fn nth(number: u64) -> Option<NonZeroU64> {
    NonZeroU64::new(number)
}

async fn a_source_that_is_down_ends_a_batch_after_three_days(base: Base) {
    let mut bed = Making::new(base).idle().await;
    bed.simulator.take().unwrap().shutdown().await;
    bed.drive();
    let progress = bed.sync("2025-09-22", "2025-10-01").await;
    assert_eq!(
        (&progress["status"], &progress["failed"], &progress["skipped"]),
        (&"failed".into(), &3.into(), &0.into())
    );
    assert!(progress["message"].as_str().unwrap().starts_with("同步失败: "), "{progress}");
    assert_eq!(progress["error_count"], 3);
    assert_eq!(progress["errors"][0]["date"], "2025-09-22");
    let record = bed.record("2025-09-24").await;
    assert_eq!(record["status"], "failed");
    assert!(record["error_message"].as_str().unwrap().contains("connect"), "{record}");
    assert_eq!(bed.get("/date/2025-09-25").await["status"], "not_found", "remaining days are untouched");
}

async fn a_day_without_a_listing_fails(base: Base) {
    let bed = Making::new(base).faults(Faults { empty_list: true, ..Faults::default() }).start().await;
    let progress = bed.sync("2025-09-22", "2025-09-30").await;
    assert_eq!((&progress["status"], &progress["failed"]), (&"failed".into(), &3.into()));
    assert_eq!(bed.record("2025-09-22").await["error_message"], "数据源返回的股票列表为空");
}

async fn a_blacklist_ends_the_run_and_silences_schedules(base: Base) {
    let blacklist = Faults { blacklist: true, ..Faults::default() };
    let bed = Making::new(base).at("2025-10-09T19:00:00").faults(blacklist).start().await;
    let progress = bed.sync("2025-09-22", "2025-09-30").await;
    assert_eq!(progress["status"], "failed");
    assert_eq!(progress["message"], "同步失败: 10001011 黑名单用户，请与管理员联系");
    let logins = bed.requests("00");
    bed.clock.set(crate::bed::at("2025-10-09T20:00:00"));
    let ticked = bed
        .until(|| async {
            let schedule = bed.engine.read().schedule_by_name("stocks.daily_sync").await.unwrap().unwrap();
            bed.engine.read().ticks(schedule.id, 1).await.unwrap().into_iter().next()
        })
        .await;
    assert_eq!(ticked.decision.as_str(), "refused");
    assert_eq!(bed.requests("00"), logins, "no connection for 24 hours");
    bed.simulator().set_faults(Faults::default());
    assert_eq!(bed.sync("2025-09-22", "2025-09-22").await["success"], 1, "only a start by hand connects");
}

async fn days_without_bars_fail(base: Base) {
    let bed = Bed::start(base).await;
    bed.simulator().publish_until(Some("2025-10-09".parse().unwrap()));
    let progress = bed.sync("2025-10-09", "2025-10-10").await;
    assert_eq!(
        (&progress["status"], &progress["success"], &progress["failed"]),
        (&"completed".into(), &1.into(), &1.into())
    );
    let record = bed.record("2025-10-10").await;
    assert_eq!(
        (&record["status"], &record["error_message"]),
        (&"failed".into(), &"没有获取到任何数据".into())
    );
    assert_eq!(record["remarks"], "没有获取到任何数据");
}

async fn without_the_market_request_the_run_goes_on_stock_by_stock(base: Base) {
    let unknown = Faults { unknown_type: vec!["98".into()], ..Faults::default() };
    let bed = Making::new(base).faults(unknown).start().await;
    let progress = bed.sync("2025-10-09", "2025-10-10").await;
    assert_eq!(progress["success"], 2, "{progress}");
    assert_eq!((bed.requests("98"), bed.requests("95")), (1, 120), "asked once a run");
    assert_eq!(bed.stored("2025-10-10").await, bed.expected("2025-10-10").len());
    assert_eq!(bed.cell("2025-10-10", "600000", "adjustflag").await, "3");
}

async fn without_the_factor_request_days_succeed(base: Base) {
    let unknown = Faults { unknown_type: vec!["9C".into()], ..Faults::default() };
    let bed = Making::new(base).faults(unknown).start().await;
    assert_eq!(bed.sync("2025-10-09", "2025-10-10").await["success"], 2);
    assert_eq!(bed.requests("9C"), 1);
    assert_eq!(bed.record("2025-10-10").await["error_message"], serde_json::Value::Null);
}

async fn a_failed_factor_request_is_a_warning_and_repeated(base: Base) {
    // Login, calendar, listing, bars, factors.
    let failing = Faults { error_on: vec!["5:10004006".parse().unwrap()], ..Faults::default() };
    let bed = Making::new(base).faults(failing).start().await;
    assert_eq!(bed.sync("2025-10-09", "2025-10-09").await["success"], 1);
    let record = bed.record("2025-10-09").await;
    let warning = record["error_message"].as_str().unwrap();
    assert!(warning.starts_with("复权因子获取失败: 10004006"), "{warning}");
    let task = bed.retry_failed().await;
    assert_eq!(bed.ended(&task).await["success"], 1);
    let record = bed.record("2025-10-09").await;
    assert_eq!((&record["status"], &record["error_message"]), (&"success".into(), &serde_json::Value::Null));
    let market = bed.simulator().market();
    let day = market.trading_day("2025-10-09".parse().unwrap()).unwrap();
    let factors = market.shares().filter(|share| market.factor(share, day).is_some()).count();
    let as_of = bed.destination.rows(&connect::tables::Select::from(FACTORS)).await.unwrap();
    assert_eq!(as_of.len(), factors);
}

async fn passing_trouble_is_recovered_from(base: Base) {
    for faults in [
        Faults { eof_mid_frame: nth(4), ..Faults::default() },
        Faults { drop_after: nth(2), ..Faults::default() },
        Faults { corrupt_frame: nth(3), ..Faults::default() },
        Faults { corrupt_frame: nth(4), ..Faults::default() },
        Faults { error_on: vec!["4:10002007".parse().unwrap()], ..Faults::default() },
        Faults { wrong_type: nth(3), ..Faults::default() },
        Faults { slow_drip: nth(20_000), ..Faults::default() },
        Faults { terminator_in_stream: true, ..Faults::default() },
    ] {
        let told = format!("{faults:?}");
        let bed = Making::new(base).faults(faults).start().await;
        let progress = bed.sync("2025-10-09", "2025-10-09").await;
        assert_eq!(progress["success"], 1, "{told}: {progress}");
        assert_eq!(bed.stored("2025-10-09").await, bed.expected("2025-10-09").len(), "{told}");
    }
}

async fn a_day_the_calendar_leaves_out_fails(base: Base) {
    let calendar = [("2025-10-10".to_owned(), String::new())].into();
    let bed = Making::new(base).faults(Faults { calendar, ..Faults::default() }).start().await;
    let progress = bed.sync("2025-10-09", "2025-10-11").await;
    assert_eq!(
        (&progress["success"], &progress["failed"], &progress["skipped"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!(bed.record("2025-10-10").await["error_message"], "交易日历中没有 2025-10-10");
}
