//! What all connections share, and accepting them.
//!
//! Nothing here waits by sleeping: a wait is a limit on waiting for the shutdown, so a simulator with ten
//! seconds of latency stops at once.

use std::{
    collections::BTreeMap,
    num::NonZeroU64,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::civil::Date;
use serde::Serialize;
use tokio::{net::TcpListener, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    connection::Connection,
    faults::{Armed, Faults},
    market::Market,
};

/// What came in since the start, or since the counts were last set to zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests with a sound header and checksum, by type.
    pub requests: BTreeMap<String, u64>,
    /// Connections accepted.
    pub connections: u64,
    /// The most connections open at one time.
    pub max_concurrent: u64,
}

/// What all connections and the control address share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) market: Arc<Market>,
    pub(super) stop: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    armed: Armed,
    published_until: Option<Date>,
    stats: Stats,
    open: u64,
    logins: u64,
}

impl Shared {
    pub(super) fn new(market: Market, published_until: Option<Date>, faults: Faults) -> Self {
        let state = Mutex::new(State { armed: Armed::new(faults), published_until, ..State::default() });
        Self { market: Arc::new(market), stop: CancellationToken::new(), state }
    }

    /// The state is never left half changed, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn faults(&self) -> Arc<Faults> {
        self.state().armed.faults()
    }

    /// Puts the switches in force and counts requests from the start again.
    pub(super) fn arm(&self, faults: Faults) {
        self.state().armed = Armed::new(faults);
    }

    pub(super) fn published_until(&self) -> Option<Date> {
        self.state().published_until
    }

    pub(super) fn publish_until(&self, last: Option<Date>) {
        self.state().published_until = last;
    }

    pub(super) fn stats(&self) -> Stats {
        self.state().stats.clone()
    }

    pub(super) fn reset_stats(&self) {
        let mut state = self.state();
        state.stats = Stats { max_concurrent: state.open, ..Stats::default() };
    }

    /// Counts a connection as open.
    pub(super) fn enter(&self) {
        let mut state = self.state();
        state.open += 1;
        state.stats.connections += 1;
        state.stats.max_concurrent = state.stats.max_concurrent.max(state.open);
    }

    /// Counts a connection as closed.
    pub(super) fn leave(&self) {
        self.state().open -= 1;
    }

    /// Counts a request of any kind: the switches in force, and its number since they were set.
    pub(super) fn next_request(&self) -> (Arc<Faults>, u64) {
        self.state().armed.next()
    }

    /// Counts a sound request.
    pub(super) fn count(&self, kind: &str) {
        let mut state = self.state();
        match state.stats.requests.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(state.stats.requests.insert(kind.to_owned(), 1)),
        }
    }

    /// Counts a login as live, unless as many as `most` are.
    pub(super) fn log_in(&self, most: Option<NonZeroU64>) -> bool {
        let mut state = self.state();
        let room = most.is_none_or(|most| state.logins < most.get());
        state.logins += u64::from(room);
        room
    }

    /// Counts a login as over.
    pub(super) fn log_out(&self) {
        self.state().logins -= 1;
    }

    /// Waits, unless the simulator stops first.
    pub(super) async fn wait(&self, time: Duration) {
        if !time.is_zero() {
            let stopped = timeout(time, self.stop.cancelled()).await;
            drop(stopped);
        }
    }
}

/// Accepts connections until the simulator stops.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>, tasks: TaskTracker) {
    let stop = shared.stop.clone();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        // A failure concerns the one connection that could not be accepted.
        let Ok((stream, _)) = accepted else { continue };
        let (shared, stop) = (Arc::clone(&shared), stop.clone());
        tasks.spawn(async move { stop.run_until_cancelled(Connection::serve(shared, stream)).await });
    }
}
