//! The pieces pages are made of. Functions that draw; nothing here asks anything.

pub(crate) mod active;
pub(crate) mod chart;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod layout;
pub(crate) mod notice;
pub(crate) mod recent;
pub(crate) mod run;
pub(crate) mod schedules;
pub(crate) mod text;
pub(crate) mod trouble;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::choice::ZONE;
use crate::i18n::Language;

/// For whom and when a page is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// In these words.
    pub(crate) language: Language,
    /// Times are shown in this zone.
    pub(crate) zone: &'a TimeZone,
    /// At this moment.
    pub(crate) now: Timestamp,
}

impl Scene<'_> {
    /// What of the viewer makes a difference to what is drawn, as a query.
    pub(crate) fn query(&self) -> String {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        format!("lang={}&{ZONE}={zone}", self.language.tag())
    }
}
