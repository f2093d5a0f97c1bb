//! What the engine itself costs: partitions that do nothing, from the request to the history, on both databases.
//!
//! `BENCH_STATE_URL=postgres://… cargo bench -p engine --bench throughput` with an empty database. Each line is
//! `database<TAB>what<TAB>number`. `BENCH_PARTITIONS`, `BENCH_SLOTS`, `BENCH_SCHEDULES`, `BENCH_SECONDS` change sizes.

#![expect(clippy::print_stdout, reason = "the numbers it prints are what it is for")]
#![expect(clippy::unwrap_used, reason = "what goes wrong ends the measurement on the spot")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use engine::loops::{self, Roles, Shutdown, Wall};
use engine::worker::WorkerSpec;
use engine::{Context, Engine, Outcome, Refused, Requested, Said, Syncs, System, Work};
use futures_util::StreamExt;
use jiff::Timestamp;
use model::fault::Fault;
use model::id::SyncKey;
use model::ledger::LedgerWrite;
use model::policy::{Missed, Overlap, Retry, SyncPolicy};
use model::run::{Plan, PlannedPartition, RunRequest, Trigger};
use model::schedule::{ScheduleSpec, When};
use serde_json::{Value, json};
use store::{Keep, Store};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// Runs measured for the throughput; the first only warms up.
const RUNS: usize = 4;

/// Requests measured for the latency.
const REQUESTS: usize = 300;

/// Schedules that come due every second.
const TICKING: usize = 5;

/// Schedules put at the same time.
const PUTS: usize = 64;

/// Does nothing and says when it was asked to.
struct Nothing {
    began: UnboundedSender<Began>,
}

struct Began {
    at: Instant,
    late: Option<Duration>,
}

#[async_trait]
impl System for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }

    fn syncs(&self) -> Vec<Syncs> {
        let policy = SyncPolicy {
            overlap: Overlap::Allow,
            max_parallel: None,
            retry: Retry::ONCE,
            source_fault_limit: None,
            pause_keeps_lease: false,
            deaths_max: None,
        };
        vec![Syncs { key: sync_key(), policy }]
    }

    fn schedules(&self) -> Vec<ScheduleSpec> {
        Vec::new()
    }

    async fn plan(&self, request: &RunRequest, _now: Timestamp) -> Result<Plan, Refused> {
        let many = request.params["partitions"].as_u64().unwrap_or(1);
        let partitions =
            (0..many).map(|n| PlannedPartition { key: format!("{n:06}"), payload: Value::Null }).collect();
        Ok(Plan { partitions, params: request.params.clone(), priority: None })
    }

    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let late = work
            .run
            .nominal_at
            .map(|nominal| Duration::try_from(ctx.now().duration_since(nominal)).unwrap_or_default());
        let _ = self.began.send(Began { at: Instant::now(), late });
        Ok(Outcome::Succeeded(Said::default()))
    }

    fn failed(&self, _work: &Work, _fault: &Fault) -> Option<LedgerWrite> {
        None
    }
}

fn sync_key() -> SyncKey {
    SyncKey::parse("nothing.bench").unwrap()
}

/// A started engine.
struct Started {
    database: &'static str,
    engine: Engine,
    began: UnboundedReceiver<Began>,
    shutdown: Shutdown,
    loops: JoinHandle<()>,
}

impl Started {
    fn new(database: &'static str, store: Store) -> Self {
        let (send, began) = unbounded_channel();
        let wall = Wall::default();
        let engine = Engine::new(store, vec![Arc::new(Nothing { began: send })], wall.clock());
        let kept = Duration::from_secs(90 * 24 * 3600);
        let roles = Roles {
            scheduler: Some(Keep { runs: kept, events: kept }),
            worker: Some(WorkerSpec { holder: "bench".to_owned(), slots: number("BENCH_SLOTS", 512) }),
        };
        let shutdown = Shutdown::default();
        let (running, asked) = (engine.clone(), shutdown.clone());
        let loops = tokio::spawn(async move {
            loops::run(running, roles, wall, fastrand::Rng::with_seed(1), asked).await.unwrap();
        });
        Self { database, engine, began, shutdown, loops }
    }

    fn say(&self, what: &str, measured: impl std::fmt::Display) {
        println!("{}\t{what}\t{measured}", self.database);
    }

    async fn request(&self, partitions: usize) -> model::id::RunId {
        let request = RunRequest {
            sync: sync_key(),
            trigger: Trigger::Manual,
            label: "bench".to_owned(),
            params: json!({ "partitions": partitions }),
            priority: 0,
            reference: None,
            idempotency_key: None,
            tick: None,
            requested_by: None,
        };
        match self.engine.request(request, self.engine.now()).await.unwrap() {
            Requested::Started(run) => run.id,
            other => panic!("the run was not started: {other:?}"),
        }
    }

    /// Partitions a second, from the request (its plan included) to the ended run.
    async fn throughput(&mut self) {
        let partitions = number("BENCH_PARTITIONS", 20_000);
        let mut rates = Vec::new();
        for _ in 0..RUNS {
            let asked = Instant::now();
            let run = self.request(partitions).await;
            for _ in 0..partitions {
                self.began.recv().await.unwrap();
            }
            let mut look = tokio::time::interval(Duration::from_millis(2));
            while self.engine.read().run(run).await.unwrap().unwrap().ended_at.is_none() {
                look.tick().await;
            }
            rates.push(partitions as f64 / asked.elapsed().as_secs_f64());
        }
        self.say("partitions/s", format!("{:.0}", median(&mut rates[1..])));
    }

    /// From the request to the first line of the partition's work, nothing else going on.
    async fn latency(&mut self) {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        let mut spent = Vec::new();
        for _ in 0..REQUESTS {
            look.tick().await;
            let asked = Instant::now();
            self.request(1).await;
            let began = self.began.recv().await.unwrap();
            spent.push(milliseconds(began.at - asked));
        }
        self.say_percentiles("request to start ms", spent);
    }

    /// Most schedules far away, a few every second.
    async fn schedules(&mut self) {
        let far = number("BENCH_SCHEDULES", 100_000);
        let loading = Instant::now();
        let engine = &self.engine;
        futures_util::stream::iter(0..far)
            .for_each_concurrent(PUTS, |n| async move {
                engine.put_schedule(&schedule(n, "0 0 0 1 1 *"), engine.now()).await.unwrap();
            })
            .await;
        self.say("schedules loaded s", format!("{:.1}", loading.elapsed().as_secs_f64()));
        let seconds = number("BENCH_SECONDS", 30) as u64;
        let (before, idle) = (processor_ticks(), Instant::now());
        wait(Duration::from_secs(10)).await;
        self.say("idle processor %", format!("{:.1}", processor_share(before, idle)));
        for n in far..far + TICKING {
            self.engine.put_schedule(&schedule(n, "* * * * * *"), self.engine.now()).await.unwrap();
        }
        let (before, busy) = (processor_ticks(), Instant::now());
        let mut late = Vec::new();
        for _ in 0..seconds as usize * TICKING {
            let began = self.began.recv().await.unwrap();
            late.push(milliseconds(began.late.unwrap()));
        }
        self.say("ticking processor %", format!("{:.1}", processor_share(before, busy)));
        self.say_percentiles("schedule lateness ms", late);
    }

    fn say_percentiles(&self, what: &str, mut values: Vec<f64>) {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
        self.say(what, format!("{:.1}\t{:.1}", at(0.5), at(0.99)));
    }

    async fn measure(mut self) {
        self.latency().await;
        self.throughput().await;
        self.schedules().await;
        self.shutdown.graceful.cancel();
        self.loops.await.unwrap();
    }
}

fn schedule(number: usize, expression: &str) -> ScheduleSpec {
    ScheduleSpec {
        name: format!("nothing-{number:06}"),
        title: "bench".to_owned(),
        sync: sync_key(),
        label: "bench".to_owned(),
        params: json!({ "partitions": 1 }),
        when: When::Cron { expression: expression.to_owned() },
        time_zone: "UTC".to_owned(),
        missed: Missed::All,
        missed_window: Duration::from_secs(3600),
        missed_max: 1_000,
    }
}

async fn wait(pause: Duration) {
    let mut once = tokio::time::interval(pause);
    once.tick().await;
    once.tick().await;
}

/// User and system time of this process, in hundredths of a second.
fn processor_ticks() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()
}

/// Per cent of one core.
fn processor_share(before: f64, since: Instant) -> f64 {
    (processor_ticks() - before) / since.elapsed().as_secs_f64()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn main() {
    let url = std::env::var("BENCH_STATE_URL").expect("BENCH_STATE_URL names an empty PostgreSQL database");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir_in(".").unwrap();
        let store = Store::sqlite(&folder.path().join("state.db")).await.unwrap();
        Started::new("SQLite", store).measure().await;
        let store = Store::postgres(&url).await.unwrap();
        Started::new("PostgreSQL", store).measure().await;
    });
}
