//! What the trees' work asks and tells, by the engine.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connect::storage::Place;
use engine::{Context, Work, store_fault};
use jiff::{SignedDuration, Timestamp};
use model::counts::ItemCounts;
use model::fault::Fault;
use model::file::FileStats;
use model::file::baseline::FileBaseline;
use model::file::run::FileProgress;
use model::file::upload::FileUpload;
use model::partition::UnitProgress;
use store::{FileTold, Right};

use super::Files;
use super::journal::Journal;
use super::sync::{stopped, whole};
use super::tree::{self, Told, Watch};

/// Progress is kept this often.
const TELL: SignedDuration = SignedDuration::from_secs(1);

/// See the module.
pub(super) struct Eyes<'a> {
    files: &'a Files,
    journal: &'a Journal<'a>,
    ctx: &'a Context,
    config: i64,
    right: Right,
    /// What earlier tries did.
    before: FileStats,
    rng: Mutex<fastrand::Rng>,
    told: Mutex<LastTold>,
}

/// What was told last, and when.
struct LastTold {
    at: Timestamp,
    counts: ItemCounts,
    files_total: u64,
}

impl<'a> Eyes<'a> {
    pub(super) fn new(
        (files, journal): (&'a Files, &'a Journal<'a>),
        ctx: &'a Context,
        begun: (i64, FileStats),
        work: &Work,
    ) -> Self {
        let ((config, before), right) = (begun, Right::from(&work.partition));
        let seed = work.partition.id.0.unsigned_abs() << 16 ^ work.partition.fence.0.unsigned_abs();
        let told = LastTold { at: ctx.now(), counts: ItemCounts::default(), files_total: 0 };
        let (rng, told) = (Mutex::new(fastrand::Rng::with_seed(seed)), Mutex::new(told));
        Self { files, journal, ctx, config, right, before, rng, told }
    }

    fn last(&self) -> MutexGuard<'_, LastTold> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Files that were to be copied, by what was told last.
    pub(super) fn files_total(&self) -> u64 {
        self.last().files_total
    }

    /// Counts what is new since it was last told.
    fn count(&self, stats: &FileStats, progress: &FileProgress) {
        let now = ItemCounts {
            new: whole(stats.added_success),
            updated: whole(stats.updated_success),
            unchanged: whole(stats.unchanged),
            deleted: whole(stats.deleted_success),
            failed: whole(stats.failed()),
            skipped: whole(stats.skipped),
        };
        let told = LastTold { at: self.ctx.now(), counts: now, files_total: progress.files_total };
        let was = std::mem::replace(&mut *self.last(), told).counts;
        self.ctx.count(ItemCounts {
            new: now.new - was.new,
            updated: now.updated - was.updated,
            unchanged: now.unchanged - was.unchanged,
            deleted: now.deleted - was.deleted,
            failed: now.failed - was.failed,
            skipped: now.skipped - was.skipped,
        });
        let total = progress.listing_done.then(|| whole(progress.files_total));
        self.ctx.progress(UnitProgress { done: whole(progress.files_done), failed: now.failed, total });
    }
}

#[async_trait]
impl Watch for Eyes<'_> {
    fn go_on(&self) -> Result<(), Fault> {
        self.ctx.go_on()
    }

    async fn stopped(&self) -> Fault {
        let _ = self.ctx.stop_asked().await;
        self.ctx.go_on().err().unwrap_or_else(stopped)
    }

    async fn wait(&self, pause: Duration) -> Result<(), Fault> {
        self.ctx.wait_until(self.ctx.now() + pause).await
    }

    fn chance(&self) -> f64 {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    fn curious(&self) -> bool {
        self.ctx.now().duration_since(self.last().at) >= TELL
    }

    async fn curiosity(&self) {
        let told = self.last().at;
        // Who must stop hears it elsewhere.
        let _ = self.ctx.wait_until(told + TELL).await;
    }

    async fn remembered(&self, folder: &Place) -> Result<Vec<FileBaseline>, Fault> {
        let remembered = self.files.store.read().file_baseline(self.config, folder.as_str()).await;
        remembered.map_err(|error| store_fault("reading what is remembered of files", &error))
    }

    async fn uploads(&self) -> Result<Vec<FileUpload>, Fault> {
        let uploads = self.files.store.read().file_uploads(self.config).await;
        uploads.map_err(|error| store_fault("reading uploads", &error))
    }

    async fn upload_begun(&self, upload: &FileUpload) -> Result<(), Fault> {
        let now = self.ctx.now();
        let kept = self.files.store.begin_file_upload(self.right, self.config, upload.clone(), now).await;
        match kept.map_err(|error| store_fault("keeping an upload", &error))? {
            true => Ok(()),
            false => Err(stopped()),
        }
    }

    async fn upload_ended(&self, upload: &str) -> Result<(), Fault> {
        let ended = self.files.store.end_file_upload(self.config, upload).await;
        ended.map_err(|error| store_fault("forgetting an upload", &error))
    }

    async fn told(&self, told: Told) -> Result<(), Fault> {
        self.count(&told.stats, &told.progress);
        self.journal.items(&told.items);
        let told = FileTold {
            right: self.right,
            phase: told.phase,
            stats: told.stats.after(&self.before),
            progress: told.progress,
            items: told.items.into_iter().map(tree::Item::kept).collect(),
            remembered: told.marks.remembered,
            forgotten: told.marks.forgotten,
        };
        let kept = self.files.store.tell_file_run(told, self.ctx.now()).await;
        match kept.map_err(|error| store_fault("telling of a run of files", &error))? {
            true => Ok(()),
            false => Err(stopped()),
        }
    }
}
