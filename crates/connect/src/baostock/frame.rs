//! The wire format, as pure functions: fields in, a request's bytes out; a reply's bytes in, its body out.
//!
//! A frame is a 21-byte header `version ^ type ^ length`, a body of fields joined by `^` (the byte 0x01), a CRC
//! and an end mark. A request ends with a newline; a reply with `<![CDATA[]]>` and a newline. The length counts
//! *characters* of a plain body, so it is of no use for finding its end; for a compressed body it counts the
//! bytes of the zlib stream, which may itself contain the end mark.
//!
//! What must not enter: sockets, time, the meaning of a body.

use std::fmt;
use std::io::Write as _;

use flate2::{Decompress, FlushDecompress, Status};
use memchr::memmem;

/// Between fields.
pub const SEPARATOR: char = '\u{1}';
/// Ends a reply.
pub const TERMINATOR: &[u8; 13] = b"<![CDATA[]]>\n";
/// Bytes before a body.
pub const HEADER_LEN: usize = 21;
/// The version this client says it is.
pub const VERSION: &str = "00.9.40";
/// Largest frame taken: a whole market's day is about 0.3 MiB, so this is far beyond any honest reply.
pub const FRAME_MAX: usize = 64 << 20;
/// Largest body taken once inflated.
pub const INFLATED_MAX: usize = 256 << 20;

const SEPARATOR_BYTE: u8 = SEPARATOR as u8;
/// Between a zlib stream and the end mark stand a separator, a decimal CRC and a newline.
const TAIL_MAX: usize = 64;
/// The first byte of a zlib stream with the usual window.
const ZLIB_MARK: u8 = 0x78;

/// A message type: two characters, compared as such.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kind(pub [u8; 2]);

impl Kind {
    /// An error reply to any request.
    pub const REFUSAL: Self = Self(*b"04");

    /// Whether bodies of this type come as a zlib stream.
    pub fn is_compressed(self) -> bool {
        matches!(&self.0, b"96" | b"99" | b"9B" | b"9D")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_ascii().fmt(f)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({self})")
    }
}

/// Why bytes are not a reply.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrameError {
    /// The first 21 bytes.
    #[error("bad header {0:?}")]
    Header(String),
    /// More than [`FRAME_MAX`].
    #[error("the reply is larger than {} MiB", FRAME_MAX >> 20)]
    FrameTooLarge,
    /// More than [`INFLATED_MAX`].
    #[error("the reply is larger than {} MiB when inflated", INFLATED_MAX >> 20)]
    InflatedTooLarge,
    /// No readable CRC at the end.
    #[error("no CRC before the end of the reply")]
    CrcMissing,
    /// The bytes changed on the way.
    #[error("CRC mismatch: the reply says {said}, its bytes give {computed}")]
    CrcMismatch {
        /// In the frame.
        said: u32,
        /// Of the bytes.
        computed: u32,
    },
    /// The zlib stream is broken, cut short or followed by rubbish.
    #[error("bad zlib stream: {0}")]
    Zlib(&'static str),
    /// The zlib stream is not followed by CRC and end mark.
    #[error("the zlib stream is not followed by the end of the reply")]
    Tail,
    /// The body is not UTF-8.
    #[error("the body is not UTF-8")]
    Utf8,
    /// Bytes that nobody asked for.
    #[error("{0} bytes follow the end of the reply")]
    Trailing(usize),
}

/// A field that would break the frame it is put in.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the field {0:?} has a control character in it")]
pub struct BadField(pub String);

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its type.
    pub kind: Kind,
    /// Its body, inflated, without CRC and end mark.
    pub body: String,
}

/// Writes a request to the empty end of `out`. On error `out` is as it was.
pub fn encode<'a>(
    out: &mut Vec<u8>,
    kind: Kind,
    fields: impl IntoIterator<Item = &'a str>,
) -> Result<(), BadField> {
    let start = out.len();
    out.extend_from_slice(VERSION.as_bytes());
    out.push(SEPARATOR_BYTE);
    out.extend_from_slice(&kind.0);
    out.push(SEPARATOR_BYTE);
    out.extend_from_slice(b"0000000000");
    let mut chars = 0;
    for (index, field) in fields.into_iter().enumerate() {
        if field.bytes().any(|byte| byte < b' ') {
            out.truncate(start);
            return Err(BadField(field.to_owned()));
        }
        if index > 0 {
            out.push(SEPARATOR_BYTE);
            chars += 1;
        }
        out.extend_from_slice(field.as_bytes());
        chars += field.chars().count();
    }
    let length = start + HEADER_LEN - 10..start + HEADER_LEN;
    write!(&mut out[length], "{chars:010}").expect("ten digits hold any request's length");
    let crc = crc32fast::hash(&out[start..]);
    out.push(SEPARATOR_BYTE);
    writeln!(out, "{crc}").expect("a vector takes all writes");
    Ok(())
}

/// Finds the end of a reply in bytes that come in pieces, without looking at any byte twice, and takes it apart.
/// One decoder serves a connection; it is ready for the next reply when one was decoded.
pub struct Decoder {
    inflate: Decompress,
    /// Bytes already searched for the end mark.
    searched: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { inflate: Decompress::new(true), searched: 0 }
    }
}

impl Decoder {
    /// Looks at all bytes of the reply so far. `None`: more are needed. After an error the connection is of no
    /// use any more: nobody knows where the next reply would start.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Option<Frame>, FrameError> {
        if bytes.len() > FRAME_MAX {
            return Err(FrameError::FrameTooLarge);
        }
        let Some(header) = bytes.get(..HEADER_LEN) else { return Ok(None) };
        let (kind, length) = parse_header(header)?;
        let Some(first) = bytes.get(HEADER_LEN) else { return Ok(None) };
        // An error under a compressed type may come plain: it starts with a digit, a zlib stream with `x`.
        let stream_end = if kind.is_compressed() && *first == ZLIB_MARK { HEADER_LEN + length } else { 0 };
        if stream_end > FRAME_MAX {
            return Err(FrameError::FrameTooLarge);
        }
        let Some(end) = self.find_end(bytes, stream_end.max(HEADER_LEN)) else {
            let tail_is_too_long = stream_end > 0 && bytes.len() > stream_end + TAIL_MAX;
            return if tail_is_too_long { Err(FrameError::Tail) } else { Ok(None) };
        };
        self.searched = 0;
        let after = bytes.len() - (end + TERMINATOR.len());
        if after > 0 {
            return Err(FrameError::Trailing(after));
        }
        let body = if stream_end > 0 {
            if !is_crc_line(&bytes[stream_end..end]) {
                return Err(FrameError::Tail);
            }
            self.inflate(&bytes[HEADER_LEN..stream_end])?
        } else {
            check_plain(&bytes[..end])?.to_vec()
        };
        let body = String::from_utf8(body).map_err(|_| FrameError::Utf8)?;
        Ok(Some(Frame { kind, body }))
    }

    /// Where the end mark starts, at or after `from`.
    fn find_end(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        // The mark may have been cut: its first bytes can be the last ones of what was searched before.
        let from = from.max(self.searched.saturating_sub(TERMINATOR.len() - 1));
        let found = memmem::find(bytes.get(from..)?, TERMINATOR).map(|at| from + at);
        self.searched = bytes.len();
        found
    }

    fn inflate(&mut self, stream: &[u8]) -> Result<Vec<u8>, FrameError> {
        self.inflate.reset(true);
        // Bars shrink to about a sixth; a wrong guess costs one copy.
        let mut body = Vec::with_capacity((stream.len() * 6).clamp(1 << 10, 8 << 20));
        loop {
            let (taken, given) = (self.inflate.total_in(), body.len());
            let rest = usize::try_from(taken).ok().and_then(|taken| stream.get(taken..)).unwrap_or_default();
            let status = self
                .inflate
                .decompress_vec(rest, &mut body, FlushDecompress::None)
                .map_err(|_| FrameError::Zlib("corrupt"))?;
            if body.len() > INFLATED_MAX {
                return Err(FrameError::InflatedTooLarge);
            }
            if status == Status::StreamEnd {
                let is_all = self.inflate.total_in() == stream.len() as u64;
                return if is_all { Ok(body) } else { Err(FrameError::Zlib("it ends before its length")) };
            }
            let has_room = body.len() < body.capacity();
            if has_room && (self.inflate.total_in(), body.len()) == (taken, given) {
                return Err(FrameError::Zlib("cut short"));
            }
            if !has_room {
                // One byte beyond the limit shows that it is broken.
                body.reserve_exact(body.capacity().min(INFLATED_MAX + 1 - body.len()));
            }
        }
    }
}

fn parse_header(header: &[u8]) -> Result<(Kind, usize), FrameError> {
    let bad = || FrameError::Header(header.escape_ascii().to_string());
    let digits = &header[11..];
    let is_whole = header[7] == SEPARATOR_BYTE && header[10] == SEPARATOR_BYTE;
    if !is_whole || !digits.iter().all(u8::is_ascii_digit) {
        return Err(bad());
    }
    let length = digits.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    // Ten digits can say more than is ever taken; what is too large is refused by the caller.
    let length = usize::try_from(length).map_err(|_| FrameError::FrameTooLarge)?;
    Ok((Kind([header[8], header[9]]), length))
}

/// Checks the CRC at the end of header, body and CRC, and gives the body.
fn check_plain(bytes: &[u8]) -> Result<&[u8], FrameError> {
    let split = memchr::memrchr(SEPARATOR_BYTE, bytes).filter(|at| *at >= HEADER_LEN);
    let split = split.ok_or(FrameError::CrcMissing)?;
    let said = std::str::from_utf8(&bytes[split + 1..]).ok().and_then(|text| text.trim().parse().ok());
    let said: u32 = said.ok_or(FrameError::CrcMissing)?;
    let computed = crc32fast::hash(&bytes[..split]);
    if said != computed {
        return Err(FrameError::CrcMismatch { said, computed });
    }
    Ok(&bytes[HEADER_LEN..split])
}

/// What stands between a zlib stream and the end mark. What the CRC is of is not known, so it is not checked.
fn is_crc_line(tail: &[u8]) -> bool {
    let [SEPARATOR_BYTE, crc @ ..] = tail else { return false };
    crc.trim_ascii().iter().all(u8::is_ascii_digit)
}
