//! What a refusal of an object store means here.

use std::error::Error as _;

use opendal::{Error, ErrorKind};

use super::line::Lost;
use crate::storage::{Trouble, Wrong};

/// Codes that mean the login and not one object.
const LOGIN: &[&str] = &[
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "ExpiredToken",
    "TokenRefreshRequired",
    "AccountProblem",
    "AuthorizationHeaderMalformed",
];

/// Of what the library says only the kind and the store's own code are told: the rest may hold addresses and keys.
pub(in crate::storage) fn trouble(tried: &str, error: &Error) -> Trouble {
    if let Some(Lost(trouble)) = error.source().and_then(|source| source.downcast_ref::<Lost>()) {
        return Trouble { tried: tried.to_owned(), ..trouble.clone() };
    }
    let code = code_of(error.message());
    let wrong = match error.kind() {
        _ if code.is_some_and(|code| LOGIN.contains(&code)) => Wrong::Auth,
        ErrorKind::NotFound => Wrong::Missing,
        _ if code == Some("NoSuchBucket") => Wrong::Missing,
        ErrorKind::PermissionDenied => Wrong::Permission,
        ErrorKind::IsADirectory => Wrong::NotFile,
        ErrorKind::NotADirectory => Wrong::NotFolder,
        ErrorKind::RateLimited => Wrong::Busy(None),
        _ if code == Some("KeyTooLongError") => Wrong::Name,
        _ if matches!(code, Some("QuotaExceeded" | "XMinioStorageFull")) => Wrong::NoSpace,
        _ if error.is_temporary() => Wrong::Busy(None),
        _ => Wrong::Other,
    };
    let why = match code {
        Some(code) => format!("the store refused it: {code}"),
        None => format!("the store refused it: {}", error.kind()),
    };
    Trouble::new(wrong, tried, why)
}

/// The store's own code, as the library writes its answer into the message.
fn code_of(message: &str) -> Option<&str> {
    let (code, _) = message.split_once("code: \"")?.1.split_once('"')?;
    let is_word = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_of_an_answer_is_told() {
        let said = r#"S3Error { code: "SignatureDoesNotMatch", message: "key AKIA…", resource: "", request_id: "" }"#;
        let trouble = trouble("reading a", &Error::new(ErrorKind::PermissionDenied, said));
        assert_eq!(trouble.wrong, Wrong::Auth);
        assert_eq!(trouble.to_string(), "reading a: the store refused it: SignatureDoesNotMatch");
    }

    #[test]
    fn what_went_wrong_on_the_way_keeps_its_kind() {
        let lost = Lost(Trouble::new(Wrong::Timeout, "asking", "the server was silent for 60s"));
        let trouble = trouble("reading a", &lost.into());
        assert_eq!(trouble.wrong, Wrong::Timeout);
        assert_eq!(trouble.to_string(), "reading a: the server was silent for 60s");
    }
}
