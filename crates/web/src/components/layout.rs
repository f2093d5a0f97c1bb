//! The frame of every page.

use maud::{DOCTYPE, Markup, html};

use crate::assets::{LIVE, MARK, STYLE};
use crate::choice::{Theme, Zone};
use crate::components::text::number;
use crate::i18n::Language;
use crate::viewer::Viewer;

/// A page of the console.
pub(crate) struct Frame<'a> {
    /// For whom it is drawn.
    pub(crate) viewer: &'a Viewer,
    /// Its name, before the product's.
    pub(crate) title: &'a str,
    /// Where its fragments come from, when it lives.
    pub(crate) live: Option<String>,
    /// Its own address, for the switch of the language.
    pub(crate) path: &'a str,
}

/// The id of the place that tells of unread records.
pub(crate) const UNREAD: &str = "tasks-unread";

/// How many records of the tasks system nobody has read, with the way to them; nothing when there are none.
pub(crate) fn unread(language: Language, count: i64) -> Markup {
    let m = language.messages();
    html! {
        span id=(UNREAD) data-fragment role="status" {
            @if count > 0 {
                a.unread-count href="/tasks?unread=1" title=((m.unread_records)(count)) {
                    span aria-hidden="true" { (number(count)) } span.unseen { ((m.unread_records)(count)) }
                }
            }
        }
    }
}

impl Frame<'_> {
    /// The whole document. Its forms have the key of the page.
    pub(crate) fn around(&self, content: &Markup) -> Markup {
        let m = self.viewer.language.messages();
        let theme = Some(self.viewer.theme).filter(|theme| *theme != Theme::Auto).map(Theme::word);
        // The script compares it with the browser's own, so that the first page of all is drawn in that, too.
        let zone = Some(self.viewer.zone_name()).filter(|_| self.viewer.chosen == Zone::Browser);
        html! {
            (DOCTYPE)
            html lang=(self.viewer.language.tag()) data-theme=[theme] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content=(theme.unwrap_or("light dark"));
                    title { (self.title) " · " (m.title) }
                    link rel="icon" type="image/svg+xml" href=(MARK.path());
                    link rel="stylesheet" href=(STYLE.path());
                    script type="module" src=(LIVE.path()) {}
                }
                body data-live=[self.live.as_deref()] data-key=(self.viewer.key.as_str())
                    data-zone=[zone] {
                    a.skip href="#main" { (m.skip_to_content) }
                    (self.header())
                    main #main { (self.viewer.key.in_forms_of(content)) }
                    (self.keys())
                }
            }
        }
    }

    /// The keys, listed when asked for; without JavaScript there are none.
    fn keys(&self) -> Markup {
        let m = self.viewer.language.messages();
        html! {
            dialog #keys aria-labelledby="keys-title" {
                h2 #keys-title { (m.keys) }
                dl { @for (key, does) in m.keys_list { dt { kbd { (key) } } dd { (does) } } }
                form method="dialog" { button { (m.close) } }
            }
        }
    }

    fn header(&self) -> Markup {
        let m = self.viewer.language.messages();
        let other = match self.viewer.language {
            Language::English => Language::Chinese,
            Language::Chinese => Language::English,
        };
        let below = |path: &str| self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let here = |path: &str| if self.path == path || below(path) { Some("page") } else { None };
        html! {
            header.top {
                a.brand href="/" { img src=(MARK.path()) alt="" width="22" height="22"; (m.title) }
                nav {
                    a href="/" aria-current=[here("/")] { (m.overview) }
                    a href="/stocks" aria-current=[here("/stocks")] { (m.stocks) }
                    a href="/races" aria-current=[here("/races")] { (m.races) }
                    a href="/tasks" aria-current=[here("/tasks")] { (m.tasks) }
                    a href="/files" aria-current=[here("/files")] { (m.files) }
                    a href="/runs" aria-current=[here("/runs")] { (m.runs) }
                    a href="/schedules" aria-current=[here("/schedules")] { (m.schedules) }
                    a href="/tables" aria-current=[here("/tables")] { (m.tables) }
                    a href="/api/docs" aria-current=[here("/api/docs")] { (m.api_docs) }
                    a href="/settings" aria-current=[here("/settings")] { (m.settings) }
                }
                (unread(self.viewer.language, self.viewer.unread))
                @if self.live.is_some() {
                    span #live .light role="status" data-on=(m.live) data-off=(m.live_lost) {}
                }
                a.tongue href={ (self.path) "?lang=" (other.tag()) } lang=(other.tag()) hreflang=(other.tag()) {
                    (m.other_language)
                }
            }
        }
    }
}
