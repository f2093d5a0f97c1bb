//! Why a run of a config failed: the documented types and words.

use std::io;

use connect::storage::{Trouble, Wrong};
use model::fault::Fault;

/// One of the two trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Source,
    Target,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// So many files could not be copied or deleted.
    Items(u64),
    /// A folder could not be listed.
    Listing(Side, String),
    Unreachable(String),
    NoSpace,
    Auth(String),
    SourceMissing(String),
    TargetMissing(String),
    EmptySource,
    Guard {
        planned: u64,
        present: u64,
    },
    /// This machine could not keep a list that is too long for memory.
    Spool(String),
    /// The work must stop.
    Stopped(Fault),
}

impl Failure {
    /// What trouble with a whole side means.
    pub(crate) fn of(trouble: &Trouble, side: Side) -> Self {
        match trouble.wrong {
            Wrong::Auth => Self::Auth(trouble.to_string()),
            Wrong::Network | Wrong::Timeout | Wrong::Busy(_) => Self::Unreachable(trouble.to_string()),
            _ => Self::Listing(side, trouble.to_string()),
        }
    }

    /// What trouble with one file means for all others, when it means them too: room does not come back, nor a right.
    pub(super) fn of_all(trouble: &Trouble) -> Option<Self> {
        match trouble.wrong {
            Wrong::NoSpace => Some(Self::NoSpace),
            Wrong::Auth => Some(Self::Auth(trouble.to_string())),
            _ => None,
        }
    }

    /// What trouble with one folder means.
    pub(super) fn of_folder(trouble: &Trouble, side: Side) -> Self {
        Self::of_all(trouble).unwrap_or_else(|| Self::Listing(side, trouble.to_string()))
    }

    /// What trouble with a temporary file means.
    #[expect(clippy::needless_pass_by_value, reason = "maps what a result holds")]
    pub(super) fn of_spool(error: io::Error) -> Self {
        Self::Spool(error.to_string())
    }

    /// Whether nothing else is worth beginning.
    pub(super) const fn ends_all(&self) -> bool {
        matches!(self, Self::NoSpace | Self::Auth(_) | Self::Spool(_) | Self::Stopped(_))
    }

    /// The documented type.
    pub(crate) const fn error_type(&self) -> &'static str {
        match self {
            Self::Items(_) => "items_failed",
            Self::Listing(Side::Source, _) => "source_listing",
            Self::Listing(Side::Target, _) => "target_listing",
            Self::Unreachable(_) => "unreachable",
            Self::NoSpace => "no_space",
            Self::Auth(_) => "auth",
            Self::SourceMissing(_) => "source_missing",
            Self::TargetMissing(_) => "target_missing",
            Self::EmptySource => "empty_source",
            Self::Guard { .. } => "guard",
            Self::Spool(_) => "internal",
            Self::Stopped(_) => "stopped",
        }
    }

    /// The documented words.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Items(failed) => format!("{failed} 个文件同步失败"),
            Self::Listing(Side::Source, why) => format!("源目录列举失败: {why}"),
            Self::Listing(Side::Target, why) => format!("目标目录列举失败: {why}"),
            Self::Unreachable(why) => format!("无法连接存储: {why}"),
            Self::NoSpace => "目标存储空间不足".to_owned(),
            Self::Auth(why) => format!("存储认证失败: {why}"),
            Self::SourceMissing(path) => format!("源目录不存在: {path}"),
            Self::TargetMissing(path) => format!("目标目录不存在: {path}"),
            Self::EmptySource => "源目录为空而目标目录非空，已拒绝删除（可使用 force 执行）".to_owned(),
            Self::Guard { planned, present } => {
                let tenths = (u128::from(*planned) * 1000).checked_div(u128::from(*present)).unwrap_or(1000);
                format!(
                    "删除保护: 计划删除 {planned} 个文件（目标共 {present} 个，{}.{}%），未删除任何文件。\
                     确认后请使用 confirm 执行",
                    tenths / 10,
                    tenths % 10
                )
            }
            Self::Spool(why) => format!("内部错误: 无法读写本机临时文件: {why}"),
            Self::Stopped(fault) => fault.message.clone(),
        }
    }

    /// As the engine takes it: whether another try may help is in it.
    pub(crate) fn fault(&self) -> Fault {
        let (code, message) = (self.error_type(), self.message());
        match self {
            Self::Stopped(fault) => fault.clone(),
            Self::Items(_) | Self::Listing(..) | Self::Unreachable(_) | Self::NoSpace | Self::Spool(_) => {
                Fault::again(code, message)
            }
            Self::Auth(_)
            | Self::SourceMissing(_)
            | Self::TargetMissing(_)
            | Self::EmptySource
            | Self::Guard { .. } => Fault::never(code, message),
        }
    }
}
