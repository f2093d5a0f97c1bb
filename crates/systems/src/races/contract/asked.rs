//! What a request asks for: the numbers of its path and query, with all that is wrong with them.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::race::RacePlanClass;
use serde_json::{Value, json};

use super::error::Trouble;
use crate::races::system::DAYS_AHEAD;
use crate::races::upstream::Race;
use crate::wire::{Bounds, Json, Query, Wrong, percent_decoded};

const SEASON: Bounds = Bounds::between(1950, 2100);
const ROUND: Bounds = Bounds::between(0, 40);
const ATTEMPT: Bounds = Bounds::from(1);
const AHEAD: Bounds = Bounds::between(0, 366);

/// A request's path and query, and what was found wrong in them so far.
#[derive(Debug)]
pub(super) struct Asked {
    /// Below the prefix.
    path: Vec<String>,
    query: Query,
    pub(super) wrong: Vec<Wrong>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.path(), parts.uri.query()))
    }
}

impl Asked {
    fn of(path: &str, query: Option<&str>) -> Self {
        let path = path.split('/').filter(|part| !part.is_empty()).map(percent_decoded).collect();
        Self { path, query: Query::of(query), wrong: Vec::new() }
    }

    /// `/Y/…`
    pub(super) fn season(&mut self) -> Option<i64> {
        self.of_path(0, "season_year", SEASON)
    }

    /// `/Y/R/…`
    pub(super) fn race(&mut self) -> Option<Race> {
        let (season, round) = (self.season(), self.of_path(1, "race_round", ROUND));
        Some(Race { season: season?, round: round? })
    }

    /// `/Y/R/execute/N`
    pub(super) fn attempt(&mut self) -> Option<i64> {
        self.of_path(3, "attempt_number", ATTEMPT)
    }

    /// `?season_year=`; without it all seasons.
    pub(super) fn season_filter(&mut self) -> Option<i64> {
        self.of_query("season_year", SEASON)
    }

    /// `?season_year=`; without it the current one.
    pub(super) fn season_or_current(&mut self, now: Timestamp) -> i64 {
        self.season_filter().unwrap_or_else(|| TimeZone::UTC.to_datetime(now).year().into())
    }

    /// `?days_ahead=`
    pub(super) fn days_ahead(&mut self) -> i64 {
        self.of_query("days_ahead", AHEAD).unwrap_or(DAYS_AHEAD)
    }

    /// `/Y/…?round=`: the season, and the round unless it is the last.
    pub(super) fn standings(mut self) -> Result<(i64, Option<i64>), Trouble> {
        match (self.season(), self.of_query("round", ROUND)) {
            (Some(season), round) if self.wrong.is_empty() => Ok((season, round)),
            _ => Err(self.refused()),
        }
    }

    /// `?status_filter=`; `None`: plans of every class.
    pub(super) fn class_filter(&mut self) -> Option<RacePlanClass> {
        let text = self.query.filter("status_filter")?;
        let word = text.to_lowercase();
        let class = RacePlanClass::from_word(&word);
        if class.is_none() && word != "all" {
            let expected = "'pending', 'completed', 'failed', 'cancelled' or 'all'";
            let msg = format!("Input should be {expected}");
            let input = Json::Text(text.to_owned());
            let wrong =
                Wrong::new("literal_error", vec![json!("query"), json!("status_filter")], &msg, input);
            self.wrong.push(wrong.with(json!({ "expected": expected })));
        }
        class
    }

    /// Refuses what was found wrong.
    pub(super) fn refused(self) -> Trouble {
        Trouble::Unprocessable(self.wrong)
    }

    /// Whether nothing was found wrong.
    pub(super) fn right(self) -> Result<(), Trouble> {
        if self.wrong.is_empty() { Ok(()) } else { Err(self.refused()) }
    }

    fn of_path(&mut self, place: usize, name: &str, bounds: Bounds) -> Option<i64> {
        let text = self.path.get(place).map(String::as_str).unwrap_or_default();
        bounds.read(text, vec![json!("path"), json!(name)], &mut self.wrong)
    }

    fn of_query(&mut self, name: &str, bounds: Bounds) -> Option<i64> {
        let loc: Vec<Value> = vec![json!("query"), json!(name)];
        bounds.read(self.query.text(name)?, loc, &mut self.wrong)
    }
}
