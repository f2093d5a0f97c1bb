//! What the address of the page says, and what its forms choose.

use model::task::MatchStatus;
use serde::Deserialize;

use crate::pages::address::address;
use crate::problem::Problem;

/// Groups or tasks on a page.
pub(super) const PAGE_SIZE: i64 = 20;

/// Which tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    #[default]
    Pending,
    Matched,
    Idle,
    All,
}

impl Tab {
    pub(super) const ALL: [Self; 4] = [Self::Pending, Self::Matched, Self::Idle, Self::All];

    /// Its word in the address.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Matched => "matched",
            Self::Idle => "idle",
            Self::All => "all",
        }
    }

    /// Tasks that are matched so; `None` is all.
    pub(super) const fn status(self) -> Option<MatchStatus> {
        match self {
            Self::Pending => Some(MatchStatus::Pending),
            Self::Matched => Some(MatchStatus::Matched),
            Self::Idle => Some(MatchStatus::Idle),
            Self::All => None,
        }
    }
}

/// As it came in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawAsked {
    state: String,
    q: String,
    page: String,
}

/// Read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) tab: Tab,
    /// A part of a task's id or name.
    pub(super) q: String,
    pub(super) page: i64,
}

impl Asked {
    /// What can be read of it: an address that says something else shows what it would without.
    pub(super) fn read(raw: &RawAsked) -> Self {
        Self {
            tab: Tab::ALL.into_iter().find(|tab| tab.word() == raw.state).unwrap_or_default(),
            q: raw.q.trim().to_owned(),
            page: raw.page.parse().ok().filter(|page| *page >= 1).unwrap_or(1),
        }
    }

    /// An address below the page's with the same question.
    pub(super) fn below(&self, path: &str) -> String {
        let page = (self.page > 1).then(|| self.page.to_string());
        let pairs = [
            Some(("state", self.tab.word())),
            Some(("q", self.q.as_str())).filter(|(_, q)| !q.is_empty()),
            page.as_deref().map(|page| ("page", page)),
        ];
        address(&format!("/tasks/matching{path}"), pairs.into_iter().flatten())
    }

    pub(super) fn at(&self, page: i64) -> String {
        Self { page, ..self.clone() }.below("")
    }

    pub(super) fn on(&self, tab: Tab) -> String {
        Self { tab, page: 1, ..self.clone() }.below("")
    }

    /// Without a search.
    pub(super) fn any(&self) -> String {
        Self { q: String::new(), page: 1, tab: self.tab }.below("")
    }
}

/// What is to become of the chosen tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// A package is to be chosen.
    Match,
    Idle,
    Rematch,
}

impl Verb {
    const ALL: [Self; 3] = [Self::Match, Self::Idle, Self::Rematch];

    /// The verbs that make sense on a tab.
    pub(super) const fn of(tab: Tab) -> &'static [Self] {
        match tab {
            Tab::Pending => &[Self::Match, Self::Idle],
            Tab::Matched | Tab::All => &[Self::Match, Self::Idle, Self::Rematch],
            Tab::Idle => &[Self::Match, Self::Rematch],
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Idle => "idle",
            Self::Rematch => "rematch",
        }
    }
}

/// The form's fields as they come: `task` and `group` as often as one was chosen.
pub(super) type Fields = Vec<(String, String)>;

/// What a form over tasks says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) verb: Verb,
    pub(super) tasks: Vec<String>,
    /// Prefixes of which all pending tasks are meant.
    pub(super) groups: Vec<String>,
    /// The rule is to decide again.
    pub(super) auto: bool,
}

impl Chosen {
    pub(super) fn read(fields: &Fields) -> Result<Self, Problem> {
        let auto = fields.iter().any(|(field, _)| field == "auto");
        // The button of a group means that group alone, whatever else is chosen.
        let alone = all(fields, "alone");
        if !alone.is_empty() {
            return Ok(Self { verb: Verb::Match, tasks: Vec::new(), groups: alone, auto });
        }
        let word = all(fields, "verb");
        let verb = Verb::ALL.into_iter().find(|verb| word.iter().any(|word| word == verb.word()));
        let verb = verb.ok_or_else(|| Problem::Body("verb: match, idle or rematch".to_owned()))?;
        Ok(Self { verb, tasks: all(fields, "task"), groups: all(fields, "group"), auto })
    }
}

/// Every value of a field, each once, in its order.
pub(super) fn all(fields: &Fields, name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (_, text) in fields.iter().filter(|(field, _)| field == name) {
        if !text.is_empty() && !found.contains(text) {
            found.push(text.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_address_is_read_and_written_alike() {
        let raw = RawAsked { state: "matched".to_owned(), q: " 71 & ".to_owned(), page: "2".to_owned() };
        let asked = Asked::read(&raw);
        assert_eq!(asked.below("/act"), "/tasks/matching/act?state=matched&q=71%20%26&page=2");
        assert_eq!(asked.on(Tab::All), "/tasks/matching?state=all&q=71%20%26");
        assert_eq!(asked.any(), "/tasks/matching?state=matched");
        assert_eq!(Asked::read(&RawAsked::default()).at(1), "/tasks/matching?state=pending");
    }

    #[test]
    fn a_form_says_what_becomes_of_which_tasks() {
        let pairs = [
            ("task", "7"),
            ("task", "9"),
            ("task", "7"),
            ("group", "淮安"),
            ("auto", "1"),
            ("verb", "rematch"),
        ];
        let chosen = Chosen::read(&fields(&pairs)).unwrap();
        assert_eq!((chosen.verb, chosen.auto), (Verb::Rematch, true));
        assert_eq!(chosen.tasks, ["7", "9"]);
        assert_eq!(chosen.groups, ["淮安"]);
        let alone = Chosen::read(&fields(&[("task", "7"), ("alone", "禹州")])).unwrap();
        assert_eq!((alone.verb, alone.tasks.len(), alone.groups), (Verb::Match, 0, vec!["禹州".to_owned()]));
        assert!(Chosen::read(&fields(&[("task", "7"), ("verb", "burn")])).is_err());
    }
}
