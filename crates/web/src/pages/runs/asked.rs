//! What the address of the page says.

use jiff::civil::Date;
use model::run::Trigger;
use model::state::RunState;
use serde::Deserialize;

use crate::problem::Problem;

/// As it came in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawAsked {
    system: String,
    state: String,
    trigger: String,
    from: String,
    to: String,
    before: String,
}

/// Runs in which states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum States {
    #[default]
    Any,
    /// Not ended.
    Active,
    /// Ended, and not all is done.
    Wanting,
    One(RunState),
}

impl States {
    /// The choices, in the order they are offered.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let one = RunState::ALL.iter().copied().map(Self::One);
        [Self::Any, Self::Active, Self::Wanting].into_iter().chain(one)
    }

    /// Its word in the address; empty for any.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Active => "active",
            Self::Wanting => "wanting",
            Self::One(state) => state.as_str(),
        }
    }

    /// The states themselves; empty is any.
    pub(super) fn states(self) -> Vec<RunState> {
        match self {
            Self::Any => Vec::new(),
            Self::Active => RunState::ALL.iter().copied().filter(|state| !state.is_end()).collect(),
            Self::Wanting => vec![RunState::Partial, RunState::Failed, RunState::Cancelled],
            Self::One(state) => vec![state],
        }
    }
}

/// Read: which runs, and from which on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) system: Option<String>,
    pub(super) states: States,
    pub(super) trigger: Option<Trigger>,
    /// Accepted on this day or later.
    pub(super) from: Option<Date>,
    /// Accepted on this day or earlier.
    pub(super) to: Option<Date>,
    /// Runs older than this one; the newest when `None`.
    pub(super) before: Option<i64>,
}

/// Reads a value when there is one, or notes that it is none.
fn value<T>(
    name: &str,
    text: &str,
    read: impl Fn(&str) -> Option<T>,
    bad: &mut Option<Problem>,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let value = read(text);
    if value.is_none() {
        bad.get_or_insert_with(|| Problem::Parameter(format!("{name}={text}")));
    }
    value
}

impl Asked {
    /// What can be read of it, and the first thing that cannot.
    pub(super) fn read(raw: &RawAsked) -> (Self, Option<Problem>) {
        let mut bad = None;
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let states = |text: &str| States::all().find(|states| states.word() == text);
        let date = |text: &str| text.parse::<Date>().ok();
        let asked = Self {
            system: value("system", &raw.system, |text| plain(text).then(|| text.to_owned()), &mut bad),
            states: value("state", &raw.state, states, &mut bad).unwrap_or_default(),
            trigger: value("trigger", &raw.trigger, Trigger::from_word, &mut bad),
            from: value("from", &raw.from, date, &mut bad),
            to: value("to", &raw.to, date, &mut bad),
            before: value("before", &raw.before, |text| text.parse().ok(), &mut bad),
        };
        (asked, bad)
    }

    /// Any runs at all are asked for.
    pub(super) fn is_any(&self) -> bool {
        Self { before: None, ..self.clone() } == Self::default()
    }

    /// The same as a query, without what is not asked.
    pub(super) fn query(&self) -> String {
        let mut pairs = Vec::new();
        pairs.extend(self.system.as_ref().map(|system| format!("system={system}")));
        pairs.extend((self.states != States::Any).then(|| format!("state={}", self.states.word())));
        pairs.extend(self.trigger.map(|trigger| format!("trigger={trigger}")));
        pairs.extend(self.from.map(|date| format!("from={date}")));
        pairs.extend(self.to.map(|date| format!("to={date}")));
        pairs.extend(self.before.map(|run| format!("before={run}")));
        pairs.join("&")
    }

    /// The page's address with other runs on it.
    pub(super) fn before(&self, before: Option<i64>) -> String {
        format!("/runs?{}", Self { before, ..self.clone() }.query())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_alike() {
        let raw = RawAsked {
            system: "stocks".to_owned(),
            state: "wanting".to_owned(),
            trigger: "retry".to_owned(),
            from: "2025-10-01".to_owned(),
            to: "2025-10-09".to_owned(),
            before: "12".to_owned(),
        };
        let (asked, bad) = Asked::read(&raw);
        assert_eq!(bad, None);
        assert_eq!(
            asked.query(),
            "system=stocks&state=wanting&trigger=retry&from=2025-10-01&to=2025-10-09&before=12"
        );
        assert_eq!(Asked::default().query(), "");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let raw = RawAsked { from: "yesterday".to_owned(), ..RawAsked::default() };
        let (asked, bad) = Asked::read(&raw);
        assert_eq!((asked, bad), (Asked::default(), Some(Problem::Parameter("from=yesterday".to_owned()))));
    }
}
