//! For whom a page is drawn.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::Site;
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
    /// The key of the page that is drawn. No fragment has it.
    pub(crate) key: PageKey,
}

impl Viewer {
    /// What is drawn for them at this moment.
    pub(crate) fn scene(&self, now: Timestamp) -> Scene<'_> {
        Scene { language: self.language, zone: &self.zone, now }
    }

    /// What of them makes a difference to fragments, as a query.
    pub(crate) fn query(&self) -> String {
        format!("lang={}", self.language.tag())
    }
}

#[cfg(test)]
impl Viewer {
    /// Somebody in Shanghai.
    pub(crate) fn in_shanghai(language: Language) -> Self {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        Self { language, zone, key: PageKey::fresh(&mut fastrand::Rng::with_seed(1)) }
    }
}

impl FromRequestParts<Arc<Site>> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let language = parts.extensions.get::<Language>().copied().unwrap_or_default();
        let key = PageKey::fresh(&mut site.rng.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Self { language, zone: site.app.time_zone.clone(), key })
    }
}
