//! The parts of the page, drawn. Nothing here asks anything.

use engine::{Syncs, System};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use model::policy::Retry;

use super::Standing;
use super::words::Words;
use crate::app::Site;
use crate::choice::{Theme, Zone};
use crate::components::text::full;
use crate::i18n::Language;
use crate::settings::Setting;
use crate::viewer::Viewer;

/// For whom, and of what.
pub(super) struct View<'a> {
    pub(super) site: &'a Site,
    pub(super) viewer: &'a Viewer,
    pub(super) words: &'static Words,
}

pub(super) fn content(view: &View<'_>, standing: &Standing<'_>) -> Markup {
    let w = view.words;
    html! {
        div.settings {
            h1 { (w.title) }
            (choices(view, standing))
            (server(view))
            @for system in view.site.app.engine.systems() { (of_system(view, system.as_ref())) }
        }
    }
}

/// The form of the viewer's own choices.
fn choices(view: &View<'_>, standing: &Standing<'_>) -> Markup {
    let (w, viewer) = (view.words, view.viewer);
    let refused = if let Standing::Refused(form) = standing { Some(*form) } else { None };
    let theme = refused.and_then(|form| Theme::from_word(&form.theme)).unwrap_or(viewer.theme);
    html! {
        section.card aria-labelledby="yours-title" {
            h2 #yours-title { (w.yours) small { (w.yours_kept) } }
            div role="status" { @if matches!(standing, Standing::Saved) { p.box { (w.saved) } } }
            // Language and colours are those of the whole page, so the browser fetches it anew.
            form.choosing method="post" action="/settings" data-whole {
                fieldset {
                    legend { (w.language) }
                    div { @for language in Language::ALL {
                        label lang=(language.tag()) {
                            input type="radio" name="language" value=(language.tag()) checked[language == viewer.language];
                            (language.messages().this_language)
                        }
                    } }
                }
                fieldset {
                    legend { (w.theme) }
                    div { @for one in Theme::ALL {
                        label {
                            input type="radio" name="theme" value=(one.word()) checked[one == theme];
                            ((w.theme_words)(one))
                        }
                    } }
                }
                (zones(view, refused.map(|form| (form.zone.as_str(), form.zone_name.as_str()))))
                button #save-choices .main { (w.save) }
            }
            datalist #zones { @for zone in jiff::tz::db().available() { option value=(zone) {} } }
        }
    }
}

/// The choice of the zone, as it holds or as it was sent and refused.
fn zones(view: &View<'_>, sent: Option<(&str, &str)>) -> Markup {
    let (w, viewer) = (view.words, view.viewer);
    let (word, name) = match &viewer.chosen {
        Zone::Browser => ("browser", ""),
        Zone::Server => ("server", ""),
        Zone::Named(zone) => ("named", zone.iana_name().unwrap_or_default()),
    };
    let (word, name) = sent.unwrap_or((word, name));
    let radio = |value: &str| html! { input type="radio" name="zone" value=(value) checked[value == word]; };
    let hint =
        |zone: Option<&TimeZone>| zone.and_then(TimeZone::iana_name).unwrap_or(w.unknown_zone).to_owned();
    html! {
        fieldset.zones {
            legend { (w.zone) }
            div { label {
                (radio("browser")) (w.zone_browser)
                small data-browser-zone { (hint(viewer.of_browser.as_ref())) }
            } }
            div { label {
                (radio("server")) (w.zone_server)
                small { (hint(Some(&view.site.app.time_zone))) }
            } }
            div {
                label { (radio("named")) (w.zone_named) }
                input #zone-name type="text" name="zone_name" value=(name) list="zones" maxlength="64"
                    autocomplete="off" spellcheck="false" placeholder="Europe/Berlin" aria-label=(w.zone_name)
                    aria-describedby="zone-said" aria-invalid=[sent.map(|_| "true")];
            }
            p #zone-said .quiet {
                @if let Some((_, name)) = sent { span.error { ((w.no_zone)(name)) } }
                @else { ((w.now)(&full(view.site.app.engine.now(), &viewer.zone))) }
            }
        }
    }
}

/// What the server runs with.
fn server(view: &View<'_>) -> Markup {
    let (w, app) = (view.words, &view.site.app);
    let zone = app.time_zone.iana_name().unwrap_or_default();
    html! {
        section aria-labelledby="server-title" {
            h2 #server-title { (w.server) small { (w.server_kept) } }
            p.line {
                span { "Syncline " b { (app.version.version) } @if let Some(commit) = app.version.commit { " " code { (commit) } } }
                span { (w.zone_server) " " b { (zone) } }
            }
            (values(view, "server-title", app.settings.iter().filter(|one| one.system().is_none())))
        }
    }
}

fn of_system(view: &View<'_>, system: &dyn System) -> Markup {
    let (w, name) = (view.words, system.name());
    let title = format!("{name}-title");
    html! {
        section aria-labelledby=(title) {
            h2 #(title) { (w.system) " " code { (name) } }
            (values(view, &title, view.site.app.settings.iter().filter(|one| one.system() == Some(name))))
            (policies(view, &system.syncs()))
        }
    }
}

fn values<'a>(view: &View<'_>, title: &str, settings: impl Iterator<Item = &'a Setting>) -> Markup {
    let w = view.words;
    html! {
        div.scroll data-scroll tabindex="0" role="region" aria-labelledby=(title) {
            table.values {
                thead { tr {
                    @for column in w.columns { th scope="col" { (column) } }
                } }
                tbody { @for setting in settings { (row(view, setting)) } }
            }
        }
    }
}

fn row(view: &View<'_>, setting: &Setting) -> Markup {
    let name = setting.source.name();
    html! {
        tr.set[name.is_some()] {
            th scope="row" { code { (setting.key) } }
            td.value { @if setting.value.is_empty() { span.quiet { (view.words.unset) } } @else { code { (setting.value) } } }
            td { (setting.source.kind(view.viewer.language)) @if let Some(name) = name { " " code { (name) } } }
        }
    }
}

/// What holds for the runs of each sync.
fn policies(view: &View<'_>, syncs: &[Syncs]) -> Markup {
    let w = view.words;
    html! {
        @if !syncs.is_empty() {
            div.scroll data-scroll tabindex="0" role="region" aria-label=(w.policies) {
                table {
                    thead { tr { @for column in w.policy_columns { th scope="col" { (column) } } } }
                    tbody { @for sync in syncs {
                        @let policy = &sync.policy;
                        tr {
                            th scope="row" { code { (sync.key) } }
                            td { ((w.overlap)(policy.overlap)) }
                            td { @if let Some(most) = policy.max_parallel { (most) } @else { (w.no_limit) } }
                            td { (tries(view, &policy.retry)) }
                            td { @if let Some(most) = policy.source_fault_limit { ((w.faults)(most)) } @else { (w.never) } }
                        }
                    } }
                }
            }
        }
    }
}

fn tries(view: &View<'_>, retry: &Retry) -> Markup {
    let m = view.viewer.language.messages();
    let said = |of: std::time::Duration| (m.duration)(i64::try_from(of.as_secs()).unwrap_or(i64::MAX));
    html! {
        (retry.tries)
        @if retry.tries > 1 { " " small { ((view.words.pauses)(&said(retry.base), retry.factor, &said(retry.cap))) } }
    }
}
