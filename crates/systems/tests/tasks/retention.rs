//! How long records are kept, by the clock set by hand and through the chore that the server's loop does.

use std::time::Duration;

use engine::{Engine, keep};
use jiff::SignedDuration;
use store::Keep;

use crate::bed::{Base, Bed};

on_both! {
    a_record_goes_after_thirty_days_and_one_of_a_run_at_work_stays
    records_are_kept_as_long_as_the_setting_says
}

/// What the loop does every ten minutes.
async fn chore(engine: &Engine) {
    // Runs are kept longer than this test's months: a record goes without its run.
    let keep = Keep { runs: Duration::from_secs(86_400 * 3650), events: Duration::from_secs(86_400) };
    keep::tick(engine, keep, engine.now()).await.unwrap();
}

/// The records there are, by the documented table and by the documented route.
async fn kept(bed: &Bed) -> Vec<String> {
    let ids = bed.rows("SELECT id FROM sync_records ORDER BY id DESC").await;
    let listed = bed.ok("GET", "/records").await["data"].clone();
    let shown: Vec<String> =
        listed["records"].as_array().unwrap().iter().map(|r| r["id"].to_string()).collect();
    assert_eq!((&ids, listed["total"].as_u64()), (&shown, Some(ids.len() as u64)));
    ids
}

async fn a_record_goes_after_thirty_days_and_one_of_a_run_at_work_stays(base: Base) {
    let mut bed = Bed::start(base).await;
    bed.ok("POST", "/today/manual").await;
    bed.rest().await;
    bed.call("POST", "/historical/manual?async=1").await;
    let run = bed.store.read().task_record(1).await.unwrap().unwrap().run;
    bed.clock.pass(SignedDuration::from_hours(24 * 30) - SignedDuration::from_mins(5));
    chore(&bed.engine).await;
    assert_eq!(kept(&bed).await, ["2", "1"], "five minutes short of thirty days");
    bed.clock.pass(SignedDuration::from_mins(10));
    chore(&bed.engine).await;
    assert_eq!(kept(&bed).await, ["2"], "the second is as old, and its run is at work");
    assert_eq!(bed.ok("GET", "/records").await["data"]["unread_count"], 0);
    assert_eq!(bed.call("GET", "/records/1").await.0, 404);
    assert!(bed.engine.read().run(run).await.unwrap().is_some(), "the run is as it was");
    bed.drive();
    assert_eq!(bed.ended(2).await["status"], "success");
    assert_eq!(kept(&bed).await, ["2"], "nothing comes back");
}

async fn records_are_kept_as_long_as_the_setting_says(base: Base) {
    let bed = Bed::start_with(base, |config| config.retention_days = 0).await;
    bed.ok("POST", "/today/manual").await;
    bed.clock.pass(SignedDuration::from_hours(24 * 3650));
    chore(&bed.engine).await;
    assert_eq!(kept(&bed).await, ["1"], "none is the length of nothing");
    bed.ok("POST", "/today/manual").await;
    bed.clock.pass(SignedDuration::from_hours(25));
    let changed = bed.twin("changed-1", |config| config.retention_days = 2).await;
    chore(&changed).await;
    assert_eq!(kept(&bed).await, ["2"], "another setting counts from the next chore on");
    bed.clock.pass(SignedDuration::from_hours(24));
    chore(&changed).await;
    assert_eq!(kept(&bed).await, Vec::<String>::new());
}
