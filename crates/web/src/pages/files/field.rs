//! The fields of a form, drawn: each with its name, what stands in it, a hint, and what is wrong with it.

use maud::{Markup, html};
use systems::files::Wrong;

use super::View;
use super::form::Standing;
use super::typed::REMOVED;
use crate::components::text::worded;

/// A field: its name in the form, the path of the config's field it is, and its words.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) label: &'a str,
    pub(super) hint: &'a str,
}

impl<'a> Field<'a> {
    /// One whose name is its path.
    pub(super) const fn new(name: &'a str, label: &'a str) -> Self {
        Self { name, path: name, label, hint: "" }
    }

    pub(super) const fn hinted(self, hint: &'a str) -> Self {
        Self { hint, ..self }
    }

    pub(super) fn id(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }

    /// What is wrong with it, or with a part of it.
    fn wrong<'s>(&self, standing: &'s Standing) -> Vec<&'s Wrong> {
        standing.wrong.iter().filter(|wrong| within(&wrong.field, self.path)).collect()
    }
}

/// Whether a field's path is this one or below it.
pub(super) fn within(field: &str, path: &str) -> bool {
    field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A line of text.
pub(super) fn text(view: &View<'_>, standing: &Standing, field: Field<'_>) -> Markup {
    let value = standing.typed.value(field.name);
    around(view, standing, field, |id, told, wrong| {
        html! {
            input id=(id) type="text" name=(field.name) value=(value) autocomplete="off" spellcheck="false"
                aria-describedby=[told] aria-invalid=[wrong];
        }
    })
}

/// A secret: what is written in it is never drawn.
pub(super) fn secret(view: &View<'_>, standing: &Standing, field: Field<'_>, set: bool) -> Markup {
    let w = view.words;
    let remove = format!("{}.{REMOVED}", field.name);
    let removing = Field { name: &remove, path: &remove, label: w.remove, hint: "" };
    let set = set.then_some(w.set);
    // A key has lines, and is not read over a shoulder.
    let has_lines = field.name.ends_with("private_key");
    around(view, standing, field, |id, told, wrong| {
        html! {
            @if has_lines {
                textarea id=(id) name=(field.name) rows="3" placeholder=[set] data-secret spellcheck="false" autocomplete="off"
                    aria-describedby=[told] aria-invalid=[wrong] {}
            } @else { input id=(id) data-secret type="password" name=(field.name) placeholder=[set] autocomplete="new-password"
                aria-describedby=[told] aria-invalid=[wrong]; }
            @if set.is_some() { (check(standing, removing, Some(&(w.on)(w.remove, field.label)))) }
        }
    })
}

/// Several lines.
pub(super) fn lines(view: &View<'_>, standing: &Standing, field: Field<'_>) -> Markup {
    let value = standing.typed.value(field.name);
    around(view, standing, field, |id, told, wrong| {
        html! {
            textarea id=(id) name=(field.name) rows="4" spellcheck="false" aria-describedby=[told] aria-invalid=[wrong] {
                // What a text area begins with a line end loses it.
                "\n" (value)
            }
        }
    })
}

/// One of several.
pub(super) fn choice(
    view: &View<'_>,
    standing: &Standing,
    field: Field<'_>,
    choices: &[(&str, &str)],
) -> Markup {
    let value = standing.typed.value(field.name);
    around(view, standing, field, |id, told, wrong| {
        html! {
            select id=(id) name=(field.name) aria-describedby=[told] aria-invalid=[wrong] {
                @for (word, words) in choices { option value=(word) selected[*word == value] { (words) } }
            }
        }
    })
}

/// Something that is so or not; `heard` where its label needs what is around it to be understood.
pub(super) fn check(standing: &Standing, field: Field<'_>, heard: Option<&str>) -> Markup {
    let is_so = standing.typed.value(field.name) == "true";
    html! {
        label.check { input id=(field.id()) type="checkbox" name=(field.name) value="true" checked[is_so] aria-label=[heard]; span { (field.label) } }
    }
}

/// The label, the field, its hint, and what is wrong with it.
fn around(
    view: &View<'_>,
    standing: &Standing,
    field: Field<'_>,
    input: impl FnOnce(&str, Option<&str>, Option<&str>) -> Markup,
) -> Markup {
    let (id, wrong) = (field.id(), field.wrong(standing));
    let told = format!("{id}-told");
    let has_words = !field.hint.is_empty() || !wrong.is_empty();
    html! {
        div.field {
            label for=(id) { (field.label) }
            (input(&id, has_words.then_some(told.as_str()), (!wrong.is_empty()).then_some("true")))
            @if has_words {
                div.told id=(told) {
                    @for wrong in &wrong { p.error { (worded(&wrong.message, view.scene.language)) } }
                    @if !field.hint.is_empty() { small { (field.hint) } }
                }
            }
        }
    }
}
