//! Doing a run: its window is fetched whole, then written batch by batch. A batch that cannot be written is written row
//! by row, so that one bad row costs one row.

use connect::http::Pause as _;
use engine::{Context, Outcome, Said, StoreError, Work, store_fault};
use model::counts::ItemCounts;
use model::fault::Fault;
use model::ledger::{LedgerState, LedgerWrite};
use model::partition::UnitProgress;
use model::task::row::{RawTaskRow, RowError};
use model::task::{TaskCounters, TaskRow, TaskRowFault};
use store::{Right, TaskNote, TaskWrite};
use tracing::Level;

use super::config::TaskSource;
use super::plan::Wanted;
use super::upstream::Ear;
use super::{Tasks, labels};
use crate::upstream::WorkTime;

/// A window as it was fetched.
pub(super) struct Listed {
    /// Ascending by their ids, each once.
    pub(super) rows: Vec<TaskRow>,
    /// Rows that cannot be used.
    pub(super) faults: Vec<TaskRowFault>,
}

/// A run under way: in whose right it writes, and into which record.
pub(super) struct Errand<'a> {
    pub(super) work: &'a Work,
    pub(super) ctx: &'a Context,
    pub(super) record: i64,
}

impl Errand<'_> {
    /// In whose right it writes.
    pub(super) fn right(&self) -> Right {
        Right::from(&self.work.partition)
    }
}

impl Tasks {
    pub(super) async fn sync_window(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let wanted = Wanted::parse(&work.run)
            .ok_or_else(|| Fault::never("bad_params", "the run's parameters cannot be read").ends_run())?;
        let begun = self.store.begin_record((&work.partition).into(), &self.holder, ctx.now()).await;
        let record = begun.map_err(|error| store_fault("beginning a record", &error))?;
        let record = record.ok_or_else(|| Fault::never("no_record", "the run has no record").ends_run())?;
        let errand = Errand { work, ctx, record };
        let listed = self.fetch(&errand, &wanted).await?;
        let counters = self.write(&errand, listed).await?;
        ctx.say(labels::ended(counters.total, counters.new, counters.updated, counters.failed));
        if counters.total > 0 && counters.failed >= counters.total {
            return Err(Fault::never("all_failed", labels::all_failed(counters.total)).ends_run());
        }
        Ok(done(&counters))
    }

    /// All of the window; what was asked of the platform again is noted, whatever comes of it.
    async fn fetch(&self, errand: &Errand<'_>, wanted: &Wanted) -> Result<Listed, Fault> {
        let (pause, journal) = (WorkTime(errand.ctx.clone()), Journal { ctx: errand.ctx });
        let talk = self.guanke.talk(&pause, &journal);
        let fetched = async {
            match self.settings.upstream.source {
                TaskSource::TaskList => {
                    let raw = talk.tasks(wanted.window, &self.settings.zone).await?;
                    Ok(checked(raw.iter(), pause.now()))
                }
                TaskSource::StatCdr => self.statistics_of(errand, &talk, wanted.window).await,
            }
        };
        let listed = tokio::select! {
            listed = fetched => listed,
            // A slow answer does not hold up who wants to stop.
            _ = errand.ctx.stop_asked() => Err(stopped()),
        };
        if talk.retries() > 0 {
            let (right, retries) = (errand.right(), talk.retries().into());
            let noted = self.store.set_retries(right, errand.record, retries, errand.ctx.now()).await;
            if !noted.map_err(|error| store_fault("counting retries", &error))? {
                return Err(stopped());
            }
        }
        listed
    }

    /// Writes what was fetched; what the record counts in the end.
    async fn write(&self, errand: &Errand<'_>, listed: Listed) -> Result<TaskCounters, Fault> {
        let Listed { rows, faults } = listed;
        let total = rows.len() + faults.len();
        let mut counters = TaskCounters {
            total: i64::try_from(total).unwrap_or(i64::MAX),
            failed: i64::try_from(faults.len()).unwrap_or(i64::MAX),
            ..TaskCounters::default()
        };
        errand.ctx.count(ItemCounts { failed: counters.failed, ..ItemCounts::default() });
        self.note(errand, counters, faults).await?;
        for batch in rows.chunks(self.settings.batch_size.get()) {
            errand.ctx.go_on()?;
            let before = counters;
            counters = self.write_batch(errand, batch, before).await?;
            errand.ctx.count(ItemCounts {
                new: counters.new - before.new,
                updated: counters.updated - before.updated,
                failed: counters.failed - before.failed,
                ..ItemCounts::default()
            });
            tell(errand.ctx, &counters);
        }
        Ok(counters)
    }

    async fn write_batch(
        &self,
        errand: &Errand<'_>,
        rows: &[TaskRow],
        before: TaskCounters,
    ) -> Result<TaskCounters, Fault> {
        match self.put(errand, rows, before).await {
            Ok(batch) => {
                if !batch.faults.is_empty() {
                    self.note(errand, batch.counters, batch.faults).await?;
                }
                Ok(batch.counters)
            }
            Err(Put::Stopped(fault)) => Err(fault),
            Err(Put::Refused) => self.write_rows(errand, rows, before).await,
        }
    }

    /// The same row by row, each in a transaction of its own.
    async fn write_rows(
        &self,
        errand: &Errand<'_>,
        rows: &[TaskRow],
        mut counters: TaskCounters,
    ) -> Result<TaskCounters, Fault> {
        let mut faults = Vec::new();
        for row in rows {
            errand.ctx.go_on()?;
            match self.put(errand, std::slice::from_ref(row), counters).await {
                Ok(batch) => {
                    counters = batch.counters;
                    faults.extend(batch.faults);
                }
                Err(Put::Stopped(fault)) => return Err(fault),
                Err(Put::Refused) => {
                    counters.failed += 1;
                    faults.push(TaskRowFault {
                        task_id: row.task_id.clone(),
                        task_name: row.name.clone(),
                        error: RowError::WriteFailed.to_string(),
                    });
                }
            }
        }
        self.note(errand, counters, faults).await?;
        Ok(counters)
    }

    async fn put(
        &self,
        errand: &Errand<'_>,
        rows: &[TaskRow],
        before: TaskCounters,
    ) -> Result<store::TaskBatch, Put> {
        let write = TaskWrite { right: errand.right(), record: errand.record, rows: rows.to_vec(), before };
        match self.store.write_tasks(write, errand.ctx.now()).await {
            Ok(Some(batch)) => Ok(batch),
            Ok(None) => Err(Put::Stopped(stopped())),
            Err(error @ StoreError::Unavailable { .. }) => {
                Err(Put::Stopped(store_fault("writing tasks", &error)))
            }
            Err(error) => {
                tracing::warn!(target: labels::TARGET, run = errand.work.run.id.0, rows = rows.len(), "{error}");
                Err(Put::Refused)
            }
        }
    }

    /// Has the record count so much, and name these rows.
    async fn note(
        &self,
        errand: &Errand<'_>,
        counters: TaskCounters,
        faults: Vec<TaskRowFault>,
    ) -> Result<(), Fault> {
        let note = TaskNote {
            right: errand.right(),
            record: errand.record,
            counters,
            faults,
            limit: self.settings.error_details_limit,
        };
        match self.store.note_faults(note, errand.ctx.now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(stopped()),
            Err(error) => Err(store_fault("noting rows that failed", &error)),
        }
    }
}

/// Why rows were not put.
enum Put {
    /// The work must stop, or goes on later.
    Stopped(Fault),
    /// The database refused a row of them.
    Refused,
}

/// Rows that can be used, ascending by id, and those that cannot.
pub(super) fn checked<'a>(raw: impl Iterator<Item = &'a RawTaskRow>, now: jiff::Timestamp) -> Listed {
    let mut listed = Listed { rows: Vec::new(), faults: Vec::new() };
    for raw in raw {
        match TaskRow::check(raw, now) {
            Ok(row) => listed.rows.push(row),
            Err(wrong) => listed.faults.push(fault_of(raw, &wrong)),
        }
    }
    listed.rows.sort_by(|a, b| a.task_id.cmp(&b.task_id));
    listed
}

fn fault_of(raw: &RawTaskRow, wrong: &RowError) -> TaskRowFault {
    let text = |text: Option<&String>| text.map(|text| text.trim().to_owned()).unwrap_or_default();
    TaskRowFault {
        task_id: text(raw.task_id.as_ref()),
        task_name: text(raw.name.as_ref()),
        error: wrong.to_string(),
    }
}

fn tell(ctx: &Context, counters: &TaskCounters) {
    let done = counters.new + counters.updated + counters.failed;
    ctx.progress(UnitProgress { done, failed: counters.failed, total: Some(counters.total) });
    ctx.say(labels::written(done, counters.total));
}

/// The work must stop; its worker knows why.
pub(super) fn stopped() -> Fault {
    Fault::again("stopped", "the work must stop")
}

fn done(counters: &TaskCounters) -> Outcome {
    let ledger = LedgerWrite {
        total: counters.total,
        succeeded: counters.new + counters.updated,
        failed: counters.failed,
        ..LedgerWrite::new(LedgerState::Succeeded, "")
    };
    Outcome::Succeeded(Said { ledger: Some(LedgerWrite { message: None, ..ledger }), ..Said::default() })
}

/// What is said of a conversation goes to the run's log and to the process's.
struct Journal<'a> {
    ctx: &'a Context,
}

impl Ear for Journal<'_> {
    fn page(&self, page: u32) {
        self.ctx.say(labels::page(page));
    }

    fn line(&self, level: Level, line: String) {
        match level {
            Level::ERROR => tracing::error!(target: labels::TARGET, "{line}"),
            Level::WARN => tracing::warn!(target: labels::TARGET, "{line}"),
            _ => tracing::info!(target: labels::TARGET, "{line}"),
        }
        self.ctx.log(level, line);
    }
}
