//! Which runs a worker has its hands in, so that their systems hear of the beginning and the end.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use model::id::RunId;
use model::run::Run;
use model::state::RunState;

/// After this long without a partition of a run that goes on elsewhere, what was kept for it may go.
const IDLE: SignedDuration = SignedDuration::from_secs(60);

#[derive(Default)]
pub(crate) struct KnownRuns {
    known: BTreeMap<RunId, Known>,
    ended: Vec<Run>,
}

struct Known {
    /// Partitions in hand.
    held: usize,
    idle_since: Option<Timestamp>,
    /// Its system was told that it was left; it stays known so that its start is not told twice.
    left: bool,
}

impl KnownRuns {
    /// A partition of the run was claimed. True when this process never saw the run before.
    pub(crate) fn take_up(&mut self, run: &Run) -> bool {
        let first = !self.known.contains_key(&run.id);
        let known = self.known.entry(run.id).or_insert(Known { held: 0, idle_since: None, left: false });
        known.held += 1;
        known.idle_since = None;
        known.left = false;
        first
    }

    /// A partition of the run left this process's hands.
    pub(crate) fn put_down(&mut self, run: RunId, now: Timestamp) {
        if let Some(known) = self.known.get_mut(&run) {
            known.held = known.held.saturating_sub(1);
            if known.held == 0 {
                known.idle_since = Some(now);
            }
        }
    }

    /// These runs ended by what this process wrote.
    pub(crate) fn note_ended(&mut self, runs: Vec<Run>) {
        for run in runs {
            if self.known.get(&run.id).is_some_and(|known| known.held == 0)
                && self.known.remove(&run.id).is_some_and(|known| !known.left)
            {
                self.ended.push(run);
            }
        }
    }

    /// Runs that ended and are to be left now.
    pub(crate) fn take_ended(&mut self) -> Vec<Run> {
        std::mem::take(&mut self.ended)
    }

    /// Runs without a partition in hand whose state must be looked at.
    pub(crate) fn idle(&self) -> Vec<RunId> {
        self.known.iter().filter(|(_, known)| known.held == 0).map(|(id, _)| *id).collect()
    }

    /// The run as it stands (`None`: forgotten). Answers it when it is to be left.
    pub(crate) fn look_at(&mut self, id: RunId, run: Option<Run>, now: Timestamp) -> Option<Run> {
        let known = self.known.get_mut(&id).filter(|known| known.held == 0)?;
        let Some(run) = run else {
            self.known.remove(&id);
            return None;
        };
        let gave_up = known.idle_since.is_some_and(|since| now.duration_since(since) >= IDLE);
        let leave = (run.state.is_end() || run.state == RunState::Paused || gave_up) && !known.left;
        known.left |= leave;
        if run.state.is_end() {
            self.known.remove(&id);
        }
        leave.then_some(run)
    }
}
