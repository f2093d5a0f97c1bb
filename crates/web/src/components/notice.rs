//! What went wrong, in words, where something was asked and not done.

use maud::{Markup, html};

use crate::i18n::Language;
use crate::problem::Problem;

/// The place for it, empty while nothing did.
pub(crate) fn notice(problem: Option<&Problem>, language: Language) -> Markup {
    html! {
        div #notice data-fragment role="alert" {
            @if let Some(problem) = problem {
                @let body = problem.body(language);
                p.notice {
                    strong { (body.title) } " " span { (body.detail) }
                    @if let Problem::Busy(run) = problem { " " a href={ "/runs/" (run) } { "#" (run) } }
                }
            }
        }
    }
}
