//! The way through the pages of a list.

use maud::{Markup, html};

use crate::components::text::number;
use crate::i18n::Language;

/// A part of a list by its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pages {
    /// Which page, from 1.
    pub(super) page: i64,
    /// Elements on a page.
    pub(super) size: i64,
    /// Elements in all.
    pub(super) total: i64,
}

impl Pages {
    fn count(self) -> i64 {
        (self.total + self.size - 1) / self.size
    }
}

/// Links to the other pages, and where this one is; `more` is said besides.
pub(super) fn pager(language: Language, pages: Pages, more: &str, at: impl Fn(i64) -> String) -> Markup {
    let (page, count) = (pages.page, pages.count());
    let words = match language {
        Language::English => ["First", "Previous", "Next", "Last"],
        Language::Chinese => ["首页", "上一页", "下一页", "末页"],
    };
    let to = [(1, page > 1), (page - 1, page > 1), (page + 1, page < count), (count, page < count)];
    let (total, last) = (number(pages.total), count.max(1));
    let said = match language {
        Language::English => format!("{total} in all, page {page} of {last}{more}"),
        Language::Chinese => format!("共 {total} 条，第 {page}/{last} 页{more}"),
    };
    html! {
        nav.pager aria-label=(said) {
            @if count > 1 || page > 1 {
                @for (word, (page, leads)) in words.iter().zip(to) {
                    @if leads { a.button href=(at(page)) { (word) } }
                    @else { span.button aria-disabled="true" { (word) } }
                }
            }
            span { (said) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(page: i64, total: i64) -> String {
        let pages = Pages { page, size: 20, total };
        pager(Language::Chinese, pages, "，未读 3", |page| format!("?page={page}")).into_string()
    }

    #[test]
    fn only_pages_that_exist_are_led_to() {
        assert!(drawn(1, 100).contains("共 100 条，第 1/5 页，未读 3"));
        let middle = drawn(3, 100);
        for place in ["?page=1", "?page=2", "?page=4", "?page=5"] {
            assert!(middle.contains(place), "{place} in {middle}");
        }
        assert!(!drawn(1, 20).contains("href") && drawn(1, 0).contains("共 0 条，第 1/1 页"));
        assert!(drawn(9, 100).contains("?page=8"), "past the end there is a way back");
    }
}
