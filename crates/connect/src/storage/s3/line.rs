//! How requests of the library go out: by the same client, ciphers and patience as everything else here.
//!
//! What goes wrong on the way comes back as [`Lost`], which says what it is; nothing is tried again.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use model::fault::Fault;
use opendal::{Buffer, Error, ErrorKind, HttpBody, HttpTransport};
use reqwest::header::{CONTENT_LENGTH, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Response, redirect, retry};
use tokio::time::timeout;

use crate::http::{Base, retry_after, tls, trouble};
use crate::storage::Wrong;

const USER_AGENT: &str = concat!("Syncline/", env!("CARGO_PKG_VERSION"));

/// For a connection to be open.
const CONNECT: Duration = Duration::from_secs(10);

/// Without a byte of an answer.
const SILENCE: Duration = Duration::from_secs(60);

/// What is sent may take longer, by a second for so many bytes.
const SLOWEST: u64 = 64 << 10;

/// A request that came to nothing, and why.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct Lost {
    pub(super) wrong: Wrong,
    pub(super) why: String,
}

impl From<Lost> for Error {
    fn from(lost: Lost) -> Self {
        Self::new(ErrorKind::Unexpected, lost.why.clone()).set_source(lost)
    }
}

/// The connections to one server.
pub(super) struct Line(reqwest::Client);

impl Line {
    pub(super) fn new(endpoint: &Base) -> Result<Self, Fault> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config_for(endpoint)?)
            .no_proxy()
            // What is signed is for one host, and a lent token in a header would go along to another.
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT)
            .build()
            .map_err(|_| Fault::never("config", "no HTTP client for the object store"))?;
        Ok(Self(http))
    }
}

impl HttpTransport for Line {
    async fn fetch(&self, request: http::Request<Buffer>) -> opendal::Result<http::Response<HttpBody>> {
        let (parts, body) = request.into_parts();
        let size = body.len() as u64;
        let mut sent = self.0.request(parts.method, parts.uri.to_string()).headers(parts.headers);
        if size > 0 {
            let pieces = stream::iter(Iterator::map(body, Ok::<Bytes, std::convert::Infallible>));
            sent = sent.header(CONTENT_LENGTH, size).body(reqwest::Body::wrap_stream(pieces));
        }
        let patience = SILENCE + Duration::from_secs(size / SLOWEST);
        let answer = match timeout(patience, sent.send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(of_sending(&error).into()),
            Err(_) => return Err(silent(patience).into()),
        };
        if let Some(later) = wants_later(&answer) {
            let why = format!("the answer was {}", answer.status().as_u16());
            return Err(Lost { wrong: Wrong::Busy(Some(later)), why }.into());
        }
        let mut response = http::Response::new(());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        // What HEAD tells of is not in its answer.
        let whole = (size == 0).then(|| answer.content_length()).flatten();
        Ok(response.map(|()| HttpBody::new(Shared(Mutex::new(pieces(answer).boxed())), whole)))
    }
}

/// The body of an answer.
fn pieces(answer: Response) -> impl Stream<Item = opendal::Result<Buffer>> + Send + 'static {
    stream::try_unfold(answer, |mut answer| async move {
        match timeout(SILENCE, answer.chunk()).await {
            Ok(Ok(Some(piece))) => Ok(Some((Buffer::from(piece), answer))),
            Ok(Ok(None)) => Ok(None),
            Ok(Err(_)) => {
                Err(Lost { wrong: Wrong::Network, why: "the answer was cut short".to_owned() }.into())
            }
            Err(_) => Err(silent(SILENCE).into()),
        }
    })
}

/// A stream that may be held by several, as the library wants it, and is read by one.
struct Shared<S>(Mutex<S>);

impl<S: Stream + Unpin> Stream for Shared<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(context)
    }
}

/// How long a server that has no time now wants to be let alone. A date is reckoned from the server's own.
fn wants_later(answer: &Response) -> Option<Duration> {
    if !matches!(answer.status().as_u16(), 429 | 503) {
        return None;
    }
    let text = |headers: &HeaderMap, name| {
        headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned)
    };
    let now = text(answer.headers(), DATE).as_deref().and_then(retry_after::date);
    retry_after::parse(&text(answer.headers(), RETRY_AFTER)?, now.unwrap_or(jiff::Timestamp::MAX))
}

fn of_sending(error: &reqwest::Error) -> Lost {
    let why = trouble::why(error);
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => {
            Lost { wrong: Wrong::Timeout, why: format!("the connection was not open after {CONNECT:?}") }
        }
        (true, _) => {
            Lost { wrong: Wrong::Network, why: format!("the connection could not be opened: {why}") }
        }
        _ => Lost { wrong: Wrong::Network, why: format!("the connection broke before an answer: {why}") },
    }
}

fn silent(waited: Duration) -> Lost {
    Lost { wrong: Wrong::Timeout, why: format!("the server was silent for {waited:?}") }
}
