//! The allow list: pages of other servers that may ask this server's API from a browser.
//!
//! Nobody is on it unless the operator says so. What is on it may read and write everything below `/api/`; the console
//! itself answers its own pages only.

use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Seconds a browser keeps the answer to its question in advance.
const KEPT_SECONDS: &str = "600";

/// Origins that may ask, as browsers spell them: `https://desk.example:8443`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// The list of an operator. Wildcards are none: whoever is let in is named.
    ///
    /// # Errors
    /// The first that is no origin.
    pub fn parse<'a>(list: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let read = |text: &'a str| origin(text).ok_or_else(|| text.to_owned());
        list.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether nobody is on it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The origin of a request for the API, when it is on the list.
    pub(crate) fn admitted<B>(&self, request: &Request<B>) -> Option<HeaderValue> {
        let named = request.headers().get(header::ORIGIN)?;
        let listed = named.to_str().is_ok_and(|named| self.0.iter().any(|origin| origin == named));
        (listed && request.uri().path().starts_with("/api/")).then(|| named.clone())
    }
}

/// As browsers spell it: small letters, without the port that its scheme means anyway.
fn origin(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://")?;
    let usual = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority: Authority = rest.parse().ok()?;
    let host = authority.host();
    if host.is_empty() || host.contains('*') || rest.contains('@') || rest.ends_with(':') {
        return None;
    }
    match authority.port_u16() {
        Some(port) if port != usual => Some(format!("{scheme}://{host}:{port}")),
        _ => Some(format!("{scheme}://{host}")),
    }
}

/// Whether a browser asks in advance what it may ask.
pub(crate) fn asks_in_advance<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// What a page on the list may ask.
pub(crate) fn answer_in_advance() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PATCH, DELETE"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, idempotency-key"),
        (header::ACCESS_CONTROL_MAX_AGE, KEPT_SECONDS),
    ];
    (StatusCode::OK, allowed).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_spell_them() {
        let read = |text| Origins::parse([text]).map(|origins| origins.0[0].clone());
        for (given, kept) in [
            ("https://desk.example", "https://desk.example"),
            ("HTTPS://Desk.Example:443", "https://desk.example"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(read(given).as_deref(), Ok(kept));
        }
        for bad in [
            "*",
            "https://*.example",
            "desk.example",
            "ftp://desk.example",
            "https://",
            "null",
            "https://a/b",
        ] {
            assert_eq!(read(bad), Err(bad.to_owned()));
        }
        assert_eq!(read("https://user@desk.example"), Err("https://user@desk.example".to_owned()));
    }
}
