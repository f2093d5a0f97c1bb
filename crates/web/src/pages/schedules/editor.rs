//! The editor of a rule: two fields, and what they mean in words while they are typed.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use model::cron::Field;
use model::id::ScheduleId;
use serde::Deserialize;

use super::draw::{View, times_table};
use super::rule::{self, Typed};
use super::view;
use crate::app::Shared;
use crate::extract;
use crate::viewer::Viewer;

/// Characters of an expression; the longest sensible one has far fewer.
const CRON_CHARACTERS: usize = 200;

/// A rule as it is typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub(super) cron: String,
    pub(super) time_zone: String,
    /// It was to be saved, and was not.
    #[serde(skip)]
    pub(super) refused: bool,
}

/// What a rule means, as a fragment: asked for while it is typed.
pub(super) async fn explained(
    State(site): Shared,
    viewer: Viewer,
    extract::Asked(said): extract::Asked<Said>,
) -> Response {
    (StatusCode::OK, explanation(&view(&site, &viewer), &said)).into_response()
}

/// The form with the explanation under it.
pub(super) fn section(view: &View<'_>, id: ScheduleId, said: &Said) -> Markup {
    let w = view.words;
    let typed = Typed::read(&said.cron, &said.time_zone, view.scene.now);
    let wrong = |field| typed.wrong().contains(&field).then_some("true");
    let address = format!("/schedules/{id}");
    html! {
        section #rule .card.editor aria-labelledby="rule-title" {
            h2 #rule-title { (w.editor) }
            form method="post" action=(address) data-explain={ "/schedules/explained?" (view.scene.query()) } {
                label.cron { (w.cron)
                    input #cron type="text" name="cron" value=(said.cron) required maxlength=(CRON_CHARACTERS)
                        autocomplete="off" spellcheck="false" aria-describedby="cron-said" aria-invalid=[wrong("cron")];
                }
                label { (w.zone)
                    input #time-zone type="text" name="time_zone" value=(said.time_zone) required maxlength="64"
                        list="zones" autocomplete="off" spellcheck="false" placeholder=(w.zone_hint)
                        aria-describedby="cron-said" aria-invalid=[wrong("time_zone")];
                }
                button #save .main name="verb" value="change" { (w.save) }
                // With JavaScript it is explained while it is typed.
                noscript { button #check formmethod="get" formaction={ (address) "#rule" } { (w.check) } }
            }
            datalist #zones { @for zone in jiff::tz::db().available() { option value=(zone) {} } }
            (explanation(view, said))
            (manual(view))
        }
    }
}

/// What it means and when it is next due, or what is wrong with it.
fn explanation(view: &View<'_>, said: &Said) -> Markup {
    let (w, language) = (view.words, view.scene.language);
    let typed = Typed::read(&said.cron, &said.time_zone, view.scene.now);
    html! {
        div #cron-said data-fragment role="status" data-wrong=(typed.wrong().join(" ")) {
            @if said.refused { p.error { b { (w.not_saved) } } }
            @if let Err(bad) = &typed.cron { p.error { (marked(&bad.explain(language.into()))) } }
            @if let Err(bad) = &typed.zone { p.error { (marked(&bad.explain(language.into()))) } }
            @if let (Ok(cron), Ok((zone, _))) = (&typed.cron, &typed.zone) {
                p.meaning { ((w.with_zone)(&cron.explain(language.into()), rule::zone_words(w, zone))) }
                (times_table(view, &typed.next, zone))
            }
        }
    }
}

/// A text with what stands between `` ` `` as code.
fn marked(text: &str) -> Markup {
    html! {
        @for (place, piece) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

/// What may be written into an expression.
fn manual(view: &View<'_>) -> Markup {
    let (w, language) = (view.words, view.scene.language.into());
    html! {
        details #cron-fields {
            summary { (w.fields) }
            p { (w.fields_order) }
            dl.facts { @for field in Field::ALL { dt { (field.name(language)) } dd { (marked(field.allowed(language))) } } }
            p { (w.either) }
        }
    }
}
