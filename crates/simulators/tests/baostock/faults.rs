//! Each switch does what it says, and nothing else.

use std::{collections::BTreeMap, num::NonZeroU64, time::Duration};

use simulators::baostock::{Faults, Simulator, Values};
use tokio::time::{Instant, timeout};

use super::wire::{Answer, Wire, decode, faulty, request, simulator};

const LOGIN: &str = "login^anonymous^123456^0";
const LISTING: &str = "query_all_stock^anonymous^1^2000^2025-10-09";
const SHARES: &str = "query_daily_history_k_AStock^anonymous^2025-10-09";

fn history(code: &str) -> String {
    format!("query_history_k_data_plus^anonymous^1^2000^{code}^date,close,volume^2025-10-09^2025-10-10^d^3")
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

/// What a healthy simulator answers.
async fn truth(kind: &str, fields: &str) -> Answer {
    let healthy = simulator(20).await;
    Wire::logged_in(&healthy).await.ask(kind, fields).await
}

/// Logs in while all is well, then misbehaves.
async fn logged_in(faults: Faults) -> (Simulator, Wire) {
    let simulator = simulator(20).await;
    let wire = Wire::logged_in(&simulator).await;
    simulator.set_faults(faults);
    (simulator, wire)
}

fn row<'a>(rows: &'a [Vec<String>], code: &str) -> Vec<&'a Vec<String>> {
    rows.iter().filter(|row| row.iter().any(|value| value == code)).collect()
}

#[tokio::test]
async fn latency_comes_before_every_reply_and_does_not_delay_the_end() {
    let simulator = faulty(Faults { latency: 60, ..Faults::default() }).await;
    let begun = Instant::now();
    let mut wire = Wire::logged_in(&simulator).await;
    wire.ask("35", LISTING).await;
    assert!(begun.elapsed() >= Duration::from_millis(120));
    simulator.set_faults(Faults { latency: 3_600_000, ..Faults::default() });
    wire.send(&request("35", LISTING)).await;
    timeout(Duration::from_secs(10), simulator.shutdown())
        .await
        .expect("an hour of latency is not waited for");
}

#[tokio::test]
async fn each_connection_is_dropped_after_so_many_replies() {
    let simulator = faulty(Faults { drop_after: NonZeroU64::new(2), ..Faults::default() }).await;
    for _ in 0..2 {
        let mut wire = Wire::logged_in(&simulator).await;
        assert!(wire.try_ask("35", LISTING).await.is_some());
        assert_eq!(wire.try_ask("35", LISTING).await, None);
    }
}

#[tokio::test]
async fn the_nth_reply_ends_in_its_middle_and_the_next_is_whole() {
    let (simulator, mut wire) =
        logged_in(Faults { eof_mid_frame: NonZeroU64::new(2), ..Faults::default() }).await;
    wire.ask("98", SHARES).await;
    wire.send(&request("98", SHARES)).await;
    let half = wire.receive().await;
    assert!(half.starts_with(b"00.9.00\x0199\x01") && half.len() > 500);
    assert!(decode(&half).is_err());
    let mut again = Wire::logged_in(&simulator).await;
    assert_eq!(again.ask("98", SHARES).await, truth("98", SHARES).await);
}

#[tokio::test]
async fn the_nth_request_is_answered_with_an_error_over_all_connections() {
    let error_on = vec!["2:10002007".parse().unwrap(), "4:10005001".parse().unwrap()];
    let simulator = faulty(Faults { error_on, ..Faults::default() }).await;
    let mut wire = Wire::logged_in(&simulator).await;
    assert_eq!(wire.ask("35", LISTING).await.error(), "10002007 网络接收错误。");
    assert_eq!(wire.ask("35", LISTING).await.kind, "36", "the connection stays");
    let mut other = Wire::connect(&simulator).await;
    assert_eq!(other.ask("00", LOGIN).await.error(), "10005001 系统级别错误");
    assert_eq!(other.ask("00", LOGIN).await.kind, "01");
}

#[tokio::test]
async fn a_corrupt_frame_fails_its_own_check_once() {
    for (kind, fields, check) in [("35", LISTING, "checksum"), ("98", SHARES, "zlib")] {
        let (_simulator, mut wire) =
            logged_in(Faults { corrupt_frame: NonZeroU64::new(1), ..Faults::default() }).await;
        wire.send(&request(kind, fields)).await;
        assert_eq!(decode(&wire.receive().await), Err(check));
        assert_eq!(wire.ask(kind, fields).await, truth(kind, fields).await);
    }
}

#[tokio::test]
async fn a_slow_drip_sends_everything_at_its_rate() {
    let (_simulator, mut wire) =
        logged_in(Faults { slow_drip: NonZeroU64::new(1000), ..Faults::default() }).await;
    let begun = Instant::now();
    let answer = wire.ask("95", &history("sh.600000")).await;
    // About 190 bytes.
    assert!(begun.elapsed() >= Duration::from_millis(150), "{:?}", begun.elapsed());
    assert_eq!(answer, truth("95", &history("sh.600000")).await);
}

#[tokio::test]
async fn a_type_can_be_unknown() {
    let unknown_type = vec!["98".to_owned(), "9C".to_owned()];
    let (_simulator, mut wire) = logged_in(Faults { unknown_type, ..Faults::default() }).await;
    assert_eq!(wire.ask("98", SHARES).await.error(), "10004020 错误的消息类型");
    assert_eq!(
        wire.ask("9C", "query_daily_adjust_factor^anonymous^2025-10-09").await.error(),
        "10004020 错误的消息类型"
    );
    assert_eq!(wire.ask("35", LISTING).await.kind, "36");
}

#[tokio::test]
async fn the_listing_can_be_empty_on_a_trading_day() {
    let (_simulator, mut wire) = logged_in(Faults { empty_list: true, ..Faults::default() }).await;
    assert_eq!(wire.ask("35", LISTING).await.fields()[6], "");
    assert_eq!(wire.ask("98", SHARES).await, truth("98", SHARES).await);
}

#[tokio::test]
async fn missing_stocks_trade_and_have_no_bar_in_either_kind_of_request() {
    let (_simulator, mut wire) = logged_in(Faults { missing_stocks: 3, ..Faults::default() }).await;
    let whole = truth("98", SHARES).await.rows();
    let rows = wire.ask("98", SHARES).await.rows();
    assert_eq!(rows.len(), whole.len() - 3);
    assert_eq!(wire.ask("35", LISTING).await, truth("35", LISTING).await);
    let gone = whole.iter().filter(|row| !rows.contains(row));
    for code in gone.map(|row| row[1].clone()) {
        let alone = wire.ask("95", &history(&code)).await.rows();
        assert!(!alone.iter().any(|row| row[0] == "2025-10-09"), "{code}");
    }
    assert_eq!(wire.ask("95", &history("sh.600000")).await, truth("95", &history("sh.600000")).await);
}

#[tokio::test]
async fn chosen_codes_fail() {
    let fail_codes = vec!["sz.000001".to_owned()];
    let (_simulator, mut wire) = logged_in(Faults { fail_codes, ..Faults::default() }).await;
    assert_eq!(wire.ask("95", &history("sz.000001")).await.error(), "10004011 无效的证券代码");
    assert_eq!(wire.ask("95", &history("sh.600000")).await.kind, "96");
}

#[tokio::test]
async fn logins_are_limited_to_those_alive() {
    let simulator = faulty(Faults { max_logins: NonZeroU64::new(1), ..Faults::default() }).await;
    let mut first = Wire::logged_in(&simulator).await;
    assert_eq!(first.ask("00", LOGIN).await.kind, "01", "the same connection may log in again");
    let mut second = Wire::connect(&simulator).await;
    assert_eq!(second.ask("00", LOGIN).await.error(), "10001005 账号登陆数达到上限");
    first.ask("02", "logout^anonymous^20251009190000").await;
    assert_eq!(second.ask("00", LOGIN).await.kind, "01");
}

#[tokio::test]
async fn the_page_size_asked_for_can_be_ignored() {
    let (_simulator, mut wire) =
        logged_in(Faults { page_size: NonZeroU64::new(500), ..Faults::default() }).await;
    let answer = wire.ask("35", LISTING).await;
    assert_eq!((answer.fields()[5], answer.rows().len()), ("2000", 500));
    let rest = wire.ask("35", &LISTING.replace("^1^", "^2^")).await.rows();
    assert_eq!(rest.len(), 100);
}

#[tokio::test]
async fn a_reply_can_have_a_type_that_does_not_exist() {
    let (_simulator, mut wire) =
        logged_in(Faults { wrong_type: NonZeroU64::new(1), ..Faults::default() }).await;
    wire.send(&request("35", LISTING)).await;
    assert_eq!(decode(&wire.receive().await).unwrap().kind, "ZZ");
    assert_eq!(wire.ask("35", LISTING).await.kind, "36");
}

#[tokio::test]
async fn a_stream_can_contain_the_terminator() {
    let (_simulator, mut wire) = logged_in(Faults { terminator_in_stream: true, ..Faults::default() }).await;
    for (kind, fields) in [("98", SHARES), ("95", &history("sh.600000"))] {
        wire.send(&request(kind, fields)).await;
        let frame = wire.receive().await;
        let terminators = frame.windows(13).filter(|window| window == b"<![CDATA[]]>\n").count();
        assert_eq!(terminators, 2);
        assert_eq!(decode(&frame).unwrap().rows(), truth(kind, fields).await.rows());
    }
}

#[tokio::test]
async fn values_are_corrected_on_one_day_or_wrong_on_all() {
    let faults = Faults {
        corrections: BTreeMap::from([(
            "2025-10-09".to_owned(),
            BTreeMap::from([("sh.600000".to_owned(), values(&[("close", "12.34")]))]),
        )]),
        rows: BTreeMap::from([("sz.000001".to_owned(), values(&[("close", "a\"c"), ("volume", "")]))]),
        ..Faults::default()
    };
    let (_simulator, mut wire) = logged_in(faults).await;
    let told = wire.ask("95", &history("sh.600000")).await.rows();
    let real = truth("95", &history("sh.600000")).await.rows();
    assert_eq!(told[0], ["2025-10-09", "12.34", &real[0][2]]);
    assert_eq!(told[1], real[1], "another day is not touched");
    let told = wire.ask("95", &history("sz.000001")).await.rows();
    assert_eq!(told, [["2025-10-09", "a\"c", ""], ["2025-10-10", "a\"c", ""]]);

    let (told, real) = (wire.ask("98", SHARES).await.rows(), truth("98", SHARES).await.rows());
    assert_eq!(row(&told, "sh.600000")[0][5], "12.34");
    let others = |rows: &[Vec<String>]| {
        let touched = ["sh.600000", "sz.000001"];
        rows.iter().filter(|row| !touched.contains(&row[1].as_str())).cloned().collect::<Vec<_>>()
    };
    assert_eq!(others(&told), others(&real));
}

#[tokio::test]
async fn bars_can_come_twice_or_too_short_and_names_and_calendar_be_others() {
    let faults = Faults {
        duplicate_rows: BTreeMap::from([("sh.600000".to_owned(), values(&[("close", "1.00")]))]),
        short_rows: vec!["sz.000001".to_owned()],
        names: BTreeMap::from([("sh.600000".to_owned(), "很长".repeat(40))]),
        calendar: values(&[("2025-10-09", "0"), ("2025-10-10", "")]),
        ..Faults::default()
    };
    let (_simulator, mut wire) = logged_in(faults).await;
    let (told, real) = (wire.ask("98", SHARES).await.rows(), truth("98", SHARES).await.rows());
    let twice = row(&told, "sh.600000");
    assert_eq!((twice.len(), twice[0], twice[1][5].as_str()), (2, row(&real, "sh.600000")[0], "1.00"));
    assert_eq!(row(&told, "sz.000001")[0].len(), 17);
    let listing = wire.ask("35", LISTING).await.rows();
    assert_eq!(row(&listing, "sh.600000")[0][2].chars().count(), 80);
    let calendar = wire.ask("33", "query_trade_dates^anonymous^1^2000^2025-10-09^2025-10-11").await.rows();
    assert_eq!(calendar, [["2025-10-09", "0"], ["2025-10-11", "0"]]);
}
