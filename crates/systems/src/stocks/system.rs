//! This system as the engine sees it.

use async_trait::async_trait;
use connect::tables::Table;
use engine::{Context, Ended, FollowUp, Outcome, Refused, Rows, Stop, Syncs, System, Work, store_fault};
use jiff::Timestamp;
use jiff::civil::Date;
use model::fault::Fault;
use model::id::SyncKey;
use model::ledger::{LedgerRow, LedgerState, LedgerWrite};
use model::partition::Partition;
use model::policy::{Overlap, Retry, SyncPolicy};
use model::run::{Plan, Reference, Run, RunRequest};
use model::schedule::ScheduleSpec;
use model::state::RunState;

use super::check::Need;
use super::look::{Range, Unreadable};
use super::plan::{self, Days, Payload, Repair, Wish};
use super::progress::{counts_of, seconds_of, task_id};
use super::tables::{BARS, FAILURES};
use super::{Stocks, follow, labels, shanghai, sync_key, upstream};

/// A run ends after so many days in a row that failed by the source.
const SOURCE_FAULTS_MAX: u32 = 3;

/// Days looked back for failures unless a request says otherwise.
const FAILED_DAYS: i64 = 30;

#[async_trait]
impl System for Stocks {
    fn name(&self) -> &'static str {
        "stocks"
    }

    fn syncs(&self) -> Vec<Syncs> {
        let policy = SyncPolicy {
            overlap: Overlap::Reject,
            max_parallel: Some(1),
            retry: Retry::ONCE,
            source_fault_limit: Some(SOURCE_FAULTS_MAX),
            pause_keeps_lease: false,
            deaths_max: None,
        };
        vec![Syncs { key: sync_key(), policy }]
    }

    fn schedules(&self) -> Vec<ScheduleSpec> {
        vec![follow::daily(&self.settings), follow::check_missing(&self.settings)]
    }

    async fn plan(&self, request: &RunRequest, now: Timestamp) -> Result<Plan, Refused> {
        if request.tick.is_some() {
            self.refuse_while_blacklisted(now).await?;
        }
        let wish = Wish::parse(&request.params)?;
        let asked_at = request.tick.map_or(now, |tick| tick.nominal_at);
        let days = match wish.days {
            Days::Range(first, last) => {
                plan::check_range(first, last, self.settings.max_batch_days)
                    .map_err(|message| plan::bad("bad_range", message))?;
                plan::days_of(first, last)
            }
            Days::These(dates) if dates.is_empty() => {
                return Err(Refused::NothingToDo(labels::NOTHING_PENDING.to_owned()));
            }
            Days::These(dates) => dates,
            Days::Daily(date) => vec![date.unwrap_or_else(|| shanghai::today(asked_at))],
            Days::Missing => self.missing(asked_at, now).await?,
            Days::Failed(first, last) => {
                let last = last.unwrap_or_else(|| shanghai::today(asked_at));
                let first = first.unwrap_or_else(|| shanghai::days_after(last, -FAILED_DAYS));
                return Ok(plan::of_parts(self.failed_parts(first, last, now).await?, wish.how));
            }
        };
        Ok(plan::of_days(days, wish.how, &request.label))
    }

    fn rows(&self, _sync: &SyncKey, partition: &Partition) -> Vec<Rows> {
        let counts = partition.counts;
        let of =
            |table: &Table| Rows { table: table.name, having: vec![("trade_date", partition.key.clone())] };
        let bars = (counts.stored() + counts.deleted > 0).then(|| of(BARS));
        bars.into_iter().chain((counts.failed > 0).then(|| of(FAILURES))).collect()
    }

    fn writer(&self, rows: &Rows) -> Option<(SyncKey, String)> {
        let mine = rows.table == BARS.name || rows.table == FAILURES.name;
        let (_, day) = rows.having.iter().find(|(column, _)| mine && *column == "trade_date")?;
        Some((sync_key(), shanghai::parse_date(day)?.to_string()))
    }

    fn reference(&self, _request: &RunRequest, plan: &Plan, now: Timestamp) -> Option<Reference> {
        plan::reference(plan, now)
    }

    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        self.sync_partition(work, ctx).await
    }

    fn stopped(&self, work: &Work, stop: Stop) -> Option<LedgerWrite> {
        let remark = match stop {
            Stop::Cancel => labels::CANCELLED,
            Stop::Pause => labels::PAUSED,
            Stop::Shutdown | Stop::LostLease => return None,
        };
        // A day whose row was not touched yet stays as it is.
        let untouched = self.session(work.run.id).is_some_and(|session| !session.has_begun(work.id()));
        (!untouched).then(|| LedgerWrite::new(LedgerState::Queued, remark))
    }

    fn failed(&self, work: &Work, fault: &Fault) -> Option<LedgerWrite> {
        let _ = work;
        let error = if is_loss(fault) { labels::WORKER_GONE } else { &fault.message };
        let write = LedgerWrite::new(LedgerState::Failed, error);
        Some(LedgerWrite {
            fault_code: Some(fault.code.clone()),
            fault_message: Some(error.to_owned()),
            ..write
        })
    }

    async fn follow_up(&self, ended: &Ended, now: Timestamp) -> Result<Vec<FollowUp>, Fault> {
        let next = self.next_try(ended, now).await;
        let next = next.map_err(|error| store_fault("looking for the try that follows", &error))?;
        Ok(next.into_iter().map(FollowUp::Schedule).collect())
    }

    fn run_started(&self, run: &Run) {
        if run.partitions_finished() > 0 {
            return;
        }
        let (first, last) = follow::bounds(run);
        let line = labels::log_run_started(&first, &last, run.partitions_total);
        tracing::info!(target: labels::TARGET, run = run.id.0, "{line}");
    }

    async fn run_left(&self, run: &Run) {
        if let Some(session) = self.drop_session(run.id) {
            session.close().await;
        }
        if !run.state.is_end() {
            return;
        }
        let counts = counts_of(run);
        let id = run.id.0;
        match run.state {
            RunState::Cancelled => {
                tracing::info!(target: labels::TARGET, run = id, "{}", labels::run_cancelled(counts));
            }
            RunState::Failed if run.fault_message.is_some() => {
                let error = run.fault_message.as_deref().unwrap_or_default();
                tracing::error!(target: labels::TARGET, run = id, "{}", labels::run_failed(error));
            }
            _ => {
                let line = labels::run_completed(counts, seconds_of(run));
                tracing::info!(target: labels::TARGET, run = id, "{line}");
            }
        }
        tracing::info!(target: labels::TARGET, run = id, "{}", labels::log_run_left(&task_id(run)));
    }

    fn run_forgotten(&self, run: &Run) {
        tracing::info!(target: labels::TARGET, "{}", labels::log_run_forgotten(&task_id(run)));
    }
}

impl Stocks {
    /// Trading days of the last weeks before `asked_at` that need a sync. Days the calendar does not know are among
    /// them: the run asks for the calendar and skips what is closed.
    pub(crate) async fn missing(&self, asked_at: Timestamp, now: Timestamp) -> Result<Vec<Date>, Refused> {
        let today = shanghai::today(asked_at);
        let first = shanghai::days_after(today, -self.settings.check_missing_days);
        let last = shanghai::days_after(today, -1);
        let range = self.look(first, last, now).await.map_err(|error| unavailable(&error))?;
        let days: Vec<Date> =
            plan::days_of(first, last).into_iter().filter(|day| range.is_missing(*day)).collect();
        if days.is_empty() {
            tracing::info!(target: labels::TARGET, "{}", labels::NOTHING_MISSING);
            return Err(Refused::NothingToDo(labels::NOTHING_MISSING.to_owned()));
        }
        Ok(days)
    }

    /// Failed days of a range in full, and of the others what failed of them.
    async fn failed_parts(
        &self,
        first: Date,
        last: Date,
        now: Timestamp,
    ) -> Result<Vec<(Date, Payload)>, Refused> {
        plan::check_range(first, last, i64::MAX).map_err(|message| plan::bad("bad_range", message))?;
        let range = self.look(first, last, now).await.map_err(|error| unavailable(&error))?;
        let mut stocks = self.failed_codes(first, last).await.map_err(|error| unavailable(&error.into()))?;
        let mut parts = Vec::new();
        for (date, row) in &range.rows {
            let payload = match row.state {
                LedgerState::Failed => Payload::default(),
                LedgerState::Succeeded => {
                    let stocks = stocks.remove(date).unwrap_or_default();
                    let factors = lacks_factors(row);
                    if stocks.is_empty() && !factors {
                        continue;
                    }
                    Payload { only: Some(Repair { stocks, factors }), ..Payload::default() }
                }
                _ => continue,
            };
            parts.push((*date, payload));
        }
        if parts.is_empty() {
            return Err(Refused::NothingToDo(labels::NOTHING_FAILED.to_owned()));
        }
        let batch = parts.len() > 1;
        parts.iter_mut().for_each(|(_, payload)| payload.batch = batch);
        Ok(parts)
    }

    /// The pending days of the last `days_back`, newest first, with the reason of each.
    pub(crate) fn pending(range: &Range, today: Date, days_back: i64) -> Vec<(Date, String)> {
        (0..days_back)
            .map(|back| shanghai::days_after(today, -back))
            .filter_map(|date| {
                let check = range.check(date);
                (check.need == Need::Sync).then_some((date, check.reason))
            })
            .collect()
    }

    async fn refuse_while_blacklisted(&self, now: Timestamp) -> Result<(), Refused> {
        match self.blacklisted_until(now).await.map_err(|error| unavailable(&error.into()))? {
            None => Ok(()),
            Some(until) => Err(plan::bad("blacklisted", labels::blacklisted(shanghai::iso(until)))),
        }
    }

    /// Until when schedules must not connect.
    pub(crate) async fn blacklisted_until(
        &self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, engine::StoreError> {
        let note = self.reader.note(upstream::BLACKLIST_NOTE).await?;
        let until = note.and_then(|note| note.as_str()?.parse::<Timestamp>().ok());
        Ok(until.filter(|until| *until > now))
    }
}

/// Whether a fault says that workers died, not that the day went wrong.
fn is_loss(fault: &Fault) -> bool {
    fault.code == "lease_lost"
}

/// Whether a day's factors are still to come.
fn lacks_factors(row: &LedgerRow) -> bool {
    row.fault_message.as_deref().is_some_and(|message| message.contains(labels::FACTORS_FAILED))
}

fn unavailable(error: &Unreadable) -> Refused {
    Refused::Unavailable(error.to_string())
}
