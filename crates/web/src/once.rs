//! Forms posted twice: once in effect.
//!
//! A page is drawn with a key, fresh each time, and each of its forms that starts work carries it. The run is asked for
//! under that key and what exactly the form asks for, so the second post of the same form finds the run that the first
//! one made. Fragments carry none: they would differ each time they are drawn. The page's script remembers the key of
//! the page and sends it with every form.

use engine::Requested;
use fastrand::Rng;
use maud::{Markup, html};
use model::id::RunId;
use serde::Deserialize;

use crate::problem::Problem;

/// The longest key under which a run is asked for: a UUID with room to spare.
pub(crate) const KEY_MAX: usize = 200;

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
        if fits { Ok(Self(text)) } else { Err(format!("key: 1 to {PAGE_KEY_MAX} letters and digits")) }
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

    /// The key for exactly this wish of a form of the page.
    pub(crate) fn for_wish(&self, wish: &str) -> Result<String, Problem> {
        let key = format!("{}/{wish}", self.0);
        if key.len() > KEY_MAX {
            return Err(Problem::Body(format!("{wish}: too long for a form")));
        }
        Ok(key)
    }
}

/// What a form without other fields brings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Keyed {
    pub(crate) key: Option<PageKey>,
}

/// The key as a field of a form.
pub(crate) fn field(key: Option<&PageKey>) -> Markup {
    html! { @if let Some(key) = key { input type="hidden" name="key" value=(key.as_str()); } }
}

/// The run a form led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Led {
    /// As the form wished.
    To(RunId),
    /// The same form had been sent before, and this is the run it made then.
    Again(RunId),
}

impl Led {
    /// Where a request led, unless another run was in the way.
    pub(crate) fn by(requested: Requested) -> Result<Self, Problem> {
        match requested {
            Requested::Started(run) | Requested::Buffered(run) => Ok(Self::To(run.id)),
            Requested::Known(run) => Ok(Self::Again(run.id)),
            Requested::Busy(run) => Err(Problem::Busy(run.id)),
        }
    }

    /// The run.
    pub(crate) const fn run(self) -> RunId {
        match self {
            Self::To(run) | Self::Again(run) => run,
        }
    }

    /// The address of the run's page, with a word of the form that was sent twice.
    pub(crate) fn address(self) -> String {
        match self {
            Self::To(run) => format!("/runs/{run}"),
            Self::Again(run) => format!("/runs/{run}?sent=twice"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_letters_and_digits_and_no_two_are_alike() {
        let mut rng = Rng::with_seed(1);
        let (one, other) = (PageKey::fresh(&mut rng), PageKey::fresh(&mut rng));
        assert_ne!(one, other);
        assert_eq!(PageKey::try_from(one.as_str().to_owned()), Ok(one.clone()));
        for bad in [String::new(), "a/b".to_owned(), "x".repeat(PAGE_KEY_MAX + 1)] {
            assert!(PageKey::try_from(bad).is_err());
        }
        assert_eq!(one.for_wish("retry/5").unwrap(), format!("{}/retry/5", one.as_str()));
        assert!(one.for_wish(&"x".repeat(KEY_MAX)).is_err());
    }
}
