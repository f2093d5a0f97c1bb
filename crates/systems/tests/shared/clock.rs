//! A clock for the engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use engine::Clock;
use jiff::{SignedDuration, Timestamp};

/// A clock that goes on by itself from where it is set.
#[derive(Clone)]
pub(crate) struct HandClock {
    ahead: Arc<AtomicI64>,
    began: Instant,
}

impl HandClock {
    pub(crate) fn at(at: Timestamp) -> Self {
        Self { ahead: Arc::new(AtomicI64::new(at.as_microsecond())), began: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.began.elapsed().as_micros()).unwrap();
        Timestamp::from_microsecond(self.ahead.load(Ordering::SeqCst) + passed).unwrap()
    }

    pub(crate) fn set(&self, at: Timestamp) {
        let passed = i64::try_from(self.began.elapsed().as_micros()).unwrap();
        self.ahead.store(at.as_microsecond() - passed, Ordering::SeqCst);
    }

    /// Moves on.
    pub(crate) fn pass(&self, time: SignedDuration) {
        self.set(self.now() + time);
    }

    pub(crate) fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}
