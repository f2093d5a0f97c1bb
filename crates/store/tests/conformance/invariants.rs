//! Any operations in any order, against a small model: who holds what is foretold, what must always hold is looked at
//! after each step, and in the end everything comes to its end.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::fault::Fault;
use model::id::{Fence, PartitionId, RunId, SyncKey};
use model::ledger::{LedgerState, LedgerWrite};
use model::partition::Partition;
use model::policy::Overlap;
use model::run::Run;
use model::state::{PartitionState, RunState};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::{
    Beat, Claimed, Controlled, End, Finish, LedgerFilter, NewRun, PartitionFilter, Requested, RunEffect,
    RunFilter, Store,
};

use crate::bed::{Database, LEASE, at, finish, no_words, wish};

/// One thing done to the store. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Op {
    Request { overlap: Overlap, partitions: usize, max_parallel: Option<u32>, limit: Option<u32> },
    Claim { limit: u32 },
    Begin { held: usize },
    Beat,
    Finish { held: usize, end: Ending },
    FinishAll { end: Ending },
    Again { finish: usize },
    Cancel { run: usize },
    Pause { run: usize },
    Resume { run: usize },
    Pass { seconds: i64 },
    Reap,
    Promote,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Succeeded,
    Skipped,
    Failed,
    SourceFailed,
    Retry,
    Released,
    Cancelled,
    FailsRun,
    PausesRun,
}

fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    let overlap = prop_oneof![
        3 => Just(Overlap::Reject),
        1 => Just(Overlap::Skip),
        1 => Just(Overlap::BufferOne),
        2 => Just(Overlap::BufferAll),
        1 => Just(Overlap::CancelOther),
        3 => Just(Overlap::Allow),
    ];
    let ending = prop_oneof![
        6 => Just(Ending::Succeeded),
        1 => Just(Ending::Skipped),
        2 => Just(Ending::Failed),
        2 => Just(Ending::SourceFailed),
        3 => Just(Ending::Retry),
        2 => Just(Ending::Released),
        1 => Just(Ending::Cancelled),
        1 => Just(Ending::FailsRun),
        1 => Just(Ending::PausesRun),
    ];
    let request = (overlap, 0..5usize, proptest::option::of(1..3u32), proptest::option::of(1..3u32));
    let request = request.prop_map(|(overlap, partitions, max_parallel, limit)| Op::Request {
        overlap,
        partitions,
        max_parallel,
        limit,
    });
    let op = prop_oneof![
        4 => request,
        6 => (1..4u32).prop_map(|limit| Op::Claim { limit }),
        2 => (0..8usize).prop_map(|held| Op::Begin { held }),
        2 => Just(Op::Beat),
        6 => (0..8usize, ending.clone()).prop_map(|(held, end)| Op::Finish { held, end }),
        1 => ending.prop_map(|end| Op::FinishAll { end }),
        2 => (0..20usize).prop_map(|finish| Op::Again { finish }),
        1 => (0..8usize).prop_map(|run| Op::Cancel { run }),
        2 => (0..8usize).prop_map(|run| Op::Pause { run }),
        3 => (0..8usize).prop_map(|run| Op::Resume { run }),
        2 => (1..40i64).prop_map(|seconds| Op::Pass { seconds }),
        2 => Just(Op::Reap),
        2 => Just(Op::Promote),
    ];
    proptest::collection::vec(op, 1..most)
}

/// What the test knows.
struct Bed {
    store: Store,
    second: i64,
    runs: Vec<(RunId, NewRun)>,
    /// Acquisitions as their holders see them, dead ones too: what they would write is tried.
    held: Vec<Claimed>,
    /// The fence under which each partition is held now, and until when. The model of all claims.
    living: BTreeMap<PartitionId, (Fence, Timestamp)>,
    sent: Vec<Finish>,
    /// How each partition ended, by the one finish that was accepted.
    ended: BTreeMap<PartitionId, PartitionState>,
    fences: BTreeMap<PartitionId, Fence>,
}

impl Bed {
    fn new(store: Store) -> Self {
        Self {
            store,
            second: 0,
            runs: Vec::new(),
            held: Vec::new(),
            living: BTreeMap::new(),
            sent: Vec::new(),
            ended: BTreeMap::new(),
            fences: BTreeMap::new(),
        }
    }

    fn now(&self) -> Timestamp {
        at(self.second)
    }

    fn is_living(&self, partition: PartitionId, fence: Fence) -> bool {
        self.living.get(&partition).is_some_and(|(held, _)| *held == fence)
    }

    async fn step(&mut self, op: Op) {
        match op {
            Op::Request { overlap, partitions, max_parallel, limit } => {
                self.request(overlap, partitions, max_parallel, limit).await;
            }
            Op::Claim { limit } => self.claim(limit).await,
            Op::Begin { held } => self.begin(held).await,
            Op::Beat => self.beat().await,
            Op::Finish { held, end } => {
                if let Some(claimed) = pick(&self.held, held).cloned() {
                    self.finish(vec![ending(&claimed, end, self.now())]).await;
                }
            }
            Op::FinishAll { end } => {
                let now = self.now();
                let living = self.held.iter().filter(|c| self.is_living(c.partition.id, c.partition.fence));
                let all = living.map(|claimed| ending(claimed, end, now)).collect();
                self.finish(all).await;
            }
            Op::Again { finish } => {
                if let Some(finish) = pick(&self.sent, finish).cloned() {
                    self.finish(vec![finish]).await;
                }
            }
            Op::Cancel { run } => self.control(run, Verb::Cancel).await,
            Op::Pause { run } => self.control(run, Verb::Pause).await,
            Op::Resume { run } => self.control(run, Verb::Resume).await,
            Op::Pass { seconds } => self.second += seconds,
            Op::Reap => self.reap().await,
            Op::Promote => drop(self.store.promote(100, self.now()).await.unwrap()),
        }
    }

    async fn request(
        &mut self,
        overlap: Overlap,
        partitions: usize,
        max_parallel: Option<u32>,
        limit: Option<u32>,
    ) {
        let keys = &["a", "b", "c", "d"][..partitions];
        let mut new = wish(keys);
        let sync = if overlap == Overlap::Allow { "stocks.wide" } else { "stocks.daily" };
        new.request.sync = SyncKey::parse(sync).unwrap();
        new.policy.overlap = overlap;
        new.policy.max_parallel = max_parallel;
        new.policy.source_fault_limit = limit;
        match self.store.request(new.clone(), self.now()).await.unwrap() {
            Requested::Started(run) | Requested::Buffered(run) => self.runs.push((run.id, new)),
            Requested::Busy(run) => assert!(!run.state.is_end()),
            Requested::Known(run) => panic!("nothing was asked twice, got {run:?}"),
        }
    }

    async fn claim(&mut self, limit: u32) {
        let systems = ["stocks".to_owned()];
        let claimed = self.store.claim("host-42", &systems, limit, LEASE, self.now()).await.unwrap();
        assert!(claimed.len() <= limit as usize);
        for claimed in claimed {
            let (id, fence) = (claimed.partition.id, claimed.partition.fence);
            assert!(!self.living.contains_key(&id), "{id} was claimed while held");
            assert!(!self.ended.contains_key(&id), "{id} was claimed after its end");
            self.living.insert(id, (fence, self.now() + LEASE));
            self.held.push(claimed);
        }
    }

    async fn begin(&self, held: usize) {
        let Some(claimed) = pick(&self.held, held) else { return };
        let (id, fence) = (claimed.partition.id, claimed.partition.fence);
        let write = LedgerWrite::new(LedgerState::Running, "begun");
        let written = self.store.write_ledger(id, fence, write, self.now()).await.unwrap();
        assert_eq!(written, self.is_living(id, fence));
        let kept = self.store.checkpoint(id, fence, serde_json::json!(1), self.now()).await.unwrap();
        assert_eq!(kept, written);
    }

    async fn beat(&mut self) {
        let beats: Vec<Beat> = self
            .held
            .iter()
            .map(|claimed| Beat {
                partition: claimed.partition.id,
                fence: claimed.partition.fence,
                units: Default::default(),
                counts: Default::default(),
                message: None,
                run_message: None,
            })
            .collect();
        let answers = self.store.beat(beats, LEASE, self.now()).await.unwrap();
        let heard: BTreeSet<PartitionId> = answers.iter().map(|answer| answer.partition).collect();
        assert_eq!(heard, self.living.keys().copied().collect());
        let until = self.now() + LEASE;
        self.living.values_mut().for_each(|(_, lease)| *lease = until);
    }

    async fn finish(&mut self, finishes: Vec<Finish>) {
        let before = self.sent.clone();
        self.sent.extend(finishes.iter().cloned());
        let settled = self.store.finish(finishes.clone(), self.now()).await.unwrap();
        assert_eq!(settled.answers.len(), finishes.len());
        for (finish, answer) in finishes.iter().zip(&settled.answers) {
            let living = self.is_living(finish.partition, finish.fence);
            let repeat = before.iter().any(|sent| {
                (sent.partition, sent.fence) == (finish.partition, finish.fence)
                    && alike(&sent.end, &finish.end)
            });
            assert!(!living || answer.accepted, "a living holder was refused: {finish:?}");
            assert!(living || repeat || !answer.accepted, "a dead holder was heard: {finish:?}");
            if living {
                self.living.remove(&finish.partition);
                if let Some(state) = end_state(&finish.end) {
                    assert_eq!(self.ended.insert(finish.partition, state), None, "two ends: {finish:?}");
                }
            }
        }
    }

    async fn reap(&mut self) {
        let now = self.now();
        self.store.reap(100, no_words(), now).await.unwrap();
        self.living.retain(|_, (_, until)| *until >= now);
    }

    async fn control(&self, run: usize, verb: Verb) {
        let Some((id, _)) = pick(&self.runs, run) else { return };
        let answer = match verb {
            Verb::Cancel => self.store.cancel(*id, no_words(), self.now()).await.unwrap(),
            Verb::Pause => self.store.pause(*id, no_words(), self.now()).await.unwrap(),
            Verb::Resume => self.store.resume(*id, self.now()).await.unwrap(),
        };
        match answer {
            Controlled::Busy(holder) => assert!(verb == Verb::Resume && holder.id != *id),
            Controlled::Refused(run) => {
                assert!(verb == Verb::Resume || run.state.is_end() || run.control.code() > 0);
            }
            Controlled::Done(_) | Controlled::Unchanged(_) => {}
            Controlled::Unknown => panic!("{id} is there"),
        }
    }

    /// What must hold at every moment.
    async fn look(&mut self) {
        let read = self.store.read();
        let leases = read.leases().await.unwrap();
        let holders: BTreeSet<RunId> = leases.iter().map(|lease| lease.run_id).collect();
        let runs = read.runs(&RunFilter { limit: 1_000, ..RunFilter::default() }).await.unwrap();
        for run in &runs {
            let Some((_, new)) = self.runs.iter().find(|(id, _)| *id == run.id) else { continue };
            let filter = PartitionFilter { limit: 100, ..PartitionFilter::default() };
            let partitions = read.partitions(run.id, &filter).await.unwrap();
            counters_are_a_recount(run, &partitions);
            states_fit(run, &partitions);
            let running = partitions.iter().filter(|p| p.state == PartitionState::Running).count();
            if let Some(most) = new.policy.max_parallel {
                assert!(running <= most as usize, "{running} at once: {run:?}");
            }
            let holds = holders.contains(&run.id);
            assert!(
                !holds || !(run.state.is_end() || run.state == RunState::Paused),
                "holds a lease: {run:?}"
            );
            assert!(new.policy.overlap == Overlap::Allow || running == 0 || holds, "without lease: {run:?}");
            for partition in partitions {
                self.look_at(&partition);
            }
        }
        assert_eq!(runs.len(), self.runs.len());
        assert_eq!(leases.len(), holders.len());
    }

    fn look_at(&mut self, partition: &Partition) {
        let before = self.fences.insert(partition.id, partition.fence);
        assert!(before.is_none_or(|before| before <= partition.fence), "a fence fell: {partition:?}");
        let running = partition.state == PartitionState::Running;
        assert_eq!(running, self.is_living(partition.id, partition.fence), "{partition:?}");
        assert_eq!(running, partition.lease_until.is_some(), "{partition:?}");
        assert_eq!(partition.state.is_end(), partition.ended_at.is_some(), "{partition:?}");
        match self.ended.get(&partition.id) {
            Some(end) => assert_eq!(partition.state, *end, "its end did not stay: {partition:?}"),
            // Ends nobody finished: dropped with its run, or given up by the reaper.
            None if partition.state.is_end() => {
                let dropped =
                    [PartitionState::Cancelled, PartitionState::Quarantined].contains(&partition.state);
                assert!(dropped, "nobody ended it: {partition:?}");
                self.ended.insert(partition.id, partition.state);
            }
            None => {}
        }
    }

    /// Lets everything come to its end, and looks that nothing is left behind.
    async fn drain(&mut self) {
        for _ in 0..200 {
            self.second += 400;
            self.reap().await;
            self.store.promote(100, self.now()).await.unwrap();
            for run in 0..self.runs.len() {
                self.control(run, Verb::Resume).await;
            }
            self.claim(100).await;
            self.step(Op::FinishAll { end: Ending::Succeeded }).await;
            self.look().await;
            let runs =
                self.store.read().runs(&RunFilter { limit: 1_000, ..RunFilter::default() }).await.unwrap();
            if runs.iter().all(|run| run.state.is_end()) {
                return self.look_at_the_end().await;
            }
        }
        panic!("something never ends");
    }

    async fn look_at_the_end(&self) {
        let read = self.store.read();
        assert!(read.leases().await.unwrap().is_empty());
        assert_eq!(self.store.promote(100, self.now()).await.unwrap(), None);
        for sync in ["stocks.daily", "stocks.wide"] {
            let sync = SyncKey::parse(sync).unwrap();
            let counts = read.ledger_counts(&sync, &LedgerFilter::default()).await.unwrap();
            assert!(counts.iter().all(|(state, _)| *state != LedgerState::Running), "{counts:?}");
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Cancel,
    Pause,
    Resume,
}

fn pick<T>(from: &[T], at: usize) -> Option<&T> {
    // The newest first: what is old is mostly over.
    from.iter().rev().nth(at)
}

fn ending(claimed: &Claimed, end: Ending, now: Timestamp) -> Finish {
    let source = || Fault::again("timeout", "no answer").from_source();
    let retry_at = now + std::time::Duration::from_secs(7);
    let (end, run) = match end {
        Ending::Succeeded => (End::Succeeded, RunEffect::None),
        Ending::Skipped => (End::Skipped, RunEffect::Say("skipped".to_owned())),
        Ending::Failed => (End::Failed(Fault::never("bad", "bad rows")), RunEffect::None),
        Ending::SourceFailed => (End::Failed(source()), RunEffect::None),
        Ending::Retry => (End::Retry(source(), retry_at), RunEffect::None),
        Ending::Released => (End::Released, RunEffect::None),
        Ending::Cancelled => (End::Cancelled, RunEffect::None),
        Ending::FailsRun => (End::Failed(source()), RunEffect::Fail(source())),
        Ending::PausesRun => (End::Released, RunEffect::PauseUntil(retry_at, "spent".to_owned())),
    };
    let ledger = Some(LedgerWrite::new(LedgerState::Succeeded, "done"));
    let ledger = ledger.filter(|_| end_state(&end) == Some(PartitionState::Succeeded));
    Finish { run, ledger, ..finish(claimed, end) }
}

fn end_state(end: &End) -> Option<PartitionState> {
    match end {
        End::Succeeded => Some(PartitionState::Succeeded),
        End::Skipped => Some(PartitionState::Skipped),
        End::Failed(_) => Some(PartitionState::Failed),
        End::Cancelled => Some(PartitionState::Cancelled),
        End::Retry(..) | End::Released => None,
    }
}

fn alike(one: &End, other: &End) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

fn counters_are_a_recount(run: &Run, partitions: &[Partition]) {
    let count = |states: &[PartitionState]| {
        i64::try_from(partitions.iter().filter(|p| states.contains(&p.state)).count()).unwrap()
    };
    assert_eq!(run.partitions_total, i64::try_from(partitions.len()).unwrap());
    assert_eq!(run.partitions_succeeded, count(&[PartitionState::Succeeded]), "{run:?}");
    assert_eq!(run.partitions_skipped, count(&[PartitionState::Skipped]), "{run:?}");
    assert_eq!(
        run.partitions_failed,
        count(&[PartitionState::Failed, PartitionState::Quarantined]),
        "{run:?}"
    );
    let ended = partitions.iter().filter(|p| p.state.is_end());
    let items = ended.fold(model::counts::ItemCounts::default(), |sum, p| sum + p.counts);
    assert_eq!(run.counts, items, "{run:?}");
}

fn states_fit(run: &Run, partitions: &[Partition]) {
    let any = |state| partitions.iter().any(|p| p.state == state);
    assert_eq!(run.state.is_end(), partitions.iter().all(|p| p.state.is_end()), "{run:?} {partitions:?}");
    assert_eq!(run.state.is_end(), run.ended_at.is_some());
    match run.state {
        RunState::Running => {}
        RunState::Queued | RunState::Waiting | RunState::Paused => {
            assert!(!any(PartitionState::Running), "{run:?} {partitions:?}");
        }
        RunState::Succeeded => assert_eq!(run.partitions_failed, 0),
        RunState::Partial => {
            assert!(run.partitions_failed > 0 && run.partitions_finished() > run.partitions_failed);
        }
        RunState::Failed => assert!(run.partitions_failed > 0 || run.fault_code.is_some(), "{run:?}"),
        RunState::Cancelled => assert!(any(PartitionState::Cancelled), "{run:?}"),
    }
}

async fn drive(store: Store, ops: Vec<Op>) {
    let mut bed = Bed::new(store);
    for op in ops {
        bed.step(op).await;
        bed.look().await;
    }
    bed.drain().await;
}

fn runner(cases: u32, max_shrink_iters: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters, ..Config::default() })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn whatever_is_done_in_any_order_the_invariants_hold_on_sqlite() {
    let runtime = runtime();
    let ran = runner(400, 2_000).run(&ops(60), |ops| {
        runtime.block_on(async { drive(Store::sqlite(":memory:".as_ref()).await.unwrap(), ops).await });
        Ok(())
    });
    ran.unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn whatever_is_done_in_any_order_the_invariants_hold_on_postgresql() {
    let runtime = runtime();
    let ran = runner(6, 50).run(&ops(40), |ops| {
        runtime.block_on(async {
            let database = Database::create().await;
            drive(Store::postgres(&database.url).await.unwrap(), ops).await;
            database.remove().await;
        });
        Ok(())
    });
    ran.unwrap_or_else(|failed| panic!("{failed}"));
}
