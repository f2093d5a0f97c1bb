//! What the server runs with, as it tells people: each value without its secrets, and where it came from.

use crate::i18n::Language;

/// A value the server runs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `listen`, `stocks.port`.
    pub key: String,
    /// As text, without secrets; empty where nothing is set.
    pub value: String,
    /// Where it came from.
    pub source: Source,
}

impl Setting {
    /// The system it is of; `None`: of the server itself.
    pub(crate) fn system(&self) -> Option<&str> {
        self.key.split_once('.').map(|(system, _)| system)
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// This file.
    File(String),
    /// This variable of the environment.
    Variable(String),
    /// This flag.
    Flag(String),
    /// The command the server was started with, whatever was set.
    Command(String),
}

impl Source {
    /// What kind of place that is.
    pub(crate) fn kind(&self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Default, Language::English) => "default",
            (Self::Default, Language::Chinese) => "默认值",
            (Self::File(_), Language::English) => "file",
            (Self::File(_), Language::Chinese) => "文件",
            (Self::Variable(_), Language::English) => "environment",
            (Self::Variable(_), Language::Chinese) => "环境变量",
            (Self::Flag(_), Language::English) => "flag",
            (Self::Flag(_), Language::Chinese) => "命令行参数",
            (Self::Command(_), Language::English) => "command",
            (Self::Command(_), Language::Chinese) => "命令",
        }
    }

    /// Its name there; nothing for a default.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Default => None,
            Self::File(name) | Self::Variable(name) | Self::Flag(name) | Self::Command(name) => Some(name),
        }
    }
}
