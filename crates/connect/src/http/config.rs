//! Where an upstream is and how patient to be with it. Every number of the client stands here.

use std::time::Duration;

use model::fault::Fault;
use reqwest::Url;

use super::request::Request;

/// The address below which all paths of an upstream lie.
///
/// `Debug` and messages do not show it: an address may name a host that is nobody's business.
#[derive(Clone, PartialEq, Eq)]
pub struct Base(Url);

impl Base {
    /// `http://` or `https://`, a host, perhaps a port and a path. No credentials, query or fragment: they would
    /// be sent with every request, and shown by proxies.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let refused = |why: &str| Fault::never("config", format!("the upstream's base address {why}"));
        let url = Url::parse(text.trim()).map_err(|_| refused("is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(refused("must begin with http:// or https:// and name a host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("must not hold a name or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("must end with its path"));
        }
        Ok(Self(url))
    }

    /// Whether it is this very machine's.
    pub fn is_loopback(&self) -> bool {
        match self.0.host_str().map(|host| host.trim_matches(['[', ']'])) {
            Some("localhost") => true,
            Some(host) => host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
            None => false,
        }
    }

    /// Whether talking to it needs certificates.
    pub(super) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// As it was given.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// The address of a request.
    pub(super) fn url_of(&self, request: &Request) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{}", self.0.path().trim_end_matches('/'), request.path));
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        url
    }
}

impl std::fmt::Debug for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Base(…)")
    }
}

/// Pauses between tries: as many tries as pauses, and one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pauses(Vec<Duration>);

impl Pauses {
    /// These, in this order.
    pub fn of_seconds(seconds: impl IntoIterator<Item = u64>) -> Self {
        Self(seconds.into_iter().map(Duration::from_secs).collect())
    }

    /// One try only.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// The pause after this many failed tries; `None` when there is no further try.
    pub(super) fn after(&self, failures: u32) -> Option<Duration> {
        let index = usize::try_from(failures).ok()?.checked_sub(1)?;
        self.0.get(index).copied()
    }

    /// The longest.
    pub(super) fn longest(&self) -> Duration {
        self.0.iter().copied().max().unwrap_or_default()
    }
}

/// What an upstream's `Retry-After` does to the pauses of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// After a 429 it is the pause, longer or shorter; elsewhere it is not looked at.
    Replaces,
    /// Whatever is tried again is not tried again before.
    Lengthens,
}

/// How patient to be. `Default` is the policy of an upstream of which nothing else is known.
///
/// Tries are counted over all kinds of failure: a 429 after two lost connections is the third failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// For name lookup, TCP connect and the TLS handshake together.
    pub connect_timeout: Duration,
    /// For a whole try: redirects and body included, waiting for the budget not.
    pub request_timeout: Duration,
    /// Bytes of an answer; a longer one is an error and is not read to its end.
    pub body_max: usize,
    /// Redirects followed in one try. Each is a request and is taken from the budget.
    pub redirects_max: u32,
    /// After a connection error, a timeout, a 5xx or a body that was cut short.
    pub trouble: Pauses,
    /// By how much of itself a pause of `trouble` is longer or shorter by chance: 0.2 is ± 20 %.
    pub jitter: f64,
    /// After a 429 that does not say how long.
    pub throttled: Pauses,
    /// After an answer that is not what it should be: not JSON, or refused by the reader as worth another try.
    pub unread: Pauses,
    /// See [`RetryAfter`].
    pub retry_after: RetryAfter,
    /// A longer `Retry-After` is taken for this.
    pub retry_after_max: Duration,
    /// Further statuses to be taken like a 5xx.
    pub passing_statuses: Vec<u16>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(20),
            body_max: 4 << 20,
            redirects_max: 3,
            trouble: Pauses::of_seconds([1, 4]),
            jitter: 0.2,
            throttled: Pauses::of_seconds([2, 10, 60]),
            unread: Pauses::none(),
            retry_after: RetryAfter::Replaces,
            retry_after_max: Duration::from_secs(300),
            passing_statuses: Vec::new(),
        }
    }
}

/// An upstream.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its name in messages and metrics: `jolpica`.
    pub upstream: &'static str,
    /// Where it is.
    pub base: Base,
    /// How patient to be.
    pub policy: Policy,
}
