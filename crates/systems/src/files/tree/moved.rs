//! The source as rules for whole paths leave it: what lies in each folder of the target, from wherever.
//!
//! Where a file goes is known only when its path is, so the source is listed whole before anything is compared; its
//! names are held until their folder is.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use connect::storage::{Entry, Kind, Place, Trouble};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::failure::Failure;
use super::{Work, listing};
use crate::files::merge::{Step, Wanted, listed};

/// See the module.
#[derive(Default)]
pub(super) struct Moved(Mutex<HashMap<Place, Vec<Wanted>>>);

impl Moved {
    /// What is to lie in a folder of the target; it is handed out once.
    pub(super) fn take(&self, folder: &Place) -> Vec<Wanted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(folder).unwrap_or_default()
    }
}

/// The source while it is listed.
#[derive(Default)]
struct Seen {
    items: HashMap<Place, Vec<Wanted>>,
    /// Folders that are to be in the target.
    folders: HashSet<Place>,
    /// Folders in which nothing lies.
    empty: Vec<Place>,
}

impl Seen {
    /// A folder is to be in the target, with those above it.
    fn folder(&mut self, at: &Place) {
        let mut at = at.clone();
        while !at.is_root() && self.folders.insert(at.clone()) {
            let item = Wanted { from: at.clone(), to: at.clone(), kind: Kind::Folder };
            at = at.folder();
            self.items.entry(at.clone()).or_default().push(item);
        }
    }

    fn file(&mut self, item: Wanted) {
        let folder = item.to.folder();
        self.folder(&folder);
        self.items.entry(folder).or_default().push(item);
    }
}

impl Work<'_> {
    /// Lists all of the source. Also answers what cannot be synced, and each folder that could not be listed.
    ///
    /// # Errors
    /// The work must stop.
    pub(super) async fn list_moved(&self) -> Result<(Moved, Vec<Step>, Vec<(Place, Trouble)>), Failure> {
        let (mut seen, mut steps, mut unlisted) = (Seen::default(), Vec::new(), Vec::new());
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
                    Some((folder, Err(trouble))) => unlisted.push((folder, trouble)),
                    Some((folder, Ok(entries))) => {
                        let (items, wrong) = listed(&folder, &folder, entries, &self.rules());
                        steps.extend(wrong);
                        if items.is_empty() {
                            seen.empty.push(folder);
                        }
                        for item in items {
                            match item.kind {
                                Kind::Folder => unread.push(item.from),
                                _ => seen.file(item),
                            }
                        }
                    }
                },
            }
        }
        for folder in std::mem::take(&mut seen.empty) {
            seen.folder(&folder);
        }
        Ok((Moved(Mutex::new(seen.items)), steps, unlisted))
    }

    async fn listed(&self, folder: Place) -> (Place, Result<Vec<Entry>, Trouble>) {
        let entries = self.again(|| listing::list(&*self.trees.source, &folder)).await;
        (folder, entries)
    }
}
