//! What a system is to the engine.

use async_trait::async_trait;
use jiff::Timestamp;
use model::counts::ItemCounts;
use model::fault::Fault;
use model::id::{PartitionId, RunId, SyncKey};
use model::ledger::LedgerWrite;
use model::partition::Partition;
use model::policy::SyncPolicy;
use model::run::{Plan, Reference, Run, RunRequest};
use model::schedule::{ScheduleSpec, TickDecision};
use serde_json::Value;

use crate::context::{Context, Stop};

/// A kind of sync: how to plan it, and how to do one partition of it.
#[async_trait]
pub trait System: Send + Sync + 'static {
    /// The first part of its syncs' names: `stocks`.
    fn name(&self) -> &'static str;

    /// The syncs it has without anybody configuring one, with what holds for each.
    fn syncs(&self) -> Vec<Syncs>;

    /// What holds for one sync: of [`System::syncs`], or of one made when it is needed (a sync per race). `None`:
    /// there is no such sync.
    fn policy(&self, sync: &SyncKey) -> Option<SyncPolicy> {
        self.syncs().into_iter().find(|known| known.key == *sync).map(|known| known.policy)
    }

    /// The schedules it comes with.
    fn schedules(&self) -> Vec<ScheduleSpec>;

    /// The names of schedules it may have come with in another configuration and does not come with now: they are
    /// removed.
    fn gone_schedules(&self) -> Vec<String> {
        Vec::new()
    }

    /// What one of its schedules follows, where the system makes it be what something of its own says (a config): that
    /// is changed instead of the schedule, of which a person only says whether it is paused. `None`: a person may
    /// change and remove it.
    fn keeper(&self, schedule: &ScheduleSpec) -> Option<Keeper> {
        let _ = schedule;
        None
    }

    /// Which partitions a request means. Reads what it must (the ledger, the destination), writes nothing, asks no
    /// upstream. For a scheduled request, dates follow from `request.tick`'s nominal time, never from `now`.
    async fn plan(&self, request: &RunRequest, now: Timestamp) -> Result<Plan, Refused>;

    /// The public name of a run that was not given one: scheduled ones, and those asked for by the native API.
    fn reference(&self, request: &RunRequest, plan: &Plan, now: Timestamp) -> Option<Reference> {
        let _ = (request, plan, now);
        None
    }

    /// What makes two requests the same: of one sync, those with the same words meet in one run, whoever asks. Not
    /// asked for a request that came with an idempotency key.
    fn idempotency_key(&self, request: &RunRequest, plan: &Plan) -> Option<String> {
        let _ = (request, plan);
        None
    }

    /// Does one partition: source to destination, counting on `ctx`. Between safe points it asks
    /// [`Context::go_on`]; it may be dropped at any await when it does not stop in time.
    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault>;

    /// What the ledger shall say of a key whose work was stopped (cancel, pause). `None` leaves it.
    /// Not asked for a shutdown: there the work goes on elsewhere.
    fn stopped(&self, work: &Work, stop: Stop) -> Option<LedgerWrite> {
        let _ = (work, stop);
        None
    }

    /// What the ledger shall say of a key given up with `fault`, when [`System::sync`] did not say it itself.
    fn failed(&self, work: &Work, fault: &Fault) -> Option<LedgerWrite>;

    /// A run ended, or a schedule's time started nothing: what is wanted next, if anything.
    /// Called once in effect; follow-ups are one-time schedules known by name.
    ///
    /// # Errors
    /// What it must read or write is away: it is asked again, until it answers.
    async fn follow_up(&self, ended: &Ended, now: Timestamp) -> Result<Vec<FollowUp>, Fault> {
        let _ = (ended, now);
        Ok(Vec::new())
    }

    /// The rows of the destination that a partition of a sync wrote, by what was counted in it; none when it wrote
    /// none, or not to tables.
    fn rows(&self, sync: &SyncKey, partition: &Partition) -> Vec<Rows> {
        let _ = (sync, partition);
        Vec::new()
    }

    /// The other way round: the sync and the partition key that write such rows.
    fn writer(&self, rows: &Rows) -> Option<(SyncKey, String)> {
        let _ = rows;
        None
    }

    /// A run's first partition was claimed, here or elsewhere (this process sees it once at most): for log lines.
    fn run_started(&self, run: &Run) {
        let _ = run;
    }

    /// A run this process worked on ended, paused, or was given up: what was kept for it (a session) may go.
    async fn run_left(&self, run: &Run) {
        let _ = run;
    }

    /// Lets rows of its own go that are too old: asked again and again, every some minutes.
    ///
    /// # Errors
    /// They could not be let go now.
    async fn keep(&self, now: Timestamp) -> Result<(), Fault> {
        let _ = now;
        Ok(())
    }

    /// An ended run was deleted by retention.
    fn run_forgotten(&self, run: &Run) {
        let _ = run;
    }
}

/// What a schedule follows, in words that fit behind "follows": `config 3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeper {
    /// In English.
    pub english: String,
    /// In Chinese.
    pub chinese: String,
}

/// A sync and what holds for it.
#[derive(Clone, Debug)]
pub struct Syncs {
    /// Its name.
    pub key: SyncKey,
    /// Its policy.
    pub policy: SyncPolicy,
}

/// Rows of one table of the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The table's name.
    pub table: &'static str,
    /// Which rows: those with these values, as text, in these columns.
    pub having: Vec<(&'static str, String)>,
}

/// One partition to do.
#[derive(Clone, Debug)]
pub struct Work {
    /// The partition with its fence, payload and checkpoint.
    pub partition: Partition,
    /// Its run, as of the claim.
    pub run: Run,
}

/// How a partition went, when it did not end in a fault.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Done.
    Succeeded(Said),
    /// Nothing to do.
    Skipped(Said),
    /// Given up by the system itself, with all it has to say; the engine does not try again.
    Failed(Fault, Said),
    /// Not now: the run pauses, says this, and goes on at that time. The try does not count.
    PauseRun(Timestamp, String),
}

/// What comes with an outcome.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Items counted; added to what was counted on the context.
    pub counts: ItemCounts,
    /// What the ledger shall say of the key; `None` leaves it alone.
    pub ledger: Option<LedgerWrite>,
    /// For the partition's record.
    pub message: Option<String>,
}

/// A request the system does not accept: nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refused {
    /// The parameters are wrong; says which and how.
    #[error("{message}")]
    Bad {
        /// Stable, for machines.
        code: &'static str,
        /// For people.
        message: String,
        /// For machines, where a contract documents more.
        detail: Value,
    },
    /// There is nothing to do.
    #[error("{0}")]
    NothingToDo(String),
    /// The state or the destination could not be read.
    #[error("{0}")]
    Unavailable(String),
}

/// Something came to its end.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one an end, passed by reference")]
pub enum Ended {
    /// A run.
    Run(Run),
    /// A schedule's time that started no run.
    Tick {
        /// The schedule.
        spec: ScheduleSpec,
        /// The time meant.
        nominal_at: Timestamp,
        /// Why not.
        decision: TickDecision,
    },
}

/// What a system wants after something ended.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a few an end, gone at once")]
pub enum FollowUp {
    /// A one-time schedule, with `When::Once`. Putting the same name again replaces its time.
    Schedule(ScheduleSpec),
    /// The end of a run that was asked for on behalf of the one that ended.
    Cancel(RunId),
}

impl Work {
    /// The partition's number.
    #[must_use]
    pub fn id(&self) -> PartitionId {
        self.partition.id
    }
}
