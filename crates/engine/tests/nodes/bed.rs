//! A system whose partitions do what a test says, and requests in a line.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Context, Engine, Outcome, PartitionFilter, Refused, Requested, Said, Syncs, System, Work};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use model::counts::ItemCounts;
use model::fault::Fault;
use model::id::{RunId, SyncKey};
use model::ledger::{LedgerState, LedgerWrite};
use model::partition::Partition;
use model::policy::{Missed, Overlap, Retry, SyncPolicy};
use model::run::{Plan, PlannedPartition, Run, RunRequest, Trigger};
use model::schedule::{ScheduleSpec, When};
use serde_json::{Value, json};

/// Doing one partition.
pub(crate) type Doing = BoxFuture<'static, Result<Outcome, Fault>>;

/// What is done for a partition.
pub(crate) type Deed = Arc<dyn Fn(Work, Context) -> Doing + Send + Sync>;

/// See the module.
pub(crate) struct Model {
    pub(crate) deed: Deed,
    /// When it starts by itself.
    pub(crate) cron: Option<&'static str>,
}

impl Model {
    /// Does this, and nothing by itself.
    pub(crate) fn doing<D: Future<Output = Result<Outcome, Fault>> + Send + 'static>(
        deed: impl Fn(Work, Context) -> D + Send + Sync + 'static,
    ) -> Self {
        Self { deed: Arc::new(move |work, ctx| Box::pin(deed(work, ctx))), cron: None }
    }
}

pub(crate) fn sync() -> SyncKey {
    SyncKey::parse("model.all").unwrap()
}

/// One item, and a line in the ledger.
pub(crate) fn done() -> Result<Outcome, Fault> {
    let ledger = LedgerWrite { total: 1, succeeded: 1, ..LedgerWrite::new(LedgerState::Succeeded, "done") };
    let counts = ItemCounts { new: 1, ..ItemCounts::default() };
    Ok(Outcome::Succeeded(Said { counts, ledger: Some(ledger), message: None }))
}

#[async_trait]
impl System for Model {
    fn name(&self) -> &'static str {
        "model"
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
        vec![Syncs { key: sync(), policy }]
    }

    fn schedules(&self) -> Vec<ScheduleSpec> {
        let spec = |expression: &str| ScheduleSpec {
            name: "model.often".to_owned(),
            title: "often".to_owned(),
            sync: sync(),
            label: "often".to_owned(),
            params: json!({ "keys": 1 }),
            when: When::Cron { expression: expression.to_owned() },
            time_zone: "UTC".to_owned(),
            missed: Missed::All,
            missed_window: std::time::Duration::from_secs(600),
            missed_max: 100,
        };
        self.cron.map(spec).into_iter().collect()
    }

    async fn plan(&self, request: &RunRequest, _now: Timestamp) -> Result<Plan, Refused> {
        let keys = request.params["keys"].as_i64().unwrap();
        let planned = |n| PlannedPartition { key: format!("key-{n:02}"), payload: Value::Null };
        Ok(Plan {
            partitions: (0..keys).map(planned).collect(),
            params: request.params.clone(),
            priority: None,
        })
    }

    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        (self.deed)(work.clone(), ctx.clone()).await
    }

    fn failed(&self, _work: &Work, _fault: &Fault) -> Option<LedgerWrite> {
        None
    }
}

/// A run of so many partitions.
pub(crate) async fn start(engine: &Engine, keys: i64) -> RunId {
    let request = RunRequest {
        sync: sync(),
        trigger: Trigger::Manual,
        label: "test".to_owned(),
        params: json!({ "keys": keys }),
        priority: 0,
        reference: None,
        idempotency_key: None,
        tick: None,
        requested_by: None,
    };
    match engine.request(request, engine.now()).await.unwrap() {
        Requested::Started(run) => run.id,
        other => panic!("it should have started: {other:?}"),
    }
}

pub(crate) async fn run(engine: &Engine, id: RunId) -> Run {
    engine.read().run(id).await.unwrap().unwrap()
}

pub(crate) async fn partitions(engine: &Engine, id: RunId) -> Vec<Partition> {
    let all = PartitionFilter { limit: 1_000, ..PartitionFilter::default() };
    engine.read().partitions(id, &all).await.unwrap()
}
