//! A storage that is read no faster than so many bytes a second, all its readers together.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use jiff::Timestamp;
use tokio::time::Instant;

use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble};

/// See the module.
pub struct Paced {
    storage: Arc<dyn Storage>,
    pace: Pace,
}

#[derive(Clone)]
struct Pace {
    bytes_per_second: u64,
    /// When all that was let through so far has taken its time.
    free_at: Arc<Mutex<Instant>>,
}

impl Paced {
    /// The storage, read at that pace; 0 is taken for 1.
    pub fn new(storage: Arc<dyn Storage>, bytes_per_second: u64) -> Self {
        let free_at = Arc::new(Mutex::new(Instant::now()));
        Self { storage, pace: Pace { bytes_per_second: bytes_per_second.max(1), free_at } }
    }
}

impl Pace {
    /// When so many bytes more may go.
    fn take(&self, bytes: usize) -> Instant {
        #[expect(clippy::cast_precision_loss, reason = "a piece and a pace are far below what loses a byte")]
        let time = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second as f64);
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        *free_at = (*free_at).max(Instant::now()) + time;
        *free_at
    }
}

#[async_trait]
impl Storage for Paced {
    fn nature(&self) -> Nature {
        self.storage.nature()
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        self.storage.look(at).await
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        self.storage.list(folder).await
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        let (pieces, pace) = (self.storage.read(at).await?.pieces(), self.pace.clone());
        let paced = pieces.then(move |piece| {
            let pace = pace.clone();
            async move {
                if let Ok(piece) = &piece {
                    tokio::time::sleep_until(pace.take(piece.len())).await;
                }
                piece
            }
        });
        Ok(Body::Pieces(paced.boxed()))
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        self.storage.draft(at, temporary, body, size).await
    }

    async fn publish(&self, draft: Draft, modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        self.storage.publish(draft, modified).await
    }

    async fn publish_all(
        &self,
        drafts: Vec<(Draft, Option<Timestamp>)>,
        may: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<FileFacts, Trouble>> {
        self.storage.publish_all(drafts, may).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        self.storage.discard(draft).await
    }

    async fn make_folder(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.make_folder(at).await
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        self.storage.move_file(from, to).await
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.remove_file(at).await
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.remove_folder(at).await
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::{TryStreamExt, stream};

    use super::*;
    use crate::storage::Memory;

    #[tokio::test(start_paused = true)]
    async fn two_readers_share_the_pace() {
        let memory = Memory::default();
        for name in ["a", "b"] {
            let at = Place::parse(name).unwrap();
            let body = Body::Pieces(stream::iter([Ok(Bytes::from(vec![0; 50_000]))]).boxed());
            let draft = memory.draft(&at, ".draft", body, 50_000).await.unwrap();
            memory.publish(draft, None).await.unwrap();
        }
        let paced = Paced::new(Arc::new(memory), 10_000);
        let began = Instant::now();
        let read = |name: &'static str| {
            let paced = &paced;
            async move {
                let body = paced.read(&Place::parse(name).unwrap()).await.unwrap();
                body.pieces().try_fold(0, |size, piece| async move { Ok(size + piece.len()) }).await.unwrap()
            }
        };
        let (a, b) = futures_util::future::join(read("a"), read("b")).await;
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(a + b, 100_000);
        assert!((9.0..=11.0).contains(&seconds), "100,000 bytes at 10,000 a second took {seconds} s");
    }
}
