//! The form of a config, drawn as it stands: new, as the config is, or as it was sent and not kept.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use model::file::{FileCompare, FileMode};
use systems::files::{Detail, Opt, Seen, SeenEntry, Wrong, services};

use super::field::{Field, choice, lines, secret, text, within};
use super::rows::{self, Rows};
use super::typed::{NUMBERS, Typed};
use super::when::{Said, explanation};
use super::{View, draw, files, missing, number, view};
use crate::app::{Shared, Site};
use crate::components::layout::Frame;
use crate::components::notice::notice;
use crate::components::text::{clipped, moment, worded};
use crate::extract::Path;
use crate::problem::Problem;
use crate::viewer::Viewer;

/// Bytes shown of a name that a storage tells.
const NAME_BYTES: usize = 200;

/// The form as it stands.
pub(super) struct Standing {
    pub(super) typed: Typed,
    /// The config it changes.
    pub(super) old: Option<Detail>,
    pub(super) wrong: Vec<Wrong>,
    pub(super) problem: Option<Problem>,
    /// It was to be kept, and was not.
    pub(super) refused: bool,
    /// What lies at a side.
    pub(super) seen: Option<(&'static str, Seen)>,
}

impl Standing {
    pub(super) fn new(typed: Typed, old: Option<Detail>) -> Self {
        Self { typed, old, wrong: Vec::new(), problem: None, refused: false, seen: None }
    }
}

pub(super) async fn blank(State(site): Shared, viewer: Viewer) -> Response {
    match files(&site) {
        Ok(_) => shown(&site, &viewer, &Standing::new(Typed::blank(), None)).into_response(),
        Err(problem) => missing(&viewer, &problem),
    }
}

pub(super) async fn filled(State(site): Shared, viewer: Viewer, Path(id): Path<String>) -> Response {
    let read = async { Ok::<_, Problem>(files(&site)?.config(number(&id)?, site.app.engine.now()).await?) };
    match read.await {
        Ok(old) => shown(&site, &viewer, &Standing::new(Typed::of(&old), Some(old))).into_response(),
        Err(problem) => missing(&viewer, &problem),
    }
}

/// The whole page.
pub(super) fn shown(site: &Site, viewer: &Viewer, standing: &Standing) -> Markup {
    let view = view(site, viewer);
    let w = view.words;
    let (title, path, back) = match &standing.old {
        Some(old) => {
            let config = format!("/files/configs/{}", old.id);
            ((w.form_edit)(&draw::name(&view, old)), format!("{config}/edit"), config)
        }
        None => (w.form_new.to_owned(), "/files/new".to_owned(), "/files".to_owned()),
    };
    let content = html! {
        div.files.config-form {
            a.back href=(back) { "← " @match &standing.old { Some(old) => (draw::name(&view, old)), None => (w.back) } }
            h1 { (title) }
            (notice(standing.problem.as_ref(), viewer.language))
            (form(&view, standing, (&path, &back)))
        }
    };
    Frame { viewer, title: &title, live: None, path: &path }.around(&content)
}

fn form(view: &View<'_>, standing: &Standing, (path, back): (&str, &str)) -> Markup {
    let (w, typed) = (view.words, &standing.typed);
    let states = [("true", w.enabled), ("false", w.disabled)];
    html! {
        form #files-form data-fragment method="post" action=(path) data-explain={ "/files/cron?" (view.scene.query()) }
            data-explain-fields="cron timezone" {
            // The first button is the one that the enter key presses.
            button.unseen name="verb" value="save" tabindex="-1" aria-hidden="true" { (w.save) }
            (refused(view, standing))
            div.card.fields {
                (text(view, standing, Field::new("name", w.name).hinted(w.name_hint)))
                (choice(view, standing, Field::new("enabled", w.state), &states))
            }
            div.sides { (side(view, standing, "source")) (side(view, standing, "target")) }
            fieldset.card.modes {
                legend { (w.mode) }
                @for mode in FileMode::ALL {
                    @let (name, what) = (w.modes)(*mode);
                    label { input type="radio" name="mode" value=(mode.as_str()) checked[typed.value("mode") == mode.as_str()];
                        span { b { (name) } " " small { (what) } } }
                }
            }
            (when(view, standing))
            (rules(view, standing))
            @for rows in Rows::ALL { (rows::shown(view, standing, rows)) }
            (guard(view, standing))
            (further(view, standing))
            div.buttons {
                button.main #save name="verb" value="save" { (w.save) }
                a.button href=(back) { (w.cancel) }
            }
        }
    }
}

/// That it was not kept, with the mistakes that no field of the form has.
fn refused(view: &View<'_>, standing: &Standing) -> Markup {
    let w = view.words;
    let homeless = standing.wrong.iter().filter(|wrong| !has_field(standing, &wrong.field));
    html! {
        div role="alert" {
            @if standing.refused && !standing.wrong.is_empty() {
                div.notice {
                    p { strong { ((w.not_saved)(standing.wrong.len())) } }
                    @for wrong in homeless { p { code { (wrong.field) } " " (worded(&wrong.message, view.scene.language)) } }
                }
            }
        }
    }
}

/// Whether the form has a field for what is wrong.
fn has_field(standing: &Standing, field: &str) -> bool {
    let named = ["name", "enabled", "mode", "cron", "timezone", "filters.rules", "filters.case_sensitive"];
    let further = ["compare", "delete_guard", "backup_dir", "end_time", "create_empty_dirs"];
    let mut all = named.iter().chain(&further).chain(&NUMBERS).copied();
    all.any(|path| within(field, path))
        || Rows::ALL.iter().any(|rows| rows.has(field, standing.typed.rows(*rows)))
        || ["source", "target"].iter().any(|end| {
            let service = standing.typed.value(&format!("{end}.service"));
            let options = services().iter().find(|known| known.name == service).map(|known| known.options);
            let of_option = |name: &str| field == format!("{end}.options.{name}");
            ["service", "path", "must_exist", "case_insensitive"]
                .iter()
                .any(|name| field == format!("{end}.{name}"))
                || options.unwrap_or_default().iter().any(|option| of_option(option.name))
        })
}

/// One of the two trees: where it is, and a way to see whether it can be reached.
fn side(view: &View<'_>, standing: &Standing, end: &'static str) -> Markup {
    let w = view.words;
    let title = if end == "source" { w.source } else { w.target };
    let known: Vec<(&str, &str)> = services()
        .iter()
        .map(|service| (service.name, (w.services)(service.name).unwrap_or(service.name)))
        .collect();
    let (service, path, must_exist) =
        (format!("{end}.service"), format!("{end}.path"), format!("{end}.must_exist"));
    let [made, error] = w.must_exist_choices;
    let seen = standing.seen.as_ref().filter(|(of, _)| *of == end);
    let test = format!("test-{end}");
    html! {
        fieldset.card.side {
            legend { (title) }
            (choice(view, standing, Field::new(&service, w.service), &known))
            (text(view, standing, Field::new(&path, w.path).hinted(w.path_hint)))
            @for service in services() { @if !service.options.is_empty() {
                div.options data-service=(service.name) {
                    @for option in service.options { (option_field(view, standing, (end, service.name), option)) }
                }
            } }
            @if end == "target" {
                (choice(view, standing, Field::new(&must_exist, (w.further_field)(&must_exist)[0]), &[("false", made), ("true", error)]))
            }
            button id=(test) name="verb" value=(test) aria-label=((w.test_on)(title)) { (w.test) }
            div.seen role="status" { @if let Some((_, seen)) = seen { (found(view, seen)) } }
        }
    }
}

fn option_field(
    view: &View<'_>,
    standing: &Standing,
    (end, service): (&str, &str),
    Opt { name: option, secret: is_secret, choices, .. }: &Opt,
) -> Markup {
    let w = view.words;
    let name = format!("{end}.{service}.{option}");
    let own = standing.typed.value(&format!("{end}.service")) == service;
    // A mistake is told where the storage is the one that is chosen.
    let path = if own { format!("{end}.options.{option}") } else { name.clone() };
    let field = Field {
        name: &name,
        path: &path,
        label: (w.option)(option).unwrap_or(option),
        hint: (w.option_hint)(service, option),
    };
    let kept = standing.old.as_ref().map(|old| if end == "source" { &old.source } else { &old.target.side });
    let set =
        kept.is_some_and(|side| side.service == service && side.secrets_set.iter().any(|set| set == option));
    // The first is what it is without being set: then it is left so.
    let word = |(at, word): (usize, &&'static str)| {
        (if at == 0 { "" } else { *word }, (w.option_choice)(word).unwrap_or(word))
    };
    let words: Vec<(&str, &str)> = choices.iter().enumerate().map(word).collect();
    match (is_secret, choices.is_empty()) {
        (true, _) => secret(view, standing, field, set),
        (false, true) => text(view, standing, field),
        (false, false) => choice(view, standing, field, &words),
    }
}

/// What a look at a side found.
fn found(view: &View<'_>, seen: &Seen) -> Markup {
    let w = view.words;
    let left = seen.total.saturating_sub(seen.entries.len());
    html! {
        @match &seen.error {
            Some(error) => p.error { (worded(error, view.scene.language)) },
            None if !seen.exists => p { (w.seen_nothing) },
            None if seen.entries.is_empty() => p { (w.seen_empty) },
            None => {
                p { ((w.seen)(&seen.total.to_string())) }
                ul { @for entry in &seen.entries { (entry_line(view, entry)) } }
                @if left > 0 { small { ((w.seen_more)(&left.to_string())) } }
            },
        }
    }
}

fn entry_line(view: &View<'_>, entry: &SeenEntry) -> Markup {
    html! {
        li {
            code { (clipped(&entry.name, NAME_BYTES)) @if entry.kind == "folder" { "/" } }
            @if let Some(size) = entry.size { " " small { (draw::bytes(size)) } }
            @if let Some(at) = entry.modified { " " small { (moment(at, view.scene.zone, view.scene.now)) } }
            @if entry.kind == "other" { " " small { (view.words.other) } }
        }
    }
}

fn when(view: &View<'_>, standing: &Standing) -> Markup {
    let (w, typed) = (view.words, &standing.typed);
    html! {
        fieldset.card.timing {
            legend { (w.when) }
            div.fields {
                (text(view, standing, Field::new("cron", w.cron).hinted(w.cron_hint)))
                (text(view, standing, Field::new("timezone", w.zone)))
                // With JavaScript it is explained while it is typed.
                noscript { button #check name="verb" value="check" { (w.check) } }
            }
            (explanation(view, &Said::new(typed.value("cron"), typed.value("timezone"))))
        }
    }
}

fn rules(view: &View<'_>, standing: &Standing) -> Markup {
    let w = view.words;
    let compares: Vec<(&str, &str)> =
        FileCompare::ALL.iter().map(|compare| (compare.as_str(), (w.compares)(*compare))).collect();
    let [yes, no] = w.cases;
    html! {
        div.card.rules {
            (lines(view, standing, Field::new("filters.rules", w.rules).hinted(w.rules_hint)))
            div.fields {
                (choice(view, standing, Field::new("filters.case_sensitive", w.rules_case), &[("true", yes), ("false", no)]))
                (choice(view, standing, Field::new("compare", w.compare), &compares))
            }
        }
    }
}

fn guard(view: &View<'_>, standing: &Standing) -> Markup {
    let w = view.words;
    html! {
        fieldset.card {
            legend { (w.guard) }
            p.quiet { (w.guard_hint) }
            div.fields {
                (text(view, standing, Field::new("delete_guard.max_files", w.guard_files)))
                (text(view, standing, Field::new("delete_guard.max_percent", w.guard_percent)))
            }
        }
    }
}

fn further(view: &View<'_>, standing: &Standing) -> Markup {
    let w = view.words;
    let names = ["backup_dir", "end_time"].into_iter().chain(NUMBERS);
    let [made, left_out] = w.empty_folders;
    let [yes, no] = w.cases;
    let cases = [("", w.found_out), ("false", yes), ("true", no)];
    let wrong = names.clone().any(|name| standing.wrong.iter().any(|wrong| wrong.field == name));
    html! {
        details.card #further open[wrong] {
            summary { (w.further) }
            div.fields {
                @for name in names { (text(view, standing, further_field(view, name))) }
                (choice(view, standing, further_field(view, "create_empty_dirs"), &[("true", made), ("false", left_out)]))
                (choice(view, standing, further_field(view, "target.case_insensitive"), &cases))
            }
        }
    }
}

fn further_field<'a>(view: &View<'_>, name: &'a str) -> Field<'a> {
    let [label, hint] = (view.words.further_field)(name);
    Field::new(name, label).hinted(hint)
}
