//! Copies from one tree of this machine to another: a big file in steps, many small ones in one go.

use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::sync::Arc;

use jiff::Timestamp;
use rustix::fs::{AtFlags, Mode, OFlags};

use super::super::{FileFacts, Place, Trouble};
use super::root::{Root, facts, system_time};
use super::{Local, piece};

/// A file this small is copied by reading and writing it.
const SMALL: usize = 16 * 1024;

/// Bytes the kernel copies before anybody is asked whether to go on.
const STEP: u64 = 64 * 1024 * 1024;

/// Bytes that are read back as soon as they are written, while a processor's cache has them.
const PIECE: usize = 128 * 1024;

/// A file to be copied from another tree of this machine.
#[derive(Clone, Debug)]
pub struct CopyWanted {
    /// Where it lies there.
    pub from: Place,
    /// The folder it is to lie in here.
    pub folder: Place,
    /// What it is called until it gets its name.
    pub temporary: String,
    /// The time it is to have.
    pub modified: Option<Timestamp>,
}

/// A copy that has all but its name.
#[derive(Debug)]
pub struct Copied {
    /// Where it lies now.
    pub temporary: Place,
    /// The file that was copied, as it was after the last of it.
    pub source: FileFacts,
    /// The copy.
    pub facts: FileFacts,
}

/// A file that is being copied into another.
pub(super) struct Taking {
    from: File,
    to: File,
    pub(super) taken: u64,
    pub(super) ended: bool,
    /// What was read, as it was after it.
    pub(super) seen: FileFacts,
    /// What is written is read back.
    reads_back: bool,
    /// Something else was read back than was written.
    pub(super) differs: bool,
}

impl Taking {
    /// A new file with the other's permissions.
    pub(super) fn begin(root: &Root, at: &Place, from: File, reads_back: bool) -> io::Result<Self> {
        let to = root.create(at)?;
        to.set_permissions(PermissionsExt::from_mode(from.metadata()?.mode() & 0o777))?;
        Ok(Self::of(from, to, reads_back))
    }

    fn of(from: File, to: File, reads_back: bool) -> Self {
        Self { from, to, taken: 0, ended: false, seen: FileFacts::default(), reads_back, differs: false }
    }

    pub(super) fn step(mut self) -> io::Result<Self> {
        match self.reads_back {
            true => self.copy_and_read_back()?,
            false => self.copy()?,
        }
        if self.ended {
            self.seen = facts(&self.from.metadata()?);
        }
        Ok(self)
    }

    /// The kernel copies: nothing comes through here but the first of it.
    fn copy(&mut self) -> io::Result<()> {
        let (mut from, mut to) = (&self.from, &self.to);
        if self.taken == 0 {
            let mut piece = [0; SMALL];
            let first = from.read(&mut piece)?;
            to.write_all(&piece[..first])?;
            self.taken = first as u64;
            // A file gives less than was asked for at its end only.
            self.ended = first < SMALL;
        }
        if !self.ended {
            let more = io::copy(&mut from.take(STEP), &mut to)?;
            self.taken += more;
            self.ended = more < STEP;
        }
        Ok(())
    }

    fn copy_and_read_back(&mut self) -> io::Result<()> {
        let mut back = vec![0; PIECE];
        let end = self.taken + STEP;
        while self.taken < end && !self.ended {
            let piece = piece(&self.from, PIECE)?;
            self.to.write_all_at(&piece, self.taken)?;
            let back = &mut back[..piece.len()];
            self.to.read_exact_at(back, self.taken)?;
            self.taken += piece.len() as u64;
            self.differs = piece != *back;
            self.ended = self.differs || piece.len() < PIECE;
        }
        Ok(())
    }
}

impl Local {
    /// Drafts copies of files of another tree of this machine, all before anybody is asked whether to go on: for small
    /// ones. The answers stand in the order of what was wanted; what cannot be copied leaves nothing.
    pub async fn draft_copies(&self, from: &Self, wanted: Vec<CopyWanted>) -> Vec<Result<Copied, Trouble>> {
        let (source, target) = (Root(Arc::clone(&from.0)), Root(Arc::clone(&self.0)));
        let waiting = Arc::new(());
        let waits = Arc::downgrade(&waiting);
        let drafted = on_disk(wanted, move |wanted| {
            let (mut from, mut to) = (Folders::new(&source), Folders::new(&target));
            let copied = |wanted: CopyWanted| {
                let at = wanted.folder.join(&wanted.temporary).map_err(io::Error::other);
                let copied = at.and_then(|at| copied((&mut from, &mut to), &wanted, at));
                copied.map_err(|error| trouble("copying", &source, &wanted.from, &error))
            };
            let drafted: Vec<Result<Copied, Trouble>> = wanted.into_iter().map(copied).collect();
            // What is made after a stop is tidied away by nobody else.
            if waits.strong_count() == 0 {
                for copied in drafted.iter().flatten() {
                    let _ = target.remove(&copied.temporary, AtFlags::empty());
                }
            }
            drafted
        })
        .await;
        drop(waiting);
        drafted
    }

    /// Gives copies their names; what cannot be named leaves nothing.
    pub async fn publish_copies(&self, copies: Vec<(Copied, Place)>) -> Vec<Result<FileFacts, Trouble>> {
        let target = Root(Arc::clone(&self.0));
        on_disk(copies, move |copies| {
            let mut to = Folders::new(&target);
            let named = |(copied, at): (Copied, Place)| {
                let renamed = to.open(&at.folder()).and_then(|folder| {
                    Ok(rustix::fs::renameat(folder, copied.temporary.name(), folder, at.name())?)
                });
                renamed.map(|()| copied.facts).map_err(|error| {
                    // What went wrong first is what is told.
                    let _ = target.remove(&copied.temporary, AtFlags::empty());
                    trouble("naming", &target, &at, &error)
                })
            };
            copies.into_iter().map(named).collect()
        })
        .await
    }
}

/// Runs `work` where waiting for the disk holds up nobody. Work that dies takes its answers along: there are none.
async fn on_disk<A: Send + 'static, T: Send + 'static>(
    all: Vec<A>,
    work: impl FnOnce(Vec<A>) -> Vec<T> + Send + 'static,
) -> Vec<T> {
    tokio::task::spawn_blocking(move || work(all)).await.unwrap_or_default()
}

fn trouble(tried: &str, root: &Root, at: &Place, error: &io::Error) -> Trouble {
    Trouble::of_file(format!("{tried} {}", root.0.join(at.as_str()).display()), error)
}

/// The folder that was last looked into, open: neighbours are mostly of one folder.
struct Folders<'r> {
    root: &'r Root,
    last: Option<(Place, OwnedFd)>,
}

impl<'r> Folders<'r> {
    fn new(root: &'r Root) -> Self {
        Self { root, last: None }
    }

    fn open(&mut self, folder: &Place) -> io::Result<&OwnedFd> {
        if self.last.as_ref().is_none_or(|(last, _)| last != folder) {
            let opened = self.root.open_at(folder, OFlags::PATH | OFlags::DIRECTORY)?;
            self.last = Some((folder.clone(), opened));
        }
        self.last.as_ref().map(|(_, opened)| opened).ok_or_else(|| io::Error::other("no folder is open"))
    }
}

fn copied(
    (from, to): (&mut Folders<'_>, &mut Folders<'_>),
    wanted: &CopyWanted,
    temporary: Place,
) -> io::Result<Copied> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let (folder, name) = (from.open(&wanted.from.folder())?, wanted.from.name());
    let read = File::from(rustix::fs::openat(folder, name, flags, Mode::empty())?);
    let is = read.metadata()?;
    if !is.is_file() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is no file"));
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let (folder, mode) = (to.open(&wanted.folder)?, is.mode() & 0o777);
    let file = File::from(rustix::fs::openat(folder, temporary.name(), flags, Mode::from_raw_mode(mode))?);
    let filled = filled(read, file, mode, wanted.modified);
    if filled.is_err() {
        // Half a file helps nobody; what went wrong first is what is told.
        let _ = rustix::fs::unlinkat(folder, temporary.name(), AtFlags::empty());
    }
    filled.map(|(source, facts)| Copied { temporary, source, facts })
}

/// All of the content, the permissions where the new file did not get them at once, and the time. Answers what both
/// files are then.
fn filled(
    from: File,
    to: File,
    mode: u32,
    modified: Option<Timestamp>,
) -> io::Result<(FileFacts, FileFacts)> {
    let mut taking = Taking::of(from, to, false);
    while !taking.ended {
        taking = taking.step()?;
    }
    if let Some(modified) = modified {
        taking.to.set_modified(system_time(modified))?;
    }
    let is = taking.to.metadata()?;
    if is.mode() & 0o777 != mode {
        taking.to.set_permissions(Permissions::from_mode(mode))?;
    }
    Ok((taking.seen, facts(&is)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(from: &std::path::Path, to: &std::path::Path) -> Taking {
        let to = File::options().read(true).write(true).create(true).truncate(false).open(to).unwrap();
        let mut taking = Taking::of(File::open(from).unwrap(), to, true);
        while !taking.ended {
            taking = taking.step().unwrap();
        }
        taking
    }

    #[test]
    fn what_is_read_back_is_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let content: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
            std::fs::write(&from, &content).unwrap();
            std::fs::write(&to, "").unwrap();
            let taking = read_back(&from, &to);
            assert_eq!((taking.taken, taking.seen.size, taking.differs), (size as u64, size as u64, false));
            assert!(std::fs::read(&to).unwrap() == content, "{size}");
        }
    }

    #[test]
    fn steps_lose_nothing_between_them() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let made = File::create(&from).unwrap();
        made.write_all_at(b"begin", 0).unwrap();
        made.write_all_at(b"end", STEP + 2).unwrap();
        let taking = read_back(&from, &to);
        assert_eq!((taking.taken, taking.differs), (STEP + 5, false));
        assert!(std::fs::read(&to).unwrap() == std::fs::read(&from).unwrap());
    }

    #[test]
    fn what_is_not_kept_as_it_was_written_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        // It takes whatever is written, and gives zeros.
        let to = std::path::Path::new("/dev/zero");
        for (content, differs) in [(vec![0; 2 * PIECE], false), ([vec![0; PIECE], vec![1]].concat(), true)] {
            std::fs::write(&from, content).unwrap();
            assert_eq!(read_back(&from, to).differs, differs);
        }
    }
}
