//! What a healthy simulator answers.

use simulators::baostock::{Field, Kind, Market, Options, Trading, start};

use super::wire::{Answer, Wire, simulator};

const DAY: jiff::civil::Date = jiff::civil::date(2025, 10, 9);

async fn page(wire: &mut Wire, number: u64, size: u64) -> Answer {
    wire.ask("35", &format!("query_all_stock^anonymous^{number}^{size}^2025-10-09")).await
}

fn listing(market: &Market) -> Vec<Vec<String>> {
    let day = market.trading_day(DAY).unwrap();
    let status = |security| if market.trades(security, day) == Trading::Open { "1" } else { "0" };
    market.listed().map(|found| vec![found.code.clone(), status(found).into(), found.name.clone()]).collect()
}

#[tokio::test]
async fn any_page_size_is_honoured_and_pages_beyond_the_end_are_empty() {
    let simulator = simulator(1420).await;
    let mut wire = Wire::logged_in(&simulator).await;
    let expected = listing(simulator.market());
    assert_eq!(expected.len(), 2000);
    for size in [1, 7, 999, 1999, 2000, 2001, 10_000, u64::MAX] {
        let mut rows = Vec::new();
        for number in [1, 2, 3] {
            let answer = page(&mut wire, number, size).await;
            let texts = [number.to_string(), size.to_string()];
            assert_eq!(answer.fields()[4..6], texts);
            rows.extend(answer.rows());
        }
        let whole = usize::try_from(size.min(2000)).unwrap() * 3;
        assert_eq!(rows, expected[..whole.min(2000)], "page size {size}");
    }
    let beyond = page(&mut wire, u64::MAX, u64::MAX).await;
    assert_eq!(beyond.fields()[6..], ["", "2025-10-09", "code,tradeStatus,code_name"]);
}

#[tokio::test]
async fn the_listing_begins_as_documented_and_has_what_must_not_be_stored() {
    let simulator = simulator(5300).await;
    let mut wire = Wire::logged_in(&simulator).await;
    let answer = page(&mut wire, 1, 10_000).await;
    assert_eq!(answer.fields()[..6], ["0", "success", "query_all_stock", "anonymous", "1", "10000"]);
    let rows = answer.rows();
    assert_eq!(rows.len(), 5880);
    assert_eq!(rows[0], ["sh.000001", "1", "上证综合指数"]);
    for code in ["sz.399001", "sh.600000", "sz.000001", "sh.689009", "sz.302132", "sh.900901", "sz.200001"] {
        assert!(rows.iter().any(|row| row[0] == code), "{code}");
    }
    assert!(rows.iter().filter(|row| row[1] == "0").count() >= 26, "suspended stocks");
}

#[tokio::test]
async fn one_day_of_a_stock_is_the_same_in_both_kinds_of_request() {
    let simulator = simulator(300).await;
    let market = simulator.market();
    let mut wire = Wire::logged_in(&simulator).await;
    let shares = wire.ask("98", "query_daily_history_k_AStock^anonymous^2025-10-09").await;
    let names = Field::ALL.map(Field::name).join(",");
    assert_eq!(*shares.fields().last().unwrap(), names);
    let mut rows = shares.rows().into_iter();
    let day = market.trading_day(DAY).unwrap();
    for security in market.shares() {
        let history = format!(
            "query_history_k_data_plus^anonymous^1^2000^{}^{names}^2025-10-09^2025-10-09^d^3",
            security.code
        );
        let alone = wire.ask("95", &history).await.rows();
        match market.bar(security, day) {
            None => assert!(alone.is_empty()),
            Some(bar) => {
                let told = Field::ALL.map(|field| bar.value(field, &security.code)).to_vec();
                assert_eq!(rows.next().unwrap(), told);
                assert_eq!(alone, [told]);
            }
        }
    }
    assert_eq!(rows.next(), None, "no index, no fund, no B share");
}

#[tokio::test]
async fn a_closed_day_is_empty_and_the_calendar_says_so() {
    let simulator = simulator(20).await;
    let mut wire = Wire::logged_in(&simulator).await;
    let told = |answer: &Answer| answer.body.replace('\u{1}', "^");
    let listing = wire.ask("35", "query_all_stock^anonymous^1^2000^2025-10-01").await;
    assert_eq!(
        told(&listing),
        "0^success^query_all_stock^anonymous^1^2000^^2025-10-01^code,tradeStatus,code_name"
    );
    let shares = wire.ask("98", "query_daily_history_k_AStock^anonymous^2025-10-05").await;
    assert_eq!(shares.fields()[4], "");
    let factors = wire.ask("9C", "query_daily_adjust_factor^anonymous^2025-10-01").await;
    assert_eq!(
        told(&factors),
        "0^success^query_daily_adjust_factor^anonymous^^code,dividOperateDate,foreAdjustFactor,backAdjustFactor,adjustFactor"
    );
    let calendar = wire.ask("33", "query_trade_dates^anonymous^1^2000^2025-09-30^2025-10-09").await;
    assert_eq!(calendar.fields()[7..], ["2025-09-30", "2025-10-09", "calendar_date, is_trading_day"]);
    let open: String = calendar.rows().iter().map(|row| row[1].as_str()).collect();
    assert_eq!(open, "1000000001");
}

#[tokio::test]
async fn factors_come_for_the_stocks_that_pay_on_the_day() {
    let simulator = simulator(2000).await;
    let market = simulator.market();
    let mut wire = Wire::logged_in(&simulator).await;
    let rows = wire.ask("9C", "query_daily_adjust_factor^anonymous^2025-06-18").await.rows();
    let day = market.trading_day(jiff::civil::date(2025, 6, 18)).unwrap();
    let expected: Vec<_> =
        market.shares().filter(|security| market.factor(security, day).is_some()).collect();
    assert!(!expected.is_empty());
    assert_eq!(rows.len(), expected.len());
    for (row, security) in rows.iter().zip(expected) {
        let factor = market.factor(security, day).unwrap();
        let six = |value: u64| format!("{}.{:06}", value / 1_000_000, value % 1_000_000);
        assert_eq!(
            *row,
            [
                security.code.clone(),
                "2025-06-18".into(),
                six(factor.fore),
                six(factor.back),
                six(factor.back)
            ]
        );
    }
}

#[tokio::test]
async fn later_days_than_the_published_ones_have_a_listing_and_no_bars() {
    let options = Options { stocks: 20, published_until: Some(DAY), ..Options::on_free_ports() };
    let simulator = start(options).await.unwrap();
    let mut wire = Wire::logged_in(&simulator).await;
    let history = "query_history_k_data_plus^anonymous^1^2000^sh.600000^date^2025-10-01^2025-10-31^d^3";
    assert_eq!(wire.ask("95", history).await.rows(), [["2025-10-09"]]);
    let count = async |wire: &mut Wire, day: &str| {
        let listing = wire.ask("35", &format!("query_all_stock^anonymous^1^2000^{day}")).await;
        let shares = wire.ask("98", &format!("query_daily_history_k_AStock^anonymous^{day}")).await;
        (listing.rows().len(), shares.rows().len())
    };
    assert_eq!(count(&mut wire, "2025-10-09").await, (600, 19));
    assert_eq!(count(&mut wire, "2025-10-10").await, (600, 0));
    simulator.publish_until(Some(DAY.tomorrow().unwrap()));
    assert_eq!(count(&mut wire, "2025-10-10").await, (600, 19));
    assert_eq!(count(&mut wire, "2025-10-13").await, (600, 0));
}

#[tokio::test]
async fn the_same_seed_and_size_give_the_same_bytes_and_another_seed_others() {
    let answers = async |seed| {
        let simulator = start(Options { stocks: 50, seed, ..Options::on_free_ports() }).await.unwrap();
        let mut wire = Wire::logged_in(&simulator).await;
        let mut answers = vec![page(&mut wire, 1, 2000).await];
        answers.push(wire.ask("98", "query_daily_history_k_AStock^anonymous^2025-10-09").await);
        answers.push(wire.ask("9A", "query_daily_history_k_ETF^anonymous^2025-10-09").await);
        answers.push(wire.ask("9C", "query_daily_adjust_factor^anonymous^2025-06-18").await);
        answers.push(wire.ask("45", "query_stock_basic^anonymous^1^2000^^").await);
        answers
    };
    let (once, again, other) = (answers(1).await, answers(1).await, answers(2).await);
    assert_eq!(once, again);
    assert_ne!(once[1], other[1]);
    assert_eq!(once[2].rows().len(), 40);
    assert_eq!(once[4].rows().len(), 50 + 580 + 40);
}

#[tokio::test]
async fn basics_are_found_by_code_and_by_part_of_a_name() {
    let simulator = simulator(20).await;
    let mut wire = Wire::logged_in(&simulator).await;
    let by_code = wire.ask("45", "query_stock_basic^anonymous^1^2000^sh.600000^").await;
    assert_eq!(by_code.fields()[9], "code, code_name, ipoDate, outDate, type, status");
    let row = &by_code.rows()[0];
    assert_eq!((row[0].as_str(), row[1].as_str(), row[4].as_str()), ("sh.600000", "浦发银行", "1"));
    let by_name = wire.ask("45", "query_stock_basic^anonymous^1^2000^^平安").await;
    assert_eq!(by_name.rows().iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["sz.000001"]);
    assert!(simulator.market().find("sz.000001").is_some_and(|found| found.kind == Kind::AShare));
}

#[tokio::test]
async fn a_port_in_use_and_an_open_control_address_and_an_empty_market_are_refused() {
    let first = simulator(1).await;
    assert_eq!(
        first.banner(),
        format!("baostock simulator listening on {} (stocks=1, seed=1)", first.address())
    );
    let taken = start(Options { listen: first.address(), ..Options::on_free_ports() }).await.unwrap_err();
    assert!(taken.to_string().starts_with(&format!("cannot listen on {}: ", first.address())), "{taken}");
    let open = Options { control: Some(([0, 0, 0, 0], 0).into()), ..Options::on_free_ports() };
    assert_eq!(
        start(open).await.unwrap_err().to_string(),
        "the control address 0.0.0.0:0 is not on the loopback (127.0.0.1 or ::1)"
    );
    let none = start(Options { stocks: 0, ..Options::on_free_ports() }).await.unwrap_err();
    assert_eq!(none.to_string(), "0 stocks: the number must be from 1 to 9000");

    let address = first.address();
    first.shutdown().await;
    start(Options { listen: address, ..Options::on_free_ports() }).await.expect("the port is free again");
}
