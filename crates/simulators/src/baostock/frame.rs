//! The wire format, as a server sees it. Pure: bytes in, bytes out.
//!
//! A request is `HEADER BODY 0x01 CRC \n`. The header is 21 bytes: version (7), 0x01, type (2), 0x01,
//! length of the body (10 digits, in **characters**). Fields of a body are joined by 0x01. The CRC-32 of
//! header and body is written in decimal. A plain reply is built alike and ends with [`TERMINATOR`]; a
//! compressed one has a zlib stream in place of the body, the length of that stream **in bytes** in the
//! header, and one more newline before the terminator. The checksum of a compressed reply covers header
//! and stream: seen in a captured frame, not documented.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};

/// Joins fields, and stands between the body and its checksum.
pub(super) const SEPARATOR: u8 = 1;
/// Ends every reply.
pub(super) const TERMINATOR: &[u8; 13] = b"<![CDATA[]]>\n";
/// The version in every reply's header, whatever the client's is.
pub(super) const REPLY_VERSION: &str = "00.9.00";

const HEADER_BYTES: usize = 21;

/// A request whose header and checksum are in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    /// The client's version, such as `00.9.40`.
    pub(super) version: &'a str,
    /// Two characters, such as `98`.
    pub(super) kind: &'a str,
    /// The fields of the body, the method's name first.
    pub(super) fields: Vec<&'a str>,
}

/// Why a request is not one. The service answers all of them alike; the words are for the log.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadRequest {
    /// Not UTF-8.
    #[error("the request is not UTF-8")]
    Text,
    /// The header is not `version 0x01 type 0x01 length`.
    #[error("the header is not version, type and length")]
    Header,
    /// No checksum after the body, or not a number.
    #[error("the body is not followed by a checksum")]
    Checksum,
    /// The header announces another length.
    #[error("the header announces {announced} characters, the body has {found}")]
    Length {
        /// Characters according to the header.
        announced: usize,
        /// Characters found.
        found: usize,
    },
    /// The checksum is that of something else.
    #[error("the checksum is {found}, expected {expected}")]
    Mismatch {
        /// Computed over header and body.
        expected: u32,
        /// As sent.
        found: u32,
    },
}

impl<'a> Request<'a> {
    /// Reads one line, without its newline.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, BadRequest> {
        let line = std::str::from_utf8(line).map_err(|_| BadRequest::Text)?;
        let (covered, checksum) = line.rsplit_once('\u{1}').ok_or(BadRequest::Checksum)?;
        let found = checksum.parse::<u32>().map_err(|_| BadRequest::Checksum)?;
        let (header, body) = covered.split_at_checked(HEADER_BYTES).ok_or(BadRequest::Header)?;
        let mut parts = header.split('\u{1}');
        let (Some(version), Some(kind), Some(length), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadRequest::Header);
        };
        let digits = length.bytes().all(|byte| byte.is_ascii_digit());
        if version.len() != 7 || kind.len() != 2 || length.len() != 10 || !digits {
            return Err(BadRequest::Header);
        }
        let announced = length.parse::<usize>().map_err(|_| BadRequest::Header)?;
        let characters = body.chars().count();
        if announced != characters {
            return Err(BadRequest::Length { announced, found: characters });
        }
        let expected = crc32fast::hash(covered.as_bytes());
        if expected != found {
            return Err(BadRequest::Mismatch { expected, found });
        }
        Ok(Self { version, kind, fields: body.split('\u{1}').collect() })
    }
}

/// A reply before it becomes bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// Two characters, such as `99`.
    pub(super) kind: &'static str,
    /// The inflated body, UTF-8.
    pub(super) body: Vec<u8>,
    /// How the body travels.
    pub(super) packing: Packing,
}

/// How a body travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// As it is, with a length in characters.
    Plain,
    /// As a zlib stream, fastest level.
    Deflated,
    /// As a zlib stream of stored blocks, in which the body's bytes stand readable.
    Stored,
}

impl Packing {
    /// The packing the service uses for replies of this type.
    pub(super) fn of_reply(kind: &str) -> Self {
        if matches!(kind, "96" | "99" | "9B" | "9D") { Self::Deflated } else { Self::Plain }
    }
}

/// A reply as bytes, and where its payload (plain body or zlib stream) lies in them.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// All bytes, terminator included.
    pub(super) bytes: Vec<u8>,
    /// The payload within `bytes`.
    pub(super) payload: std::ops::Range<usize>,
}

impl Reply {
    /// The whole frame.
    pub(super) fn encode(&self) -> Frame {
        let mut bytes = Vec::with_capacity(self.body.len() / 2 + 128);
        bytes.resize(HEADER_BYTES, 0);
        let length = match self.packing {
            Packing::Plain => {
                bytes.extend_from_slice(&self.body);
                self.body.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
            }
            Packing::Deflated => deflate(&self.body, Compression::fast(), &mut bytes),
            Packing::Stored => deflate(&self.body, Compression::none(), &mut bytes),
        };
        let header = format!("{REPLY_VERSION}\u{1}{}\u{1}{length:010}", self.kind);
        bytes[..HEADER_BYTES].copy_from_slice(header.as_bytes());
        let payload = HEADER_BYTES..bytes.len();
        let checksum = crc32fast::hash(&bytes);
        let newline = if self.packing == Packing::Plain { "" } else { "\n" };
        write!(bytes, "\u{1}{checksum}{newline}").expect("writing to memory does not fail");
        bytes.extend_from_slice(TERMINATOR);
        Frame { bytes, payload }
    }
}

/// Appends the zlib stream of `body` and says how long it is.
fn deflate(body: &[u8], level: Compression, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    let mut encoder = ZlibEncoder::new(out, level);
    encoder.write_all(body).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail").len() - start
}

#[cfg(test)]
mod tests;
