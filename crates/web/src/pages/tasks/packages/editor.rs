//! The form of one package.

use maud::{Markup, html};

use super::asked::{Edit, PackageForm};
use super::{Told, View};

/// The place for it: empty while no package is edited.
pub(super) fn editor(view: &View<'_>, form: Option<&PackageForm>, told: &Told) -> Markup {
    html! {
        div #packages-editor data-fragment {
            @if let Some(form) = form { (opened(view, form, told)) }
        }
    }
}

fn opened(view: &View<'_>, form: &PackageForm, told: &Told) -> Markup {
    let w = view.words;
    let title = match view.asked.edit {
        Edit::Package(_) => (w.change)(&form.external_package_id),
        Edit::New | Edit::Nothing => w.make.to_owned(),
    };
    let to = match view.asked.edit {
        Edit::Package(id) => format!("/{id}/save"),
        Edit::New | Edit::Nothing => "/new".to_owned(),
    };
    let wrong = if let Told::Wrong(wrong) = told { Some(wrong) } else { None };
    html! {
        section.card.editor aria-labelledby="editor-title" {
            h2 #editor-title { (title) }
            @if let Some(wrong) = wrong {
                @let place = NAMES.iter().position(|name| *name == wrong.field);
                p.error role="alert" {
                    @if let Some(place) = place { b { (w.fields[place]) } ": " }
                    ((w.reason)(&wrong.message))
                }
            }
            form method="post" action=(view.asked.below(&to)) {
                @for (place, (name, value)) in NAMES.iter().zip(values(form)).enumerate() {
                    label { (w.fields[place])
                        @if *name == "source" {
                            select name=(name) { @for source in ["采买", "练习"] {
                                option value=(source) selected[value == source] { (source) }
                            } }
                        } @else {
                            input type="text" name=(name) value=(value) required[NEEDED.contains(name)]
                                aria-invalid=[wrong.filter(|wrong| wrong.field == *name).map(|_| "true")]
                                placeholder=[(*name == "internal_code").then_some(w.derived)];
                        }
                    }
                }
                p.buttons {
                    button.main #save-package { (w.save) }
                    a.button href=(view.asked.below("")) { (w.cancel) }
                }
            }
        }
    }
}

/// The documented names of the fields, in the order in which they are shown.
const NAMES: [&str; 11] = [
    "external_package_id",
    "name",
    "region",
    "grade",
    "source",
    "total_leads",
    "valid_leads",
    "available_leads",
    "internal_code",
    "package_level",
    "contact_rate",
];

const NEEDED: [&str; 4] = ["external_package_id", "name", "region", "grade"];

fn values(form: &PackageForm) -> [&str; 11] {
    [
        &form.external_package_id,
        &form.name,
        &form.region,
        &form.grade,
        &form.source,
        &form.total_leads,
        &form.valid_leads,
        &form.available_leads,
        &form.internal_code,
        &form.package_level,
        &form.contact_rate,
    ]
}
