//! A tree in this process, without times and without empty folders: the plainest storage there is, as object stores
//! are. Gone when the process is.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::exact::exactly;
use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble, Wrong};

/// Trees of this process by name: whoever opens a name means the same tree.
static TREES: LazyLock<Mutex<HashMap<String, Memory>>> = LazyLock::new(Mutex::default);

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<BTreeMap<Place, Bytes>>>);

impl Memory {
    /// The tree of that name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mut trees = TREES.lock().unwrap_or_else(PoisonError::into_inner);
        trees.entry(name.to_owned()).or_default().clone()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<Place, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing lies below a file: it could not be listed there.
    fn below_no_file(files: &BTreeMap<Place, Bytes>, tried: &str, at: &Place) -> Result<(), Trouble> {
        let mut above = at.folder();
        while !above.is_root() {
            if files.contains_key(&above) {
                return Err(Trouble::new(
                    Wrong::NotFolder,
                    format!("{tried} {at}"),
                    format!("{above} is a file"),
                ));
            }
            above = above.folder();
        }
        Ok(())
    }

    fn missing(tried: &str, at: &Place) -> Trouble {
        Trouble::new(Wrong::Missing, format!("{tried} {at}"), "nothing is there")
    }
}

fn facts(content: &Bytes) -> FileFacts {
    FileFacts { size: content.len() as u64, ..FileFacts::default() }
}

#[async_trait]
impl Storage for Memory {
    fn nature(&self) -> Nature {
        Nature {
            service: "memory",
            keeps_modified: false,
            precision: Duration::ZERO,
            tells_days: false,
            real_folders: false,
            shows_drafts: true,
            publishes_together: false,
            folds_case: false,
        }
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        let files = self.files();
        if let Some(content) = files.get(at) {
            return Ok(Some(Kind::File(facts(content))));
        }
        Ok(files.keys().any(|file| file.is_within(at)).then_some(Kind::Folder))
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let files = self.files();
        if files.contains_key(folder) {
            return Err(Trouble::new(Wrong::NotFolder, format!("listing {folder}"), "it is a file"));
        }
        let mut entries: BTreeMap<String, Kind> = BTreeMap::new();
        for (file, content) in files.iter().filter(|(file, _)| file.is_within(folder)) {
            let below = file.as_str()[folder.as_str().len()..].trim_start_matches('/');
            match below.split_once('/') {
                Some((name, _)) => entries.insert(name.to_owned(), Kind::Folder),
                None => entries.insert(below.to_owned(), Kind::File(facts(content))),
            };
        }
        if entries.is_empty() && !folder.is_root() {
            return Err(Self::missing("listing", folder));
        }
        Ok(entries.into_iter().map(|(name, kind)| Entry { name, kind }).collect())
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        let content = self.files().get(at).cloned().ok_or_else(|| Self::missing("opening", at))?;
        Ok(Body::Pieces(stream::iter([Ok(content)]).boxed()))
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        let tried = format!("writing {at}");
        let draft = Draft::beside(&tried, at, temporary, size)?;
        let (mut content, mut pieces) = (BytesMut::new(), exactly(body.pieces(), size, tried));
        while let Some(piece) = pieces.next().await {
            content.extend_from_slice(&piece?);
        }
        let mut files = self.files();
        Self::below_no_file(&files, "writing", &draft.temporary)?;
        files.insert(draft.temporary.clone(), content.freeze());
        Ok(draft)
    }

    async fn publish(&self, draft: Draft, _modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        let mut files = self.files();
        if files.keys().any(|file| *file != draft.at && file.is_within(&draft.at)) {
            return Err(Trouble::new(Wrong::NotFile, format!("naming {}", draft.at), "it is a folder"));
        }
        let content = files.remove(&draft.temporary).ok_or_else(|| Self::missing("naming", &draft.at))?;
        let found = facts(&content);
        files.insert(draft.at, content);
        Ok(found)
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        self.remove_file(&draft.temporary).await
    }

    async fn make_folder(&self, _at: &Place) -> Result<(), Trouble> {
        Ok(())
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        let mut files = self.files();
        Self::below_no_file(&files, "moving to", to)?;
        let content = files.remove(from).ok_or_else(|| Self::missing("moving", from))?;
        files.insert(to.clone(), content);
        Ok(())
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        self.files().remove(at);
        Ok(())
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        match self.files().keys().any(|file| file.is_within(at)) {
            true => {
                Err(Trouble::new(Wrong::NotEmpty, format!("removing the folder {at}"), "it is not empty"))
            }
            false => Ok(()),
        }
    }
}
