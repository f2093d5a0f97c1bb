//! How far a run has come and when it will end, from finished work only. The arithmetic is `model`'s.

use jiff::Timestamp;
use model::partition::Partition;
use model::progress::{Ended, done_at_mean, fraction, percent};
use model::run::Run;
use model::state::{PartitionState, RunState};

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Progress {
    /// One decimal; below 100 until every partition has an outcome.
    pub(crate) percent: f64,
    /// `None` until one partition has ended, unless it is running, and after the end.
    pub(crate) estimated_end_at: Option<Timestamp>,
}

impl Progress {
    /// `current` is the partition now being done, when it was read; its finished units count as a part of it.
    pub(crate) fn of(run: &Run, current: Option<&Partition>, now: Timestamp) -> Self {
        let under_way = current
            .filter(|partition| partition.state == PartitionState::Running && !run.state.is_end())
            .map_or(0.0, |partition| fraction(partition.units.done, partition.units.total));
        let finished = run.partitions_finished();
        let through = run.state.is_end() && finished >= run.partitions_total;
        let ended = if through { Ended::Yes } else { Ended::No };
        Self {
            percent: percent(finished, under_way, run.partitions_total, 0.0, ended),
            estimated_end_at: estimate(run, now),
        }
    }
}

/// Skipped partitions cost next to nothing: they are no measure of the time the others take.
fn estimate(run: &Run, now: Timestamp) -> Option<Timestamp> {
    if run.state != RunState::Running {
        return None;
    }
    let worked = run.partitions_succeeded + run.partitions_failed;
    let left = run.partitions_total - run.partitions_finished();
    done_at_mean(worked, left, now.duration_since(run.started_at?), now)
}
