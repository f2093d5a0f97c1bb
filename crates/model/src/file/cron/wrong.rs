//! What is wrong with an expression: in Chinese as the contract's answers say it, and in English.

use std::fmt;

use super::{CHARACTERS, FIELDS};
use crate::cron::Language;

/// A text that is no cron expression of a file sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFileCron {
    /// The field that is wrong, from 1; `None` when it is the whole text.
    pub position: Option<u8>,
    /// What is wrong with it, in Chinese. Empty when there is no text to be wrong.
    pub detail: String,
    wrong: Wrong,
}

/// See [`BadFileCron`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Blank,
    Long,
    /// It has this many fields instead of five.
    Fields(usize),
    /// A single word that begins with `@` and means nothing.
    Macro(String),
    Field {
        /// Its place, from 0.
        at: usize,
        fault: Fault,
    },
    Never,
}

/// Why a field cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    EmptyEntry,
    OutOfBounds {
        text: String,
        low: u16,
        high: u16,
    },
    StepZero(String),
    /// A step behind a single value.
    StepOfOne(String),
    Unreadable(String),
}

impl BadFileCron {
    /// The kind of mistake, in the contract's words.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match self.wrong {
            Wrong::Blank => "cron 表达式不能为空",
            Wrong::Long | Wrong::Fields(_) | Wrong::Macro(_) | Wrong::Field { .. } => {
                "无效的 cron 表达式格式，应为 '分 时 日 月 周' 格式"
            }
            Wrong::Never => "cron 表达式验证失败: unable to rollover, time specification is probably invalid",
        }
    }
}

impl From<Wrong> for BadFileCron {
    fn from(wrong: Wrong) -> Self {
        let position = match wrong {
            Wrong::Blank | Wrong::Long | Wrong::Fields(_) | Wrong::Macro(_) => None,
            Wrong::Field { at, .. } => u8::try_from(at + 1).ok(),
            Wrong::Never => Some(3),
        };
        Self { position, detail: wrong.in_chinese(), wrong }
    }
}

impl Wrong {
    fn in_chinese(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Long => format!("长度超过 {CHARACTERS} 个字符"),
            Self::Fields(count) => format!("应有 5 个字段，实际 {count} 个"),
            Self::Macro(name) => format!("应有 5 个字段，实际 1 个（不支持 {name}）"),
            Self::Field { at, fault } => {
                let (place, name) = (at + 1, FIELDS[*at].name(Language::Chinese));
                format!("第{place}个字段（{name}）: {}", fault.in_chinese())
            }
            Self::Never => "日期与月份的组合永远不会出现".to_owned(),
        }
    }
}

impl Fault {
    fn in_chinese(&self) -> String {
        match self {
            Self::EmptyEntry => "列表中有空项".to_owned(),
            Self::OutOfBounds { text, low, high } => format!("{text} 超出范围 {low}-{high}"),
            Self::StepZero(entry) => format!("{entry} 的步长不能为 0"),
            Self::StepOfOne(entry) => format!("{entry} 的步长只能跟在 * 或范围之后"),
            Self::Unreadable(entry) => format!("{entry} 无法识别"),
        }
    }
}

impl std::error::Error for BadFileCron {}

/// In English.
impl fmt::Display for BadFileCron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wrong {
            Wrong::Blank => f.write_str("the cron expression is empty"),
            Wrong::Long => write!(f, "the cron expression is longer than {CHARACTERS} characters"),
            Wrong::Fields(count) => write!(
                f,
                "the cron expression has {count} fields instead of minute, hour, day of month, month, day of week"
            ),
            Wrong::Macro(name) => write!(f, "the cron expression is `{name}`, which has no meaning"),
            Wrong::Field { at, fault } => {
                write!(
                    f,
                    "field {} of the cron expression ({}): ",
                    at + 1,
                    FIELDS[*at].name(Language::English)
                )?;
                match fault {
                    Fault::EmptyEntry => f.write_str("an entry of the list is empty"),
                    Fault::OutOfBounds { text, low, high } => {
                        write!(f, "`{text}` is outside {low} to {high}")
                    }
                    Fault::StepZero(entry) => write!(f, "the step of `{entry}` is 0"),
                    Fault::StepOfOne(entry) => {
                        write!(f, "the step of `{entry}` stands behind neither `*` nor a range")
                    }
                    Fault::Unreadable(entry) => write!(f, "`{entry}` cannot be read"),
                }
            }
            Wrong::Never => f.write_str("the cron expression never comes due: no month has its days"),
        }
    }
}
