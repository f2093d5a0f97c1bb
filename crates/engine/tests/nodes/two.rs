//! Two nodes on one PostgreSQL: work is spread, done once, and outlives the node that held it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use engine::loops::{self, Roles, Shutdown, Wall};
use engine::worker::WorkerSpec;
use engine::{Engine, RunFilter};
use jiff::{SignedDuration, Timestamp};
use model::id::{Fence, PartitionId, RunId};
use model::limits::LEASE;
use model::run::Run;
use model::schedule::TickDecision;
use model::state::{PartitionState, RunState};
use store::{Keep, Store, StoreError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::bed::{Model, done, partitions, run, start};

/// Nothing in these tests takes longer, on a busy machine either.
const PATIENCE: Duration = Duration::from_secs(60);

/// The nodes' clock goes so many times as fast as ours, so that a lease is not waited for half a minute.
const FAST: i32 = 8;

/// A database of a test's own.
struct Database {
    url: String,
    name: String,
    admin: tokio_postgres::Client,
}

impl Database {
    async fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let url = std::env::var("TEST_DATABASE_URL")
            .expect("TEST_DATABASE_URL names a PostgreSQL server; `make test` starts one");
        let (admin, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let name = format!("engine_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (server, _) = url.rsplit_once('/').expect("the URL ends in a database's name");
        Self { url: format!("{server}/{name}"), name, admin }
    }

    async fn remove(self) {
        self.admin.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await.unwrap();
    }
}

/// Where partitions have their effect: it refuses an older fence than it has seen.
#[derive(Default)]
struct Destination(Mutex<BTreeMap<PartitionId, (Fence, Vec<&'static str>)>>);

impl Destination {
    /// Whether the effect was taken.
    fn write(&self, partition: PartitionId, fence: Fence, node: &'static str) -> bool {
        let mut all = self.0.lock().unwrap();
        let (newest, effects) = all.entry(partition).or_insert((fence, Vec::new()));
        let taken = fence >= *newest;
        if taken {
            *newest = fence;
            effects.push(node);
        }
        taken
    }

    /// Which nodes had an effect on each partition.
    fn effects(&self) -> Vec<Vec<&'static str>> {
        self.0.lock().unwrap().values().map(|(_, effects)| effects.clone()).collect()
    }
}

/// One process of several.
struct Node {
    engine: Engine,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), StoreError>>,
}

impl Node {
    async fn start(url: &str, name: &'static str, began: Instant, model: Model) -> Self {
        let begin: Timestamp = "2025-10-09T00:00:00Z".parse().unwrap();
        let clock = Arc::new(move || begin + SignedDuration::try_from(began.elapsed()).unwrap() * FAST);
        let store = Store::postgres(url).await.unwrap();
        let engine = Engine::new(store, vec![Arc::new(model)], clock);
        engine.register(engine.now()).await.unwrap();
        let day = Duration::from_secs(86_400);
        let worker = WorkerSpec { holder: format!("{name}-1"), slots: 2 };
        let roles = Roles { scheduler: Some(Keep { runs: day, events: day }), worker: Some(worker) };
        let shutdown = Shutdown::default();
        let (rng, wall) = (fastrand::Rng::with_seed(name.len() as u64), Wall::default());
        let running = tokio::spawn(loops::run(engine.clone(), roles, wall, rng, shutdown.clone()));
        Self { engine, shutdown, running }
    }

    async fn end(self) {
        self.shutdown.graceful.cancel();
        tokio::time::timeout(PATIENCE, self.running).await.expect("a good end").unwrap().unwrap();
    }

    /// Looks again with every event until there is an answer.
    async fn until<T, F: Future<Output = Option<T>>>(&self, look: impl Fn() -> F) -> T {
        let began = Instant::now();
        let mut events = self.engine.rings().events;
        loop {
            events.borrow_and_update();
            if let Some(found) = look().await {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "it did not come about in {PATIENCE:?}");
            // The ring is a hint: what rings nobody is looked at too.
            let _rung = tokio::time::timeout(Duration::from_millis(50), events.changed()).await;
        }
    }

    async fn ended(&self, id: RunId) -> Run {
        self.until(|| async { Some(run(&self.engine, id).await).filter(|run| run.state.is_end()) }).await
    }

    async fn in_state(&self, id: RunId, state: PartitionState) -> usize {
        partitions(&self.engine, id).await.iter().filter(|partition| partition.state == state).count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_work_of_one_run_is_spread_and_done_once() {
    let database = Database::create().await;
    let destination = Arc::new(Destination::default());
    // No partition is done before both nodes have one.
    let present = Arc::new(watch::Sender::new(BTreeSet::new()));
    let model = |name: &'static str| {
        let (destination, present) = (Arc::clone(&destination), Arc::clone(&present));
        Model::doing(move |work, _| {
            let (destination, present) = (Arc::clone(&destination), Arc::clone(&present));
            async move {
                present.send_modify(|nodes| nodes.extend([name]));
                present.subscribe().wait_for(|nodes| nodes.len() == 2).await.unwrap();
                assert!(destination.write(work.partition.id, work.partition.fence, name));
                done()
            }
        })
    };
    let began = Instant::now();
    let one = Node::start(&database.url, "one", began, model("one")).await;
    let two = Node::start(&database.url, "two", began, model("two")).await;

    let id = start(&one.engine, 40).await;
    let run = one.ended(id).await;
    assert_eq!((run.state, run.partitions_succeeded, run.counts.new), (RunState::Succeeded, 40, 40));
    let effects = destination.effects();
    assert!(effects.len() == 40 && effects.iter().all(|nodes| nodes.len() == 1), "{effects:?}");
    let holders: BTreeSet<String> =
        partitions(&two.engine, id).await.into_iter().filter_map(|partition| partition.holder).collect();
    assert_eq!(holders, ["one-1", "two-1"].map(str::to_owned).into());
    let tries = two.engine.read().tries(id, 100).await.unwrap();
    assert_eq!(tries.len(), 40, "each was tried once");

    one.end().await;
    two.end().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_node_held_is_done_by_the_other_after_its_lease() {
    let database = Database::create().await;
    let destination = Arc::new(Destination::default());
    // Something of the dead node's work goes on when all is over: it was not dead enough.
    let (over, refused) = (watch::Sender::new(false), Arc::new(AtomicU32::new(0)));
    let dying = {
        let (destination, refused, over) = (Arc::clone(&destination), Arc::clone(&refused), over.subscribe());
        Model::doing(move |work, _| {
            let (destination, refused) = (Arc::clone(&destination), Arc::clone(&refused));
            let mut over = over.clone();
            tokio::spawn(async move {
                over.wait_for(|over| *over).await.unwrap();
                if !destination.write(work.partition.id, work.partition.fence, "one") {
                    refused.fetch_add(1, Ordering::SeqCst);
                }
            });
            std::future::pending()
        })
    };
    let living = {
        let destination = Arc::clone(&destination);
        Model::doing(move |work, _| {
            let destination = Arc::clone(&destination);
            async move {
                assert!(destination.write(work.partition.id, work.partition.fence, "two"));
                done()
            }
        })
    };
    let began = Instant::now();
    let one = Node::start(&database.url, "one", began, dying).await;
    let id = start(&one.engine, 12).await;
    one.until(|| async { (one.in_state(id, PartitionState::Running).await == 2).then_some(()) }).await;
    let two = Node::start(&database.url, "two", began, living).await;
    one.running.abort();
    let died_at = two.engine.now();

    two.until(|| async { (two.in_state(id, PartitionState::Succeeded).await >= 10).then_some(()) }).await;
    let run = two.ended(id).await;
    assert_eq!((run.state, run.partitions_succeeded, run.counts.new), (RunState::Succeeded, 12, 12));
    let tries = two.engine.read().tries(id, 100).await.unwrap();
    let lost: Vec<_> = tries.iter().filter(|one| one.outcome == "lost").collect();
    assert!(lost.len() == 2 && lost.iter().all(|lost| lost.holder == "one-1"), "{lost:?}");
    let lease = SignedDuration::try_from(LEASE).unwrap();
    for partition in partitions(&two.engine, id).await {
        assert_eq!(partition.holder.as_deref(), Some("two-1"));
        let waited = partition.ended_at.unwrap().duration_since(died_at);
        let was_lost = lost.iter().any(|lost| lost.partition == partition.id);
        // A lease was renewed at the latest when its holder died, and at the earliest a beat before.
        assert_eq!(was_lost, waited > lease / 2, "{}: {waited:?} after the death", partition.key);
    }

    over.send_replace(true);
    two.until(|| async { (refused.load(Ordering::SeqCst) == 2).then_some(()) }).await;
    assert_eq!(destination.effects(), vec![vec!["two"]; 12]);
    two.end().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_schedulers_one_acts_on_each_time() {
    let database = Database::create().await;
    let model = || Model { cron: Some("* * * * * *"), ..Model::doing(|_, _| async { done() }) };
    let began = Instant::now();
    let one = Node::start(&database.url, "one", began, model()).await;
    let two = Node::start(&database.url, "two", began, model()).await;
    let schedule = one.engine.read().schedule_by_name("model.often").await.unwrap().unwrap();

    let ticks = one
        .until(|| async {
            let ticks = one.engine.read().ticks(schedule.id, 1_000).await.unwrap();
            (ticks.len() >= 30).then_some(ticks)
        })
        .await;
    let (last_of_one, last_of_two) = (one.engine.last_poll().unwrap(), two.engine.last_poll().unwrap());
    one.end().await;
    two.end().await;

    let times: Vec<i64> = ticks.iter().rev().map(|tick| tick.nominal_at.as_second()).collect();
    let expected: Vec<i64> = (times[0]..).take(times.len()).collect();
    assert_eq!(times, expected, "every second once");
    assert!(ticks.iter().all(|tick| tick.decision == TickDecision::Started), "{ticks:?}");
    let started: BTreeSet<RunId> = ticks.iter().filter_map(|tick| tick.run_id).collect();
    assert_eq!(started.len(), ticks.len(), "each with a run of its own");
    let newest = ticks[0].nominal_at;
    // Whoever did not write the newest may have looked last a moment before it.
    let lately = newest - SignedDuration::from_secs(30);
    assert!(last_of_one >= lately && last_of_two >= lately, "both looked");

    let store = Store::postgres(&database.url).await.unwrap();
    let runs = store.read().runs(&RunFilter { limit: 1_000, ..RunFilter::default() }).await.unwrap();
    let ticks = store.read().ticks(schedule.id, 1_000).await.unwrap();
    assert_eq!(runs.len(), ticks.len(), "no run but theirs");
    drop(store);
    database.remove().await;
}
