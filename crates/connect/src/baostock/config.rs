//! What the client must be told: where, as whom, and how patient to be.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use super::api_key::ApiKey;

/// The public address, and the one that takes API keys.
pub const PUBLIC_HOST: &str = "public-api.baostock.com";
/// See [`PUBLIC_HOST`].
pub const KEY_HOST: &str = "vip-api.baostock.com";
/// The port of both.
pub const PORT: u16 = 10030;

const PAGE_SIZE: NonZeroU32 = NonZeroU32::new(2000).expect("2000 is not zero");
const TRIES: NonZeroU32 = NonZeroU32::new(4).expect("4 is not zero");

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Hides the text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// How long the service may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For name lookup and TCP connect together.
    pub connect: Duration,
    /// Without a single byte in a reply (or without room for one in a request).
    pub silence: Duration,
    /// For a whole reply, however busily it drips.
    pub reply: Duration,
}

/// See the module. `Default` is the public service, anonymously.
#[derive(Clone, Debug)]
pub struct Config {
    /// Host name or address. With an API key, [`PUBLIC_HOST`] stands for [`KEY_HOST`].
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Login name.
    pub user: String,
    /// Its password. The anonymous pair is public.
    pub password: Secret,
    /// A key, already checked.
    pub api_key: Option<ApiKey>,
    /// Rows asked for per page where a request has pages. The service may ignore it.
    pub page_size: NonZeroU32,
    /// Time limits.
    pub timeouts: Timeouts,
    /// Attempts per request, the first included.
    pub tries: NonZeroU32,
    /// Pause after the first failed attempt; doubled after each further one, up to a quarter longer by jitter.
    pub backoff: Duration,
    /// The least pause after the service said that there are too many logins.
    pub login_limit_pause: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: PUBLIC_HOST.to_owned(),
            port: PORT,
            user: "anonymous".to_owned(),
            password: Secret::new("123456"),
            api_key: None,
            page_size: PAGE_SIZE,
            timeouts: Timeouts {
                connect: Duration::from_secs(10),
                silence: Duration::from_secs(30),
                reply: Duration::from_secs(120),
            },
            tries: TRIES,
            backoff: Duration::from_secs(1),
            login_limit_pause: Duration::from_secs(60),
        }
    }
}

impl Config {
    /// The host to connect to.
    pub fn effective_host(&self) -> &str {
        if self.api_key.is_some() && self.host == PUBLIC_HOST { KEY_HOST } else { &self.host }
    }

    /// The text with every secret of this configuration blotted out. What a service sends back goes through
    /// here before anybody sees it.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        let key = self.api_key.as_ref().map(ApiKey::expose);
        for secret in [Some(self.password.expose()), key].into_iter().flatten().filter(|s| !s.is_empty()) {
            if clean.contains(secret) {
                clean = clean.replace(secret, "***");
            }
        }
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_moves_the_default_host_only() {
        let key = ApiKey::parse(&format!("bs-{}0", "0".repeat(29))).unwrap();
        let mut config = Config { api_key: Some(key), ..Config::default() };
        assert_eq!(config.effective_host(), "vip-api.baostock.com");
        config.host = "127.0.0.1".to_owned();
        assert_eq!(config.effective_host(), "127.0.0.1");
    }

    #[test]
    fn debug_and_redacted_text_hold_no_secret() {
        let key = format!("bs-{}0", "0".repeat(29));
        let config = Config {
            password: Secret::new("open sesame"),
            api_key: Some(ApiKey::parse(&key).unwrap()),
            ..Config::default()
        };
        let shown = format!("{config:?}{}", config.redact(&format!("bad key {key}, bad word open sesame")));
        assert!(!shown.contains(&key) && !shown.contains("sesame"), "{shown}");
    }
}
