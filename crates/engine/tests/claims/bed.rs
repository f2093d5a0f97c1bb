//! What every claim needs: a store in memory, a clock set by hand, a system that follows a script, the page.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use engine::worker::{Step, Worker, WorkerSpec};
use engine::{
    Clock, Context, Ended, Engine, FollowUp, Outcome, PartitionFilter, Refused, Requested, RunFilter, Said,
    Stop, Syncs, System, Work, reap,
};
use jiff::{SignedDuration, Timestamp};
use model::counts::ItemCounts;
use model::fault::Fault;
use model::id::SyncKey;
use model::ledger::{LedgerState, LedgerWrite};
use model::partition::UnitProgress;
use model::policy::{Overlap, Retry, SyncPolicy};
use model::run::{Plan, PlannedPartition, Run, RunRequest, Trigger};
use model::schedule::ScheduleSpec;
use serde_json::json;
use store::Store;

/// One try of a partition.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Succeed,
    Skip,
    Fail(Fault),
    Panic,
    /// Pauses the run for so many seconds.
    PauseRun(i64),
    /// Never comes back and never asks.
    Deaf,
    /// Waits until a stop is asked, and obeys.
    Listen,
    /// Checkpoints a unit, then waits until a stop is asked, and obeys.
    CheckpointThenListen,
}

/// What the script knows: what each key does next, and what the engine told the system.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) syncs: Vec<Syncs>,
    pub(crate) schedules: Vec<ScheduleSpec>,
    pub(crate) acts: Mutex<BTreeMap<String, VecDeque<Act>>>,
    pub(crate) follow_up: Mutex<Option<ScheduleSpec>>,
    pub(crate) refuse: Mutex<Option<Refused>>,
    pub(crate) heard: Mutex<Vec<String>>,
}

impl Script {
    fn hear(&self, words: String) {
        self.heard.lock().unwrap().push(words);
    }
}

#[async_trait]
impl System for Script {
    fn name(&self) -> &'static str {
        "t"
    }
    fn syncs(&self) -> Vec<Syncs> {
        self.syncs.clone()
    }
    fn schedules(&self) -> Vec<ScheduleSpec> {
        self.schedules.clone()
    }
    async fn plan(&self, request: &RunRequest, _now: Timestamp) -> Result<Plan, Refused> {
        if let Some(refused) = self.refuse.lock().unwrap().clone() {
            return Err(refused);
        }
        let keys = request.params["keys"].as_array().cloned().unwrap_or_default();
        let partitions = keys
            .iter()
            .map(|key| PlannedPartition { key: key.as_str().unwrap().to_owned(), payload: json!({}) })
            .collect();
        Ok(Plan { partitions, params: request.params.clone() })
    }
    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let key = &work.partition.key;
        let act =
            self.acts.lock().unwrap().get_mut(key).and_then(VecDeque::pop_front).unwrap_or(Act::Succeed);
        ctx.ledger(LedgerWrite::new(LedgerState::Running, "begun")).await?;
        let said = |state| Said {
            counts: ItemCounts { new: 1, ..ItemCounts::default() },
            ledger: Some(LedgerWrite::new(state, "done")),
            message: None,
        };
        match act {
            Act::Succeed => Ok(Outcome::Succeeded(said(LedgerState::Succeeded))),
            Act::Skip => Ok(Outcome::Skipped(said(LedgerState::Skipped))),
            Act::Fail(fault) => Err(fault),
            Act::Panic => panic!("scripted"),
            Act::PauseRun(seconds) => Ok(Outcome::PauseRun(
                ctx.now() + SignedDuration::from_secs(seconds),
                "until later".to_owned(),
            )),
            Act::Deaf => std::future::pending().await,
            Act::Listen => {
                let stop = ctx.stop_asked().await;
                self.hear(format!("{key} heard {}", stop.as_str()));
                ctx.go_on().map(|()| Outcome::Succeeded(Said::default()))
            }
            Act::CheckpointThenListen => {
                ctx.progress(UnitProgress { done: 1, failed: 0, total: Some(2) });
                ctx.say_run("one of two");
                ctx.log(tracing::Level::WARN, "half way");
                ctx.checkpoint(json!({"done": 1})).await?;
                ctx.stop_asked().await;
                ctx.go_on().map(|()| Outcome::Succeeded(Said::default()))
            }
        }
    }
    fn stopped(&self, _work: &Work, stop: Stop) -> Option<LedgerWrite> {
        Some(LedgerWrite::new(LedgerState::Queued, format!("stopped by {}", stop.as_str())))
    }
    fn failed(&self, _work: &Work, fault: &Fault) -> Option<LedgerWrite> {
        Some(LedgerWrite::new(LedgerState::Failed, fault.message.clone()))
    }
    async fn follow_up(&self, ended: &Ended, _now: Timestamp) -> Vec<FollowUp> {
        match ended {
            Ended::Run(run) => self.hear(format!("run {} ended {}", run.id, run.state)),
            Ended::Tick { nominal_at, decision, .. } => self.hear(format!("{nominal_at} {decision}")),
        }
        self.follow_up.lock().unwrap().take().map(|spec| FollowUp { spec }).into_iter().collect()
    }
    fn run_started(&self, run: &Run) {
        self.hear(format!("run {} started", run.id));
    }
    async fn run_left(&self, run: &Run) {
        self.hear(format!("run {} left", run.id));
    }
    fn run_forgotten(&self, run: &Run) {
        self.hear(format!("run {} forgotten", run.id));
    }
}

pub(crate) struct Bed {
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) script: Arc<Script>,
    pub(crate) worker: Arc<Worker>,
    clock: Arc<Mutex<Timestamp>>,
}

pub(crate) fn sync() -> SyncKey {
    SyncKey::parse("t.s").unwrap()
}

/// One partition at a time, refused while another run is active, one try.
pub(crate) fn policy() -> SyncPolicy {
    SyncPolicy {
        overlap: Overlap::Reject,
        max_parallel: Some(1),
        retry: Retry::ONCE,
        source_fault_limit: None,
    }
}

pub(crate) fn with_retry(tries: u32) -> SyncPolicy {
    let retry = Retry { tries, base: Duration::from_secs(10), factor: 3, cap: Duration::from_secs(60) };
    SyncPolicy { retry, ..policy() }
}

pub(crate) fn again() -> Fault {
    Fault::again("busy", "the upstream is busy")
}

impl Bed {
    pub(crate) async fn new(policy: SyncPolicy) -> Self {
        Self::with(policy, Vec::new()).await
    }

    pub(crate) async fn with(policy: SyncPolicy, schedules: Vec<ScheduleSpec>) -> Self {
        let store = Store::sqlite(Path::new(":memory:")).await.unwrap();
        let syncs = vec![Syncs { key: sync(), policy }];
        let script = Arc::new(Script { syncs, schedules, ..Script::default() });
        let clock = Arc::new(Mutex::new("2025-10-09T00:00:00Z".parse().unwrap()));
        let tells: Clock = {
            let clock = Arc::clone(&clock);
            Arc::new(move || *clock.lock().unwrap())
        };
        let engine = Engine::new(store.clone(), vec![Arc::clone(&script) as _], tells);
        let worker = Arc::new(worker(&engine, "host-1", 4));
        Self { store, engine, script, worker, clock }
    }

    pub(crate) fn act(&self, key: &str, acts: &[Act]) {
        self.script.acts.lock().unwrap().insert(key.to_owned(), acts.iter().cloned().collect());
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    pub(crate) fn pass(&self, seconds: i64) {
        *self.clock.lock().unwrap() += SignedDuration::from_secs(seconds);
    }

    pub(crate) fn set(&self, now: &str) {
        *self.clock.lock().unwrap() = now.parse().unwrap();
    }

    pub(crate) async fn ask(&self, keys: &[&str]) -> Requested {
        self.engine.request(wish(keys), self.now()).await.unwrap()
    }

    pub(crate) async fn start(&self, keys: &[&str]) -> Run {
        match self.ask(keys).await {
            Requested::Started(run) => run,
            other => panic!("expected a started run, got {other:?}"),
        }
    }

    /// One step of the worker, and everything it set going as far as that goes by itself.
    pub(crate) async fn step(&self) -> Step {
        let step = self.worker.step(self.now()).await.unwrap();
        quiet().await;
        step
    }

    /// Steps until nothing more happens at this moment.
    pub(crate) async fn work(&self) {
        while self.step().await != Step::default() || self.worker.outcomes() > 0 {}
    }

    pub(crate) async fn beat(&self) {
        self.worker.beat(self.now()).await.unwrap();
        quiet().await;
    }

    pub(crate) async fn reap(&self) {
        reap::tick(&self.engine, self.now()).await.unwrap();
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.script.heard.lock().unwrap())
    }

    /// The state as a page of text.
    pub(crate) async fn page(&self) -> String {
        let mut page = format!("at {}\n", short(Some(self.now())));
        let reader = self.store.read();
        let mut runs = reader.runs(&RunFilter { limit: 100, ..RunFilter::default() }).await.unwrap();
        runs.reverse();
        for run in runs {
            write_run(&mut page, &run);
            let filter = PartitionFilter { limit: 100, ..PartitionFilter::default() };
            for partition in reader.partitions(run.id, &filter).await.unwrap() {
                let row = reader.ledger_row(&run.sync, &partition.key).await.unwrap();
                let (ledger, words) = row.map_or(("-", String::new()), |row| {
                    (row.state.as_str(), format!(" ({})", row.message.unwrap_or_default()))
                });
                write!(page, "  {} {} try {}", partition.key, partition.state, partition.attempt).unwrap();
                if let Some(at) = partition.available_at {
                    write!(page, " until {}", short(Some(at))).unwrap();
                }
                if let Some(state) = partition.checkpoint {
                    write!(page, " from {state}").unwrap();
                }
                if let Some(fault) = partition.fault_message {
                    write!(page, " [{fault}]").unwrap();
                }
                writeln!(page, "; ledger {ledger}{words}").unwrap();
            }
        }
        for schedule in reader.schedules().await.unwrap() {
            writeln!(page, "schedule {} next {}", schedule.spec.name, short(schedule.next_nominal_at))
                .unwrap();
            let mut ticks = reader.ticks(schedule.id, 100).await.unwrap();
            ticks.reverse();
            for tick in ticks {
                let run = tick.run_id.map_or(String::new(), |run| format!(" run {run}"));
                let why = tick.reason.map_or(String::new(), |why| format!(": {why}"));
                writeln!(page, "  {} {}{run}{why}", short(Some(tick.nominal_at)), tick.decision).unwrap();
            }
        }
        page
    }
}

fn write_run(page: &mut String, run: &Run) {
    write!(
        page,
        "run {} {} {}/{} ok, {} failed, new {}",
        run.id,
        run.state,
        run.partitions_succeeded + run.partitions_skipped,
        run.partitions_total,
        run.partitions_failed,
        run.counts.new
    )
    .unwrap();
    if run.control != model::state::Control::None {
        write!(page, ", to {}", run.control).unwrap();
    }
    if let Some(at) = run.resume_at {
        write!(page, ", until {}", short(Some(at))).unwrap();
    }
    if let Some(words) = run.message.as_ref().or(run.fault_message.as_ref()) {
        write!(page, " [{words}]").unwrap();
    }
    page.push('\n');
}

fn short(at: Option<Timestamp>) -> String {
    at.map_or("never".to_owned(), |at| at.strftime("%m-%d %H:%M:%S").to_string())
}

pub(crate) fn worker(engine: &Engine, holder: &str, slots: usize) -> Worker {
    let spec = WorkerSpec { holder: holder.to_owned(), slots };
    Worker::new(engine.clone(), spec, fastrand::Rng::with_seed(7))
}

pub(crate) fn wish(keys: &[&str]) -> RunRequest {
    RunRequest {
        sync: sync(),
        trigger: Trigger::Manual,
        label: "plain".to_owned(),
        params: json!({"keys": keys}),
        priority: 0,
        reference: None,
        idempotency_key: None,
        tick: None,
        requested_by: None,
    }
}

/// Lets every task run as far as it goes by itself.
pub(crate) async fn quiet() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}
