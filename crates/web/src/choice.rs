//! What a person chose for themselves. It is kept in their browser's cookies, so that nobody needs an account for it,
//! and two people at one server see it each in their own way.

use axum::http::{HeaderMap, HeaderValue, header};
use jiff::tz::TimeZone;

/// The cookie of the zone that was chosen.
pub(crate) const ZONE: &str = "zone";

/// The cookie in which the page's script tells the browser's own zone.
const BROWSER_ZONE: &str = "browser_zone";

/// The cookie of the colours that were chosen.
pub(crate) const THEME: &str = "theme";

/// The word for the server's zone where a zone is named.
const SERVER: &str = "server";

/// In which zone times are to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Zone {
    /// That of the browser: nothing else was chosen.
    #[default]
    Browser,
    /// That of the server.
    Server,
    /// This one.
    Named(TimeZone),
}

impl Zone {
    /// As the cookie has it. A name that no zone has (any more) is no choice.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        match cookie(headers, ZONE) {
            Some(SERVER) => Self::Server,
            Some(name) => TimeZone::get(name).map_or(Self::Browser, Self::Named),
            None => Self::Browser,
        }
    }

    /// Has the browser keep it.
    pub(crate) fn keep(&self) -> HeaderValue {
        match self {
            Self::Browser => forget(ZONE),
            Self::Server => keep(ZONE, SERVER),
            Self::Named(zone) => keep(ZONE, zone.iana_name().unwrap_or(SERVER)),
        }
    }
}

/// The browser's zone, where the page's script has told it.
pub(crate) fn zone_of_browser(headers: &HeaderMap) -> Option<TimeZone> {
    TimeZone::get(cookie(headers, BROWSER_ZONE)?).ok()
}

/// In which colours pages are to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the person's system has it.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// Every theme.
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The word in the cookie and in the form.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of such a word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }

    /// As the cookie has it.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        cookie(headers, THEME).and_then(Self::from_word).unwrap_or_default()
    }

    /// Has the browser keep it.
    pub(crate) fn keep(self) -> HeaderValue {
        match self {
            Self::Auto => forget(THEME),
            Self::Light | Self::Dark => keep(THEME, self.word()),
        }
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(known, value)| (known == name).then_some(value))
}

/// Has the browser keep a word of ours for a year.
pub(crate) fn keep(name: &str, word: &str) -> HeaderValue {
    let cookie = format!("{name}={word}; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly");
    HeaderValue::try_from(cookie).expect("names of cookies, zones and languages are visible ASCII")
}

fn forget(name: &str) -> HeaderValue {
    let cookie = format!("{name}=; Path=/; Max-Age=0; SameSite=Strict; HttpOnly");
    HeaderValue::try_from(cookie).expect("names of cookies are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cookies: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, cookies.parse().unwrap())])
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let zones = ["Etc/GMT+8", "America/Argentina/Buenos_Aires", "UTC"];
        let zones = zones.map(|name| Zone::Named(TimeZone::get(name).unwrap()));
        for zone in zones.into_iter().chain([Zone::Server, Zone::Browser]) {
            let kept = zone.keep();
            let pair = kept.to_str().unwrap().split(';').next().unwrap();
            assert_eq!(Zone::of(&with(&format!("lang=en; {pair}"))), zone);
        }
        for theme in Theme::ALL {
            let kept = theme.keep();
            assert_eq!(Theme::of(&with(kept.to_str().unwrap().split(';').next().unwrap())), theme);
        }
    }

    #[test]
    fn what_makes_no_sense_is_no_choice() {
        for cookies in ["zone=; theme=", "zone=Mars/Base; theme=pink", "zone", "x=zone=server"] {
            assert_eq!((Zone::of(&with(cookies)), Theme::of(&with(cookies))), Default::default());
        }
        assert_eq!(zone_of_browser(&with("browser_zone=Etc/Unknown-Zone")), None);
    }
}
