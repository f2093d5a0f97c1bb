//! What a server tells of a folder, line by line: all of it, or trouble. `facts` is the form for programs, `lines` the
//! forms for people.

pub(super) mod facts;
pub(super) mod lines;

use std::collections::HashSet;

use super::reply::unusable;
use crate::storage::{Entry, Kind, Odd, Place, Trouble};

/// What a line tells of: a name, and what it is. `None` for the folder itself and the like.
pub(super) type Told<'a> = Result<Option<(&'a str, Kind)>, &'static str>;

/// The entries of all lines, none of them twice.
pub(super) fn entries(
    tried: &str,
    lines: &[String],
    read: impl Fn(&str) -> Told<'_>,
) -> Result<Vec<Entry>, Trouble> {
    let mut names = HashSet::new();
    let mut entries = Vec::with_capacity(lines.len());
    for line in lines {
        let Some((name, kind)) = read(line).map_err(|why| unusable(tried, why))? else { continue };
        if matches!(name, "." | "..") {
            continue;
        }
        // What is no Unicode came here with this in the place of what it is.
        let is_odd = name.contains(char::REPLACEMENT_CHARACTER);
        if !is_odd {
            Place::root().join(name).map_err(|bad| unusable(tried, &bad.to_string()))?;
            if !names.insert(name) {
                return Err(unusable(tried, &format!("`{name}` is there twice")));
            }
        }
        let kind = if is_odd { Kind::Odd(Odd::Name) } else { kind };
        entries.push(Entry { name: name.to_owned(), kind });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Vec<String>, String> {
        let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        let found = entries("listing /", &lines, facts::entry);
        let found = found.map_err(|trouble| trouble.why)?;
        Ok(found.into_iter().map(|entry| format!("{} {:?}", entry.name, entry.kind)).collect())
    }

    #[test]
    fn names_that_lead_elsewhere_or_come_twice_make_no_listing() {
        for line in ["type=dir; a/b", "type=dir; ../x", "type=dir; "] {
            assert!(read(&["type=dir; fine", line]).is_err(), "{line}");
        }
        let twice = read(&["type=dir; a", "type=file;size=1; a"]).unwrap_err();
        assert_eq!(twice, "the answer cannot be used: `a` is there twice");
        let odd = ["type=dir; a\u{fffd}", "type=dir; a\u{fffd}"];
        assert_eq!(read(&odd).unwrap(), ["a\u{fffd} Odd(Name)", "a\u{fffd} Odd(Name)"]);
    }
}
