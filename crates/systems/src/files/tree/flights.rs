//! Files on their way, and how much of each has gone: what a big file's copy is seen by before it is done.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connect::storage::{Body, Place};
use futures_util::{StreamExt, TryStreamExt};
use model::file::run::{FileProgress, FileUnderWay};

/// So many of them are shown.
const SHOWN_MAX: usize = 8;

/// See the module.
#[derive(Default)]
pub(super) struct Flights {
    under_way: Mutex<BTreeMap<u64, Arc<Flying>>>,
    begun: AtomicU64,
    /// Bytes that were shown as done: a file that begins again takes none of them back.
    shown: AtomicU64,
}

struct Flying {
    to: Place,
    size: u64,
    gone: AtomicU64,
}

/// A file on its way until it is dropped.
pub(super) struct Flight<'f> {
    flights: &'f Flights,
    number: u64,
    flying: Arc<Flying>,
}

impl Flights {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Flying>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file begins.
    pub(super) fn begin(&self, to: &Place, size: u64) -> Flight<'_> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let flying = Arc::new(Flying { to: to.clone(), size, gone: AtomicU64::new(0) });
        self.open().insert(number, Arc::clone(&flying));
        Flight { flights: self, number, flying }
    }

    /// Adds what is under way to what is done.
    pub(super) fn show(&self, progress: &mut FileProgress) {
        let under_way = self.open();
        let of = |flying: &Arc<Flying>| FileUnderWay {
            path: flying.to.as_str().to_owned(),
            bytes_done: flying.gone.load(Ordering::Relaxed).min(flying.size),
            size: flying.size,
        };
        let bytes: u64 = under_way.values().map(|flying| of(flying).bytes_done).sum();
        let done = (progress.bytes_done + bytes).min(progress.bytes_total);
        progress.bytes_done = self.shown.fetch_max(done, Ordering::Relaxed).max(done);
        progress.current = under_way.values().take(SHOWN_MAX).map(of).collect();
    }
}

impl Flight<'_> {
    /// Content whose bytes are counted as they go; from its beginning, however often it began before.
    pub(super) fn counted(&self, body: Body) -> Body {
        self.flying.gone.store(0, Ordering::Relaxed);
        let flying = Arc::clone(&self.flying);
        let counted = body.pieces().inspect_ok(move |piece| {
            flying.gone.fetch_add(piece.len() as u64, Ordering::Relaxed);
        });
        Body::Pieces(counted.boxed())
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.flights.open().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use connect::storage::Trouble;
    use futures_util::stream;

    use super::*;

    fn body() -> Body {
        let piece = |_| Ok::<_, Trouble>(Bytes::from_static(b"12345"));
        Body::Pieces(stream::iter(0..2).map(piece).boxed())
    }

    fn shown(flights: &Flights, done: u64) -> (u64, Vec<u64>) {
        let mut progress = FileProgress { bytes_total: 100, bytes_done: done, ..FileProgress::default() };
        flights.show(&mut progress);
        (progress.bytes_done, progress.current.iter().map(|file| file.bytes_done).collect())
    }

    #[tokio::test]
    async fn a_file_is_seen_on_its_way_and_takes_nothing_back_when_it_begins_again() {
        let flights = Flights::default();
        assert_eq!(shown(&flights, 7), (7, vec![]));
        let flight = flights.begin(&Place::parse("a/b").unwrap(), 10);
        let mut content = flight.counted(body()).pieces();
        assert!(content.next().await.is_some());
        assert_eq!(shown(&flights, 7), (12, vec![5]));
        let mut again = flight.counted(body()).pieces();
        assert_eq!(shown(&flights, 7), (12, vec![0]));
        while again.next().await.is_some() {}
        assert_eq!(shown(&flights, 7), (17, vec![10]));
        drop(flight);
        assert_eq!(shown(&flights, 17), (17, vec![]));
    }
}
