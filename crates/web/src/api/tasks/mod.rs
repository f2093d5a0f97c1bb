//! The tasks system beyond its documented contract routes: packages, matching, statistics.

pub(crate) mod matching;
pub(crate) mod packages;
pub(crate) mod stats;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use systems::tasks::packages::BYTES_MAX;
use systems::tasks::{Page, Tasks};

use crate::app::Site;
use crate::problem::{Problem, TasksProblem};
use crate::routes::Routes;

/// Elements of a page, unless asked otherwise, and at most.
const PER_PAGE: i64 = 20;
const PER_PAGE_MAX: i64 = 100;

/// What a form around a file may add to it.
const FORM_MAX: usize = 64 << 10;

/// Its routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/api/v1/tasks", matching::list)
        .post("/api/v1/tasks/match", matching::bind)
        .post("/api/v1/tasks/idle", matching::idle)
        .post("/api/v1/tasks/rematch", matching::rematch)
        .get("/api/v1/tasks/packages", packages::list)
        .post("/api/v1/tasks/packages", packages::make)
        .put("/api/v1/tasks/packages/{id}", packages::change)
        .delete("/api/v1/tasks/packages/{id}", packages::delete)
        .post("/api/v1/tasks/packages/import", packages::import.layer(file_limit()))
        .get("/api/v1/tasks/stats", stats::stats)
}

/// A file may be larger than any other body.
pub(crate) fn file_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(BYTES_MAX + FORM_MAX)
}

fn tasks(site: &Site) -> Result<&Tasks, Problem> {
    site.tasks("/api/v1/tasks")
}

/// A parameter that says nothing that is known.
fn bad(name: &str, text: &str, allowed: &str) -> Problem {
    let english = format!("{name}={text}: {allowed} is allowed");
    TasksProblem::Parameter(english, format!("参数错误：{name} 取值无效")).into()
}

/// A part of a list as it was asked for. What is no page is the first one, as in the contract's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Paging {
    page: i64,
    per_page: i64,
}

impl Paging {
    fn read(page: Option<&str>, per_page: Option<&str>) -> Self {
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok()).filter(|n| *n >= 1);
        let per_page = number(per_page).unwrap_or(PER_PAGE).min(PER_PAGE_MAX);
        Self { page: number(page).unwrap_or(1), per_page }
    }

    fn part(self) -> Page {
        Page { offset: (self.page - 1).saturating_mul(self.per_page), limit: self.per_page }
    }

    fn pages(self, total: i64) -> i64 {
        (total + self.per_page - 1) / self.per_page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_page_is_the_first_and_a_page_has_at_most_a_hundred() {
        let read = |page, per_page| {
            let Paging { page, per_page } = Paging::read(page, per_page);
            (page, per_page)
        };
        assert_eq!(read(None, None), (1, 20));
        assert_eq!(read(Some("x"), Some("0")), (1, 20));
        assert_eq!(read(Some("-3"), Some("101")), (1, 100));
        assert_eq!(read(Some("9223372036854775808"), Some("7")), (1, 7));
        let last = Paging::read(Some("9223372036854775807"), Some("100"));
        assert_eq!(last.part().offset, i64::MAX, "past the end of any list");
        assert_eq!([0, 1, 20, 21].map(|total| Paging::read(None, None).pages(total)), [0, 1, 1, 2]);
    }
}
