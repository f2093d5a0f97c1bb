//! What files are that were just named: by one listing of their folder where that costs less than asking for each.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::WebDav;
use crate::storage::{Draft, FileFacts, Kind, Place, Storage, Trouble};

/// So many entries a listing may have for each file it is wanted for.
const ENTRIES_A_FILE: usize = 16;

/// Folders with too much in them to be listed for a few files.
#[derive(Default)]
pub(super) struct Crowded(Mutex<HashSet<Place>>);

impl Crowded {
    fn has(&self, folder: &Place) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(folder)
    }

    fn add(&self, folder: Place) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(folder);
    }
}

impl WebDav {
    /// What each of these files of one folder is, where it got its name.
    pub(super) async fn named(&self, named: Vec<Result<Draft, Trouble>>) -> Vec<Result<FileFacts, Trouble>> {
        let listed = self.listed(named.iter().flatten()).await;
        let mut found = Vec::with_capacity(named.len());
        for draft in named {
            found.push(match draft {
                Ok(Draft { at, size, .. }) => match listed.get(at.name()) {
                    Some(facts) if facts.size == size => Ok(facts.clone()),
                    // A server may tell what it remembers of a folder, or another spelling of a name.
                    _ => self.file_at(&format!("naming {at}"), &at).await,
                },
                Err(trouble) => Err(trouble),
            });
        }
        found
    }

    /// The files of the folder the drafts lie in; none when they are too few to list it.
    async fn listed(&self, drafts: impl Iterator<Item = &Draft>) -> HashMap<String, FileFacts> {
        let drafts: Vec<&Draft> = drafts.collect();
        let folder = match drafts[..] {
            [] | [_] => return HashMap::new(),
            [first, ..] => first.at.folder(),
        };
        if self.crowded.has(&folder) {
            return HashMap::new();
        }
        // What is wrong with it is told when each is asked for.
        let entries = self.list(&folder).await.unwrap_or_default();
        if entries.len() > drafts.len() * ENTRIES_A_FILE {
            self.crowded.add(folder);
        }
        let file = |entry: crate::storage::Entry| match entry.kind {
            Kind::File(facts) => Some((entry.name, facts)),
            _ => None,
        };
        entries.into_iter().filter_map(file).collect()
    }
}
