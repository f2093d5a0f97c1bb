//! The page of the packages, drawn: what follows from their tasks, a form for one, and files in and out.

use maud::{Markup, html};
use systems::tasks::packages::{Imported, PackageShown};

use super::asked::{Edit, PAGE_SIZE};
use super::editor::editor;
use super::{Standing, Told, View};
use crate::components::text::number;
use crate::pages::tasks::head::{Here, head};
use crate::pages::tasks::pager::{Pages, pager};

pub(super) fn content(view: &View<'_>, standing: &Standing, told: &Told) -> Markup {
    let w = view.words;
    html! {
        div.tasks {
            (head(view.scene.language, Here::Packages, w.title, w.subtitle))
            (said(view, told))
            (search(view))
            (editor(view, standing.form.as_ref(), told))
            (list(view, standing))
            (import(view))
        }
    }
}

/// The part that changes, by its id.
pub(super) fn fragments(view: &View<'_>, standing: &Standing) -> Vec<(&'static str, String)> {
    vec![("packages-list", list(view, standing).into_string())]
}

/// What became of what was asked.
fn said(view: &View<'_>, told: &Told) -> Markup {
    html! {
        div #packages-said data-fragment role="status" {
            @match told {
                Told::Nothing | Told::Wrong(_) => {},
                Told::Said(words) => div.box data-status="completed" { p { (words) } },
                Told::Refused(why) => p.notice { (why) },
                Told::InUse(package, tasks) => (in_use(view, package, *tasks)),
                Told::Imported(done, changed) => (imported(view, done, *changed)),
            }
        }
    }
}

/// A package that is to be deleted has tasks: what becomes of them?
fn in_use(view: &View<'_>, package: &PackageShown, tasks: u64) -> Markup {
    let w = view.words;
    html! {
        div.notice {
            p { ((w.in_use)(&package.external_package_id, tasks)) }
            form.buttons method="post" action=(view.asked.below(&format!("/{}/delete", package.id))) {
                button name="tasks" value="pending" { (w.to_pending) }
                button name="tasks" value="keep" { (w.keep) }
                a.button href=(view.asked.below("")) { (w.cancel) }
            }
        }
    }
}

fn imported(view: &View<'_>, done: &Imported, changed: bool) -> Markup {
    let w = view.words;
    let status = if done.errors.is_empty() { "completed" } else { "running" };
    html! {
        div.box data-status=(status) {
            p { @if !changed { (w.tried) " " } b { ((w.imported)(done)) } }
            @if !done.ignored_columns.is_empty() { p { ((w.ignored)(&done.ignored_columns.join(", "))) } }
            @if !done.errors.is_empty() {
                table.faults {
                    thead { tr { @for name in w.error_columns { th scope="col" { (name) } } } }
                    tbody { @for fault in done.errors.iter().take(FAULTS_SHOWN) {
                        tr { td { (fault.line) } td { code { (fault.column) } } td { ((w.reason)(&fault.message)) } }
                    } }
                }
                @if done.errors.len() > FAULTS_SHOWN { p { "… " (done.errors.len() - FAULTS_SHOWN) } }
            }
        }
    }
}

/// Bad lines shown of a file; the API tells them all.
const FAULTS_SHOWN: usize = 50;

fn search(view: &View<'_>) -> Markup {
    let (w, asked) = (view.words, view.asked);
    html! {
        section.card.asking {
            form method="get" action="/tasks/packages" {
                label.value { (w.search)
                    input type="text" name="q" value=(asked.q) placeholder=(w.search_hint) data-search;
                }
                label { (w.region) input type="text" name="region" value=(asked.region); }
                button { (w.show) }
                @if !asked.is_any() { a.button href="/tasks/packages" { (w.clear) } }
            }
            span.buttons {
                a.button #new-package href=(asked.editing("new")) { (w.new) }
                a.button #export-packages href="/tasks/packages/export" download="packages.csv" { (w.export) }
            }
        }
    }
}

fn list(view: &View<'_>, standing: &Standing) -> Markup {
    let (w, asked) = (view.words, view.asked);
    let pages = Pages { page: asked.page, size: PAGE_SIZE, total: standing.total };
    html! {
        section #packages-list data-fragment aria-label=(w.title) {
            @if standing.packages.is_empty() {
                p.empty { (if asked.is_any() { w.nothing } else { w.no_match }) }
            } @else {
                div.scroll data-scroll tabindex="0" role="region" aria-label=(w.title) {
                    table {
                        thead { tr {
                            @for (place, name) in w.columns.iter().enumerate() {
                                th.number[place >= 4] scope="col" { (name) }
                            }
                            td {}
                        } }
                        tbody { @for package in &standing.packages { (row(view, package)) } }
                    }
                }
            }
            @if standing.total > 0 { (pager(view.scene.language, pages, "", |page| asked.at(page))) }
        }
    }
}

fn row(view: &View<'_>, package: &PackageShown) -> Markup {
    let w = view.words;
    let id = &package.external_package_id;
    let count = |count: Option<i64>| count.map_or_else(|| "–".to_owned(), number);
    let edited = view.asked.edit == Edit::Package(package.id);
    html! {
        tr.spoken[!package.missing_levels.is_empty()] aria-current=[edited.then_some("true")] {
            th scope="row" { span.title { b { (id) } small { (package.name) } } }
            td { (package.region) }
            td { (package.internal_code) }
            td { span.badge data-state="running" { (package.current_state) } }
            td.number { (number(package.task_count)) }
            td.number { (count(package.valid_leads)) }
            td.number { (count(package.available_leads)) }
            td.number { (percent(package.contact_ratio)) }
            td.number { (percent(package.success_ratio)) }
            td { span.buttons {
                a.button href=(view.asked.editing(&package.id.to_string())) aria-label=((w.edit_this)(id)) { (w.edit) }
                form method="post" action=(view.asked.below(&format!("/{}/delete", package.id)))
                    data-confirm=((w.confirm_delete)(id)) {
                    button data-verb="cancel" aria-label=((w.delete_this)(id)) { (w.delete) }
                }
            } }
        }
        @if !package.missing_levels.is_empty() {
            tr.remark { td colspan=(w.columns.len() + 1) {
                (w.disorder) br; ((w.missing)(&package.missing_levels.join(", "))) br; (w.advice)
            } }
        }
    }
}

/// One decimal; a dash without a value.
fn percent(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{:.1} %", ratio * 100.0))
}

fn import(view: &View<'_>) -> Markup {
    let w = view.words;
    html! {
        section.card.importing aria-labelledby="import-title" {
            h2 #import-title { (w.import) }
            p.line { (w.import_hint) }
            form method="post" action=(view.asked.below("/import")) enctype="multipart/form-data" {
                label { (w.file) " " input #package-file type="file" name="file" accept=".csv,text/csv" required; }
                label.tick { input type="checkbox" name="dry_run" value="1"; " " (w.try_only) }
                button #import-packages { (w.do_import) }
            }
        }
    }
}
