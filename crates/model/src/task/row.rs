//! What makes a row of the platform's listing usable, and the documented words for a row that is not.
//!
//! How a row is found in an answer, and under which names its fields stand, is the business of who asks upstream.

use jiff::Timestamp;

use super::TaskRow;

/// Why a row failed; its text is the documented one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// No id, or an empty one.
    #[error("任务ID缺失")]
    IdMissing,
    /// No name, or an empty one.
    #[error("任务名称缺失")]
    NameMissing,
    /// More than 255 characters.
    #[error("任务名称过长")]
    NameTooLong,
    /// The field of this name cannot be what it says.
    #[error("字段格式错误: {0}")]
    Format(&'static str),
    /// The task's package was deleted and nobody decided since.
    #[error("数据包不存在")]
    PackageGone,
    /// The database refused it.
    #[error("数据库写入失败")]
    WriteFailed,
}

/// A row as it was read: numbers and texts alike as text, so that none is rounded. `None` is a field that is absent or
/// `null`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawTaskRow {
    /// Needed.
    pub task_id: Option<String>,
    /// Needed.
    pub name: Option<String>,
    /// As the platform says it.
    pub state: Option<String>,
    /// A count, here and below.
    pub total_number: Option<String>,
    /// Called.
    pub called_number: Option<String>,
    /// Answered.
    pub connected_number: Option<String>,
    /// Won.
    pub success_number: Option<String>,
    /// `None` also when it could not be read: an unreadable time is unknown, not wrong.
    pub created_at: Option<Timestamp>,
    /// See `created_at`.
    pub started_at: Option<Timestamp>,
    /// See `created_at`.
    pub ended_at: Option<Timestamp>,
}

impl TaskRow {
    /// Checks a row that was read at `fetched_at`.
    ///
    /// # Errors
    /// It has no id or no name, or a field that cannot be what it says; the first in the order of the columns.
    pub fn check(raw: &RawTaskRow, fetched_at: Timestamp) -> Result<Self, RowError> {
        let task_id = given(raw.task_id.as_deref()).ok_or(RowError::IdMissing)?;
        if !fits(task_id, 64) {
            return Err(RowError::Format("task_id"));
        }
        let name = given(raw.name.as_deref()).ok_or(RowError::NameMissing)?;
        if name.chars().count() > 255 {
            return Err(RowError::NameTooLong);
        }
        if !fits(name, 255) {
            return Err(RowError::Format("task_name"));
        }
        let state = given(raw.state.as_deref());
        if state.is_some_and(|state| !fits(state, 20)) {
            return Err(RowError::Format("state"));
        }
        Ok(Self {
            task_id: task_id.to_owned(),
            name: name.to_owned(),
            state: state.map(str::to_owned),
            total_number: count("total_number", raw.total_number.as_deref())?,
            called_number: count("called_number", raw.called_number.as_deref())?,
            connected_number: count("connected_number", raw.connected_number.as_deref())?,
            success_number: count("success_number", raw.success_number.as_deref())?,
            created_at: raw.created_at,
            started_at: raw.started_at,
            ended_at: raw.ended_at,
            fetched_at,
        })
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Neither too long nor with a character that a database or a screen refuses.
fn fits(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

fn count(field: &'static str, text: Option<&str>) -> Result<Option<i64>, RowError> {
    let Some(text) = given(text) else { return Ok(None) };
    let count = text.parse().ok().filter(|count: &i64| *count >= 0);
    count.map(Some).ok_or(RowError::Format(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw() -> RawTaskRow {
        let text = |text: &str| Some(text.to_owned());
        RawTaskRow {
            task_id: text(" 9007199254740993123 "),
            name: text(" 淮安-1017-高中-10000-O1-C-L3-1020\n"),
            state: text("2"),
            total_number: text("7000"),
            called_number: text("2500"),
            ..RawTaskRow::default()
        }
    }

    fn refused(raw: &RawTaskRow) -> String {
        TaskRow::check(raw, Timestamp::UNIX_EPOCH).unwrap_err().to_string()
    }

    #[test]
    fn a_sound_row_keeps_its_long_id_and_is_trimmed() {
        let row = TaskRow::check(&raw(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(row.task_id, "9007199254740993123");
        assert_eq!(row.name, "淮安-1017-高中-10000-O1-C-L3-1020");
        assert_eq!((row.total_number, row.called_number), (Some(7000), Some(2500)));
        assert_eq!((row.connected_number, row.success_number), (None, None));
    }

    #[test]
    fn an_unusable_row_says_why_in_the_documented_words() {
        let text = |text: &str| Some(text.to_owned());
        let table = [
            (RawTaskRow { task_id: None, name: None, ..raw() }, "任务ID缺失"),
            (RawTaskRow { task_id: text(" "), ..raw() }, "任务ID缺失"),
            (RawTaskRow { task_id: Some("7".repeat(65)), ..raw() }, "字段格式错误: task_id"),
            (RawTaskRow { name: None, ..raw() }, "任务名称缺失"),
            (RawTaskRow { name: text("\t"), ..raw() }, "任务名称缺失"),
            (RawTaskRow { name: Some("任".repeat(256)), ..raw() }, "任务名称过长"),
            (RawTaskRow { name: text("淮安\u{0}"), ..raw() }, "字段格式错误: task_name"),
            (RawTaskRow { state: Some("x".repeat(21)), ..raw() }, "字段格式错误: state"),
            (RawTaskRow { total_number: text("-1"), ..raw() }, "字段格式错误: total_number"),
            (RawTaskRow { called_number: text("许多"), ..raw() }, "字段格式错误: called_number"),
            (RawTaskRow { connected_number: text("1.5"), ..raw() }, "字段格式错误: connected_number"),
            (
                RawTaskRow { success_number: text("9223372036854775808"), ..raw() },
                "字段格式错误: success_number",
            ),
        ];
        for (raw, expected) in table {
            assert_eq!(refused(&raw), expected);
        }
        assert_eq!(RowError::PackageGone.to_string(), "数据包不存在");
        assert_eq!(RowError::WriteFailed.to_string(), "数据库写入失败");
    }

    #[test]
    fn the_longest_texts_and_the_largest_counts_are_usable() {
        let longest = RawTaskRow {
            task_id: Some("7".repeat(64)),
            name: Some("任".repeat(255)),
            state: Some("态".repeat(20)),
            total_number: Some("9223372036854775807".to_owned()),
            called_number: Some(String::new()),
            ..raw()
        };
        let row = TaskRow::check(&longest, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((row.total_number, row.called_number), (Some(i64::MAX), None));
    }
}
