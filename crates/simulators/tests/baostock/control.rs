//! The control address.

use simulators::baostock::{Faults, Simulator};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::wire::{Wire, simulator};

/// Status and body of a request.
async fn http(simulator: &Simulator, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(simulator.control_address().unwrap()).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

#[tokio::test]
async fn stats_count_requests_and_connections() {
    let simulator = simulator(20).await;
    let stats = async || http(&simulator, "GET", "/stats", "").await;
    assert_eq!(stats().await, (200, r#"{"requests":{},"connections":0,"max_concurrent":0}"#.to_owned()));
    let mut one = Wire::logged_in(&simulator).await;
    one.ask("98", "query_daily_history_k_AStock^anonymous^2025-10-09").await;
    let mut two = Wire::connect(&simulator).await;
    two.ask("98", "query_daily_history_k_AStock^anonymous^2025-10-09").await;
    let expected = r#"{"requests":{"00":1,"98":2},"connections":2,"max_concurrent":2}"#;
    assert_eq!(stats().await, (200, expected.to_owned()));
    assert_eq!(serde_json::to_string(&simulator.stats()).unwrap(), expected);
    let (status, _) = http(&simulator, "DELETE", "/stats", "").await;
    assert_eq!(status, 200);
    assert_eq!(stats().await.1, r#"{"requests":{},"connections":0,"max_concurrent":2}"#);
}

#[tokio::test]
async fn switches_are_set_replaced_and_cleared() {
    let simulator = simulator(20).await;
    let (status, told) = http(&simulator, "PUT", "/faults", r#"{"blacklist":true,"latency":1}"#).await;
    assert_eq!(status, 200);
    assert_eq!(simulator.faults(), Faults { blacklist: true, latency: 1, ..Faults::default() });
    assert_eq!(http(&simulator, "GET", "/faults", "").await, (200, told));
    let mut wire = Wire::connect(&simulator).await;
    let refused = wire.ask("00", "login^anonymous^123456^0").await;
    assert_eq!(refused.error(), "10001011 黑名单用户，请与管理员联系");

    http(&simulator, "PUT", "/faults", r#"{"empty-list":true}"#).await;
    assert_eq!(simulator.faults(), Faults { empty_list: true, ..Faults::default() });
    http(&simulator, "DELETE", "/faults", "").await;
    assert_eq!(simulator.faults(), Faults::default());
}

#[tokio::test]
async fn wrong_switches_change_nothing() {
    let simulator = simulator(20).await;
    http(&simulator, "PUT", "/faults", r#"{"latency":1}"#).await;
    for wrong in ["", "[]", r#"{"latencies":5}"#, r#"{"error-on":["x"]}"#] {
        let (status, body) = http(&simulator, "PUT", "/faults", wrong).await;
        assert_eq!(status, 400, "{wrong}");
        assert!(body.starts_with(r#"{"error":"these are not fault switches: "#), "{body}");
    }
    assert_eq!(simulator.faults().latency, 1);
}
