//! What storages over HTTP share: the client, how patient it is, and what no answer amounts to.
//!
//! Messages hold no host and no word of the other side.

use std::time::Duration;

use jiff::Timestamp;
use model::fault::Fault;
use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{redirect, retry};

use super::{Trouble, Wrong};
use crate::http::{Base, retry_after, tls, trouble};

const USER_AGENT: &str = concat!("Syncline/", env!("CARGO_PKG_VERSION"));

/// For a connection to be open.
const CONNECT: Duration = Duration::from_secs(10);

/// Without a byte in either direction.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

/// How long a connection is kept for the next request. Servers close theirs after five seconds and more; one that is
/// closed while a request is on its way there is lost with it.
const IDLE: Duration = Duration::from_secs(4);

/// A client by which nothing is followed, tried again or remembered. Reads the system's certificates.
pub(super) fn client(endpoint: &Base) -> Result<reqwest::Client, Fault> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config_for(endpoint)?)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .build()
        .map_err(|_| Fault::never("config", "no HTTP client for the storage"))
}

/// What a request that got no answer amounts to.
pub(super) fn of_sending(tried: &str, error: &reqwest::Error) -> Trouble {
    if error.is_builder() {
        return Trouble::new(Wrong::Other, tried, "the request cannot be sent: it is not well-formed");
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => {
            Trouble::new(Wrong::Timeout, tried, format!("the connection was not open after {CONNECT:?}"))
        }
        (true, _) => {
            let why = trouble::why(error);
            Trouble::new(Wrong::Network, tried, format!("the connection could not be opened: {why}"))
        }
        _ => {
            let why = trouble::why(error);
            Trouble::new(Wrong::Network, tried, format!("the connection broke before an answer: {why}"))
        }
    }
}

/// Nothing came for too long.
pub(super) fn silent(tried: &str) -> Trouble {
    Trouble::new(Wrong::Timeout, tried, format!("the server was silent for {SILENCE:?}"))
}

/// How long the server wants to be let alone. A date is reckoned from the server's own.
pub(super) fn later(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let now = text(DATE).and_then(retry_after::date).unwrap_or(Timestamp::MAX);
    retry_after::parse(text(RETRY_AFTER)?, now)
}
