//! Lines of LIST, which no standard says: what `ls -l` prints, or what DOS does. Times without a zone are taken to be of
//! UTC.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Told;
use crate::storage::{FileFacts, Kind, Odd};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A clock somewhere in the world may be this much ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// What a line tells of, `now`.
pub(in super::super) fn entry(line: &str, now: Timestamp) -> Told<'_> {
    if line.strip_prefix("total ").is_some_and(|blocks| blocks.trim().parse::<u64>().is_ok()) {
        return Ok(None);
    }
    match line.as_bytes().first() {
        Some(b'0'..=b'9') => of_dos(line),
        Some(b'-' | b'd' | b'l' | b'b' | b'c' | b'p' | b's') => of_unix(line, now),
        _ => None,
    }
    .map(Some)
    .ok_or("a line cannot be read")
}

/// `-rw-r--r-- 1 user group 11 Jan 15 10:20 name`, `Jan 15  2025` for what is old, `name -> target` for links. Owners may
/// have blanks in them and groups be missing, so it is read from the month on: that stands between a number and a day.
fn of_unix(line: &str, now: Timestamp) -> Option<(&str, Kind)> {
    let words = words(line);
    if words.first()?.1.len() < 10 {
        return None;
    }
    let (at, size, date) = words.windows(4).enumerate().skip(1).find_map(|(at, four)| {
        let [size, month, day, time] = [four[0].1, four[1].1, four[2].1, four[3].1];
        Some((at, size.parse::<u64>().ok()?, date(month, day, time, now)?))
    })?;
    let (from, time) = words[at + 3];
    // One blank stands before the name; more are its own.
    let name = line.get(from + time.len()..)?.strip_prefix(' ').filter(|name| !name.is_empty())?;
    Some(match line.as_bytes().first()? {
        b'-' => (name, Kind::File(FileFacts { size, modified: Some(date), etag: None })),
        b'd' => (name, Kind::Folder),
        b'l' => (name.split_once(" -> ").map_or(name, |(name, _)| name), Kind::Odd(Odd::Link)),
        _ => (name, Kind::Odd(Odd::Device)),
    })
}

/// `01-15-26  10:20AM       <DIR>          name`, `01-15-2026  10:20AM                   11 name`.
fn of_dos(line: &str) -> Option<(&str, Kind)> {
    let words = words(line);
    let [(_, date), (_, time), (from, what), ..] = words[..] else { return None };
    let after = line.get(from + what.len()..)?;
    if what == "<DIR>" {
        let name = after.strip_prefix("          ").unwrap_or_else(|| after.trim_start());
        return Some((name, Kind::Folder)).filter(|_| !name.is_empty());
    }
    let name = after.strip_prefix(' ').filter(|name| !name.is_empty())?;
    let mut parts = date.split('-');
    let mut number = || parts.next()?.parse::<i16>().ok();
    let (month, day, year) = (number()?, number()?, number()?);
    let year = match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    };
    let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    let upper = time.to_ascii_uppercase();
    let (clock, noon) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (upper.as_str(), None),
    };
    let (hour, minute) = clock.split_once(':')?;
    let hour: i8 = hour.parse().ok()?;
    let hour = noon.map_or(hour, |noon| hour % 12 + noon);
    let time = Time::new(hour, minute.parse().ok()?, 0, 0).ok()?;
    let modified = TimeZone::UTC.to_timestamp(date.to_datetime(time)).ok()?;
    Some((name, Kind::File(FileFacts { size: what.parse().ok()?, modified: Some(modified), etag: None })))
}

/// The words of a line, each with where it begins.
fn words(line: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let words = line.split(' ').map(|word| {
        let from = at;
        at += word.len() + 1;
        (from, word)
    });
    words.filter(|(_, word)| !word.is_empty()).collect()
}

/// Of `Jan 15 10:20`, the last there was, or `Jan 15 2025`, its beginning.
fn date(month: &str, day: &str, time: &str, now: Timestamp) -> Option<Timestamp> {
    let month = month.to_ascii_lowercase();
    let month = i8::try_from(MONTHS.iter().position(|&known| known == month)?).ok()? + 1;
    let day: i8 = day.parse().ok()?;
    let at = |year: i16, time: Time| {
        TimeZone::UTC.to_timestamp(Date::new(year, month, day).ok()?.to_datetime(time)).ok()
    };
    let Some((hour, minute)) = time.split_once(':') else {
        return at(time.parse().ok().filter(|_| time.len() == 4)?, Time::midnight());
    };
    let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    let latest = now.saturating_add(AHEAD).ok()?;
    let year = TimeZone::UTC.to_datetime(latest).year();
    // A leap day may be eight years ago.
    (year - 8..=year).rev().filter_map(|year| at(year, time)).find(|&date| date <= latest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Option<(&str, Kind)> {
        entry(line, "2026-03-01T00:00:00Z".parse().unwrap()).unwrap()
    }

    fn file(size: u64, modified: &str) -> Kind {
        Kind::File(FileFacts { size, modified: Some(modified.parse().unwrap()), etag: None })
    }

    #[test]
    fn a_line_of_unix_is_read_whatever_its_owners_are() {
        let date = "2026-01-15T10:20:00Z";
        for (line, name, kind) in [
            ("-rw-r--r-- 1 u g 11 Jan 15 10:20 name", "name", file(11, date)),
            ("-rw-r--r--    1 0        0              11 Jan 15 10:20  a  b ", " a  b ", file(11, date)),
            ("-rw-r--r--+ 1 Domain Users g 11 Jan 15 10:20 -l", "-l", file(11, date)),
            ("-rw-r--r--   1 owner   11 Jan 15 10:20 Jan 15 10:20 x", "Jan 15 10:20 x", file(11, date)),
            ("-rw-r--r-- 1 u g 11 Jan 15  2025 a -> b", "a -> b", file(11, "2025-01-15T00:00:00Z")),
            ("-rw-r--r-- 1 u g 0 Mar  1 23:59 soon", "soon", file(0, "2026-03-01T23:59:00Z")),
            ("-rw-r--r-- 1 u g 0 Mar  3 10:20 ago", "ago", file(0, "2025-03-03T10:20:00Z")),
            ("-rw-r--r-- 1 u g 0 Feb 29 10:20 leap", "leap", file(0, "2024-02-29T10:20:00Z")),
            ("drwxr-xr-x 2 u g 4096 Jan 15 10:20 照片", "照片", Kind::Folder),
            ("lrwxrwxrwx 1 u g 4 Jan 15 10:20 l -> /etc", "l", Kind::Odd(Odd::Link)),
            ("crw-rw-rw- 1 u g 1, 3 Jan 15 10:20 null", "null", Kind::Odd(Odd::Device)),
        ] {
            assert_eq!(told(line), Some((name, kind)), "{line}");
        }
        assert_eq!(told("total 12"), None);
    }

    #[test]
    fn a_line_of_dos_is_read() {
        let date = "2026-01-15T22:20:00Z";
        for (line, name, kind) in [
            ("01-15-26  10:20PM                   11 a  b", "a  b", file(11, date)),
            ("01-15-2026  22:20                   11 name", "name", file(11, date)),
            ("01-15-26  12:20AM                   11 n", "n", file(11, "2026-01-15T00:20:00Z")),
            ("01-15-26  10:20PM       <DIR>          照片", "照片", Kind::Folder),
        ] {
            assert_eq!(told(line), Some((name, kind)), "{line}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_not_passed_over() {
        let now = "2026-03-01T00:00:00Z".parse().unwrap();
        for line in [
            "hello",
            "total",
            "total lines of mine",
            "ls: -a: No such file",
            "-rw-r--r-- 1 u g 11 Jan 15 10:20",
            "-rw-r--r-- 1 u g 11 Jan 15 10:20 ",
            "-rw-r--r-- 1 u g -11 Jan 15 10:20 name",
            "-rw-r--r-- 1 u g 11 Jan 32 10:20 name",
            "-rw-r--r-- 1 u g 11 Jan 15 25:20 name",
            "-rw-r--r-- 1 u g 11 Jab 15 10:20 name",
            "-rw 1 u g 11 Jan 15 10:20 name",
            "01-15-26  10:20PM  name",
            "13-15-26  10:20PM  11 name",
            "+i8388621.48594,m825718503,r,s280, name",
        ] {
            assert_eq!(entry(line, now), Err("a line cannot be read"), "{line}");
        }
    }
}
