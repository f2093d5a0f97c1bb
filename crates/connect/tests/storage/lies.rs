//! What a server of HTTP tells otherwise than it is, in the heads of its answers and in its listings.

use jiff::SignedDuration;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

/// See the module.
#[derive(Clone, Copy)]
pub(crate) enum Lie {
    /// No file has a tag.
    NoTags,
    /// No file has a time.
    NoTimes,
    /// The clock is so many seconds before the right time.
    Ahead(i64),
}

impl Lie {
    /// Which lines of heads and elements of listings it is about.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::NoTags => &["etag", "getetag"],
            Self::NoTimes => &["last-modified", "getlastmodified"],
            Self::Ahead(_) => &["date", "last-modified", "getlastmodified"],
        }
    }

    /// What is told for what is so, just as long; `None`: nothing is.
    fn tell(self, right: &str) -> Option<String> {
        let Self::Ahead(seconds) = self else { return None };
        let time = DateTimeParser::new().parse_timestamp(right.trim()).unwrap();
        let time = time + SignedDuration::from_secs(seconds);
        Some(DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap())
    }
}

/// An answer as it is told, with a body as long as it was.
pub(crate) fn told(mut answer: Vec<u8>, lies: &[Lie]) -> Vec<u8> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let mut body = answer.split_off(end + 4);
    let head = String::from_utf8(answer).unwrap();
    let mut lines: Vec<String> = head.trim_end().lines().map(str::to_owned).collect();
    let is_listing = lines
        .iter()
        .any(|line| line.to_ascii_lowercase().starts_with("content-type:") && line.contains("xml"));
    for lie in lies {
        lines.retain_mut(|line| is_told(line, *lie));
        if is_listing {
            body = elements(&String::from_utf8(body).unwrap(), *lie).into_bytes();
        }
    }
    [lines.join("\r\n").as_bytes(), b"\r\n\r\n", &body].concat()
}

/// Whether a line of a head is told, and how.
fn is_told(line: &mut String, lie: Lie) -> bool {
    let Some((name, right)) = line.split_once(": ") else { return true };
    if !lie.names().contains(&name.to_ascii_lowercase().as_str()) {
        return true;
    }
    let told = lie.tell(right).map(|told| format!("{name}: {told}"));
    told.map(|told| *line = told).is_some()
}

/// A listing in which elements say what is told; blanks stand where nothing is.
fn elements(listing: &str, lie: Lie) -> String {
    let (mut told, mut rest) = (String::new(), listing);
    while let Some(at) = rest.find('<') {
        let begin = at + rest[at..].find('>').unwrap() + 1;
        let name = rest[at + 1..begin - 1].rsplit(':').next().unwrap();
        let end = begin + rest[begin..].find('<').unwrap_or_default();
        let after = end + rest[end..].find('>').map_or(0, |at| at + 1);
        if !lie.names().contains(&name) || after == end {
            told.push_str(&rest[..begin]);
            rest = &rest[begin..];
            continue;
        }
        told.push_str(&rest[..at]);
        match lie.tell(&rest[begin..end]) {
            Some(otherwise) => told.extend([&rest[at..begin], &otherwise, &rest[end..after]]),
            None => told.push_str(&" ".repeat(after - at)),
        }
        rest = &rest[after..];
    }
    told + rest
}
