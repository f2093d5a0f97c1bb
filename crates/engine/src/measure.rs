//! Names of what the engine measures, and the few calls that record it.

use std::time::Duration;

use jiff::Timestamp;
use metrics::{counter, gauge, histogram};
use model::run::Run;

pub(crate) fn run_ended(run: &Run) {
    counter!("syncline_runs_total", "sync" => run.sync.to_string(), "state" => run.state.as_str())
        .increment(1);
    tracing::info!(run.id = run.id.0, sync = %run.sync, state = %run.state, "run ended");
}

pub(crate) fn partition_ended(sync: &str, outcome: &'static str) {
    counter!("syncline_partitions_total", "sync" => sync.to_owned(), "outcome" => outcome).increment(1);
}

pub(crate) fn claimed(took: Duration) {
    histogram!("syncline_claim_seconds").record(took);
}

pub(crate) fn finished(took: Duration, outcomes: usize) {
    histogram!("syncline_finish_seconds").record(took);
    #[expect(clippy::cast_precision_loss, reason = "a batch is at most a thousand")]
    histogram!("syncline_finish_batch").record(outcomes as f64);
}

pub(crate) fn lateness(nominal_at: Timestamp, now: Timestamp) {
    histogram!("syncline_schedule_lateness_seconds")
        .record(now.duration_since(nominal_at).as_secs_f64().max(0.0));
}

pub(crate) fn ticked(sync: &str, decision: &'static str) {
    counter!("syncline_ticks_total", "sync" => sync.to_owned(), "decision" => decision).increment(1);
}

/// The last time a loop of this kind reached the store.
pub(crate) fn polled(role: &'static str, now: Timestamp) {
    gauge!("syncline_last_poll_timestamp_seconds", "role" => role)
        .set(Duration::from_millis(now.as_millisecond().max(0).unsigned_abs()).as_secs_f64());
}

pub(crate) fn store_failed(tried: &'static str) {
    counter!("syncline_store_errors_total", "tried" => tried).increment(1);
}

pub(crate) fn lease_lost(sync: &str) {
    counter!("syncline_leases_lost_total", "sync" => sync.to_owned()).increment(1);
}

/// Partitions in this process's hands.
pub(crate) fn held(count: usize) {
    #[expect(clippy::cast_precision_loss, reason = "slots are few")]
    gauge!("syncline_partitions_held").set(count as f64);
}
