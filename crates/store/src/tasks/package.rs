//! Packages of leads: made, changed, deleted. Pending tasks of a package's code are matched with it at once.

use std::sync::Arc;

use jiff::Timestamp;
use model::task::{LeadPackage, NewLeadPackage};
use serde_json::{Value, json};

use super::rows::{self, package_columns};
use super::types::{LinkedTasks, PackageDeleted, PackagePut};
use super::{CallTasks, Part, decide, told};
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args, wrong};

static TAKEN: Sql = Sql::new(
    "SELECT id FROM lead_package WHERE deleted_at IS NULL AND (external_id = $1 OR internal_code = $2) \
     AND id <> $3 ORDER BY id LIMIT 1",
);
static INSERT: Sql = Sql::new(
    "INSERT INTO lead_package (external_id, name, source, region, grade, total_leads, valid_leads, available_leads, \
     internal_code, package_level, contact_rate, created_at, updated_at) \
     SELECT x.of_external, x.of_name, x.of_source, x.of_region, x.of_grade, x.of_total, x.of_valid, x.of_available, \
     x.of_code, x.of_level, x.of_rate, $2, $2 FROM BATCH($1: of_at INT, of_external TEXT, of_name TEXT, \
     of_source INT, of_region TEXT, of_grade TEXT, of_total INT, of_valid INT, of_available INT, of_code TEXT, \
     of_level TEXT, of_rate TEXT) AS x ORDER BY x.of_at RETURNING id",
);
static UPDATE: Sql = Sql::new(
    "UPDATE lead_package SET external_id = $2, name = $3, source = $4, region = $5, grade = $6, total_leads = $7, \
     valid_leads = $8, available_leads = $9, internal_code = $10, package_level = $11, contact_rate = $12, \
     updated_at = $13 WHERE id = $1",
);
static BY_ID: Sql = Sql::new(concat!(
    "SELECT ",
    package_columns!(),
    " FROM lead_package WHERE id = $1 AND deleted_at IS NULL"
));
static LINKED: Sql = Sql::new("SELECT count(*) FROM call_task WHERE package_id = $1");
static UNLINK: Sql = Sql::new(
    "UPDATE call_task SET match_status = 0, match_origin = 0, package_id = NULL, matched_at = NULL, updated_at = $2 \
     WHERE package_id = $1",
);
static DELETE: Sql = Sql::new("UPDATE lead_package SET deleted_at = $2, updated_at = $2 WHERE id = $1");

impl CallTasks {
    /// Makes a package, unless another has its external id or its code.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put_package(&self, new: NewLeadPackage, now: Timestamp) -> Result<PackagePut> {
        let new = Arc::new(new);
        self.0
            .write_tx("making a package", move |tx| {
                let new = Arc::clone(&new);
                Box::pin(async move {
                    rows::lock(tx).await?;
                    if let Some(other) = taken(tx, &new, 0).await? {
                        return Ok(PackagePut::Duplicate(other));
                    }
                    let ids = insert(tx, &[&new], now).await?;
                    let id = ids.first().ok_or_else(|| wrong("the package just made", "none"))?;
                    stored(tx, *id, now).await
                })
            })
            .await
    }

    /// Makes a package what is given, all of it. Tasks that had it by the rule and do not fit its code any more lose it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn change_package(&self, id: i64, new: NewLeadPackage, now: Timestamp) -> Result<PackagePut> {
        let new = Arc::new(new);
        self.0
            .write_tx("changing a package", move |tx| {
                let new = Arc::clone(&new);
                Box::pin(async move {
                    rows::lock(tx).await?;
                    if by_id(tx, id).await?.is_none() {
                        return Ok(PackagePut::Unknown);
                    }
                    if let Some(other) = taken(tx, &new, id).await? {
                        return Ok(PackagePut::Duplicate(other));
                    }
                    update(tx, id, &new, now).await?;
                    decide::leave(tx, &[id], now).await?;
                    stored(tx, id, now).await
                })
            })
            .await
    }

    /// Deletes a package; one that has tasks only when it is said what becomes of them.
    ///
    /// # Errors
    /// The store failed.
    pub async fn delete_package(
        &self,
        id: i64,
        linked: Option<LinkedTasks>,
        now: Timestamp,
    ) -> Result<PackageDeleted> {
        self.0
            .write_tx("deleting a package", move |tx| {
                Box::pin(async move {
                    rows::lock(tx).await?;
                    if by_id(tx, id).await?.is_none() {
                        return Ok(PackageDeleted::Unknown);
                    }
                    let tasks = tx.number(&LINKED, &args![id]).await?.unsigned_abs();
                    match linked {
                        None if tasks > 0 => return Ok(PackageDeleted::InUse(tasks)),
                        Some(LinkedTasks::Pending) => drop(tx.run(&UNLINK, &args![id, now]).await?),
                        Some(LinkedTasks::Keep) | None => {}
                    }
                    tx.run(&DELETE, &args![id, now]).await?;
                    told(tx, Part::Matching, now).await?;
                    Ok(PackageDeleted::Deleted(tasks))
                })
            })
            .await
    }
}

/// A package that is not deleted.
pub(super) async fn by_id(tx: &mut Tx<'_>, id: i64) -> std::result::Result<Option<LeadPackage>, DbError> {
    tx.first(&BY_ID, &args![id]).await?.map(rows::package).transpose()
}

/// The other package that has the external id or the code.
async fn taken(tx: &mut Tx<'_>, new: &NewLeadPackage, id: i64) -> std::result::Result<Option<i64>, DbError> {
    let args = args![new.external_id.as_str(), new.internal_code.as_str(), id];
    tx.first(&TAKEN, &args).await?.map(|mut row| row.int()).transpose()
}

/// The package after a change, with the tasks that its code finds.
async fn stored(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> std::result::Result<PackagePut, DbError> {
    let package = by_id(tx, id).await?.ok_or_else(|| wrong("the package just stored", "none"))?;
    let matched = decide::follow_codes(tx, std::slice::from_ref(&package.internal_code), now).await?;
    told(tx, Part::Matching, now).await?;
    Ok(PackagePut::Stored(Box::new(package), matched))
}

/// Makes packages and answers their numbers.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    packages: &[&NewLeadPackage],
    now: Timestamp,
) -> std::result::Result<Vec<i64>, DbError> {
    let batch: Vec<Value> = packages
        .iter()
        .enumerate()
        .map(|(at, new)| {
            json!({
                "of_at": at, "of_external": new.external_id, "of_name": new.name, "of_source": new.source.code(),
                "of_region": new.region, "of_grade": new.grade, "of_total": new.total_leads,
                "of_valid": new.valid_leads, "of_available": new.available_leads, "of_code": new.internal_code,
                "of_level": new.package_level, "of_rate": new.contact_rate.map(|rate| rate.to_string()),
            })
        })
        .collect();
    let rows = tx.all(&INSERT, &args![Value::from(batch), now]).await?;
    rows.into_iter().map(|mut row| row.int()).collect()
}

pub(super) async fn update(
    tx: &mut Tx<'_>,
    id: i64,
    new: &NewLeadPackage,
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    let args = args![
        id,
        new.external_id.as_str(),
        new.name.as_str(),
        new.source.code(),
        new.region.as_str(),
        new.grade.as_str(),
        new.total_leads,
        new.valid_leads,
        new.available_leads,
        new.internal_code.as_str(),
        new.package_level.as_deref(),
        new.contact_rate.map(|rate| rate.to_string()),
        now
    ];
    tx.run(&UPDATE, &args).await.map(drop)
}
