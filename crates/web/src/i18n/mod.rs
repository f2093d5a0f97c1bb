//! Both languages: which one a request wants, and the words of each.
//!
//! [`Messages`] has a field per message, and each language is one literal of it: a language that lacks a message
//! does not compile.

mod chinese;
mod english;
mod messages;

use axum::http::{HeaderMap, Uri, header};

pub use messages::Messages;

use crate::choice::cookie;

/// A language the console and the API speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl From<Language> for model::cron::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::English => Self::English,
            Language::Chinese => Self::Chinese,
        }
    }
}

/// The cookie that keeps a person's choice.
pub const COOKIE: &str = "lang";

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The tag used in `lang` attributes, the cookie and the query.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// Its words.
    #[must_use]
    pub fn messages(self) -> &'static Messages {
        match self {
            Self::English => &english::MESSAGES,
            Self::Chinese => &chinese::MESSAGES,
        }
    }

    /// The language of a tag such as `zh`, `zh-CN` or `en-GB`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// What the address itself asks for: `?lang=zh`.
    #[must_use]
    pub fn asked(uri: &Uri) -> Option<Self> {
        let query = uri.query()?;
        query.split('&').find_map(|pair| Self::from_tag(pair.strip_prefix("lang=")?))
    }

    /// The address first, then the person's cookie, then the browser's wishes, then English.
    #[must_use]
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        Self::asked(uri)
            .or_else(|| cookie(headers, COOKIE).and_then(Self::from_tag))
            .or_else(|| by_wishes(headers))
            .unwrap_or_default()
    }
}

/// The first language of ours in the order of the weights; equal weights keep their order.
fn by_wishes(headers: &HeaderMap) -> Option<Language> {
    let wishes = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Language)> = None;
    for wish in wishes.split(',') {
        let (tag, parameters) = wish.split_once(';').unwrap_or((wish, ""));
        let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse).unwrap_or(0.0);
        let Some(language) = Language::from_tag(tag.trim()) else { continue };
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(uri: &str, cookie: &str, accept: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        Language::of(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn the_address_wins_over_the_cookie_and_the_cookie_over_the_browser() {
        assert_eq!(wish("/?a=1&lang=zh", "lang=en", "en"), Language::Chinese);
        assert_eq!(wish("/", "theme=x; lang=zh", "en"), Language::Chinese);
        assert_eq!(wish("/", "x=1", "fr, en;q=0.4, zh-CN;q=0.8"), Language::Chinese);
        assert_eq!(wish("/", "x=1", "zh-TW;q=0.5,en-GB"), Language::English);
        assert_eq!(wish("/?lang=fr", "lang=", "fr;q=zz"), Language::English);
    }
}
