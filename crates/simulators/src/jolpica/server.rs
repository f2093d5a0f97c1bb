//! HTTP as far as a client of the upstream needs it: requests in, answers out, on connections that stay open.
//!
//! It is written out here because the faults reach below what an HTTP library offers: a connection that closes
//! before the headers, or within the body. Nothing waits by sleeping: a wait is a limit on waiting for the stop.
//!
//! Control is on the same address, below `/-/`: `GET` and `DELETE /-/requests`; `GET`, `PUT` (a list) and
//! `DELETE /-/faults`; `PUT` (a time as a JSON text, or `null`) `/-/time`.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Options,
    faults::{Fault, Trouble},
    listing,
    publication::{Delays, Published},
    request::{self, Page, Paging},
    season::Season,
};

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

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) season: Season,
    pub(super) seed: u64,
    pub(super) stop: CancellationToken,
    delays: Delays,
    cancelled: Vec<u32>,
    started: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    time: Option<Timestamp>,
    faults: Vec<Fault>,
    requests: Vec<Request>,
}

/// What goes over the wire.
struct Reply {
    status: u16,
    content_type: &'static str,
    retry_after: Option<String>,
    body: Vec<u8>,
    sent: Sent,
}

enum Sent {
    Whole,
    HeadersOnly,
    HalfBody,
    Nothing,
}

impl Reply {
    fn json(status: u16, body: Vec<u8>) -> Self {
        Self { status, content_type: "application/json", retry_after: None, body, sent: Sent::Whole }
    }

    fn html(status: u16, title: &str) -> Self {
        let body = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>{title}</title>\n</head>\n<body>\n  <h1>{title}</h1>\n</body>\n</html>\n"
        );
        Self { content_type: "text/html; charset=utf-8", ..Self::json(status, body.into_bytes()) }
    }
}

impl Shared {
    pub(super) fn new(options: Options) -> Self {
        let Options { year, seed, time, delays, cancelled, .. } = options;
        let state = Mutex::new(State { time, ..State::default() });
        let season = Season::new(year, seed);
        Self {
            season,
            seed,
            stop: CancellationToken::new(),
            delays,
            cancelled,
            started: Instant::now(),
            state,
        }
    }

    /// The state is never left half changed, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_time(&self, time: Option<Timestamp>) {
        self.state().time = time;
    }

    pub(super) fn set_faults(&self, faults: Vec<Fault>) {
        self.state().faults = faults;
    }

    pub(super) fn add_fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        self.state().faults.clone()
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    pub(super) fn clear_requests(&self) {
        self.state().requests.clear();
    }

    /// The faults for an answer on this path, each counted once.
    fn strike(&self, canonical: &str) -> Vec<Trouble> {
        let mut state = self.state();
        let mut struck = Vec::new();
        for fault in state.faults.iter_mut().filter(|fault| fault.concerns(canonical)) {
            if fault.times == Some(0) {
                continue;
            }
            struck.push(fault.trouble.clone());
            fault.times = fault.times.map(|times| times - 1);
        }
        state.faults.retain(|fault| fault.times != Some(0));
        struck
    }

    /// Waits, unless the simulator stops first.
    async fn wait(&self, time: Duration) {
        drop(timeout(time, self.stop.cancelled()).await);
    }

    fn control(&self, request: &Request, body: &[u8]) -> Reply {
        let refused = |error: serde_json::Error| {
            let text = serde_json::json!({ "error": format!("the body is not understood: {error}") });
            Reply::json(400, text.to_string().into_bytes())
        };
        let encoded =
            |value: serde_json::Result<Vec<u8>>| Reply::json(200, value.expect("plain values are JSON"));
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/-/requests") => return encoded(serde_json::to_vec(&self.requests())),
            ("DELETE", "/-/requests") => self.clear_requests(),
            ("GET", "/-/faults") => {}
            ("PUT", "/-/faults") => match serde_json::from_slice(body) {
                Ok(faults) => self.set_faults(faults),
                Err(error) => return refused(error),
            },
            ("DELETE", "/-/faults") => self.set_faults(Vec::new()),
            ("PUT", "/-/time") => match serde_json::from_slice(body) {
                Ok(time) => self.set_time(time),
                Err(error) => return refused(error),
            },
            _ => return Reply::html(404, "Not Found"),
        }
        encoded(serde_json::to_vec(&self.faults()))
    }

    /// The answer to a request, and how long it waits.
    fn answer(&self, request: &Request) -> (Reply, Duration) {
        let canonical = request::canonical(&request.path);
        let troubles = self.strike(&canonical);
        let delay = troubles
            .iter()
            .map(|trouble| if let Trouble::Delay { millis } = trouble { *millis } else { 0 })
            .sum();
        let reply = refuse(&troubles).unwrap_or_else(|| self.list(request, &canonical, &troubles));
        (spoil_transfer(reply, &troubles), Duration::from_millis(delay))
    }

    fn list(&self, request: &Request, canonical: &str, troubles: &[Trouble]) -> Reply {
        if request.method != "GET" {
            let detail =
                serde_json::json!({ "detail": format!("Method \"{}\" not allowed.", request.method) });
            return Reply::json(405, detail.to_string().into_bytes());
        }
        let Some(asked) = request::parse(canonical) else { return Reply::html(404, "Not Found") };
        let Self { season, delays, cancelled, .. } = self;
        let published = Published { season, delays: *delays, cancelled, now: self.state().time };
        let mut listing = listing::list(&published, asked);
        for trouble in troubles {
            trouble.spoil_listing(&published, asked, &mut listing);
        }
        let total = listing.sections.iter().map(|section| section.rows.len()).sum();
        let mut page = Page { paging: Paging::parse(&request.query), total };
        for trouble in troubles {
            trouble.spoil_page(&mut page, &mut listing);
        }
        let url = format!("http://{}{canonical}/", request.header("host").unwrap_or("localhost"));
        let answer = request::envelope(asked, listing, &url, page);
        Reply::json(200, serde_json::to_vec(&answer).expect("texts are JSON"))
    }
}

/// The answer of a fault that leaves nothing of the real one.
fn refuse(troubles: &[Trouble]) -> Option<Reply> {
    troubles.iter().find_map(|trouble| match trouble {
        Trouble::Status { code: 429, retry_after } => {
            let reply = Reply::json(429, br#"{"detail":"Request was throttled."}"#.to_vec());
            Some(Reply { retry_after: retry_after.clone(), ..reply })
        }
        Trouble::Status { code, retry_after } => {
            Some(Reply { retry_after: retry_after.clone(), ..Reply::html(*code, "Error") })
        }
        Trouble::Html => Some(Reply::html(200, "Maintenance")),
        Trouble::NoEnvelope => Some(Reply::json(200, br#"{"data":[]}"#.to_vec())),
        _ => None,
    })
}

fn spoil_transfer(mut reply: Reply, troubles: &[Trouble]) -> Reply {
    for trouble in troubles {
        match trouble {
            Trouble::DropBeforeHeaders => reply.sent = Sent::Nothing,
            Trouble::DropAfterHeaders => reply.sent = Sent::HeadersOnly,
            Trouble::TruncatedBody => reply.sent = Sent::HalfBody,
            _ => {}
        }
    }
    reply
}

/// Accepts connections until the simulator stops.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>, tasks: TaskTracker) {
    let stop = shared.stop.clone();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        // A failure concerns the one connection that could not be accepted.
        let Ok((stream, _)) = accepted else { continue };
        let (shared, stop) = (Arc::clone(&shared), stop.clone());
        tasks.spawn(async move { stop.run_until_cancelled(serve(stream, &shared)).await });
    }
}

/// Answers requests until the client, a fault or a request that is none ends the connection.
async fn serve(mut stream: TcpStream, shared: &Shared) -> Option<()> {
    let mut arrived = Vec::new();
    loop {
        let (request, body) = receive(&mut stream, &mut arrived, shared.started).await?;
        let (reply, delay) = if request.path.starts_with("/-/") {
            (shared.control(&request, &body), Duration::ZERO)
        } else {
            shared.state().requests.push(request.clone());
            shared.answer(&request)
        };
        if !delay.is_zero() {
            shared.wait(delay).await;
        }
        send(&mut stream, &reply, request.header("connection")).await?;
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
async fn send(stream: &mut TcpStream, reply: &Reply, connection: Option<&str>) -> Option<()> {
    let Reply { status, content_type, body, .. } = reply;
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
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
        Sent::HeadersOnly => {}
        Sent::HalfBody => bytes.extend_from_slice(&body[..body.len() / 2]),
        Sent::Whole => bytes.extend_from_slice(body),
    }
    stream.write_all(&bytes).await.ok()?;
    stream.flush().await.ok()?;
    let close = connection.is_some_and(|connection| connection.eq_ignore_ascii_case("close"));
    (matches!(reply.sent, Sent::Whole) && !close).then_some(())
}
