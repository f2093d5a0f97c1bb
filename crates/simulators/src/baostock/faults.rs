//! The fault switches: what can be made to go wrong, and when.
//!
//! "The Nth reply" is counted over all connections, from 1, since the switches were last set (at the start,
//! or by `PUT /faults`): so it goes wrong once, and a retry can succeed. Only [`Faults::drop_after`] counts
//! on each connection of its own.

use std::{collections::BTreeMap, fmt, num::NonZeroU64, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::code::Code;

/// Field name to value, as it is sent.
pub type Values = BTreeMap<String, String>;

/// All switches; by default nothing goes wrong. In JSON the names are those of the command line
/// (`drop-after`; `drop_after` is understood too), a missing name is off, an unknown one an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Faults {
    /// Milliseconds to wait before every reply.
    pub latency: u64,
    /// Close each connection after this many replies.
    #[serde(alias = "drop_after")]
    pub drop_after: Option<NonZeroU64>,
    /// Send half of the Nth reply and close.
    #[serde(alias = "eof_mid_frame")]
    pub eof_mid_frame: Option<NonZeroU64>,
    /// Answer the Nth request with an error, `N:CODE`.
    #[serde(alias = "error_on")]
    pub error_on: Vec<ErrorOn>,
    /// Answer every login with 10001011.
    pub blacklist: bool,
    /// Flip one byte of the Nth reply, in the plain body or in the zlib stream.
    #[serde(alias = "corrupt_frame")]
    pub corrupt_frame: Option<NonZeroU64>,
    /// Send this many bytes a second.
    #[serde(alias = "slow_drip")]
    pub slow_drip: Option<NonZeroU64>,
    /// Answer 10004020 to requests of these types, such as `98`. JSON: one or a list.
    #[serde(alias = "unknown_type", deserialize_with = "one_or_more")]
    pub unknown_type: Vec<String>,
    /// Answer an empty listing on trading days.
    #[serde(alias = "empty_list")]
    pub empty_list: bool,
    /// So many trading stocks, counted from the end of the listing, have no bar.
    #[serde(alias = "missing_stocks")]
    pub missing_stocks: usize,
    /// Answer 10004011 to requests for these codes. JSON: a list, or one text with commas.
    #[serde(alias = "fail_codes", deserialize_with = "one_or_more")]
    pub fail_codes: Vec<String>,
    /// Answer 10001005 when so many other connections are logged in.
    #[serde(alias = "max_logins")]
    pub max_logins: Option<NonZeroU64>,
    /// Page size used in place of the one asked for, which is still echoed.
    #[serde(alias = "page_size")]
    pub page_size: Option<NonZeroU64>,
    /// Send the Nth reply under a type that no request has: `ZZ`.
    #[serde(alias = "wrong_type")]
    pub wrong_type: Option<NonZeroU64>,
    /// Let every compressed reply contain the frame terminator: its message is `success<![CDATA[]]>\n`, in
    /// a stored block, so that the terminator's bytes stand in the zlib stream.
    #[serde(alias = "terminator_in_stream")]
    pub terminator_in_stream: bool,
    /// Changed upstream values: date to code to field to value, in bars of every kind of request.
    pub corrections: BTreeMap<String, BTreeMap<String, Values>>,
    /// Values in every bar of a code, whatever the date: code to field to value.
    pub rows: BTreeMap<String, Values>,
    /// Send the bar of a code twice, the second time with these values: code to field to value.
    #[serde(alias = "duplicate_rows")]
    pub duplicate_rows: BTreeMap<String, Values>,
    /// Leave the last value out of the bars of these codes.
    #[serde(alias = "short_rows", deserialize_with = "one_or_more")]
    pub short_rows: Vec<String>,
    /// Names in the listing: code to name.
    pub names: BTreeMap<String, String>,
    /// Calendar entries: date to `1`, `0`, or nothing to leave the day out of the reply. Listings and bars
    /// still follow the real calendar.
    pub calendar: BTreeMap<String, String>,
}

impl Faults {
    /// What is sent for `field` of the bar of `code` on `date` in place of the true value.
    pub(super) fn value(&self, date: &str, code: &str, field: &str) -> Option<&str> {
        let corrected = self.corrections.get(date).and_then(|codes| codes.get(code)?.get(field));
        corrected.or_else(|| self.rows.get(code)?.get(field)).map(String::as_str)
    }

    /// Whether any bar differs from the truth, so that the quick way of writing one cannot be taken.
    pub(super) fn touch_bars(&self) -> bool {
        !(self.corrections.is_empty()
            && self.rows.is_empty()
            && self.duplicate_rows.is_empty()
            && self.short_rows.is_empty())
    }

    /// The code the `nth` request is to be answered with.
    pub(super) fn error_for(&self, nth: u64) -> Option<Code> {
        self.error_on.iter().find(|error| error.nth.get() == nth).map(|error| error.code.clone())
    }
}

/// Answer the `nth` request with an error of `code`; written `N:CODE`, as `3:10002007`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorOn {
    /// Counted from 1.
    pub nth: NonZeroU64,
    /// What to answer.
    pub code: Code,
}

impl FromStr for ErrorOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not N:CODE, such as 3:10002007");
        let (nth, code) = text.split_once(':').ok_or_else(wrong)?;
        Ok(Self { nth: nth.parse().map_err(|_| wrong())?, code: Code::new(code).ok_or_else(wrong)? })
    }
}

impl fmt::Display for ErrorOn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.nth, self.code)
    }
}

impl Serialize for ErrorOn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ErrorOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Texts::deserialize(deserializer)? {
        Texts::One(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
        Texts::Many(texts) => texts,
    })
}

/// The switches in force, and how many requests came since they were set.
#[derive(Debug, Default)]
pub(super) struct Armed {
    faults: Arc<Faults>,
    requests: u64,
}

impl Armed {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults: Arc::new(faults), requests: 0 }
    }

    pub(super) fn faults(&self) -> Arc<Faults> {
        Arc::clone(&self.faults)
    }

    /// Counts one more request.
    pub(super) fn next(&mut self) -> (Arc<Faults>, u64) {
        self.requests += 1;
        (self.faults(), self.requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switches_have_the_names_of_the_command_line() {
        let json = r#"{"latency":5,"drop-after":2,"error-on":["3:10002007"],"blacklist":true,"fail-codes":"sh.600000,sz.000001",
            "unknown-type":"98","rows":{"sh.600000":{"close":"abc"}},"corrections":{"2025-10-09":{"sh.600000":{"close":"1"}}}}"#;
        let faults: Faults = serde_json::from_str(json).unwrap();
        assert_eq!((faults.latency, faults.drop_after, faults.blacklist), (5, NonZeroU64::new(2), true));
        assert_eq!(faults.fail_codes, ["sh.600000", "sz.000001"]);
        assert_eq!(faults.unknown_type, ["98"]);
        assert_eq!(faults.value("2025-10-09", "sh.600000", "close"), Some("1"));
        assert_eq!(faults.value("2025-10-10", "sh.600000", "close"), Some("abc"));
        assert_eq!(faults.value("2025-10-10", "sh.600000", "open"), None);
        assert_eq!(faults.error_for(3).map(|code| code.to_string()), Some("10002007".to_owned()));
        let again: Faults = serde_json::from_str(&serde_json::to_string(&faults).unwrap()).unwrap();
        assert_eq!(again, faults);
        let spelt_otherwise: Faults = serde_json::from_str(r#"{"drop_after":2}"#).unwrap();
        assert_eq!(spelt_otherwise.drop_after, NonZeroU64::new(2));
    }

    #[test]
    fn a_wrong_switch_is_refused() {
        for wrong in [
            r#"{"latencies":5}"#,
            r#"{"drop-after":0}"#,
            r#"{"error-on":["3"]}"#,
            r#"{"error-on":["0:10002007"]}"#,
            r#"{"error-on":["3:abc"]}"#,
            r#"{"latency":-1}"#,
        ] {
            assert!(serde_json::from_str::<Faults>(wrong).is_err(), "{wrong}");
        }
    }
}
