//! Reading the parameters that listings share.

use std::fmt::Display;

use model::id::SyncKey;
use model::limits;

use crate::problem::Problem;

/// How many rows were asked for, inside the bounds.
pub(crate) fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(limits::PAGE_DEFAULT),
        Some(limit) if (1..=limits::PAGE_MAX).contains(&limit) => Ok(limit),
        Some(limit) => {
            Err(Problem::Parameter(format!("limit={limit}: 1 to {} is allowed", limits::PAGE_MAX)))
        }
    }
}

/// The words of a list such as `failed,partial`; nothing asked is any.
pub(crate) fn words<T: Copy + Display>(
    name: &str,
    asked: Option<&str>,
    all: &[T],
    word: fn(&str) -> Option<T>,
) -> Result<Vec<T>, Problem> {
    let asked = asked.unwrap_or_default().split(',').map(str::trim).filter(|text| !text.is_empty());
    let parse = |text: &str| {
        word(text).ok_or_else(|| {
            let known: Vec<String> = all.iter().map(ToString::to_string).collect();
            Problem::Parameter(format!("{name}={text}: one of {} is allowed", known.join(", ")))
        })
    };
    asked.map(parse).collect()
}

/// A sync's name.
pub(crate) fn sync(text: &str) -> Result<SyncKey, Problem> {
    SyncKey::parse(text).map_err(|_| Problem::UnknownSync(text.to_owned()))
}

/// A cursor this server handed out: a number inside, opaque outside.
pub(crate) fn cursor<T: std::str::FromStr>(asked: Option<&str>) -> Result<Option<T>, Problem> {
    let Some(text) = asked.filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Problem::Parameter(format!("cursor={text}: give back `next` of the page before, as it was"))
    })
}
