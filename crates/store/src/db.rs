//! The two databases and the operations on them.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use model::event::Event;
use model::id::{Fence, PartitionId, RunId, ScheduleId, SyncKey};
use model::ledger::{LedgerRow, LedgerWrite};
use model::partition::Partition;
use model::run::Run;
use model::schedule::{Schedule, ScheduleSpec, TickRow};
use serde_json::Value;

use crate::types::*;
use crate::{Rings, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

/// The state store, for the engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {}

/// The reading half, for everybody. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {}

impl Store {
    /// Opens (creates, migrates) the embedded database at `path`; `:memory:` for tests.
    pub async fn sqlite(path: &Path) -> Result<Self> {
        todo!()
    }
    /// Connects to PostgreSQL, migrates schema `syncline`.
    pub async fn postgres(url: &str) -> Result<Self> {
        todo!()
    }
    /// The reading half.
    pub fn read(&self) -> Reader {
        todo!()
    }
    /// Wakers.
    pub fn rings(&self) -> Rings {
        todo!()
    }
    /// How far the database's clock is ahead of `now` (zero on SQLite): leases are kept by the database's clock.
    pub async fn clock_offset(&self, now: Timestamp) -> Result<jiff::SignedDuration> {
        todo!()
    }
    /// Makes the sync known (its policy is stored and shown).
    pub async fn upsert_sync(
        &self,
        key: &SyncKey,
        policy: &model::policy::SyncPolicy,
        now: Timestamp,
    ) -> Result<()> {
        todo!()
    }

    // request.rs
    /// Accepts a run, or says what is in its way: lease check, reference, run, partitions, event in one transaction.
    pub async fn request(&self, new: NewRun, now: Timestamp) -> Result<Requested> {
        todo!()
    }

    // claim.rs
    /// Claims up to `limit` ready partitions of the given systems: highest priority, then oldest run, then plan order.
    pub async fn claim(
        &self,
        holder: &str,
        systems: &[String],
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Claimed>> {
        todo!()
    }
    /// Renews leases, stores progress, learns controls, for all partitions a process holds.
    pub async fn beat(&self, beats: Vec<Beat>, lease: Duration, now: Timestamp) -> Result<Vec<BeatAnswer>> {
        todo!()
    }
    /// Stores where the partition can go on. False: the fence is old.
    pub async fn checkpoint(
        &self,
        partition: PartitionId,
        fence: Fence,
        state: Value,
        now: Timestamp,
    ) -> Result<bool> {
        todo!()
    }
    /// Writes the ledger row of the partition's key while it is held. False: the fence is old.
    pub async fn write_ledger(
        &self,
        partition: PartitionId,
        fence: Fence,
        write: LedgerWrite,
        now: Timestamp,
    ) -> Result<bool> {
        todo!()
    }

    // finish.rs
    /// Takes partitions back, counts, admits the next, settles runs, frees leases, starts buffered runs: one transaction.
    ///
    /// Consecutive `End::Failed` faults that are `from_source` are counted on the run (a partition that succeeded sets
    /// the count back); at the policy's `source_fault_limit` the run ends `failed` with that fault.
    /// A repeated finish whose first reply was lost (same fence, already ended) is answered as accepted.
    pub async fn finish(&self, finishes: Vec<Finish>, now: Timestamp) -> Result<Settled> {
        todo!()
    }

    // reap.rs
    /// Takes expired claims back: to the queue with a pause, or to an end when tries or crashes are used up.
    pub async fn reap(&self, limit: u32, words: LostWords, now: Timestamp) -> Result<Settled> {
        todo!()
    }
    /// Makes due what is due: waiting partitions, paused runs whose time came, buffered runs whose lease is free.
    /// Answers when the next is due.
    pub async fn promote(&self, limit: u32, now: Timestamp) -> Result<Option<Timestamp>> {
        todo!()
    }
    /// Gives back, uncounted, everything this host's former boots held (embedded database only: nobody else can hold it).
    pub async fn release_former(&self, now: Timestamp) -> Result<u64> {
        todo!()
    }

    // control.rs
    /// Cancels a run: what is not running ends now, holders are told.
    pub async fn cancel(&self, run: RunId, now: Timestamp) -> Result<Controlled> {
        todo!()
    }
    /// Pauses a run until a person resumes it.
    pub async fn pause(&self, run: RunId, now: Timestamp) -> Result<Controlled> {
        todo!()
    }
    /// Lets a paused run go on, when its lease is free.
    pub async fn resume(&self, run: RunId, now: Timestamp) -> Result<Controlled> {
        todo!()
    }
    /// Acknowledges ended runs of a system (all, when `None`) up to `up_to`.
    pub async fn mark_read(&self, system: Option<&str>, up_to: RunId, now: Timestamp) -> Result<u64> {
        todo!()
    }

    // schedule.rs
    /// Makes the schedule exist; an existing one of that name keeps what a person changed (paused, cron, params)
    /// unless `spec` itself changed since it was last put. `next` is its next time.
    pub async fn put_schedule(
        &self,
        spec: &ScheduleSpec,
        next: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Schedule> {
        todo!()
    }
    /// A person's change. `next` is the next time under the change.
    pub async fn change_schedule(
        &self,
        id: ScheduleId,
        change: ScheduleChange,
        next: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Schedule>> {
        todo!()
    }
    /// Removes it; its ticks go with it, its runs stay.
    pub async fn remove_schedule(&self, id: ScheduleId, now: Timestamp) -> Result<bool> {
        todo!()
    }
    /// Records times, starts runs and moves the cursor. `None`: somebody else did (version differs, or paused).
    pub async fn commit_tick(&self, tick: TickCommit, now: Timestamp) -> Result<Option<Vec<TickDone>>> {
        todo!()
    }

    // follow.rs
    /// Notes that the follow-ups of something that ended are known, and puts them, in one transaction; each comes with
    /// its next time. False: somebody else did it before, nothing was written.
    pub async fn follow(
        &self,
        ended: &Unfollowed,
        wanted: Vec<(ScheduleSpec, Option<Timestamp>)>,
        now: Timestamp,
    ) -> Result<bool> {
        todo!()
    }

    // log.rs, budget.rs, ledger.rs, retention.rs
    /// Appends to runs' logs.
    pub async fn append_log(&self, lines: Vec<NewLogLine>) -> Result<()> {
        todo!()
    }
    /// Takes up to `wanted` from the upstream's budget of that day.
    pub async fn spend(
        &self,
        upstream: &str,
        day: Date,
        wanted: u32,
        limit: u64,
        now: Timestamp,
    ) -> Result<Spent> {
        todo!()
    }
    /// Gives back what was granted and not used.
    pub async fn unspend(&self, upstream: &str, day: Date, unused: u32, now: Timestamp) -> Result<()> {
        todo!()
    }
    /// A small note of a system, shared by all processes (`stocks.blacklisted_until`). `None` removes it.
    pub async fn put_note(&self, key: &str, value: Option<&Value>, now: Timestamp) -> Result<()> {
        todo!()
    }
    /// Imports ledger rows that are not there yet (takeover of an older system's table).
    pub async fn import_ledger(
        &self,
        sync: &SyncKey,
        rows: Vec<LedgerImport>,
        now: Timestamp,
    ) -> Result<u64> {
        todo!()
    }
    /// Deletes what is older than `keep`, at most 1,000 runs a call; answers the references of the runs that went.
    pub async fn forget(&self, keep: Keep, now: Timestamp) -> Result<Vec<Run>> {
        todo!()
    }
}

impl Reader {
    /// Answers when the database does.
    pub async fn ping(&self) -> Result<()> {
        todo!()
    }
    /// A run by number.
    pub async fn run(&self, id: RunId) -> Result<Option<Run>> {
        todo!()
    }
    /// A run by its public name.
    pub async fn run_by_reference(&self, sync: &SyncKey, reference: &str) -> Result<Option<Run>> {
        todo!()
    }
    /// The run that holds the sync's lease.
    pub async fn lease_holder(&self, sync: &SyncKey) -> Result<Option<Run>> {
        todo!()
    }
    /// All leases held.
    pub async fn leases(&self) -> Result<Vec<LeaseRow>> {
        todo!()
    }
    /// Runs, newest first.
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>> {
        todo!()
    }
    /// Ended runs nobody acknowledged.
    pub async fn unread(&self, system: Option<&str>) -> Result<i64> {
        todo!()
    }
    /// Partitions of a run, in plan order.
    pub async fn partitions(&self, run: RunId, filter: &PartitionFilter) -> Result<Vec<Partition>> {
        todo!()
    }
    /// The partition now running with the smallest ordinal, else the one touched last.
    pub async fn current_partition(&self, run: RunId) -> Result<Option<Partition>> {
        todo!()
    }
    /// The newest `limit` failed partitions, newest first.
    pub async fn failed_partitions(&self, run: RunId, limit: u32) -> Result<Vec<Partition>> {
        todo!()
    }
    /// Tries of a partition, oldest first.
    pub async fn attempts(&self, partition: PartitionId) -> Result<Vec<Attempt>> {
        todo!()
    }
    /// One ledger row.
    pub async fn ledger_row(&self, sync: &SyncKey, key: &str) -> Result<Option<LedgerRow>> {
        todo!()
    }
    /// Ledger rows by key.
    pub async fn ledger(&self, sync: &SyncKey, filter: &LedgerFilter) -> Result<Vec<LedgerRow>> {
        todo!()
    }
    /// How many ledger rows are in each state (same filter, without order, offset and limit).
    pub async fn ledger_counts(
        &self,
        sync: &SyncKey,
        filter: &LedgerFilter,
    ) -> Result<Vec<(model::ledger::LedgerState, i64)>> {
        todo!()
    }
    /// Keys among those being done now by a living holder.
    pub async fn living(&self, sync: &SyncKey, now: Timestamp) -> Result<Vec<String>> {
        todo!()
    }
    /// All schedules, by name.
    pub async fn schedules(&self) -> Result<Vec<Schedule>> {
        todo!()
    }
    /// One schedule.
    pub async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>> {
        todo!()
    }
    /// One schedule by name.
    pub async fn schedule_by_name(&self, name: &str) -> Result<Option<Schedule>> {
        todo!()
    }
    /// Schedules due, and when the next one is.
    pub async fn due_schedules(
        &self,
        limit: u32,
        now: Timestamp,
    ) -> Result<(Vec<Schedule>, Option<Timestamp>)> {
        todo!()
    }
    /// Ended runs and ticks without a run nobody followed up yet, oldest first; see [`Store::follow`].
    pub async fn unfollowed(&self, limit: u32) -> Result<Vec<Unfollowed>> {
        todo!()
    }
    /// Newest times of a schedule, newest first.
    pub async fn ticks(&self, id: ScheduleId, limit: u32) -> Result<Vec<TickRow>> {
        todo!()
    }
    /// Events after the cursor (`None`: from now on), commit-safe; and the cursor to go on from.
    pub async fn events(&self, after: Option<&str>, limit: u32) -> Result<(Vec<Event>, String)> {
        todo!()
    }
    /// Lines of a run's log with ids above `after`.
    pub async fn log(&self, run: RunId, after: i64, limit: u32) -> Result<Vec<LogLine>> {
        todo!()
    }
    /// What was used of a budget that day.
    pub async fn spent(&self, upstream: &str, day: Date) -> Result<u64> {
        todo!()
    }
    /// A system's small note.
    pub async fn note(&self, key: &str) -> Result<Option<Value>> {
        todo!()
    }
}
