//! The loops: when they look, what wakes them, how they bear a failing store, and their end.
//!
//! Time stands still while anybody works and jumps to the next thing awaited when all wait, so the instants below are
//! exact and no test takes as long as it tells of.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::loops::{self, Roles, Shutdown, Wall};
use engine::worker::WorkerSpec;
use engine::{Engine, Outcome};
use jiff::{SignedDuration, Timestamp};
use model::fault::Fault;
use model::limits::{POLL, SHUTDOWN, STOP_GRACE};
use model::state::{PartitionState, RunState};
use store::{Keep, Probe, ProbeAnswer, Store, StoreError};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::bed::{Model, done, partitions, run, start};

/// Everything a node asked its store for, with the time since its start; and whether the store is away.
struct Told {
    began: Instant,
    asked: Mutex<Vec<(Duration, &'static str)>>,
    away: Mutex<bool>,
}

impl Probe for Told {
    fn before(&self, tried: &'static str) -> ProbeAnswer {
        self.asked.lock().unwrap().push((self.began.elapsed(), tried));
        if *self.away.lock().unwrap() { ProbeAnswer::Fail } else { ProbeAnswer::Go }
    }

    fn after(&self, _: &'static str) -> ProbeAnswer {
        ProbeAnswer::Go
    }
}

impl Told {
    /// When this was tried, from one time to another.
    fn times(&self, tried: &str, from: Duration, to: Duration) -> Vec<Duration> {
        let asked = self.asked.lock().unwrap();
        let within = asked.iter().filter(|(at, what)| *what == tried && (from..to).contains(at));
        within.map(|(at, _)| *at).collect()
    }

    fn set_away(&self, away: bool) {
        *self.away.lock().unwrap() = away;
    }
}

/// A process with all roles.
struct Node {
    /// The same state over a store that is never away: another process.
    other: Engine,
    told: Arc<Told>,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), StoreError>>,
}

impl Node {
    async fn start(model: Model) -> Self {
        let began = Instant::now();
        let begin: Timestamp = "2025-10-09T00:00:00Z".parse().unwrap();
        let clock = Arc::new(move || begin + SignedDuration::try_from(began.elapsed()).unwrap());
        let told = Arc::new(Told { began, asked: Mutex::default(), away: Mutex::new(false) });
        let store = Store::sqlite(":memory:".as_ref()).await.unwrap();
        let model = Arc::new(model);
        let other = Engine::new(store.clone(), vec![model.clone()], clock.clone());
        let engine = Engine::new(store.with_probe(told.clone()), vec![model], clock);
        let keep = Keep { runs: 86_400 * SECOND, events: 86_400 * SECOND };
        let worker = WorkerSpec { holder: "host-1".to_owned(), slots: 4 };
        let roles = Roles { scheduler: Some(keep), worker: Some(worker) };
        let shutdown = Shutdown::default();
        let (rng, wall) = (fastrand::Rng::with_seed(7), Wall::default());
        let running = tokio::spawn(loops::run(engine, roles, wall, rng, shutdown.clone()));
        Self { other, told, shutdown, running }
    }

    /// How long the loops took to end, from now.
    async fn end(self) -> Duration {
        let began = Instant::now();
        self.running.await.unwrap().unwrap();
        began.elapsed()
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// Lets time go by.
async fn pass(time: Duration) {
    timeout(time, std::future::pending::<()>()).await.unwrap_err();
}

fn gaps(times: &[Duration]) -> Vec<Duration> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

fn nothing() -> Model {
    Model::doing(|_, _| async { done() })
}

#[tokio::test(start_paused = true)]
async fn an_idle_node_looks_about_once_a_second_and_not_in_step() {
    let node = Node::start(nothing()).await;
    pass(1_300 * SECOND).await;
    for tried in
        ["claiming work", "looking for due schedules", "taking lost work back", "looking for follow-ups"]
    {
        let gaps = gaps(&node.told.times(tried, Duration::ZERO, 100 * SECOND));
        assert!((99..=134).contains(&gaps.len()), "{tried}: {} times", gaps.len());
        let in_bounds = |gap: &Duration| (POLL.mul_f64(0.75)..=POLL + SECOND / 100).contains(gap);
        assert!(gaps.iter().all(in_bounds), "{tried}: {gaps:?}");
        assert!(gaps.iter().max() > gaps.iter().min(), "{tried} never differs");
    }
    let clock = node.told.times("reading the database's clock", Duration::ZERO, 200 * SECOND);
    assert_eq!(clock.iter().map(Duration::as_secs).collect::<Vec<_>>(), [0, 60, 120, 180]);
    let kept = gaps(&node.told.times("forgetting what is old", Duration::ZERO, 1_300 * SECOND));
    assert!((2..=3).contains(&kept.len()), "{kept:?}");
}

#[tokio::test(start_paused = true)]
async fn a_schedule_is_acted_on_at_its_time_not_at_the_next_look() {
    let node = Node::start(Model { cron: Some("*/7 * * * * *"), ..nothing() }).await;
    pass(60 * SECOND).await;
    let acted = node.told.times("acting on a schedule", Duration::ZERO, 60 * SECOND);
    let late = |at: &Duration| at.as_secs_f64() - at.as_secs_f64().floor();
    assert_eq!(acted.iter().map(Duration::as_secs).collect::<Vec<_>>(), [7, 14, 21, 28, 35, 42, 49, 56]);
    assert!(acted.iter().all(|at| late(at) < 0.005), "{acted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_ring_wakes_the_worker_and_the_end_of_a_run_is_followed_up_at_once() {
    let node = Node::start(nothing()).await;
    pass(10 * SECOND).await;
    let asked_at = node.told.began.elapsed();
    let id = start(&node.other, 3).await;
    pass(SECOND / 100).await;
    assert_eq!(run(&node.other, id).await.state, RunState::Succeeded, "nothing had to be waited for");
    for tried in ["claiming work", "taking finished work back", "following up"] {
        let times = node.told.times(tried, asked_at, asked_at + SECOND / 100);
        assert!(!times.is_empty(), "{tried} waited for its next look");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_store_is_asked_ever_more_seldom_whatever_rings() {
    let node = Node::start(nothing()).await;
    pass(10 * SECOND).await;
    node.told.set_away(true);
    let from = node.told.began.elapsed();
    let mut rung = Vec::new();
    for _ in 0..60 {
        pass(SECOND).await;
        rung.push(start(&node.other, 1).await);
    }
    let to = node.told.began.elapsed();
    for tried in
        ["claiming work", "looking for due schedules", "taking lost work back", "looking for follow-ups"]
    {
        let gaps = gaps(&node.told.times(tried, from, to));
        let mut most = SECOND / 5;
        for gap in &gaps {
            let bounds = most.mul_f64(0.75)..=most + SECOND / 100;
            assert!(bounds.contains(gap), "{tried}: {gap:?} is not in {bounds:?} of {gaps:?}");
            most = (most * 2).min(5 * SECOND);
        }
        assert!((12..=20).contains(&gaps.len()), "{tried}: {} times", gaps.len());
    }
    node.told.set_away(false);
    pass(6 * SECOND).await;
    for id in rung {
        assert_eq!(run(&node.other, id).await.state, RunState::Succeeded);
    }
    let from = node.told.began.elapsed();
    pass(24 * SECOND).await;
    let again = gaps(&node.told.times("claiming work", from, from + 24 * SECOND));
    assert!(again.len() > 20 && again.iter().all(|gap| *gap <= POLL + SECOND / 100), "{again:?}");
}

/// Work that stops when it is asked to.
fn polite() -> Model {
    Model::doing(|_, ctx| async move {
        ctx.stop_asked().await;
        ctx.go_on()?;
        done()
    })
}

/// Work that hears nothing.
fn deaf() -> Model {
    Model::doing(|_, _| std::future::pending::<Result<Outcome, Fault>>())
}

/// A node with two partitions in its hands.
async fn at_work(model: Model) -> (Node, model::id::RunId) {
    let node = Node::start(model).await;
    let id = start(&node.other, 2).await;
    pass(SECOND).await;
    let states: Vec<_> = partitions(&node.other, id).await.iter().map(|p| p.state).collect();
    assert_eq!(states, [PartitionState::Running; 2]);
    (node, id)
}

/// Back in the queue as if nobody had tried.
async fn is_handed_back(engine: &Engine, id: model::id::RunId) -> bool {
    let all = partitions(engine, id).await;
    all.iter().all(|p| p.state == PartitionState::Queued && p.attempt == 0 && p.lease_until.is_none())
}

#[tokio::test(start_paused = true)]
async fn at_the_end_work_goes_back_at_its_next_safe_point() {
    let (node, id) = at_work(polite()).await;
    let other = node.other.clone();
    node.shutdown.graceful.cancel();
    let took = node.end().await;
    assert!(took < SECOND / 10, "{took:?}");
    assert!(is_handed_back(&other, id).await);
}

#[tokio::test(start_paused = true)]
async fn work_that_hears_nothing_is_dropped_after_its_grace() {
    let (node, id) = at_work(deaf()).await;
    let other = node.other.clone();
    node.shutdown.graceful.cancel();
    let took = node.end().await;
    assert!((STOP_GRACE..STOP_GRACE + 2 * SECOND).contains(&took), "{took:?}");
    assert!(is_handed_back(&other, id).await);
}

#[tokio::test(start_paused = true)]
async fn who_asks_twice_does_not_wait() {
    let (node, id) = at_work(deaf()).await;
    let other = node.other.clone();
    node.shutdown.graceful.cancel();
    pass(SECOND / 2).await;
    node.shutdown.now.cancel();
    let took = node.end().await;
    assert!(took < SECOND / 10, "{took:?}");
    assert!(is_handed_back(&other, id).await);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_does_not_hold_up_the_end_for_good() {
    let (node, id) = at_work(polite()).await;
    let other = node.other.clone();
    node.told.set_away(true);
    node.shutdown.graceful.cancel();
    let took = node.end().await;
    assert!((SHUTDOWN..SHUTDOWN + 6 * SECOND).contains(&took), "{took:?}");
    let all = partitions(&other, id).await;
    assert!(all.iter().all(|p| p.state == PartitionState::Running), "their leases run out by themselves");
}
