//! What the files system refuses, in two languages.

use model::id::RunId;
use serde_json::{Value, json};
use systems::files::{FilesError, Wrong};

use super::Problem;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub enum FilesProblem {
    /// No config has that number.
    Unknown(i64),
    /// The config is disabled.
    Disabled(i64),
    /// The config's end has passed.
    Expired(i64),
    /// A run of the config has not ended.
    Active(RunId),
    /// All that is wrong with a config.
    Wrong(Vec<Wrong>),
}

impl FilesProblem {
    pub(super) fn in_english(&self) -> String {
        match self {
            Self::Unknown(id) => format!("there is no config {id}"),
            Self::Disabled(id) => format!("config {id} is disabled"),
            Self::Expired(id) => format!("the end_time of config {id} has passed"),
            Self::Active(run) => format!("run {run} of the config has not ended; say cancel=true to end it"),
            Self::Wrong(wrong) => {
                said(wrong, |message| systems::in_english(message).unwrap_or_else(|| message.to_owned()))
            }
        }
    }

    pub(super) fn in_chinese(&self) -> String {
        match self {
            Self::Unknown(id) => format!("同步配置 {id} 不存在"),
            Self::Disabled(id) => format!("同步配置 {id} 已禁用"),
            Self::Expired(id) => format!("同步配置 {id} 已过期"),
            Self::Active(run) => format!("运行 {run} 尚未结束，可使用 cancel=true 先取消"),
            Self::Wrong(wrong) => said(wrong, str::to_owned),
        }
    }

    /// What a program needs beyond the code.
    pub(super) fn refused(&self) -> Option<Value> {
        let Self::Wrong(wrong) = self else { return None };
        let errors = wrong
            .iter()
            .map(|wrong| json!({ "field": wrong.field, "message": wrong.message, "input": wrong.input }));
        Some(json!({ "errors": errors.collect::<Vec<_>>() }))
    }
}

/// Every mistake with its field.
fn said(wrong: &[Wrong], worded: impl Fn(&str) -> String) -> String {
    let said = wrong.iter().map(|wrong| format!("{}: {}", wrong.field, worded(&wrong.message)));
    said.collect::<Vec<_>>().join("; ")
}

impl From<FilesProblem> for Problem {
    fn from(problem: FilesProblem) -> Self {
        Self::Files(problem)
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Unknown(id) => FilesProblem::Unknown(id).into(),
            FilesError::Disabled(id) => FilesProblem::Disabled(id).into(),
            FilesError::Expired(id) => FilesProblem::Expired(id).into(),
            FilesError::Active(run) => FilesProblem::Active(run).into(),
            FilesError::Wrong(wrong) => FilesProblem::Wrong(wrong).into(),
            FilesError::Store(error) => error.into(),
            FilesError::Request(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_in_the_language_that_is_asked_for() {
        let wrong = |field: &str, message: &str| Wrong {
            field: field.to_owned(),
            message: message.to_owned(),
            input: Value::Null,
        };
        let wrong = vec![wrong("target.path", "源与目标路径重叠"), wrong("cron", "cron 表达式不能为空")];
        let problem = FilesProblem::Wrong(wrong);
        assert_eq!(
            problem.in_english(),
            "target.path: Source and target overlap; cron: A cron expression is needed"
        );
        assert_eq!(problem.in_chinese(), "target.path: 源与目标路径重叠; cron: cron 表达式不能为空");
    }
}
