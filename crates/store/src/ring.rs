//! The ring: wakes those who wait for rows. A hint; rows and polling are the truth.

use tokio::sync::watch;

use crate::tx::Touched;

/// Each value grows with every ring. Register before looking at rows, so that no ring is missed.
#[derive(Clone, Debug)]
pub struct Rings {
    /// Partitions may have become ready, or a control was set.
    pub work: watch::Receiver<u64>,
    /// Events were appended.
    pub events: watch::Receiver<u64>,
    /// Schedules changed.
    pub schedules: watch::Receiver<u64>,
}

/// The ringing end.
#[derive(Clone, Debug)]
pub(crate) struct Bell {
    work: watch::Sender<u64>,
    events: watch::Sender<u64>,
    schedules: watch::Sender<u64>,
}

impl Bell {
    pub(crate) fn new() -> Self {
        Self { work: watch::Sender::new(0), events: watch::Sender::new(0), schedules: watch::Sender::new(0) }
    }

    pub(crate) fn ring(&self, touched: Touched) {
        let one_more = |sender: &watch::Sender<u64>| sender.send_modify(|rings| *rings += 1);
        if touched.work {
            one_more(&self.work);
        }
        if touched.events {
            one_more(&self.events);
        }
        if touched.schedules {
            one_more(&self.schedules);
        }
    }

    pub(crate) fn rings(&self) -> Rings {
        Rings {
            work: self.work.subscribe(),
            events: self.events.subscribe(),
            schedules: self.schedules.subscribe(),
        }
    }
}

impl Touched {
    pub(crate) fn all() -> Self {
        Self { work: true, events: true, schedules: true, ..Self::default() }
    }

    pub(crate) fn any(self) -> bool {
        self.work || self.events || self.schedules
    }
}
