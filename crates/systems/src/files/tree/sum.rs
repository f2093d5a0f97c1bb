//! What a content adds up to, while it goes by or read for that alone.

use std::sync::{Arc, Mutex, PoisonError};

use connect::storage::{Body, Trouble};
use futures_util::{StreamExt, TryStreamExt};

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
    let (hasher, mut pieces) = (Hasher::default(), body.pieces());
    while let Some(piece) = pieces.next().await {
        hasher.add(&piece?);
    }
    Ok(hasher.sum())
}
