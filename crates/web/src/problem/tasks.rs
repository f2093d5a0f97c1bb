//! What the routes of the tasks system refuse, with the documented codes and, in Chinese, the documented words.

use model::task::package::Wrong;
use serde_json::{Value, json};
use systems::tasks::packages::{BadCsv, ImportError, Imported, PackageError};
use systems::tasks::{MatchError, StartError};

use super::Problem;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub enum TasksProblem {
    /// A parameter or a key of the body: what is allowed, in English and Chinese.
    Parameter(String, String),
    /// There is no such package.
    NoPackage,
    /// A field of a package.
    Package(Wrong),
    /// This other package has the id or the prefix.
    Duplicate(i64),
    /// So many tasks belong to the package, and nothing was said of them.
    InUse(u64),
    /// Nothing of a file can be read.
    Csv(BadCsv),
    /// None of a file's lines is a package.
    NoLine(Imported),
    /// Another run of the sync is at work: the documented words.
    Locked(String),
}

impl TasksProblem {
    pub(super) fn in_english(&self) -> String {
        match self {
            Self::Parameter(english, _) => english.clone(),
            Self::NoPackage => "there is no such package".to_owned(),
            Self::Package(wrong) => wrong.to_string(),
            Self::Duplicate(other) => format!("package {other} has this external id or this prefix"),
            Self::InUse(tasks) => {
                format!("{tasks} tasks belong to the package; say tasks=pending or tasks=keep")
            }
            Self::Csv(bad) => bad.to_string(),
            Self::NoLine(_) => "no line of the file is a package".to_owned(),
            Self::Locked(words) => words.clone(),
        }
    }

    pub(super) fn in_chinese(&self) -> String {
        match self {
            Self::Parameter(_, chinese) => chinese.clone(),
            Self::NoPackage => "数据包不存在".to_owned(),
            Self::Package(wrong) => wrong.to_string(),
            Self::Duplicate(other) => format!("与编号 {other} 的数据包重复"),
            Self::InUse(tasks) => format!("数据包下仍有 {tasks} 个任务"),
            Self::Csv(bad) => bad.chinese(),
            Self::NoLine(_) => "文件中没有可导入的数据包".to_owned(),
            Self::Locked(words) => words.clone(),
        }
    }

    /// What a program needs beyond the code.
    pub(super) fn refused(&self) -> Option<Value> {
        let detail = match self {
            Self::Package(Wrong { field, message }) => json!({ "field": field, "message": message }),
            Self::Duplicate(other) => json!({ "package_id": other }),
            Self::InUse(tasks) => json!({ "tasks": tasks }),
            Self::NoLine(imported) => json!(imported),
            Self::Parameter(..) | Self::NoPackage | Self::Csv(_) | Self::Locked(_) => return None,
        };
        Some(detail)
    }
}

impl From<TasksProblem> for Problem {
    fn from(problem: TasksProblem) -> Self {
        Self::Tasks(problem)
    }
}

impl From<PackageError> for Problem {
    fn from(error: PackageError) -> Self {
        match error {
            PackageError::Unknown => TasksProblem::NoPackage.into(),
            PackageError::Wrong(wrong) => TasksProblem::Package(wrong).into(),
            PackageError::Duplicate(other) => TasksProblem::Duplicate(other).into(),
            PackageError::InUse(tasks) => TasksProblem::InUse(tasks).into(),
            PackageError::Store(error) => error.into(),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Csv(BadCsv::TooLarge) => Self::BodyTooLarge,
            ImportError::Csv(bad) => TasksProblem::Csv(bad).into(),
            ImportError::NoLine(imported) => TasksProblem::NoLine(imported).into(),
            ImportError::Store(error) => error.into(),
        }
    }
}

impl From<MatchError> for Problem {
    fn from(error: MatchError) -> Self {
        match error {
            MatchError::NoPackage => TasksProblem::NoPackage.into(),
            MatchError::Count(count) => {
                let english = format!("task_ids: 1 to 1000 are needed, not {count}");
                TasksProblem::Parameter(english, format!("task_ids 应为 1 至 1000 个，现有 {count} 个"))
                    .into()
            }
            MatchError::Store(error) => error.into(),
        }
    }
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(error) => error.into(),
            StartError::Request(error) => error.into(),
            StartError::NoRecord(_) => Self::Bug,
        }
    }
}
