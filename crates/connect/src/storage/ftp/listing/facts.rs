//! Lines of MLSD and MLST (RFC 3659): `type=file;size=11;modify=20260115022030; name`. Times are of UTC.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::Told;
use crate::storage::{FileFacts, Kind, Odd};

/// What a line of MLSD tells of.
pub(in super::super) fn entry(line: &str) -> Told<'_> {
    let (facts, name) = line.split_once(' ').ok_or("a line has no name")?;
    let (mut kind, mut size, mut modified) = (None, None, None);
    for fact in facts.split(';') {
        let Some((fact, value)) = fact.split_once('=') else { continue };
        match fact.to_ascii_lowercase().as_str() {
            "type" => kind = Some(value.to_ascii_lowercase()),
            "size" => size = Some(value.parse().map_err(|_| "a size is no number")?),
            "modify" => modified = Some(time(value).ok_or("a time is none")?),
            _ => {}
        }
    }
    let kind = match kind.as_deref().ok_or("a line does not say what something is")? {
        "cdir" | "pdir" => return Ok(None),
        "dir" => Kind::Folder,
        "file" => Kind::File(FileFacts { size: size.ok_or("a file has no size")?, modified, etag: None }),
        // `OS.unix=slink:target`, `OS.unix=symlink`, `OS.unix=chr-1/3`.
        other if other.contains("link") => Kind::Odd(Odd::Link),
        _ => Kind::Odd(Odd::Device),
    };
    Ok(Some((name, kind)))
}

/// Of `20260115022030`, perhaps with parts of a second.
fn time(text: &str) -> Option<Timestamp> {
    let whole = text.split('.').next().filter(|whole| whole.len() == 14)?;
    let number = |from: usize, to: usize| whole.get(from..to)?.parse::<i8>().ok();
    let date = Date::new(whole.get(..4)?.parse().ok()?, number(4, 6)?, number(6, 8)?).ok()?;
    let time = Time::new(number(8, 10)?, number(10, 12)?, number(12, 14)?.min(59), 0).ok()?;
    TimeZone::UTC.to_timestamp(date.to_datetime(time)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_something_is() {
        let file = |size, modified: Option<&str>| {
            let modified = modified.map(|time| time.parse().unwrap());
            Kind::File(FileFacts { size, modified, etag: None })
        };
        for (line, told) in [
            (
                "type=file;size=11;modify=20260115022030; a.txt",
                Ok(Some(("a.txt", file(11, Some("2026-01-15T02:20:30Z"))))),
            ),
            ("Size=0;Type=file;Modify=20260115022030.123;  b ", {
                Ok(Some((" b ", file(0, Some("2026-01-15T02:20:30Z")))))
            }),
            ("type=file;size=1; a; b=c", Ok(Some(("a; b=c", file(1, None))))),
            ("type=dir;modify=20260115022030;UNIX.mode=0755; -d", Ok(Some(("-d", Kind::Folder)))),
            ("type=cdir; /", Ok(None)),
            ("type=pdir; ..", Ok(None)),
            ("type=OS.unix=slink:/etc; l", Ok(Some(("l", Kind::Odd(Odd::Link))))),
            ("type=OS.unix=symlink; l", Ok(Some(("l", Kind::Odd(Odd::Link))))),
            ("type=OS.unix=chr-1/3; null", Ok(Some(("null", Kind::Odd(Odd::Device))))),
            ("size=1; a", Err("a line does not say what something is")),
            ("type=file; a", Err("a file has no size")),
            ("type=file;size=-1; a", Err("a size is no number")),
            ("type=file;size=1;modify=20261315022030; a", Err("a time is none")),
            ("type=file;size=1;modify=yesterday; a", Err("a time is none")),
            ("type=file;size=1;", Err("a line has no name")),
        ] {
            assert_eq!(entry(line), told, "{line}");
        }
    }
}
