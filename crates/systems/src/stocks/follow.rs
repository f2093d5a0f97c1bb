//! Schedules, and what follows when one of their days failed or met a busy lease.

use std::time::Duration;

use engine::{Ended, PartitionFilter, StoreError};
use jiff::civil::{Date, Time, time};
use jiff::{SignedDuration, Timestamp};
use model::partition::Partition;
use model::policy::Missed;
use model::run::Run;
use model::schedule::{ScheduleSpec, TickDecision, When};
use model::state::{PartitionState, RunState};

use super::config::Settings;
use super::plan::{Days, How, Wish};
use super::upstream::BLACKLISTED;
use super::{Stocks, labels, shanghai, sync_key};

const DAILY: &str = "stocks.daily_sync";
const RETRY: &str = "stocks.retry_sync";
const CHECK_MISSING: &str = "stocks.check_missing";
const CHECK_MISSING_AGAIN: &str = "stocks.check_missing_again";

/// Tries follow each other by this much.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The last hour in which the morning's check is tried again.
const CHECK_UNTIL: Time = time(17, 0, 0, 0);

/// The evening's sync.
pub(crate) fn daily(settings: &Settings) -> ScheduleSpec {
    let at = settings.daily_at;
    let title = format!("每日{}点同步数据", at.hour());
    spec(DAILY, title, "scheduler_daily", Days::Daily(None), every_day(at))
}

/// The morning's look for gaps.
pub(crate) fn check_missing(settings: &Settings) -> ScheduleSpec {
    let at = settings.check_missing_at;
    let title = format!("每日{}点检查缺失数据", at.hour());
    spec(CHECK_MISSING, title, "scheduler_missing", Days::Missing, every_day(at))
}

fn retry(date: Date, at: Timestamp) -> ScheduleSpec {
    let days = Days::Daily(Some(date));
    spec(RETRY, "每小时重试同步".to_owned(), "scheduler_retry", days, When::Once { at })
}

fn check_again(at: Timestamp) -> ScheduleSpec {
    let title = "再次检查缺失数据".to_owned();
    spec(CHECK_MISSING_AGAIN, title, "scheduler_missing", Days::Missing, When::Once { at })
}

fn every_day(at: Time) -> When {
    When::Cron { expression: format!("{} {} * * *", at.minute(), at.hour()) }
}

fn spec(name: &str, title: String, label: &str, days: Days, when: When) -> ScheduleSpec {
    ScheduleSpec {
        name: name.to_owned(),
        title,
        sync: sync_key(),
        label: label.to_owned(),
        params: Wish { days, how: How::default() }.params(),
        when,
        time_zone: shanghai::ZONE.to_owned(),
        missed: Missed::None,
        missed_window: Duration::ZERO,
        missed_max: 1,
    }
}

/// First and last day of a run, as its plan says.
pub(crate) fn bounds(run: &Run) -> (String, String) {
    let text = |name: &str| run.params.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    (text("start_date"), text("end_date"))
}

/// When a day whose try at `tried_at` failed is tried again: on the hour after, until the next morning's limit.
fn next_hour(date: Date, tried_at: Timestamp, until: Time, now: Timestamp) -> Option<Timestamp> {
    let limit = shanghai::moment(date.tomorrow().ok()?, until);
    let mut next = tried_at + HOUR;
    while next < now {
        next += HOUR;
    }
    (next <= limit).then_some(next)
}

/// When the morning's check that met a busy lease is tried again.
fn next_check(tried_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let mut next = tried_at + HOUR;
    while next < now {
        next += HOUR;
    }
    (next <= shanghai::moment(shanghai::today(tried_at), CHECK_UNTIL)).then_some(next)
}

impl Stocks {
    /// The try that follows, if any.
    ///
    /// # Errors
    /// The state cannot be read.
    pub(crate) async fn next_try(
        &self,
        ended: &Ended,
        now: Timestamp,
    ) -> Result<Option<ScheduleSpec>, StoreError> {
        match ended {
            Ended::Run(run) => self.after_run(run, now).await,
            Ended::Tick { spec, nominal_at, decision } => {
                self.after_tick(spec, *nominal_at, *decision, now).await
            }
        }
    }

    async fn after_run(&self, run: &Run, now: Timestamp) -> Result<Option<ScheduleSpec>, StoreError> {
        if !matches!(run.label.as_str(), "scheduler_daily" | "scheduler_retry")
            || run.state == RunState::Cancelled
            || run.fault_code.as_deref() == Some(BLACKLISTED)
        {
            return Ok(None);
        }
        let filter = PartitionFilter { limit: 1, ..PartitionFilter::default() };
        let days = self.reader.partitions(run.id, &filter).await?;
        Ok(days.first().and_then(|day| self.after_day(run, day, now)))
    }

    fn after_day(&self, run: &Run, day: &Partition, now: Timestamp) -> Option<ScheduleSpec> {
        let failed = match day.state {
            PartitionState::Failed | PartitionState::Quarantined => true,
            PartitionState::Skipped => day.message.as_deref() == Some(labels::UNPUBLISHED),
            _ => false,
        };
        if !failed || day.fault_code.as_deref() == Some(BLACKLISTED) {
            return None;
        }
        let date = day.key.parse().ok()?;
        let tried_at = run.nominal_at.unwrap_or(run.created_at);
        Some(retry(date, next_hour(date, tried_at, self.settings.retry_until, now)?))
    }

    async fn after_tick(
        &self,
        spec: &ScheduleSpec,
        nominal_at: Timestamp,
        decision: TickDecision,
        now: Timestamp,
    ) -> Result<Option<ScheduleSpec>, StoreError> {
        let busy = decision == TickDecision::SkippedOverlap;
        if busy {
            tracing::info!(target: labels::TARGET, schedule = %spec.name, "{}", labels::BUSY_TICK);
        }
        Ok(match spec.label.as_str() {
            "scheduler_missing" if busy => next_check(nominal_at, now).map(check_again),
            "scheduler_daily" | "scheduler_retry" if busy || decision == TickDecision::Refused => {
                if self.blacklisted_until(now).await?.is_some() {
                    return Ok(None);
                }
                let Ok(Wish { days: Days::Daily(date), .. }) = Wish::parse(&spec.params) else {
                    return Ok(None);
                };
                let date = date.unwrap_or_else(|| shanghai::today(nominal_at));
                next_hour(date, nominal_at, self.settings.retry_until, now).map(|at| retry(date, at))
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(day: i8, hour: i8) -> Timestamp {
        shanghai::moment(date(2025, 10, day), time(hour, 0, 0, 0))
    }

    #[test]
    fn a_failed_day_is_tried_on_every_hour_until_the_morning() {
        let day = date(2025, 10, 9);
        let until = time(6, 0, 0, 0);
        let mut tried = vec![at(9, 20)];
        while let Some(next) = next_hour(day, tried[tried.len() - 1], until, tried[tried.len() - 1]) {
            tried.push(next);
        }
        assert_eq!(tried.len(), 11);
        assert_eq!(tried.last(), Some(&at(10, 6)));
    }

    #[test]
    fn a_try_that_took_hours_is_followed_on_the_next_hour_to_come() {
        let now = at(9, 22) + SignedDuration::from_mins(30);
        assert_eq!(next_hour(date(2025, 10, 9), at(9, 20), time(6, 0, 0, 0), now), Some(at(9, 23)));
    }

    #[test]
    fn the_check_is_tried_until_five_in_the_afternoon() {
        assert_eq!(next_check(at(9, 8), at(9, 8)), Some(at(9, 9)));
        assert_eq!(next_check(at(9, 16), at(9, 16)), Some(at(9, 17)));
        assert_eq!(next_check(at(9, 17), at(9, 17)), None);
    }

    #[test]
    fn schedules_are_titled_as_documented() {
        let settings = Settings::default();
        assert_eq!(daily(&settings).title, "每日20点同步数据");
        assert_eq!(daily(&settings).when, When::Cron { expression: "0 20 * * *".into() });
        assert_eq!(check_missing(&settings).title, "每日8点检查缺失数据");
    }
}
