//! A client that takes nothing for granted: it shows what was sent, as far as it was sent.

use serde_json::Value;
use simulators::guanke::{Options, Simulator, start};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A Sunday; the fixed tasks hang on it.
pub(super) const TODAY: &str = "2025-10-19";

/// All that comes of a request until the connection closes, and how it closed.
pub(super) struct Came {
    pub(super) bytes: Vec<u8>,
    pub(super) error: Option<std::io::ErrorKind>,
}

impl Came {
    pub(super) fn status(&self) -> u16 {
        let head = self.text();
        head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(super) fn body(&self) -> String {
        self.text().split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body()).unwrap()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Sends a request and closes the own side, so that who waits for more of it stops waiting.
pub(super) async fn send(simulator: &Simulator, method: &str, target: &str, token: &str, body: &str) -> Came {
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let length = body.len();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: guanke.test\r\nAuthorization: {token}\r\nConnection: close\r\nContent-Length: {length}"
    );
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).await.err().map(|error| error.kind());
    Came { bytes, error }
}

/// A simulator of the fixed tasks alone.
pub(super) async fn fixed() -> Simulator {
    start(Options { tasks_per_day: 0, ..Options::on_a_free_port(TODAY.parse().unwrap()) }).await.unwrap()
}

/// The same with these faults.
pub(super) async fn fixed_with(faults: &[&str]) -> Simulator {
    let simulator = fixed().await;
    simulator.set_faults(faults.iter().map(|fault| fault.parse().unwrap()).collect());
    simulator
}

pub(super) async fn log_in(simulator: &Simulator) -> String {
    let came = send(simulator, "GET", "/token?username=sim-user&password=sim-pass", "", "").await.json();
    assert_eq!(came["code"], 200, "{came}");
    came["data"]["token"].as_str().unwrap().to_owned()
}

/// The answer to a call with a token of its own.
pub(super) async fn call(simulator: &Simulator, target: &str) -> Came {
    let token = log_in(simulator).await;
    send(simulator, "GET", target, &token, "").await
}

/// The target of the task list from one day to another.
pub(super) fn list(from: &str, to: &str, page: u32, size: u32) -> String {
    window("/task/list/v2", from, to, page, size)
}

/// The target of the call records from one day to another.
pub(super) fn cdr(from: &str, to: &str, page: u32, size: u32) -> String {
    window("/task/cdr/all2", from, to, page, size)
}

fn window(path: &str, from: &str, to: &str, page: u32, size: u32) -> String {
    format!("{path}?page={page}&pageSize={size}&startTime={from}%2000:00:00&endTime={to}%2023:59:59")
}

/// The statistics of some days.
pub(super) async fn stat(simulator: &Simulator, from: &str, to: &str, query_type: u32) -> Value {
    let token = log_in(simulator).await;
    let body = format!(r#"{{"start_time":"{from}","end_time":"{to}","query_type":{query_type}}}"#);
    send(simulator, "POST", "/extension/agent/stat", &token, &body).await.json()
}
