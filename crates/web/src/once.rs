//! Forms posted twice: once in effect.
//!
//! A page is drawn with a key, fresh each time, that stands in each of its forms. What a form asks for is asked of the
//! engine under that key, so that the same form sent again finds the run that it started. Fragments have no key: they
//! are the same for all who look. The page's script keeps the key of the page and sends it with every form.

use std::hash::{DefaultHasher, Hash, Hasher};

use engine::Requested;
use fastrand::Rng;
use maud::{Markup, PreEscaped, html};
use model::id::RunId;
use serde::Deserialize;

use crate::problem::Problem;

/// The name of the field.
const FIELD: &str = "key";

/// The longest key of a page.
const PAGE_KEY_MAX: usize = 64;

/// The key of a page as it was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct PageKey(String);

impl TryFrom<String> for PageKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits =
            (1..=PAGE_KEY_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if fits { Ok(Self(text)) } else { Err(format!("{FIELD}: 1 to {PAGE_KEY_MAX} letters and digits")) }
    }
}

impl PageKey {
    /// One that no other page has.
    pub(crate) fn fresh(rng: &mut Rng) -> Self {
        Self(format!("{:032x}", rng.u128(..)))
    }

    /// As it stands in the page.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The page with its key in every form that is posted. One place does it, so that no form can lack it. In what is
    /// drawn, `<` and `>` stand for nothing but tags: in texts and attributes they are escaped.
    pub(crate) fn in_forms_of(&self, page: &Markup) -> Markup {
        let field = html! { input type="hidden" name=(FIELD) value=(self.0); }.into_string();
        let mut drawn = String::with_capacity(page.0.len());
        let mut rest = page.0.as_str();
        while let Some(form) = rest.find("<form") {
            let end = rest[form..].find('>').map_or(rest.len(), |tag| form + tag + 1);
            drawn.push_str(&rest[..end]);
            if rest[form..end].contains("method=\"post\"") {
                drawn.push_str(&field);
            }
            rest = &rest[end..];
        }
        drawn.push_str(rest);
        PreEscaped(drawn)
    }
}

/// The key in the fields of a form.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    key: Option<PageKey>,
}

/// What makes a form known again: the page it stood in, where it was sent, and every field of it. `None` without a
/// key: then each time is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Once(Option<String>);

impl Once {
    /// Of a form with these fields, as they were written.
    pub(crate) fn of(sent: Sent, path: &str, fields: &[u8]) -> Self {
        Self(sent.key.map(|key| {
            let mut hasher = DefaultHasher::new();
            (path, fields).hash(&mut hasher);
            format!("{}/{:016x}", key.0, hasher.finish())
        }))
    }

    /// The key to ask the engine under.
    pub(crate) fn key(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The same of one run, of a form over several.
    pub(crate) fn for_run(&self, run: RunId) -> Self {
        Self(self.0.as_ref().map(|key| format!("{key}/{run}")))
    }
}

/// The run a form led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Led {
    /// As the form wished.
    To(RunId),
    /// The same form was sent before, and this is the run it started then.
    Known(RunId),
}

impl Led {
    /// Where a request led, unless another run was in the way.
    pub(crate) fn by(requested: Requested) -> Result<Self, Problem> {
        match requested {
            Requested::Started(run) | Requested::Buffered(run) => Ok(Self::To(run.id)),
            Requested::Known(run) => Ok(Self::Known(run.id)),
            Requested::Busy(run) => Err(Problem::Busy(run.id)),
        }
    }

    /// The run.
    pub(crate) const fn run(self) -> RunId {
        match self {
            Self::To(run) | Self::Known(run) => run,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &PageKey, path: &str, fields: &[u8]) -> Once {
        Once::of(Sent { key: Some(key.clone()) }, path, fields)
    }

    #[test]
    fn a_form_is_known_by_its_page_its_place_and_its_fields() {
        let mut rng = Rng::with_seed(1);
        let (one, other) = (PageKey::fresh(&mut rng), PageKey::fresh(&mut rng));
        assert_ne!(one, other);
        let known = of(&one, "/runs", b"a=1");
        assert_eq!(known, of(&one, "/runs", b"a=1"));
        for another in [of(&other, "/runs", b"a=1"), of(&one, "/run", b"sa=1"), of(&one, "/runs", b"a=2")] {
            assert_ne!(known, another);
        }
        assert_ne!(known.for_run(RunId(1)), known.for_run(RunId(2)));
        assert_eq!(Once::of(Sent { key: None }, "/runs", b"").for_run(RunId(1)).key(), None);
    }

    #[test]
    fn a_key_is_letters_and_digits() {
        let fresh = PageKey::fresh(&mut Rng::with_seed(1));
        assert_eq!(PageKey::try_from(fresh.as_str().to_owned()), Ok(fresh));
        for bad in [String::new(), "a/b".to_owned(), "x".repeat(PAGE_KEY_MAX + 1)] {
            assert!(PageKey::try_from(bad).is_err());
        }
    }

    #[test]
    fn every_form_that_is_posted_gets_the_key_and_nothing_else_does() {
        let page = html! {
            p title="<form method=\"post\">" { "<form method=\"post\">" }
            form method="post" action="/a>b" { button { "1" } }
            form method="get" { button { "2" } }
            form.x action="/c" method="post" {}
        };
        let drawn = PageKey("k".to_owned()).in_forms_of(&page).into_string();
        let field = "<input type=\"hidden\" name=\"key\" value=\"k\">";
        assert_eq!(drawn.matches(field).count(), 2);
        assert!(drawn.contains(&format!("action=\"/a&gt;b\">{field}<button>1")), "{drawn}");
        assert!(drawn.contains(&format!("method=\"post\">{field}</form>")), "{drawn}");
        assert_eq!(drawn.replace(field, ""), page.into_string());
    }
}
