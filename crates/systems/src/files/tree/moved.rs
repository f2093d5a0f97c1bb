//! The source as rules for whole paths leave it: what lies in each folder of the target, from wherever.
//!
//! Where a file goes is known only when its path is, so the source is listed whole before anything is compared; its
//! names go into a sorted table, which memory need not hold.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::io;

use connect::storage::{Entry, Kind, Place, Trouble};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::failure::{Failure, Side};
use super::sorted::{Sorted, Sorter};
use super::spool::{Bound, Line};
use super::walk::Walked;
use super::{Work, listing};
use crate::files::merge::{Wanted, listed};

/// See the module.
pub(super) struct Moved(Sorted<Mapped>);

impl Moved {
    /// What the source has for a folder, by the folder's name in the source, as it is to lie in the target's folder of
    /// that name.
    ///
    /// # Errors
    /// The table could not be read.
    pub(super) fn of(&self, folder: &Place, at: &Place) -> io::Result<Vec<Wanted>> {
        let mut found = self.0.find(|item| item.folder().cmp(folder.as_str()))?;
        // The same folder may have been met more than once.
        let is_folder = |item: &Mapped| item.0.kind == Kind::Folder;
        found.dedup_by(|item, before| is_folder(item) && is_folder(before) && item.0.to == before.0.to);
        let mut items = Vec::with_capacity(found.len());
        for Mapped(mut item) in found {
            if folder != at {
                let to = at.join(item.to.name());
                item.to = to.map_err(|bad| io::Error::new(io::ErrorKind::InvalidData, bad))?;
            }
            items.push(item);
        }
        Ok(items)
    }
}

/// An item by the folder it is to lie in, and its name there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mapped(Wanted);

impl Mapped {
    fn folder(&self) -> &str {
        self.0.to.as_str().rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl Ord for Mapped {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |item: &Self| item.0.kind == Kind::Folder;
        self.folder()
            .cmp(other.folder())
            .then_with(|| self.0.to.name().cmp(other.0.to.name()))
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| self.0.from.as_str().cmp(other.0.from.as_str()))
    }
}

impl PartialOrd for Mapped {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Line for Mapped {
    fn write(&self) -> String {
        self.0.write()
    }

    fn read(line: &str) -> Option<Self> {
        Wanted::read(line).map(Self)
    }
}

/// The source while it is listed.
struct Seen {
    items: Sorter<Mapped>,
    /// Folders that are to be in the target, those that were met lately.
    folders: HashSet<Place>,
    held_max: usize,
}

impl Seen {
    fn new(bound: Bound) -> Self {
        Self { items: Sorter::new(bound), folders: HashSet::new(), held_max: bound.held_max }
    }

    /// A folder is to be in the target, with those above it.
    fn folder(&mut self, at: &Place) -> io::Result<()> {
        if self.folders.len() >= self.held_max {
            self.folders.clear();
        }
        let mut at = at.clone();
        while !at.is_root() && self.folders.insert(at.clone()) {
            self.items.push(Mapped(Wanted { from: at.clone(), to: at.clone(), kind: Kind::Folder }))?;
            at = at.folder();
        }
        Ok(())
    }

    fn file(&mut self, item: Wanted) -> io::Result<()> {
        self.folder(&item.to.folder())?;
        self.items.push(Mapped(item))
    }
}

impl Work<'_> {
    /// Lists all of the source.
    ///
    /// # Errors
    /// The work must stop, or the names cannot be kept.
    pub(super) async fn list_moved(&self, walked: &mut Walked) -> Result<Moved, Failure> {
        let mut seen = Seen::new(self.trees.bound);
        let (mut unread, mut reading) = (vec![Place::root()], FuturesUnordered::new());
        loop {
            while reading.len() < self.trees.config.checkers as usize
                && let Some(folder) = unread.pop()
            {
                reading.push(self.listed(folder));
            }
            tokio::select! {
                fault = self.watch.stopped() => return Err(Failure::Stopped(fault)),
                next = reading.next() => match next {
                    None => break,
                    Some((folder, Err(trouble))) => {
                        walked.fail(self.unlisted(&folder, &trouble, Side::Source));
                    }
                    Some((folder, Ok(entries))) => {
                        self.see(&folder, entries, &mut seen, &mut unread).map_err(Failure::of_spool)?;
                    }
                },
            }
        }
        seen.items.sorted().map(Moved).map_err(Failure::of_spool)
    }

    /// Takes in what lies in a folder.
    fn see(
        &self,
        folder: &Place,
        entries: Vec<Entry>,
        seen: &mut Seen,
        unread: &mut Vec<Place>,
    ) -> io::Result<()> {
        let (items, wrong) = listed(folder, folder, entries, &self.rules());
        wrong.iter().for_each(|step| self.not_synced(step));
        if items.is_empty() {
            seen.folder(folder)?;
        }
        for item in items {
            match item.kind {
                Kind::Folder => unread.push(item.from),
                _ => seen.file(item)?,
            }
        }
        Ok(())
    }

    async fn listed(&self, folder: Place) -> (Place, Result<Vec<Entry>, Trouble>) {
        let entries = self.again(|| listing::list(&*self.trees.source, &folder)).await;
        (folder, entries)
    }
}
