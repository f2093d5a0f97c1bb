//! A client that takes nothing for granted: it shows what was sent, as far as it was sent.

use serde_json::Value;
use simulators::jolpica::Simulator;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// All that comes until the connection closes.
pub(super) async fn raw(simulator: &Simulator, method: &str, target: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let length = body.len();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: f1.test\r\nConnection: close\r\nContent-Length: {length}"
    );
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// Status and body of an answer.
pub(super) async fn fetch(simulator: &Simulator, target: &str) -> (u16, String) {
    let text = raw(simulator, "GET", target, "").await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// `MRData` of an answer.
pub(super) async fn data(simulator: &Simulator, target: &str) -> Value {
    let (status, body) = fetch(simulator, target).await;
    assert_eq!(status, 200, "{body}");
    let mut body: Value = serde_json::from_str(&body).unwrap();
    body["MRData"].take()
}
