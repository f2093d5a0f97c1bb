//! What people do with packages: make, change, delete and import them. What is stored is checked first.

use jiff::Timestamp;
use model::task::package::{PackageDraft, Wrong};
use model::task::{LeadPackage, NewLeadPackage};
use serde::Serialize;
use store::{LinkedTasks, PackageDeleted, PackageFilter, PackagePut, Page, Paged, StoreError};
use utoipa::ToSchema;

use super::read::{BadCsv, LineFault, Sheet, read};
use super::shown::PackageShown;
use crate::tasks::Tasks;

/// Why nothing was done with a package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// There is no such package.
    #[error("there is no such package")]
    Unknown,
    /// A field is wrong.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// This other package has its id or its prefix.
    #[error("package {0} has this id or prefix")]
    Duplicate(i64),
    /// It has so many tasks, and nothing was said of them.
    #[error("{0} tasks belong to it")]
    InUse(u64),
    /// The state failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nothing of a file was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Nothing of it can be read.
    #[error(transparent)]
    Csv(#[from] BadCsv),
    /// None of its lines is a package.
    #[error("no line of the file is a package")]
    NoLine(Imported),
    /// The state failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of an import, or would come of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Imported {
    /// Packages made.
    pub created: u64,
    /// Packages changed.
    pub updated: u64,
    /// Packages that were like this before.
    pub unchanged: u64,
    /// Pending tasks that were matched with them by the rule.
    pub matched_tasks: u64,
    /// Lines that were left out, and why.
    pub errors: Vec<LineFault>,
    /// Headers nobody knows.
    pub ignored_columns: Vec<String>,
}

/// Whether an import is done or only told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    /// It is done.
    Do,
    /// Nothing is changed.
    Try,
}

impl Tasks {
    /// Packages that are not deleted.
    ///
    /// # Errors
    /// The state could not be read.
    pub async fn packages(
        &self,
        filter: PackageFilter,
        page: Page,
    ) -> Result<Paged<PackageShown>, StoreError> {
        let found = self.store.read().lead_packages(&filter, page).await?;
        Ok(Paged { rows: found.rows.into_iter().map(PackageShown::from).collect(), total: found.total })
    }

    /// Every package that is not deleted, as it is stored.
    ///
    /// # Errors
    /// The state could not be read.
    pub async fn open_packages(&self) -> Result<Vec<LeadPackage>, StoreError> {
        let part = Page { offset: 0, limit: i64::MAX };
        let found = self.store.read().lead_packages(&PackageFilter::default(), part).await?;
        Ok(found.rows.into_iter().map(|row| row.package).collect())
    }

    /// A package that is not deleted.
    ///
    /// # Errors
    /// The state could not be read.
    pub async fn package(&self, id: i64) -> Result<Option<PackageShown>, StoreError> {
        Ok(self.store.read().lead_package(id).await?.map(PackageShown::from))
    }

    /// Makes a package, and says how many pending tasks the rule matched with it.
    ///
    /// # Errors
    /// A field is wrong, another package is in the way, or the state failed.
    pub async fn make_package(
        &self,
        draft: PackageDraft,
        now: Timestamp,
    ) -> Result<(PackageShown, u64), PackageError> {
        let put = self.store.put_package(draft.check()?, now).await?;
        self.stored(put).await
    }

    /// Changes a package: everything of it stands in the draft.
    ///
    /// # Errors
    /// There is none, a field is wrong, another package is in the way, or the state failed.
    pub async fn change_package(
        &self,
        id: i64,
        draft: PackageDraft,
        now: Timestamp,
    ) -> Result<(PackageShown, u64), PackageError> {
        let put = self.store.change_package(id, draft.check()?, now).await?;
        self.stored(put).await
    }

    async fn stored(&self, put: PackagePut) -> Result<(PackageShown, u64), PackageError> {
        match put {
            PackagePut::Stored(package, matched) => {
                let shown = self.package(package.id).await?.ok_or(PackageError::Unknown)?;
                Ok((shown, matched))
            }
            PackagePut::Duplicate(other) => Err(PackageError::Duplicate(other)),
            PackagePut::Unknown => Err(PackageError::Unknown),
        }
    }

    /// Deletes a package, and says how many tasks it had. What becomes of them must be said when there are any.
    ///
    /// # Errors
    /// There is none, nothing was said of its tasks, or the state failed.
    pub async fn delete_package(
        &self,
        id: i64,
        tasks: Option<LinkedTasks>,
        now: Timestamp,
    ) -> Result<u64, PackageError> {
        match self.store.delete_package(id, tasks, now).await? {
            PackageDeleted::Deleted(tasks) => Ok(tasks),
            PackageDeleted::InUse(tasks) => Err(PackageError::InUse(tasks)),
            PackageDeleted::Unknown => Err(PackageError::Unknown),
        }
    }

    /// Takes packages from a file: new ones, and changes of known ones. Bad lines are left out and told.
    ///
    /// # Errors
    /// The file or all its lines are bad, or the state failed.
    pub async fn import_packages(
        &self,
        file: &[u8],
        how: Import,
        now: Timestamp,
    ) -> Result<Imported, ImportError> {
        let Sheet { lines, mut errors, ignored_columns } = read(file)?;
        let places: Vec<usize> = lines.iter().map(|line| line.line).collect();
        if lines.is_empty() && !errors.is_empty() {
            return Err(ImportError::NoLine(Imported { errors, ignored_columns, ..Imported::default() }));
        }
        let packages: Vec<NewLeadPackage> = lines.into_iter().map(|line| line.package).collect();
        let done = match how {
            Import::Do => self.store.import_packages(packages, now).await?,
            Import::Try => self.store.preview_import(packages).await?,
        };
        errors.extend(done.refused.iter().map(|(place, other)| LineFault {
            line: places.get(*place).copied().unwrap_or_default(),
            column: "internal_code",
            message: format!("与编号 {other} 的数据包重复"),
        }));
        errors.sort_by_key(|fault| fault.line);
        let imported = Imported {
            created: done.created,
            updated: done.updated,
            unchanged: done.unchanged,
            matched_tasks: done.matched_tasks,
            errors,
            ignored_columns,
        };
        let none = imported.created + imported.updated + imported.unchanged == 0;
        if none && !imported.errors.is_empty() { Err(ImportError::NoLine(imported)) } else { Ok(imported) }
    }
}
