//! How the syncs of the last days went: what the console draws and the native route tells.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use model::task::{TaskRecordStatus, TaskSyncType};
use serde::Serialize;
use store::{StoreError, TaskOutcome};
use utoipa::ToSchema;

use super::Tasks;

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Stats {
    /// Every day of the range by the zone of the syncs, ascending, today among them.
    pub days: Vec<StatsDay>,
    /// Every sync that ended, by the time it was accepted.
    pub durations: Vec<StatsDuration>,
}

/// How the syncs accepted on a day ended.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StatsDay {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Syncs of which no task failed.
    pub success: i64,
    /// Syncs of which some did.
    pub partial: i64,
    /// Syncs that failed.
    pub failed: i64,
    /// Percent with one decimal; `null` without a sync.
    pub success_rate: Option<f64>,
    /// Tasks with a package among all of them, in percent with one decimal; `null` without a task.
    pub match_rate: Option<f64>,
}

/// How long a sync took.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StatsDuration {
    /// Its record.
    pub record_id: i64,
    /// `historical` or `today`.
    #[schema(value_type = String)]
    pub sync_type: TaskSyncType,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub start_time: Timestamp,
    /// Whole seconds.
    pub duration: i64,
}

impl Tasks {
    /// How the syncs of so many days up to today went.
    ///
    /// # Errors
    /// The state could not be read.
    pub async fn stats(&self, days: i64, now: Timestamp) -> Result<Stats, StoreError> {
        let zone = &self.settings.zone;
        let last = now.to_zoned_datetime(zone.clone()).date();
        let first = last.saturating_sub((days - 1).days());
        let midnight = first.to_zoned_datetime(zone.clone()).map_or(now, |midnight| midnight.timestamp());
        let outcomes = self.store.read().task_outcomes(midnight).await?;
        Ok(stats(&outcomes, (first, last), zone))
    }
}

/// A day and what is summed of it.
struct Sum {
    date: Date,
    ends: [i64; 3],
    total: i64,
    matched: i64,
}

fn stats(outcomes: &[TaskOutcome], (first, last): (Date, Date), zone: &TimeZone) -> Stats {
    let dates = first.series(1.day()).take_while(|date| *date <= last);
    let mut sums: Vec<Sum> = dates.map(|date| Sum { date, ends: [0; 3], total: 0, matched: 0 }).collect();
    for outcome in outcomes {
        let date = outcome.created_at.to_zoned_datetime(zone.clone()).date();
        let Some(sum) = sums.iter_mut().find(|sum| sum.date == date) else { continue };
        let place = match outcome.status {
            TaskRecordStatus::Success => 0,
            TaskRecordStatus::Partial => 1,
            TaskRecordStatus::Failed => 2,
            TaskRecordStatus::Running => continue,
        };
        sum.ends[place] += 1;
        sum.total += outcome.total;
        sum.matched += outcome.matched;
    }
    let durations = outcomes.iter().map(|outcome| StatsDuration {
        record_id: outcome.record,
        sync_type: outcome.sync_type,
        start_time: outcome.started_at,
        duration: outcome.ended_at.as_second() - outcome.started_at.as_second(),
    });
    Stats { days: sums.iter().map(day).collect(), durations: durations.collect() }
}

fn day(sum: &Sum) -> StatsDay {
    let [success, partial, failed] = sum.ends;
    StatsDay {
        date: sum.date,
        success,
        partial,
        failed,
        success_rate: percent(success, success + partial + failed),
        match_rate: percent(sum.matched, sum.total),
    }
}

/// One decimal.
fn percent(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1_000.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(record: i64, created_at: &str, status: TaskRecordStatus, tasks: (i64, i64)) -> TaskOutcome {
        let created_at: Timestamp = created_at.parse().unwrap();
        let later = |milliseconds: i64| created_at + jiff::SignedDuration::from_millis(milliseconds);
        TaskOutcome {
            record,
            sync_type: TaskSyncType::Today,
            status,
            created_at,
            started_at: later(900),
            ended_at: later(15_100),
            total: tasks.0,
            matched: tasks.1,
        }
    }

    #[test]
    fn a_sync_counts_for_the_day_of_the_zone_it_was_accepted_on() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let range = ("2025-10-23".parse().unwrap(), "2025-10-25".parse().unwrap());
        let outcomes = [
            outcome(1, "2025-10-23T15:59:59Z", TaskRecordStatus::Success, (85, 80)),
            outcome(2, "2025-10-23T16:00:00Z", TaskRecordStatus::Success, (0, 0)),
            outcome(3, "2025-10-24T01:00:00Z", TaskRecordStatus::Partial, (17, 16)),
            outcome(4, "2025-10-24T02:00:00Z", TaskRecordStatus::Failed, (0, 0)),
        ];
        let stats = stats(&outcomes, range, &zone);
        let told: Vec<String> = stats
            .days
            .iter()
            .map(|day| {
                let StatsDay { date, success, partial, failed, success_rate, match_rate } = day;
                format!("{date} {success}/{partial}/{failed} {success_rate:?} {match_rate:?}")
            })
            .collect();
        assert_eq!(
            told,
            [
                "2025-10-23 1/0/0 Some(100.0) Some(94.1)",
                "2025-10-24 1/1/1 Some(33.3) Some(94.1)",
                "2025-10-25 0/0/0 None None",
            ]
        );
        let seconds: Vec<(i64, i64)> =
            stats.durations.iter().map(|one| (one.record_id, one.duration)).collect();
        assert_eq!(seconds, [(1, 15), (2, 15), (3, 15), (4, 15)], "both ends are cut to whole seconds");
    }
}
