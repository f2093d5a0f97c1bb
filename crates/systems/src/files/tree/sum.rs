//! Whether two contents are the same: by what each adds up to, while it goes by or read for that alone; files of this
//! machine by their bytes themselves, which takes less.

use std::fs::File;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use connect::storage::{Body, Trouble, Wrong};
use futures_util::{StreamExt, TryStreamExt};

/// Bytes that are read before anybody may stop it.
const STEP: u64 = 64 << 20;

/// Bytes of two files that are compared at once: both stay in a processor's cache.
const PIECE: usize = 128 * 1024;

/// Adds content up while it goes by.
#[derive(Clone, Default)]
pub(super) struct Hasher(Arc<Mutex<blake3::Hasher>>);

impl Hasher {
    /// The content, and what adds it up as it is read.
    pub(super) fn over(body: Body) -> (Body, Self) {
        let hasher = Self::default();
        let seen = hasher.clone();
        let pieces = body.pieces().inspect_ok(move |piece| seen.add(piece));
        (Body::Pieces(pieces.boxed()), hasher)
    }

    /// The sum of what went by so far.
    pub(super) fn sum(&self) -> blake3::Hash {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).finalize()
    }

    fn add(&self, piece: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).update(piece);
    }
}

/// The sum of a content.
pub(super) async fn content(body: Body) -> Result<blake3::Hash, Trouble> {
    let mut pieces = match body {
        Body::Here(file) => return of_file(file).await,
        Body::Pieces(pieces) => pieces,
    };
    let hasher = Hasher::default();
    while let Some(piece) = pieces.next().await {
        hasher.add(&piece?);
    }
    Ok(hasher.sum())
}

/// Whether two contents are the same.
pub(super) async fn same(one: Body, other: Body) -> Result<bool, Trouble> {
    match (one, other) {
        (Body::Here(one), Body::Here(other)) => same_files(one, other).await,
        (one, other) => {
            let (one, other) = futures_util::future::join(content(one), content(other)).await;
            Ok(one? == other?)
        }
    }
}

/// The sum of a file of this machine, in steps that each end soon.
async fn of_file(mut file: File) -> Result<blake3::Hash, Trouble> {
    let mut hasher = blake3::Hasher::new();
    loop {
        let before = hasher.count();
        let step = move || {
            hasher.update_reader((&file).take(STEP))?;
            Ok((hasher, file))
        };
        (hasher, file) = on_disk(step).await?;
        if hasher.count() - before < STEP {
            return Ok(hasher.finalize());
        }
    }
}

/// Whether two files of this machine are the same, byte for byte, in steps that each end soon.
async fn same_files(mut one: File, mut other: File) -> Result<bool, Trouble> {
    loop {
        let step = move || Ok((same_on(&one, &other)?, one, other));
        let same;
        (same, one, other) = on_disk(step).await?;
        if let Some(same) = same {
            return Ok(same);
        }
    }
}

/// Reads both files on; answers when it knows whether they are the same.
fn same_on(one: &File, other: &File) -> io::Result<Option<bool>> {
    let (mut here, mut there) = (vec![0; PIECE], vec![0; PIECE]);
    let mut read = 0;
    while read < STEP {
        let (these, those) = (fill(one, &mut here)?, fill(other, &mut there)?);
        if here[..these] != there[..those] {
            return Ok(Some(false));
        }
        if these < PIECE {
            return Ok(Some(true));
        }
        read += these as u64;
    }
    Ok(None)
}

/// Fills the piece, or as much of it as the file still has.
fn fill(mut file: &File, piece: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < piece.len() {
        match file.read(&mut piece[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Does a step where it holds up nobody.
async fn on_disk<T: Send + 'static>(
    step: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Trouble> {
    let done = tokio::task::spawn_blocking(step).await.unwrap_or_else(|died| Err(io::Error::other(died)));
    done.map_err(|error| Trouble::new(Wrong::Other, "reading a file", error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A file that was not written to through the one that is read.
    fn file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> File {
        let path = folder.path().join(name);
        File::create(&path).unwrap().write_all(content).unwrap();
        File::open(&path).unwrap()
    }

    #[tokio::test]
    async fn files_are_the_same_when_every_byte_and_the_end_are() {
        let folder = tempfile::tempdir().unwrap();
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let content: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let mut longer = content.clone();
            longer.push(0);
            let same = |name: &str, other: &[u8]| {
                same_files(file(&folder, "one", &content), file(&folder, name, other))
            };
            assert!(same("same", &content).await.unwrap(), "{size}");
            assert!(!same("longer", &longer).await.unwrap(), "{size}");
            for at in [0, size / 2, size.saturating_sub(1)] {
                let mut changed = content.clone();
                if let Some(byte) = changed.get_mut(at) {
                    *byte ^= 1;
                    assert!(!same("changed", &changed).await.unwrap(), "{size}, changed at {at}");
                }
            }
        }
    }

    #[tokio::test]
    async fn steps_lose_nothing_between_them() {
        let folder = tempfile::tempdir().unwrap();
        let grown = |name: &str, last: u8| {
            let path = folder.path().join(name);
            let mut made = File::create(&path).unwrap();
            made.set_len(STEP + 2).unwrap();
            io::Seek::seek(&mut made, io::SeekFrom::End(0)).unwrap();
            made.write_all(&[last]).unwrap();
            File::open(&path).unwrap()
        };
        assert!(same_files(grown("one", 1), grown("other", 1)).await.unwrap());
        assert!(!same_files(grown("one", 1), grown("other", 2)).await.unwrap());
        assert_eq!(of_file(grown("one", 1)).await.unwrap(), of_file(grown("other", 1)).await.unwrap());
        assert_ne!(of_file(grown("one", 1)).await.unwrap(), of_file(grown("other", 2)).await.unwrap());
    }
}
