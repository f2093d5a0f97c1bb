//! Login, requests, refusals, the budget: what goes over the wire and what a caller learns.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use connect::baostock::{
    Adjust, ApiKey, Budget, Client, Config, Secret, WallWait, budget_spent, is_budget_spent,
};
use jiff::civil::{Date, date};
use model::fault::{Again, Fault, Reach};

use crate::frames::{DAY, FACTORS, unhex};
use crate::server::{Act, Server, compressed, login, one_stock, plain, refusal};

pub(crate) const DAY_ASKED: Date = date(2025, 10, 9);

#[tokio::test]
async fn one_login_serves_all_operations() {
    let calendar = r#"{"record":[["2025-10-01","0"],["2025-10-09","1"]]}"#;
    let bar = r#"{"record":[["2025-10-09","12.0000"]]}"#;
    let dates = format!(
        "0^success^query_trade_dates^anonymous^1^2000^{calendar}^2025-10-01^2025-10-31^calendar_date, is_trading_day"
    );
    let bars = format!(
        "0^success^query_history_k_data_plus^anonymous^1^2000^{bar}^sh.600000^date,close^2025-10-09^2025-10-09^d^2"
    );
    let server = Server::start(vec![vec![
        login(),
        Act::Say(plain("34", &dates)),
        one_stock(),
        Act::Say(unhex(DAY)),
        Act::Say(unhex(FACTORS)),
        Act::Say(compressed("96", &bars)),
        Act::Say(plain("03", "0^success^logout^anonymous^20251009190000123")),
    ]])
    .await;
    let (mut client, pauses) = server.client();

    let dates = client.trade_dates(date(2025, 10, 1), date(2025, 10, 31)).await.unwrap();
    assert_eq!(dates.first().unwrap().cell(dates.column("is_trading_day").unwrap()), Some("0"));
    assert_eq!(client.all_stock(DAY_ASKED).await.unwrap().len(), 1);
    let day = client.daily_history_k_a_stock(DAY_ASKED).await.unwrap();
    assert_eq!(day.first().unwrap().cell(day.column("pctChg").unwrap()), Some("0.840336"));
    let factors = client.daily_adjust_factor(DAY_ASKED).await.unwrap();
    assert!(factors.is_empty() && factors.column("foreAdjustFactor").is_some());
    let span = (DAY_ASKED, DAY_ASKED);
    let bars = client.history_k_data_plus("sh.600000", "date,close", span, Adjust::Forward).await.unwrap();
    assert_eq!(bars.first().unwrap().cell(bars.column("close").unwrap()), Some("12.0000"));
    client.close("2025-10-09T11:00:00Z".parse().unwrap()).await;

    assert_eq!(
        server.requests(),
        [
            "1:login anonymous 123456 0",
            "1:query_trade_dates anonymous 1 2000 2025-10-01 2025-10-31",
            "1:query_all_stock anonymous 1 2000 2025-10-09",
            "1:query_daily_history_k_AStock anonymous 2025-10-09",
            "1:query_daily_adjust_factor anonymous 2025-10-09",
            "1:query_history_k_data_plus anonymous 1 2000 sh.600000 date,close 2025-10-09 2025-10-09 d 2",
            "1:logout anonymous 20251009190000",
        ]
    );
    assert!(pauses.seconds().is_empty());
}

#[tokio::test]
async fn a_key_goes_with_the_login_and_is_never_shown() {
    let key = format!("bs-{}0", "0".repeat(29));
    let echo = plain("01", &format!("10001002^wrong {key} of open sesame"));
    let server = Server::start(vec![vec![Act::Say(echo)]]).await;
    let config = Config {
        user: "somebody".to_owned(),
        password: Secret::new("open sesame"),
        api_key: Some(ApiKey::parse(&key).unwrap()),
        ..server.config()
    };
    let (mut client, _) = crate::server::client(config);
    let fault = client.all_stock(DAY_ASKED).await.unwrap_err();
    assert_eq!(server.requests(), [format!("1:login somebody open sesame {key}")]);
    assert_eq!(fault.message, "10001002 wrong *** of ***");
    assert_eq!((fault.again, fault.reach), (Again::Never, Reach::Run));
}

#[tokio::test]
async fn the_name_given_at_login_is_used_from_then_on() {
    let named = plain("01", "0^success^login^u-17^20260422163759563");
    let server = Server::start(vec![vec![Act::Say(named), one_stock()]]).await;
    server.client().0.all_stock(DAY_ASKED).await.unwrap();
    assert_eq!(server.requests()[1], "1:query_all_stock u-17 1 2000 2025-10-09");
}

#[tokio::test]
async fn a_final_refusal_is_handed_up_at_once_and_the_connection_kept() {
    let server = Server::start(vec![vec![login(), refusal("10004020"), one_stock()]]).await;
    let (mut client, pauses) = server.client();
    let fault = client.daily_history_k_a_stock(DAY_ASKED).await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.message.as_str()), ("10004020", "10004020 文本"));
    assert_eq!((fault.again, fault.reach, fault.from_source), (Again::Never, Reach::Partition, false));
    client.all_stock(DAY_ASKED).await.unwrap();
    assert_eq!(server.requests()[2], "1:query_all_stock anonymous 1 2000 2025-10-09");
    assert!(pauses.seconds().is_empty());
}

#[tokio::test]
async fn a_refusal_under_the_replys_own_type_is_one_too() {
    let server = Server::start(vec![vec![
        login(),
        Act::Say(compressed("96", "10004011^股票代码错误")),
        Act::Say(plain("96", "10004011^股票代码错误")),
    ]])
    .await;
    let (mut client, _) = server.client();
    for _ in 0..2 {
        let span = (DAY_ASKED, DAY_ASKED);
        let fault = client.history_k_data_plus("sh.999999", "date", span, Adjust::None).await.unwrap_err();
        assert_eq!(fault.message, "10004011 股票代码错误");
    }
}

#[tokio::test]
async fn a_closed_connection_after_a_refusal_costs_no_try() {
    let server = Server::start(vec![vec![login(), refusal("10004011")], vec![login(), one_stock()]]).await;
    let (mut client, pauses) = server.client();
    client.all_stock(DAY_ASKED).await.unwrap_err();
    // Either the closing was seen before the request or it costs one try; both ways the answer comes.
    client.all_stock(DAY_ASKED).await.unwrap();
    assert!(pauses.seconds().len() <= 1);
    assert_eq!(server.requests().last().unwrap(), "2:query_all_stock anonymous 1 2000 2025-10-09");
}

#[tokio::test]
async fn a_forgotten_login_is_repeated_on_the_same_connection() {
    let server = Server::start(vec![vec![login(), refusal("10001001"), login(), one_stock()]]).await;
    let (mut client, pauses) = server.client();
    client.all_stock(DAY_ASKED).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests[2], "1:login anonymous 123456 0");
    assert_eq!((requests.len(), pauses.seconds()), (4, vec![1]));
}

#[tokio::test]
async fn the_services_own_trouble_is_waited_out_four_times() {
    let errors =
        || vec![login(), refusal("10002007"), refusal("10005001"), refusal("10002001"), refusal("10002007")];
    let server = Server::start(vec![errors()]).await;
    let (mut client, pauses) = server.client();
    let fault = client.all_stock(DAY_ASKED).await.unwrap_err();
    assert_eq!(pauses.seconds(), [1, 2, 4]);
    assert_eq!((fault.code.as_str(), fault.again, fault.from_source), ("10002007", Again::Again, true));
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn too_many_logins_are_waited_out_by_the_minute() {
    let full = || vec![Act::Say(plain("01", "10001005^登录数达到上限"))];
    let server = Server::start(vec![full(), full(), vec![login(), one_stock()]]).await;
    let (mut client, pauses) = server.client();
    client.all_stock(DAY_ASKED).await.unwrap();
    assert_eq!(pauses.seconds(), [60, 60]);
}

#[tokio::test]
async fn the_blacklist_is_asked_once() {
    let text = "10001011^黑名单用户，请与管理员联系";
    let server = Server::start(vec![vec![Act::Say(plain("04", text))]]).await;
    let (mut client, pauses) = server.client();
    let fault = client.all_stock(DAY_ASKED).await.unwrap_err();
    assert_eq!(fault.message, "10001011 黑名单用户，请与管理员联系");
    assert_eq!((fault.code.as_str(), fault.again, fault.reach), ("10001011", Again::Never, Reach::Run));
    assert_eq!((server.requests().len(), pauses.seconds().len()), (1, 0));
}

#[tokio::test]
async fn a_request_that_would_break_its_frame_is_not_sent() {
    let server = Server::start(vec![vec![login(), one_stock()]]).await;
    let (mut client, _) = server.client();
    let span = (DAY_ASKED, DAY_ASKED);
    let fault = client.history_k_data_plus("sh.600000\n", "date", span, Adjust::None).await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.again), ("bad_request", Again::Never));
    client.all_stock(DAY_ASKED).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

/// Grants so many frames.
struct Purse(AtomicU32);

#[async_trait]
impl Budget for Purse {
    async fn spend(&self, frames: u32) -> Result<(), Fault> {
        let taken = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(frames));
        taken.map(|_| ()).map_err(|_| budget_spent(3, Duration::from_secs(3600)))
    }
}

#[tokio::test]
async fn every_frame_is_asked_for_and_a_spent_budget_holds_the_run() {
    let server = Server::start(vec![vec![login(), one_stock(), one_stock(), one_stock()]]).await;
    let purse = Arc::new(Purse(AtomicU32::new(3)));
    let rng = fastrand::Rng::with_seed(1);
    let budget: Arc<dyn Budget> = Arc::<Purse>::clone(&purse);
    let mut client = Client::new(server.config(), budget, Arc::new(WallWait), rng);
    client.all_stock(DAY_ASKED).await.unwrap();
    client.all_stock(DAY_ASKED).await.unwrap();
    let fault = client.all_stock(DAY_ASKED).await.unwrap_err();
    assert!(is_budget_spent(&fault));
    assert_eq!((fault.again, fault.reach), (Again::After(Duration::from_secs(3600)), Reach::Run));
    assert_eq!(server.requests().len(), 3);
    // With a new budget the same connection goes on.
    purse.0.store(1, Ordering::SeqCst);
    client.all_stock(DAY_ASKED).await.unwrap();
    assert_eq!(server.requests()[3], "1:query_all_stock anonymous 1 2000 2025-10-09");
}
