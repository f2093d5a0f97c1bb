//! One file: drafted, checked, and only then given its name.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};

use connect::storage::{BadPlace, Body, Draft, FileFacts, Kind, Place, Storage, Trouble, Wrong};
use futures_util::{StreamExt, stream};
use model::fault::Fault;
use model::file::FileCompare;
use model::file::run::{FileItemStatus as Status, FileOp as Op};

use super::book::Item;
use super::failure::Failure;
use super::flights::Flight;
use super::sum::{Hasher, content, same};
use super::walk::error_type;
use super::{Shared, TRIES, Work};
use crate::files::compare::Reason;
use crate::files::merge::Wanted;

/// Files no larger than this are read in one piece, and go with others.
pub(super) const SMALL: u64 = 256 * 1024;

/// A file to be copied. Without a reason its content decides whether it is.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) op: Op,
    pub(super) from: Place,
    pub(super) to: Place,
    /// The source's file as it was listed.
    pub(super) facts: FileFacts,
    pub(super) reason: Option<Reason>,
}

impl Copy {
    /// A file to be copied when what is in its place has gone; `None`: it is no file.
    pub(super) fn blocked(item: Wanted) -> Option<Self> {
        let Wanted { from, to, kind: Kind::File(facts) } = item else { return None };
        Some(Self { op: Op::Add, from, to, facts, reason: Some(Reason::Kind) })
    }
}

/// A file that is to get its name, and from which storage.
pub(super) struct Drafted<'w> {
    pub(super) draft: Draft,
    /// What the content added up to on its way, when what was written is to be read and compared.
    proof: Option<Hasher>,
    storage: &'w Arc<dyn Storage>,
}

/// Why a try did not work.
pub(super) enum Tripped {
    /// The storage's trouble.
    Trouble(Trouble),
    /// The source's file was changed while it was read.
    Changed,
    /// Another number of bytes arrived than left.
    Verify {
        wanted: u64,
        found: u64,
    },
    /// The source's file is gone.
    Vanished,
    /// The file that is there cannot be kept.
    Backup(Trouble),
    Stopped(Fault),
}

impl Tripped {
    /// Whether the same may work later, by this run or another.
    pub(super) const fn may_pass(&self) -> bool {
        match self {
            Self::Trouble(trouble) | Self::Backup(trouble) => trouble.wrong.may_pass(),
            Self::Stopped(_) => true,
            Self::Changed | Self::Verify { .. } | Self::Vanished => false,
        }
    }
}

impl From<Trouble> for Tripped {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Fault> for Tripped {
    fn from(fault: Fault) -> Self {
        Self::Stopped(fault)
    }
}

impl Work<'_> {
    /// Copies a file, in as many tries as that may take.
    ///
    /// # Errors
    /// No other file can be copied either.
    pub(super) async fn copy(&self, copy: Copy) -> Result<(), Failure> {
        let size = copy.facts.size;
        let flight = self.flights.begin(&copy.to, size);
        let done = self.copy_one(copy, &flight).await;
        drop(flight);
        self.passed(size);
        done
    }

    /// A file needs nothing more.
    fn passed(&self, size: u64) {
        self.book.come(|progress| {
            progress.files_done += 1;
            progress.bytes_done += size;
        });
    }

    /// A file was copied.
    pub(super) fn arrived(&self, copy: &Copy, published: &FileFacts) {
        self.remember(&copy.to, &copy.facts, published);
        self.copied(copy);
        self.passed(copy.facts.size);
    }

    async fn copy_one(&self, mut copy: Copy, flight: &Flight<'_>) -> Result<(), Failure> {
        if copy.reason.is_none() {
            match self.same_content(&copy).await {
                Ok(true) => {
                    self.book.count(|stats| stats.unchanged += 1);
                    return Ok(());
                }
                Ok(false) => copy.reason = Some(Reason::Checksum),
                Err(trouble) => return self.failed(&copy, &Tripped::Trouble(trouble)),
            }
        }
        if self.trees.asked.dry_run {
            self.book.note(Item::of(&copy, Status::Pending));
            return Ok(());
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let tripped = match self.try_copy(&copy, flight).await {
                Ok(()) => {
                    self.copied(&copy);
                    return Ok(());
                }
                Err(tripped) => tripped,
            };
            let pause = match &tripped {
                Tripped::Trouble(trouble) | Tripped::Backup(trouble) if trouble.wrong.may_pass() => {
                    self.pause(tries, trouble)
                }
                Tripped::Changed | Tripped::Verify { .. } => super::WAIT,
                _ => return self.failed(&copy, &tripped),
            };
            if tries >= TRIES {
                return self.failed(&copy, &tripped);
            }
            self.watch.wait(pause).await.map_err(Failure::Stopped)?;
            // What is there now is what is copied.
            match self.trees.source.look(&copy.from).await {
                Ok(Some(Kind::File(facts))) => copy.facts = facts,
                Ok(_) => return self.failed(&copy, &Tripped::Vanished),
                Err(_) => {}
            }
        }
    }

    async fn try_copy(&self, copy: &Copy, flight: &Flight<'_>) -> Result<(), Tripped> {
        let temporary = self.draft_name();
        let draft = copy.to.folder().join(&temporary).map_err(|bad| named(copy, &bad))?;
        self.open_drafts().insert(draft.clone());
        self.wanted(&copy.to);
        let done = self.draft_and_publish((copy, flight), &temporary).await;
        self.open_drafts().remove(&draft);
        self.settle_uploads(copy, &done).await;
        done
    }

    /// A name no other draft has now: as many at once as there are numbers there never are.
    pub(super) fn draft_name(&self) -> String {
        let number = self.drafted.fetch_add(1, Ordering::Relaxed);
        format!("{}{number:04x}", self.trees.temporary)
    }

    /// Drafts that are neither named nor taken away.
    pub(super) fn open_drafts(&self) -> MutexGuard<'_, HashSet<Place>> {
        self.drafts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn draft_and_publish(
        &self,
        (copy, flight): (&Copy, &Flight<'_>),
        temporary: &str,
    ) -> Result<(), Tripped> {
        let Drafted { draft, proof, storage } = match self.draft_there(copy, temporary).await? {
            Some(drafted) => drafted,
            None => self.draft_through_here((copy, flight), temporary).await?,
        };
        let (of_draft, of_file) = match storage.nature().shows_drafts {
            true => (proof, None),
            false => (None, proof),
        };
        let checked = match self.checked(copy, &draft, of_draft).await {
            Ok(()) => self.make_way(copy).await,
            Err(tripped) => Err(tripped),
        };
        let kept = match checked {
            Ok(kept) => kept,
            Err(tripped) => {
                // What went wrong first is what is told; leftovers go with the next run.
                let _ = storage.discard(draft).await;
                return Err(tripped);
            }
        };
        let tripped = match storage.publish(draft.clone(), copy.facts.modified).await {
            Ok(published) => match self.arrived_whole(copy, &published, of_file).await {
                Ok(()) => {
                    self.remember(&copy.to, &copy.facts, &published);
                    return Ok(());
                }
                Err(tripped) => {
                    self.trees.target.remove_file(&copy.to).await?;
                    tripped
                }
            },
            Err(trouble) => {
                let _ = storage.discard(draft).await;
                trouble.into()
            }
        };
        if let Some((backup, kept)) = self.trees.backup.as_ref().zip(kept) {
            backup.give_back(&copy.to, &kept).await;
        }
        Err(tripped)
    }

    /// Has the content go from the source to the target through this process.
    pub(super) async fn draft_through_here(
        &self,
        (copy, flight): (&Copy, &Flight<'_>),
        temporary: &str,
    ) -> Result<Drafted<'_>, Tripped> {
        let target = &self.trees.target;
        let (body, mut proof, mut seen) = self.content((copy, flight)).await?;
        let draft = match self.draft(copy, temporary, body).await {
            // Folders are made when the first file wants to lie in them.
            Err(Tripped::Trouble(trouble)) if trouble.wrong == Wrong::Missing => {
                target.make_folder(&copy.to.folder()).await?;
                let body;
                (body, proof, seen) = self.content((copy, flight)).await?;
                self.draft(copy, temporary, body).await
            }
            draft => draft,
        };
        match draft {
            Ok(draft) => {
                let draft = Draft { source: draft.source.or(seen), ..draft };
                Ok(Drafted { draft, proof, storage: target })
            }
            Err(Tripped::Trouble(trouble)) => Err(self.blamed(copy, trouble).await),
            Err(tripped) => Err(tripped),
        }
    }

    /// Puts the content beside its place: in an upload that can be gone on with where the target takes such, and read back
    /// on the way from one tree of this machine to another when contents are compared.
    async fn draft(&self, copy: &Copy, temporary: &str, body: Body) -> Result<Draft, Tripped> {
        let (target, size) = (&self.trees.target, copy.facts.size);
        match (target.here(), target.in_parts(size), body) {
            (Some(here), _, Body::Here(file)) if self.comparison.compare == FileCompare::Checksum => {
                let draft = here.draft_read_back(&copy.to, temporary, (file, size)).await?;
                draft.ok_or(Tripped::Verify { wanted: size, found: size })
            }
            (_, Some(store), body) => {
                let upload = self.upload(store, copy).await?;
                Ok(store.draft_on(&copy.to, temporary, body, &upload).await?)
            }
            (.., body) => Ok(target.draft(&copy.to, temporary, body, size).await?),
        }
    }

    /// Content that is counted on its way, unless the kernel has it whole.
    fn flown(&self, body: Body, flight: &Flight<'_>) -> Body {
        match body {
            Body::Here(file) if self.trees.target.here().is_some() => Body::Here(file),
            body => flight.counted(body),
        }
    }

    /// What is to be written, and how it is proven. A small file of this machine that goes elsewhere is read at once, and
    /// is known then as it was after the last of it.
    async fn content(
        &self,
        (copy, flight): (&Copy, &Flight<'_>),
    ) -> Result<(Body, Option<Hasher>, Option<FileFacts>), Tripped> {
        let (body, seen) = match (self.trees.source.here(), self.trees.target.here()) {
            (Some(source), None) if copy.facts.size <= SMALL => {
                let (content, seen) = source.whole(&copy.from, SMALL as usize).await.map_err(unread)?;
                (Body::Pieces(stream::iter([Ok(content)]).boxed()), Some(seen))
            }
            _ => (self.opened(copy).await?, None),
        };
        let (body, proof) = self.proven(self.flown(body, flight));
        Ok((body, proof, seen))
    }

    async fn opened(&self, copy: &Copy) -> Result<Body, Tripped> {
        self.trees.source.read(&copy.from).await.map_err(unread)
    }

    /// Content that came to another size than the storage was told may be another content by now.
    async fn blamed(&self, copy: &Copy, trouble: Trouble) -> Tripped {
        match self.trees.source.look(&copy.from).await {
            Ok(Some(Kind::File(now)))
                if (now.size, now.modified) != (copy.facts.size, copy.facts.modified) =>
            {
                Tripped::Changed
            }
            _ => Tripped::Trouble(trouble),
        }
    }

    /// Has the storage that both trees lie in copy the file itself; `None` when it cannot, or when its content is to
    /// be compared, which has to come through here anyway.
    async fn draft_there(&self, copy: &Copy, temporary: &str) -> Result<Option<Drafted<'_>>, Tripped> {
        let Some(Shared { storage, source, target }) = &self.trees.shared else { return Ok(None) };
        if self.comparison.compare == FileCompare::Checksum {
            return Ok(None);
        }
        let (from, to) = (source.descend(&copy.from), target.descend(&copy.to));
        let mut copied = storage.copy(&from, &to, temporary).await;
        if copied.as_ref().is_err_and(|trouble| trouble.wrong == Wrong::Missing) {
            // It does not say which of the two is not there.
            if storage.look(&from).await?.is_none() {
                return Err(Tripped::Vanished);
            }
            storage.make_folder(&to.folder()).await?;
            copied = storage.copy(&from, &to, temporary).await;
        }
        match copied {
            Ok(draft) => Ok(draft.map(|draft| Drafted { draft, proof: None, storage })),
            Err(trouble) if matches!(trouble.wrong, Wrong::Other | Wrong::Permission) => Ok(None),
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// Keeps the file that is about to be replaced, where one is wanted to be kept; answers where.
    async fn make_way(&self, copy: &Copy) -> Result<Option<Place>, Tripped> {
        match &self.trees.backup {
            Some(backup) if copy.op == Op::Update => backup.keep(&copy.to).await.map_err(Tripped::Backup),
            _ => Ok(None),
        }
    }

    /// Content on its way, and what adds it up when contents are compared.
    fn proven(&self, body: Body) -> (Body, Option<Hasher>) {
        if self.comparison.compare != FileCompare::Checksum {
            return (body, None);
        }
        match body {
            // It is read back as it is written.
            Body::Here(file) if self.trees.target.here().is_some() => (Body::Here(file), None),
            body => {
                let (body, hasher) = Hasher::over(body);
                (body, Some(hasher))
            }
        }
    }

    /// Whether the draft is the source's file, and may be given its name.
    pub(super) async fn checked(
        &self,
        copy: &Copy,
        draft: &Draft,
        proof: Option<Hasher>,
    ) -> Result<(), Tripped> {
        let now = match &draft.source {
            Some(now) => now.clone(),
            None => match self.trees.source.look(&copy.from).await? {
                Some(Kind::File(now)) => now,
                _ => return Err(Tripped::Vanished),
            },
        };
        if (now.size, now.modified) != (copy.facts.size, copy.facts.modified) {
            return Err(Tripped::Changed);
        }
        if draft.size != copy.facts.size {
            return Err(Tripped::Verify { wanted: copy.facts.size, found: draft.size });
        }
        self.reads_back(copy, &draft.temporary, proof).await?;
        Ok(self.watch.go_on()?)
    }

    /// Whether the file that has its name now is the source's.
    async fn arrived_whole(
        &self,
        copy: &Copy,
        published: &FileFacts,
        proof: Option<Hasher>,
    ) -> Result<(), Tripped> {
        if published.size != copy.facts.size {
            return Err(Tripped::Verify { wanted: copy.facts.size, found: published.size });
        }
        self.reads_back(copy, &copy.to, proof).await
    }

    /// Whether what was written is what was read, when that is to be proven.
    async fn reads_back(&self, copy: &Copy, at: &Place, proof: Option<Hasher>) -> Result<(), Tripped> {
        let Some(hasher) = proof else { return Ok(()) };
        let written = content(self.trees.target.read(at).await?).await?;
        let size = copy.facts.size;
        match written == hasher.sum() {
            true => Ok(()),
            false => Err(Tripped::Verify { wanted: size, found: size }),
        }
    }

    /// Reads both files.
    async fn same_content(&self, copy: &Copy) -> Result<bool, Trouble> {
        let source = || self.trees.source.read(&copy.from);
        let target = || self.trees.target.read(&copy.to);
        if self.trees.source.here().and(self.trees.target.here()).is_some() {
            return self.again(|| async { same(source().await?, target().await?).await }).await;
        }
        let source = self.again(|| async { content(source().await?).await });
        let target = self.again(|| async { content(target().await?).await });
        let (source, target) = futures_util::future::join(source, target).await;
        Ok(source? == target?)
    }

    fn copied(&self, copy: &Copy) {
        self.book.count(|stats| {
            stats.bytes += copy.facts.size;
            match copy.op {
                Op::Add => stats.added_success += 1,
                _ => stats.updated_success += 1,
            }
        });
        self.book.note(Item::of(copy, Status::Completed));
    }

    fn failed(&self, copy: &Copy, tripped: &Tripped) -> Result<(), Failure> {
        let (error_type, message) = match tripped {
            Tripped::Stopped(fault) => return Err(Failure::Stopped(fault.clone())),
            // It was there when it was listed, and nobody wants it any more.
            Tripped::Vanished => {
                self.book.count(|stats| stats.skipped += 1);
                self.book.note(Item::of(copy, Status::Skipped));
                return Ok(());
            }
            Tripped::Trouble(trouble) => (error_type(trouble), trouble.to_string()),
            Tripped::Backup(trouble) => ("backup", trouble.to_string()),
            Tripped::Changed => ("source_changed", "源文件在读取期间被修改".to_owned()),
            Tripped::Verify { wanted, found } => {
                ("verify", format!("写入校验失败: 期望 {wanted} 字节，实际 {found} 字节"))
            }
        };
        self.book.count(|stats| match copy.op {
            Op::Add => stats.added_fail += 1,
            _ => stats.updated_fail += 1,
        });
        self.book.note(Item::of(copy, Status::Failed).failed(error_type, message));
        match tripped {
            Tripped::Trouble(trouble) | Tripped::Backup(trouble) => {
                Failure::of_all(trouble).map_or(Ok(()), Err)
            }
            _ => Ok(()),
        }
    }
}

fn unread(trouble: Trouble) -> Tripped {
    match trouble.wrong {
        Wrong::Missing => Tripped::Vanished,
        _ => Tripped::Trouble(trouble),
    }
}

/// A name too long to be written.
fn named(copy: &Copy, bad: &BadPlace) -> Tripped {
    Tripped::Trouble(Trouble::new(Wrong::Name, format!("writing {}", copy.to), bad.to_string()))
}
