//! The promises, read off the rows after every step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::counts::ItemCounts;
use model::id::{PartitionId, RunId};
use model::ledger::LedgerState;
use model::partition::Partition;
use model::run::Run;
use model::schedule::{Schedule, TickDecision};
use model::state::{PartitionState, RunState};
use store::{PartitionFilter, RunFilter, Store};

use crate::node::Node;
use crate::system::{after, is_exclusive, syncs};
use crate::world::World;

/// Everything a listing may answer here.
const ALL: u32 = 10_000;

pub(crate) struct Checker {
    world: Arc<World>,
    store: Store,
    schedules: Vec<Schedule>,
    active: BTreeMap<RunId, Run>,
    partitions: BTreeMap<PartitionId, Partition>,
    newest_run: i64,
    running: BTreeMap<PartitionId, Partition>,
    rings: store::Rings,
}

impl Checker {
    pub(crate) async fn new(world: Arc<World>, store: Store) -> Self {
        let schedules = store.read().schedules().await.unwrap();
        let (active, partitions) = (BTreeMap::new(), BTreeMap::new());
        let rings = store.rings();
        let running = BTreeMap::new();
        Self { world, store, schedules, active, partitions, newest_run: 0, running, rings }
    }

    pub(crate) fn active(&self) -> Vec<RunId> {
        self.active.keys().copied().collect()
    }

    pub(crate) async fn after_step(&mut self, nodes: &[Node]) {
        // Whatever changes a run or a partition appends an event; without one only the nodes' beliefs may be new.
        if self.rings.events.has_changed().unwrap() {
            self.rings.events.mark_unchanged();
            self.read_all().await;
        }
        check_holders(&self.running, nodes);
    }

    async fn read_all(&mut self) {
        let reader = self.store.read();
        let states = vec![RunState::Queued, RunState::Running, RunState::Waiting, RunState::Paused];
        let filter = RunFilter { states, limit: ALL, ..RunFilter::default() };
        let mut now: BTreeMap<RunId, Run> =
            reader.runs(&filter).await.unwrap().into_iter().map(|run| (run.id, run)).collect();
        let active: BTreeSet<RunId> = now.keys().copied().collect();
        // Runs that ended since, those that came and went between two looks included.
        let newest = reader.runs(&RunFilter { limit: 1, ..RunFilter::default() }).await.unwrap();
        let newest = newest.first().map_or(0, |run| run.id.0);
        let unseen = (self.newest_run + 1..=newest).map(RunId);
        for id in self.active.keys().copied().chain(unseen).filter(|id| !active.contains(id)) {
            let run = reader.run(id).await.unwrap();
            now.insert(id, run.unwrap_or_else(|| panic!("run {id} is lost")));
        }
        self.newest_run = newest;
        let mut running: BTreeMap<PartitionId, Partition> = BTreeMap::new();
        for run in now.values() {
            let partitions = self.partitions_of(run).await;
            check_run(run, &partitions);
            for partition in partitions {
                self.check_partition(&partition, run);
                if partition.state == PartitionState::Running {
                    running.insert(partition.id, partition.clone());
                }
                self.partitions.insert(partition.id, partition);
            }
        }
        self.check_leases(&now, &running).await;
        self.running = running;
        now.retain(|id, _| active.contains(id));
        self.active = now;
    }

    async fn partitions_of(&self, run: &Run) -> Vec<Partition> {
        let filter = PartitionFilter { limit: ALL, ..PartitionFilter::default() };
        self.store.read().partitions(run.id, &filter).await.unwrap()
    }

    fn check_partition(&self, partition: &Partition, run: &Run) {
        let id = partition.id;
        if let Some(before) = self.partitions.get(&id) {
            assert!(partition.fence >= before.fence, "the fence of partition {id} fell");
            if before.state.is_end() {
                assert_eq!(before, partition, "partition {id} changed after its end");
            }
            if before.holder != partition.holder {
                assert!(partition.fence > before.fence, "partition {id} changed hands under one fence");
            }
        }
        if partition.state == PartitionState::Succeeded {
            let units = partition.payload["units"].as_i64().unwrap();
            let written = self.world.written(id);
            assert_eq!(
                written.units,
                (0..units).collect::<BTreeSet<_>>(),
                "partition {id} succeeded without its whole effect"
            );
            assert_eq!(partition.counts.new, units, "partition {id} of run {} miscounts", run.id);
            assert!(written.fence <= partition.fence.0, "a stranger wrote to partition {id}");
        }
    }

    async fn check_leases(&self, runs: &BTreeMap<RunId, Run>, running: &BTreeMap<PartitionId, Partition>) {
        let leases = self.store.read().leases().await.unwrap();
        let holders: BTreeMap<&str, RunId> =
            leases.iter().map(|lease| (lease.key.as_str(), lease.run_id)).collect();
        for (key, run) in &holders {
            let run =
                runs.get(run).unwrap_or_else(|| panic!("lease `{key}` is held by run {run}, which ended"));
            assert!(
                !run.state.is_end() && run.state != RunState::Paused,
                "lease `{key}` is held by run {} which is {}",
                run.id,
                run.state
            );
        }
        let mut at_once: BTreeMap<RunId, u32> = BTreeMap::new();
        for partition in running.values() {
            let run = &runs[&partition.run_id];
            *at_once.entry(run.id).or_default() += 1;
            if is_exclusive(&run.sync) {
                let holder = holders.get(run.sync.as_str());
                assert_eq!(holder, Some(&run.id), "a partition of run {} runs without its lease", run.id);
            }
        }
        for (run, count) in at_once {
            let policy = syncs().into_iter().find(|sync| sync.key == runs[&run].sync).unwrap().policy;
            let most = policy.max_parallel.unwrap_or(u32::MAX);
            assert!(count <= most, "run {run} has {count} partitions at once, at most {most}");
        }
    }

    pub(crate) async fn at_the_end(&self) {
        let reader = self.store.read();
        let runs = reader.runs(&RunFilter { limit: ALL, ..RunFilter::default() }).await.unwrap();
        assert!(reader.leases().await.unwrap().is_empty(), "a lease is held by nobody");
        for run in &runs {
            assert!(run.state.is_end());
            let partitions = self.partitions_of(run).await;
            check_run(run, &partitions);
            for partition in &partitions {
                self.check_partition(partition, run);
                self.check_ledger(partition, run).await;
                self.check_attempts(partition).await;
            }
        }
        self.check_keys(&runs);
        self.check_follow_ups(&runs).await;
        for schedule in &self.schedules {
            self.check_ticks(schedule, &runs).await;
        }
    }

    /// The ledger's row, where this run wrote it last, says what became of the partition.
    async fn check_ledger(&self, partition: &Partition, run: &Run) {
        let row = self.store.read().ledger_row(&run.sync, &partition.key).await.unwrap();
        let Some(row) = row.filter(|row| row.run_id == Some(run.id)) else {
            let begun = matches!(partition.state, PartitionState::Succeeded | PartitionState::Failed);
            let other =
                self.partitions.values().any(|other| other.key == partition.key && other.id != partition.id);
            assert!(!begun || other, "the ledger knows nothing of `{}`, {}", partition.key, partition.state);
            return;
        };
        let fits = match partition.state {
            PartitionState::Succeeded => row.state == LedgerState::Succeeded,
            PartitionState::Failed | PartitionState::Quarantined => row.state == LedgerState::Failed,
            PartitionState::Skipped => row.state == LedgerState::Skipped,
            // Dropped between two tries, or told to stop: never `running`.
            PartitionState::Cancelled => row.state != LedgerState::Running || partition.holder.is_some(),
            PartitionState::Queued | PartitionState::Running | PartitionState::Waiting => false,
        };
        assert!(fits, "`{}` is {} and the ledger says {}", partition.key, partition.state, row.state);
    }

    async fn check_attempts(&self, partition: &Partition) {
        let attempts = self.store.read().attempts(partition.id).await.unwrap();
        let ends = attempts
            .iter()
            .filter(|attempt| {
                ["succeeded", "skipped", "failed", "cancelled"].contains(&attempt.outcome.as_str())
            })
            .count();
        assert!(ends <= 1, "partition {} ended {ends} times: {attempts:?}", partition.id);
        if partition.state == PartitionState::Succeeded {
            assert_eq!(ends, 1, "partition {} has no try that ended it", partition.id);
        }
    }

    /// One idempotency key, one run.
    fn check_keys(&self, runs: &[Run]) {
        let mut names = BTreeMap::new();
        for run in runs.iter().filter(|run| run.trigger == model::run::Trigger::Manual) {
            *names.entry(run.params["name"].to_string()).or_insert(0) += 1;
        }
        for (name, count) in names {
            // Without a key a lost answer is not asked again here, so a name is one run in any case.
            assert!(count <= 1, "request {name} made {count} runs");
        }
    }

    async fn check_follow_ups(&self, runs: &[Run]) {
        for run in runs.iter().filter(|run| run.label == "chain") {
            let name = format!("sim.{}", after(run.id.0));
            let schedule = self.store.read().schedule_by_name(&name).await.unwrap();
            let schedule = schedule.unwrap_or_else(|| panic!("run {} has no follow-up", run.id));
            let ticks = self.store.read().ticks(schedule.id, ALL).await.unwrap();
            assert_eq!(ticks.len(), 1, "the follow-up of run {} came {} times", run.id, ticks.len());
            let leaves = runs.iter().filter(|leaf| leaf.schedule_id == Some(schedule.id)).count();
            assert_eq!(leaves, 1, "the follow-up of run {} made {leaves} runs", run.id);
        }
    }

    /// The times acted on are the cron's own: none twice, none lost, each with at most one run.
    async fn check_ticks(&self, first: &Schedule, runs: &[Run]) {
        let reader = self.store.read();
        let now = reader.schedule(first.id).await.unwrap().unwrap();
        let ticks = reader.ticks(first.id, ALL).await.unwrap();
        let mut wanted = Vec::new();
        let mut next = first.next_nominal_at;
        while let (Some(at), Some(last)) = (next, now.last_nominal_at)
            && at <= last
        {
            wanted.push(at);
            next = first.spec.when.next(at, &first.spec.time_zone).unwrap();
        }
        let mut had: Vec<_> = ticks.iter().map(|tick| tick.nominal_at).collect();
        had.sort();
        assert_eq!(had, wanted, "the times of `{}`", first.spec.name);
        for tick in ticks {
            let made: Vec<RunId> = runs
                .iter()
                .filter(|run| run.schedule_id == Some(first.id) && run.nominal_at == Some(tick.nominal_at))
                // A retry of such a run has no time of its own.
                .map(|run| run.id)
                .collect();
            let wants = matches!(tick.decision, TickDecision::Started | TickDecision::Buffered);
            assert_eq!(made.len(), usize::from(wants), "time {} of `{}`", tick.nominal_at, first.spec.name);
            assert_eq!(made.first().copied(), tick.run_id);
        }
    }
}

/// Counters are a recount, and a run has ended exactly when its partitions have.
fn check_run(run: &Run, partitions: &[Partition]) {
    let id = run.id;
    let count = |states: &[PartitionState]| {
        i64::try_from(partitions.iter().filter(|p| states.contains(&p.state)).count()).unwrap()
    };
    assert_eq!(run.partitions_total, i64::try_from(partitions.len()).unwrap(), "run {id}: total");
    assert_eq!(run.partitions_succeeded, count(&[PartitionState::Succeeded]), "run {id}: succeeded");
    assert_eq!(run.partitions_skipped, count(&[PartitionState::Skipped]), "run {id}: skipped");
    let failed = count(&[PartitionState::Failed, PartitionState::Quarantined]);
    assert_eq!(run.partitions_failed, failed, "run {id}: failed");
    // An empty run that waits for its lease ends when it gets it.
    let waits_empty = partitions.is_empty() && !run.state.is_end();
    let all_ended = !waits_empty && partitions.iter().all(|p| p.state.is_end());
    assert_eq!(run.state.is_end(), all_ended, "run {id} is {} and its partitions {partitions:?}", run.state);
    assert_eq!(run.state.is_end(), run.ended_at.is_some(), "run {id}: ended_at");
    let ended = partitions.iter().filter(|p| p.state.is_end() && p.state != PartitionState::Cancelled);
    let items = ended.fold(ItemCounts::default(), |sum, p| sum + p.counts);
    let cancelled = partitions.iter().filter(|p| p.state == PartitionState::Cancelled);
    let most = cancelled.fold(items, |sum, p| sum + p.counts);
    assert!(run.counts.new >= items.new && run.counts.new <= most.new, "run {id}: items {:?}", run.counts);
    if run.state == RunState::Paused {
        assert_eq!(count(&[PartitionState::Running]), 0, "run {id} is paused and works");
    }
    if run.state == RunState::Succeeded {
        assert_eq!(run.partitions_succeeded + run.partitions_skipped, run.partitions_total, "run {id}");
    }
}

/// Never two that believe they hold a partition under its current fence, and the row names the one.
fn check_holders(running: &BTreeMap<PartitionId, Partition>, nodes: &[Node]) {
    let mut seen = BTreeMap::new();
    for node in nodes {
        for (id, fence) in node.worker.holding() {
            let Some(partition) = running.get(&id).filter(|partition| partition.fence == fence) else {
                continue;
            };
            assert_eq!(partition.holder.as_deref(), Some(node.holder.as_str()), "partition {id}");
            assert_eq!(seen.insert(id, node.boot), None, "partition {id} has two live holders");
        }
    }
}
