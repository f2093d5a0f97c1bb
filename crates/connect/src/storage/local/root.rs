//! The system calls of a tree of this machine. No part of the way below the root may be a link.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags};

use super::super::{Entry, FileFacts, Kind, Odd, Place};

/// The root's path, and what is done below it.
pub(super) struct Root(pub(super) Arc<PathBuf>);

/// The folder a leaf lies in, open, and the leaf's name.
pub(super) struct Leaf {
    pub(super) folder: OwnedFd,
    pub(super) name: String,
}

impl Root {
    pub(super) fn open(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(rustix::fs::open(&*self.0, flags, Mode::empty())?)
    }

    /// What is at the place, open; no part of the way there may be a link.
    pub(super) fn open_at(&self, at: &Place, flags: OFlags) -> io::Result<OwnedFd> {
        let path = if at.is_root() { "." } else { at.as_str() };
        let never = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        Ok(rustix::fs::openat2(self.open()?, path, flags | OFlags::CLOEXEC, Mode::empty(), never)?)
    }

    pub(super) fn leaf(&self, at: &Place) -> io::Result<Leaf> {
        if at.is_root() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is the root"));
        }
        let folder = self.open_at(&at.folder(), OFlags::PATH | OFlags::DIRECTORY)?;
        Ok(Leaf { folder, name: at.name().to_owned() })
    }

    pub(super) fn make_folder(&self, at: &Place) -> io::Result<()> {
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

    pub(super) fn look(&self, at: &Place) -> io::Result<Kind> {
        if at.is_root() {
            return self.open().map(|_| Kind::Folder);
        }
        self.leaf(at)?.look()
    }

    pub(super) fn list(&self, at: &Place) -> io::Result<Vec<Entry>> {
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
                FileType::RegularFile | FileType::Unknown => match stat(&folder, name) {
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

    pub(super) fn read(&self, at: &Place) -> io::Result<File> {
        let file = File::from(self.open_at(at, OFlags::RDONLY | OFlags::NONBLOCK)?);
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is no file")),
        }
    }

    /// A new file under the temporary name, for writing.
    pub(super) fn create(&self, temporary: &Place) -> io::Result<File> {
        self.leaf(temporary)?.create(0o666)
    }

    pub(super) fn rename(&self, from: &Place, to: &Place) -> io::Result<()> {
        let (from, to) = (self.leaf(from)?, self.leaf(to)?);
        Ok(rustix::fs::renameat(&from.folder, from.name, &to.folder, to.name)?)
    }

    pub(super) fn remove(&self, at: &Place, flags: AtFlags) -> io::Result<()> {
        let leaf = self.leaf(at)?;
        Ok(rustix::fs::unlinkat(&leaf.folder, leaf.name, flags)?)
    }
}

impl Leaf {
    /// A new file, for writing and reading it back.
    pub(super) fn create(&self, mode: u32) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::openat(&self.folder, &self.name, flags, Mode::from_raw_mode(mode))?))
    }

    pub(super) fn look(&self) -> io::Result<Kind> {
        stat(&self.folder, self.name.as_str())
    }
}

/// What a name of an open folder is, no link followed.
pub(super) fn stat(folder: &OwnedFd, name: impl rustix::path::Arg) -> io::Result<Kind> {
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

pub(super) fn facts(metadata: &Metadata) -> FileFacts {
    FileFacts { size: metadata.len(), modified: moment(metadata.mtime(), metadata.mtime_nsec()), etag: None }
}

pub(super) fn moment(seconds: i64, nanoseconds: i64) -> Option<Timestamp> {
    Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()
}

pub(super) fn system_time(at: Timestamp) -> SystemTime {
    let since = at.as_duration();
    match since.is_negative() {
        true => SystemTime::UNIX_EPOCH - since.unsigned_abs(),
        false => SystemTime::UNIX_EPOCH + since.unsigned_abs(),
    }
}
