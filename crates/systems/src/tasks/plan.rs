//! What a request means: one partition, and the window it covers, fixed when it is accepted.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::run::{Plan, PlannedPartition, Run, Tick};
use model::task::{TaskSyncType, TaskWindow};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The key of the one partition.
pub(super) const PARTITION: &str = "window";

/// What a run is to do, kept with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// What it covers.
    pub window: TaskWindow,
    /// `{host}-{pid}` of the process that accepted it, to be shown.
    pub holder: String,
    /// Further tries that one call upstream may have.
    pub max_retries: u32,
}

impl Wanted {
    /// What is wanted of a request accepted `now`, by the days of `zone`. One of a schedule is of the day it was due.
    pub(super) fn of(
        sync_type: TaskSyncType,
        tick: Option<Tick>,
        (holder, max_retries): (&str, u32),
        zone: &TimeZone,
        now: Timestamp,
    ) -> Self {
        let day = |at: Timestamp| zone.to_datetime(at).date();
        let due = tick.map(|tick| tick.nominal_at).filter(|due| day(*due) != day(now));
        let window = TaskWindow::of(sync_type, due.unwrap_or(now), zone);
        Self { window, holder: holder.to_owned(), max_retries }
    }

    /// What an accepted run is to do; `None` when its parameters are of another version.
    pub(super) fn parse(run: &Run) -> Option<Self> {
        serde_json::from_value(run.params.clone()).ok()
    }

    pub(super) fn plan(&self) -> Plan {
        let params = serde_json::to_value(self).expect("it is plain data");
        let partition = PlannedPartition { key: PARTITION.to_owned(), payload: Value::Null };
        Plan { partitions: vec![partition], params, priority: None }
    }
}

#[cfg(test)]
mod tests {
    use model::id::ScheduleId;

    use super::*;

    #[test]
    fn a_time_of_a_schedule_that_is_acted_on_after_midnight_is_still_of_its_day() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let of = |due: Option<&str>, now: &str| {
            let tick = due.map(|due| Tick { schedule: ScheduleId(1), nominal_at: at(due) });
            let wanted = Wanted::of(TaskSyncType::Today, tick, ("host-1", 3), &zone, at(now));
            (wanted.window.from.to_string(), wanted.window.to.to_string())
        };
        let late = of(Some("2025-10-24T15:59:00Z"), "2025-10-24T16:01:00Z");
        assert_eq!(late, ("2025-10-23T16:00:00Z".into(), "2025-10-24T15:59:00Z".into()));
        let in_time = of(Some("2025-10-24T02:00:00Z"), "2025-10-24T02:00:01Z");
        assert_eq!(in_time, ("2025-10-23T16:00:00Z".into(), "2025-10-24T02:00:01Z".into()));
        assert_eq!(of(None, "2025-10-24T02:00:01Z"), in_time);
    }
}
