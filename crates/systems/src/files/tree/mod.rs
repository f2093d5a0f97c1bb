//! Making one tree like another: walk both in step, copy on the way, delete last or not at all.
//!
//! Nothing is deleted unless the walk saw all of both sides, every copy worked, and the guard allows it.
//! What must not enter: the engine, the state, the wire. What is asked and told goes through [`Watch`].

mod backup;
mod book;
mod copy;
mod delete;
mod failure;
mod flights;
mod listing;
mod moved;
mod pack;
mod sorted;
mod spool;
mod sum;
mod telling;
#[cfg(test)]
mod tests;
mod upload;
mod walk;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connect::storage::{Body, Kind, Place, Storage, Trouble, Wrong};
use futures_util::{StreamExt, stream};
use model::fault::Fault;
use model::file::baseline::FileBaseline;
use model::file::run::{FileAsked, FilePhase, FileProgress};
use model::file::upload::FileUpload;
use model::file::{FileConfig, FileMode, FileStats};

use super::compare::Comparison;
use super::filter::Filter;
use super::merge::Sides;
use super::rename::Rename;

pub(crate) use backup::{Backup, from_above};
pub(crate) use book::{Item, Marks};
pub(crate) use failure::{Failure, Side};
pub(crate) use spool::Bound;

use book::Book;
use flights::Flights;

/// Tries of one listing or copy.
const TRIES: u32 = 6;

/// The longest wait before another try, and the first one; waits double between them.
const WAIT_MAX: Duration = Duration::from_secs(20);
const WAIT: Duration = Duration::from_millis(500);

/// Tidying up after a stop takes no longer.
const TIDY: Duration = Duration::from_secs(2);

/// What the work asks while it goes on.
#[async_trait]
pub(crate) trait Watch: Send + Sync {
    /// Whether to go on: asked before every name is given and every delete.
    fn go_on(&self) -> Result<(), Fault>;

    /// Resolves when the work must stop.
    async fn stopped(&self) -> Fault;

    /// Lets the time go by.
    async fn wait(&self, pause: Duration) -> Result<(), Fault>;

    /// A number from 0 to 1, for waits of several copies not to end together.
    fn chance(&self) -> f64;

    /// Whether it wants to be told what was done, though little was; asked often.
    fn curious(&self) -> bool;

    /// Resolves when it is curious again.
    async fn curiosity(&self);

    /// What is remembered of the files in a folder of the target.
    async fn remembered(&self, folder: &Place) -> Result<Vec<FileBaseline>, Fault>;

    /// Uploads to the target that were begun and are no files yet.
    async fn uploads(&self) -> Result<Vec<FileUpload>, Fault>;

    /// Keeps an upload that was begun.
    async fn upload_begun(&self, upload: &FileUpload) -> Result<(), Fault>;

    /// Forgets an upload, by what the store calls it.
    async fn upload_ended(&self, upload: &str) -> Result<(), Fault>;

    /// Takes what was done since it was last told.
    async fn told(&self, told: Told) -> Result<(), Fault>;
}

/// What was done so far.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) phase: FilePhase,
    pub(crate) stats: FileStats,
    pub(crate) progress: FileProgress,
    /// What became of items since it was last told.
    pub(crate) items: Vec<Item>,
    /// What is to be remembered since.
    pub(crate) marks: Marks,
}

/// Two trees, and how one is to become like the other.
pub(crate) struct Trees {
    pub(crate) source: Arc<dyn Storage>,
    pub(crate) target: Arc<dyn Storage>,
    pub(crate) config: FileConfig,
    pub(crate) filter: Filter,
    pub(crate) rename: Rename,
    pub(crate) asked: FileAsked,
    /// What temporary names of this try begin with.
    pub(crate) temporary: String,
    /// Where replaced and deleted files are kept; `None`: they are not.
    pub(crate) backup: Option<Backup>,
    /// The storage both lie in, when it may be asked to copy from the one to the other.
    pub(crate) shared: Option<Shared>,
    /// What is held in memory of lists that may be as long as a tree.
    pub(crate) bound: Bound,
}

/// A storage that two trees lie in.
pub(crate) struct Shared {
    /// Rooted where both of them lie.
    pub(crate) storage: Arc<dyn Storage>,
    /// The source's root there.
    pub(crate) source: Place,
    /// The target's.
    pub(crate) target: Place,
}

/// The work, with what it found so far.
struct Work<'w> {
    trees: &'w Trees,
    watch: &'w dyn Watch,
    comparison: Comparison,
    book: Book,
    flights: Flights,
    /// Drafts that are neither named nor taken away.
    drafts: Mutex<HashSet<Place>>,
    /// Drafts begun; the numbers of their names.
    drafted: AtomicU16,
    /// Uploads that were begun and are no files yet.
    uploads: Mutex<Vec<upload::Kept>>,
    /// The target takes names in capitals and small letters for one.
    folds: AtomicBool,
}

/// Makes the target like the source. The stats are what was done, however it ended.
pub(crate) async fn sync(trees: &Trees, watch: &dyn Watch) -> (FileStats, Result<(), Failure>) {
    let natures = (&trees.source.nature(), &trees.target.nature());
    let config = &trees.config;
    let comparison = Comparison::new(config.mode, config.compare, config.mtime_tolerance_ms, natures);
    let work = Work {
        trees,
        watch,
        comparison,
        book: Book::default(),
        flights: Flights::default(),
        drafts: Mutex::default(),
        drafted: AtomicU16::new(0),
        uploads: Mutex::default(),
        folds: AtomicBool::new(trees.config.target.case_insensitive == Some(true)),
    };
    let done = work.all().await;
    work.tidy().await;
    let told = work.tell().await;
    (work.book.stats(), done.and(told.map_err(Failure::Stopped)))
}

impl Work<'_> {
    /// Takes away what was being written when the work was stopped. What cannot be is left to the next run.
    async fn tidy(&self) {
        let left = std::mem::take(&mut *self.drafts.lock().unwrap_or_else(PoisonError::into_inner));
        let gone = left.iter().map(|draft| self.trees.target.remove_file(draft));
        let _ = tokio::time::timeout(TIDY, futures_util::future::join_all(gone)).await;
    }

    async fn all(&self) -> Result<(), Failure> {
        let there = self.unless_stopped(self.probe()).await?;
        self.book.enter(FilePhase::Comparing);
        self.find_uploads().await?;
        let walked = self.walk(there).await?;
        if self.trees.asked.dry_run {
            return self.plan(walked).await;
        }
        if walked.failure.is_none() {
            self.unless_stopped(self.sweep_uploads()).await?;
        }
        self.judge(&walked)?;
        self.book.enter(FilePhase::Deleting);
        self.delete(walked).await?;
        self.book.enter(FilePhase::Finishing);
        Ok(())
    }

    /// Does something that may take long and of which nothing has to be told.
    async fn unless_stopped<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            fault = self.watch.stopped() => Err(Failure::Stopped(fault)),
            done = work => done,
        }
    }

    /// Asks both roots themselves. Answers which are there.
    async fn probe(&self) -> Result<Option<Sides>, Failure> {
        let (config, source, target) = (&self.trees.config, &self.trees.source, &self.trees.target);
        let root = Place::root();
        let source_is_there = match self.again(|| source.look(&root)).await {
            Ok(Some(Kind::Folder)) => true,
            // Where folders are only what files lie in, nothing and an empty one are the same.
            Ok(None) if self.trees.asked.force && !source.nature().real_folders => false,
            Ok(_) => return Err(Failure::SourceMissing(config.source.path.clone())),
            // Of a bucket that is not there not even a missing folder can be told; nobody means that by an empty one.
            Err(trouble) if trouble.wrong == Wrong::Missing => {
                return Err(Failure::SourceMissing(config.source.path.clone()));
            }
            Err(trouble) => return Err(Failure::of(&trouble, Side::Source)),
        };
        let target_is_there = match self.again(|| target.look(&root)).await {
            Ok(Some(Kind::Folder)) => {
                self.folds.store(self.find_out_case().await, Ordering::Relaxed);
                true
            }
            Ok(None) if !config.target.must_exist => false,
            Ok(_) => return Err(Failure::TargetMissing(config.target.path.clone())),
            Err(trouble) if trouble.wrong == Wrong::Missing => {
                return Err(Failure::TargetMissing(config.target.path.clone()));
            }
            Err(trouble) => return Err(Failure::of(&trouble, Side::Target)),
        };
        Ok(match (source_is_there, target_is_there) {
            (true, true) => Some(Sides::Both),
            (true, false) => Some(Sides::Source),
            (false, true) => Some(Sides::Target),
            (false, false) => None,
        })
    }

    /// Whether the target takes capitals and small letters for one. A folder of this machine is asked, by a file that
    /// is there for a moment; of others
    /// the config knows, or what is known of all of their kind.
    async fn find_out_case(&self) -> bool {
        let told = self.trees.config.target.case_insensitive;
        let Some(target) = self.trees.target.here().filter(|_| told.is_none() && !self.trees.asked.dry_run)
        else {
            return told.unwrap_or(self.trees.target.nature().folds_case);
        };
        let name = self.draft_name();
        let places = Place::parse(&name).and_then(|one| Ok((one, Place::parse(&name.to_uppercase())?)));
        let Ok((one, other)) = places else { return false };
        self.open_drafts().insert(one.clone());
        let nothing = Body::Pieces(stream::empty().boxed());
        let Ok(draft) = target.draft(&one, &name, nothing, 0).await else { return false };
        let found = target.look(&other).await;
        if target.discard(draft).await.is_ok() {
            self.open_drafts().remove(&one);
        }
        matches!(found, Ok(Some(_)))
    }

    /// Whether what was found may be deleted.
    fn judge(&self, walked: &walk::Walked) -> Result<(), Failure> {
        let (stats, asked) = (self.book.stats(), self.trees.asked);
        if let Some(failure) = &walked.failure {
            return Err(failure.clone());
        }
        let deletes = self.trees.config.mode != FileMode::Incremental;
        if deletes && stats.source_list_num == 0 && stats.target_list_num > 0 && !asked.force {
            return Err(Failure::EmptySource);
        }
        let (planned, present) = (stats.to_delete_total, stats.target_list_num);
        let confirmed = asked.confirm || asked.force;
        let guarded = confirmed || self.trees.config.delete_guard.allows(planned, present);
        // A number that is asked for is a bound of its own: it lifts no other.
        if !guarded || asked.max_delete.is_some_and(|most| planned > most) {
            return Err(Failure::Guard { planned, present });
        }
        match self.book.failed() {
            0 => Ok(()),
            failed => Err(Failure::Items(failed)),
        }
    }

    /// Asks a storage until it answers, or says something that will not change.
    async fn again<T, F, A>(&self, ask: F) -> Result<T, Trouble>
    where
        F: Fn() -> A,
        A: Future<Output = Result<T, Trouble>>,
    {
        let mut tries = 0;
        loop {
            tries += 1;
            let trouble = match ask().await {
                Err(trouble) if trouble.wrong.may_pass() && tries < TRIES => trouble,
                answer => return answer,
            };
            if self.watch.wait(self.pause(tries, &trouble)).await.is_err() {
                return Err(trouble);
            }
        }
    }

    /// How long to wait after so many tries.
    fn pause(&self, tries: u32, trouble: &Trouble) -> Duration {
        if let Wrong::Busy(Some(asked)) = trouble.wrong {
            return asked.min(Duration::from_secs(300));
        }
        WAIT_MAX.min(WAIT.saturating_mul(1 << tries.min(10))).mul_f64(self.watch.chance())
    }

    async fn tell(&self) -> Result<(), Fault> {
        let mut told = self.book.told();
        self.flights.show(&mut told.progress);
        self.watch.told(told).await
    }
}
