//! A package with what follows from its tasks. None of that is stored, so none of it can be out of date.

use jiff::Timestamp;
use model::task::levels::{PackageKind, current_state, missing_levels};
use model::task::package::{PackageDraft, first_task_prefix};
use serde::Serialize;
use store::PackageRow;
use utoipa::ToSchema;

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PackageShown {
    /// Its number here.
    pub id: i64,
    /// Its number where it came from.
    pub external_package_id: String,
    /// Usually the name of its file.
    pub name: String,
    /// `采买` or `练习`.
    pub source: &'static str,
    /// 职场.
    pub region: String,
    /// 年级.
    pub grade: String,
    /// Leads in it.
    pub total_leads: Option<i64>,
    /// Of these, with a number that works.
    pub valid_leads: Option<i64>,
    /// Of these, not used up.
    pub available_leads: Option<i64>,
    /// The prefix of its tasks' names.
    pub internal_code: String,
    /// What its first task's name begins with.
    pub first_task_prefix: String,
    /// `N` or `P`: the family of its levels.
    pub package_type: &'static str,
    /// As given.
    pub package_level: Option<String>,
    /// As given.
    pub contact_rate: Option<f64>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Tasks that belong to it.
    pub task_count: i64,
    /// The level after the highest one that was called.
    pub current_state: String,
    /// Levels below the highest one that no task has, in their order.
    pub missing_levels: Vec<String>,
    /// Answered calls by valid leads; `null` without.
    pub contact_ratio: Option<f64>,
    /// Successes by valid leads; `null` without.
    pub success_ratio: Option<f64>,
}

/// What its fields would be written as.
impl From<PackageShown> for PackageDraft {
    fn from(package: PackageShown) -> Self {
        Self {
            external_id: package.external_package_id,
            name: package.name,
            source: Some(package.source.to_owned()),
            region: package.region,
            grade: package.grade,
            total_leads: package.total_leads,
            valid_leads: package.valid_leads,
            available_leads: package.available_leads,
            internal_code: Some(package.internal_code),
            package_level: package.package_level,
            contact_rate: package.contact_rate,
        }
    }
}

impl From<PackageRow> for PackageShown {
    fn from(row: PackageRow) -> Self {
        let PackageRow { package, tasks: task_count, connected, success, levels } = row;
        let kind = PackageKind::of(package.source);
        let called: Vec<(&str, i64)> =
            levels.iter().map(|(level, called)| (level.as_str(), *called)).collect();
        let linked: Vec<&str> = levels.iter().map(|(level, _)| level.as_str()).collect();
        let of_valid = |count: i64| {
            package.valid_leads.filter(|valid| *valid > 0).map(|valid| count as f64 / valid as f64)
        };
        Self {
            first_task_prefix: first_task_prefix(&package.internal_code, package.source),
            package_type: kind.as_str(),
            current_state: current_state(kind, &called),
            missing_levels: missing_levels(kind, &linked),
            contact_ratio: of_valid(connected),
            success_ratio: of_valid(success),
            task_count,
            id: package.id,
            external_package_id: package.external_id,
            name: package.name,
            source: package.source.as_str(),
            region: package.region,
            grade: package.grade,
            total_leads: package.total_leads,
            valid_leads: package.valid_leads,
            available_leads: package.available_leads,
            internal_code: package.internal_code,
            package_level: package.package_level,
            contact_rate: package.contact_rate,
            created_at: package.created_at,
            updated_at: package.updated_at,
        }
    }
}
