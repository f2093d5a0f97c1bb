//! A partition in this process's hands: what its system and its worker both look at.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use model::counts::ItemCounts;
use model::id::{Fence, PartitionId, RunId};
use model::partition::UnitProgress;
use store::NewLogLine;
use tokio::sync::watch;

use crate::context::Stop;
use crate::verbs::Engine;

/// Log lines waiting for the next beat. Beyond this many the oldest go: a chatty system must not eat the memory
/// while the store is away.
const LINES_MAX: usize = 10_000;

/// What a system told about its partition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) units: UnitProgress,
    pub(crate) counts: ItemCounts,
    pub(crate) message: Option<String>,
    pub(crate) run_message: Option<String>,
}

/// Lines of all partitions of a worker, on their way to the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pen(Arc<Mutex<Vec<NewLogLine>>>);

impl Pen {
    pub(crate) fn take(&self) -> Vec<NewLogLine> {
        std::mem::take(&mut *locked(&self.0))
    }

    /// Puts back what could not be stored.
    pub(crate) fn put_back(&self, mut lines: Vec<NewLogLine>) {
        let mut kept = locked(&self.0);
        lines.append(&mut kept);
        let over = lines.len().saturating_sub(LINES_MAX);
        lines.drain(..over);
        *kept = lines;
    }

    fn push(&self, line: NewLogLine) {
        let mut lines = locked(&self.0);
        if lines.len() >= LINES_MAX {
            lines.remove(0);
        }
        lines.push(line);
    }
}

/// See the module.
pub(crate) struct Hold {
    pub(crate) engine: Engine,
    pub(crate) partition: PartitionId,
    pub(crate) run: RunId,
    pub(crate) fence: Fence,
    told: Mutex<Told>,
    pen: Pen,
    stop: watch::Sender<Option<(Stop, Timestamp)>>,
    /// Milliseconds: when the lease may be somebody else's unless it was renewed.
    deadline_ms: AtomicI64,
}

impl Hold {
    pub(crate) fn new(engine: Engine, claimed: &store::Claimed, pen: Pen, deadline: Timestamp) -> Self {
        let partition = &claimed.partition;
        Self {
            engine,
            partition: partition.id,
            run: claimed.run.id,
            fence: partition.fence,
            told: Mutex::new(Told { units: partition.units.clone(), ..Told::default() }),
            pen,
            stop: watch::Sender::new(None),
            deadline_ms: AtomicI64::new(deadline.as_millisecond()),
        }
    }

    pub(crate) fn report(&self, change: impl FnOnce(&mut Told)) {
        change(&mut locked(&self.told));
    }

    pub(crate) fn told(&self) -> Told {
        locked(&self.told).clone()
    }

    pub(crate) fn write_line(&self, level: tracing::Level, message: String, now: Timestamp) {
        let level = match level {
            tracing::Level::ERROR => "error",
            tracing::Level::WARN => "warn",
            _ => "info",
        };
        self.pen.push(NewLogLine {
            run_id: self.run,
            partition_id: Some(self.partition),
            at: now,
            level: level.to_owned(),
            message,
        });
    }

    pub(crate) fn deadline(&self) -> Timestamp {
        Timestamp::from_millisecond(self.deadline_ms.load(Ordering::Relaxed))
            .expect("it was made from a timestamp")
    }

    pub(crate) fn renew(&self, deadline: Timestamp) {
        self.deadline_ms.fetch_max(deadline.as_millisecond(), Ordering::Relaxed);
    }

    pub(crate) fn stop(&self) -> Option<Stop> {
        self.stop.borrow().map(|(stop, _)| stop)
    }

    pub(crate) fn stop_since(&self) -> Option<(Stop, Timestamp)> {
        *self.stop.borrow()
    }

    /// The first stop stands, except that a lost lease outranks all (nothing may be written any more) and a
    /// cancellation outranks a pause and a shutdown (the work is not wanted any more).
    pub(crate) fn ask_stop(&self, stop: Stop, now: Timestamp) {
        let rank = |stop| match stop {
            Stop::LostLease => 3,
            Stop::Cancel => 2,
            Stop::Pause => 1,
            Stop::Shutdown => 0,
        };
        self.stop.send_if_modified(|asked| match *asked {
            Some((before, since)) if rank(before) < rank(stop) => {
                *asked = Some((stop, since));
                true
            }
            Some(_) => false,
            None => {
                *asked = Some((stop, now));
                true
            }
        });
    }

    pub(crate) async fn stop_asked(&self) -> Stop {
        let mut stop = self.stop.subscribe();
        let asked = stop.wait_for(Option::is_some).await.expect("the sender lives in self");
        asked.expect("waited for it").0
    }
}

/// A panic while a short lock was held leaves plain values behind; they stay usable.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
