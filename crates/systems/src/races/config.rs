//! The section `[races]` of the configuration: its keys, defaults and allowed values.

use std::num::NonZeroU32;

use connect::http::{Base, Limits};
use serde::{Deserialize, Serialize};

/// The path below which an upstream of this kind answers, where an address names none.
const PATH: &str = "/ergast/f1";

/// The section as written. Every key has its default; [`Config::check`] makes [`Settings`] of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are documented in the manual; Settings says what they mean")]
pub struct Config {
    pub upstream_base_url: String,
    pub upstream_per_second: i64,
    pub upstream_per_hour: i64,
}

/// Checked configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the source is.
    pub upstream: Base,
    /// Requests in any second and in any hour, of all processes together; the hour's are counted over restarts.
    pub limits: Limits,
}

/// A value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("races.{key} = {value} is not allowed; it must be {allowed}")]
pub struct BadConfig {
    key: &'static str,
    value: String,
    allowed: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            upstream_base_url: "https://api.jolpi.ca/ergast/f1".into(),
            upstream_per_second: 4,
            upstream_per_hour: 500,
        }
    }
}

impl Config {
    /// Checks every value.
    ///
    /// # Errors
    /// The first value that cannot be used, with its key and what is allowed.
    pub fn check(self) -> Result<Settings, BadConfig> {
        Ok(Settings {
            upstream: base(&self.upstream_base_url)?,
            limits: Limits::new(
                whole("upstream_per_second", self.upstream_per_second, 1_000)?,
                whole("upstream_per_hour", self.upstream_per_hour, 1_000_000)?,
            ),
        })
    }
}

/// An address without a path means the usual path there.
fn base(text: &str) -> Result<Base, BadConfig> {
    let text = text.trim().trim_end_matches('/');
    let bare = text.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'));
    // The value is not shown: it may hold a password, which is what is wrong with it then.
    Base::parse(&if bare { format!("{text}{PATH}") } else { text.to_owned() }).map_err(|fault| BadConfig {
        key: "upstream_base_url",
        value: "…".into(),
        allowed: format!("the address of a Jolpica API ({})", fault.message),
    })
}

fn whole(key: &'static str, value: i64, most: u32) -> Result<NonZeroU32, BadConfig> {
    let number = u32::try_from(value).ok().filter(|number| *number <= most).and_then(NonZeroU32::new);
    number.ok_or_else(|| BadConfig { key, value: value.to_string(), allowed: format!("1 to {most}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(config: Config) -> String {
        config.check().unwrap_err().to_string()
    }

    #[test]
    fn an_address_without_a_path_means_the_usual_one() {
        let of = |text: &str| Config { upstream_base_url: text.into(), ..Config::default() }.check().unwrap();
        assert!(of("http://127.0.0.1:9000").upstream == of("http://127.0.0.1:9000/ergast/f1/").upstream);
        assert!(of("http://127.0.0.1:9000/other").upstream != of("http://127.0.0.1:9000").upstream);
    }

    #[test]
    fn a_bad_value_names_its_key_and_what_is_allowed_and_shows_no_password() {
        let message =
            refused(Config { upstream_base_url: "http://me:pa55@host".into(), ..Config::default() });
        assert!(message.contains("races.upstream_base_url") && !message.contains("pa55"), "{message}");
        let message = refused(Config { upstream_per_hour: 0, ..Config::default() });
        assert_eq!(message, "races.upstream_per_hour = 0 is not allowed; it must be 1 to 1000000");
    }
}
