//! For whom a page is drawn.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::Site;
use crate::choice::{self, Theme, Zone};
use crate::components::Scene;
use crate::i18n::Language;
use crate::once::PageKey;

/// The person who looks, as far as the request tells.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    /// In which language.
    pub(crate) language: Language,
    /// Times are shown in this zone.
    pub(crate) zone: TimeZone,
    /// The zone they chose.
    pub(crate) chosen: Zone,
    /// That of their browser, where it is known.
    pub(crate) of_browser: Option<TimeZone>,
    /// The colours they chose.
    pub(crate) theme: Theme,
    /// The key of the page that is drawn. No fragment has it.
    pub(crate) key: PageKey,
    /// Records of the tasks system that nobody has read; none while that cannot be told.
    pub(crate) unread: i64,
}

impl Viewer {
    /// What is drawn for them at this moment.
    pub(crate) fn scene(&self, now: Timestamp) -> Scene<'_> {
        Scene { language: self.language, zone: &self.zone, now }
    }

    /// See [`Scene::query`].
    pub(crate) fn query(&self) -> String {
        self.scene(Timestamp::UNIX_EPOCH).query()
    }

    /// The name of the zone that times are shown in.
    pub(crate) fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}

/// The zone that the address asks for: that of the page a fragment belongs to.
pub(crate) fn zone_asked(uri: &Uri) -> Option<TimeZone> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    TimeZone::get(pairs.filter(|(name, _)| *name == choice::ZONE).map(|(_, zone)| zone).next()?).ok()
}

#[cfg(test)]
impl Viewer {
    /// Somebody in Shanghai.
    pub(crate) fn in_shanghai(language: Language) -> Self {
        let (zone, key) =
            (TimeZone::get("Asia/Shanghai").unwrap(), PageKey::fresh(&mut fastrand::Rng::with_seed(1)));
        Self { language, zone, chosen: Zone::Browser, of_browser: None, theme: Theme::Auto, key, unread: 0 }
    }
}

impl FromRequestParts<Arc<Site>> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let language = parts.extensions.get::<Language>().copied().unwrap_or_default();
        let key = PageKey::fresh(&mut site.rng.lock().unwrap_or_else(PoisonError::into_inner));
        let (chosen, of_browser) = (Zone::of(&parts.headers), choice::zone_of_browser(&parts.headers));
        let zone = zone_asked(&parts.uri).or_else(|| match &chosen {
            Zone::Named(zone) => Some(zone.clone()),
            Zone::Browser => of_browser.clone(),
            Zone::Server => None,
        });
        let zone = zone.unwrap_or_else(|| site.app.time_zone.clone());
        let unread = site.unread().await.unwrap_or_default();
        Ok(Self { language, zone, chosen, of_browser, theme: Theme::of(&parts.headers), key, unread })
    }
}
