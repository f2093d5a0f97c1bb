//! This system as the engine sees it.

use std::time::Duration;

use async_trait::async_trait;
use engine::{Context, Ended, FollowUp, Outcome, Refused, Stop, Syncs, System, Work, store_fault};
use jiff::{SignedDuration, Timestamp};
use model::fault::Fault;
use model::ledger::{LedgerState, LedgerWrite};
use model::policy::{Missed, Overlap, Retry, SyncPolicy};
use model::run::{Plan, RunRequest};
use model::schedule::{ScheduleSpec, TickDecision, When};
use model::task::TaskSyncType;
use serde_json::{Value, json};

use super::plan::Wanted;
use super::{Tasks, labels};

#[async_trait]
impl System for Tasks {
    fn name(&self) -> &'static str {
        "tasks"
    }

    fn syncs(&self) -> Vec<Syncs> {
        TaskSyncType::ALL.iter().map(|of| Syncs { key: of.sync(), policy: self.one_at_a_time() }).collect()
    }

    fn schedules(&self) -> Vec<ScheduleSpec> {
        self.wanted_schedules().map(|(of, cron)| self.schedule(of, cron)).collect()
    }

    fn gone_schedules(&self) -> Vec<String> {
        let wanted: Vec<TaskSyncType> = self.wanted_schedules().map(|(of, _)| of).collect();
        TaskSyncType::ALL.iter().filter(|of| !wanted.contains(of)).map(|of| schedule_name(*of)).collect()
    }

    async fn plan(&self, request: &RunRequest, now: Timestamp) -> Result<Plan, Refused> {
        let Some(of) = TaskSyncType::of_sync(&request.sync) else {
            let message = format!("nothing is known of `{}`", request.sync);
            return Err(Refused::Bad { code: "unknown_sync", message, detail: Value::Null });
        };
        let said = (self.holder.as_str(), self.settings.max_retries);
        Ok(Wanted::of(of, request.tick, said, &self.settings.zone, now).plan())
    }

    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        self.sync_window(work, ctx).await
    }

    fn stopped(&self, _work: &Work, _stop: Stop) -> Option<LedgerWrite> {
        None
    }

    fn failed(&self, _work: &Work, fault: &Fault) -> Option<LedgerWrite> {
        Some(LedgerWrite {
            fault_code: Some(fault.code.clone()),
            fault_message: Some(fault.message.clone()),
            ..LedgerWrite::new(LedgerState::Failed, fault.message.clone())
        })
    }

    async fn keep(&self, now: Timestamp) -> Result<(), Fault> {
        let Some(days) = self.settings.retention_days else { return Ok(()) };
        let before = now - SignedDuration::from_hours(24 * days);
        let purged = self.store.purge_records(before).await;
        let purged = purged.map_err(|error| store_fault("deleting old records", &error))?;
        if purged > 0 {
            tracing::info!(target: labels::TARGET, records = purged, "records older than {days} days were deleted");
        }
        Ok(())
    }

    async fn follow_up(&self, ended: &Ended, _now: Timestamp) -> Result<Vec<FollowUp>, Fault> {
        if let Ended::Tick { spec, decision: TickDecision::SkippedOverlap, .. } = ended
            && let Some(of) = TaskSyncType::of_sync(&spec.sync)
        {
            let lock = self.store.read().task_lock(of).await;
            let lock = lock.map_err(|error| store_fault("reading who syncs tasks", &error))?;
            let holder = lock.and_then(|lock| lock.holder).unwrap_or_default();
            tracing::info!(target: labels::TARGET, "{}", labels::log_skipped(of, &holder));
        }
        Ok(Vec::new())
    }
}

impl Tasks {
    /// The schedules that are wanted: none when nobody gave credentials.
    pub(super) fn wanted_schedules(&self) -> impl Iterator<Item = (TaskSyncType, &str)> {
        let known = self.settings.upstream.credentials.is_some();
        let wanted = [
            (TaskSyncType::Historical, self.settings.historical.as_deref()),
            (TaskSyncType::Today, self.settings.today.as_deref()),
        ];
        wanted.into_iter().filter(move |_| known).filter_map(|(of, cron)| Some((of, cron?)))
    }

    fn schedule(&self, of: TaskSyncType, cron: &str) -> ScheduleSpec {
        ScheduleSpec {
            name: schedule_name(of),
            title: labels::title(of),
            sync: of.sync(),
            label: "scheduled".to_owned(),
            params: json!({}),
            when: When::Cron { expression: cron.to_owned() },
            time_zone: self.settings.zone_name.clone(),
            missed: Missed::None,
            missed_window: Duration::ZERO,
            missed_max: 1,
        }
    }

    /// A request while a run of the type is at work starts nothing. What is tried again is a call upstream, never a
    /// whole run.
    fn one_at_a_time(&self) -> SyncPolicy {
        SyncPolicy {
            overlap: Overlap::Skip,
            max_parallel: Some(1),
            retry: Retry::ONCE,
            source_fault_limit: None,
            pause_keeps_lease: true,
            deaths_max: Some(self.settings.crash_retries + 1),
        }
    }
}

fn schedule_name(of: TaskSyncType) -> String {
    format!("tasks-{of}")
}
