//! PUT of a content on its way, and how far it has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::header::CONTENT_LENGTH;
use reqwest::{Method, Response, Url};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::limits::ANSWER_PER_MIB;
use super::wire::{Wire, refused_making};
use crate::storage::exact::{exactly, of_another_size};
use crate::storage::http::{SILENCE, of_sending, silent};
use crate::storage::{Body, Trouble, Wrong};

/// Bytes the connection has taken, and a ring for each piece.
#[derive(Default)]
struct Taken {
    bytes: AtomicU64,
    rings: Notify,
}

/// Sends the content, which must come to `size` bytes; the answer is a success.
pub(super) async fn put(
    wire: &Wire,
    tried: &str,
    url: &Url,
    body: Body,
    size: u64,
) -> Result<Response, Trouble> {
    let taken = Arc::new(Taken::default());
    let counted = Arc::clone(&taken);
    let mut pieces = exactly(body.pieces(), size, tried.to_owned());
    // What has nothing to begin with is not begun: a server may put a file there only after it was taken away again.
    let content = match pieces.next().await.transpose()? {
        None => reqwest::Body::from(Bytes::new()),
        Some(first) => {
            let pieces = stream::iter([Ok(first)]).chain(pieces);
            reqwest::Body::wrap_stream(pieces.inspect_ok(move |piece: &Bytes| {
                counted.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
                counted.rings.notify_one();
            }))
        }
    };
    let request = wire.request(Method::PUT, url).header(CONTENT_LENGTH, size).body(content);
    let mut sending = std::pin::pin!(request.send());
    let sent = loop {
        let whole = taken.bytes.load(Ordering::Relaxed) == size;
        let mib = u32::try_from(size >> 20).unwrap_or(u32::MAX);
        let patience =
            if whole { SILENCE.saturating_add(ANSWER_PER_MIB.saturating_mul(mib)) } else { SILENCE };
        let moved = async {
            tokio::select! {
                sent = &mut sending => Some(sent),
                () = taken.rings.notified() => None,
            }
        };
        match timeout(patience, moved).await {
            Ok(Some(sent)) => break sent,
            Ok(None) => {}
            Err(_) => return Err(silent(tried)),
        }
    };
    let response = sent.map_err(|error| own(&error).unwrap_or_else(|| of_sending(tried, &error)))?;
    if response.status().is_redirection() {
        let why = "the server takes content elsewhere: its new address belongs into the settings";
        return Err(Trouble::new(Wrong::Other, tried, why));
    }
    if !response.status().is_success() {
        return Err(refused_making(tried, response).await);
    }
    match taken.bytes.load(Ordering::Relaxed) {
        all if all == size => Ok(response),
        some => Err(of_another_size(tried, some, size)),
    }
}

/// The trouble of the content itself, when that is what the request broke off with.
fn own(error: &reqwest::Error) -> Option<Trouble> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(trouble) = error.downcast_ref::<Trouble>() {
            return Some(trouble.clone());
        }
        cause = error.source();
    }
    None
}
