//! The worker: claims partitions, has them done, hands them back. Steps and beats are functions of `now`.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use model::id::{Fence, PartitionId};
use model::limits;
use model::run::Run;
use model::state::Control;
use store::{Beat, Claimed, Finish, RunEffect, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::context::{Context, Stop, bounded};
use crate::hold::{Hold, Pen, locked};
use crate::known_runs::KnownRuns;
use crate::measure;
use crate::outcome::{self, How, Verdict};
use crate::system::{System, Work};
use crate::verbs::Engine;

/// Taken off a lease's end: clocks of two machines and a slow reply may differ by this much.
const LEASE_MARGIN: Duration = Duration::from_secs(3);

/// Who works, and on how much at once.
#[derive(Clone, Debug)]
pub struct WorkerSpec {
    /// `host-pid`; with a boot's own suffix where several workers share a process.
    pub holder: String,
    /// Partitions worked on at once.
    pub slots: usize,
}

/// See the module.
pub struct Worker {
    engine: Engine,
    spec: WorkerSpec,
    systems: Vec<String>,
    pen: Pen,
    /// Held by whoever has lines on their way to the store: the next to write waits until they are in it.
    writing: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    done: Arc<Done>,
}

/// One acquisition of a partition. A worker that stalled may hold the same partition twice, the first in vain.
type Claim = (PartitionId, Fence);

#[derive(Default)]
struct State {
    held: BTreeMap<Claim, Hand>,
    /// Outcomes decided and not yet accepted by the store.
    finishing: Vec<Finish>,
    runs: KnownRuns,
    closing: bool,
    rng: Option<fastrand::Rng>,
}

/// A partition being done.
struct Hand {
    hold: Arc<Hold>,
    work: Arc<Work>,
    system: Arc<dyn System>,
    drop_now: CancellationToken,
    /// Its outcome waits for the store: a missing answer to a beat means nothing any more.
    finishing: bool,
}

/// Where tasks put how they went.
#[derive(Default)]
struct Done {
    ended: Mutex<Vec<(Claim, How)>>,
    ring: Notify,
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Partitions claimed.
    pub claimed: usize,
    /// Outcomes written.
    pub finished: usize,
    /// Runs ended with them: their follow-ups are due.
    pub runs_ended: usize,
}

impl Worker {
    /// A worker that holds nothing. `rng` gives the jitter of retries.
    #[must_use]
    pub fn new(engine: Engine, spec: WorkerSpec, rng: fastrand::Rng) -> Self {
        let systems = engine.systems().iter().map(|system| system.name().to_owned()).collect();
        let state = Mutex::new(State { rng: Some(rng), ..State::default() });
        let writing = tokio::sync::Mutex::default();
        Self { engine, spec, systems, pen: Pen::default(), writing, state, done: Arc::default() }
    }

    /// One step: outcomes back, then as many claims as there are free slots. What the store did not take stays for
    /// the next step.
    ///
    /// # Errors
    /// The store failed; nothing is lost, call again.
    pub async fn step(&self, now: Timestamp) -> Result<Step, StoreError> {
        self.enforce(now);
        self.collect(now);
        let mut step = Step::default();
        (step.finished, step.runs_ended) = self.finish(now).await?;
        step.claimed = self.claim(now).await?;
        self.leave_ended().await;
        self.engine.polled("worker", now);
        measure::held(self.held());
        Ok(step)
    }

    /// Renews every lease, stores progress and log, hears what is asked of the holder.
    ///
    /// # Errors
    /// The store failed: the leases stand until their local deadline.
    pub async fn beat(&self, now: Timestamp) -> Result<(), StoreError> {
        self.enforce(now);
        self.write_log().await?;
        let beats: Vec<Beat> = locked(&self.state).held.values().map(|hand| beat_of(&hand.hold)).collect();
        if !beats.is_empty() {
            let sent: Vec<Claim> = beats.iter().map(|beat| (beat.partition, beat.fence)).collect();
            let answers = self.engine.store().beat(beats, limits::LEASE, now).await?;
            let answers: BTreeMap<_, _> = answers.into_iter().map(|a| (a.partition, a.control)).collect();
            self.hear(&sent, &answers, now);
        }
        self.leave_runs(now).await
    }

    /// Drops what did not stop in time and gives up what may be somebody else's. Needs no store.
    pub fn enforce(&self, now: Timestamp) {
        let state = locked(&self.state);
        for hand in state.held.values() {
            if now >= hand.hold.deadline() {
                hand.hold.ask_stop(Stop::LostLease, now);
            }
            let Some((stop, since)) = hand.hold.stop_since() else { continue };
            let grace = if stop == Stop::LostLease { Duration::ZERO } else { limits::STOP_GRACE };
            if now >= since + signed(grace) {
                hand.drop_now.cancel();
            }
        }
    }

    /// Claims no more and asks all work to stop at its next safe point.
    pub fn close(&self, now: Timestamp) {
        let mut state = locked(&self.state);
        state.closing = true;
        for hand in state.held.values() {
            hand.hold.ask_stop(Stop::Shutdown, now);
        }
    }

    /// Drops all work at its next await, without grace.
    pub fn drop_all(&self, now: Timestamp) {
        self.close(now);
        for hand in locked(&self.state).held.values() {
            hand.drop_now.cancel();
        }
    }

    /// Partitions in hand, those included whose outcome waits for the store.
    pub fn held(&self) -> usize {
        locked(&self.state).held.len()
    }

    /// What it holds, as it believes: each partition with the fence of its claim.
    pub fn holding(&self) -> Vec<(PartitionId, Fence)> {
        locked(&self.state).held.keys().copied().collect()
    }

    /// Outcomes that wait for the next step.
    pub fn outcomes(&self) -> usize {
        locked(&self.done.ended).len() + locked(&self.state).finishing.len()
    }

    /// Resolves when an outcome came in since the last call.
    pub async fn outcome(&self) {
        self.done.ring.notified().await;
    }

    /// Slots without a partition.
    pub fn free(&self) -> usize {
        self.spec.slots.saturating_sub(self.held())
    }

    /// Takes what tasks left and decides it.
    fn collect(&self, now: Timestamp) {
        let ended = std::mem::take(&mut *locked(&self.done.ended));
        let mut state = locked(&self.state);
        for (claim, how) in ended {
            let jitter = state.rng.as_mut().map_or(0.0, fastrand::Rng::f64);
            let Some(hand) = state.held.get_mut(&claim) else { continue };
            match verdict(&self.engine, hand, how, jitter, now) {
                Some(finish) => {
                    hand.finishing = true;
                    state.finishing.push(finish);
                }
                None => {
                    measure::lease_lost(hand.work.run.sync.as_str());
                    let hand = state.held.remove(&claim);
                    if let Some(hand) = hand {
                        state.runs.put_down(hand.hold.run, now);
                    }
                }
            }
        }
    }

    /// Writes what was decided, in batches.
    async fn finish(&self, now: Timestamp) -> Result<(usize, usize), StoreError> {
        let (mut finished, mut runs_ended) = (0, 0);
        loop {
            let batch: Vec<Finish> = {
                let state = locked(&self.state);
                state.finishing.iter().take(limits::FINISH_BATCH_MAX).cloned().collect()
            };
            if batch.is_empty() {
                return Ok((finished, runs_ended));
            }
            let began = self.engine.now();
            // Lines first, those a beat is just writing too: who sees the end must find the log complete.
            self.write_log().await?;
            let count = batch.len();
            let settled = self.engine.store().finish(batch, now).await?;
            measure::finished(since(began, self.engine.now()), count);
            finished += count;
            runs_ended += settled.ended.len();
            settled.ended.iter().for_each(measure::run_ended);
            let mut state = locked(&self.state);
            let done: Vec<Finish> = state.finishing.drain(..count).collect();
            for (finish, answer) in done.iter().zip(accepted(&done, &settled.answers)) {
                if let Some(hand) = state.held.remove(&(finish.partition, finish.fence)) {
                    state.runs.put_down(hand.hold.run, now);
                    if !answer {
                        measure::lease_lost(hand.work.run.sync.as_str());
                    }
                }
            }
            state.runs.note_ended(settled.ended);
        }
    }

    async fn claim(&self, now: Timestamp) -> Result<usize, StoreError> {
        let free = if locked(&self.state).closing { 0 } else { self.free() };
        if free == 0 {
            return Ok(0);
        }
        let limit = u32::try_from(free).unwrap_or(u32::MAX);
        let began = self.engine.now();
        let store = self.engine.store();
        let claimed = store.claim(&self.spec.holder, &self.systems, limit, limits::LEASE, now).await?;
        measure::claimed(since(began, self.engine.now()));
        let count = claimed.len();
        for claimed in claimed {
            self.take_up(claimed, now);
        }
        Ok(count)
    }

    fn take_up(&self, claimed: Claimed, now: Timestamp) {
        let Some(system) = self.engine.systems().iter().find(|s| s.name() == claimed.run.sync.system())
        else {
            // Only systems of ours are claimed for; without one the lease runs out and another takes it.
            return;
        };
        // From the time the claim was sent: the database's lease cannot be younger.
        let deadline = now + signed(limits::LEASE - LEASE_MARGIN);
        let hold = Arc::new(Hold::new(self.engine.clone(), &claimed, self.pen.clone(), deadline));
        let work = Arc::new(Work { partition: claimed.partition, run: claimed.run });
        let hand = Hand {
            hold: Arc::clone(&hold),
            work: Arc::clone(&work),
            system: Arc::clone(system),
            drop_now: CancellationToken::new(),
            finishing: false,
        };
        let first_seen = {
            let mut state = locked(&self.state);
            if state.closing {
                hold.ask_stop(Stop::Shutdown, now);
            }
            state.runs.take_up(&work.run)
        };
        if first_seen {
            system.run_started(&work.run);
        }
        let (id, drop_now) = ((work.partition.id, work.partition.fence), hand.drop_now.clone());
        let span = tracing::info_span!("partition", run.id = work.run.id.0, partition.id = id.0.0, sync = %work.run.sync);
        let task = run_partition(Arc::clone(system), work, hold, drop_now);
        let done = Arc::clone(&self.done);
        locked(&self.state).held.insert(id, hand);
        tokio::spawn(
            async move {
                let how = task.await;
                locked(&done.ended).push((id, how));
                done.ring.notify_one();
            }
            .instrument(span),
        );
    }

    fn hear(&self, sent: &[Claim], answers: &BTreeMap<PartitionId, Control>, now: Timestamp) {
        let state = locked(&self.state);
        let deadline = now + signed(limits::LEASE - LEASE_MARGIN);
        for hand in sent.iter().filter_map(|id| state.held.get(id)) {
            match answers.get(&hand.hold.partition) {
                Some(control) => {
                    hand.hold.renew(deadline);
                    match control {
                        Control::None => {}
                        Control::Pause => hand.hold.ask_stop(Stop::Pause, now),
                        Control::Cancel => hand.hold.ask_stop(Stop::Cancel, now),
                    }
                }
                None if hand.finishing => {}
                None => {
                    hand.hold.ask_stop(Stop::LostLease, now);
                    hand.drop_now.cancel();
                }
            }
        }
    }

    async fn write_log(&self) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let lines = self.pen.take();
        if lines.is_empty() {
            return Ok(());
        }
        let kept = lines.clone();
        self.engine.store().append_log(lines).await.inspect_err(|_| self.pen.put_back(kept))
    }

    /// Tells systems of runs that ended in the last step.
    async fn leave_ended(&self) {
        let left = locked(&self.state).runs.take_ended();
        for run in left {
            self.left(&run).await;
        }
    }

    /// Tells systems of runs that ended elsewhere, paused, or that others go on with.
    async fn leave_runs(&self, now: Timestamp) -> Result<(), StoreError> {
        let idle = locked(&self.state).runs.idle();
        for id in idle {
            let run = self.engine.read().run(id).await?;
            let left = locked(&self.state).runs.look_at(id, run, now);
            if let Some(run) = left {
                self.left(&run).await;
            }
        }
        Ok(())
    }

    async fn left(&self, run: &Run) {
        if let Some(system) = self.engine.systems().iter().find(|s| s.name() == run.sync.system()) {
            system.run_left(run).await;
        }
    }
}

/// Without its worker nobody renews or finishes what it holds: the work ends at its next await.
impl Drop for Worker {
    fn drop(&mut self) {
        for hand in locked(&self.state).held.values() {
            hand.drop_now.cancel();
        }
    }
}

/// Does one partition; a panic is an outcome, a drop too.
async fn run_partition(
    system: Arc<dyn System>,
    work: Arc<Work>,
    hold: Arc<Hold>,
    drop_now: CancellationToken,
) -> How {
    let ctx = Context { hold };
    let sync = AssertUnwindSafe(async { system.sync(&work, &ctx).await }).catch_unwind();
    tokio::select! {
        biased;
        () = drop_now.cancelled() => How::Dropped,
        result = sync => match result {
            Ok(result) => How::Returned(result),
            Err(panic) => How::Panicked(outcome::panic_words(panic.as_ref())),
        },
    }
}

fn verdict(engine: &Engine, hand: &Hand, how: How, jitter: f64, now: Timestamp) -> Option<Finish> {
    let sync = &hand.work.run.sync;
    let retry = engine.sync(sync).map_or(model::policy::Retry::ONCE, |(_, policy)| policy.retry);
    let verdict =
        outcome::decide(hand.system.as_ref(), &hand.work, (how, hand.hold.stop()), (&retry, jitter), now)?;
    measure::partition_ended(sync.as_str(), verdict.word());
    let told = hand.hold.told();
    let Verdict { end, counts, message, ledger, run } = verdict;
    let run = match (run, told.run_message) {
        (RunEffect::None, Some(words)) => RunEffect::Say(words),
        (effect, _) => effect,
    };
    Some(Finish {
        partition: hand.hold.partition,
        fence: hand.hold.fence,
        end,
        units: told.units,
        counts: told.counts + counts,
        message: message.map(bounded).or(told.message),
        ledger,
        run,
    })
}

fn beat_of(hold: &Hold) -> Beat {
    let told = hold.told();
    Beat {
        partition: hold.partition,
        fence: hold.fence,
        units: told.units,
        counts: told.counts,
        message: told.message,
        run_message: told.run_message,
    }
}

/// Per finish whether it was accepted; an answer that is missing counts as refused.
fn accepted<'a>(
    finishes: &'a [Finish],
    answers: &'a [store::FinishAnswer],
) -> impl Iterator<Item = bool> + 'a {
    let answers: BTreeMap<_, _> = answers.iter().map(|a| (a.partition, a.accepted)).collect();
    finishes.iter().map(move |finish| answers.get(&finish.partition).copied().unwrap_or(false))
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).expect("limits are short")
}

fn since(began: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(began)).unwrap_or_default()
}
