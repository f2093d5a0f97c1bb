//! What a run says in its own log: that a try began, what could not be done and why, and what it came to.
//!
//! Failed files are named up to a bound; all of them are items of the run.

use std::sync::atomic::{AtomicU64, Ordering};

use engine::{Context, Outcome};
use model::fault::Fault;
use model::file::FileStats;
use model::file::run::{FileItemStatus, FileRunParams};
use model::policy::Retry;
use tracing::Level;

use super::labels;
use super::tree::Item;

/// Failed files of a try that are named.
const NAMED_MAX: u64 = 20;

/// See the module.
pub(super) struct Journal<'a> {
    ctx: &'a Context,
    task: &'a str,
    attempt: u32,
    /// Failed files so far, named or not.
    failed: AtomicU64,
}

impl<'a> Journal<'a> {
    pub(super) fn new(ctx: &'a Context, params: &'a FileRunParams, attempt: u32) -> Self {
        Self { ctx, task: &params.task_id, attempt, failed: AtomicU64::new(0) }
    }

    /// A try begins.
    pub(super) fn began(&self) {
        let line = match self.attempt {
            ..=1 => labels::log_task(self.task, labels::BEGAN),
            attempt => labels::try_began(attempt),
        };
        self.ctx.log(Level::INFO, line);
    }

    /// Names what failed, as long as it is not too much.
    pub(super) fn items(&self, items: &[Item]) {
        let failed = items.iter().filter(|item| item.status == FileItemStatus::Failed);
        for (item, (_, why)) in failed.filter_map(|item| Some((item, item.error.as_ref()?))) {
            if self.failed.fetch_add(1, Ordering::Relaxed) < NAMED_MAX {
                self.ctx.log(Level::ERROR, labels::item_failed(item.to.as_str(), why));
            }
        }
    }

    /// What was done, however the try ended.
    pub(super) fn counted(&self, line: &str, stats: &FileStats) {
        let unnamed = self.failed.load(Ordering::Relaxed).saturating_sub(NAMED_MAX);
        if unnamed > 0 {
            self.ctx.log(Level::ERROR, labels::unnamed(unnamed));
        }
        if stats.skipped > 0 {
            self.ctx.log(Level::WARN, labels::skipped(stats.skipped));
        }
        tracing::info!(target: labels::TARGET, "{line}");
        self.ctx.log(Level::INFO, line);
    }

    /// How the try ended. One that waits for its turn has not, nor one that was stopped.
    pub(super) fn ended(&self, done: &Result<Outcome, Fault>, retry: &Retry) {
        match done {
            Ok(Outcome::Succeeded(_)) => {
                self.ctx.log(Level::INFO, labels::log_task(self.task, labels::SUCCEEDED));
            }
            Err(fault) if self.ctx.go_on().is_ok() => match retry.pause(self.attempt, fault, 0.0) {
                Some(_) => {
                    self.ctx.log(Level::WARN, labels::try_failed(self.attempt, &fault.message));
                }
                None => {
                    self.ctx.log(Level::ERROR, fault.message.clone());
                    self.ctx.log(Level::ERROR, labels::log_task(self.task, labels::FAILED));
                }
            },
            _ => {}
        }
    }
}
