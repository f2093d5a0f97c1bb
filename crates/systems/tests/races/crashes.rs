//! A process that dies: at each kind of operation on the state, just before it or just after its commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use store::Probe;
use systems::races::tables;

use crate::bed::{Base, Bed};
use crate::shared::until;
use crate::watch::{Moment, Watch};

on_both! {
    a_process_that_dies_anywhere_leaves_its_attempt_to_the_next
}

/// A bed with an attempt that waits for a worker.
async fn waiting(base: Base) -> Bed {
    let mut bed = Bed::idle_with(base, |config| config.upstream_per_second = 1000).await;
    bed.drive();
    bed.plan(11, "").await;
    bed.drive_schedules();
    bed.execute(11, 1).await;
    bed
}

/// Runs the attempt in a process that may die; whether it did.
async fn runs(bed: &Bed, watch: &Arc<Watch>) -> bool {
    let process = bed.process(Arc::clone(watch) as Arc<dyn Probe>);
    let died = until(&bed.engine, || async {
        let died = watch.is_dead();
        (died || bed.attempt(11, 1).await["status"] == "success").then_some(died)
    })
    .await;
    drop(process);
    died
}

async fn a_process_that_dies_anywhere_leaves_its_attempt_to_the_next(base: Base) {
    let healthy = Arc::new(Watch::default());
    assert!(!runs(&waiting(base).await, &healthy).await);
    let operations: BTreeSet<&'static str> = healthy.seen();
    assert!(operations.contains("beginning an attempt") && operations.contains("ending an attempt"));
    let mut deaths = 0;
    for tried in operations {
        for (moment, times) in [(Moment::Before, 1), (Moment::After, 1), (Moment::After, 3)] {
            let mut bed = waiting(base).await;
            let watch = Arc::new(Watch::until(tried, moment, times));
            deaths += usize::from(runs(&bed, &watch).await);
            bed.clock.pass(SignedDuration::from_mins(2));
            bed.drive();
            let done = bed.until(11, 1, "success").await;
            assert_eq!(bed.statuses(11).await, ["success", "cancelled", "cancelled"], "{tried} {moment:?}");
            assert_eq!(done["details"]["race_results"]["records"], 20, "{tried} {moment:?} {done}");
            let rows = [
                bed.rows(tables::QUALIFYING_RESULTS, 11).await,
                bed.rows(tables::RACE_RESULTS, 11).await,
                bed.rows(tables::DRIVER_STANDINGS, 11).await,
                bed.rows(tables::CONSTRUCTOR_STANDINGS, 11).await,
            ];
            assert_eq!(rows, [20, 20, 20, 10], "{tried} {moment:?}");
        }
    }
    assert!(deaths > 20, "{deaths} deaths");
}
