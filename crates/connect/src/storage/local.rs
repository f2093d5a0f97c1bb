//! Folders of this machine, by system calls that follow no link below the root.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags};

use super::exact::{exactly, of_another_size};
use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Odd, Place, Storage, Trouble};

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

    /// Writes all of the content into a new file.
    async fn fill(&self, at: &Place, mut file: File, body: Body, size: u64) -> Result<(), Trouble> {
        let mut pieces = match body {
            Body::Pieces(pieces) => exactly(pieces, size, format!("writing {at}")),
            Body::Here(mut from) => {
                let copied = move |_: &Root, _: &Place| {
                    file.set_permissions(PermissionsExt::from_mode(from.metadata()?.mode() & 0o777))?;
                    io::copy(&mut from, &mut file)
                };
                return match self.on_disk("writing", at, copied).await? {
                    all if all == size => Ok(()),
                    other => Err(of_another_size(&format!("writing {at}"), other, size)),
                };
            }
        };
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            let written = move |_: &Root, _: &Place| file.write_all(&piece).map(|()| file);
            file = self.on_disk("writing", at, written).await?;
        }
        Ok(())
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

/// The root's path, and what is done below it.
struct Root(Arc<PathBuf>);

/// The folder a leaf lies in, open, and the leaf's name.
struct Leaf {
    folder: OwnedFd,
    name: String,
}

impl Root {
    fn open(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(rustix::fs::open(&*self.0, flags, Mode::empty())?)
    }

    /// What is at the place, open; no part of the way there may be a link.
    fn open_at(&self, at: &Place, flags: OFlags) -> io::Result<OwnedFd> {
        let path = if at.is_root() { "." } else { at.as_str() };
        let never = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        Ok(rustix::fs::openat2(self.open()?, path, flags | OFlags::CLOEXEC, Mode::empty(), never)?)
    }

    fn leaf(&self, at: &Place) -> io::Result<Leaf> {
        if at.is_root() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is the root"));
        }
        let folder = self.open_at(&at.folder(), OFlags::PATH | OFlags::DIRECTORY)?;
        Ok(Leaf { folder, name: at.name().to_owned() })
    }

    fn make_folder(&self, at: &Place) -> io::Result<()> {
        std::fs::create_dir_all(&*self.0)?;
        let mut made = Place::root();
        for name in at.as_str().split('/').filter(|name| !name.is_empty()) {
            let folder = self.open_at(&made, OFlags::PATH | OFlags::DIRECTORY)?;
            match rustix::fs::mkdirat(&folder, name, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(rustix::io::Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            made = made.join(name).map_err(io::Error::other)?;
        }
        // What was there under the name may be something else.
        self.open_at(at, OFlags::PATH | OFlags::DIRECTORY).map(drop)
    }

    fn look(&self, at: &Place) -> io::Result<Kind> {
        if at.is_root() {
            return self.open().map(|_| Kind::Folder);
        }
        self.leaf(at)?.look()
    }

    fn list(&self, at: &Place) -> io::Result<Vec<Entry>> {
        let folder = self.open_at(at, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut entries = Vec::new();
        for found in Dir::read_from(&folder)? {
            let found = found?;
            let name = found.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let Ok(text) = name.to_str() else {
                let shown = name.to_string_lossy().into_owned();
                entries.push(Entry { name: shown, kind: Kind::Odd(Odd::Name) });
                continue;
            };
            let kind = match found.file_type() {
                FileType::Directory => Kind::Folder,
                FileType::Symlink => Kind::Odd(Odd::Link),
                FileType::RegularFile | FileType::Unknown => match stat(&folder, text) {
                    Ok(kind) => kind,
                    // It went away since: as if it had before.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                },
                _ => Kind::Odd(Odd::Device),
            };
            entries.push(Entry { name: text.to_owned(), kind });
        }
        // A folder that was removed meanwhile lists nothing, which is not the same as being empty.
        if entries.is_empty() {
            self.open_at(at, OFlags::PATH | OFlags::DIRECTORY)?;
        }
        Ok(entries)
    }

    fn read(&self, at: &Place) -> io::Result<File> {
        let file = File::from(self.open_at(at, OFlags::RDONLY | OFlags::NONBLOCK)?);
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is no file")),
        }
    }

    /// A new file under the temporary name, for writing.
    fn create(&self, temporary: &Place) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let leaf = self.leaf(temporary)?;
        Ok(File::from(rustix::fs::openat(&leaf.folder, leaf.name, flags, Mode::from_raw_mode(0o666))?))
    }

    fn rename(&self, from: &Place, to: &Place) -> io::Result<()> {
        let (from, to) = (self.leaf(from)?, self.leaf(to)?);
        Ok(rustix::fs::renameat(&from.folder, from.name, &to.folder, to.name)?)
    }

    fn remove(&self, at: &Place, flags: AtFlags) -> io::Result<()> {
        let leaf = self.leaf(at)?;
        Ok(rustix::fs::unlinkat(&leaf.folder, leaf.name, flags)?)
    }
}

impl Leaf {
    fn look(&self) -> io::Result<Kind> {
        stat(&self.folder, &self.name)
    }
}

/// What a name of an open folder is, no link followed.
fn stat(folder: &OwnedFd, name: &str) -> io::Result<Kind> {
    let found = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(match FileType::from_raw_mode(found.st_mode) {
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Odd(Odd::Link),
        FileType::RegularFile => Kind::File(FileFacts {
            size: u64::try_from(found.st_size).unwrap_or_default(),
            modified: moment(found.st_mtime, i64::try_from(found.st_mtime_nsec).unwrap_or_default()),
            etag: None,
        }),
        _ => Kind::Odd(Odd::Device),
    })
}

fn facts(metadata: &Metadata) -> FileFacts {
    FileFacts { size: metadata.len(), modified: moment(metadata.mtime(), metadata.mtime_nsec()), etag: None }
}

fn moment(seconds: i64, nanoseconds: i64) -> Option<Timestamp> {
    Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()
}

fn system_time(at: Timestamp) -> SystemTime {
    let since = at.as_duration();
    match since.is_negative() {
        true => SystemTime::UNIX_EPOCH - since.unsigned_abs(),
        false => SystemTime::UNIX_EPOCH + since.unsigned_abs(),
    }
}

fn or_gone(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[async_trait]
impl Storage for Local {
    fn nature(&self) -> Nature {
        Nature {
            service: "fs",
            keeps_modified: true,
            precision: Duration::from_millis(1),
            real_folders: true,
        }
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
        let beside = at.folder().join(temporary).map_err(|bad| bad_name(at, &bad))?;
        let file = self.on_disk("writing", &beside, Root::create).await?;
        match self.fill(&beside, file, body, size).await {
            Ok(()) => Ok(Draft { at: at.clone(), temporary: beside, size }),
            Err(trouble) => {
                // Half a file helps nobody; what went wrong first is what is told.
                let _ = self.remove_file(&beside).await;
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

    async fn set_modified(&self, at: &Place, modified: Timestamp) -> Result<(), Trouble> {
        let set = move |root: &Root, at: &Place| root.read(at)?.set_modified(system_time(modified));
        self.on_disk("setting the time of", at, set).await
    }
}

fn bad_name(at: &Place, bad: &super::BadPlace) -> Trouble {
    Trouble::new(super::Wrong::Name, format!("writing {at}"), bad.to_string())
}

impl Body {
    /// The content in pieces, whatever it is.
    #[must_use]
    pub fn pieces(self) -> stream::BoxStream<'static, Result<Bytes, Trouble>> {
        let file = match self {
            Self::Pieces(pieces) => return pieces,
            Self::Here(file) => file,
        };
        let next = |mut file: File| async move {
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; PIECE];
                let size = file.read(&mut piece)?;
                piece.truncate(size);
                Ok::<_, io::Error>((piece, file))
            });
            let read = read.await.unwrap_or_else(|died| Err(io::Error::other(died)));
            match read.map_err(|error| Trouble::of_file("reading a file".to_owned(), &error)) {
                Ok((piece, _)) if piece.is_empty() => Ok(None),
                Ok((piece, file)) => Ok(Some((Bytes::from(piece), file))),
                Err(trouble) => Err(trouble),
            }
        };
        stream::try_unfold(file, next).boxed()
    }
}
