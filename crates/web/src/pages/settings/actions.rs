//! The page's form: the viewer's choices, kept in cookies. Nothing of it reaches the engine.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{Standing, shown};
use crate::app::Shared;
use crate::choice::{Theme, Zone, keep};
use crate::extract::Form;
use crate::i18n::{COOKIE, Language};
use crate::viewer::Viewer;

/// The choices as they are sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChoiceForm {
    language: String,
    pub(super) theme: String,
    /// `browser`, `server` or `named`.
    pub(super) zone: String,
    /// The zone, where it is `named`.
    pub(super) zone_name: String,
}

impl ChoiceForm {
    /// `None`: no zone is called so.
    fn zone(&self) -> Option<Zone> {
        match self.zone.as_str() {
            "named" => TimeZone::get(self.zone_name.trim()).ok().map(Zone::Named),
            "server" => Some(Zone::Server),
            _ => Some(Zone::Browser),
        }
    }
}

/// Has the browser keep them and leads back to the page.
pub(super) async fn choose(State(site): Shared, viewer: Viewer, Form(form, _): Form<ChoiceForm>) -> Response {
    let Some(zone) = form.zone() else {
        let page = shown(&site, &viewer, &Standing::Refused(&form));
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    let language = Language::from_tag(&form.language).unwrap_or(viewer.language);
    let theme = Theme::from_word(&form.theme).unwrap_or_default();
    let kept = |cookie: HeaderValue| -> (HeaderName, HeaderValue) { (header::SET_COOKIE, cookie) };
    let cookies = [keep(COOKIE, language.tag()), theme.keep(), zone.keep()].map(kept);
    (AppendHeaders(cookies), Redirect::to("/settings?saved=1")).into_response()
}
