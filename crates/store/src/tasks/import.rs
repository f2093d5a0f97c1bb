//! Many packages at once, by their external ids: what a file would change is said without changing it, by the same way.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::task::{LeadPackage, NewLeadPackage};
use serde_json::Value;

use super::rows::{self, package_columns};
use super::types::PackageImport;
use super::{CallTasks, Part, decide, package, told};
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args};

static PACKAGES: Sql = Sql::new(concat!(
    "SELECT ",
    package_columns!(),
    " FROM lead_package WHERE deleted_at IS NULL ORDER BY id"
));
static UNDECIDED: Sql = Sql::new(
    "SELECT count(*) FROM call_task WHERE match_status = 0 AND match_origin = 0 AND prefix_parsed \
     AND prefix IN LIST_TEXT($1)",
);

impl CallTasks {
    /// Makes or changes packages, in their order; a value that is not given leaves what is known. One whose code another
    /// package has is left out.
    ///
    /// # Errors
    /// The store failed; nothing was imported.
    pub async fn import_packages(&self, new: Vec<NewLeadPackage>, now: Timestamp) -> Result<PackageImport> {
        let new = Arc::new(new);
        self.0
            .write_tx("importing packages", move |tx| {
                let new = Arc::clone(&new);
                Box::pin(async move {
                    rows::lock(tx).await?;
                    let plan = Plan::of(known(tx).await?, &new);
                    apply(tx, plan, now).await
                })
            })
            .await
    }

    /// What [`Self::import_packages`] would do.
    ///
    /// # Errors
    /// The store failed.
    pub async fn preview_import(&self, new: Vec<NewLeadPackage>) -> Result<PackageImport> {
        let new = Arc::new(new);
        self.0
            .read_tx("trying an import of packages", move |tx| {
                let new = Arc::clone(&new);
                Box::pin(async move {
                    let plan = Plan::of(known(tx).await?, &new);
                    let codes = Value::from(plan.codes());
                    let matched = tx.number(&UNDECIDED, &args![codes]).await?;
                    Ok(PackageImport { matched_tasks: matched.unsigned_abs(), ..plan.outcome })
                })
            })
            .await
    }
}

async fn known(tx: &mut Tx<'_>) -> std::result::Result<Vec<LeadPackage>, DbError> {
    tx.all(&PACKAGES, &[]).await?.into_iter().map(rows::package).collect()
}

async fn apply(tx: &mut Tx<'_>, plan: Plan, now: Timestamp) -> std::result::Result<PackageImport, DbError> {
    // Changes first: a package to be made may have the code that one of them gives up.
    let mut changed = Vec::new();
    for (id, new) in
        plan.states.values().filter(|state| state.touched).filter_map(|state| Some((state.id?, &state.new)))
    {
        package::update(tx, id, new, now).await?;
        changed.push(id);
    }
    let made: Vec<&NewLeadPackage> =
        plan.states.values().filter(|state| state.id.is_none()).map(|state| &state.new).collect();
    if !made.is_empty() {
        package::insert(tx, &made, now).await?;
    }
    decide::leave(tx, &changed, now).await?;
    let matched_tasks = decide::follow_codes(tx, &plan.codes(), now).await?;
    if plan.outcome.created + plan.outcome.updated > 0 {
        told(tx, Part::Matching, now).await?;
    }
    Ok(PackageImport { matched_tasks, ..plan.outcome })
}

/// A package as the import leaves it.
struct State {
    /// `None`: it is to be made.
    id: Option<i64>,
    new: NewLeadPackage,
    touched: bool,
}

/// What an import changes, by external id.
struct Plan {
    states: BTreeMap<String, State>,
    outcome: PackageImport,
}

impl Plan {
    fn of(known: Vec<LeadPackage>, rows: &[NewLeadPackage]) -> Self {
        let owner = |package: &LeadPackage| (package.internal_code.clone(), package.external_id.clone());
        let mut owners: BTreeMap<String, String> = known.iter().map(owner).collect();
        let states = known.into_iter().map(|package| {
            let (external_id, id) = (package.external_id.clone(), Some(package.id));
            (external_id, State { id, new: as_new(package), touched: false })
        });
        let mut plan = Self { states: states.collect(), outcome: PackageImport::default() };
        for (at, row) in rows.iter().enumerate() {
            let owner = owners.get(&row.internal_code).filter(|owner| **owner != row.external_id);
            if let Some(owner) = owner {
                plan.outcome.refused.push((at, owner.clone()));
                continue;
            }
            if let Some(before) = plan.take(row) {
                owners.remove(&before);
            }
            owners.insert(row.internal_code.clone(), row.external_id.clone());
        }
        plan
    }

    /// Takes a row in; the code that its package had before, if it had another.
    fn take(&mut self, row: &NewLeadPackage) -> Option<String> {
        let Some(state) = self.states.get_mut(&row.external_id) else {
            let state = State { id: None, new: row.clone(), touched: true };
            self.states.insert(row.external_id.clone(), state);
            self.outcome.created += 1;
            return None;
        };
        let merged = merged(&state.new, row);
        if merged == state.new {
            self.outcome.unchanged += 1;
            return None;
        }
        let before = std::mem::replace(&mut state.new, merged).internal_code;
        state.touched = true;
        self.outcome.updated += 1;
        (before != row.internal_code).then_some(before)
    }

    /// The codes of what was made or changed.
    fn codes(&self) -> Vec<String> {
        let touched = self.states.values().filter(|state| state.touched);
        touched.map(|state| state.new.internal_code.clone()).collect()
    }
}

fn as_new(package: LeadPackage) -> NewLeadPackage {
    NewLeadPackage {
        external_id: package.external_id,
        name: package.name,
        source: package.source,
        region: package.region,
        grade: package.grade,
        total_leads: package.total_leads,
        valid_leads: package.valid_leads,
        available_leads: package.available_leads,
        internal_code: package.internal_code,
        package_level: package.package_level,
        contact_rate: package.contact_rate,
    }
}

fn merged(known: &NewLeadPackage, row: &NewLeadPackage) -> NewLeadPackage {
    NewLeadPackage {
        total_leads: row.total_leads.or(known.total_leads),
        valid_leads: row.valid_leads.or(known.valid_leads),
        available_leads: row.available_leads.or(known.available_leads),
        package_level: row.package_level.clone().or_else(|| known.package_level.clone()),
        contact_rate: row.contact_rate.or(known.contact_rate),
        ..row.clone()
    }
}
