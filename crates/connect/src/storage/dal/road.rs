//! The way to a drive: what holds for every drive before its own words begin.
//!
//! - A file may lie at another address than the drive answers from; who asks is told to the drive only.
//! - A login that is not taken, or not renewed, is one, whatever words the drive has for it.
//! - A drive that is asked too much, or cannot answer now, is asked again later.
//! - A page of a listing that is not there ends the listing as an error: the library would take it for its end.
//! - Dropbox takes what is asked in a header, where other letters than those of ASCII must be escaped.

use http::header::{AUTHORIZATION, HeaderValue, LOCATION};
use http::{HeaderMap, Method, StatusCode, Uri};
use opendal::raw::Operation;
use opendal::{Buffer, HttpBody, HttpTransport};

use super::line::Lost;
use crate::storage::{Trouble, Wrong};

/// An answer that leads elsewhere is followed so often.
const LEADS_MAX: usize = 5;

/// See the module.
pub(in crate::storage) struct Road<L>(L);

impl<L: HttpTransport> Road<L> {
    pub(in crate::storage) const fn new(line: L) -> Self {
        Self(line)
    }
}

impl<L: HttpTransport> HttpTransport for Road<L> {
    async fn fetch(&self, request: http::Request<Buffer>) -> opendal::Result<http::Response<HttpBody>> {
        let (mut parts, body) = request.into_parts();
        let renews = parts.uri.path().ends_with("token");
        let lists = matches!(parts.extensions.get(), Some(Operation::List));
        escape(&mut parts.headers);
        for _ in 0..=LEADS_MAX {
            let asked = http::Request::from_parts(parts.clone(), body.clone());
            let answer = self.0.fetch(asked).await?;
            let lost = |wrong, why| Err(Lost(Trouble::new(wrong, "asking the drive", why)).into());
            match answer.status() {
                StatusCode::UNAUTHORIZED => return lost(Wrong::Auth, "the login was not taken"),
                status if renews && status.is_client_error() => {
                    return lost(Wrong::Auth, "the login was not renewed");
                }
                StatusCode::NOT_FOUND | StatusCode::CONFLICT if lists => {
                    return lost(Wrong::Missing, "nothing is there");
                }
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                    return lost(Wrong::Busy(None), "it is asked too much");
                }
                status if status.is_server_error() => {
                    return lost(Wrong::Busy(None), "it cannot answer now");
                }
                _ => {}
            }
            match leads_to(&answer) {
                Some(to) if parts.method == Method::GET => {
                    if to.authority() != parts.uri.authority() {
                        parts.headers.remove(AUTHORIZATION);
                    }
                    parts.uri = to;
                }
                _ => return Ok(answer),
            }
        }
        Err(Lost(Trouble::new(Wrong::Other, "asking the drive", "its answers lead in a circle")).into())
    }
}

/// Where else the answer is.
fn leads_to(answer: &http::Response<HttpBody>) -> Option<Uri> {
    let to = answer.headers().get(LOCATION).filter(|_| answer.status().is_redirection())?;
    to.to_str().ok()?.parse::<Uri>().ok().filter(|to| to.host().is_some())
}

/// Puts what Dropbox is asked into the letters its header may have.
fn escape(headers: &mut HeaderMap) {
    let Some(asked) = headers.get_mut("dropbox-api-arg") else { return };
    let Ok(text) = std::str::from_utf8(asked.as_bytes()) else { return };
    let mut escaped = String::new();
    let mut units = [0; 2];
    for letter in text.chars() {
        if letter.is_ascii() && letter != '\x7f' {
            escaped.push(letter);
        } else {
            let units = letter.encode_utf16(&mut units).iter();
            escaped.extend(units.map(|unit| format!("\\u{unit:04x}")));
        }
    }
    if let Ok(escaped) = HeaderValue::from_str(&escaped) {
        *asked = escaped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_letters_of_ascii_only() {
        let mut headers = HeaderMap::new();
        let asked = HeaderValue::from_bytes(r#"{"path":"/照片 😀"}"#.as_bytes()).unwrap();
        headers.insert("dropbox-api-arg", asked);
        escape(&mut headers);
        assert_eq!(headers["dropbox-api-arg"], r#"{"path":"/\u7167\u7247 \ud83d\ude00"}"#);
    }
}
