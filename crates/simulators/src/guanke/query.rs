//! What a request asks for, as the platform reads it.

use std::ops::RangeInclusive;

use jiff::{
    civil::{Date, DateTime},
    tz,
};
use serde::Deserialize;

/// The platform's days and times are those of China.
const OFFSET: tz::Offset = tz::offset(8);

/// The pairs of a query, decoded: `+` is a space, as in forms.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(name, value)| (decode(name), decode(value))).collect())
    }

    /// The value of this name; of several, the last.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A whole number from 1; this one without a sound one.
    pub(super) fn number(&self, name: &str, without: u32) -> u32 {
        self.value(name).and_then(|value| value.parse().ok()).filter(|number| *number > 0).unwrap_or(without)
    }

    /// From `startTime` to `endTime`, in seconds since 1970; else the name of the wrong one.
    pub(super) fn window(&self) -> Result<RangeInclusive<i64>, &'static str> {
        let at = |name| {
            let time = self.value(name).and_then(|value| value.parse::<DateTime>().ok());
            time.and_then(second).ok_or(name)
        };
        Ok(at("startTime")?..=at("endTime")?)
    }

    pub(super) fn paging(&self) -> Paging {
        Paging { page: self.number("page", 1), size: self.number("pageSize", 20) }
    }
}

/// Which rows of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paging {
    /// From 1.
    pub(super) page: u32,
    pub(super) size: u32,
}

impl Paging {
    /// The most rows of a page; who asks for more gets none.
    const SIZE_MAX: u32 = 1000;

    /// The numbers of its rows, from 0.
    pub(super) fn rows(self) -> std::ops::Range<u64> {
        if self.size > Self::SIZE_MAX {
            return 0..0;
        }
        let from = u64::from(self.page - 1) * u64::from(self.size);
        from..from + u64::from(self.size)
    }
}

/// The body of a request for statistics.
#[derive(Deserialize)]
pub(super) struct StatisticsAsked {
    pub(super) start_time: Date,
    pub(super) end_time: Date,
    pub(super) query_type: u32,
}

/// When it is so late with the platform, in seconds since 1970.
pub(super) fn second(time: DateTime) -> Option<i64> {
    OFFSET.to_timestamp(time).ok().map(jiff::Timestamp::as_second)
}

/// Midnight of a day, in seconds since 1970.
pub(super) fn midnight(date: Date) -> i64 {
    second(date.at(0, 0, 0, 0)).expect("a task's day lies within the calendar")
}

/// Percent-encoded, all but letters, digits and `-._~`.
pub(super) fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex =
            |digits: &[u8]| std::str::from_utf8(digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, tail.get(..2).and_then(hex)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let secret = "p@ss/w+rd x%密";
        assert_eq!(encode(secret), "p%40ss%2Fw%2Brd%20x%25%E5%AF%86");
        assert_eq!(Query::parse(&format!("a=1&b={}", encode(secret))).value("b"), Some(secret));
        assert_eq!(Query::parse("b=w%2Brd+x%2").value("b"), Some("w+rd x%2"));
    }

    #[test]
    fn a_window_is_of_the_platforms_time() {
        let query = Query::parse("startTime=2025-10-19%2000:00:00&endTime=2025-10-19+23%3A59%3A59");
        assert_eq!(query.window(), Ok(1_760_803_200..=1_760_889_599));
        assert_eq!(Query::parse("startTime=2025-10-19%2000:00:00").window(), Err("endTime"));
        assert_eq!(Query::parse("startTime=today").window(), Err("startTime"));
    }

    #[test]
    fn who_asks_for_too_many_rows_gets_none() {
        assert_eq!(Query::parse("page=3&pageSize=1000").paging().rows(), 2000..3000);
        assert_eq!(Query::parse("page=1&pageSize=1001").paging().rows(), 0..0);
        assert_eq!(Query::parse("page=0&pageSize=many").paging().rows(), 0..20);
    }
}
