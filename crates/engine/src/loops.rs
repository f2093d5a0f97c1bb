//! The only file that sleeps and reads the clock: drives the ticks, with rings to be quick and polls to be sure.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use model::limits;
use store::{Keep, Store, StoreError};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::context::Clock;
use crate::verbs::Engine;
use crate::worker::{Worker, WorkerSpec};
use crate::{keep, measure, reap, scheduler, settle};

/// How often old rows are looked for.
const KEEP_EVERY: Duration = Duration::from_secs(600);

/// How often the database's clock is compared with ours.
const CLOCK_EVERY: Duration = Duration::from_secs(60);

/// Outcomes are gathered this long for one transaction while more come in.
const GATHER_MAX: Duration = Duration::from_millis(50);

/// A loop whose store failed waits this long, doubling up to [`BACKOFF_MAX`].
const BACKOFF: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// The clock of all nodes of one database: this machine's, corrected by what the database's is ahead. Leases and
/// due times are compared with rows, so all nodes must mean the same time.
#[derive(Clone, Debug, Default)]
pub struct Wall {
    ahead_ms: Arc<AtomicI64>,
}

impl Wall {
    /// The clock, for [`Engine::new`].
    #[must_use]
    pub fn clock(&self) -> Clock {
        let ahead = Arc::clone(&self.ahead_ms);
        Arc::new(move || machine_time() + SignedDuration::from_millis(ahead.load(Ordering::Relaxed)))
    }

    /// Compares with the database's clock.
    ///
    /// # Errors
    /// The store failed; the correction stays as it was.
    pub async fn set_by(&self, store: &Store) -> Result<(), StoreError> {
        let ahead = store.clock_offset(machine_time()).await?;
        let ahead_ms = i64::try_from(ahead.as_millis()).unwrap_or(0);
        self.ahead_ms.store(ahead_ms, Ordering::Relaxed);
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

/// What this process does.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Acts on schedules and forgets what is old.
    pub scheduler: Option<Keep>,
    /// Does partitions.
    pub worker: Option<WorkerSpec>,
}

/// How to end. The first asks, the second does not wait.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// Stop claiming, let work reach its next safe point, hand it back.
    pub graceful: CancellationToken,
    /// Drop what is being done, now. Leases of what could not be handed back run out.
    pub now: CancellationToken,
}

/// Runs the roles until shutdown; returns when all work is handed back or the time for that is over.
///
/// # Errors
/// The store failed while systems and schedules were made known, before anything ran.
pub async fn run(
    engine: Engine,
    roles: Roles,
    wall: Wall,
    mut rng: fastrand::Rng,
    shutdown: Shutdown,
) -> Result<(), StoreError> {
    wall.set_by(engine.store()).await?;
    engine.register(engine.now()).await?;
    let ended = Arc::new(Notify::new());
    let mut loops = JoinSet::new();
    let node = |rng: &mut fastrand::Rng| Node {
        engine: engine.clone(),
        shutdown: shutdown.clone(),
        rng: rng.fork(),
        failures: 0,
    };
    loops.spawn(clock_loop(node(&mut rng), wall));
    if let Some(keep) = roles.scheduler {
        loops.spawn(schedule_loop(node(&mut rng)));
        loops.spawn(keep_loop(node(&mut rng), keep));
    }
    if roles.scheduler.is_some() || roles.worker.is_some() {
        loops.spawn(reap_loop(node(&mut rng)));
        loops.spawn(settle_loop(node(&mut rng), Arc::clone(&ended)));
    }
    if let Some(spec) = roles.worker {
        let given_back = engine.store().release_former(reap::words(&engine), engine.now()).await?;
        if given_back > 0 {
            tracing::info!(partitions = given_back, "work of a former start was taken back and goes on");
        }
        let worker = Arc::new(Worker::new(engine.clone(), spec, rng.fork()));
        let finished = CancellationToken::new();
        loops.spawn(beat_loop(node(&mut rng), Arc::clone(&worker), finished.clone()));
        loops.spawn(work_loop(node(&mut rng), worker, ended, finished));
    }
    while let Some(ended) = loops.join_next().await {
        if let Err(panic) = ended {
            tracing::error!("a loop of the engine died, shutting down: {panic}");
            shutdown.graceful.cancel();
        }
    }
    Ok(())
}

/// What every loop has.
struct Node {
    engine: Engine,
    shutdown: Shutdown,
    rng: fastrand::Rng,
    failures: u32,
}

impl Node {
    fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// A quarter of jitter, so that nodes do not poll in step.
    fn jittered(&mut self, pause: Duration) -> Duration {
        pause.mul_f64(0.75 + 0.25 * self.rng.f64())
    }

    /// Until `next` or one poll, whichever is sooner.
    fn until(&mut self, next: Option<Timestamp>) -> Duration {
        let poll = self.jittered(limits::POLL);
        let due = next.map(|at| Duration::try_from(at.duration_since(self.now())).unwrap_or_default());
        due.map_or(poll, |due| due.min(poll))
    }

    /// Takes the result of a tick: its value, or after a failure the pause to take. An outage is said once.
    fn check<T>(&mut self, tried: &'static str, result: Result<T, StoreError>) -> Result<T, Duration> {
        match result {
            Ok(value) => {
                if self.failures > 0 {
                    tracing::info!("{tried}: the state store answers again");
                }
                self.failures = 0;
                Ok(value)
            }
            Err(e) => {
                measure::store_failed(tried);
                if self.failures == 0 {
                    tracing::error!("{tried} failed, trying again: {e}");
                }
                self.failures = self.failures.saturating_add(1);
                let pause = BACKOFF.saturating_mul(1 << self.failures.min(10)).min(BACKOFF_MAX);
                Err(self.jittered(pause))
            }
        }
    }
}

/// Waits. True when the loop shall end.
async fn rest(pause: Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        biased;
        () = shutdown.cancelled() => true,
        () = sleep(pause) => false,
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where loops sleep")]
pub(crate) async fn sleep(pause: Duration) {
    tokio::time::sleep(pause).await;
}

async fn clock_loop(mut node: Node, wall: Wall) {
    let mut pause = CLOCK_EVERY;
    while !rest(pause, &node.shutdown.graceful).await {
        let set = wall.set_by(node.engine.store()).await;
        pause = node.check("comparing clocks", set).err().unwrap_or(CLOCK_EVERY);
    }
}

async fn schedule_loop(mut node: Node) {
    let mut changed = node.engine.rings().schedules;
    loop {
        changed.borrow_and_update();
        let ticked = scheduler::tick(&node.engine, node.now()).await;
        let pause = match node.check("acting on schedules", ticked) {
            Ok(next) => node.until(next),
            Err(pause) => pause,
        };
        tokio::select! {
            end = rest(pause, &node.shutdown.graceful) => if end { return },
            Ok(()) = changed.changed() => {}
        }
    }
}

async fn reap_loop(mut node: Node) {
    loop {
        let reaped = reap::tick(&node.engine, node.now()).await;
        let pause = match node.check("taking back lost work", reaped) {
            Ok(next) => node.until(next),
            Err(pause) => pause,
        };
        if rest(pause, &node.shutdown.graceful).await {
            return;
        }
    }
}

async fn settle_loop(mut node: Node, ended: Arc<Notify>) {
    loop {
        let settled = settle::tick(&node.engine, node.now()).await;
        let pause = match node.check("following up", settled) {
            Ok(0) => node.jittered(limits::POLL),
            Ok(_) => Duration::ZERO,
            Err(pause) => pause,
        };
        tokio::select! {
            end = rest(pause, &node.shutdown.graceful) => if end { return },
            () = ended.notified() => {}
        }
    }
}

async fn keep_loop(mut node: Node, keep: Keep) {
    loop {
        let kept = keep::tick(&node.engine, keep, node.now()).await;
        let pause = match node.check("forgetting what is old", kept) {
            Ok(0) => node.jittered(KEEP_EVERY),
            Ok(_) => Duration::ZERO,
            Err(pause) => pause,
        };
        if rest(pause, &node.shutdown.graceful).await {
            return;
        }
    }
}

async fn beat_loop(mut node: Node, worker: Arc<Worker>, finished: CancellationToken) {
    let mut controls = node.engine.controls();
    loop {
        let beaten = worker.beat(node.now()).await;
        let pause = node
            .check("renewing leases", beaten)
            .map_or_else(|pause| pause.min(limits::BEAT), |()| limits::BEAT);
        tokio::select! {
            end = rest(pause, &finished) => if end { return },
            Ok(()) = controls.changed() => {}
        }
        worker.enforce(node.now());
    }
}

async fn work_loop(mut node: Node, worker: Arc<Worker>, ended: Arc<Notify>, finished: CancellationToken) {
    let mut ready = node.engine.rings().work;
    while !node.shutdown.graceful.is_cancelled() {
        ready.borrow_and_update();
        gather(&worker).await;
        let stepped = worker.step(node.now()).await;
        let (pause, free) = match node.check("working", stepped) {
            Ok(step) => {
                if step.runs_ended > 0 {
                    ended.notify_one();
                }
                (node.jittered(limits::POLL), worker.free() > 0)
            }
            Err(pause) => (pause, false),
        };
        let failing = node.failures > 0;
        tokio::select! {
            biased;
            end = rest(pause, &node.shutdown.graceful) => if end { break },
            () = worker.outcome(), if !failing => {}
            Ok(()) = ready.changed(), if free => {}
        }
    }
    hand_back(node, &worker).await;
    finished.cancel();
}

/// Lets outcomes come in for one transaction: as long as more come in, and never when all are here.
async fn gather(worker: &Worker) {
    let began = Instant::now();
    let mut before = worker.outcomes();
    while before > 0 && before < worker.held().min(limits::FINISH_BATCH_MAX) && began.elapsed() < GATHER_MAX {
        tokio::task::yield_now().await;
        if worker.outcomes() == before {
            sleep(Duration::from_millis(1)).await;
        }
        let here = worker.outcomes();
        if here == before {
            return;
        }
        before = here;
    }
}

/// The graceful end: work stops at its safe points, goes back uncounted, within [`limits::SHUTDOWN`].
async fn hand_back(mut node: Node, worker: &Worker) {
    worker.close(node.now());
    let began = Instant::now();
    while worker.held() > 0 && began.elapsed() < limits::SHUTDOWN {
        if node.shutdown.now.is_cancelled() {
            worker.drop_all(node.now());
        }
        let stepped = worker.step(node.now()).await;
        let pause = node.check("handing work back", stepped).err().unwrap_or(limits::BEAT);
        if worker.held() == 0 || (node.failures > 0 && node.shutdown.now.is_cancelled()) {
            break;
        }
        tokio::select! {
            () = sleep(pause) => {}
            () = worker.outcome() => {}
            () = node.shutdown.now.cancelled(), if !node.shutdown.now.is_cancelled() => {}
        }
    }
    if worker.held() > 0 {
        tracing::warn!(partitions = worker.held(), "not all work could be handed back; others take it up");
    }
    if let Err(e) = worker.beat(node.now()).await {
        tracing::warn!("the last lines of the log could not be stored: {e}");
    }
}
