//! The verbs: all that anybody may ask of the engine.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use model::cron::Cron;
use model::id::{RunId, ScheduleId, SyncKey};
use model::limits;
use model::policy::{Overlap, SyncPolicy};
use model::run::{Plan, Run, RunRequest, Trigger};
use model::schedule::{BadSchedule, Schedule, ScheduleSpec, When};
use serde_json::Value;
use store::{Controlled, NewRun, Reader, Requested, ScheduleChange, Store, StoreError};
use tokio::sync::watch;

use crate::context::Clock;
use crate::measure;
use crate::system::{Refused, System};

/// Why a request was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No system has a sync of that name.
    #[error("no sync is called `{0}`")]
    UnknownSync(String),
    /// The system refused it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The state store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    reader: Reader,
    systems: Vec<Arc<dyn System>>,
    clock: Clock,
    /// Rung when somebody in this process asked holders to stop, so that they hear it before the next beat.
    controls: watch::Sender<u64>,
    /// When a loop of this process last reached the store, in milliseconds; 0 is never.
    last_poll_ms: AtomicI64,
}

impl Engine {
    /// An engine over a store with its systems. Starts nothing; see `loops`.
    pub fn new(store: Store, systems: Vec<Arc<dyn System>>, clock: Clock) -> Self {
        let reader = store.read();
        let (controls, last_poll_ms) = (watch::Sender::new(0), AtomicI64::new(0));
        Self { inner: Arc::new(Inner { store, reader, systems, clock, controls, last_poll_ms }) }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    /// The state, for reading.
    pub fn read(&self) -> &Reader {
        &self.inner.reader
    }

    /// Wakers for those who watch.
    pub fn rings(&self) -> store::Rings {
        self.inner.store.rings()
    }

    /// When a scheduler or worker of this process last reached the store: what readiness looks at. `None` when it has
    /// neither role, or before the first time.
    pub fn last_poll(&self) -> Option<Timestamp> {
        let at = self.inner.last_poll_ms.load(Ordering::Relaxed);
        if at == 0 { None } else { Timestamp::from_millisecond(at).ok() }
    }

    /// A loop of this kind reached the store.
    pub(crate) fn polled(&self, role: &'static str, now: Timestamp) {
        self.inner.last_poll_ms.fetch_max(now.as_millisecond(), Ordering::Relaxed);
        measure::polled(role, now);
    }

    /// The systems, by name.
    pub fn systems(&self) -> &[Arc<dyn System>] {
        &self.inner.systems
    }

    /// Makes the systems' syncs and schedules known. Starts nothing.
    pub async fn register(&self, now: Timestamp) -> Result<(), StoreError> {
        for system in self.systems() {
            for sync in system.syncs() {
                self.store().upsert_sync(&sync.key, &sync.policy, now).await?;
            }
            for spec in system.schedules() {
                self.put_schedule(&spec, now).await?;
            }
        }
        Ok(())
    }

    /// Makes a system's schedule exist, or follow its changed spec. A spec that gives no times is stored without a
    /// next time and logged.
    pub async fn put_schedule(&self, spec: &ScheduleSpec, now: Timestamp) -> Result<Schedule, StoreError> {
        let next = first_time(spec, now);
        self.store().put_schedule(spec, next, now).await
    }

    /// Accepts a run: plan, then one transaction. The only way anything starts.
    ///
    /// A key that made a run before answers that run whatever else has become of the request: that its plan would now
    /// find nothing to do, or its sync is busy with that very run.
    pub async fn request(&self, request: RunRequest, now: Timestamp) -> Result<Requested, RequestError> {
        if let Some(run) = self.known(&request.sync, request.idempotency_key.as_deref()).await? {
            return Ok(Requested::Known(run));
        }
        let new = self.plan(request, now).await?;
        self.start(new, now).await
    }

    /// The run that a request with this key made before.
    pub async fn known(&self, sync: &SyncKey, key: Option<&str>) -> Result<Option<Run>, StoreError> {
        match key {
            Some(key) => self.read().run_by_key(sync, key).await,
            None => Ok(None),
        }
    }

    /// The plan a request would get, without accepting it.
    pub async fn preview(&self, request: &RunRequest, now: Timestamp) -> Result<Plan, RequestError> {
        Ok(self.plan(request.clone(), now).await?.plan)
    }

    /// A new run of the failed (and quarantined, cancelled) partitions of an ended run, with its parameters. `None`:
    /// there is no such run, it has not ended, or nothing of it is left to do.
    ///
    /// Where the run has a public name, the new one's has the same words and the first free number from now's
    /// seconds (or the next number) on. The key is a request's `idempotency_key`.
    pub async fn retry(
        &self,
        run: RunId,
        key: Option<String>,
        now: Timestamp,
    ) -> Result<Option<Requested>, RequestError> {
        let Some(run) = self.read().run(run).await? else { return Ok(None) };
        if let Some(made) = self.known(&run.sync, key.as_deref()).await? {
            return Ok(Some(Requested::Known(made)));
        }
        let Some(mut new) = crate::again::of_run(self, run, now).await? else { return Ok(None) };
        new.request.idempotency_key = key;
        Ok(Some(self.start(new, now).await?))
    }

    /// See [`Store::cancel`].
    pub async fn cancel(&self, run: RunId, now: Timestamp) -> Result<Controlled, StoreError> {
        let answer = self.inner.store.cancel(run, now).await;
        self.ring_controls();
        answer
    }

    /// See [`Store::pause`].
    pub async fn pause(&self, run: RunId, now: Timestamp) -> Result<Controlled, StoreError> {
        let answer = self.inner.store.pause(run, now).await;
        self.ring_controls();
        answer
    }

    /// See [`Store::resume`].
    pub async fn resume(&self, run: RunId, now: Timestamp) -> Result<Controlled, StoreError> {
        self.inner.store.resume(run, now).await
    }

    /// A run of the schedule's request now, outside its times. `None`: no such schedule. The key is a request's
    /// `idempotency_key`.
    pub async fn run_schedule(
        &self,
        id: ScheduleId,
        key: Option<String>,
        now: Timestamp,
    ) -> Result<Option<Requested>, RequestError> {
        let Some(schedule) = self.read().schedule(id).await? else { return Ok(None) };
        let request = RunRequest { idempotency_key: key, ..request_of(&schedule.spec, Trigger::Manual) };
        Ok(Some(self.request(request, now).await?))
    }

    /// A person's change of a schedule; a bad cron expression is refused with its explanation.
    pub async fn change_schedule(
        &self,
        id: ScheduleId,
        change: ScheduleChange,
        now: Timestamp,
    ) -> Result<Option<Schedule>, RequestError> {
        let Some(schedule) = self.read().schedule(id).await? else { return Ok(None) };
        if let Some(text) = &change.cron {
            Cron::parse(text).map_err(|e| refused_cron(&BadSchedule::Cron(e)))?;
        }
        let when = match &change.cron {
            Some(expression) => When::Cron { expression: expression.clone() },
            None => schedule.spec.when.clone(),
        };
        // Going on after a pause looks ahead only: what went by meanwhile was not wanted.
        let anew = change.cron.is_some() || change.paused == Some(false);
        let next = match when {
            When::Once { .. } => schedule.next_nominal_at,
            _ if anew => when.next(now, &schedule.spec.time_zone).map_err(|e| refused_cron(&e))?,
            _ => schedule.next_nominal_at,
        };
        Ok(self.inner.store.change_schedule(id, change, next, now).await?)
    }

    /// Acknowledges ended runs up to `up_to`.
    pub async fn mark_read(
        &self,
        system: Option<&str>,
        up_to: RunId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.inner.store.mark_read(system, up_to, now).await
    }

    /// Imports ledger rows that are not there yet (takeover of an older system's table).
    pub async fn import_ledger(
        &self,
        sync: &SyncKey,
        rows: Vec<store::LedgerImport>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.inner.store.import_ledger(sync, rows, now).await
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn controls(&self) -> watch::Receiver<u64> {
        self.inner.controls.subscribe()
    }

    /// The system of a sync and the sync's policy.
    pub(crate) fn sync(&self, key: &SyncKey) -> Option<(Arc<dyn System>, SyncPolicy)> {
        let system = self.systems().iter().find(|system| system.name() == key.system())?;
        Some((Arc::clone(system), system.policy(key)?))
    }

    /// All that one transaction needs to accept the request.
    pub(crate) async fn plan(&self, mut request: RunRequest, now: Timestamp) -> Result<NewRun, RequestError> {
        let Some((system, policy)) = self.sync(&request.sync) else {
            return Err(RequestError::UnknownSync(request.sync.to_string()));
        };
        let plan = system.plan(&request, now).await?;
        check_plan(&plan)?;
        if request.reference.is_none() {
            request.reference = system.reference(&request, &plan, now);
        }
        if request.idempotency_key.is_none() {
            request.idempotency_key = system.idempotency_key(&request, &plan);
        }
        Ok(NewRun { request, plan, policy })
    }

    async fn start(&self, new: NewRun, now: Timestamp) -> Result<Requested, RequestError> {
        let (sync, cancels) = (new.request.sync.clone(), new.policy.overlap == Overlap::CancelOther);
        let trigger = new.request.trigger;
        let requested = self.inner.store.request(new, now).await?;
        if let Requested::Started(run) | Requested::Buffered(run) = &requested {
            tracing::info!(run.id = run.id.0, sync = %sync, %trigger, partitions = run.partitions_total, "run accepted");
        }
        if cancels {
            self.ring_controls();
        }
        Ok(requested)
    }

    pub(crate) fn ring_controls(&self) {
        self.inner.controls.send_modify(|n| *n += 1);
    }
}

/// The request a schedule stands for.
pub(crate) fn request_of(spec: &ScheduleSpec, trigger: Trigger) -> RunRequest {
    RunRequest {
        sync: spec.sync.clone(),
        trigger,
        label: spec.label.clone(),
        params: spec.params.clone(),
        priority: 0,
        reference: None,
        idempotency_key: None,
        tick: None,
        requested_by: None,
    }
}

/// When a schedule put now is first due; a spec that gives no times is an error of its system, logged once.
pub(crate) fn first_time(spec: &ScheduleSpec, now: Timestamp) -> Option<Timestamp> {
    spec.when.first(now, &spec.time_zone).unwrap_or_else(|e| {
        tracing::error!(schedule = %spec.name, "schedule `{}` gives no times: {e}", spec.name);
        None
    })
}

fn refused_cron(bad: &BadSchedule) -> Refused {
    let zh = match bad {
        BadSchedule::Cron(bad) => Value::String(bad.explain(model::cron::Language::Chinese)),
        BadSchedule::TimeZone(_) => Value::Null,
    };
    Refused::Bad {
        code: "bad_schedule",
        message: bad.to_string(),
        detail: serde_json::json!({ "message_zh": zh }),
    }
}

fn check_plan(plan: &Plan) -> Result<(), Refused> {
    let planned = plan.partitions.len();
    if planned > limits::PARTITIONS_PER_RUN_MAX {
        return Err(Refused::Bad {
            code: "too_many_partitions",
            message: format!(
                "the request means {planned} partitions, at most {} fit in one run",
                limits::PARTITIONS_PER_RUN_MAX
            ),
            detail: Value::Null,
        });
    }
    let mut keys = HashSet::with_capacity(planned);
    match plan.partitions.iter().find(|partition| !keys.insert(partition.key.as_str())) {
        None => Ok(()),
        Some(twice) => Err(Refused::Bad {
            code: "partition_twice",
            message: format!("the plan names partition `{}` twice", twice.key),
            detail: Value::Null,
        }),
    }
}
