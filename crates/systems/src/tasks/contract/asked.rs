//! What a request's address says, read as documented: a page that is none is the first one, a filter that is none is
//! refused.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use model::task::{TaskRecordStatus, TaskSyncType, TaskTrigger};
use store::{Page, TaskRecordFilter};

use super::error::Trouble;
use crate::tasks::labels;
use crate::wire::Query;

/// Records of a page unless somebody asks for more or less.
const PER_PAGE: i64 = 20;
const PER_PAGE_MAX: i64 = 100;

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// From 1; perhaps beyond the end.
    pub(super) page: i64,
    /// Records of a page.
    pub(super) per_page: i64,
}

impl Part {
    pub(super) fn of(query: &Query) -> Self {
        let number = |name| query.text(name).and_then(|text| text.parse::<i64>().ok()).filter(|n| *n >= 1);
        Self {
            page: number("page").unwrap_or(1),
            per_page: number("per_page").unwrap_or(PER_PAGE).min(PER_PAGE_MAX),
        }
    }

    pub(super) fn page(self) -> Page {
        Page { offset: (self.page - 1).saturating_mul(self.per_page), limit: self.per_page }
    }

    /// Pages that so many records fill.
    pub(super) fn pages(self, total: i64) -> i64 {
        total / self.per_page + i64::from(total % self.per_page > 0)
    }
}

/// Which records.
pub(super) fn filter(query: &Query) -> Result<TaskRecordFilter, Trouble> {
    let bad = |name: &str| Trouble::Bad(labels::bad_filter(name));
    let sync_type = match query.filter("sync_type") {
        None => None,
        Some(word) => Some(
            TaskSyncType::from_word(word).ok_or_else(|| Trouble::Bad(labels::BAD_SYNC_TYPE.to_owned()))?,
        ),
    };
    let statuses = match query.filter("status") {
        None => Vec::new(),
        Some(word) => vec![TaskRecordStatus::from_word(word).ok_or_else(|| bad("status"))?],
    };
    let trigger = match query.filter("trigger_type") {
        None => None,
        Some(word) => Some(TaskTrigger::from_word(word).ok_or_else(|| bad("trigger_type"))?),
    };
    let unread = yes_or_no(query.filter("unread")).ok_or_else(|| bad("unread"))?;
    Ok(TaskRecordFilter { sync_type, statuses, trigger, unread })
}

/// Whether a start is to be answered before its run has ended.
pub(super) fn is_async(query: &Query) -> Result<bool, Trouble> {
    yes_or_no(query.filter("async")).ok_or_else(|| Trouble::Bad(labels::BAD_ASYNC.to_owned()))
}

/// What is not said is no.
fn yes_or_no(text: Option<&str>) -> Option<bool> {
    match text {
        Some("1" | "true") => Some(true),
        None | Some("0" | "false") => Some(false),
        Some(_) => None,
    }
}

/// The number of a record in a path; `None` is a text that is no number.
pub(super) struct RecordId(pub(super) Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for RecordId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        Ok(Self(text.and_then(|Path(text)| text.parse().ok())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_none_is_the_first_and_no_page_is_longer_than_a_hundred() {
        let of = |query| {
            let Part { page, per_page } = Part::of(&Query::of(Some(query)));
            (page, per_page)
        };
        for (query, part) in [
            ("", (1, 20)),
            ("page=3&per_page=50", (3, 50)),
            ("page=0&per_page=0", (1, 20)),
            ("page=-1&per_page=-5", (1, 20)),
            ("page=x&per_page=1.5", (1, 20)),
            ("page=99999999999999999999&per_page=101", (1, 100)),
            ("page=9223372036854775807", (i64::MAX, 20)),
        ] {
            assert_eq!(of(query), part, "{query}");
        }
        let part = Part { page: 1, per_page: 20 };
        assert_eq!([0, 1, 20, 21, 100].map(|total| part.pages(total)), [0, 1, 1, 2, 5]);
    }

    #[test]
    fn a_filter_that_is_none_is_refused_by_its_name() {
        let refused = |query: &str| match filter(&Query::of(Some(query))) {
            Err(Trouble::Bad(words)) => Some(words),
            _ => None,
        };
        assert_eq!(refused("sync_type=x").as_deref(), Some("参数错误：sync_type 只能是 historical 或 today"));
        assert_eq!(refused("status=x").as_deref(), Some("参数错误：status 取值无效"));
        assert_eq!(refused("trigger_type=x").as_deref(), Some("参数错误：trigger_type 取值无效"));
        assert_eq!(refused("unread=x").as_deref(), Some("参数错误：unread 取值无效"));
        assert_eq!(refused("sync_type=&status=&unread=&other=x"), None);
        assert!(is_async(&Query::of(Some("async=true"))).is_ok_and(|wanted| wanted));
        assert!(is_async(&Query::of(Some("async="))).is_ok_and(|wanted| !wanted));
        assert!(is_async(&Query::of(Some("async=yes"))).is_err());
    }
}
