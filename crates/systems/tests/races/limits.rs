//! The budget of requests that all runs share.

use jiff::SignedDuration;
use simulators::jolpica::{Fault, Trouble};

use crate::bed::{Base, Bed};
use crate::shared::until;

on_both! {
    attempts_in_parallel_stay_within_the_limit_of_a_second
    attempts_in_parallel_stay_within_the_limit_of_an_hour
    the_requests_of_an_hour_are_counted_over_a_restart
    a_429_is_waited_for_in_all_its_forms
}

async fn attempts_in_parallel_stay_within_the_limit_of_a_second(base: Base) {
    let bed = Bed::start(base).await;
    for round in [12, 13, 14, 15, 16] {
        bed.plan(round, "").await;
    }
    for round in [12, 13, 14, 15, 16] {
        bed.execute(round, 1).await;
    }
    for round in [12, 13, 14, 15, 16] {
        bed.until(round, 1, "success").await;
    }
    let mut sent: Vec<u128> = bed.simulator.requests().iter().map(|request| request.millis).collect();
    sent.sort_unstable();
    assert!(sent.len() >= 20, "{sent:?}");
    // A tenth for the way from the grant to the source.
    assert!(sent.windows(5).all(|five| five[4] - five[0] >= 900), "{sent:?}");
}

async fn attempts_in_parallel_stay_within_the_limit_of_an_hour(base: Base) {
    let mut bed = Bed::idle_with(base, |config| config.upstream_per_hour = 9).await;
    bed.drive();
    let rounds = [12, 14, 15, 16, 17];
    for round in rounds {
        bed.plan(round, "").await;
    }
    let mut runs = Vec::new();
    for round in rounds {
        runs.push(bed.execute(round, 1).await);
    }
    for run in runs {
        bed.ended(&run).await;
    }
    assert_eq!(bed.simulator.requests().len(), 8, "the calendar took one");
    let mut spent = 0;
    for round in rounds {
        let attempt = bed.attempt(round, 1).await;
        let found = attempt["details"].as_object().unwrap().values();
        spent += found.filter(|found| found["message"] == "上游请求额度已用完").count();
    }
    assert_eq!(spent, 5 * 4 - 8, "and what is not granted is said");
}

async fn the_requests_of_an_hour_are_counted_over_a_restart(base: Base) {
    let mut bed = Bed::idle_with(base, |config| config.upstream_per_hour = 3).await;
    bed.drive();
    bed.plan(11, "").await;
    let spent = async |bed: &Bed, number| {
        let run = bed.execute(11, number).await;
        bed.ended(&run).await;
        bed.attempt(11, number).await
    };
    let partial = spent(&bed, 1).await;
    assert_eq!(partial["status"], "partial");
    assert_eq!(partial["details"]["driver_standings"]["message"], "上游请求额度已用完");
    assert_eq!(bed.simulator.requests().len(), 2, "the calendar took one");
    let bed = bed.restarted_at("2025-06-29T17:30:00").await;
    assert_eq!(spent(&bed, 1).await["status"], "failed");
    assert_eq!(bed.simulator.requests().len(), 2);
    bed.clock.pass(SignedDuration::from_hours(1));
    assert_eq!(spent(&bed, 1).await["status"], "partial");
    assert_eq!(bed.simulator.requests().len(), 5);
}

async fn a_429_is_waited_for_in_all_its_forms(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    let throttled = |path: &str, after: Option<&str>| {
        Fault::times(path, 1, Trouble::Status { code: 429, retry_after: after.map(str::to_owned) })
    };
    bed.simulator.set_faults(vec![
        throttled("/2025/11/qualifying", Some("120")),
        throttled("/2025/11/results", Some("Sun, 29 Jun 2025 17:10:00 GMT")),
        throttled("/2025/11/driverStandings", None),
    ]);
    bed.execute(11, 1).await;
    let heard = async |count| {
        until(&bed.engine, || async { (bed.simulator.requests().len() == count).then_some(()) }).await;
    };
    for (count, seconds) in [(1, 121), (3, 601)] {
        heard(count).await;
        until(&bed.engine, || async {
            let budget = bed.engine.read().note("races.budget").await.unwrap().unwrap().to_string();
            // The pause is known before it is passed.
            budget.contains("held_until\":\"").then_some(())
        })
        .await;
        bed.clock.pass(SignedDuration::from_secs(seconds));
    }
    bed.until(11, 1, "success").await;
    assert_eq!(bed.simulator.requests().len(), 7);
}
