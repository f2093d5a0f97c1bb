//! Everything that can go wrong with one attempt, and what follows from it: whether the connection is of any
//! use still, whether to try again, and the fault a caller sees.
//!
//! The service's error codes are classed here and nowhere else.

use std::io;
use std::time::Duration;

use model::fault::Fault;

use super::code;
use super::config::Config;
use super::frame::{BadField, FrameError, Kind};
use super::records::RecordsError;

/// What was being done when the service refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Login,
    Request,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{}", .0.message)]
    Budget(Fault),
    #[error("the connection could not be opened: {0}")]
    Connect(#[source] io::Error),
    #[error("the connection was not open after {0:?}")]
    ConnectTimeout(Duration),
    #[error("the connection broke: {0}")]
    Broken(#[source] io::Error),
    #[error("the connection was closed after {received} bytes of the reply")]
    Closed { received: usize },
    #[error("not a byte for {limit:?}, after {received} bytes of the reply")]
    Silent { limit: Duration, received: usize },
    #[error("no whole reply in {limit:?}, only {received} bytes of it")]
    Slow { limit: Duration, received: usize },
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("a reply of type {found} where {expected} was due")]
    Kind { expected: Kind, found: Kind },
    #[error("a reply without {0}")]
    Body(&'static str),
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error("page {0} repeats the page before it")]
    RepeatedPage(u32),
    #[error("more than {0} pages")]
    TooManyPages(u32),
    /// As received; a caller shows it as it is.
    #[error("{code} {text}")]
    Refused { code: String, text: String, stage: Stage },
    #[error(transparent)]
    Request(#[from] BadField),
}

/// Whether the same attempt is worth repeating at once, after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    No,
    Yes,
    NotBefore(Duration),
}

impl Trouble {
    /// Whether nobody knows any more what the next bytes on the connection would mean.
    pub(super) fn breaks_connection(&self) -> bool {
        !matches!(self, Self::Budget(_) | Self::Request(_) | Self::Refused { stage: Stage::Request, .. })
    }

    pub(super) fn retry(&self, config: &Config) -> Retry {
        match self {
            Self::Budget(_) | Self::Request(_) | Self::RepeatedPage(_) | Self::TooManyPages(_) => Retry::No,
            Self::Refused { code, .. } => match class(code) {
                Class::Passing => Retry::Yes,
                Class::LoginLimit => Retry::NotBefore(config.login_limit_pause),
                Class::Final | Class::Unknown => Retry::No,
            },
            _ => Retry::Yes,
        }
    }

    /// For the metric of requests.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Budget(_) => "budget",
            Self::Refused { .. } => "refused",
            Self::Request(_) => "bad_request",
            Self::Silent { .. } | Self::Slow { .. } | Self::ConnectTimeout(_) => "timeout",
            Self::Connect(_) | Self::Broken(_) | Self::Closed { .. } => "connection",
            _ => "protocol",
        }
    }

    /// The fault of an operation that is given up.
    pub(super) fn into_fault(self, operation: &str, config: &Config) -> Fault {
        let code = match &self {
            Self::Budget(fault) => return fault.clone(),
            Self::Refused { code, stage, .. } => {
                let code = code.clone();
                return refusal(code, *stage, self.to_string(), config);
            }
            Self::Connect(_) | Self::Broken(_) => "connect",
            Self::Closed { .. } => "closed",
            Self::ConnectTimeout(_) | Self::Silent { .. } | Self::Slow { .. } => "timeout",
            Self::Request(_) => return Fault::never("bad_request", format!("{operation}: {self}")),
            _ => "protocol",
        };
        let (host, port) = (config.effective_host(), config.port);
        Fault::again(code, format!("{operation} at {host}:{port}: {self}")).from_source()
    }
}

fn refusal(code: String, stage: Stage, message: String, config: &Config) -> Fault {
    let class = class(&code);
    let ends_run = code == code::BLACKLISTED || (stage == Stage::Login && class == Class::Final);
    let fault = match class {
        Class::Passing => Fault::again(code, message).from_source(),
        Class::LoginLimit => Fault::again(code, message).from_source().after(config.login_limit_pause),
        Class::Final => Fault::never(code, message),
        Class::Unknown => Fault::again(code, message),
    };
    if ends_run { fault.ends_run() } else { fault }
}

/// How the service's codes are to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// The service's own trouble, or a login it forgot.
    Passing,
    LoginLimit,
    /// The same request gets the same answer.
    Final,
    /// Not documented: not repeated at once, but perhaps with the whole partition.
    Unknown,
}

fn class(code: &str) -> Class {
    match code {
        code::NOT_LOGGED_IN | "10005001" => Class::Passing,
        code::LOGIN_LIMIT => Class::LoginLimit,
        code::NO_PERMISSION | code::BLACKLISTED | code::API_KEY_FORMAT | "10001002" | "10001004" => {
            Class::Final
        }
        _ if code.starts_with("10002") => Class::Passing,
        _ if code.starts_with("10004") => Class::Final,
        _ => Class::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use model::fault::{Again, Reach};

    use super::*;

    fn refused(code: &str, stage: Stage) -> (Retry, Fault) {
        let config = Config::default();
        let trouble = Trouble::Refused { code: code.to_owned(), text: "文本".to_owned(), stage };
        (trouble.retry(&config), trouble.into_fault("query_all_stock", &config))
    }

    #[test]
    fn passing_refusals_are_repeated_and_blamed_on_the_source() {
        for code in ["10001001", "10002001", "10002007", "10002008", "10005001"] {
            let (retry, fault) = refused(code, Stage::Request);
            assert_eq!((retry, fault.again, fault.from_source), (Retry::Yes, Again::Again, true), "{code}");
            assert_eq!((fault.code.as_str(), fault.message), (code, format!("{code} 文本")));
        }
    }

    #[test]
    fn final_refusals_end_the_run_at_login_and_the_partition_elsewhere() {
        for code in ["10001002", "10001004", "10001006", "10001012", "10004011", "10004020"] {
            let (retry, fault) = refused(code, Stage::Login);
            assert_eq!((retry, fault.again, fault.reach), (Retry::No, Again::Never, Reach::Run), "{code}");
            assert_eq!(refused(code, Stage::Request).1.reach, Reach::Partition, "{code}");
            assert!(!fault.from_source);
        }
    }

    #[test]
    fn the_blacklist_ends_the_run_whatever_was_asked() {
        for stage in [Stage::Login, Stage::Request] {
            let (retry, fault) = refused("10001011", stage);
            assert_eq!((retry, fault.again, fault.reach), (Retry::No, Again::Never, Reach::Run));
        }
    }

    #[test]
    fn the_login_limit_asks_for_a_minute() {
        let (retry, fault) = refused("10001005", Stage::Login);
        let minute = Duration::from_secs(60);
        assert_eq!((retry, fault.again), (Retry::NotBefore(minute), Again::After(minute)));
    }

    #[test]
    fn an_undocumented_refusal_is_left_to_the_caller() {
        let (retry, fault) = refused("10009999", Stage::Login);
        assert_eq!((retry, fault.again, fault.reach), (Retry::No, Again::Again, Reach::Partition));
    }
}
