//! A server that follows a script of raw bytes: one connection, one request, one act.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What is done with a request.
pub(crate) enum Act {
    /// Send this and close; `PORT` in it is the server's.
    Say(Vec<u8>),
    /// Send it so much later, and close.
    Late(Duration, Vec<u8>),
    /// Close without a word.
    Drop,
    /// Never answer.
    Hold,
    /// Send this, then a byte every so often, for ever.
    Drip(Vec<u8>, Duration),
    /// Send this, then bytes as fast as they are taken, for ever.
    Flood(Vec<u8>),
}

pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Follows the script; connections after its end are closed at once and their requests not logged.
    pub(crate) async fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        tokio::spawn(async move {
            for act in script {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(follow(stream, with_port(act, port), Arc::clone(&log)));
            }
            while let Ok((stream, _)) = listener.accept().await {
                drop(stream);
            }
        });
        Self { port, requests }
    }

    /// Every request so far, head and body, as it came.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Every request so far: its path and query.
    pub(crate) fn targets(&self) -> Vec<String> {
        let target = |request: &String| request.split(' ').nth(1).unwrap().to_owned();
        self.requests().iter().map(target).collect()
    }
}

fn with_port(act: Act, port: u16) -> Act {
    match act {
        Act::Say(answer) => match String::from_utf8(answer) {
            Ok(text) => Act::Say(text.replace("PORT", &port.to_string()).into_bytes()),
            Err(bytes) => Act::Say(bytes.into_bytes()),
        },
        other => other,
    }
}

async fn follow(mut stream: TcpStream, act: Act, log: Arc<Mutex<Vec<String>>>) {
    let Some(request) = request(&mut stream).await else { return };
    log.lock().unwrap().push(request);
    // A client that has gone away ends the act.
    let _ = perform(&mut stream, act).await;
}

async fn perform(stream: &mut TcpStream, act: Act) -> std::io::Result<()> {
    match act {
        Act::Say(answer) => {
            stream.write_all(&answer).await?;
            stream.shutdown().await
        }
        Act::Late(pause, answer) => {
            let start = tokio::time::Instant::now() + pause;
            tokio::time::interval_at(start, pause).tick().await;
            stream.write_all(&answer).await?;
            stream.shutdown().await
        }
        Act::Drop => Ok(()),
        Act::Hold => stream.read_u8().await.map(drop),
        Act::Drip(head, pause) => {
            stream.write_all(&head).await?;
            let mut ticks = tokio::time::interval(pause);
            loop {
                ticks.tick().await;
                stream.write_all(b" ").await?;
            }
        }
        Act::Flood(head) => {
            stream.write_all(&head).await?;
            loop {
                stream.write_all(&[b' '; 4096]).await?;
            }
        }
    }
}

/// One request with its body; nothing where the client went away before its end.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
        bytes.push(stream.read_u8().await.ok()?);
    }
}

/// A whole answer: `200 OK`, further header lines, a body.
pub(crate) fn answer(status: &str, headers: &[&str], body: &str) -> Act {
    let lines = headers.iter().map(|line| format!("{line}\r\n")).collect::<String>();
    let length = body.len();
    Act::Say(
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{lines}\r\n{body}")
            .into_bytes(),
    )
}

/// A whole answer of JSON.
pub(crate) fn json(body: &str) -> Act {
    answer("200 OK", &["Content-Type: application/json"], body)
}

/// An answer without a body worth mentioning.
pub(crate) fn status(status: &str) -> Act {
    answer(status, &[], "")
}

/// Too many requests, with or without a `Retry-After`.
pub(crate) fn throttled(retry_after: Option<&str>) -> Act {
    let header = retry_after.map(|said| format!("Retry-After: {said}"));
    let headers = header.iter().map(String::as_str).collect::<Vec<_>>();
    answer("429 Too Many Requests", &headers, r#"{"detail":"Request was throttled."}"#)
}

/// To be asked for elsewhere.
pub(crate) fn redirect(location: &str) -> Act {
    answer("302 Found", &[&format!("Location: {location}")], "")
}

/// The same, so much later.
pub(crate) fn late(pause: Duration, act: Act) -> Act {
    match act {
        Act::Say(answer) => Act::Late(pause, answer),
        other => other,
    }
}

/// A body that ends before its announced end.
pub(crate) fn cut() -> Act {
    Act::Say(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n{\"rows\":".to_vec())
}
