//! The choice of a package for tasks: what is recommended, with how well it fits, or any other by its id.

use maud::{Markup, html};
use systems::tasks::Candidate;

use super::{Choice, Told, View};

/// The place for it: empty unless there is a choice to make.
pub(super) fn dialog(view: &View<'_>, told: &Told) -> Markup {
    html! {
        div #matching-dialog data-fragment {
            @if let Told::Choosing(choice) = told { (opened(view, choice)) }
        }
    }
}

fn opened(view: &View<'_>, choice: &Choice) -> Markup {
    let w = view.words;
    html! {
        dialog.choosing open data-modal aria-labelledby="dialog-title" {
            h2 #dialog-title { (w.dialog) }
            p { ((w.dialog_tasks)(choice.tasks.len())) }
            @if let Some(why) = &choice.refused { p.error role="alert" { (why) } }
            form method="post" action=(view.asked.below("/bind")) {
                @for task in &choice.tasks { input type="hidden" name="task" value=(task); }
                fieldset {
                    legend { (w.smart) }
                    @if choice.candidates.is_empty() { p.nothing { (w.no_candidates) } }
                    @for (place, candidate) in choice.candidates.iter().enumerate() {
                        (offer(candidate, place == 0 && choice.recommends))
                    }
                }
                label { (w.other)
                    input #other-package type="text" name="other" value=(choice.other) list="all-packages"
                        autocomplete="off";
                }
                datalist #all-packages {
                    @for package in &choice.packages {
                        option value=(package.external_package_id) { (package.internal_code) }
                    }
                }
                p.buttons {
                    button.main #confirm-match { (w.confirm) }
                    a.button href=(view.asked.below("")) { (w.cancel) }
                }
            }
        }
    }
}

fn offer(candidate: &Candidate, chosen: bool) -> Markup {
    let package = &candidate.package;
    html! {
        label.offer {
            input type="radio" name="package" value=(package.package_id) checked[chosen];
            span { b { (package.external_package_id) } " " (package.internal_code) }
            svg.bar role="img" aria-label={ (candidate.similarity) " %" } {
                rect data-piece="succeeded" width={ (candidate.similarity) "%" } height="100%" {}
            }
            span.number { (candidate.similarity) " %" }
        }
    }
}
