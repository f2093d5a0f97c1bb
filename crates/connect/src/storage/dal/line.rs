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
use reqwest::Response;
use reqwest::header::CONTENT_LENGTH;
use tokio::time::timeout;

use crate::http::Base;
use crate::storage::http::{SILENCE, client, later, of_sending, silent};
use crate::storage::{Trouble, Wrong};

/// What is tried, as far as is known here.
const TRIED: &str = "asking the store";

/// What is sent may take longer, by a second for so many bytes.
const SLOWEST: u64 = 64 << 10;

/// A request that came to nothing. Who asked knows better what was tried.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(in crate::storage) struct Lost(pub(in crate::storage) Trouble);

impl From<Lost> for Error {
    fn from(lost: Lost) -> Self {
        Self::new(ErrorKind::Unexpected, lost.0.why.clone()).set_source(lost)
    }
}

/// The connections to one server. What is signed is for one host, so no redirect is followed.
pub(in crate::storage) struct Line(reqwest::Client);

impl Line {
    pub(in crate::storage) fn new(endpoint: &Base) -> Result<Self, Fault> {
        client(endpoint).map(Self)
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
            Ok(Err(error)) => return Err(Lost(of_sending(TRIED, &error)).into()),
            Err(_) => return Err(Lost(silent(TRIED)).into()),
        };
        let status = answer.status().as_u16();
        // The library knows these for anything: they say more than the code that may come with them.
        let wrong = match (status, later(answer.headers())) {
            (401, _) => Some(Wrong::Auth),
            (507, _) => Some(Wrong::NoSpace),
            (429 | 503, Some(later)) => Some(Wrong::Busy(Some(later))),
            _ => None,
        };
        if let Some(wrong) = wrong {
            let why = format!("the answer was {status}");
            return Err(Lost(Trouble::new(wrong, TRIED, why)).into());
        }
        let mut response = http::Response::new(());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        let whole = answer.content_length();
        Ok(response.map(|()| HttpBody::new(Shared(Mutex::new(pieces(answer).boxed())), whole)))
    }
}

/// The body of an answer.
fn pieces(answer: Response) -> impl Stream<Item = opendal::Result<Buffer>> + Send + 'static {
    stream::try_unfold(answer, |mut answer| async move {
        match timeout(SILENCE, answer.chunk()).await {
            Ok(Ok(Some(piece))) => Ok(Some((Buffer::from(piece), answer))),
            Ok(Ok(None)) => Ok(None),
            Ok(Err(_)) => Err(Lost(Trouble::new(Wrong::Network, TRIED, "the answer was cut short")).into()),
            Err(_) => Err(Lost(silent(TRIED)).into()),
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
