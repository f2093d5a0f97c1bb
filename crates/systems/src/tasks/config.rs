//! The section `[tasks]` of the configuration: its keys, defaults and allowed values.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use connect::http::{Base, Secret};
use jiff::tz::TimeZone;
use model::cron::{Cron, Language};
use model::schedule::zone;
use serde::{Deserialize, Serialize};

/// Where the platform is, unless somebody says otherwise.
const BASE_URL: &str = "https://open-api.gooki.com";
/// What the stand-in on this machine takes, tried when nobody gave credentials.
const STAND_IN: (&str, &str) = ("sim-user", "sim-pass");

/// The section as written. Every key has its default; [`Config::check`] makes [`Settings`] of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are documented in the manual; Settings says what they mean")]
pub struct Config {
    pub batch_size: i64,
    pub max_retries: i64,
    pub lock_timeout_minutes: i64,
    pub crash_retries: i64,
    pub retention_days: i64,
    pub manual_wait_minutes: i64,
    pub error_details_limit: i64,
    pub recommend_threshold: i64,
    pub state_labels: BTreeMap<String, String>,
    pub timezone: String,
    pub schedules: Schedules,
    pub guanke: Guanke,
}

/// `[tasks.schedules]`: five-field cron expressions; an empty one is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are documented in the manual")]
pub struct Schedules {
    pub historical: String,
    pub today: String,
}

/// `[tasks.guanke]`: the platform. It holds secrets and is not shown by `Debug`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are documented in the manual")]
pub struct Guanke {
    pub base_url: String,
    pub username: String,
    pub password: String,
    pub api_secret: String,
    pub source: String,
    pub task_list_path: String,
    pub page_size: i64,
    pub timeout_seconds: i64,
}

/// Checked configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Rows of one transaction.
    pub batch_size: NonZeroUsize,
    /// Further tries of one call upstream.
    pub max_retries: u32,
    /// How often a run may be taken up again after its worker died.
    pub crash_retries: u32,
    /// Records are kept so long after their beginning; `None` is for ever.
    pub retention_days: Option<i64>,
    /// How long a person who starts a run is kept waiting for its end.
    pub manual_wait: Duration,
    /// Rows named in a record.
    pub error_details_limit: usize,
    /// Percent of likeness from which a package is recommended.
    pub recommend_threshold: u32,
    /// What the platform's states are called.
    pub state_labels: BTreeMap<String, String>,
    /// The zone of all windows, schedules and displayed times.
    pub zone: TimeZone,
    /// Its IANA name.
    pub zone_name: String,
    /// When the last days are synced; `None` is never.
    pub historical: Option<String>,
    /// When today is synced; `None` is never.
    pub today: Option<String>,
    /// The platform.
    pub upstream: Upstream,
}

/// Where the platform is and how it is asked.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Its address.
    pub base: Base,
    /// `None`: nobody gave any, and nothing is asked.
    pub credentials: Option<Credentials>,
    /// Which of its interfaces tells of tasks.
    pub source: TaskSource,
    /// Where its listing of tasks is.
    pub task_list_path: String,
    /// Rows asked for at once.
    pub page_size: u32,
    /// For a whole try.
    pub timeout: Duration,
}

/// Which interface of the platform tells of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskSource {
    /// Its listing of tasks.
    TaskList,
    /// Its daily statistics, with names from its records of calls.
    StatCdr,
}

/// What is shown for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A person's.
    Password {
        /// Their name.
        username: String,
        /// Their password.
        password: Secret,
    },
    /// A program's.
    ApiSecret(Secret),
}

/// A value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tasks.{key} = {value} is not allowed; it must be {allowed}")]
pub struct BadConfig {
    key: &'static str,
    value: String,
    allowed: String,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("timezone", &self.timezone).finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            batch_size: 50,
            max_retries: 3,
            lock_timeout_minutes: 30,
            crash_retries: 1,
            retention_days: 30,
            manual_wait_minutes: 30,
            error_details_limit: 1000,
            recommend_threshold: 80,
            state_labels: BTreeMap::new(),
            timezone: "Asia/Shanghai".into(),
            schedules: Schedules::default(),
            guanke: Guanke::default(),
        }
    }
}

impl Default for Schedules {
    fn default() -> Self {
        Self { historical: "0 1,10,15,21 * * *".into(), today: "0 9-23 * * *".into() }
    }
}

impl Default for Guanke {
    fn default() -> Self {
        Self {
            base_url: BASE_URL.into(),
            username: String::new(),
            password: String::new(),
            api_secret: String::new(),
            source: "task_list".into(),
            task_list_path: "/task/list/v2".into(),
            page_size: 100,
            timeout_seconds: 30,
        }
    }
}

impl Config {
    /// Checks every value.
    ///
    /// # Errors
    /// The first value that cannot be used, with its key and what is allowed.
    pub fn check(self) -> Result<Settings, BadConfig> {
        // A lease of the engine never outlives its worker and never ends before it: there is no time to set.
        whole("lock_timeout_minutes", self.lock_timeout_minutes, 1, 1440)?;
        let zone = zone(&self.timezone).map_err(|_| BadConfig {
            key: "timezone",
            value: self.timezone.clone(),
            allowed: "an IANA time zone, for example Asia/Shanghai".into(),
        })?;
        let days = whole("retention_days", self.retention_days, 0, 3650)?;
        Ok(Settings {
            batch_size: count("batch_size", self.batch_size, 1000)?,
            max_retries: whole("max_retries", self.max_retries, 0, 10)?,
            crash_retries: whole("crash_retries", self.crash_retries, 0, 5)?,
            retention_days: (days > 0).then_some(i64::from(days)),
            manual_wait: minutes(whole("manual_wait_minutes", self.manual_wait_minutes, 1, 1440)?),
            error_details_limit: count("error_details_limit", self.error_details_limit, 100_000)?.get(),
            recommend_threshold: whole("recommend_threshold", self.recommend_threshold, 1, 100)?,
            state_labels: self.state_labels,
            zone_name: zone.iana_name().unwrap_or(&self.timezone).to_owned(),
            zone,
            historical: cron("schedules.historical", &self.schedules.historical)?,
            today: cron("schedules.today", &self.schedules.today)?,
            upstream: self.guanke.check()?,
        })
    }
}

impl Guanke {
    fn check(self) -> Result<Upstream, BadConfig> {
        let bad = |key, value: &str, allowed: &str| BadConfig {
            key,
            value: value.to_owned(),
            allowed: allowed.to_owned(),
        };
        let url = if self.base_url.trim().is_empty() { BASE_URL } else { self.base_url.as_str() };
        // The value is not shown: it may hold a password, which is what is wrong with it then.
        let base = Base::parse(url).map_err(|fault| {
            bad("guanke.base_url", "…", &format!("the address of the Guanke API ({})", fault.message))
        })?;
        let source = match self.source.as_str() {
            "task_list" => TaskSource::TaskList,
            "stat_cdr" => TaskSource::StatCdr,
            other => return Err(bad("guanke.source", other, "task_list or stat_cdr")),
        };
        if !self.task_list_path.starts_with('/') || self.task_list_path.contains(['?', '#']) {
            return Err(bad(
                "guanke.task_list_path",
                "…",
                "a path that begins with / and has no query, for example /task/list/v2",
            ));
        }
        Ok(Upstream {
            credentials: credentials(&self, &base),
            base,
            source,
            task_list_path: self.task_list_path,
            page_size: whole("guanke.page_size", self.page_size, 1, 1000)?,
            timeout: Duration::from_secs(
                whole("guanke.timeout_seconds", self.timeout_seconds, 1, 3600)?.into(),
            ),
        })
    }
}

/// A name with its password before a secret; on this machine those of the stand-in before none.
fn credentials(given: &Guanke, base: &Base) -> Option<Credentials> {
    let pair = |username: &str, password: &str| Credentials::Password {
        username: username.to_owned(),
        password: Secret::new(password),
    };
    if !given.username.is_empty() && !given.password.is_empty() {
        return Some(pair(&given.username, &given.password));
    }
    if !given.api_secret.is_empty() {
        return Some(Credentials::ApiSecret(Secret::new(given.api_secret.as_str())));
    }
    let nothing = given.username.is_empty() && given.password.is_empty();
    (nothing && base.is_loopback()).then(|| pair(STAND_IN.0, STAND_IN.1))
}

fn cron(key: &'static str, text: &str) -> Result<Option<String>, BadConfig> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let bad = |allowed: String| BadConfig { key, value: text.to_owned(), allowed };
    if text.split_whitespace().count() != 5 {
        return Err(bad("a cron expression of five fields, or empty".into()));
    }
    Cron::parse(text).map_err(|wrong| {
        bad(format!("a cron expression of five fields ({})", wrong.explain(Language::English)))
    })?;
    Ok(Some(text.to_owned()))
}

fn whole(key: &'static str, value: i64, least: u32, most: u32) -> Result<u32, BadConfig> {
    let number = u32::try_from(value).ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| BadConfig { key, value: value.to_string(), allowed: format!("{least} to {most}") })
}

fn count(key: &'static str, value: i64, most: u32) -> Result<NonZeroUsize, BadConfig> {
    let number = whole(key, value, 1, most)?;
    Ok(usize::try_from(number).ok().and_then(NonZeroUsize::new).expect("it is small and positive"))
}

fn minutes(minutes: u32) -> Duration {
    Duration::from_secs(60 * u64::from(minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(config: Config) -> String {
        config.check().unwrap_err().to_string()
    }

    fn of(base_url: &str, username: &str, password: &str, api_secret: &str) -> Option<Credentials> {
        let guanke = Guanke {
            base_url: base_url.into(),
            username: username.into(),
            password: password.into(),
            api_secret: api_secret.into(),
            ..Guanke::default()
        };
        Config { guanke, ..Config::default() }.check().unwrap().upstream.credentials
    }

    #[test]
    fn the_defaults_can_be_used_and_know_no_credentials() {
        let settings = Config::default().check().unwrap();
        assert_eq!((settings.batch_size.get(), settings.max_retries, settings.crash_retries), (50, 3, 1));
        assert_eq!(settings.zone_name, "Asia/Shanghai");
        assert_eq!(settings.upstream.credentials, None);
    }

    #[test]
    fn a_password_goes_before_a_secret_and_the_stand_in_before_nothing() {
        let word = |text| Credentials::ApiSecret(Secret::new(text));
        let pair = |username: &str, password| Credentials::Password {
            username: username.into(),
            password: Secret::new(password),
        };
        assert_eq!(of("https://host", "me", "p", "s"), Some(pair("me", "p")));
        assert_eq!(of("https://host", "me", "", "s"), Some(word("s")));
        assert_eq!(of("https://host", "me", "", ""), None);
        assert_eq!(of("http://127.0.0.1:18090", "", "", ""), Some(pair("sim-user", "sim-pass")));
        assert_eq!(of("http://127.0.0.1:18090", "me", "", ""), None);
        assert_eq!(of("http://localhost:18090", "", "", "s"), Some(word("s")));
    }

    #[test]
    fn a_bad_value_names_its_key_and_what_is_allowed_and_shows_no_password() {
        let message = refused(Config { batch_size: 0, ..Config::default() });
        assert_eq!(message, "tasks.batch_size = 0 is not allowed; it must be 1 to 1000");
        let message = refused(Config { timezone: "Mars".into(), ..Config::default() });
        assert!(message.starts_with("tasks.timezone = Mars is not allowed"), "{message}");
        let schedules = Schedules { today: "0 0 9 * * *".into(), ..Schedules::default() };
        let message = refused(Config { schedules, ..Config::default() });
        assert!(message.starts_with("tasks.schedules.today = 0 0 9 * * *"), "{message}");
        let guanke = Guanke { base_url: "http://me:pa55@host".into(), ..Guanke::default() };
        let message = refused(Config { guanke, ..Config::default() });
        assert!(message.contains("tasks.guanke.base_url") && !message.contains("pa55"), "{message}");
    }

    #[test]
    fn the_section_is_shown_without_its_secrets() {
        let guanke = Guanke { username: "me".into(), password: "pa55".into(), ..Guanke::default() };
        let config = Config { guanke, ..Config::default() };
        let shown = format!("{config:?} {:?}", config.clone().check().unwrap());
        assert!(!shown.contains("pa55"), "{shown}");
    }
}
