//! A process whose operations on the state are looked at, and that dies at one of them.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use store::{Probe, ProbeAnswer};

/// Where a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

/// A process under watch, dead from its moment on: none of its operations comes back.
#[derive(Default)]
pub(crate) struct Watch {
    dies: Option<(&'static str, Moment, usize)>,
    seen: Mutex<Vec<&'static str>>,
    dead: AtomicBool,
}

impl Watch {
    /// Dies around an operation when it is tried for the so-many-th time.
    pub(crate) fn until(tried: &'static str, moment: Moment, times: usize) -> Self {
        Self { dies: Some((tried, moment, times)), ..Self::default() }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// The operations it tried.
    pub(crate) fn seen(&self) -> BTreeSet<&'static str> {
        self.seen.lock().unwrap().iter().copied().collect()
    }

    fn look(&self, tried: &'static str, moment: Moment) -> ProbeAnswer {
        let mut seen = self.seen.lock().unwrap();
        if moment == Moment::Before {
            seen.push(tried);
        }
        let times = seen.iter().filter(|name| **name == tried).count();
        if self.dies == Some((tried, moment, times)) {
            self.dead.store(true, Ordering::SeqCst);
        }
        if self.dead.load(Ordering::SeqCst) { ProbeAnswer::Hang } else { ProbeAnswer::Go }
    }
}

impl Probe for Watch {
    fn before(&self, tried: &'static str) -> ProbeAnswer {
        self.look(tried, Moment::Before)
    }

    fn after(&self, tried: &'static str) -> ProbeAnswer {
        self.look(tried, Moment::After)
    }
}
