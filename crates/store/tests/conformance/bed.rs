//! What every claim needs: a fresh store on each database, and runs in a line.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use model::counts::ItemCounts;
use model::id::SyncKey;
use model::partition::UnitProgress;
use model::policy::{Overlap, Retry, SyncPolicy};
use model::run::{Plan, PlannedPartition, Run, RunRequest, Trigger};
use serde_json::json;
use store::{Claimed, End, Finish, LostWords, NewRun, Requested, RunEffect, Store};

pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// Runs a claim on a fresh store of each database.
pub(crate) fn on_both<F: Future<Output = ()>>(claim: impl Fn(Store) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        claim(Store::sqlite(Path::new(":memory:")).await.unwrap()).await;
        let folder = tempfile::tempdir().unwrap();
        claim(Store::sqlite(&folder.path().join("state.db")).await.unwrap()).await;
        let database = Database::create().await;
        claim(Store::postgres(&database.url).await.unwrap()).await;
        database.remove().await;
    });
}

/// A PostgreSQL database of a test's own.
pub(crate) struct Database {
    pub(crate) url: String,
    name: String,
    admin: tokio_postgres::Client,
}

impl Database {
    pub(crate) async fn create() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let url = std::env::var("TEST_DATABASE_URL")
            .expect("TEST_DATABASE_URL names a PostgreSQL server; `make test` starts one");
        let (admin, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let name = format!("store_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (server, _) = url.rsplit_once('/').expect("the URL ends in a database's name");
        Self { url: format!("{server}/{name}"), name, admin }
    }

    pub(crate) async fn remove(self) {
        self.admin.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await.unwrap();
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    "2025-10-09T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(second)
}

pub(crate) fn sync() -> SyncKey {
    SyncKey::parse("stocks.daily").unwrap()
}

/// A wish for a run of some keys, one at a time, refused while another is active.
pub(crate) fn wish(keys: &[&str]) -> NewRun {
    NewRun {
        request: RunRequest {
            sync: sync(),
            trigger: Trigger::Manual,
            label: "batch".to_owned(),
            params: json!({}),
            priority: 0,
            reference: None,
            idempotency_key: None,
            tick: None,
            requested_by: None,
        },
        plan: Plan {
            partitions: keys
                .iter()
                .map(|key| PlannedPartition { key: (*key).to_owned(), payload: json!({"of": key}) })
                .collect(),
            params: json!({"keys": keys}),
            priority: None,
        },
        policy: SyncPolicy {
            overlap: Overlap::Reject,
            max_parallel: Some(1),
            retry: Retry::ONCE,
            source_fault_limit: None,
            pause_keeps_lease: false,
            deaths_max: None,
        },
    }
}

pub(crate) fn with_overlap(keys: &[&str], overlap: Overlap) -> NewRun {
    let mut new = wish(keys);
    new.policy.overlap = overlap;
    new
}

pub(crate) fn wide(keys: &[&str]) -> NewRun {
    let mut new = with_overlap(keys, Overlap::Allow);
    new.policy.max_parallel = None;
    new
}

pub(crate) async fn start(store: &Store, new: NewRun) -> Run {
    match store.request(new, at(0)).await.unwrap() {
        Requested::Started(run) => run,
        other => panic!("expected a started run, got {other:?}"),
    }
}

pub(crate) async fn claim(store: &Store, limit: u32, second: i64) -> Vec<Claimed> {
    store.claim("host-42", &["stocks".to_owned()], limit, LEASE, at(second)).await.unwrap()
}

pub(crate) async fn claim_one(store: &Store, second: i64) -> Claimed {
    claim(store, 1, second).await.pop().expect("something to claim")
}

pub(crate) fn finish(claimed: &Claimed, end: End) -> Finish {
    Finish {
        partition: claimed.partition.id,
        fence: claimed.partition.fence,
        end,
        units: UnitProgress::default(),
        counts: ItemCounts { new: 1, ..ItemCounts::default() },
        message: None,
        ledger: None,
        run: RunEffect::None,
    }
}

pub(crate) async fn end(store: &Store, claimed: &Claimed, end: End, second: i64) -> bool {
    let settled = store.finish(vec![finish(claimed, end)], at(second)).await.unwrap();
    settled.answers[0].accepted
}

pub(crate) async fn run(store: &Store, run: &Run) -> Run {
    store.read().run(run.id).await.unwrap().expect("the run is there")
}

pub(crate) fn no_words() -> LostWords {
    Arc::new(|_, _| None)
}
