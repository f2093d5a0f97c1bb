//! The verbs: all that anybody may ask of the engine.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use model::cron::Language;
use model::id::{RunId, ScheduleId, SyncKey};
use model::limits;
use model::policy::{Overlap, SyncPolicy};
use model::run::{Plan, Run, RunRequest, Trigger};
use model::schedule::{BadSchedule, Schedule, ScheduleSpec, When, zone};
use serde_json::{Value, json};
use store::{Controlled, NewRun, Reader, Requested, ScheduleChange, Store, StoreError};
use tokio::sync::watch;

use crate::context::Clock;
use crate::system::{Keeper, Refused, System};
use crate::{measure, reap};

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
    /// The idempotency key of what is asked for, where the request itself has none.
    key: Option<Arc<str>>,
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
    /// When this process first looked at schedules, in milliseconds; 0 is never.
    looking_since_ms: AtomicI64,
}

impl Engine {
    /// An engine over a store with its systems. Starts nothing; see `loops`.
    pub fn new(store: Store, systems: Vec<Arc<dyn System>>, clock: Clock) -> Self {
        let reader = store.read();
        let inner = Inner {
            store,
            reader,
            systems,
            clock,
            controls: watch::Sender::new(0),
            last_poll_ms: AtomicI64::new(0),
            looking_since_ms: AtomicI64::new(0),
        };
        Self { inner: Arc::new(inner), key: None }
    }

    /// The engine for one wish: what is asked of it starts one run of a sync under this key, however often it is
    /// asked. Without a key it is the engine as it is.
    #[must_use]
    pub fn once(&self, key: Option<&str>) -> Self {
        Self { inner: Arc::clone(&self.inner), key: key.map(Arc::from) }
    }

    /// The run of the sync that this wish started before.
    pub async fn known(&self, sync: &SyncKey) -> Result<Option<Run>, StoreError> {
        match &self.key {
            Some(key) => self.read().run_by_key(sync, key).await,
            None => Ok(None),
        }
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

    /// Since when this process has been looking at schedules: since `now`, if it is asked for the first time.
    pub(crate) fn looking_since(&self, now: Timestamp) -> Timestamp {
        let (since, order) = (&self.inner.looking_since_ms, Ordering::Relaxed);
        let before =
            since.compare_exchange(0, now.as_millisecond(), order, order).unwrap_or_else(|before| before);
        Timestamp::from_millisecond(before).ok().filter(|_| before != 0).unwrap_or(now)
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

    /// Makes the systems' syncs and schedules known, but for schedules a person removed. Starts nothing.
    pub async fn register(&self, now: Timestamp) -> Result<(), StoreError> {
        for system in self.systems() {
            for sync in system.syncs() {
                self.store().upsert_sync(&sync.key, &sync.policy, now).await?;
            }
            for name in system.gone_schedules() {
                if let Some(schedule) = self.read().schedule_by_name(&name).await? {
                    self.store().withdraw_schedule(schedule.id, now).await?;
                }
            }
            for spec in system.schedules() {
                self.store().register_schedule(&spec, first_time(&spec, now), now).await?;
            }
        }
        Ok(())
    }

    /// See [`Store::remove_schedule`]. One that follows something of its system's is refused, see [`System::keeper`].
    pub async fn remove_schedule(&self, id: ScheduleId, now: Timestamp) -> Result<bool, RequestError> {
        let Some(schedule) = self.read().schedule(id).await? else { return Ok(false) };
        self.follows_nothing(&schedule.spec)?;
        Ok(self.inner.store.remove_schedule(id, now).await?)
    }

    /// Makes the schedules again that systems come with and a person removed.
    pub async fn restore_schedules(&self, now: Timestamp) -> Result<(), StoreError> {
        self.inner.store.restore_schedules().await?;
        self.register(now).await
    }

    /// Makes a system's schedule exist, or follow its changed spec. A spec that gives no times is stored without a
    /// next time and logged.
    pub async fn put_schedule(&self, spec: &ScheduleSpec, now: Timestamp) -> Result<Schedule, StoreError> {
        let next = first_time(spec, now);
        self.store().put_schedule(spec, next, now).await
    }

    /// Accepts a run: plan, then one transaction. The only way anything starts.
    ///
    /// A key that started a run before answers that run whatever has become of the request since: that its plan would
    /// find nothing to do now, or that its sync is busy with that very run.
    pub async fn request(&self, request: RunRequest, now: Timestamp) -> Result<Requested, RequestError> {
        let wish = self.once(request.idempotency_key.as_deref().or(self.key.as_deref()));
        if let Some(run) = wish.known(&request.sync).await? {
            return Ok(Requested::Known(run));
        }
        let request = RunRequest { idempotency_key: wish.key.as_deref().map(str::to_owned), ..request };
        let new = self.plan(request, now).await?;
        self.start(new, now).await
    }

    /// The plan a request would get, without accepting it.
    pub async fn preview(&self, request: &RunRequest, now: Timestamp) -> Result<Plan, RequestError> {
        Ok(self.plan(request.clone(), now).await?.plan)
    }

    /// A new run of the failed (and quarantined, cancelled) partitions of an ended run, with its parameters. `None`:
    /// there is no such run, it has not ended, or nothing of it is left to do.
    ///
    /// Where the run has a public name, the new one's has the same words and the first free number from now's
    /// seconds (or the next number) on.
    pub async fn retry(&self, run: RunId, now: Timestamp) -> Result<Option<Requested>, RequestError> {
        let Some(run) = self.read().run(run).await? else { return Ok(None) };
        if let Some(made) = self.known(&run.sync).await? {
            return Ok(Some(Requested::Known(made)));
        }
        let Some(mut new) = crate::again::of_run(self, run, now).await? else { return Ok(None) };
        new.request.idempotency_key = self.key.as_deref().map(str::to_owned);
        Ok(Some(self.start(new, now).await?))
    }

    /// See [`Store::cancel`].
    pub async fn cancel(&self, run: RunId, now: Timestamp) -> Result<Controlled, StoreError> {
        let answer = self.inner.store.cancel(run, reap::words(self), now).await;
        self.ring_controls();
        answer
    }

    /// See [`Store::pause`].
    pub async fn pause(&self, run: RunId, now: Timestamp) -> Result<Controlled, StoreError> {
        let answer = self.inner.store.pause(run, reap::words(self), now).await;
        self.ring_controls();
        answer
    }

    /// See [`Store::resume`].
    pub async fn resume(&self, run: RunId, now: Timestamp) -> Result<Controlled, StoreError> {
        self.inner.store.resume(run, now).await
    }

    /// A run of the schedule's request now, outside its times. `None`: no such schedule.
    pub async fn run_schedule(
        &self,
        id: ScheduleId,
        now: Timestamp,
    ) -> Result<Option<Requested>, RequestError> {
        let Some(schedule) = self.read().schedule(id).await? else { return Ok(None) };
        let request = request_of(&schedule.spec, Trigger::Manual);
        Ok(Some(self.request(request, now).await?))
    }

    /// A person's change of a schedule. A cron expression or a zone that cannot be read is refused with its
    /// explanation; so is either for a rule that is no cron expression, and all but a pause for a schedule that follows
    /// something of its system's.
    pub async fn change_schedule(
        &self,
        id: ScheduleId,
        mut change: ScheduleChange,
        now: Timestamp,
    ) -> Result<Option<Schedule>, RequestError> {
        let Some(schedule) = self.read().schedule(id).await? else { return Ok(None) };
        let rule_changes = change.cron.is_some() || change.time_zone.is_some();
        if rule_changes || change.params.is_some() {
            self.follows_nothing(&schedule.spec)?;
        }
        let when = match (&schedule.spec.when, &change.cron) {
            (When::Cron { .. }, Some(expression)) => When::Cron { expression: expression.clone() },
            (When::Offsets { .. } | When::Once { .. }, _) if rule_changes => {
                return Err(not_cron(&schedule.spec.name).into());
            }
            (standing, _) => standing.clone(),
        };
        if let Some(name) = &mut change.time_zone {
            let zone = zone(name).map_err(|bad| refused_rule(&bad))?;
            // As its database spells it, however it was typed.
            *name = zone.iana_name().unwrap_or(name).to_owned();
        }
        let zone = change.time_zone.as_deref().unwrap_or(&schedule.spec.time_zone);
        // Going on after a pause looks ahead only: what went by meanwhile was not wanted.
        let anew = rule_changes || change.paused == Some(false);
        let next = match when {
            When::Once { .. } => schedule.next_nominal_at,
            _ if anew => when.next(now, zone).map_err(|bad| refused_rule(&bad))?,
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

    /// Refuses to change what is changed elsewhere.
    fn follows_nothing(&self, spec: &ScheduleSpec) -> Result<(), Refused> {
        let system = self.systems().iter().find(|system| system.name() == spec.sync.system());
        let keeper = system.and_then(|system| system.keeper(spec));
        keeper.map_or(Ok(()), |keeper| Err(follows(&spec.name, &keeper)))
    }

    /// All that one transaction needs to accept the request.
    pub(crate) async fn plan(&self, mut request: RunRequest, now: Timestamp) -> Result<NewRun, RequestError> {
        let Some((system, policy)) = self.sync(&request.sync) else {
            return Err(RequestError::UnknownSync(request.sync.to_string()));
        };
        let plan = system.plan(&request, now).await?;
        check_plan(&plan)?;
        request.priority = plan.priority.unwrap_or(request.priority);
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

fn refused_rule(bad: &BadSchedule) -> Refused {
    let field = match bad {
        BadSchedule::Cron(_) => "cron",
        BadSchedule::TimeZone(_) => "time_zone",
    };
    Refused::Bad {
        code: "bad_schedule",
        message: bad.explain(Language::English),
        detail: json!({ "field": field, "message_zh": bad.explain(Language::Chinese) }),
    }
}

fn not_cron(name: &str) -> Refused {
    Refused::Bad {
        code: "not_cron",
        message: format!(
            "the times of schedule `{name}` follow an event or are a single moment: it has no cron expression or zone to change"
        ),
        detail: json!({
            "message_zh": format!("计划“{name}”的时间取决于某个事件或是单个时刻：没有可修改的 cron 表达式或时区")
        }),
    }
}

fn follows(name: &str, keeper: &Keeper) -> Refused {
    let Keeper { english, chinese } = keeper;
    Refused::Bad {
        code: "schedule_follows",
        message: format!(
            "schedule `{name}` follows {english}: change that instead; the schedule itself can be paused and run only"
        ),
        detail: json!({
            "message_zh": format!("计划“{name}”跟随{chinese}：请在那里修改；计划本身只能暂停、恢复和立即运行")
        }),
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
