//! What can be made to go wrong: the words of `--fault` and of the control route.
//!
//! A fault is a text, `NAME` or `NAME=ARG`. Nothing of it is used up: which calls it strikes follows from their
//! numbers, which count from the start or from when the faults were set last.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Calls for data in a row, `KxM`: the Kth, and M - 1 after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls {
    /// From 1.
    pub first: u32,
    /// How many.
    pub times: u32,
}

impl Calls {
    fn strikes(self, number: u32) -> bool {
        number >= self.first && number - self.first < self.times
    }
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody gets a token.
    BadCredentials,
    /// Code 1000001; the token is void from then on.
    TokenInvalid(Calls),
    /// Code 1000002; the token is void from then on.
    TokenExpired(Calls),
    /// HTTP 401; the token is void from then on.
    Http401(Calls),
    /// HTTP 500.
    Http500(Calls),
    /// HTTP 429; `KxM:SECONDS` also says when to come again.
    Http429(Calls, Option<u32>),
    /// No answer.
    Timeout(Calls),
    /// The connection is reset.
    Drop(Calls),
    /// Half of the JSON, as a whole answer.
    TruncatedJson(Calls),
    /// Page K has this code, whenever it is asked for.
    Code {
        /// From 1.
        page: u32,
        /// Not 200.
        code: i64,
    },
    /// The last row of page 1 comes again as the first of page 2, and the total is one more.
    Duplicate,
    /// Page K has no rows, whenever it is asked for, though the total says there are more.
    ShortPage(u32),
    /// No rows, and a total of 0.
    Empty,
    /// `data` is `null`.
    NullData,
    /// Three rows more: without an id, without a name, with a count in words.
    BadRows,
    /// Ids are texts.
    StringIds,
    /// Names of members are in camel case.
    CamelNames,
    /// There is no total.
    NoTotal,
    /// Every answer waits so many milliseconds.
    Slow(u32),
    /// Messages of errors hold the credentials, plain and percent-encoded. Without a fault that has a
    /// message, nobody gets a token.
    EchoSecret,
}

impl Fault {
    /// The calls it concerns, of a fault that counts them.
    fn calls(self) -> Option<Calls> {
        match self {
            Self::TokenInvalid(calls)
            | Self::TokenExpired(calls)
            | Self::Http401(calls)
            | Self::Http500(calls)
            | Self::Http429(calls, _)
            | Self::Timeout(calls)
            | Self::Drop(calls)
            | Self::TruncatedJson(calls) => Some(calls),
            _ => None,
        }
    }

    /// Does it concern the call of this number?
    pub(super) fn strikes(self, number: u32) -> bool {
        self.calls().is_none_or(|calls| calls.strikes(number))
    }

    fn name(self) -> &'static str {
        match self {
            Self::BadCredentials => "bad-credentials",
            Self::TokenInvalid(_) => "token-invalid",
            Self::TokenExpired(_) => "token-expired",
            Self::Http401(_) => "http-401",
            Self::Http500(_) => "http-500",
            Self::Http429(..) => "http-429",
            Self::Timeout(_) => "timeout",
            Self::Drop(_) => "drop",
            Self::TruncatedJson(_) => "truncated-json",
            Self::Code { .. } => "code",
            Self::Duplicate => "duplicate",
            Self::ShortPage(_) => "short-page",
            Self::Empty => "empty",
            Self::NullData => "null-data",
            Self::BadRows => "bad-rows",
            Self::StringIds => "string-ids",
            Self::CamelNames => "camel-names",
            Self::NoTotal => "no-total",
            Self::Slow(_) => "slow",
            Self::EchoSecret => "echo-secret",
        }
    }
}

/// A text that names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no fault")]
pub struct NoFault(String);

impl FromStr for Fault {
    type Err = NoFault;

    fn from_str(text: &str) -> Result<Self, NoFault> {
        let (name, argument) = match text.split_once('=') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let fault = match argument {
            None => plain(name),
            Some(argument) => with_argument(name, argument),
        };
        fault.ok_or_else(|| NoFault(text.to_owned()))
    }
}

fn plain(name: &str) -> Option<Fault> {
    let faults = [
        Fault::BadCredentials,
        Fault::Duplicate,
        Fault::Empty,
        Fault::NullData,
        Fault::BadRows,
        Fault::StringIds,
        Fault::CamelNames,
        Fault::NoTotal,
        Fault::EchoSecret,
    ];
    faults.into_iter().find(|fault| fault.name() == name)
}

fn with_argument(name: &str, argument: &str) -> Option<Fault> {
    Some(match name {
        "token-invalid" => Fault::TokenInvalid(calls(argument)?),
        "token-expired" => Fault::TokenExpired(calls(argument)?),
        "http-401" => Fault::Http401(calls(argument)?),
        "http-500" => Fault::Http500(calls(argument)?),
        "http-429" => match argument.split_once(':') {
            Some((struck, seconds)) => Fault::Http429(calls(struck)?, Some(seconds.parse().ok()?)),
            None => Fault::Http429(calls(argument)?, None),
        },
        "timeout" => Fault::Timeout(calls(argument)?),
        "drop" => Fault::Drop(calls(argument)?),
        "truncated-json" => Fault::TruncatedJson(calls(argument)?),
        "code" => {
            let (page, code) = argument.split_once(':')?;
            let code = code.parse().ok().filter(|code| *code != 200)?;
            Fault::Code { page: from_one(page)?, code }
        }
        "short-page" => Fault::ShortPage(from_one(argument)?),
        "slow" => Fault::Slow(argument.parse().ok()?),
        _ => return None,
    })
}

fn calls(argument: &str) -> Option<Calls> {
    let (first, times) = argument.split_once('x').unwrap_or((argument, "1"));
    Some(Calls { first: from_one(first)?, times: from_one(times)? })
}

fn from_one(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        if let Some(Calls { first, times }) = self.calls() {
            write!(f, "={first}x{times}")?;
        }
        match self {
            Self::Http429(_, Some(seconds)) => write!(f, ":{seconds}"),
            Self::Code { page, code } => write!(f, "={page}:{code}"),
            Self::ShortPage(page) => write!(f, "={page}"),
            Self::Slow(millis) => write!(f, "={millis}"),
            _ => Ok(()),
        }
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for text in [
            "bad-credentials",
            "token-invalid=1x1",
            "token-expired=2x1",
            "http-401=1x2",
            "http-500=2x4",
            "http-429=1x1",
            "http-429=2x4:7",
            "timeout=3x1",
            "drop=1x9",
            "truncated-json=1x1",
            "code=2:5001",
            "duplicate",
            "short-page=2",
            "empty",
            "null-data",
            "bad-rows",
            "string-ids",
            "camel-names",
            "no-total",
            "slow=50",
            "echo-secret",
        ] {
            assert_eq!(text.parse::<Fault>().map(|fault| fault.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("http-500=2".parse(), Ok(Fault::Http500(Calls { first: 2, times: 1 })));
    }

    #[test]
    fn a_text_that_names_no_fault_is_refused() {
        for text in
            ["", "http-500", "http-500=0", "http-500=1x0", "http-500=x", "code=2:200", "code=2", "empty=1"]
        {
            assert_eq!(text.parse::<Fault>().unwrap_err().to_string(), format!("{text:?} is no fault"));
        }
    }

    #[test]
    fn calls_are_struck_in_a_row() {
        let fault: Fault = "drop=2x3".parse().unwrap();
        let struck: Vec<u32> = (1..8).filter(|number| fault.strikes(*number)).collect();
        assert_eq!(struck, [2, 3, 4]);
    }
}
