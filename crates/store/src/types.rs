//! Arguments and answers of the store's operations, beyond the nouns of `model`.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use model::counts::ItemCounts;
use model::fault::Fault;
use model::id::{Fence, PartitionId, RunId, ScheduleId, SyncKey};
use model::ledger::{LedgerState, LedgerWrite};
use model::partition::{Partition, UnitProgress};
use model::policy::SyncPolicy;
use model::run::{Plan, Run, RunRequest, Trigger};
use model::schedule::{Schedule, TickDecision, TickRow};
use model::state::{Control, PartitionState, RunState};
use serde_json::Value;

/// A request with the plan its system made and the policy of its sync: all that one transaction needs.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The wish.
    pub request: RunRequest,
    /// Its partitions.
    pub plan: Plan,
    /// What holds for the sync.
    pub policy: SyncPolicy,
}

/// What became of a request.
#[derive(Clone, Debug)]
pub enum Requested {
    /// A run was made and holds its lease (or needs none).
    Started(Run),
    /// A run was made that waits for its lease.
    Buffered(Run),
    /// The same idempotency key made this run before.
    Known(Run),
    /// Nothing was made: this run holds the lease.
    Busy(Run),
}

/// In whose right a worker writes: what it writes counts as long as it holds the partition under this fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// The partition it does.
    pub partition: PartitionId,
    /// Of its claim.
    pub fence: Fence,
}

impl From<&Partition> for Right {
    fn from(partition: &Partition) -> Self {
        Self { partition: partition.id, fence: partition.fence }
    }
}

/// One time of a schedule to be recorded, in the same transaction with the run it starts.
#[derive(Clone, Debug)]
pub struct TickCommit {
    /// The schedule.
    pub schedule: ScheduleId,
    /// Its version as read; another version in the table means somebody else decided: nothing is done.
    pub version: i64,
    /// The times, oldest first, with what each becomes.
    pub ticks: Vec<TickPlan>,
    /// The schedule's next time afterwards.
    pub next_nominal_at: Option<Timestamp>,
}

/// What one time of a schedule becomes.
#[derive(Clone, Debug)]
pub struct TickPlan {
    /// The time meant.
    pub nominal_at: Timestamp,
    /// What it becomes.
    pub act: TickAct,
}

/// See [`TickPlan`].
#[derive(Clone, Debug)]
pub enum TickAct {
    /// A run is wanted; the overlap policy decides in the transaction.
    Start(Box<NewRun>),
    /// Nothing is started, and why.
    Record(TickDecision, String),
}

/// What a committed time became.
#[derive(Clone, Debug)]
pub struct TickDone {
    /// The time meant.
    pub nominal_at: Timestamp,
    /// What it became.
    pub decision: TickDecision,
    /// The run it made, or the run that was in its way.
    pub run: Option<Run>,
}

/// A partition in its holder's hands.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The partition, with its new fence.
    pub partition: Partition,
    /// Its run.
    pub run: Run,
}

/// A sign of life for one held partition, with its progress.
#[derive(Clone, Debug)]
pub struct Beat {
    /// Which.
    pub partition: PartitionId,
    /// In whose right.
    pub fence: Fence,
    /// How far it has come.
    pub units: UnitProgress,
    /// Items so far.
    pub counts: ItemCounts,
    /// What it has to say; `None` leaves what is there.
    pub message: Option<String>,
    /// What its run shall say from now on; `None` leaves what is there.
    pub run_message: Option<String>,
}

/// The answer to a [`Beat`]. A partition that is missing from the answers is lost to its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeatAnswer {
    /// Which.
    pub partition: PartitionId,
    /// What is asked of its holder.
    pub control: Control,
}

/// How a holder gives a partition back.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Which.
    pub partition: PartitionId,
    /// In whose right.
    pub fence: Fence,
    /// How.
    pub end: End,
    /// Its final progress.
    pub units: UnitProgress,
    /// Its items, added to the run's when the partition ends.
    pub counts: ItemCounts,
    /// What it has to say.
    pub message: Option<String>,
    /// What the ledger shall say of its key; `None` leaves the ledger alone.
    pub ledger: Option<LedgerWrite>,
    /// What it means for the run.
    pub run: RunEffect,
}

/// See [`Finish`].
#[derive(Clone, Debug)]
pub enum End {
    /// Done.
    Succeeded,
    /// Nothing to do.
    Skipped,
    /// Given up.
    Failed(Fault),
    /// To be tried again at this time.
    Retry(Fault, Timestamp),
    /// Handed back undone by a holder that stops (shutdown, or a pause the run asked for): the try does not count,
    /// the checkpoint stays.
    Released,
    /// Stopped because its run was cancelled.
    Cancelled,
}

/// What a partition's outcome means for its run, beyond counting.
#[derive(Clone, Debug)]
pub enum RunEffect {
    /// Nothing.
    None,
    /// The run says this from now on.
    Say(String),
    /// The run ends `failed`; partitions not begun stay untouched (`cancelled`).
    Fail(Fault),
    /// The run pauses, says this, and goes on by itself at that time.
    PauseUntil(Timestamp, String),
}

/// What became of a [`Finish`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishAnswer {
    /// Which.
    pub partition: PartitionId,
    /// False when the fence was old: nothing was written.
    pub accepted: bool,
}

/// A change of a batch of outcomes: the runs that ended with it.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// Per outcome.
    pub answers: Vec<FinishAnswer>,
    /// Runs that ended in this transaction.
    pub ended: Vec<Run>,
}

/// What became of a partition whose holder died, where that is more than another try; or of one that nobody held any
/// more when its run was stopped.
#[derive(Clone, Debug)]
pub enum Lost {
    /// Tries or crashes are used up.
    GivenUp(Fault),
    /// Its run was cancelled.
    Cancelled,
    /// Its run was paused; it waits for the run to go on.
    Paused,
}

/// What the ledger shall say of such a partition's key, in its system's words. Pure; called inside the transaction.
pub type LostWords = Arc<dyn Fn(&Claimed, &Lost) -> Option<LedgerWrite> + Send + Sync>;

/// Something that came to its end and whose system was not asked yet what is wanted next.
#[derive(Clone, Debug)]
pub enum Unfollowed {
    /// A run that ended.
    Run(Box<Run>),
    /// A schedule's time that started no run.
    Tick(Box<Schedule>, TickRow),
}

/// What a control verb found.
#[derive(Clone, Debug)]
pub enum Controlled {
    /// Carried out or passed on to the holders; the run as it is now.
    Done(Run),
    /// The run was already in the state asked for.
    Unchanged(Run),
    /// The run's state does not allow it.
    Refused(Run),
    /// Another run holds the lease (resume only).
    Busy(Run),
    /// No such run.
    Unknown,
}

/// Which runs to list. Every `None` means any. Newest first.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of one system.
    pub system: Option<String>,
    /// Of one sync.
    pub sync: Option<SyncKey>,
    /// In one of these states; empty is any.
    pub states: Vec<RunState>,
    /// Asked for by one of these; empty is any.
    pub triggers: Vec<Trigger>,
    /// Accepted at or after.
    pub since: Option<Timestamp>,
    /// Accepted before.
    pub until: Option<Timestamp>,
    /// Ids below this one (the last of the page before).
    pub before: Option<RunId>,
    /// At most this many.
    pub limit: u32,
}

/// Which partitions of a run to list, by ordinal.
#[derive(Clone, Debug, Default)]
pub struct PartitionFilter {
    /// In one of these states; empty is any.
    pub states: Vec<PartitionState>,
    /// Ordinals above this one.
    pub after: Option<i64>,
    /// At most this many.
    pub limit: u32,
}

/// Which ledger rows to list. Bounds are inclusive and compare keys as text.
#[derive(Clone, Debug, Default)]
pub struct LedgerFilter {
    /// Smallest key.
    pub from: Option<String>,
    /// Largest key.
    pub to: Option<String>,
    /// In one of these states; empty is any.
    pub states: Vec<LedgerState>,
    /// Order by key.
    pub order: Order,
    /// Rows to pass over.
    pub offset: u32,
    /// At most this many.
    pub limit: Option<u32>,
}

/// Order of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// Runs that ended alike within a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedRuns {
    /// The quarter's beginning.
    pub quarter: Timestamp,
    /// How they ended.
    pub state: RunState,
    /// How many.
    pub count: i64,
}

/// A try that ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which partition.
    pub partition: PartitionId,
    /// The fence it was done under.
    pub fence: Fence,
    /// The try's number.
    pub attempt: u32,
    /// The process.
    pub holder: String,
    /// Claimed.
    pub started_at: Timestamp,
    /// Given back or lost.
    pub ended_at: Timestamp,
    /// `succeeded`, `skipped`, `failed`, `retry`, `released`, `cancelled`, `lost`.
    pub outcome: String,
    /// Of the fault.
    pub fault_code: Option<String>,
    /// Of the fault.
    pub fault_message: Option<String>,
}

/// A try of any partition of a run, ended or under way.
#[derive(Clone, Debug)]
pub struct RunTry {
    /// Which partition.
    pub partition: PartitionId,
    /// Its key.
    pub key: String,
    /// The try's number.
    pub attempt: u32,
    /// The process.
    pub holder: String,
    /// Claimed.
    pub started_at: Timestamp,
    /// Given back or lost; `None` while it is under way.
    pub ended_at: Option<Timestamp>,
    /// As of an [`Attempt`], and `running`.
    pub outcome: String,
    /// Of the fault.
    pub fault_code: Option<String>,
}

/// Partitions of a run that failed alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFault {
    /// The fault's code.
    pub code: Option<String>,
    /// One of their messages.
    pub message: Option<String>,
    /// How many.
    pub partitions: i64,
}

/// A line of a run's log.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// Grows inside a run.
    pub id: i64,
    /// Which run.
    pub run_id: RunId,
    /// Which partition, where one speaks.
    pub partition_id: Option<PartitionId>,
    /// When.
    pub at: Timestamp,
    /// `info`, `warn` or `error`.
    pub level: String,
    /// The line.
    pub message: String,
}

/// A line to be.
#[derive(Clone, Debug)]
pub struct NewLogLine {
    /// Which run.
    pub run_id: RunId,
    /// Which partition, where one speaks.
    pub partition_id: Option<PartitionId>,
    /// When.
    pub at: Timestamp,
    /// `info`, `warn` or `error`.
    pub level: String,
    /// The line.
    pub message: String,
}

/// The right to run a sync exclusively, as held now.
#[derive(Clone, Debug)]
pub struct LeaseRow {
    /// Which sync (or whatever else is exclusive).
    pub key: String,
    /// The run that holds it.
    pub run_id: RunId,
    /// Since when.
    pub acquired_at: Timestamp,
    /// Grows with each acquisition.
    pub fence: Fence,
}

/// What is left of a daily budget after a request to spend from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Granted; less than asked when little was left, 0 when nothing was.
    pub granted: u32,
    /// Used in all that day, this grant included.
    pub used: u64,
}

/// What old rows may go.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// Ended runs with their partitions, tries and log.
    pub runs: Duration,
    /// Events.
    pub events: Duration,
}

/// Parameters of a schedule's change by a person. `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct ScheduleChange {
    /// Pause or go on.
    pub paused: Option<bool>,
    /// Another cron expression.
    pub cron: Option<String>,
    /// Another zone to read it in.
    pub time_zone: Option<String>,
    /// Other parameters.
    pub params: Option<Value>,
}

/// A ledger row taken over from elsewhere.
#[derive(Clone, Debug)]
pub struct LedgerImport {
    /// The key.
    pub key: String,
    /// The outcome.
    pub write: LedgerWrite,
    /// When its newest try began and ended, and when it was first heard of.
    pub started_at: Option<Timestamp>,
    /// See `started_at`.
    pub ended_at: Option<Timestamp>,
    /// See `started_at`.
    pub created_at: Option<Timestamp>,
}
