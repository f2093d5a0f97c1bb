//! The official clients, in the versions people have installed, against the simulator.

use std::{collections::BTreeMap, path::PathBuf, process::Stdio, time::Duration};

use jiff::civil::{Date, date};
use serde::Deserialize;
use simulators::baostock::{Adjust, Bar, Field, Market, Options, Simulator, Trading, start};

const DAY: Date = date(2025, 6, 18);
const CLOSED: Date = date(2025, 10, 1);
const CODES: [&str; 4] = ["sh.600000", "sz.000001", "sz.302132", "sh.000001"];

/// What a client made of a reply.
#[derive(Debug, Deserialize)]
struct Told {
    code: String,
    message: String,
    fields: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Answers {
    version: String,
    #[serde(flatten)]
    told: BTreeMap<String, Option<Told>>,
}

impl Answers {
    fn of(&self, name: &str) -> &Told {
        self.told.get(name).and_then(Option::as_ref).unwrap_or_else(|| panic!("no answer {name}"))
    }
}

/// Runs a version of the client to its end.
async fn drive(version: &str, simulator: &Simulator) -> Answers {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("SYNCLINE_TEST_DIR").unwrap_or_else(|| ".test".into());
    let python = here.join("../..").join(folder).join("python").join(version).join("bin/python");
    assert!(
        python.exists(),
        "the Python client baostock {version} is not installed ({} is missing): run `make test`, or only \
         `scripts/python-clients`",
        python.display()
    );
    let mut command = tokio::process::Command::new(python);
    command.arg(here.join("tests/python/client.py")).arg(simulator.address().port().to_string());
    command.args([DAY.to_string(), CLOSED.to_string()]).args(CODES);
    command.kill_on_drop(true).stdin(Stdio::null());
    let output = tokio::time::timeout(Duration::from_secs(120), command.output()).await;
    let output = output.expect("the client ends within two minutes").unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    let answers = printed.lines().find_map(|line| line.strip_prefix("ANSWERS "));
    let answers = answers.unwrap_or_else(|| panic!("the client gave up: {printed}\n{complaints}"));
    serde_json::from_str(answers).unwrap()
}

fn rows(bars: &[Bar], code: &str, fields: &[String]) -> Vec<Vec<String>> {
    let fields: Vec<Field> = fields.iter().map(|name| Field::parse(name).unwrap()).collect();
    bars.iter().map(|bar| fields.iter().map(|field| bar.value(*field, code)).collect()).collect()
}

/// Every answer that all versions get.
fn check_common(answers: &Answers, market: &Market) {
    for (name, told) in &answers.told {
        let Some(told) = told else { continue };
        let expected = match name.as_str() {
            "no such code" => ("10004011", "无效的证券代码"),
            "no such field" => ("10004012", "无效的指标"),
            "stranger" => ("10001001", "用户未登陆"),
            _ => ("0", "success"),
        };
        assert_eq!((told.code.as_str(), told.message.as_str()), expected, "{name}");
    }
    let day = market.trading_day(DAY).unwrap();
    let listing = answers.of("listing");
    assert_eq!(listing.fields, ["code", "tradeStatus", "code_name"]);
    let listed = market.listed().map(|security| {
        let status = if market.trades(security, day) == Trading::Open { "1" } else { "0" };
        // The clients remove all whitespace before they read JSON.
        [security.code.clone(), status.to_owned(), security.name.replace(' ', "")]
    });
    assert!(listed.eq(listing.rows.iter().cloned().map(|row| <[String; 3]>::try_from(row).unwrap())));
    assert!(answers.of("closed listing").rows.is_empty());

    let calendar = answers.of("calendar");
    assert_eq!(calendar.fields, ["calendar_date", "is_trading_day"]);
    assert_eq!(calendar.rows.len(), 366 + 365 + 365);
    assert_eq!(calendar.rows.iter().filter(|row| row[1] == "1").count(), 242 + 243 + 242);

    for code in CODES {
        let told = answers.of(&format!("day {code}"));
        let bars = market.bars(market.find(code).unwrap(), DAY, DAY, Adjust::None);
        assert_eq!(bars.len(), 1);
        assert_eq!(told.rows, rows(&bars, code, &told.fields), "{code}");
    }
    for (flag, adjust) in [("1", Adjust::Back), ("2", Adjust::Forward), ("3", Adjust::None)] {
        let told = answers.of(&format!("history {flag}"));
        let security = market.find(CODES[0]).unwrap();
        let bars = market.bars(security, date(2010, 1, 1), date(2026, 12, 31), adjust);
        assert!(bars.len() > 4000, "more than two pages of 2000");
        assert!(told.rows == rows(&bars, CODES[0], &told.fields), "history with adjustment {flag}");
    }
    assert!(answers.of("closed day").rows.is_empty());
    assert_eq!(answers.of("basic").rows[0][1], "浦发银行");
}

/// The counts by request type.
fn requests(simulator: &Simulator) -> BTreeMap<String, u64> {
    simulator.stats().requests
}

#[tokio::test]
async fn client_0_8_8_works_and_always_asks_one_page_more() {
    let simulator = start(Options::on_free_ports()).await.unwrap();
    let answers = drive("0.8.8", &simulator).await;
    assert_eq!(answers.version, "00.8.80");
    check_common(&answers, simulator.market());
    let requests = requests(&simulator);
    // Pages of 10000: one and one more; the closed day has none to go on from; and one after the logout.
    assert_eq!((requests["35"], requests["33"], requests["00"]), (4, 2, 1));
    assert_eq!(answers.of("stranger").code, "10001001");
}

#[tokio::test]
async fn client_0_9_1_works_and_asks_no_page_more() {
    let simulator = start(Options::on_free_ports()).await.unwrap();
    let answers = drive("0.9.1", &simulator).await;
    assert_eq!(answers.version, "00.9.10");
    check_common(&answers, simulator.market());
    let requests = requests(&simulator);
    assert_eq!((requests["35"], requests["33"], requests["00"], requests["02"]), (2, 1, 1, 1));
}

#[tokio::test]
async fn client_0_9_4_works_and_reads_the_whole_market() {
    let simulator = start(Options::on_free_ports()).await.unwrap();
    let answers = drive("0.9.4", &simulator).await;
    assert_eq!(answers.version, "00.9.40");
    check_common(&answers, simulator.market());
    check_whole_market(&answers, simulator.market());
    let requests = requests(&simulator);
    // 5880 entries in pages of 2000, and the closed day.
    assert_eq!((requests["35"], requests["33"], requests["00"], requests["02"]), (4, 1, 1, 1));
    assert_eq!((requests["98"], requests["9A"], requests["9C"]), (2, 1, 2));
    assert_eq!(simulator.stats().connections, 1);
}

fn check_whole_market(answers: &Answers, market: &Market) {
    let day = market.trading_day(DAY).unwrap();
    let shares = answers.of("shares");
    assert_eq!(shares.fields, Field::ALL.map(Field::name));
    let bars = market.shares().filter_map(|security| Some((security, market.bar(security, day)?)));
    let expected: Vec<_> =
        bars.flat_map(|(security, bar)| rows(&[bar], &security.code, &shares.fields)).collect();
    assert!(shares.rows == expected, "every share's bar");
    assert_eq!(answers.of("funds").rows.len(), 40);
    let factors = answers.of("factors");
    let paying =
        market.shares().filter(|security| market.factor(security, day).is_some()).map(|found| &found.code);
    assert!(paying.eq(factors.rows.iter().map(|row| &row[0])));
    assert!(!factors.rows.is_empty(), "somebody pays on that day");
    assert!(answers.of("closed shares").rows.is_empty() && answers.of("closed factors").rows.is_empty());
}

/// After exactly 2000 rows, 0.9.4 asks for a next page where there are none: it sends the page in place of the
/// date, and has to be refused for it.
#[tokio::test]
async fn client_0_9_4_survives_replies_of_exactly_2000_rows() {
    let bars = |stocks| {
        let market = Market::new(stocks, 1);
        let day = market.trading_day(DAY).unwrap();
        market.shares().filter(|security| market.bar(security, day).is_some()).count()
    };
    let stocks = (2000..2100).find(|stocks| bars(*stocks) == 2000).expect("some stocks are suspended");
    let simulator = start(Options { stocks, ..Options::on_free_ports() }).await.unwrap();
    let answers = drive("0.9.4", &simulator).await;
    check_whole_market_rows(&answers, 2000);
    assert_eq!(requests(&simulator)["98"], 3, "two days, and the page that is none");

    let simulator = start(Options { stocks: 1420, ..Options::on_free_ports() }).await.unwrap();
    let answers = drive("0.9.4", &simulator).await;
    assert_eq!(answers.of("listing").rows.len(), 2000);
    assert_eq!(requests(&simulator)["35"], 3, "two days, and the empty page after a full one");
}

fn check_whole_market_rows(answers: &Answers, count: usize) {
    let shares = answers.of("shares");
    assert_eq!((shares.code.as_str(), shares.rows.len()), ("10004010", count));
}
