//! Small files from one tree of this machine to another, many in one go.
//!
//! Only what goes well goes here: a file that trips over anything is copied again by itself, with all its tries.

use std::collections::VecDeque;

use connect::storage::{Copied, CopyWanted, Local, Place};
use model::file::FileCompare;

use super::Work;
use super::copy::Copy;
use super::failure::Failure;

/// Files larger than this are copied by themselves.
const SMALL: u64 = 256 * 1024;

/// Files in one pack.
const FILES_MAX: usize = 32;

impl Work<'_> {
    /// What is to be copied next: several files, when all of them are small and lie on this machine.
    pub(super) fn pack(&self, waiting: &mut VecDeque<Copy>) -> Option<Vec<Copy>> {
        let first = waiting.pop_front()?;
        let mut pack = vec![first];
        if self.both_here().is_none() {
            return Some(pack);
        }
        let small = |copy: &Copy| copy.facts.size <= SMALL && copy.reason.is_some();
        while pack.len() < FILES_MAX && pack.iter().all(small) && waiting.front().is_some_and(small) {
            pack.extend(waiting.pop_front());
        }
        Some(pack)
    }

    /// Both trees, when they lie on this machine and nothing is asked that takes files one by one.
    fn both_here(&self) -> Option<(&Local, &Local)> {
        let trees = self.trees;
        let plain = self.comparison.compare != FileCompare::Checksum && trees.backup.is_none();
        match plain && !trees.asked.dry_run {
            true => trees.source.here().zip(trees.target.here()),
            false => None,
        }
    }

    /// Copies the files of a pack.
    ///
    /// # Errors
    /// No other file can be copied either.
    pub(super) async fn copy_pack(&self, pack: Vec<Copy>) -> Result<(), Failure> {
        let alone = match self.both_here() {
            Some(here) if pack.len() > 1 => self.copy_together(here, pack).await?,
            _ => pack,
        };
        for copy in alone {
            self.copy(copy).await?;
        }
        Ok(())
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
        self.watch.go_on().map_err(Failure::Stopped)?;
        let (pack, named): (Vec<Copy>, Vec<_>) = ready
            .into_iter()
            .map(|(copy, copied)| {
                let named = (copied, copy.to.clone(), copy.facts.modified);
                (copy, named)
            })
            .unzip();
        let mut published = target.publish_copies(named).await.into_iter();
        for copy in pack {
            match published.next() {
                Some(Ok(found)) if found.size == copy.facts.size => self.arrived(&copy, &found),
                _ => alone.push(copy),
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
