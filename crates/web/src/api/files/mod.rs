//! The files system beyond its documented contract routes: configs, their runs, what became of each file.

pub(crate) mod configs;
pub(crate) mod peek;
pub(crate) mod runs;

use systems::files::{Files, Page};

use crate::app::Site;
use crate::problem::Problem;
use crate::routes::Routes;

/// Elements of a page, unless asked otherwise, and at most.
const SIZE: i64 = 20;
const SIZE_MAX: i64 = 200;

/// Its routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/api/v1/files/configs", configs::list)
        .post("/api/v1/files/configs", configs::make)
        .get("/api/v1/files/configs/{id}", configs::one)
        .put("/api/v1/files/configs/{id}", configs::replace)
        .patch("/api/v1/files/configs/{id}", configs::change)
        .delete("/api/v1/files/configs/{id}", configs::delete)
        .post("/api/v1/files/configs/{id}/execute", runs::execute)
        .post("/api/v1/files/configs/{id}/dry-run", runs::dry_run)
        .get("/api/v1/files/configs/{id}/runs", runs::list)
        .get("/api/v1/files/runs/{id}/items", runs::items)
        .post("/api/v1/files/test", peek::test)
}

fn files(site: &Site) -> Result<&Files, Problem> {
    site.files("/api/v1/files")
}

/// A part of a list.
fn page(page: Option<i64>, size: Option<i64>) -> Result<(i64, i64, Page), Problem> {
    let (number, size) = (page.unwrap_or(1), size.unwrap_or(SIZE));
    if number < 1 {
        return Err(Problem::Parameter(format!("page={number}: 1 or more is allowed")));
    }
    if !(1..=SIZE_MAX).contains(&size) {
        return Err(Problem::Parameter(format!("size={size}: 1 to {SIZE_MAX} is allowed")));
    }
    Ok((number, size, Page { offset: (number - 1).saturating_mul(size), limit: size }))
}
