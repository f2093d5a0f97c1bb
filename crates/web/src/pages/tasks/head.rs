//! What stands on top of each page of the tasks: its name, and the way to the others.

use maud::{Markup, html};

use crate::i18n::Language;

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Here {
    Records,
    Matching,
    Packages,
}

impl Here {
    const ALL: [Self; 3] = [Self::Records, Self::Matching, Self::Packages];

    const fn path(self) -> &'static str {
        match self {
            Self::Records => "/tasks",
            Self::Matching => "/tasks/matching",
            Self::Packages => "/tasks/packages",
        }
    }

    const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Records, Language::English) => "Records",
            (Self::Records, Language::Chinese) => "同步记录",
            (Self::Matching, Language::English) => "Matching",
            (Self::Matching, Language::Chinese) => "任务匹配",
            (Self::Packages, Language::English) => "Packages",
            (Self::Packages, Language::Chinese) => "数据包",
        }
    }
}

pub(super) fn head(language: Language, here: Here, title: &str, subtitle: &str) -> Markup {
    html! {
        header.pages {
            div { h1 { (title) } p.subtitle { (subtitle) } }
            nav aria-label=(title) {
                @for page in Here::ALL {
                    a.button href=(page.path()) aria-current=[(page == here).then_some("page")] { (page.words(language)) }
                }
            }
        }
    }
}
