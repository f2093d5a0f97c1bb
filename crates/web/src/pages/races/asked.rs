//! What the address and the forms of the pages say.

use serde::Deserialize;
use systems::races::Terms;

/// Hours an attempt may come after the race's end.
const HOURS: std::ops::RangeInclusive<i64> = 1..=720;

/// Attempts of a plan.
const ATTEMPTS_MAX: usize = 20;

/// Hours of a plan nobody gave any, as documented.
pub(super) const HOURS_USUAL: &str = "6, 12, 24";

/// Seasons there can be, as documented.
pub(super) const SEASONS: std::ops::RangeInclusive<i64> = 1950..=2100;

/// Days a batch may look ahead, as documented.
pub(super) const DAYS: std::ops::RangeInclusive<i64> = 0..=366;

/// The query as it came in: which season, and of which run is told.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawAsked {
    season: String,
    run: String,
}

impl RawAsked {
    /// Asks for a season alone.
    pub(super) fn of_season(season: i64) -> Self {
        Self { season: season.to_string(), run: String::new() }
    }

    pub(super) fn season(&self) -> Option<i64> {
        self.season.trim().parse().ok().filter(|season| SEASONS.contains(season))
    }

    pub(super) fn run(&self) -> Option<i64> {
        self.run.parse().ok()
    }
}

/// How a plan is wanted, as written.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct PlanForm {
    pub(super) hours: String,
    always_run: String,
}

impl Default for PlanForm {
    fn default() -> Self {
        Self { hours: HOURS_USUAL.to_owned(), always_run: String::new() }
    }
}

impl PlanForm {
    /// `None`: the hours are none.
    pub(super) fn terms(&self) -> Option<Terms> {
        let hours = hours(&self.hours)?;
        Some(Terms { hours, always_run: !self.always_run.is_empty(), race_end: None })
    }
}

/// `6, 12, 24` in any order, ascending when read: 1 to 20 of 1 to 720, no two alike.
fn hours(text: &str) -> Option<Vec<i64>> {
    let words = text.split([',', '，', '、', ' ']).filter(|word| !word.is_empty());
    let read = words.map(|word| word.parse().ok().filter(|hour| HOURS.contains(hour)));
    let mut hours = read.collect::<Option<Vec<i64>>>()?;
    hours.sort_unstable();
    let alike = hours.windows(2).any(|two| two[0] == two[1]);
    (!alike && (1..=ATTEMPTS_MAX).contains(&hours.len())).then_some(hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_in_any_order_and_by_any_comma() {
        assert_eq!(hours("24, 6，12"), Some(vec![6, 12, 24]));
        assert_eq!(hours(" 48 "), Some(vec![48]));
    }

    #[test]
    fn hours_that_are_none_too_many_twice_or_out_of_bounds_are_refused() {
        let many: Vec<String> = (1..=21).map(|hour| hour.to_string()).collect();
        for text in ["", "six", "0", "721", "6, 6", "1.5", &many.join(",")] {
            assert_eq!(hours(text), None, "{text}");
        }
        assert!(hours(&many[..20].join(",")).is_some());
    }
}
