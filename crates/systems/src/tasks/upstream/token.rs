//! The token: fetched when it is needed, kept in memory across runs, replaced when it is old or refused, never stored.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use connect::http::{Client, Credential, Means, Pause, Request, Secret, Trouble, Unlimited, Unread, scrub};
use jiff::{SignedDuration, Timestamp};
use model::fault::Fault;

use super::envelope::{self, Envelope};
use super::tries::Tries;
use super::{What, is_token_refused, no_chance, scalar, secrets_of, words};
use crate::tasks::config::Credentials;

/// A token is good for thirty days; a day before that it is replaced.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(29 * 24);
/// Tokens remembered so that no text shows one: the one in use, and those that were refused lately.
const REMEMBERED: usize = 8;

/// The token of this process.
pub(super) struct Tokens {
    client: Client,
    credentials: Option<Credentials>,
    /// Held while one is fetched: two runs at once fetch one.
    current: tokio::sync::Mutex<Option<(Secret, Timestamp)>>,
    seen: Mutex<VecDeque<Secret>>,
}

/// The token for the time of a conversation.
pub(super) struct Borrowed<'a> {
    tokens: &'a Tokens,
    pause: &'a dyn Pause,
    tries: &'a Tries<'a>,
}

impl Tokens {
    pub(super) fn new(client: Client, credentials: Option<Credentials>) -> Self {
        Self { client, credentials, current: tokio::sync::Mutex::new(None), seen: Mutex::default() }
    }

    /// Whether there is anything to show for a token.
    pub(super) fn known(&self) -> Result<&Credentials, Fault> {
        let none = || Fault::never("no_credentials", words::NO_CREDENTIALS).ends_run();
        self.credentials.as_ref().ok_or_else(none)
    }

    pub(super) fn borrow<'a>(&'a self, pause: &'a dyn Pause, tries: &'a Tries<'a>) -> Borrowed<'a> {
        Borrowed { tokens: self, pause, tries }
    }

    /// A text without the credentials' secrets and without any token.
    pub(super) fn scrub(&self, text: &str) -> String {
        let mut secrets = secrets_of(self.credentials.as_ref());
        secrets.extend(self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        scrub(text, &secrets)
    }

    fn remember(&self, token: &Secret) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.pop_front();
        }
        seen.push_back(token.clone());
    }

    /// The token of an answer. A refusal stands: the same credentials get it again.
    fn read(&self, bytes: &[u8]) -> Result<Secret, Unread> {
        let envelope = Envelope::read(bytes)?;
        if !envelope.is_ok() {
            let message = envelope.message.as_deref().unwrap_or(words::UNKNOWN);
            return Err(Unread::RefusedForGood { message: self.scrub(message), code: envelope.code });
        }
        let data = envelope.data.as_deref().and_then(envelope::object);
        let token = data.as_ref().and_then(|data| scalar::text(data.get("token")?));
        match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok(Secret::new(token)),
            None => Err(Unread::Garbled(words::NO_TOKEN.to_owned())),
        }
    }
}

impl Borrowed<'_> {
    async fn fetch(&self) -> Result<Secret, Fault> {
        let request = match self.tokens.known()? {
            Credentials::Password { username, password } => {
                Request::get("token", "/token").with("username", username).with_secret("password", password)
            }
            Credentials::ApiSecret(secret) => {
                Request::get("token", "/token/secret").with_secret("secret", secret)
            }
        };
        let call = self.tries.call(What::Token, self.tokens);
        let means = Means::new(&Unlimited, self.pause, no_chance()).watched_by(&call);
        let answer = self.tokens.client.ask_with(&request, &means, |bytes| self.tokens.read(bytes)).await;
        call.ended(answer)
    }
}

#[async_trait]
impl Credential for Borrowed<'_> {
    async fn value(&self) -> Result<Secret, Fault> {
        let mut current = self.tokens.current.lock().await;
        let now = self.pause.now();
        if let Some((token, since)) = current.as_ref()
            && now.duration_since(*since) < GOOD_FOR
        {
            return Ok(token.clone());
        }
        let token = self.fetch().await?;
        self.tokens.remember(&token);
        *current = Some((token.clone(), now));
        Ok(token)
    }

    fn is_refused(&self, trouble: &Trouble) -> bool {
        is_token_refused(trouble)
    }

    async fn refused(&self, value: &Secret) {
        let mut current = self.tokens.current.lock().await;
        // Another run may have replaced it already.
        if current.as_ref().is_some_and(|(token, _)| token == value) {
            *current = None;
        }
    }
}
