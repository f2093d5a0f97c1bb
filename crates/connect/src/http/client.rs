//! Asking an upstream something until it answers: budget, time limits, redirects, tries.
//!
//! Metrics: `syncline_http_requests_total` by `upstream`, `operation` and `outcome` (`ok`, `redirected`,
//! `throttled`, `refused`, `timeout`, `connection`, `cut_short`, `garbled`, `bad_request`), one for each request
//! sent; `syncline_http_request_seconds` by `upstream` and `operation`.
//!
//! What must not enter: which operations there are, and what answers mean.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use metrics::{counter, histogram};
use model::fault::Fault;
use reqwest::Url;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout};

use super::Secret;
use super::config::{Config, Policy, RetryAfter};
use super::credential::Credential;
use super::pause::Pause;
use super::purse::Purse;
use super::request::Request;
use super::trouble::{Class, Failure, Trouble, Unread, read_json};
use super::watch::Watch;
use super::wire::{self, Reply};

/// What a caller lends for the time of its requests.
pub struct Means<'a> {
    /// Grants each request.
    pub purse: &'a dyn Purse,
    /// Tells the time and lets it go by.
    pub pause: &'a dyn Pause,
    rng: Mutex<fastrand::Rng>,
    credential: Option<&'a dyn Credential>,
    watch: Option<&'a dyn Watch>,
}

impl<'a> Means<'a> {
    /// `rng` is for the jitter of pauses only.
    pub fn new(purse: &'a dyn Purse, pause: &'a dyn Pause, rng: fastrand::Rng) -> Self {
        Self { purse, pause, rng: Mutex::new(rng), credential: None, watch: None }
    }

    /// The same, with every request authorized.
    #[must_use]
    pub fn authorized_by(self, credential: &'a dyn Credential) -> Self {
        Self { credential: Some(credential), ..self }
    }

    /// The same, with further tries told.
    #[must_use]
    pub fn watched_by(self, watch: &'a dyn Watch) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Between 0 and 1.
    fn chance(&self) -> f64 {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

/// What came, and after how many tries: 1 when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// As read.
    pub value: T,
    /// The successful one included.
    pub tries: u32,
}

/// An upstream's connections, made once and shared: clones are of the same.
///
/// Dropping a request's future is safe; what was granted for it stays spent.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    config: Config,
}

impl Client {
    /// Opens nothing yet, but reads the system's certificates.
    pub fn new(config: Config) -> Result<Self, Fault> {
        Ok(Self { http: wire::connections(&config)?, config })
    }

    /// What it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// One request, tried as often as it is worth it; the answer is JSON of the shape of `T`
    /// (`serde_json::Value` for any).
    pub async fn ask<T: DeserializeOwned>(
        &self,
        request: &Request,
        means: &Means<'_>,
    ) -> Result<Answer<T>, Failure> {
        self.ask_with(request, means, read_json::<T>).await
    }

    /// The same with a reader of one's own: what it refuses may be tried again as the policy says of `unread`.
    pub async fn ask_with<T>(
        &self,
        request: &Request,
        means: &Means<'_>,
        read: impl Fn(&[u8]) -> Result<T, Unread>,
    ) -> Result<Answer<T>, Failure> {
        let (mut failures, mut renewed) = (0, false);
        loop {
            let value = self.authorization(request, means, failures).await?;
            let trouble = match self.attempt(request, value.as_ref(), means).await {
                Ok(body) => match read(&body) {
                    Ok(value) => return Ok(Answer { value, tries: failures + 1 }),
                    Err(unread) => Trouble::of_unread(unread, body.len()),
                },
                Err(trouble) => trouble,
            };
            if let Some((credential, value)) = means.credential.zip(value)
                && !renewed
                && credential.is_refused(&trouble)
            {
                renewed = true;
                credential.refused(&value).await;
                continue;
            }
            failures += 1;
            self.before_next(trouble, request, failures, means).await?;
        }
    }

    /// What the caller's credential authorizes the next try with, when it has one.
    async fn authorization(
        &self,
        request: &Request,
        means: &Means<'_>,
        failures: u32,
    ) -> Result<Option<Secret>, Failure> {
        let Some(credential) = means.credential else { return Ok(None) };
        let value = credential.value().await;
        value.map(Some).map_err(|fault| self.failure(request, Trouble::Credential(fault), failures))
    }

    /// Lets the pause before the next try go by, or gives up.
    async fn before_next(
        &self,
        trouble: Trouble,
        request: &Request,
        failures: u32,
        means: &Means<'_>,
    ) -> Result<(), Failure> {
        let policy = &self.config.policy;
        let next = next_try(&trouble, policy, failures, means.chance());
        let now = means.pause.now();
        if trouble.class(policy) == Class::Throttled {
            // Who asks next must wait as well, whether or not this request is tried again.
            let hold = next.unwrap_or_else(|| last_word(&trouble, policy));
            let held = means.purse.hold(later(now, hold)).await;
            held.map_err(|fault| self.failure(request, Trouble::Budget(fault), failures))?;
        }
        let Some(pause) = next else { return Err(self.failure(request, trouble, failures)) };
        match means.watch {
            Some(watch) => watch.again(&trouble, failures, pause),
            None => tracing::warn!(
                upstream = self.config.upstream,
                request = request.label(),
                failures,
                pause_seconds = pause.as_secs_f64(),
                error = %trouble,
                "asking the upstream again"
            ),
        }
        let waited = means.pause.until(later(now, pause)).await;
        waited.map_err(|stopped| self.failure(request, stopped.into(), failures))
    }

    fn failure(&self, request: &Request, trouble: Trouble, tries: u32) -> Failure {
        let policy = &self.config.policy;
        let again = trouble.again(policy, last_word(&trouble, policy));
        Failure { upstream: self.config.upstream, label: request.label(), trouble, tries, again }
    }

    /// One try: the request, and where redirects lead.
    async fn attempt(
        &self,
        request: &Request,
        authorization: Option<&Secret>,
        means: &Means<'_>,
    ) -> Result<bytes::Bytes, Trouble> {
        let authorized = authorization.map(|value| request.clone().authorized(value.clone()));
        let request = authorized.as_ref().unwrap_or(request);
        let policy = &self.config.policy;
        let mut url = self.config.base.url_of(request);
        let mut left = policy.request_timeout;
        for _ in 0..=policy.redirects_max {
            means.purse.spend().await.map_err(Trouble::Budget)?;
            let started = Instant::now();
            let reply = self.send(&url, request, means, left).await;
            self.count(request, started, &reply);
            match reply? {
                Reply::Body(body) => return Ok(body),
                Reply::Elsewhere(to) => url = to,
            }
            left = left.saturating_sub(started.elapsed());
        }
        Err(Trouble::Redirect("one redirect too many"))
    }

    async fn send(
        &self,
        url: &Url,
        request: &Request,
        means: &Means<'_>,
        left: Duration,
    ) -> Result<Reply, Trouble> {
        let policy = &self.config.policy;
        let exchange = wire::exchange(&self.http, url, request, policy, means.pause);
        timeout(left, exchange).await.unwrap_or(Err(Trouble::Timeout(policy.request_timeout)))
    }

    fn count(&self, request: &Request, started: Instant, reply: &Result<Reply, Trouble>) {
        let outcome = match reply {
            Ok(Reply::Body(_)) => "ok",
            Ok(Reply::Elsewhere(_)) => "redirected",
            Err(trouble) => trouble.outcome(),
        };
        let (upstream, operation) = (self.config.upstream, request.operation);
        counter!(
            "syncline_http_requests_total",
            "upstream" => upstream, "operation" => operation, "outcome" => outcome
        )
        .increment(1);
        histogram!("syncline_http_request_seconds", "upstream" => upstream, "operation" => operation)
            .record(started.elapsed().as_secs_f64());
    }
}

/// The pause before the next try, if there is one.
fn next_try(trouble: &Trouble, policy: &Policy, failures: u32, chance: f64) -> Option<Duration> {
    let pause = match trouble.class(policy) {
        Class::Trouble => {
            let by_chance = 1.0 + policy.jitter * (2.0 * chance - 1.0);
            policy.trouble.after(failures)?.mul_f64(by_chance.max(0.0))
        }
        Class::Throttled => policy.throttled.after(failures)?,
        Class::Unread => policy.unread.after(failures)?,
        Class::Final => return None,
    };
    let said = trouble.retry_after().map(|said| said.min(policy.retry_after_max));
    Some(match (policy.retry_after, trouble, said) {
        (_, _, None) => pause,
        (RetryAfter::Replaces, Trouble::Throttled { .. }, Some(said)) => said,
        (RetryAfter::Replaces, ..) => pause,
        (RetryAfter::Lengthens, _, Some(said)) => pause.max(said),
    })
}

/// How long an upstream that was asked too often is let alone when there is no further try.
fn last_word(trouble: &Trouble, policy: &Policy) -> Duration {
    let said = trouble.retry_after().map(|said| said.min(policy.retry_after_max));
    said.unwrap_or_else(|| policy.throttled.longest())
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    // A pause beyond the end of time ends with it.
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}
