//! What is asked of a store for an upload in parts: signed requests, one after another, and what their answers mean.
//!
//! The library's own writer keeps an upload's name to itself, so that nobody could go on with it. OSS, COS and OBS have
//! the same requests as S3 and sign them their own way.

use std::fmt::Write as _;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use opendal::raw::percent_encode_path;
use opendal::{Buffer, Error, ErrorKind, HttpTransporter};
use reqsign_core::{Signer, SigningCredential};

use super::said;
use crate::storage::dal::trouble;
use crate::storage::{Trouble, Wrong};

/// The code of an upload that the store does not know, or not any more.
const FORGOTTEN: &str = "NoSuchUpload";

/// Codes of refusals that pass, whatever status they come with.
const PASSING: &[&str] =
    &["InternalError", "OperationAborted", "RequestTimeout", "ServiceUnavailable", "SlowDown"];

/// Says who asks.
#[async_trait]
pub(super) trait Signs: Send + Sync {
    async fn sign(&self, head: &mut Parts) -> reqsign_core::Result<()>;
}

#[async_trait]
impl<K: SigningCredential> Signs for Signer<K> {
    async fn sign(&self, head: &mut Parts) -> reqsign_core::Result<()> {
        Signer::sign(self, head, None).await
    }
}

/// See the module.
pub(super) struct Requests {
    pub(super) line: HttpTransporter,
    /// `None`: nobody signs.
    pub(super) signer: Option<Box<dyn Signs>>,
    /// Where the bucket is, without a slash behind it.
    pub(super) bucket: String,
    /// What is told of an object when its upload begins.
    pub(super) told: HeaderMap,
}

/// A part that a store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Counted from 1.
    pub(super) number: u32,
    /// The store's mark of it, without quotes.
    pub(super) etag: String,
    /// Bytes.
    pub(super) size: u64,
}

impl Requests {
    /// Begins an upload; answers its name.
    pub(super) async fn begin(&self, tried: &str, key: &str) -> Result<String, Trouble> {
        let answer = self.ask(tried, (Method::POST, key, "uploads"), Buffer::new()).await?;
        said::begun(&good(tried, answer)?.into_body().to_bytes()).ok_or_else(|| unread(tried))
    }

    /// Sends a part.
    pub(super) async fn part(
        &self,
        tried: &str,
        (key, upload): (&str, &str),
        number: u32,
        content: Vec<Bytes>,
    ) -> Result<Part, Trouble> {
        let query = format!("partNumber={number}&uploadId={}", percent_encode_path(upload));
        let content = Buffer::from(content);
        let size = content.len() as u64;
        let answer = good(tried, self.ask(tried, (Method::PUT, key, &query), content).await?)?;
        let etag = answer.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.ok_or_else(|| unread(tried))?.trim_matches('"').to_owned();
        Ok(Part { number, etag, size })
    }

    /// The parts that the store has of an upload; `None` when it does not know it.
    pub(super) async fn parts(
        &self,
        tried: &str,
        (key, upload): (&str, &str),
    ) -> Result<Option<Vec<Part>>, Trouble> {
        let mut parts: Vec<Part> = Vec::new();
        loop {
            let after = parts.last().map(|part| format!("part-number-marker={}&", part.number));
            let query = format!("{}uploadId={}", after.unwrap_or_default(), percent_encode_path(upload));
            let answer = self.ask(tried, (Method::GET, key, &query), Buffer::new()).await?;
            if is_forgotten(&answer) {
                return Ok(None);
            }
            let page = said::listed(&good(tried, answer)?.into_body().to_bytes());
            let (mut page, goes_on) = page.ok_or_else(|| unread(tried))?;
            page.retain(|part| parts.last().is_none_or(|last| part.number > last.number));
            if page.is_empty() || !goes_on {
                parts.append(&mut page);
                return Ok(Some(parts));
            }
            parts.append(&mut page);
        }
    }

    /// Makes the parts the object. An upload of which the store says that it makes none is aborted: it would say so again.
    pub(super) async fn complete(
        &self,
        tried: &str,
        (key, upload): (&str, &str),
        parts: &[Part],
    ) -> Result<(), Trouble> {
        let mut body = "<CompleteMultipartUpload>".to_owned();
        for Part { number, etag, .. } in parts {
            let etag = quick_xml::escape::escape(etag.as_str());
            let _ =
                write!(body, "<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag}&quot;</ETag></Part>");
        }
        body.push_str("</CompleteMultipartUpload>");
        let query = format!("uploadId={}", percent_encode_path(upload));
        let answer = self.ask(tried, (Method::POST, key, &query), Buffer::from(body)).await?;
        let made = good(tried, answer).and_then(|answer| made(tried, &answer.into_body().to_bytes()));
        if made.as_ref().is_err_and(|trouble| trouble.wrong == Wrong::Other) {
            // What went wrong first is what is told.
            let _ = self.abort(tried, (key, upload)).await;
        }
        made
    }

    /// Has the store forget an upload and throw its parts away; one that it does not know is fine.
    pub(super) async fn abort(&self, tried: &str, (key, upload): (&str, &str)) -> Result<(), Trouble> {
        let query = format!("uploadId={}", percent_encode_path(upload));
        let answer = self.ask(tried, (Method::DELETE, key, &query), Buffer::new()).await?;
        match is_forgotten(&answer) {
            true => Ok(()),
            false => good(tried, answer).map(drop),
        }
    }

    async fn ask(
        &self,
        tried: &str,
        (method, key, query): (Method, &str, &str),
        body: Buffer,
    ) -> Result<Response<Buffer>, Trouble> {
        let wrong = |why| move || Trouble::new(Wrong::Other, tried, why);
        let address = format!("{}/{}?{query}", self.bucket, percent_encode_path(key));
        let begins = method == Method::POST && query == "uploads";
        let ends = method == Method::POST && !begins;
        let request = Request::builder().method(method).uri(address).body(body);
        let request = request.map_err(|_| wrong("the request is not well-formed")())?;
        let (mut head, body) = request.into_parts();
        if begins {
            head.headers.extend(self.told.clone());
        }
        if ends {
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        }
        if let Some(signer) = &self.signer {
            signer.sign(&mut head).await.map_err(|_| wrong("the request could not be signed")())?;
        }
        // Whoever sends it says that anyway.
        head.headers.remove(HOST);
        let answer = self.line.send(Request::from_parts(head, body)).await;
        answer.map_err(|error| trouble(tried, &error))
    }
}

/// Whether the object was made: a store may have said that all is well before it knew.
fn made(tried: &str, answer: &[u8]) -> Result<(), Trouble> {
    match said::refused(answer) {
        Some(code) => Err(refused(tried, StatusCode::OK, Some(&code))),
        None if said::completed(answer) => Ok(()),
        None => Err(unread(tried)),
    }
}

fn is_forgotten(answer: &Response<Buffer>) -> bool {
    let code = || said::refused(&answer.body().to_bytes());
    answer.status() == StatusCode::NOT_FOUND && code().is_some_and(|code| code == FORGOTTEN)
}

/// An answer that is none of a refusal.
fn good(tried: &str, answer: Response<Buffer>) -> Result<Response<Buffer>, Trouble> {
    match answer.status() {
        status if status.is_success() => Ok(answer),
        status => Err(refused(tried, status, said::refused(&answer.body().to_bytes()).as_deref())),
    }
}

/// A refusal, in the words of those that the library hears.
fn refused(tried: &str, status: StatusCode, code: Option<&str>) -> Trouble {
    let kind = match status {
        // There may be another.
        _ if code == Some(FORGOTTEN) => ErrorKind::Unexpected,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::FORBIDDEN => ErrorKind::PermissionDenied,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
        _ => ErrorKind::Unexpected,
    };
    let passes = status.is_server_error()
        || status == StatusCode::REQUEST_TIMEOUT
        || code.is_some_and(|code| PASSING.contains(&code));
    let message = code.map(|code| format!("code: \"{code}\"")).unwrap_or_default();
    trouble(tried, &Error::new(kind, message).with_temporary(passes))
}

fn unread(tried: &str) -> Trouble {
    Trouble::new(Wrong::Other, tried, "the store's answer is not one to this")
}
