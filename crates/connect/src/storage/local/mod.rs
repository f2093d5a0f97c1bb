//! Folders of this machine, by system calls that follow no link below the root.

mod copies;
mod root;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use rustix::fs::{AtFlags, OFlags};

pub use copies::{Copied, CopyWanted};

use copies::Taking;
use root::{Root, facts, system_time};

use super::exact::{exactly, of_another_size};
use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble};

/// Bytes read at once.
const PIECE: usize = 256 * 1024;

/// See the module. The root need not be there: it is made with the first file or folder.
#[derive(Clone, Debug)]
pub struct Local(Arc<PathBuf>);

impl Local {
    /// The tree below a path of this machine. Links in the path itself are followed once, here.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        // As far as it is there already; the rest holds no links.
        let real = root.ancestors().find_map(|above| {
            let below = root.strip_prefix(above).ok()?;
            Some(above.canonicalize().ok()?.join(below))
        });
        Self(Arc::new(real.unwrap_or_else(|| root.to_owned())))
    }

    /// The root, its links followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The content of a small file in one go, and the file as it was after the last of it. Of a longer one there are no
    /// more than `size_max` bytes.
    ///
    /// # Errors
    /// It is not there, is no file, or cannot be read.
    pub async fn whole(&self, at: &Place, size_max: usize) -> Result<(Bytes, FileFacts), Trouble> {
        let read = move |root: &Root, at: &Place| {
            let file = root.read(at)?;
            Ok((piece(&file, size_max)?, facts(&file.metadata()?)))
        };
        self.on_disk("reading", at, read).await
    }

    /// Writes the pieces into a new file.
    async fn fill(
        &self,
        at: &Place,
        mut pieces: stream::BoxStream<'static, Result<Bytes, Trouble>>,
    ) -> Result<(), Trouble> {
        let mut file = self.make(at, Root::create).await?;
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            let written = move |_: &Root, _: &Place| file.write_all(&piece).map(|()| file);
            file = self.on_disk("writing", at, written).await?;
        }
        Ok(())
    }

    /// Copies an open file into a new one, in steps that each end soon: the kernel does, unless what is written is to be
    /// read back.
    async fn take(&self, at: &Place, from: File, size: u64, reads_back: bool) -> Result<Taking, Trouble> {
        let begin = move |root: &Root, at: &Place| Taking::begin(root, at, from, reads_back)?.step();
        let mut taking = self.make(at, begin).await?;
        while !taking.ended && taking.taken <= size {
            taking = self.on_disk("writing", at, move |_, _| taking.step()).await?;
        }
        match taking.taken == size || taking.differs {
            true => Ok(taking),
            false => Err(of_another_size(&format!("writing {at}"), taking.taken, size)),
        }
    }

    /// Puts a file of this machine beside its final place, as [`Storage::draft`] does, and reads back all that is written.
    /// `None` when that was something else: nothing is left of it.
    ///
    /// # Errors
    /// See [`Storage::draft`].
    pub async fn draft_read_back(
        &self,
        at: &Place,
        temporary: &str,
        (from, size): (File, u64),
    ) -> Result<Option<Draft>, Trouble> {
        let draft = Draft::beside(&format!("writing {at}"), at, temporary, size)?;
        let taking = self.take(&draft.temporary, from, size, true).await;
        match taking {
            Ok(taking) if !taking.differs => Ok(Some(Draft { source: Some(taking.seen), ..draft })),
            taking => {
                let _ = self.remove_file(&draft.temporary).await;
                taking.map(|_| None)
            }
        }
    }

    /// Makes a new file by `work`. It goes again when nobody waits for it any more: what is made after a stop is tidied
    /// away by nobody else.
    async fn make<T: Send + 'static>(
        &self,
        at: &Place,
        work: impl FnOnce(&Root, &Place) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let waiting = Arc::new(());
        let waits = Arc::downgrade(&waiting);
        let made = move |root: &Root, at: &Place| {
            let made = work(root, at)?;
            if waits.strong_count() == 0 {
                root.remove(at, AtFlags::empty())?;
            }
            Ok(made)
        };
        let made = self.on_disk("writing", at, made).await;
        drop(waiting);
        made
    }

    /// Runs `work` where waiting for the disk holds up nobody.
    async fn on_disk<T: Send + 'static>(
        &self,
        tried: &'static str,
        at: &Place,
        work: impl FnOnce(&Root, &Place) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (root, at) = (Root(Arc::clone(&self.0)), at.clone());
        let say = format!("{tried} {}", root.0.join(at.as_str()).display());
        let done = tokio::task::spawn_blocking(move || work(&root, &at)).await;
        let done = done.unwrap_or_else(|died| Err(io::Error::other(died)));
        done.map_err(|error| Trouble::of_file(say, &error))
    }
}

#[async_trait]
impl Storage for Local {
    fn nature(&self) -> Nature {
        Nature {
            service: "fs",
            keeps_modified: true,
            precision: Duration::from_millis(1),
            tells_days: false,
            real_folders: true,
            shows_drafts: true,
            publishes_together: false,
            folds_case: false,
        }
    }

    fn here(&self) -> Option<&Local> {
        Some(self)
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        let found = |root: &Root, at: &Place| match root.look(at) {
            Ok(kind) => Ok(Some(kind)),
            // A file on the way there: nothing lies below it.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(None)
            }
            Err(error) => Err(error),
        };
        self.on_disk("looking at", at, found).await
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        self.on_disk("listing", folder, Root::list).await
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        self.on_disk("opening", at, Root::read).await.map(Body::Here)
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        let draft = Draft::beside(&format!("writing {at}"), at, temporary, size)?;
        let beside = &draft.temporary;
        let written = match body {
            Body::Here(from) => self.take(beside, from, size, false).await.map(|taken| Some(taken.seen)),
            Body::Pieces(pieces) => {
                let pieces = exactly(pieces, size, format!("writing {beside}"));
                self.fill(beside, pieces).await.map(|()| None)
            }
        };
        match written {
            Ok(source) => Ok(Draft { source, ..draft }),
            Err(trouble) => {
                // Half a file helps nobody; what went wrong first is what is told.
                let _ = self.remove_file(beside).await;
                Err(trouble)
            }
        }
    }

    async fn publish(&self, draft: Draft, modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        let from = draft.temporary;
        let named = move |root: &Root, at: &Place| {
            let file = File::from(root.open_at(&from, OFlags::RDONLY | OFlags::NOFOLLOW)?);
            if let Some(modified) = modified {
                file.set_modified(system_time(modified))?;
            }
            let found = facts(&file.metadata()?);
            root.rename(&from, at)?;
            Ok(found)
        };
        self.on_disk("naming", &draft.at, named).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        self.remove_file(&draft.temporary).await
    }

    async fn make_folder(&self, at: &Place) -> Result<(), Trouble> {
        self.on_disk("making the folder", at, Root::make_folder).await
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        let to = to.clone();
        let moved = move |root: &Root, from: &Place| {
            root.make_folder(&to.folder())?;
            root.rename(from, &to)
        };
        self.on_disk("moving", from, moved).await
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        let removed = |root: &Root, at: &Place| or_gone(root.remove(at, AtFlags::empty()));
        self.on_disk("removing", at, removed).await
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        let removed = |root: &Root, at: &Place| or_gone(root.remove(at, AtFlags::REMOVEDIR));
        self.on_disk("removing the folder", at, removed).await
    }
}

fn or_gone(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

impl Body {
    /// The content in pieces, whatever it is.
    #[must_use]
    pub fn pieces(self) -> stream::BoxStream<'static, Result<Bytes, Trouble>> {
        let file = match self {
            Self::Pieces(pieces) => return pieces,
            Self::Here(file) => file,
        };
        let next = |file: Option<File>| async move {
            let Some(file) = file else { return Ok(None) };
            let read = tokio::task::spawn_blocking(move || Ok((piece(&file, PIECE)?, file)));
            let read = read.await.unwrap_or_else(|died| Err(io::Error::other(died)));
            match read.map_err(|error| Trouble::of_file("reading a file".to_owned(), &error)) {
                Ok((piece, _)) if piece.is_empty() => Ok(None),
                // One that is not full is the last.
                Ok((piece, file)) => {
                    let more = (piece.len() == PIECE).then_some(file);
                    Ok(Some((piece, more)))
                }
                Err(trouble) => Err(trouble),
            }
        };
        stream::try_unfold(Some(file), next).boxed()
    }
}

/// So many of the next bytes of a file, or as many as it still has. Memory is not cleared for them first: for small
/// files that takes longer than reading them.
fn piece(file: &File, size: usize) -> io::Result<Bytes> {
    let mut piece = Vec::with_capacity(size);
    while piece.len() < size {
        match rustix::io::read(file, rustix::buffer::spare_capacity(&mut piece)) {
            Ok(0) => break,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Bytes::from(piece))
}
