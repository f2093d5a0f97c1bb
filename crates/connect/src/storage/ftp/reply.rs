//! A server's answers: a number, and lines around it.

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::limits::{LINE_MAX, LINES_MAX};
use super::wire::{closed, heard};
use crate::storage::{Trouble, Wrong};

/// One answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// Without the number, where a line has it; what is no Unicode is replaced.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// The next one.
    pub(super) async fn read<R>(control: &mut R, tried: &str) -> Result<Self, Trouble>
    where
        R: AsyncBufRead + Send + Unpin,
    {
        let first = line(control, tried).await?;
        let (code, rest) = numbered(&first).ok_or_else(|| unusable(tried, "it has no number"))?;
        let mut reply = Self { code, lines: vec![text(rest)] };
        if rest.first() != Some(&b'-') {
            return Ok(reply);
        }
        while reply.lines.len() < LINES_MAX {
            let next = line(control, tried).await?;
            match numbered(&next) {
                Some((last, rest)) if last == code && rest.first() != Some(&b'-') => {
                    reply.lines.push(text(rest));
                    return Ok(reply);
                }
                Some((same, rest)) if same == code => reply.lines.push(text(rest)),
                _ => reply.lines.push(String::from_utf8_lossy(&next).into_owned()),
            }
        }
        Err(unusable(tried, "it does not end"))
    }

    /// It was done.
    pub(super) const fn is_good(&self) -> bool {
        matches!(self.code, 200..=299)
    }

    /// It is being done, and another answer follows.
    pub(super) const fn is_underway(&self) -> bool {
        matches!(self.code, 100..=199)
    }

    /// It was done, or is trouble.
    pub(super) fn settle(self, tried: &str) -> Result<Self, Trouble> {
        match self.is_good() {
            true => Ok(self),
            false => Err(self.trouble(tried)),
        }
    }

    /// What a refusal means. 550 and 553 say no more than that it was not done.
    pub(super) fn trouble(&self, tried: &str) -> Trouble {
        let wrong = match self.code {
            425 | 426 => Wrong::Network,
            452 | 552 => Wrong::NoSpace,
            430 | 530 => Wrong::Auth,
            400..=499 => Wrong::Busy(None),
            501 => Wrong::Name,
            532 | 550 | 553 => Wrong::Permission,
            _ => Wrong::Other,
        };
        Trouble::new(wrong, tried, format!("the answer was {}", self.code))
    }
}

/// An answer that came and says nothing.
pub(super) fn unusable(tried: &str, why: &str) -> Trouble {
    Trouble::new(Wrong::Other, tried, format!("the answer cannot be used: {why}"))
}

async fn line<R>(control: &mut R, tried: &str) -> Result<Vec<u8>, Trouble>
where
    R: AsyncBufRead + Send + Unpin,
{
    let mut line = Vec::new();
    heard(tried, control.take(LINE_MAX).read_until(b'\n', &mut line)).await?;
    match line.pop() {
        Some(b'\n') => {}
        Some(_) if line.len() as u64 + 1 == LINE_MAX => return Err(unusable(tried, "a line does not end")),
        _ => return Err(closed(tried)),
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line)
}

/// The number a line begins with, and what follows.
fn numbered(line: &[u8]) -> Option<(u16, &[u8])> {
    let (number, rest) = line.split_at_checked(3)?;
    let is_number = number.iter().all(u8::is_ascii_digit) && matches!(rest.first(), None | Some(b' ' | b'-'));
    let code: u16 = std::str::from_utf8(number).ok()?.parse().ok()?;
    (is_number && (100..600).contains(&code)).then_some((code, rest))
}

fn text(rest: &[u8]) -> String {
    String::from_utf8_lossy(rest.get(1..).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(said: &[u8]) -> Result<(u16, Vec<String>), String> {
        let reply = Reply::read(&mut &*said, "asking").await;
        reply.map(|reply| (reply.code, reply.lines)).map_err(|trouble| trouble.why)
    }

    fn said(code: u16, lines: &[&str]) -> Result<(u16, Vec<String>), String> {
        Ok((code, lines.iter().map(|&line| line.to_owned()).collect()))
    }

    #[tokio::test]
    async fn an_answer_is_read_to_its_end() {
        assert_eq!(read(b"220 Hello\r\nmore").await, said(220, &["Hello"]));
        assert_eq!(read(b"220\n").await, said(220, &[""]));
        let features = b"211-Features:\r\n UTF8\r\n211-MLST x\r\n200 odd\r\n211 End\r\n";
        assert_eq!(read(features).await, said(211, &["Features:", " UTF8", "MLST x", "200 odd", "End"]));
        assert_eq!(read(b"250-\xff\r\n250 \r\n").await, said(250, &["\u{fffd}", ""]));
    }

    #[tokio::test]
    async fn what_is_no_answer_is_trouble() {
        for cut in [&b""[..], b"22", b"220", b"220-Hello\r\n"] {
            assert_eq!(read(cut).await, Err("the server closed the connection".to_owned()));
        }
        for odd in [&b"SSH-2.0\r\n"[..], b"999 x\r\n", b"2200 x\r\n", b"\r\n"] {
            assert_eq!(read(odd).await, Err("the answer cannot be used: it has no number".to_owned()));
        }
        assert!(read(&[b'2'; 40_000]).await.unwrap_err().ends_with("a line does not end"));
        let endless = [b"220-x\r\n".as_slice(); 2000].concat();
        assert!(read(&endless).await.unwrap_err().ends_with("it does not end"));
    }
}
