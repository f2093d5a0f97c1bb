//! A state as full as it gets: ten thousand runs, one of five thousand failed days, a log of a hundred thousand lines.
//!
//! It is put there by the store's own calls, many rows at once, and so takes seconds where the work itself takes hours.

use std::time::Duration;

use futures_util::StreamExt;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use model::counts::ItemCounts;
use model::fault::Fault;
use model::id::{RunId, SyncKey};
use model::ledger::{LedgerState, LedgerWrite};
use model::limits;
use model::partition::UnitProgress;
use model::policy::{Missed, Overlap, Retry, SyncPolicy};
use model::run::{Plan, PlannedPartition, Run, RunRequest, Trigger};
use model::schedule::{ScheduleSpec, When};
use serde_json::{Value, json};
use store::{Claimed, End, Finish, NewLogLine, NewRun, Requested, RunEffect, Store};

/// Runs in all.
pub(crate) const RUNS: usize = 10_000;

/// Days of the long run, all of them failed but the last.
pub(crate) const DAYS: usize = 5_000;

/// Schedules that come due some day.
const SCHEDULES: usize = 1_000;

/// Runs that have not begun.
const QUEUED: usize = 40;

/// Runs asked for side by side: a database on a disk writes them together.
const AT_ONCE: usize = 32;

/// Rows written at once.
const BATCH: usize = 1_000;

/// What a person who breaks pages would say: as long as texts may be, of marks that are sent as several bytes each.
fn long_words() -> String {
    "<&\">".repeat(limits::MESSAGE_MAX / 4)
}

fn wish(sync: &str, label: &str, keys: Vec<String>) -> NewRun {
    let partitions = keys.into_iter().map(|key| PlannedPartition { key, payload: Value::Null }).collect();
    let params = json!({ "start_date": "2010-01-01", "end_date": "2023-09-09", "why": long_words() });
    NewRun {
        request: RunRequest {
            sync: SyncKey::parse(sync).unwrap(),
            trigger: Trigger::Manual,
            label: label.to_owned(),
            params: Value::Null,
            priority: 0,
            reference: None,
            idempotency_key: None,
            tick: None,
            requested_by: Some("127.0.0.1".to_owned()),
        },
        plan: Plan { partitions, params, priority: None },
        policy: SyncPolicy {
            overlap: Overlap::Allow,
            max_parallel: None,
            retry: Retry::ONCE,
            source_fault_limit: None,
            pause_keeps_lease: false,
            deaths_max: None,
        },
    }
}

async fn start(store: &Store, wish: NewRun, now: Timestamp) -> Run {
    match store.request(wish, now).await.unwrap() {
        Requested::Started(run) => run,
        other => panic!("expected a started run, got {other:?}"),
    }
}

fn ended(claimed: &Claimed, end: End, ledger: Option<LedgerWrite>) -> Finish {
    Finish {
        partition: claimed.partition.id,
        fence: claimed.partition.fence,
        end,
        units: UnitProgress { done: 5_000, failed: 5_000, total: Some(5_000) },
        counts: ItemCounts { new: 1_000_000, failed: 1_000_000, ..ItemCounts::default() },
        message: None,
        ledger,
        run: RunEffect::None,
    }
}

async fn claim(store: &Store, now: Timestamp) -> Vec<Claimed> {
    let systems = ["stocks".to_owned(), "days".to_owned()];
    store.claim("host-1", &systems, BATCH as u32, Duration::from_secs(30), now).await.unwrap()
}

/// Fills the state and gives the number of the long run, which is still under way.
pub(crate) async fn fill(store: &Store, now: Timestamp) -> RunId {
    let hour = SignedDuration::from_hours(1);
    // Three weeks of runs that had nothing to do.
    let idle = futures_util::stream::iter(0..RUNS - QUEUED - 200);
    idle.for_each_concurrent(AT_ONCE, |place| async move {
        let back = hour * i32::try_from(place % 500).unwrap();
        start(store, wish("days.all", "nightly", Vec::new()), now - back).await;
    })
    .await;
    for _ in 0..200 - 1 {
        start(store, wish("days.all", "batch", vec!["2025-10-13".to_owned()]), now).await;
    }
    let unlucky = Fault::never("unlucky", long_words());
    let failed = claim(store, now).await;
    let failed = failed.iter().map(|one| ended(one, End::Failed(unlucky.clone()), None)).collect();
    store.finish(failed, now).await.unwrap();
    let long = long_run(store, now).await;
    log(store, long, now).await;
    for _ in 0..QUEUED {
        start(store, wish("days.all", "batch", vec![long_words()]), now).await;
    }
    schedules(store, now).await;
    long
}

/// The pages of the console, as they are heaviest.
pub(crate) fn pages(long: RunId) -> Vec<String> {
    let run = format!("/runs/{long}");
    let of_run = ["", "?show=failed", "?page=25", "?page=50", "?before=60000"];
    let others = [
        "/",
        "/runs",
        "/runs?before=5000",
        "/runs?state=active",
        "/runs?state=wanting",
        "/runs?system=days&trigger=manual&state=failed",
        "/stocks",
        "/stocks?page=90",
        "/stocks?status=failed&open=2025-09-08&month=2025-09",
        "/schedules",
        "/schedules?page=10",
        "/schedules/1",
        "/schedules/1000",
        "/tables",
        "/tables/quote",
        "/races",
    ];
    let of_run = of_run.iter().map(|query| format!("{run}{query}"));
    others.iter().map(|page| (*page).to_owned()).chain(of_run).collect()
}

async fn long_run(store: &Store, now: Timestamp) -> RunId {
    let days = date(2012, 1, 1).series(1.day()).take(DAYS).map(|day| day.to_string()).collect();
    let run = start(store, wish("stocks.daily", "batch", days), now).await;
    let mut left = DAYS - 1;
    while left > 0 {
        let mut days = claim(store, now).await;
        days.truncate(left);
        left -= days.len();
        let ends = days.iter().map(|day| {
            // Many codes, and many words.
            let fault = Fault::never(format!("fault_{}", day.partition.id.0 % 500), long_words());
            let words = Some(fault.message.clone());
            let ledger = LedgerWrite {
                total: 5_000,
                failed: 5_000,
                fault_code: Some(fault.code.clone()),
                fault_message: words,
                ..LedgerWrite::new(LedgerState::Failed, "failed")
            };
            ended(day, End::Failed(fault), Some(ledger))
        });
        let ends = ends.collect();
        store.finish(ends, now).await.unwrap();
    }
    run.id
}

async fn log(store: &Store, run: RunId, now: Timestamp) {
    let lines = limits::LOG_LINES_PER_RUN_MAX as usize;
    for first in (0..lines).step_by(BATCH) {
        let line = |place: usize| NewLogLine {
            run_id: run,
            partition_id: None,
            at: now,
            level: "error".to_owned(),
            // Long ones only where they are shown: a hundred thousand of them would be tested for their weight.
            message: if place + 500 > lines { long_words() } else { format!("line {place}") },
        };
        store.append_log((first..first + BATCH).map(line).collect()).await.unwrap();
    }
}

async fn schedules(store: &Store, now: Timestamp) {
    for place in 0..SCHEDULES {
        let spec = ScheduleSpec {
            name: format!("days.{place:04}"),
            title: "每日补跑一次，直到所有缺失的数据都已到齐".to_owned(),
            sync: SyncKey::parse("days.all").unwrap(),
            label: "nightly".to_owned(),
            params: json!({ "why": long_words() }),
            when: When::Cron { expression: "*/7 1-23/2 1,2,3,5-9,20-30 1,3,5-12 1,3,5".to_owned() },
            time_zone: "America/Argentina/ComodRivadavia".to_owned(),
            missed: Missed::None,
            missed_window: Duration::from_secs(60),
            missed_max: 1,
        };
        let next = now + SignedDuration::from_secs(i64::try_from(place).unwrap());
        store.put_schedule(&spec, Some(next), now).await.unwrap();
    }
}
