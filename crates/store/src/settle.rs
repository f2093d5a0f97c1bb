//! What an outcome means for its run: counters, the next partitions, its end, its lease, the run behind it.
//!
//! Every change of a run's state goes through [`settle`] under the run's row lock; it is the only place that ends runs.

use jiff::Timestamp;
use model::counts::ItemCounts;
use model::event::EventKind;
use model::fault::Fault;
use model::id::{RunId, SyncKey};
use model::run::Run;
use model::state::{Control, RunState};
use serde_json::json;

use crate::event::{self, About};
use crate::lease;
use crate::projection;
use crate::rows::{self, run_columns};
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args, wrong};
use crate::types::RunEffect;

type Result<T> = std::result::Result<T, DbError>;

static HEAD: Sql = Sql::new(
    "SELECT sync, state, control, max_parallel, source_fault_limit, source_faults, lease_wanted, lease_held, lease_kept, \
     partitions_total, partitions_succeeded, partitions_skipped, partitions_failed, partitions_cancelled, started_at, \
     fault_code, fault_message, resume_at, message FROM run WHERE id = $1 FOR UPDATE",
);
static DROP_REST: Sql = Sql::new(
    "UPDATE partition SET state = 13, ready = FALSE, available_at = NULL, ended_at = $2 \
     WHERE run_id = $1 AND state IN (0, 2) \
     RETURNING items_new, items_updated, items_unchanged, items_deleted, items_failed, items_skipped",
);
static HOLD_REST: Sql = Sql::new("UPDATE partition SET ready = FALSE WHERE run_id = $1 AND ready");
static RUNNING: Sql = Sql::new("SELECT count(*) FROM partition WHERE run_id = $1 AND state = 1");
static READY: Sql = Sql::new("SELECT count(*) FROM partition WHERE run_id = $1 AND ready");
static ADMIT: Sql = Sql::new(
    "UPDATE partition SET ready = TRUE WHERE id IN (SELECT id FROM partition \
     WHERE run_id = $1 AND state = 0 AND NOT ready ORDER BY ordinal LIMIT $2)",
);
static STORE: Sql = Sql::new(concat!(
    "UPDATE run SET state = $2, control = $3, source_faults = $4, lease_held = $5, partitions_succeeded = $6, ",
    "partitions_skipped = $7, partitions_failed = $8, partitions_cancelled = $9, items_new = items_new + $10, ",
    "items_updated = items_updated + $11, items_unchanged = items_unchanged + $12, ",
    "items_deleted = items_deleted + $13, items_failed = items_failed + $14, items_skipped = items_skipped + $15, ",
    "message = $16, fault_code = $17, fault_message = $18, resume_at = $19, ended_at = $20 ",
    "WHERE id = $1 RETURNING ",
    run_columns!()
));
static NEXT: Sql = Sql::new(
    "SELECT id FROM run WHERE sync = $1 AND state = 0 AND lease_wanted AND NOT lease_held ORDER BY id LIMIT 1 FOR UPDATE",
);
/// A key that nobody works on any more is to be done: between two tries no holder is there to say so.
static LET_GO: Sql = Sql::new("UPDATE ledger SET state = 0, updated_at = $2 WHERE run_id = $1 AND state = 1");
static HOLD_LEASE: Sql = Sql::new("UPDATE run SET lease_held = TRUE WHERE id = $1");

/// What happened to partitions of one run in one transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delta {
    pub(crate) succeeded: i64,
    pub(crate) skipped: i64,
    pub(crate) failed: i64,
    pub(crate) cancelled: i64,
    /// Partitions that went back to the queue or into waiting.
    pub(crate) returned: i64,
    pub(crate) items: ItemCounts,
    /// Ends in their order: the source's fault, or `None` for any other end.
    pub(crate) source_faults: Vec<Option<Fault>>,
    pub(crate) effects: Vec<RunEffect>,
    /// A person's or a clock's wish.
    pub(crate) wish: Wish,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wish {
    #[default]
    None,
    Pause,
    Cancel,
    /// Take the lease if it is free, and go on.
    Resume,
}

/// A run's row under its lock.
#[derive(Debug)]
pub(crate) struct Head {
    id: RunId,
    pub(crate) sync: SyncKey,
    pub(crate) state: RunState,
    pub(crate) control: Control,
    max_parallel: Option<i64>,
    source_fault_limit: Option<i64>,
    source_faults: i64,
    pub(crate) lease_wanted: bool,
    pub(crate) lease_held: bool,
    lease_kept: bool,
    total: i64,
    succeeded: i64,
    skipped: i64,
    failed: i64,
    cancelled: i64,
    started: bool,
    fault: Option<(String, String)>,
    resume_at: Option<i64>,
    message: Option<String>,
}

pub(crate) async fn lock(tx: &mut Tx<'_>, run: RunId) -> Result<Option<Head>> {
    let Some(mut row) = tx.first(&HEAD, &args![run.0]).await? else { return Ok(None) };
    let row = &mut row;
    let sync = row.text()?;
    let mut head = Head {
        id: run,
        sync: SyncKey::parse(&sync).map_err(|_| wrong("a sync's name", &sync))?,
        state: row.code(RunState::from_code)?,
        control: row.code(Control::from_code)?,
        max_parallel: row.int_or_null()?,
        source_fault_limit: row.int_or_null()?,
        source_faults: row.int()?,
        lease_wanted: row.bool()?,
        lease_held: row.bool()?,
        lease_kept: row.bool()?,
        total: row.int()?,
        succeeded: row.int()?,
        skipped: row.int()?,
        failed: row.int()?,
        cancelled: row.int()?,
        started: row.int_or_null()?.is_some(),
        fault: None,
        resume_at: None,
        message: None,
    };
    head.fault = match (row.text_or_null()?, row.text_or_null()?) {
        (Some(code), message) => Some((code, message.unwrap_or_default())),
        _ => None,
    };
    head.resume_at = row.int_or_null()?;
    head.message = row.text_or_null()?;
    Ok(Some(head))
}

/// Applies what happened to a run. Answers the run when it ended with it.
pub(crate) async fn settle(tx: &mut Tx<'_>, run: RunId, delta: Delta, now: Timestamp) -> Result<Option<Run>> {
    let mut head = lock(tx, run).await?.ok_or_else(|| wrong("a run", &run.to_string()))?;
    let run = apply(tx, &mut head, delta, now).await?;
    Ok(run.state.is_end().then_some(run))
}

/// [`settle`] on a run already locked; the run as it is afterwards.
pub(crate) async fn apply(tx: &mut Tx<'_>, head: &mut Head, mut delta: Delta, now: Timestamp) -> Result<Run> {
    let (before, before_control) = (head.state, head.control);
    let held = head.lease_held;
    head.succeeded += delta.succeeded;
    head.skipped += delta.skipped;
    head.failed += delta.failed;
    head.cancelled += delta.cancelled;
    head.take_faults(&delta);
    head.take_effects(&delta);
    head.take_wish(delta.wish);
    if head.control == Control::Cancel {
        // What earlier tries of them brought home stays counted.
        for mut row in tx.all(&DROP_REST, &args![head.id.0, now]).await? {
            head.cancelled += 1;
            delta.items += rows::counts(&mut row)?;
        }
    } else if head.control == Control::Pause {
        tx.run(&HOLD_REST, &args![head.id.0]).await?;
    }
    head.decide(tx, &delta).await?;
    let run = head.store(tx, &delta.items, now).await?;
    projection::run_stored(tx, &run, now).await?;
    let stopped = run.state.is_end() || run.state == RunState::Paused;
    if stopped {
        tx.run(&LET_GO, &args![head.id.0, now]).await?;
    }
    let kind = if run.state.is_end() {
        EventKind::RunEnded
    } else if run.state != before && (run.state == RunState::Paused || before == RunState::Paused)
        || run.control != before_control
    {
        EventKind::RunControlled
    } else {
        EventKind::RunProgressed
    };
    let about = About { sync: Some(&head.sync), run: Some(head.id), ..About::default() };
    event::append(tx, kind, about, &json!({"state": run.state.as_str()}), now).await?;
    let let_go = before != RunState::Paused || held;
    if stopped && head.lease_wanted && !head.lease_held && let_go {
        lease::free(tx, head.sync.as_str(), head.id).await?;
        Box::pin(start_next(tx, &head.sync.clone(), now)).await?;
    }
    Ok(run)
}

/// Gives a free lease to the oldest run that waits for it.
pub(crate) async fn start_next(tx: &mut Tx<'_>, sync: &SyncKey, now: Timestamp) -> Result<bool> {
    if lease::lock(tx, sync.as_str()).await?.is_some() {
        return Ok(false);
    }
    let Some(mut row) = tx.first(&NEXT, &args![sync.as_str()]).await? else { return Ok(false) };
    let next = RunId(row.int()?);
    lease::take(tx, sync.as_str(), next, now).await?;
    tx.run(&HOLD_LEASE, &args![next.0]).await?;
    let mut head = lock(tx, next).await?.ok_or_else(|| wrong("a run", &next.to_string()))?;
    apply(tx, &mut head, Delta { returned: 1, ..Delta::default() }, now).await?;
    Ok(true)
}

impl Head {
    fn finished(&self) -> i64 {
        self.succeeded + self.skipped + self.failed + self.cancelled
    }

    /// Counts source faults in a row; at the limit the run is doomed.
    fn take_faults(&mut self, delta: &Delta) {
        for fault in &delta.source_faults {
            self.source_faults = if fault.is_some() { self.source_faults + 1 } else { 0 };
            if let (Some(fault), Some(limit)) = (fault, self.source_fault_limit)
                && self.source_faults >= limit
            {
                self.doom(fault);
            }
        }
    }

    /// Ends the run failed: the rest is dropped, holders are told to stop. The first fault stands.
    fn doom(&mut self, fault: &Fault) {
        if self.fault.is_none() {
            self.fault = Some((fault.code.clone(), fault.message.clone()));
        }
        self.control = Control::Cancel;
    }

    fn take_effects(&mut self, delta: &Delta) {
        for effect in &delta.effects {
            match effect {
                RunEffect::None => {}
                RunEffect::Say(words) => self.message = Some(words.clone()),
                RunEffect::Fail(fault) => self.doom(fault),
                RunEffect::PauseUntil(at, words) if self.control != Control::Cancel => {
                    self.control = Control::Pause;
                    self.resume_at = Some(at.as_microsecond());
                    self.message = Some(words.clone());
                }
                RunEffect::PauseUntil(..) => {}
            }
        }
    }

    fn take_wish(&mut self, wish: Wish) {
        match wish {
            Wish::None => {}
            Wish::Pause => self.control = Control::Pause,
            Wish::Cancel => self.control = Control::Cancel,
            Wish::Resume => {
                self.control = Control::None;
                self.resume_at = None;
                self.message = None;
            }
        }
    }

    /// The state after all that happened, admitting what may run next.
    async fn decide(&mut self, tx: &mut Tx<'_>, delta: &Delta) -> Result<()> {
        if self.finished() >= self.total {
            self.state = if self.fault.is_some() {
                RunState::Failed
            } else if self.control == Control::Cancel && self.cancelled > 0 {
                RunState::Cancelled
            } else {
                RunState::settled(self.succeeded + self.skipped, self.failed)
            };
            self.control = Control::None;
            self.resume_at = None;
            self.lease_held = false;
            return Ok(());
        }
        match self.control {
            Control::Cancel => {}
            Control::Pause => {
                if tx.number(&RUNNING, &args![self.id.0]).await? == 0 {
                    self.state = RunState::Paused;
                    self.control = Control::None;
                    self.lease_held &= self.lease_kept;
                }
            }
            Control::None => self.go_on(tx, delta).await?,
        }
        Ok(())
    }

    async fn go_on(&mut self, tx: &mut Tx<'_>, delta: &Delta) -> Result<()> {
        let paused = self.state == RunState::Paused && delta.wish != Wish::Resume;
        if paused || (self.lease_wanted && !self.lease_held) {
            return Ok(());
        }
        let running = tx.number(&RUNNING, &args![self.id.0]).await?;
        let mut ready = None;
        if self.max_parallel.is_some() || delta.returned > 0 || delta.wish == Wish::Resume {
            let already = tx.number(&READY, &args![self.id.0]).await?;
            let room = self.max_parallel.map_or(self.total, |most| most - running - already);
            let mut admitted = 0;
            if room > 0 {
                admitted = i64::try_from(tx.run(&ADMIT, &args![self.id.0, room]).await?).unwrap_or(i64::MAX);
            }
            tx.touched.work |= admitted > 0;
            ready = Some(already + admitted);
        }
        let idle = running == 0
            && match ready {
                Some(ready) => ready == 0,
                None => tx.number(&READY, &args![self.id.0]).await? == 0,
            };
        self.state = match (idle, self.started) {
            (true, _) => RunState::Waiting,
            (false, true) => RunState::Running,
            (false, false) => RunState::Queued,
        };
        Ok(())
    }

    async fn store(&self, tx: &mut Tx<'_>, items: &ItemCounts, now: Timestamp) -> Result<Run> {
        let (code, fault) = self.fault.clone().unzip();
        let args = args![
            self.id.0,
            self.state.code(),
            self.control.code(),
            self.source_faults,
            self.lease_held,
            self.succeeded,
            self.skipped,
            self.failed,
            self.cancelled,
            items.new,
            items.updated,
            items.unchanged,
            items.deleted,
            items.failed,
            items.skipped,
            self.message.as_deref(),
            code,
            fault,
            self.resume_at,
            self.state.is_end().then_some(now),
        ];
        tx.touched.work |= self.control != Control::None;
        let row = tx.first(&STORE, &args).await?.ok_or_else(|| wrong("the run stored", "nothing"))?;
        rows::run(row)
    }
}
