//! What is wrong with an expression, in words: which field, and what is allowed in it.

use super::Language;

/// A text that is no cron expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.explain(Language::English))]
pub struct BadCron {
    /// The whole text.
    pub text: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// See [`BadCron`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It has this many fields instead of five or six.
    Fields(usize),
    /// One field cannot be read.
    Field {
        /// Which one.
        field: Field,
        /// Its text.
        text: String,
        /// What stands out in it.
        reason: Reason,
    },
    /// The fields cannot be read together; the parser's words.
    Together(String),
    /// No date there is matches day, month and weekday together.
    NoDate,
}

/// Why a field cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// This character means nothing in it.
    Character(char),
    /// An entry of its list is empty.
    EmptyEntry,
    /// A number out of bounds, or a form there is none of.
    Unreadable,
}

/// The fields, in the order they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 0 to 59, left out of five fields.
    Second,
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 12.
    Month,
    /// 0 to 7; 0 and 7 are Sunday.
    DayOfWeek,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Second, Self::Minute, Self::Hour, Self::DayOfMonth, Self::Month, Self::DayOfWeek];

    /// Its name.
    #[must_use]
    pub const fn name(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Second, Language::English) => "second",
            (Self::Minute, Language::English) => "minute",
            (Self::Hour, Language::English) => "hour",
            (Self::DayOfMonth, Language::English) => "day of month",
            (Self::Month, Language::English) => "month",
            (Self::DayOfWeek, Language::English) => "day of week",
            (Self::Second, Language::Chinese) => "秒",
            (Self::Minute, Language::Chinese) => "分",
            (Self::Hour, Language::Chinese) => "时",
            (Self::DayOfMonth, Language::Chinese) => "日",
            (Self::Month, Language::Chinese) => "月",
            (Self::DayOfWeek, Language::Chinese) => "周",
        }
    }

    /// What may stand in it.
    #[must_use]
    pub const fn allowed(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Second | Self::Minute, Language::English) => {
                "0–59, `*`, ranges such as `10-20`, steps such as `*/5` or `10-40/5`, and lists of these"
            }
            (Self::Hour, Language::English) => {
                "0–23, `*`, ranges such as `9-17`, steps such as `*/2` or `8-20/4`, and lists of these"
            }
            (Self::DayOfMonth, Language::English) => {
                "1–31, `*`, `L` (the last day), `15W` (the working day nearest to the 15th), `LW` (the last working day), ranges such as `1-7`, steps such as `*/2`, and lists of these"
            }
            (Self::Month, Language::English) => {
                "1–12, JAN–DEC, `*`, ranges such as `3-5`, steps such as `*/3`, and lists of these"
            }
            (Self::DayOfWeek, Language::English) => {
                "0–7 (0 and 7 are Sunday), SUN–SAT, `*`, `1#2` (the second Monday), `5L` (the last Friday), ranges such as `1-5`, and lists of these"
            }
            (Self::Second | Self::Minute, Language::Chinese) => {
                "0–59、`*`、范围（如 `10-20`）、步长（如 `*/5`、`10-40/5`）及其列表"
            }
            (Self::Hour, Language::Chinese) => {
                "0–23、`*`、范围（如 `9-17`）、步长（如 `*/2`、`8-20/4`）及其列表"
            }
            (Self::DayOfMonth, Language::Chinese) => {
                "1–31、`*`、`L`（最后一天）、`15W`（最接近 15 日的工作日）、`LW`（最后一个工作日）、范围（如 `1-7`）、步长（如 `*/2`）及其列表"
            }
            (Self::Month, Language::Chinese) => {
                "1–12、JAN–DEC、`*`、范围（如 `3-5`）、步长（如 `*/3`）及其列表"
            }
            (Self::DayOfWeek, Language::Chinese) => {
                "0–7（0 和 7 为周日）、SUN–SAT、`*`、`1#2`（第 2 个周一）、`5L`（最后一个周五）、范围（如 `1-5`）及其列表"
            }
        }
    }

    /// Names that stand for numbers in it.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Month => {
                &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
            }
            Self::DayOfWeek => &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
            Self::Second | Self::Minute | Self::Hour | Self::DayOfMonth => &[],
        }
    }

    /// Characters it may have beside digits, names and `* / , -`.
    const fn signs(self) -> &'static str {
        match self {
            Self::DayOfMonth => "LW?",
            Self::DayOfWeek => "L#?+",
            Self::Second | Self::Minute | Self::Hour | Self::Month => "",
        }
    }

    /// The parser reads names of days and months in any field, and skips empty entries: what it would misread is found
    /// here. `text` is in upper case.
    pub(super) fn check(self, text: &str) -> Result<(), Reason> {
        let rest = self.names().iter().fold(text.to_owned(), |rest, name| rest.replace(name, ""));
        let known = |c: char| c.is_ascii_digit() || "*/,-".contains(c) || self.signs().contains(c);
        if let Some(odd) = rest.chars().find(|c| !known(*c)) {
            return Err(Reason::Character(odd));
        }
        if text.split(',').any(str::is_empty) {
            return Err(Reason::EmptyEntry);
        }
        Ok(())
    }
}

impl BadCron {
    /// What is wrong, in words.
    #[must_use]
    pub fn explain(&self, language: Language) -> String {
        let text = &self.text;
        match language {
            Language::English => format!("cron expression `{text}`{}", self.wrong.in_english()),
            Language::Chinese => format!("cron 表达式“{text}”{}", self.wrong.in_chinese()),
        }
    }
}

impl Wrong {
    fn in_english(&self) -> String {
        match self {
            Self::Fields(n) => format!(
                " has {n} fields; expected minute, hour, day of month, month, day of week, with seconds first if there are six"
            ),
            Self::Field { field, text, reason } => {
                let why = match reason {
                    Reason::Character(odd) => format!(" (`{odd}` has no meaning there)"),
                    Reason::EmptyEntry => " (an entry of the list is empty)".to_owned(),
                    Reason::Unreadable => String::new(),
                };
                let (name, allowed) = (field.name(Language::English), field.allowed(Language::English));
                format!(": {name} `{text}` is wrong{why}; allowed are {allowed}")
            }
            Self::Together(reason) => format!(" cannot be read: {reason}"),
            Self::NoDate => " never comes due: no date matches its day, month and weekday".to_owned(),
        }
    }

    fn in_chinese(&self) -> String {
        match self {
            Self::Fields(n) => {
                format!("有 {n} 个字段；应为 分 时 日 月 周 五个字段，六个字段时首位为秒")
            }
            Self::Field { field, text, reason } => {
                let why = match reason {
                    Reason::Character(odd) => format!("（`{odd}` 在此处没有含义）"),
                    Reason::EmptyEntry => "（列表中有空项）".to_owned(),
                    Reason::Unreadable => String::new(),
                };
                let (name, allowed) = (field.name(Language::Chinese), field.allowed(Language::Chinese));
                format!("：{name}“{text}”有误{why}；允许 {allowed}")
            }
            Self::Together(reason) => format!("无法解析：{reason}"),
            Self::NoDate => "永远不会触发：没有日期同时满足日、月、周".to_owned(),
        }
    }
}
