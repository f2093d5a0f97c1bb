//! Both trees in step, folder by folder, copying on the way. Memory holds the folders being read and what waits to be
//! copied, never a tree.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering;

use connect::storage::{Entry, FileFacts, Kind, Place, Trouble, Wrong};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use model::file::FileMode;
use model::file::baseline::FileBaseline;
use model::file::run::{FileItemStatus as Status, FileOp as Op, FilePhase};

use super::book::{Item, composed};
use super::copy::Copy;
use super::failure::{Failure, Side};
use super::moved::Moved;
use super::spool::{Bound, Spool};
use super::telling::Telling;
use super::{Work, listing};
use crate::files::TEMPORARY;
use crate::files::compare::{Reason, Verdict, mark};
use crate::files::merge::{self, Merged, Rules, Sides, Source, Step, Wanted};

/// No further folder is read while so many files wait to be copied.
const WAITING_MAX: usize = 1_000;

/// What the walk found and did not do.
pub(super) struct Walked {
    /// Files to delete.
    pub(super) extra: Spool<Place>,
    /// Folders of the target alone, each before those in it.
    pub(super) folders: Spool<Place>,
    /// Files to be copied when something makes way.
    pub(super) blocked: Spool<Wanted>,
    /// What ended the work, though other folders went on.
    pub(super) failure: Option<Failure>,
}

impl Walked {
    fn new(bound: Bound) -> Self {
        let (extra, folders, blocked) = (Spool::new(bound), Spool::new(bound), Spool::new(bound));
        Self { extra, folders, blocked, failure: None }
    }

    /// The first failure stays, unless it let others go on and this one does not.
    pub(super) fn fail(&mut self, failure: Failure) {
        match &self.failure {
            Some(first) if first.ends_all() || !failure.ends_all() => {}
            _ => self.failure = Some(failure),
        }
    }
}

/// A folder to be read: where it is in the source, and in the target.
#[derive(Clone, Debug)]
struct Folder {
    from: Place,
    at: Place,
    sides: Sides,
}

/// A folder that was read.
struct Read {
    folder: Folder,
    source: Result<Source, Trouble>,
    target: Result<Vec<Entry>, Trouble>,
}

/// What is to be done in a folder, what is remembered of its files by name, and what went wrong with it.
struct Found {
    folder: Folder,
    merged: Merged,
    before: HashMap<String, FileBaseline>,
    failures: Vec<Failure>,
}

impl Work<'_> {
    pub(super) async fn walk(&self, there: Option<Sides>) -> Result<Walked, Failure> {
        let mut telling = Telling::default();
        let walked = self.walk_on(there, &mut telling).await;
        let told = telling.end().await;
        let walked = walked?;
        told.map(|()| walked)
    }

    async fn walk_on<'w>(
        &'w self,
        there: Option<Sides>,
        telling: &mut Telling<'w>,
    ) -> Result<Walked, Failure> {
        let config = &self.trees.config;
        let (transfers_max, checkers_max) = (config.transfers as usize, config.checkers as usize);
        let root = |sides| Folder { from: Place::root(), at: Place::root(), sides };
        let mut unread: Vec<_> = there.map(root).into_iter().collect();
        let (mut waiting, mut walked) = (VecDeque::new(), Walked::new(self.trees.bound));
        let moved = match there {
            Some(Sides::Both | Sides::Source) if self.trees.rename.moves() => {
                Some(self.list_moved(&mut walked).await?)
            }
            _ => None,
        };
        let (mut reading, mut copying) = (FuturesUnordered::new(), FuturesUnordered::new());
        loop {
            telling.begin(self);
            // What is begun is ended; what waits would meet the same.
            if walked.failure.as_ref().is_some_and(Failure::ends_all) {
                waiting.clear();
                unread.clear();
            }
            while reading.len() < checkers_max
                && waiting.len() < WAITING_MAX
                && let Some(folder) = unread.pop()
            {
                reading.push(self.find(folder, moved.as_ref()));
            }
            while copying.len() < transfers_max
                && !self.book.is_full()
                && let Some(pack) = self.pack(&mut waiting)
            {
                copying.push(self.copy_pack(pack));
            }
            if reading.is_empty() && unread.is_empty() {
                self.book.come(|progress| progress.listing_done = true);
                self.book.enter(FilePhase::Transferring);
                if copying.is_empty() && waiting.is_empty() {
                    return Ok(walked);
                }
            }
            tokio::select! {
                fault = self.watch.stopped() => return Err(Failure::Stopped(fault)),
                Some(found) = reading.next() => self.sort(found?, &mut unread, &mut waiting, &mut walked)?,
                Some(copied) = copying.next() => if let Err(failure) = copied {
                    walked.fail(failure);
                },
                Some(told) = telling.next() => told?,
                () = self.watch.curiosity(), if !copying.is_empty() => {}
            }
        }
    }

    /// Reads a folder, and finds what is to be done in it. Copies go on meanwhile: a storage may have no more than so many
    /// connections for both.
    async fn find(&self, folder: Folder, moved: Option<&Moved>) -> Result<Found, Failure> {
        self.merged(self.read(folder, moved).await?).await
    }

    async fn read(&self, folder: Folder, moved: Option<&Moved>) -> Result<Read, Failure> {
        let (from, at) = (&folder.from, &folder.at);
        let moved = moved.filter(|_| folder.sides != Sides::Target);
        let moved = moved.map(|moved| moved.of(from, at)).transpose().map_err(Failure::of_spool)?;
        let listed = |entries| Source::Listed(from.clone(), entries);
        let source = async {
            match (folder.sides, moved) {
                (Sides::Target, _) => Ok(listed(Vec::new())),
                (_, Some(items)) => Ok(Source::Moved(items)),
                (_, None) => self.again(|| listing::list(&*self.trees.source, from)).await.map(listed),
            }
        };
        let target = async {
            match folder.sides {
                Sides::Source | Sides::SourceBlocked => Ok(Vec::new()),
                _ => self.again(|| listing::list(&*self.trees.target, at)).await,
            }
        };
        let (source, target) = futures_util::future::join(source, target).await;
        Ok(Read { folder, source, target })
    }

    /// The steps of a folder that was read; none when a side could not be.
    async fn merged(&self, read: Read) -> Result<Found, Failure> {
        let Read { folder, source, target } = read;
        let (source, target) = match (source, target) {
            (Ok(source), Ok(target)) => (source, target),
            (source, target) => {
                let source = source.err().map(|trouble| self.unlisted(&folder.from, &trouble, Side::Source));
                let target = target.err().map(|trouble| self.unlisted(&folder.at, &trouble, Side::Target));
                let failures = source.into_iter().chain(target).collect();
                return Ok(Found { folder, merged: Merged::default(), before: HashMap::new(), failures });
            }
        };
        // Who lost the right must not sweep away what another writes.
        self.watch.go_on().map_err(Failure::Stopped)?;
        let config = &self.trees.config;
        let is_new = matches!(folder.sides, Sides::Source);
        let mut failures = Vec::new();
        if is_new && config.create_empty_dirs && !self.trees.asked.dry_run {
            failures.extend(self.make_folder(&folder.at).await);
        }
        if !self.trees.asked.dry_run {
            self.sweep(&folder.at, &target).await;
        }
        let was_listed = folder.sides == Sides::Both && matches!(source, Source::Listed(..));
        let merged = merge::merge(&folder.at, source, target, &self.rules());
        let has_extra = merged.steps.iter().any(|step| matches!(step, Step::Extra { .. }));
        if was_listed
            && has_extra
            && let Some(trouble) = self.vanished(&folder.from).await
        {
            failures.push(self.unlisted(&folder.from, &trouble, Side::Source));
        }
        self.book.count(|stats| {
            stats.source_list_num += merged.source_files;
            stats.target_list_num += merged.target_files;
        });
        self.book.come(|progress| progress.checked += merged.source_files);
        let before = self.remembered(&folder.at, &merged.steps).await?;
        Ok(Found { folder, merged, before, failures })
    }

    /// What is wrong with a folder of the source that was listed and is none any more: while it was being removed, not all
    /// of it may have been told.
    async fn vanished(&self, folder: &Place) -> Option<Trouble> {
        match self.again(|| self.trees.source.look(folder)).await {
            Ok(Some(Kind::Folder)) => None,
            Ok(_) => {
                Some(Trouble::new(Wrong::Missing, format!("listing {folder}"), "it was removed meanwhile"))
            }
            Err(trouble) => Some(trouble),
        }
    }

    /// What decides the steps.
    pub(super) fn rules(&self) -> Rules<'_> {
        Rules {
            filter: &self.trees.filter,
            rename: &self.trees.rename,
            mode: self.trees.config.mode,
            kept: self.trees.backup.as_ref().and_then(|backup| backup.inside.as_ref()),
            folds: self.folds.load(Ordering::Relaxed),
        }
    }

    /// A folder could not be listed: nothing is deleted any more.
    pub(super) fn unlisted(&self, folder: &Place, trouble: &Trouble, side: Side) -> Failure {
        let item = Item::new(Op::List, folder, Status::Failed);
        self.book.note(item.failed(error_type(trouble), trouble.to_string()));
        Failure::of_folder(trouble, side)
    }

    /// What is remembered of the files in a folder, by name, when something of it has to be asked for.
    async fn remembered(
        &self,
        folder: &Place,
        steps: &[Step],
    ) -> Result<HashMap<String, FileBaseline>, Failure> {
        let asks = |step: &Step| match step {
            Step::Compare { source, target, .. } => self.comparison.asks_memory(source, target),
            _ => false,
        };
        if !steps.iter().any(asks) {
            return Ok(HashMap::new());
        }
        let remembered = self.watch.remembered(&composed(folder)).await.map_err(Failure::Stopped)?;
        Ok(remembered.into_iter().map(|file| (file.name.clone(), file)).collect())
    }

    /// Removes what earlier tries, here or anywhere, left of their copies: nobody else writes below this target now.
    async fn sweep(&self, folder: &Place, target: &[Entry]) {
        let left = target.iter().filter(|entry| {
            let draft = matches!(entry.kind, Kind::File(_)) && entry.name.starts_with(TEMPORARY);
            draft && !entry.name.starts_with(&self.trees.temporary)
        });
        for entry in left {
            let Ok(at) = folder.join(&entry.name) else { continue };
            // One that cannot be removed now is met again by the next run.
            if let Err(trouble) = self.trees.target.remove_file(&at).await {
                let item = Item::new(Op::Delete, &at, Status::Skipped);
                self.book.note(Item { error: Some((error_type(&trouble), trouble.to_string())), ..item });
            }
        }
    }

    /// Makes a folder. Answers a failure when nothing else can be made either.
    async fn make_folder(&self, at: &Place) -> Option<Failure> {
        match self.again(|| self.trees.target.make_folder(at)).await {
            Ok(()) if at.is_root() => None,
            Ok(()) => {
                self.book.count(|stats| stats.dirs_created += 1);
                None
            }
            Err(trouble) => {
                let item = Item::new(Op::MakeFolder, at, Status::Failed);
                self.book.note(item.failed(error_type(&trouble), trouble.to_string()));
                Failure::of_all(&trouble)
            }
        }
    }

    /// Puts each step where it is done.
    fn sort(
        &self,
        found: Found,
        unread: &mut Vec<Folder>,
        waiting: &mut VecDeque<Copy>,
        walked: &mut Walked,
    ) -> Result<(), Failure> {
        let waits = found.folder.sides == Sides::SourceBlocked;
        if found.folder.sides == Sides::Target && !found.folder.at.is_root() && found.failures.is_empty() {
            walked.folders.push(found.folder.at.clone()).map_err(Failure::of_spool)?;
        }
        found.failures.into_iter().for_each(|failure| walked.fail(failure));
        for step in found.merged.steps {
            match step {
                Step::Enter { from, at, sides } => {
                    let sides = if waits { Sides::SourceBlocked } else { sides };
                    unread.push(Folder { from, at, sides });
                }
                Step::Add { from, to, source, blocked } => {
                    self.book.count(|stats| stats.to_add_total += 1);
                    self.expect(source.size);
                    if blocked || waits {
                        self.wanted(&to);
                        let item = Wanted { from, to, kind: Kind::File(source) };
                        walked.blocked.push(item).map_err(Failure::of_spool)?;
                        continue;
                    }
                    let reason = Some(Reason::New);
                    waiting.push_back(Copy { op: Op::Add, from, to, facts: source, reason });
                }
                Step::Compare { from, to, source, target } => {
                    let before = match found.before.is_empty() {
                        true => None,
                        false => found.before.get(composed(&to).name()),
                    };
                    let reason = match self.comparison.verdict(&source, &target, before) {
                        Verdict::Same => {
                            self.book.count(|stats| stats.unchanged += 1);
                            if before.is_none() {
                                self.remember(&to, &source, &target);
                            }
                            continue;
                        }
                        Verdict::Changed(reason) => Some(reason),
                        Verdict::AskContent => None,
                    };
                    self.expect(source.size);
                    waiting.push_back(Copy { op: Op::Update, from, to, facts: source, reason });
                }
                Step::Extra { at, in_the_way, .. } => {
                    debug_assert!(in_the_way || self.trees.config.mode != FileMode::Incremental);
                    self.book.count(|stats| stats.to_delete_total += 1);
                    walked.extra.push(at).map_err(Failure::of_spool)?;
                }
                step @ (Step::Wrong { .. } | Step::Odd) => self.not_synced(&step),
            }
        }
        Ok(())
    }

    /// Something is left alone, and counted.
    pub(super) fn not_synced(&self, step: &Step) {
        let Step::Wrong { at, wrong } = step else {
            self.book.count(|stats| stats.skipped += 1);
            return;
        };
        self.book.count(|stats| stats.added_fail += 1);
        let item = Item::new(Op::Add, at, Status::Failed);
        self.book.note(item.failed(wrong.as_str(), wrong.message()));
    }
}

impl Work<'_> {
    /// Remembers two files that are the same, when times will not say so.
    pub(super) fn remember(&self, to: &Place, source: &FileFacts, target: &FileFacts) {
        if self.comparison.must_remember(source, target) && !self.trees.asked.dry_run {
            let to = composed(to);
            self.book.remember(FileBaseline {
                folder: to.folder().as_str().to_owned(),
                name: to.name().to_owned(),
                source: mark(source),
                target: mark(target),
            });
        }
    }

    /// A copy is to be done.
    fn expect(&self, size: u64) {
        self.book.come(|progress| {
            progress.files_total += 1;
            progress.bytes_total += size;
        });
    }
}

/// The documented type of an item's error.
pub(super) fn error_type(trouble: &Trouble) -> &'static str {
    match trouble.wrong {
        Wrong::Permission => "permission",
        Wrong::Timeout => "timeout",
        Wrong::Name => "invalid_name",
        Wrong::Size => "too_large",
        Wrong::NoSpace => "no_space",
        Wrong::Auth => "auth",
        Wrong::NotFolder | Wrong::NotFile => "kind_conflict",
        _ => "network",
    }
}

impl Item {
    /// The item of a copy.
    pub(super) fn of(copy: &Copy, status: Status) -> Self {
        Self {
            op: copy.op,
            from: Some(copy.from.clone()),
            to: copy.to.clone(),
            size: copy.facts.size,
            reason: copy.reason,
            status,
            error: None,
        }
    }
}
