//! Small files, many in one go: from one tree of this machine to another, or to a storage that publishes many together
//! with fewer requests.
//!
//! Only what goes well goes here: a file that trips over anything is copied again by itself, with all its tries.

use std::collections::VecDeque;
use std::sync::OnceLock;

use connect::storage::{Copied, CopyWanted, Draft, Local, Place};
use model::file::FileCompare;

use super::Work;
use super::copy::{Copy, SMALL};
use super::failure::Failure;

/// Files in one pack of this machine. All lie in one folder: two who make files in it at once wait for one another.
const FILES_MAX: usize = 128;

/// Files of this machine that are named before anybody is asked again whether the right to it is still there.
const NAMED_MAX: usize = 16;

/// Files in one pack that is sent. What of it is under way is lost when the run is stopped.
const SENT_MAX: usize = 32;

/// How files of a pack go.
enum Way<'w> {
    /// Both trees lie on this machine.
    Here(&'w Local, &'w Local),
    /// Through here, and named together in one folder.
    ToOneFolder,
}

impl Work<'_> {
    /// What is to be copied next: several files, when all of them are small and there is a way for many.
    pub(super) fn pack(&self, waiting: &mut VecDeque<Copy>) -> Option<Vec<Copy>> {
        let (all, first) = (waiting.len(), waiting.pop_front()?);
        let folder = first.to.folder();
        let mut pack = vec![first];
        let Some(way) = self.way() else { return Some(pack) };
        let files_max = match way {
            Way::Here(..) => FILES_MAX,
            // Those of a pack wait for one another: none does while others have nothing to do.
            Way::ToOneFolder => SENT_MAX.min(all.div_ceil(self.trees.config.transfers as usize)),
        };
        let fits =
            |copy: &Copy| copy.to.folder() == folder && copy.facts.size <= SMALL && copy.reason.is_some();
        while pack.len() < files_max && pack.iter().all(fits) && waiting.front().is_some_and(fits) {
            pack.extend(waiting.pop_front());
        }
        Some(pack)
    }

    /// The way for many files; `None` when something is asked that takes them one by one.
    fn way(&self) -> Option<Way<'_>> {
        let trees = self.trees;
        let plain = self.comparison.compare != FileCompare::Checksum && trees.backup.is_none();
        if !plain || trees.asked.dry_run {
            return None;
        }
        match trees.source.here().zip(trees.target.here()) {
            Some((source, target)) => Some(Way::Here(source, target)),
            // What a storage copies by itself does not pass through here.
            None if trees.shared.is_some() => None,
            None => trees.target.nature().publishes_together.then_some(Way::ToOneFolder),
        }
    }

    /// Copies the files of a pack.
    ///
    /// # Errors
    /// No other file can be copied either.
    pub(super) async fn copy_pack(&self, pack: Vec<Copy>) -> Result<(), Failure> {
        let alone = match self.way().filter(|_| pack.len() > 1) {
            Some(Way::Here(source, target)) => self.copy_together((source, target), pack).await?,
            Some(Way::ToOneFolder) => self.send_together(pack).await?,
            None => pack,
        };
        for copy in alone {
            self.copy(copy).await?;
        }
        Ok(())
    }

    /// Answers those that are to be copied by themselves: whatever comes after one that tripped, too.
    async fn send_together(&self, pack: Vec<Copy>) -> Result<Vec<Copy>, Failure> {
        let (mut sent, mut drafts, mut alone) = (Vec::new(), Vec::new(), Vec::new());
        let mut pack = pack.into_iter();
        for copy in pack.by_ref() {
            match self.sent(&copy).await {
                Some(draft) => {
                    drafts.push((draft, copy.facts.modified));
                    sent.push(copy);
                }
                None => {
                    alone.push(copy);
                    break;
                }
            }
        }
        let stopped = OnceLock::new();
        let may = || self.watch.go_on().map_err(|fault| stopped.get_or_init(|| fault)).is_ok();
        let published = self.trees.target.publish_all(drafts.clone(), &may).await;
        for ((copy, (draft, _)), published) in sent.into_iter().zip(drafts).zip(published) {
            // What is wrong there goes; what cannot is written over, or goes with the next run.
            match published {
                Ok(found) if found.size == copy.facts.size => self.arrived(&copy, &found),
                wrong => {
                    let _ = match wrong {
                        Ok(_) => self.trees.target.remove_file(&copy.to).await,
                        Err(_) => self.trees.target.discard(draft.clone()).await,
                    };
                    alone.push(copy);
                }
            }
            self.open_drafts().remove(&draft.temporary);
        }
        if let Some(fault) = stopped.into_inner() {
            return Err(Failure::Stopped(fault));
        }
        alone.extend(pack);
        Ok(alone)
    }

    /// Sends a file to where it will get its name; `None` when it tripped over something.
    async fn sent(&self, copy: &Copy) -> Option<Draft> {
        let temporary = self.draft_name();
        let at = copy.to.folder().join(&temporary).ok()?;
        self.open_drafts().insert(at.clone());
        let flight = self.flights.begin(&copy.to, copy.facts.size);
        let tripped = match self.draft_through_here((copy, &flight), &temporary).await {
            Ok(drafted) => match self.checked(copy, &drafted.draft, None).await {
                Ok(()) => return Some(drafted.draft),
                Err(_) => self.trees.target.discard(drafted.draft).await.err(),
            },
            Err(_) => None,
        };
        // What could not be taken away now is tidied up in the end.
        if tripped.is_none() {
            self.open_drafts().remove(&at);
        }
        None
    }

    /// Answers those that are to be copied by themselves.
    async fn copy_together(
        &self,
        (source, target): (&Local, &Local),
        pack: Vec<Copy>,
    ) -> Result<Vec<Copy>, Failure> {
        let wanted: Vec<CopyWanted> = pack
            .iter()
            .map(|copy| CopyWanted {
                from: copy.from.clone(),
                folder: copy.to.folder(),
                temporary: self.draft_name(),
                modified: copy.facts.modified,
            })
            .collect();
        let drafts: Vec<Place> =
            wanted.iter().filter_map(|wanted| wanted.folder.join(&wanted.temporary).ok()).collect();
        self.open_drafts().extend(drafts.iter().cloned());
        let copied = target.draft_copies(source, wanted).await;
        let (mut ready, mut alone) = (Vec::new(), Vec::new());
        let mut copied = copied.into_iter();
        for copy in pack {
            match copied.next() {
                Some(Ok(copied)) if copied.source == copy.facts => ready.push((copy, copied)),
                other => {
                    self.put_away(target, other.and_then(Result::ok)).await;
                    alone.push(copy);
                }
            }
        }
        let mut ready = ready.into_iter();
        loop {
            let (pack, named): (Vec<Copy>, Vec<_>) = ready
                .by_ref()
                .take(NAMED_MAX)
                .map(|(copy, copied)| {
                    let named = (copied, copy.to.clone());
                    (copy, named)
                })
                .unzip();
            if pack.is_empty() {
                break;
            }
            self.watch.go_on().map_err(Failure::Stopped)?;
            let mut published = target.publish_copies(named).await.into_iter();
            for copy in pack {
                match published.next() {
                    Some(Ok(found)) if found.size == copy.facts.size => self.arrived(&copy, &found),
                    _ => alone.push(copy),
                }
            }
        }
        let mut open = self.open_drafts();
        for draft in &drafts {
            open.remove(draft);
        }
        Ok(alone)
    }

    /// Takes a copy away that is not to be given its name; what cannot be goes with the next run.
    async fn put_away(&self, target: &Local, copied: Option<Copied>) {
        if let Some(copied) = copied {
            let _ = connect::storage::Storage::remove_file(target, &copied.temporary).await;
        }
    }
}
