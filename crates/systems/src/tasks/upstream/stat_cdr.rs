//! The fallback: what each day's statistics say of a task, and its name from one of that day's calls.
//!
//! One day is asked for at a time. A sum over several days never stands for one of them, and no call spans more days or
//! rows than the platform answers.

use connect::http::{Request, Unread};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::fault::Fault;
use model::task::row::RowError;
use model::task::{TaskDay, TaskWindow};
use serde_json::json;
use serde_json::value::RawValue;

use super::envelope::{self, Object};
use super::{Talk, What, scalar, words};

/// Statistics by task.
const BY_TASK: i64 = 20;
/// Rows of sums, which are no tasks.
const SUMS: [&str; 2] = ["总计", "平均"];

/// What a day's statistics say of a task; or of which task what cannot be read.
pub(in crate::tasks) type Day = Result<TaskDay, (String, RowError)>;

/// The days of a window, oldest first.
pub(in crate::tasks) fn days_of(window: TaskWindow, zone: &TimeZone) -> Vec<Date> {
    let (first, last) = (zone.to_datetime(window.from).date(), zone.to_datetime(window.to).date());
    first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).collect()
}

impl Talk<'_> {
    /// The statistics of a day: what was called, answered and won for each task.
    pub(in crate::tasks) async fn statistics(&self, day: Date) -> Result<Vec<Day>, Fault> {
        self.breathe().await?;
        let text = day.to_string();
        let body = json!({ "start_time": text, "end_time": text, "query_type": BY_TASK });
        let request = Request::post("statistics", "/extension/agent/stat", body);
        let read = |bytes: &[u8]| {
            let envelope = self.read(bytes)?;
            let data = envelope.data.as_deref().and_then(envelope::object);
            let rows = data.as_ref().and_then(|data| envelope::list(data.get("content")?));
            rows.ok_or_else(|| Unread::Garbled(words::NO_ROWS.to_owned()))
        };
        let rows = self.ask_with(What::Statistics, &request, read).await?;
        Ok(rows.iter().filter_map(|row| of_task(row, day)).collect())
    }

    /// The task's name as a call of that day says it; `None` when it had none.
    pub(in crate::tasks) async fn name_on(
        &self,
        task: &str,
        day: Date,
        zone: &TimeZone,
    ) -> Result<Option<String>, Fault> {
        self.breathe().await?;
        self.tries.ear().page(1);
        let end = if day == zone.to_datetime(self.pause.now()).date() {
            zone.to_datetime(self.pause.now()).strftime("%H:%M:%S").to_string()
        } else {
            "23:59:59".to_owned()
        };
        let request = Request::get("call_records", "/task/cdr/all2")
            .with("page", 1)
            .with("pageSize", 1)
            .with("startTime", format_args!("{day} 00:00:00"))
            .with("endTime", format_args!("{day} {end}"))
            .with("taskId", task);
        let read = |bytes: &[u8]| {
            let envelope = self.read(bytes)?;
            let data = envelope.data.as_deref().and_then(envelope::object);
            let rows = data.as_ref().and_then(|data| envelope::list(data.get("data")?));
            rows.ok_or_else(|| Unread::Garbled(words::NO_ROWS.to_owned()))
        };
        let rows = self.ask_with(What::CallRecords, &request, read).await?;
        let named = |row: &RawValue| scalar::text(envelope::object(row)?.get("TaskName")?);
        Ok(rows.first().and_then(|row| named(row)).filter(|name| !name.trim().is_empty()))
    }
}

/// A row of the statistics; `None` when it is not of a task.
fn of_task(row: &RawValue, day: Date) -> Option<Day> {
    let row = envelope::object(row)?;
    let text = |name: &str| row.get(name).and_then(|value| scalar::text(value));
    let name = text("username").unwrap_or_default();
    let task_id = text("user_id").filter(|id| !id.trim().is_empty())?.trim().to_owned();
    if SUMS.contains(&name.trim()) || SUMS.contains(&task_id.as_str()) {
        return None;
    }
    Some(counted(&row, &task_id, day).map_err(|wrong| (task_id, wrong)))
}

fn counted(row: &Object, task_id: &str, day: Date) -> Result<TaskDay, RowError> {
    let count = |from: &str, field: &'static str| {
        let Some(text) = row.get(from).and_then(|value| scalar::text(value)) else { return Ok(0) };
        let count = text.trim().parse().ok().filter(|count: &i64| *count >= 0);
        count.ok_or(RowError::Format(field))
    };
    Ok(TaskDay {
        task_id: task_id.to_owned(),
        day,
        called_number: count("callout_number", "called_number")?,
        connected_number: count("called_number", "connected_number")?,
        success_number: count("success_number", "success_number")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(written: &str) -> Option<Day> {
        of_task(&RawValue::from_string(written.to_owned()).unwrap(), jiff::civil::date(2025, 10, 24))
    }

    #[test]
    fn calls_made_are_called_and_calls_answered_are_connected() {
        let row =
            r#"{"user_id":7100001,"username":"","callout_number":"10","called_number":4,"success_number":1}"#;
        let day = of(row).unwrap().unwrap();
        assert_eq!(day.task_id, "7100001");
        assert_eq!((day.called_number, day.connected_number, day.success_number), (10, 4, 1));
    }

    #[test]
    fn rows_of_sums_are_no_tasks_and_a_count_that_is_none_fails_its_task() {
        assert_eq!(of(r#"{"username":"总计","callout_number":10}"#), None);
        assert_eq!(of(r#"{"user_id":"平均","callout_number":10}"#), None);
        assert_eq!(of(r#"{"user_id":null,"username":"x"}"#), None);
        let wrong = of(r#"{"user_id":"7","called_number":"many"}"#);
        assert_eq!(wrong, Some(Err(("7".into(), RowError::Format("connected_number")))));
    }

    #[test]
    fn three_days_are_three_days() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let accepted = "2025-10-24T01:00:00Z".parse().unwrap();
        let days = |sync_type| {
            let days = days_of(TaskWindow::of(sync_type, accepted, &zone), &zone);
            days.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(days(model::task::TaskSyncType::Historical), "2025-10-21 2025-10-22 2025-10-23");
        assert_eq!(days(model::task::TaskSyncType::Today), "2025-10-24");
    }
}
