//! What a content adds up to, while it goes by or read for that alone.

use std::fs::File;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use connect::storage::{Body, Trouble, Wrong};
use futures_util::{StreamExt, TryStreamExt};

/// Bytes that are added up before anybody may stop it.
const STEP: u64 = 64 << 20;

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

/// The sum of a file of this machine, added up where it holds up nobody, in steps that each end soon.
async fn of_file(mut file: File) -> Result<blake3::Hash, Trouble> {
    let mut hasher = blake3::Hasher::new();
    loop {
        let before = hasher.count();
        let step = tokio::task::spawn_blocking(move || {
            hasher.update_reader((&file).take(STEP))?;
            Ok((hasher, file))
        });
        let done = step.await.unwrap_or_else(|died| Err(io::Error::other(died)));
        (hasher, file) =
            done.map_err(|error| Trouble::new(Wrong::Other, "reading a file", error.to_string()))?;
        if hasher.count() - before < STEP {
            return Ok(hasher.finalize());
        }
    }
}
