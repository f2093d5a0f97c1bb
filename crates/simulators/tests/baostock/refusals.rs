//! Every check of the service, with its code, and that the connection outlives a refusal.

use super::wire::{Wire, decode, request, simulator};

const HISTORY: &str =
    "query_history_k_data_plus^anonymous^1^2000^sh.600000^date,close^2025-10-09^2025-10-09^d^3";

#[tokio::test]
async fn each_mistake_is_refused_with_its_code() {
    let simulator = simulator(20).await;
    let mut wire = Wire::logged_in(&simulator).await;
    for (kind, fields, error) in [
        ("97", "query^anonymous", "10004020 错误的消息类型"),
        ("11", "query_history_k_data^anonymous^1^2000", "10004020 错误的消息类型"),
        ("35", "query_all_stock^anonymous^1^2000", "10004006 请求参数个数不正确"),
        ("35", "query_all_stock^anonymous^1^2000^2025-10-09^x", "10004006 请求参数个数不正确"),
        ("35", "query_all_stock^anonymous^0^2000^2025-10-09", "10004006 请求参数个数不正确"),
        ("35", "query_all_stock^anonymous^1^-1^2025-10-09", "10004006 请求参数个数不正确"),
        ("35", "query_all_stock^anonymous^1^2000^2025-10-9", "10004010 日期格式不正确"),
        ("35", "query_all_stock^anonymous^1^2000^2025-02-30", "10004010 日期格式不正确"),
        ("98", "query_daily_history_k_AStock^anonymous^2", "10004010 日期格式不正确"),
        ("9C", "query_daily_adjust_factor^anonymous^", "10004010 日期格式不正确"),
        ("33", "query_trade_dates^anonymous^1^2000^2025-10-09^2025-10-08", "10004009 起始日期大于终止日期"),
        ("33", "query_trade_dates^anonymous^1^2000^20251009^2025-10-08", "10004010 日期格式不正确"),
        ("95", &HISTORY.replace("sh.600000", "sh.999999"), "10004011 无效的证券代码"),
        ("95", &HISTORY.replace("date,close", "date,price"), "10004012 无效的指标"),
        ("95", &HISTORY.replace("date,close", ""), "10004012 无效的指标"),
        ("95", &HISTORY.replace("date,close", "date,date"), "10004018 指标重复"),
        ("95", &HISTORY.replace("^d^", "^y^"), "10004006 请求参数个数不正确"),
        ("95", &HISTORY.replace("^d^3", "^d^4"), "10004006 请求参数个数不正确"),
        ("45", "query_stock_basic^anonymous^1^2000^sh.999999^", "10004011 无效的证券代码"),
        ("00", "login^anonymous^wrong^0", "10001002 用户名或密码错误"),
        ("00", "login^anonymous^123456^bs-tooshort", "10001012 APIKey格式不正确"),
    ] {
        assert_eq!(wire.ask(kind, fields).await.error(), error, "{kind} {fields}");
    }
    assert_eq!(wire.ask("95", HISTORY).await.kind, "96", "the connection is still good");
}

#[tokio::test]
async fn a_frame_that_is_not_one_is_refused_and_the_connection_stays() {
    let simulator = simulator(20).await;
    let mut wire = Wire::logged_in(&simulator).await;
    let sound = String::from_utf8(request("95", HISTORY)).unwrap();
    for broken in [
        "GET / HTTP/1.1\r\n".to_owned(),
        "\n".to_owned(),
        sound.replace("2025", "2024"),
        sound.replace("00.9.40", "00.9.4"),
        sound.replacen("\u{1}00000", "\u{1}00001", 1),
    ] {
        wire.send(broken.as_bytes()).await;
        let answer = decode(&wire.receive().await).unwrap();
        assert_eq!(answer.error(), "10004019 消息格式不正确", "{broken:?}");
    }
    assert_eq!(wire.ask("95", HISTORY).await.kind, "96");
}

#[tokio::test]
async fn a_request_without_end_is_refused_and_the_connection_closed() {
    let simulator = simulator(20).await;
    let mut wire = Wire::connect(&simulator).await;
    wire.send(&vec![b'x'; 64 * 1024]).await;
    let refused = wire.receive().await;
    assert_eq!(decode(&refused).unwrap().error(), "10004019 消息格式不正确");
    assert_eq!(wire.receive().await, b"");
}

#[tokio::test]
async fn nothing_but_a_login_is_answered_before_a_login_and_after_a_logout() {
    let simulator = simulator(20).await;
    let mut wire = Wire::connect(&simulator).await;
    assert_eq!(wire.ask("95", HISTORY).await.error(), "10001001 用户未登陆");
    assert_eq!(wire.ask("02", "logout^anonymous^20251009190000").await.error(), "10001001 用户未登陆");
    let login = wire.ask("00", "login^anonymous^123456^0").await;
    assert_eq!(login.body, "0^success^login^anonymous^20260422163759563".replace('^', "\u{1}"));
    assert_eq!(wire.ask("95", HISTORY).await.kind, "96");
    let logout = wire.ask("02", "logout^anonymous^20251009190000").await;
    assert_eq!(logout.kind, "03");
    assert_eq!(logout.body, "0^success^logout^anonymous^20260422163759563".replace('^', "\u{1}"));
    assert_eq!(wire.ask("95", HISTORY).await.error(), "10001001 用户未登陆");
}

#[tokio::test]
async fn a_login_holds_for_its_own_connection_only() {
    let simulator = simulator(20).await;
    let _logged_in = Wire::logged_in(&simulator).await;
    let mut stranger = Wire::connect(&simulator).await;
    assert_eq!(stranger.ask("95", HISTORY).await.error(), "10001001 用户未登陆");
}

#[tokio::test]
async fn an_api_key_of_the_right_form_logs_in() {
    let simulator = simulator(20).await;
    let mut wire = Wire::connect(&simulator).await;
    let key = format!("bs-{}T", "1".repeat(29));
    assert_eq!(wire.ask("00", &format!("login^anonymous^123456^{key}")).await.kind, "01");
}
