//! Reading packages, with what their tasks come to: computed here each time, so that it cannot be out of date.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::task::LeadPackage;
use serde_json::Value;

use super::package::by_id;
use super::rows::{self, package_columns};
use super::types::{PackageFilter, PackageRow, Page, Paged};
use crate::Reader;
use crate::db::Result;
use crate::like;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args};

macro_rules! listed {
    () => {
        " FROM lead_package WHERE deleted_at IS NULL AND region = coalesce(CAST($1 AS TEXT), region) \
         AND (CAST($2 AS TEXT) IS NULL OR lower(external_id) LIKE CAST($2 AS TEXT) ESCAPE '\\' \
         OR lower(name) LIKE CAST($2 AS TEXT) ESCAPE '\\' OR lower(internal_code) LIKE CAST($2 AS TEXT) ESCAPE '\\')"
    };
}
static COUNT: Sql = Sql::new(concat!("SELECT count(*)", listed!()));
static LIST: Sql = Sql::new(concat!(
    "SELECT ",
    package_columns!(),
    listed!(),
    " ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4"
));
static OF_REGIONS: Sql = Sql::new(concat!(
    "SELECT ",
    package_columns!(),
    " FROM lead_package WHERE deleted_at IS NULL AND region IN LIST_TEXT($1) ORDER BY id"
));
static EXTERNAL: Sql = Sql::new(concat!(
    "SELECT ",
    package_columns!(),
    " FROM lead_package WHERE deleted_at IS NULL AND external_id = $1"
));
static LEVELS: Sql = Sql::new(
    "SELECT package_id, target_level, count(*), CAST(coalesce(sum(called_number), 0) AS BIGINT), \
     CAST(coalesce(sum(connected_number), 0) AS BIGINT), CAST(coalesce(sum(success_number), 0) AS BIGINT) \
     FROM call_task WHERE package_id IN LIST_INT($1) GROUP BY package_id, target_level ORDER BY package_id, target_level",
);

impl Reader {
    /// A package that is not deleted, with its tasks.
    ///
    /// # Errors
    /// The store failed.
    pub async fn lead_package(&self, id: i64) -> Result<Option<PackageRow>> {
        self.read_tx("reading a package", move |tx| {
            Box::pin(async move {
                let Some(package) = by_id(tx, id).await? else { return Ok(None) };
                Ok(with_tasks(tx, vec![package]).await?.pop())
            })
        })
        .await
    }

    /// The same by its external id.
    ///
    /// # Errors
    /// The store failed.
    pub async fn lead_package_by_external(&self, external_id: &str) -> Result<Option<PackageRow>> {
        let args = Arc::new(args![external_id]);
        self.read_tx("reading a package", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                let Some(row) = tx.first(&EXTERNAL, &*args).await? else { return Ok(None) };
                Ok(with_tasks(tx, vec![rows::package(row)?]).await?.pop())
            })
        })
        .await
    }

    /// Packages that are not deleted, newest first, with their tasks.
    ///
    /// # Errors
    /// The store failed.
    pub async fn lead_packages(&self, filter: &PackageFilter, page: Page) -> Result<Paged<PackageRow>> {
        let pattern = like::pattern(filter.contains.as_deref());
        let args = Arc::new(args![filter.region.as_deref(), pattern, page.limit, page.offset]);
        self.read_tx("listing packages", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                let total = tx.number(&COUNT, &args[..2]).await?;
                let rows = tx.all(&LIST, &*args).await?;
                let packages = rows.into_iter().map(rows::package).collect::<std::result::Result<_, _>>()?;
                Ok(Paged { rows: with_tasks(tx, packages).await?, total })
            })
        })
        .await
    }

    /// The packages of these 职场 that are not deleted, for recommendations.
    ///
    /// # Errors
    /// The store failed.
    pub async fn packages_of_regions(&self, regions: &[String]) -> Result<Vec<LeadPackage>> {
        let args = Arc::new(args![Value::from(regions.to_vec())]);
        self.read_tx("reading packages to recommend", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(
                async move { tx.all(&OF_REGIONS, &*args).await?.into_iter().map(rows::package).collect() },
            )
        })
        .await
    }
}

async fn with_tasks(
    tx: &mut Tx<'_>,
    packages: Vec<LeadPackage>,
) -> std::result::Result<Vec<PackageRow>, DbError> {
    let ids: Vec<i64> = packages.iter().map(|package| package.id).collect();
    let empty = |package| PackageRow { package, tasks: 0, levels: Vec::new(), connected: 0, success: 0 };
    let mut listed: Vec<PackageRow> = packages.into_iter().map(empty).collect();
    let mut places: BTreeMap<i64, &mut PackageRow> =
        listed.iter_mut().map(|row| (row.package.id, row)).collect();
    for mut row in tx.all(&LEVELS, &args![Value::from(ids)]).await? {
        let Some(package) = places.get_mut(&row.int()?) else { continue };
        let (level, tasks, called) = (row.text_or_null()?, row.int()?, row.int()?);
        package.tasks += tasks;
        package.connected += row.int()?;
        package.success += row.int()?;
        package.levels.extend(level.map(|level| (level, called)));
    }
    Ok(listed)
}
