//! Copies from one tree of this machine to another: a big file in steps, many small ones in one go.

use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::Arc;

use jiff::Timestamp;
use rustix::fs::{AtFlags, Mode, OFlags};

use super::super::{FileFacts, Place, Trouble};
use super::Local;
use super::root::{Root, facts, system_time};

/// A file this small is copied by reading and writing it.
const SMALL: usize = 16 * 1024;

/// Bytes the kernel copies before anybody is asked whether to go on.
const STEP: u64 = 64 * 1024 * 1024;

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
}

impl Taking {
    /// A new file with the other's permissions.
    pub(super) fn begin(root: &Root, at: &Place, from: File) -> io::Result<Self> {
        let to = root.create(at)?;
        to.set_permissions(PermissionsExt::from_mode(from.metadata()?.mode() & 0o777))?;
        Ok(Self { from, to, taken: 0, ended: false, seen: FileFacts::default() })
    }

    pub(super) fn step(mut self) -> io::Result<Self> {
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
        if self.ended {
            self.seen = facts(&self.from.metadata()?);
        }
        Ok(self)
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
    let mut taking = Taking { from, to, taken: 0, ended: false, seen: FileFacts::default() };
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
