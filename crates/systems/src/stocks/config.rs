//! The section `[stocks]` of the configuration: its keys, defaults and allowed values.

use std::fmt;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// Where the public service answers.
const PUBLIC_HOST: &str = "public-api.baostock.com";
/// Where it answers those who have a key.
const KEY_HOST: &str = "vip-api.baostock.com";

/// The section as written. Every key has its default; [`Config::check`] makes [`Settings`] of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are documented in the manual; Settings says what they mean")]
pub struct Config {
    pub mode: String,
    pub adjustflag: i64,
    pub host: String,
    pub port: i64,
    pub connections: i64,
    pub page_size: i64,
    pub daily_request_budget: i64,
    pub publish_time: String,
    pub max_failed_ratio: f64,
    pub max_batch_days: i64,
    pub progress_retention_days: i64,
    pub daily_at: String,
    pub check_missing_at: String,
    pub check_missing_days: i64,
    pub retry_until: String,
    /// Never written back.
    #[serde(skip_serializing)]
    pub api_key: Option<Secret>,
}

/// A text that no log and no message shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

/// How a day's bars are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The whole market in one request.
    Market,
    /// A request for each stock.
    PerStock,
}

/// Checked configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How days are asked for unless a request says otherwise.
    pub mode: Mode,
    /// Adjustment of prices in per-stock requests: 1 back, 2 forward, 3 none.
    pub adjustflag: i16,
    /// Where the source is.
    pub host: String,
    /// And its port.
    pub port: u16,
    /// Connections of one run, in per-stock mode.
    pub connections: u8,
    /// Rows asked for in a page.
    pub page_size: u32,
    /// Frames that may be sent a day.
    pub daily_request_budget: u64,
    /// When a day's bars are there.
    pub publish_time: Time,
    /// A day with a larger part of its stocks failed has failed.
    pub max_failed_ratio: f64,
    /// Days of one batch.
    pub max_batch_days: i64,
    /// How long an ended run's progress is shown.
    pub progress_retention_days: i64,
    /// When the day is synced.
    pub daily_at: Time,
    /// When gaps are looked for.
    pub check_missing_at: Time,
    /// How far back.
    pub check_missing_days: i64,
    /// Until when, next morning, a failed day is tried again.
    pub retry_until: Time,
    /// Key of a paying user.
    pub api_key: Option<Secret>,
}

/// A value that is not allowed; one line with key, value and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stocks.{key} = {value}: expected {allowed}")]
pub struct BadConfig {
    key: &'static str,
    value: String,
    allowed: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: "market".into(),
            adjustflag: 3,
            host: PUBLIC_HOST.into(),
            port: 10030,
            connections: 1,
            page_size: 2000,
            daily_request_budget: 45_000,
            publish_time: "17:30".into(),
            max_failed_ratio: 0.01,
            max_batch_days: 90,
            progress_retention_days: 30,
            daily_at: "20:00".into(),
            check_missing_at: "08:00".into(),
            check_missing_days: 30,
            retry_until: "06:00".into(),
            api_key: None,
        }
    }
}

impl Config {
    /// Reads every value.
    ///
    /// # Errors
    /// The first value that is not allowed.
    pub fn check(self) -> Result<Settings, BadConfig> {
        let mode = Mode::from_word(&self.mode).ok_or_else(|| BadConfig {
            key: "mode",
            value: format!("{:?}", self.mode),
            allowed: "\"market\" or \"per_stock\"".into(),
        })?;
        if !(0.0..=1.0).contains(&self.max_failed_ratio) {
            let value = self.max_failed_ratio.to_string();
            return Err(BadConfig { key: "max_failed_ratio", value, allowed: "0 to 1".into() });
        }
        if self.host.is_empty() || self.host.chars().any(char::is_whitespace) {
            let value = format!("{:?}", self.host);
            return Err(BadConfig { key: "host", value, allowed: "a host name or address".into() });
        }
        let host = if self.api_key.is_some() && self.host == PUBLIC_HOST { KEY_HOST } else { &self.host };
        Ok(Settings {
            mode,
            adjustflag: whole("adjustflag", self.adjustflag, 1, 3)?,
            host: host.to_owned(),
            port: whole("port", self.port, 1, 65_535)?,
            connections: whole("connections", self.connections, 1, 8)?,
            page_size: whole("page_size", self.page_size, 1, 10_000)?,
            daily_request_budget: whole("daily_request_budget", self.daily_request_budget, 1, 1_000_000_000)?,
            publish_time: wall_time("publish_time", &self.publish_time)?,
            max_failed_ratio: self.max_failed_ratio,
            max_batch_days: whole("max_batch_days", self.max_batch_days, 1, 3_660)?,
            progress_retention_days: whole(
                "progress_retention_days",
                self.progress_retention_days,
                1,
                3_660,
            )?,
            daily_at: wall_time("daily_at", &self.daily_at)?,
            check_missing_at: wall_time("check_missing_at", &self.check_missing_at)?,
            check_missing_days: whole("check_missing_days", self.check_missing_days, 1, 365)?,
            retry_until: wall_time("retry_until", &self.retry_until)?,
            api_key: self.api_key,
        })
    }
}

impl Settings {
    /// What is allowed and still looks wrong; each a line for the log.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.connections > 1 {
            lines.push(super::labels::many_connections(self.connections));
        }
        if self.daily_at < self.publish_time {
            lines.push(format!(
                "stocks: daily_at = \"{}\" is before publish_time = \"{}\": the day's bars will not be there yet",
                hour_minute(self.daily_at),
                hour_minute(self.publish_time)
            ));
        }
        lines
    }
}

impl Default for Settings {
    fn default() -> Self {
        Config::default().check().expect("the defaults are allowed")
    }
}

impl Mode {
    /// As configuration and requests spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::PerStock => "per_stock",
        }
    }

    /// The mode of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Market, Self::PerStock].into_iter().find(|mode| mode.as_str() == word)
    }
}

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever must send it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `20:00`.
pub(crate) fn hour_minute(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn whole<N: TryFrom<i64>>(key: &'static str, value: i64, least: i64, most: i64) -> Result<N, BadConfig> {
    let bad = || BadConfig { key, value: value.to_string(), allowed: format!("{least} to {most}") };
    if !(least..=most).contains(&value) {
        return Err(bad());
    }
    N::try_from(value).map_err(|_| bad())
}

fn wall_time(key: &'static str, text: &str) -> Result<Time, BadConfig> {
    let bad = || BadConfig { key, value: format!("{text:?}"), allowed: "\"HH:MM\", 00:00 to 23:59".into() };
    let (hour, minute) = text.split_once(':').ok_or_else(bad)?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return Err(bad());
    }
    let number = |part: &str| part.parse::<i8>().map_err(|_| bad());
    Time::new(number(hour)?, number(minute)?, 0, 0).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        config.check().unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let settings = Settings::default();
        assert_eq!((settings.mode, settings.adjustflag, settings.port), (Mode::Market, 3, 10030));
        assert_eq!(hour_minute(settings.daily_at), "20:00");
        assert_eq!(settings.warnings(), Vec::<String>::new());
    }

    #[test]
    fn a_bad_value_is_named_with_its_key_and_what_is_allowed() {
        assert_eq!(refused(|c| c.connections = 9), "stocks.connections = 9: expected 1 to 8");
        assert_eq!(refused(|c| c.adjustflag = 0), "stocks.adjustflag = 0: expected 1 to 3");
        assert_eq!(
            refused(|c| c.mode = "fast".into()),
            "stocks.mode = \"fast\": expected \"market\" or \"per_stock\""
        );
        assert_eq!(
            refused(|c| c.daily_at = "8:00".into()),
            "stocks.daily_at = \"8:00\": expected \"HH:MM\", 00:00 to 23:59"
        );
        assert_eq!(
            refused(|c| c.max_failed_ratio = f64::NAN),
            "stocks.max_failed_ratio = NaN: expected 0 to 1"
        );
    }

    #[test]
    fn what_looks_wrong_is_a_warning() {
        let config = Config { connections: 2, daily_at: "17:00".into(), ..Config::default() };
        let warnings = config.check().unwrap().warnings();
        assert_eq!(
            warnings[0],
            "stocks: connections = 2: the data source is known to block addresses that use several connections"
        );
        assert_eq!(warnings.len(), 2);
    }

    #[test]
    fn with_a_key_the_other_host_is_asked_and_the_key_is_shown_nowhere() {
        let config = Config { api_key: Some(Secret::new("bs-x")), ..Config::default() };
        let settings = config.check().unwrap();
        assert_eq!(settings.host, KEY_HOST);
        assert!(!format!("{settings:?}").contains("bs-x"));
    }
}
