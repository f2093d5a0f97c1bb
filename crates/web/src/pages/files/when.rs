//! When a config is synced: its cron in words, as it stands and while it is typed.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use model::cron::Cron;
use model::file::cron::{BadFileCron, canonical, describe};
use model::schedule::zone;
use serde::Deserialize;
use systems::files::Detail;

use super::{View, draw, view};
use crate::app::Shared;
use crate::components::text::{full, seconds_between};
use crate::extract;
use crate::i18n::Language;
use crate::viewer::Viewer;

/// Times shown of a rule.
const NEXT_SHOWN: usize = 5;

/// A rule as it is typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    cron: String,
    timezone: String,
}

impl Said {
    pub(super) fn new(cron: &str, timezone: &str) -> Self {
        Self { cron: cron.to_owned(), timezone: timezone.to_owned() }
    }
}

/// What a rule means, as a fragment: asked for while it is typed.
pub(super) async fn explained(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(said): extract::Asked<Said>,
) -> Response {
    (StatusCode::OK, explanation(&view(&site, &viewer), &said)).into_response()
}

/// What a rule means and when it is next due, or what is wrong with it.
pub(super) fn explanation(view: &View<'_>, said: &Said) -> Markup {
    let (w, language) = (view.words, view.scene.language);
    let written = !said.cron.trim().is_empty();
    let (cron, own) = (in_words(&said.cron, language), zone(said.timezone.trim()));
    let mut wrong = Vec::new();
    wrong.extend((written && cron.is_err()).then_some("cron"));
    wrong.extend(own.is_err().then_some("timezone"));
    html! {
        div #cron-said data-fragment role="status" data-wrong=(wrong.join(" ")) {
            @if !written { p.quiet { (w.no_cron) } }
            @else if let Err(bad) = &cron { p.error { (trouble(bad, language)) } }
            @if let Err(bad) = &own { p.error { (bad.explain(language.into())) } }
            @if let (true, Ok((words, cron)), Ok(own)) = (written, &cron, &own) {
                p.meaning { ((w.in_zone)(words, said.timezone.trim())) }
                ol.times aria-label=(w.next_times) {
                    @for at in cron.next_n(view.scene.now, own, NEXT_SHOWN) { li { (due(view, at, own)) } }
                }
            }
        }
    }
}

fn due(view: &View<'_>, at: Timestamp, own: &jiff::tz::TimeZone) -> Markup {
    let left = (view.scene.language.messages().duration)(seconds_between(view.scene.now, at));
    html! {
        time datetime=(at) title=(full(at, view.scene.zone)) { (at.to_zoned_datetime(own.clone()).strftime("%Y-%m-%d %H:%M")) }
        " " small { (left) }
    }
}

/// A rule in words, with what the engine reads.
fn in_words(text: &str, language: Language) -> Result<(String, Cron), BadFileCron> {
    let expression = canonical(text)?;
    let cron = Cron::parse(&expression).expect("what is canonical can be read");
    let words = match language {
        Language::Chinese => describe(text)?,
        Language::English => cron.explain(language.into()),
    };
    Ok((words, cron))
}

fn trouble(bad: &BadFileCron, language: Language) -> String {
    match language {
        Language::English => bad.to_string(),
        Language::Chinese if bad.detail.is_empty() => bad.message().to_owned(),
        Language::Chinese => bad.detail.clone(),
    }
}

/// When a config is synced, with the next time; or why it is not by itself.
pub(super) fn rule(view: &View<'_>, config: &Detail) -> Markup {
    let w = view.words;
    let cron = config.cron.as_deref().filter(|cron| !cron.trim().is_empty());
    html! {
        div.when {
            @match cron {
                None => span.quiet { (w.by_hand) },
                Some(cron) => {
                    @match in_words(cron, view.scene.language) {
                        Ok((words, _)) => span.meaning title={ (cron) " " (config.timezone) } { (words) },
                        Err(bad) => span.error { code { (cron) } " " (trouble(&bad, view.scene.language)) },
                    }
                    @match (draw::time(view, config.next_run.as_deref()), config.schedule_reason) {
                        (Some(at), _) => small { ((w.next)("")) (at) },
                        (None, Some(reason)) => small { ((w.unscheduled)(reason)) },
                        (None, None) if config.scheduled => {
                            span.badge data-state="paused" { (view.scene.language.messages().paused) }
                        },
                        (None, None) => {},
                    }
                },
            }
        }
    }
}
