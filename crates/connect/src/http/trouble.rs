//! Everything that can go wrong with one try, whether to try again, and the fault a caller sees.
//!
//! Kinds of failure are classed here and nowhere else. No text of the other side, and none of the libraries below
//! (they name hosts), gets into a message, but for what a reader says in [`Unread::Refused`].

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use model::fault::{Again, Fault};
use serde::de::DeserializeOwned;

use super::config::Policy;
use super::pause::Stopped;

/// Why an answer of the right status could not be used, as the reader of it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It ends before it should: tried again like a lost connection.
    CutShort,
    /// It is not what it should be. The text says how, without quoting it.
    Garbled(String),
    /// The upstream says, in a well-formed answer, that it will not; asking again may help.
    Refused {
        /// The upstream's code, for machines.
        code: String,
        /// For people. The reader has taken out of it what nobody may see.
        message: String,
    },
    /// The same, but asking again gets the same answer.
    RefusedForGood {
        /// The upstream's code, for machines.
        code: String,
        /// For people. The reader has taken out of it what nobody may see.
        message: String,
    },
}

/// Reads an answer as JSON of a known shape. Says where it does not fit, and quotes nothing of it.
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unread> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => Unread::CutShort,
        serde_json::error::Category::Data => Unread::Garbled(format!(
            "JSON of another shape than expected, at line {} column {}",
            error.line(),
            error.column()
        )),
        _ => Unread::Garbled(format!("not JSON, at line {} column {}", error.line(), error.column())),
    })
}

/// What went wrong with one try.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Trouble {
    /// The request cannot be sent as it is.
    #[error("the request cannot be sent: {0}")]
    Request(&'static str),
    /// The budget, or its keeper, did not grant the request; handed up unchanged.
    #[error("{}", .0.message)]
    Budget(Fault),
    /// There is nothing to authorize the request with; handed up unchanged.
    #[error("{}", .0.message)]
    Credential(Fault),
    /// The work must stop.
    #[error("stopped")]
    Stopped,
    /// No connection, or a broken one; the text says which and why.
    #[error("{0}")]
    Connection(String),
    /// The connection was not open in time.
    #[error("the connection was not open after {0:?}")]
    ConnectTimeout(Duration),
    /// The answer was not whole in time.
    #[error("no whole answer in {0:?}")]
    Timeout(Duration),
    /// The body ended before its end.
    #[error("the answer was cut short after {received} bytes")]
    CutShort {
        /// Bytes of the body that came.
        received: usize,
    },
    /// The body is longer than the policy allows.
    #[error("the answer is longer than {max} bytes")]
    TooLong {
        /// What the policy allows.
        max: usize,
    },
    /// Too many requests.
    #[error("the answer was 429, too many requests")]
    Throttled {
        /// What the upstream said about when to come back, uncapped.
        retry_after: Option<Duration>,
    },
    /// Any other status that is not a success, a redirect that is not followed included.
    #[error("the answer was {status}")]
    Status {
        /// As sent.
        status: u16,
        /// What the upstream said about when to come back, uncapped.
        retry_after: Option<Duration>,
    },
    /// A redirect that is not followed; the text says which.
    #[error("the answer was {0}")]
    Redirect(&'static str),
    /// The answer is not what it should be.
    #[error("the answer is {0}")]
    Garbled(String),
    /// The reader says that the upstream will not.
    #[error("{code} {message}")]
    Refused {
        /// The upstream's code.
        code: String,
        /// The upstream's words, cleaned.
        message: String,
        /// Whether asking again gets the same answer.
        for_good: ForGood,
    },
}

/// Whether a refusal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForGood {
    /// It does.
    Yes,
    /// Asking again may help.
    No,
}

/// Which pauses of the policy apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Trouble,
    Throttled,
    Unread,
    Final,
}

impl Trouble {
    pub(super) fn class(&self, policy: &Policy) -> Class {
        match self {
            Self::Connection(_) | Self::ConnectTimeout(_) | Self::Timeout(_) | Self::CutShort { .. } => {
                Class::Trouble
            }
            Self::Throttled { .. } => Class::Throttled,
            Self::Status { status, .. } if is_passing(*status, policy) => Class::Trouble,
            Self::Garbled(_) | Self::Refused { for_good: ForGood::No, .. } => Class::Unread,
            _ => Class::Final,
        }
    }

    /// Whether it is worth asking later, when there are no more tries now; `pause` is for an upstream that was
    /// asked too often.
    pub(super) fn again(&self, policy: &Policy, pause: Duration) -> Again {
        match (self, self.class(policy)) {
            (Self::Budget(fault) | Self::Credential(fault), _) => fault.again,
            (Self::Stopped, _) | (_, Class::Trouble | Class::Unread) => Again::Again,
            (_, Class::Throttled) => Again::After(pause),
            (_, Class::Final) => Again::Never,
        }
    }

    /// What the upstream said about when to come back.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } | Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// For the metric of requests.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Request(_) => "bad_request",
            Self::Budget(_) => "budget",
            Self::Credential(_) => "credential",
            Self::Stopped => "stopped",
            Self::Connection(_) => "connection",
            Self::ConnectTimeout(_) | Self::Timeout(_) => "timeout",
            Self::CutShort { .. } => "cut_short",
            Self::Throttled { .. } => "throttled",
            Self::Status { .. } | Self::Redirect(_) | Self::Refused { .. } => "refused",
            Self::TooLong { .. } | Self::Garbled(_) => "garbled",
        }
    }

    pub(super) fn of_unread(unread: Unread, received: usize) -> Self {
        match unread {
            Unread::CutShort => Self::CutShort { received },
            Unread::Garbled(how) => Self::Garbled(how),
            Unread::Refused { code, message } => Self::Refused { code, message, for_good: ForGood::No },
            Unread::RefusedForGood { code, message } => {
                Self::Refused { code, message, for_good: ForGood::Yes }
            }
        }
    }

    /// What a library's error amounts to, before the answer's head was there.
    pub(super) fn of_sending(error: &reqwest::Error, policy: &Policy) -> Self {
        if error.is_builder() {
            return Self::Request("it is not well-formed");
        }
        if error.is_connect() {
            if error.is_timeout() {
                return Self::ConnectTimeout(policy.connect_timeout);
            }
            return Self::Connection(format!("the connection could not be opened: {}", why(error)));
        }
        Self::Connection(format!("the connection broke before an answer: {}", why(error)))
    }
}

impl From<Stopped> for Trouble {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

fn is_passing(status: u16, policy: &Policy) -> bool {
    (500..600).contains(&status) || policy.passing_statuses.contains(&status)
}

/// The cause at the bottom, in words that cannot name a host.
pub(crate) fn why(error: &reqwest::Error) -> String {
    let mut words = None;
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return tls_words(tls).to_owned();
        }
        let io = error.downcast_ref::<io::Error>();
        if let Some(io) = io.filter(|io| io.kind() != io::ErrorKind::Other) {
            words = Some(io.kind().to_string());
        }
        // What an `io::Error` was made of is not its source, but comes before it.
        let made_of = io.and_then(io::Error::get_ref);
        cause = made_of.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source());
    }
    words.unwrap_or_else(|| "closed, or not what was expected".to_owned())
}

fn tls_words(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            "its certificate has expired"
        }
        rustls::Error::InvalidCertificate(Certificate::UnknownIssuer) => {
            "its certificate is of an unknown issuer"
        }
        rustls::Error::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        ) => "its certificate is for another name",
        rustls::Error::InvalidCertificate(_) => "its certificate is not valid",
        _ => "the TLS handshake failed",
    }
}

/// A request that was given up.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{label} from {upstream}: {trouble}{}", tried(*.tries))]
pub struct Failure {
    /// The upstream's name.
    pub upstream: &'static str,
    /// The method and the path.
    pub label: String,
    /// What went wrong the last time.
    pub trouble: Trouble,
    /// How often it was tried, 0 when it was never sent.
    pub tries: u32,
    /// Whether it is worth asking later, reckoned from the last try.
    pub again: Again,
}

fn tried(tries: u32) -> String {
    if tries > 1 { format!(", after {tries} tries") } else { String::new() }
}

impl Failure {
    /// The status of the answer, where there was one that was not a success.
    pub fn status(&self) -> Option<u16> {
        match self.trouble {
            Trouble::Status { status, .. } => Some(status),
            Trouble::Throttled { .. } => Some(429),
            _ => None,
        }
    }

    fn code(&self) -> String {
        match &self.trouble {
            Trouble::Request(_) => "bad_request".to_owned(),
            Trouble::Budget(fault) | Trouble::Credential(fault) => fault.code.clone(),
            Trouble::Stopped => "stopped".to_owned(),
            Trouble::Connection(_) => "connect".to_owned(),
            Trouble::ConnectTimeout(_) | Trouble::Timeout(_) => "timeout".to_owned(),
            Trouble::CutShort { .. } => "cut_short".to_owned(),
            Trouble::TooLong { .. } => "too_long".to_owned(),
            Trouble::Throttled { .. } => "http_429".to_owned(),
            Trouble::Status { status, .. } => format!("http_{status}"),
            Trouble::Redirect(_) => "redirect".to_owned(),
            Trouble::Garbled(_) => "garbled".to_owned(),
            Trouble::Refused { code, .. } => code.clone(),
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        let (code, message) = (failure.code(), failure.to_string());
        let is_from_source = match failure.trouble {
            Trouble::Budget(fault) | Trouble::Credential(fault) => return fault,
            Trouble::Connection(_)
            | Trouble::ConnectTimeout(_)
            | Trouble::Timeout(_)
            | Trouble::CutShort { .. }
            | Trouble::Throttled { .. }
            | Trouble::Garbled(_) => true,
            Trouble::Status { status, .. } => (500..600).contains(&status),
            _ => false,
        };
        let fault = Self { again: failure.again, ..Self::again(code, message) };
        if is_from_source { fault.from_source() } else { fault }
    }
}
