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
    /// The key of the page's forms; `None` for fragments, which must not differ by it.
    pub(crate) key: Option<PageKey>,
}

impl Viewer {
    /// The same, looking at fragments.
    pub(crate) fn of_fragments(self) -> Self {
        Self { key: None, ..self }
    }

    /// The same, with the form still to be sent: it was refused, or it is not known what became of it.
    pub(crate) fn again(self, key: Option<PageKey>) -> Self {
        Self { key: key.or(self.key), ..self }
    }

    /// What is drawn for them at this moment.
    pub(crate) fn scene(&self, now: Timestamp) -> Scene<'_> {
        Scene { language: self.language, zone: &self.zone, now, key: self.key.as_ref() }
    }
}

impl FromRequestParts<Arc<Site>> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let language = parts.extensions.get::<Language>().copied().unwrap_or_default();
        let key = PageKey::fresh(&mut site.rng.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Self { language, zone: site.app.time_zone.clone(), key: Some(key) })
    }
}
