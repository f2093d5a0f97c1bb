//! Tasks and the packages they belong to, as the native routes and the console show them.

use std::collections::HashSet;

use jiff::Timestamp;
use model::task::name::TaskName;
use model::task::similarity::{Similarity, recommend};
use model::task::{CallTask, LeadPackage, MatchOrigin, MatchStatus};
use serde::Serialize;
use store::{PackageFilter, PackageKey, Page, Paged, StoreError, TaskCounts, TaskGroup, TasksChanged};
use utoipa::ToSchema;

use super::Tasks;

/// Packages a group is offered.
const CANDIDATES_MAX: usize = 10;

/// Tasks of one change, as documented: one transaction.
const IDS_MAX: usize = 1_000;

/// Packages named beside those that are recommended; any other can be written.
const PACKAGES_NAMED: i64 = 200;

/// What is said of an id of no task.
const NO_TASK: &str = "任务不存在";

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TaskShown {
    /// The platform's id; a text, since it may have more digits than a number keeps.
    pub task_id: String,
    /// Its name.
    pub task_name: String,
    /// The platform's own word or number.
    pub state: Option<String>,
    /// Leads in all; `null` is unknown, here and below.
    pub total_number: Option<i64>,
    /// Called.
    pub called_number: Option<i64>,
    /// Answered.
    pub connected_number: Option<i64>,
    /// Won.
    pub success_number: Option<i64>,
    /// Not called yet.
    pub remaining: Option<i64>,
    /// Answered of those called.
    pub contact_ratio: Option<f64>,
    /// `N`, `O3`, `P1`.
    pub target_level: Option<String>,
    /// `pending`, `matched` or `idle`.
    #[schema(value_type = String)]
    pub match_status: MatchStatus,
    /// `auto`: the rule decided; `manual`: a person did, for good.
    #[schema(value_type = String)]
    pub match_origin: MatchOrigin,
    /// Its package, exactly when matched.
    pub package: Option<PackageNamed>,
    /// When it was first stored.
    #[schema(value_type = String, format = DateTime)]
    pub imported_at: Timestamp,
    /// Since when it has its package.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub matched_at: Option<Timestamp>,
    /// Since when it needs none.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub idle_at: Option<Timestamp>,
}

/// A package by its names.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PackageNamed {
    /// Its number here.
    pub package_id: i64,
    /// Its number where it came from.
    pub external_package_id: String,
    /// The prefix of its tasks.
    pub internal_code: String,
}

/// A package a group may belong to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Candidate {
    /// Which.
    #[serde(flatten)]
    pub package: PackageNamed,
    /// How alike its prefix is to the group's, in percent.
    pub similarity: u32,
}

/// Pending tasks with the same prefix.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Group {
    /// The prefix; the whole name where it has none.
    pub prefix: String,
    /// The name follows the rule.
    pub parsed: bool,
    /// How many tasks.
    pub task_count: i64,
    /// The package that fits best, when it fits well enough.
    pub recommendation: Option<Candidate>,
    /// The packages that fit best, however well.
    pub candidates: Vec<Candidate>,
    /// The tasks.
    pub tasks: Vec<TaskShown>,
}

/// What came of a change of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// Tasks that stand otherwise now.
    pub changed: u64,
    /// Tasks that stood like this before.
    pub unchanged: u64,
    /// Ids of no task.
    pub failed: Vec<FailedTask>,
}

/// An id nothing was done with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailedTask {
    /// As it was given.
    pub task_id: String,
    /// Why, in the documented words.
    pub error: &'static str,
}

/// Packages for tasks that are to be matched together.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The packages that fit best, however well.
    pub candidates: Vec<Candidate>,
    /// The first of them fits well enough to be recommended.
    pub recommends: bool,
    /// Packages to be named by their ids, the first of them all.
    pub packages: Vec<PackageNamed>,
}

/// Why no task was changed.
#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    /// No task was named, or more than one change takes.
    #[error("1 to {IDS_MAX} task ids are needed, not {0}")]
    Count(usize),
    /// There is no such package.
    #[error("there is no such package")]
    NoPackage,
    /// The state failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TasksChanged> for Change {
    fn from(done: TasksChanged) -> Self {
        let TasksChanged { changed, unchanged, unknown } = done;
        let failed = unknown.into_iter().map(|task_id| FailedTask { task_id, error: NO_TASK });
        Self { changed, unchanged, failed: failed.collect() }
    }
}

impl From<CallTask> for TaskShown {
    fn from(task: CallTask) -> Self {
        let known = task.total_number.zip(task.called_number);
        let calls = task.connected_number.zip(task.called_number).filter(|(_, called)| *called > 0);
        Self {
            task_id: task.task_id,
            task_name: task.name,
            state: task.state,
            total_number: task.total_number,
            called_number: task.called_number,
            connected_number: task.connected_number,
            success_number: task.success_number,
            remaining: known.map(|(total, called)| (total - called).max(0)),
            contact_ratio: calls.map(|(connected, called)| connected as f64 / called as f64),
            target_level: task.target_level,
            match_status: task.match_status,
            match_origin: task.match_origin,
            package: task.package.map(|package| PackageNamed {
                package_id: package.id,
                external_package_id: package.external_id,
                internal_code: package.internal_code,
            }),
            imported_at: task.imported_at,
            matched_at: task.matched_at,
            idle_at: task.idle_at,
        }
    }
}

impl From<&LeadPackage> for PackageNamed {
    fn from(package: &LeadPackage) -> Self {
        Self {
            package_id: package.id,
            external_package_id: package.external_id.clone(),
            internal_code: package.internal_code.clone(),
        }
    }
}

impl Tasks {
    /// How many tasks are matched how.
    ///
    /// # Errors
    /// The state could not be read.
    pub async fn counts(&self) -> Result<TaskCounts, StoreError> {
        self.store.read().task_counts().await
    }

    /// Pending tasks by prefix, the largest group first, each with the packages that fit best.
    ///
    /// # Errors
    /// The state could not be read.
    pub async fn pending(&self, q: &str, page: Page) -> Result<Paged<Group>, StoreError> {
        let read = self.store.read();
        let groups = read.pending_groups(Some(q), page).await?;
        let regions: Vec<String> =
            groups.rows.iter().filter(|group| group.parsed).map(|group| region(&group.prefix)).collect();
        let packages = read.packages_of_regions(&regions).await?;
        let threshold = self.settings.recommend_threshold;
        let rows = groups.rows.into_iter().map(|one| group(one, &packages, threshold)).collect();
        Ok(Paged { rows, total: groups.total })
    }

    /// Tasks that are matched so, or all: those decided on last first.
    ///
    /// # Errors
    /// The state could not be read.
    pub async fn tasks(
        &self,
        status: Option<MatchStatus>,
        q: &str,
        page: Page,
    ) -> Result<Paged<TaskShown>, StoreError> {
        let tasks = self.store.read().call_tasks(status, Some(q), page).await?;
        Ok(Paged { rows: tasks.rows.into_iter().map(TaskShown::from).collect(), total: tasks.total })
    }
}

impl Tasks {
    /// Gives tasks a package, whatever they have.
    ///
    /// # Errors
    /// There is no such package, too few or too many tasks, or the state failed.
    pub async fn bind(
        &self,
        ids: Vec<String>,
        package: PackageKey,
        now: Timestamp,
    ) -> Result<Change, MatchError> {
        let ids = counted(ids)?;
        let done = self.store.match_tasks(ids, package, now).await?;
        done.map(Change::from).ok_or(MatchError::NoPackage)
    }

    /// Says of tasks that they need no package.
    ///
    /// # Errors
    /// Too few or too many tasks, or the state failed.
    pub async fn idle(&self, ids: Vec<String>, now: Timestamp) -> Result<Change, MatchError> {
        Ok(self.store.idle_tasks(counted(ids)?, now).await?.into())
    }

    /// Makes tasks pending again: for people to decide, or by the rule at once.
    ///
    /// # Errors
    /// Too few or too many tasks, or the state failed.
    pub async fn rematch(
        &self,
        ids: Vec<String>,
        by: MatchOrigin,
        now: Timestamp,
    ) -> Result<Change, MatchError> {
        Ok(self.store.rematch_tasks(counted(ids)?, by, now).await?.into())
    }

    /// The tasks that were chosen one by one, and all pending ones of whole groups.
    ///
    /// # Errors
    /// The state could not be read.
    pub async fn chosen(&self, tasks: Vec<String>, groups: &[String]) -> Result<Vec<String>, StoreError> {
        let mut ids = tasks;
        for prefix in groups {
            let found = self
                .store
                .read()
                .pending_groups(Some(prefix), Page { offset: 0, limit: IDS_MAX as i64 })
                .await?;
            let group = found.rows.into_iter().find(|group| group.prefix == *prefix);
            let more = group.into_iter().flat_map(|group| group.tasks).map(|task| task.task_id);
            ids.extend(more);
        }
        let mut known = HashSet::new();
        ids.retain(|id| known.insert(id.clone()));
        Ok(ids)
    }

    /// The packages tasks may be matched to. Of several prefixes, a package counts as much as it fits any.
    ///
    /// # Errors
    /// The state could not be read.
    pub async fn offer(&self, ids: &[String]) -> Result<Offer, StoreError> {
        let read = self.store.read();
        let names = read.call_task_names(ids).await?;
        let names = names.values().map(|name| TaskName::parse(name)).filter(|name| name.parsed);
        let prefixes: HashSet<String> = names.map(|name| name.prefix).collect();
        let regions: Vec<String> = prefixes.iter().map(|prefix| region(prefix)).collect();
        let packages = read.packages_of_regions(&regions).await?;
        let best = best(&prefixes, &packages);
        let recommends =
            best.first().is_some_and(|(_, alike)| alike.reaches(self.settings.recommend_threshold));
        let candidates = best.iter().take(CANDIDATES_MAX).map(candidate).collect();
        let part = Page { offset: 0, limit: PACKAGES_NAMED };
        let named = read.lead_packages(&PackageFilter::default(), part).await?;
        let packages = named.rows.iter().map(|row| PackageNamed::from(&row.package)).collect();
        Ok(Offer { candidates, recommends, packages })
    }
}

/// The 职场 a prefix begins with.
fn region(prefix: &str) -> String {
    prefix.split('-').next().unwrap_or_default().to_owned()
}

fn counted(ids: Vec<String>) -> Result<Vec<String>, MatchError> {
    if (1..=IDS_MAX).contains(&ids.len()) { Ok(ids) } else { Err(MatchError::Count(ids.len())) }
}

type Fitting<'p> = (&'p LeadPackage, Similarity);

/// Every package that fits any of the prefixes, each with the prefix it fits best; the best first.
fn best<'p>(prefixes: &HashSet<String>, packages: &'p [LeadPackage]) -> Vec<Fitting<'p>> {
    let mut found: Vec<Fitting<'p>> = Vec::new();
    for prefix in prefixes {
        for (package, alike) in recommend(prefix, packages.iter()) {
            match found.iter_mut().find(|(known, _)| known.id == package.id) {
                Some((_, known)) if known.percent() >= alike.percent() => {}
                Some((_, known)) => *known = alike,
                None => found.push((package, alike)),
            }
        }
    }
    found.sort_by(|(a, x), (b, y)| y.percent().cmp(&x.percent()).then_with(|| a.id.cmp(&b.id)));
    found
}

fn candidate((package, alike): &Fitting<'_>) -> Candidate {
    Candidate { package: PackageNamed::from(*package), similarity: alike.percent() }
}

fn group(group: TaskGroup, packages: &[LeadPackage], threshold: u32) -> Group {
    // A name that follows no rule says nothing of a package.
    let fitting = if group.parsed { recommend(&group.prefix, packages.iter()) } else { Vec::new() };
    let best = fitting.first().filter(|(_, alike)| alike.reaches(threshold));
    Group {
        recommendation: best.map(candidate),
        candidates: fitting.iter().take(CANDIDATES_MAX).map(candidate).collect(),
        prefix: group.prefix,
        parsed: group.parsed,
        task_count: i64::try_from(group.tasks.len()).unwrap_or(i64::MAX),
        tasks: group.tasks.into_iter().map(TaskShown::from).collect(),
    }
}
