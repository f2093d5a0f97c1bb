//! What the nodes share: time, the destination, and who is silent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use jiff::{SignedDuration, Timestamp};
use model::id::{Fence, PartitionId};

/// One process from its start to its death.
pub(crate) type Boot = u32;

/// See the module.
pub(crate) struct World {
    pub(crate) seed: u64,
    state: Mutex<State>,
}

struct State {
    now: Timestamp,
    /// Grows each time tasks may take one step further.
    turn: u64,
    wakers: Vec<Waker>,
    /// Boots that do nothing until then.
    silent: BTreeMap<Boot, Timestamp>,
    /// Boots whose process died inside a call.
    dead: BTreeSet<Boot>,
    quiet: bool,
    destination: BTreeMap<PartitionId, Written>,
    story: Vec<String>,
}

/// What the destination has of a partition: a fenced place that refuses an older fence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub(crate) fence: i64,
    pub(crate) units: BTreeSet<i64>,
    pub(crate) refused: u32,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let state = State {
            now: "2025-10-09T00:00:10Z".parse().unwrap(),
            turn: 0,
            wakers: Vec::new(),
            silent: BTreeMap::new(),
            dead: BTreeSet::new(),
            quiet: false,
            destination: BTreeMap::new(),
            story: Vec::new(),
        };
        Self { seed, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A source of chance of its own for each purpose.
    pub(crate) fn chance(&self, purpose: u64) -> fastrand::Rng {
        fastrand::Rng::with_seed(
            self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose.wrapping_mul(0xD1B5_4A32_D192_ED03),
        )
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.state().now
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        self.state().now += by;
    }

    pub(crate) fn tell(&self, line: impl FnOnce() -> String) {
        let mut state = self.state();
        let line = format!("{} {}", state.now.strftime("%H:%M:%S%.3f"), line());
        state.story.push(line);
    }

    pub(crate) fn story(&self) -> Vec<String> {
        self.state().story.clone()
    }

    /// No more faults from here on.
    pub(crate) fn calm(&self) {
        let mut state = self.state();
        state.quiet = true;
        state.silent.clear();
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.state().quiet
    }

    pub(crate) fn silence(&self, boot: Boot, until: Timestamp) {
        self.state().silent.insert(boot, until);
    }

    pub(crate) fn is_silent(&self, boot: Boot) -> bool {
        let state = self.state();
        state.silent.get(&boot).is_some_and(|until| state.now < *until)
    }

    pub(crate) fn kill(&self, boot: Boot) {
        self.state().dead.insert(boot);
    }

    pub(crate) fn is_dead(&self, boot: Boot) -> bool {
        self.state().dead.contains(&boot)
    }

    /// Lets every task that waits look again.
    pub(crate) async fn turn(&self) {
        let wakers = {
            let mut state = self.state();
            state.turn += 1;
            std::mem::take(&mut state.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }

    /// An await of a system's work: goes on one turn later, or at `until`, and not while its process is silent.
    pub(crate) async fn wait(&self, boot: Boot, until: Option<Timestamp>) {
        let begun = self.state().turn;
        std::future::poll_fn(|cx| {
            let silent = self.is_silent(boot) || self.is_dead(boot);
            let mut state = self.state();
            if !silent && state.turn > begun && until.is_none_or(|until| state.now >= until) {
                return Poll::Ready(());
            }
            state.wakers.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// One fenced transaction of the destination. False: a newer fence has written.
    pub(crate) fn write(&self, partition: PartitionId, fence: Fence, unit: i64) -> bool {
        let mut state = self.state();
        let written = state.destination.entry(partition).or_default();
        if fence.0 < written.fence {
            written.refused += 1;
            return false;
        }
        written.fence = fence.0;
        written.units.insert(unit);
        true
    }

    pub(crate) fn written(&self, partition: PartitionId) -> Written {
        self.state().destination.get(&partition).cloned().unwrap_or_default()
    }
}
