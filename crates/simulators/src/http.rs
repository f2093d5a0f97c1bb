//! HTTP as far as a client of an upstream needs it: requests in, answers out, on connections that stay open.
//!
//! It is written out here because faults reach below what an HTTP library offers: a connection that closes before the
//! headers, within the body, or is reset. Nothing waits by sleeping: a wait is a limit on waiting for the stop.

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A request as it came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// `GET`.
    pub method: String,
    /// As sent, without the query.
    pub path: String,
    /// As sent; empty without one.
    pub query: String,
    /// Milliseconds since the simulator started.
    pub millis: u128,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header, its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// What goes over the wire.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
    pub(crate) sent: Sent,
}

/// How much of an answer is sent. After anything but the whole the connection ends.
pub(crate) enum Sent {
    Whole,
    HeadersOnly,
    HalfBody,
    Nothing,
    /// Nothing, and the connection is reset.
    Reset,
    /// Nothing, and the connection stays open until the client closes it.
    Never,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Vec<u8>) -> Self {
        Self { status, content_type: "application/json", retry_after: None, body, sent: Sent::Whole }
    }
}

/// What answers.
pub(crate) trait Answer: Send + Sync + 'static {
    /// The answer to a request with this body, and how long it waits.
    fn answer(&self, request: Request, body: &[u8]) -> (Reply, Duration);
}

/// A site that is served until its stop.
pub(crate) struct Site<A> {
    pub(crate) answer: Arc<A>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl<A: Answer> Site<A> {
    /// Accepts connections until the simulator stops.
    pub(crate) async fn serve(self, listener: TcpListener) {
        let started = Instant::now();
        let Self { answer, stop, tasks } = self;
        while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
            // A failure concerns the one connection that could not be accepted.
            let Ok((stream, _)) = accepted else { continue };
            let (answer, stop) = (Arc::clone(&answer), stop.clone());
            tasks.spawn(async move {
                let connection = converse(stream, answer.as_ref(), &stop, started);
                stop.run_until_cancelled(connection).await
            });
        }
    }
}

/// Answers requests until the client, a fault or a request that is none ends the connection.
async fn converse<A: Answer>(
    mut stream: TcpStream,
    site: &A,
    stop: &CancellationToken,
    started: Instant,
) -> Option<()> {
    let mut arrived = Vec::new();
    loop {
        let (request, body) = receive(&mut stream, &mut arrived, started).await?;
        let close =
            request.header("connection").is_some_and(|connection| connection.eq_ignore_ascii_case("close"));
        let (reply, delay) = site.answer(request, &body);
        if !delay.is_zero() {
            drop(timeout(delay, stop.cancelled()).await);
        }
        send(&mut stream, &reply).await?;
        if close {
            return None;
        }
    }
}

const MOST_BYTES: usize = 1 << 20;

async fn receive(
    stream: &mut TcpStream,
    arrived: &mut Vec<u8>,
    started: Instant,
) -> Option<(Request, Vec<u8>)> {
    let end = loop {
        if let Some(end) = arrived.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(stream, arrived).await?;
    };
    let head = String::from_utf8(arrived[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
    let millis = started.elapsed().as_millis();
    let request = Request { method, path: path.to_owned(), query: query.to_owned(), millis, headers };
    let length = request.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
    while arrived.len() < end + 4 + length {
        more(stream, arrived).await?;
    }
    let body = arrived[end + 4..end + 4 + length].to_vec();
    arrived.drain(..end + 4 + length);
    Some((request, body))
}

async fn more(stream: &mut TcpStream, arrived: &mut Vec<u8>) -> Option<()> {
    let count = stream.read_buf(arrived).await.ok()?;
    (count > 0 && arrived.len() <= MOST_BYTES).then_some(())
}

/// Sends what is to be sent; `None` when the connection ends with it.
async fn send(stream: &mut TcpStream, reply: &Reply) -> Option<()> {
    let Reply { status, content_type, body, .. } = reply;
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Error",
    };
    let mut bytes = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n",
        body.len()
    );
    if let Some(wait) = &reply.retry_after {
        bytes.push_str(&format!("retry-after: {wait}\r\n"));
    }
    bytes.push_str("\r\n");
    let mut bytes = bytes.into_bytes();
    match reply.sent {
        Sent::Nothing => return None,
        Sent::Reset => return stream.set_zero_linger().ok().and(None),
        Sent::Never => {
            while more(stream, &mut Vec::new()).await.is_some() {}
            return None;
        }
        Sent::HeadersOnly => {}
        Sent::HalfBody => bytes.extend_from_slice(&body[..body.len() / 2]),
        Sent::Whole => bytes.extend_from_slice(body),
    }
    stream.write_all(&bytes).await.ok()?;
    stream.flush().await.ok()?;
    matches!(reply.sent, Sent::Whole).then_some(())
}
