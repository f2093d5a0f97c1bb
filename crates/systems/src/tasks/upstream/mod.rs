//! Talking to the platform: a token, then a listing of tasks, or the statistics and records of calls in its place.
//!
//! What is known of the platform's answers stands in `envelope`, `task_list` and `stat_cdr` alone. A listing is whole
//! or it is none: nothing of a part of it goes up.
//!
//! What must not enter: the tables, what a task's package is, and any text of the other side that was not cleaned.

mod envelope;
mod scalar;
mod stat_cdr;
mod task_list;
mod token;
mod tries;
mod words;

use std::time::Duration;

use connect::http::{
    Client, Config, Means, Pause, Pauses, Policy, Request, RetryAfter, Secret, Trouble, Unlimited, Unread,
};
use jiff::SignedDuration;
use model::fault::Fault;

use super::config::{Credentials, Upstream as Settings};
use envelope::Envelope;
use token::Tokens;
use tries::Tries;

pub(super) use stat_cdr::days_of;

/// No pause before a further try is longer.
const PAUSE_MAX: u64 = 60;
/// A longer answer is an error.
const BODY_MAX: usize = 64 << 20;
/// Pages of the longest listing read.
const PAGES_MAX: u32 = 1000;

/// The platform: its connections and the token, for all runs of this process.
pub(super) struct Guanke {
    settings: Settings,
    max_retries: u32,
    data: Client,
    tokens: Tokens,
}

/// One conversation with the platform.
pub(super) struct Talk<'a> {
    guanke: &'a Guanke,
    pause: &'a dyn Pause,
    tries: Tries<'a>,
}

/// What somebody may want to know while a conversation goes on.
pub(super) trait Ear: Send + Sync {
    /// A page of a listing is being asked for, from 1.
    fn page(&self, page: u32);
    /// A line for the log.
    fn line(&self, level: tracing::Level, line: String);
}

/// What is asked of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Token,
    TaskList,
    CallRecords,
    Statistics,
}

impl Guanke {
    /// Opens nothing yet.
    ///
    /// # Errors
    /// The system's certificates cannot be read.
    pub(super) fn new(settings: Settings, max_retries: u32) -> Result<Self, Fault> {
        let client = |passing: &[u16]| {
            Client::new(Config {
                upstream: "guanke",
                base: settings.base.clone(),
                policy: policy(max_retries, settings.timeout, passing),
            })
        };
        // A data call that is refused after a new token is tried again like any other; a token call is not.
        let data = client(&[401, 408])?;
        let tokens = Tokens::new(client(&[408])?, settings.credentials.clone());
        Ok(Self { settings, max_retries, data, tokens })
    }

    /// Begins a conversation: `pause` is its clock, `ear` hears how it goes.
    pub(super) fn talk<'a>(&'a self, pause: &'a dyn Pause, ear: &'a dyn Ear) -> Talk<'a> {
        Talk { guanke: self, pause, tries: Tries::new(self.max_retries, ear) }
    }

    /// Takes what nobody may see out of a text.
    pub(super) fn scrub(&self, text: &str) -> String {
        self.tokens.scrub(text)
    }
}

impl Talk<'_> {
    /// The most further tries that one call needed so far.
    pub(super) fn retries(&self) -> u32 {
        self.tries.most()
    }

    /// One call for data, tried as often as the settings say.
    async fn ask_with<T>(
        &self,
        what: What,
        request: &Request,
        read: impl Fn(&[u8]) -> Result<T, Unread>,
    ) -> Result<T, Fault> {
        let credential = self.guanke.tokens.borrow(self.pause, &self.tries);
        let call = self.tries.call(what, &self.guanke.tokens);
        let means = Means::new(&Unlimited, self.pause, no_chance());
        let means = means.authorized_by(&credential).watched_by(&call);
        let answer = self.guanke.data.ask_with(request, &means, read).await;
        call.ended(answer)
    }

    /// Between two calls the work may stop.
    async fn breathe(&self) -> Result<(), Fault> {
        self.wait(Duration::ZERO).await
    }

    async fn wait(&self, pause: Duration) -> Result<(), Fault> {
        let until = self.pause.now() + SignedDuration::try_from(pause).expect("pauses are short");
        let waited = self.pause.until(until).await;
        waited.map_err(|stopped| Fault::again("stopped", stopped.to_string()))
    }

    /// What the answer to a call for data says; one that says no is tried again.
    fn read(&self, bytes: &[u8]) -> Result<Envelope, Unread> {
        let envelope = Envelope::read(bytes)?;
        if envelope.is_ok() {
            return Ok(envelope);
        }
        let message = envelope.message.as_deref().unwrap_or(words::UNKNOWN);
        Err(Unread::Refused { message: self.guanke.scrub(message), code: envelope.code })
    }
}

/// A try and so many further ones, two, four, eight … seconds apart, whatever went wrong.
fn policy(max_retries: u32, timeout: Duration, passing: &[u16]) -> Policy {
    let pauses = || Pauses::of_seconds((1..=max_retries).map(|nth| pause_after(nth).as_secs()));
    Policy {
        connect_timeout: timeout,
        request_timeout: timeout,
        body_max: BODY_MAX,
        redirects_max: 0,
        trouble: pauses(),
        jitter: 0.0,
        throttled: pauses(),
        unread: pauses(),
        retry_after: RetryAfter::Lengthens,
        retry_after_max: Duration::from_secs(PAUSE_MAX),
        passing_statuses: passing.to_vec(),
    }
}

/// The pause after this many failures.
fn pause_after(failures: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(failures).min(PAUSE_MAX))
}

/// Pauses have no jitter.
fn no_chance() -> fastrand::Rng {
    fastrand::Rng::with_seed(0)
}

/// Whether the platform says that the token is not, or no more, one of its own.
fn is_token_refused(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Status { status, .. } => *status == 401,
        Trouble::Refused { code, .. } => matches!(code.as_str(), "1000001" | "1000002"),
        _ => false,
    }
}

/// Secrets of the credentials themselves.
fn secrets_of(credentials: Option<&Credentials>) -> Vec<Secret> {
    match credentials {
        Some(Credentials::Password { password, .. }) => vec![password.clone()],
        Some(Credentials::ApiSecret(secret)) => vec![secret.clone()],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let policy = policy(10, Duration::from_secs(30), &[]);
        assert_eq!(policy.trouble, Pauses::of_seconds([2, 4, 8, 16, 32, 60, 60, 60, 60, 60]));
        assert_eq!((policy.trouble.clone(), policy.trouble), (policy.throttled, policy.unread));
    }
}
