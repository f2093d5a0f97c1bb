//! A server that waits costs nothing: measured on the process itself.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use simulators::baostock::Faults;

use crate::bed::{Database, Server, Upstream, until};

/// How long is measured.
const MEASURED: Duration = Duration::from_secs(2);

/// Processor time of the server over [`MEASURED`], as a part of one core.
fn load_of(server: &Server) -> f64 {
    let (began, before) = (Instant::now(), server.process.processor_time());
    until("the time measured is over", || (began.elapsed() >= MEASURED).then_some(()));
    (server.process.processor_time() - before).as_secs_f64() / began.elapsed().as_secs_f64()
}

/// Starts a batch at a source like this, and measures once the server waits for it.
fn waiting(faults: Faults, mode: &str) -> f64 {
    let (database, upstream) = (Database::sqlite(), Upstream::start());
    upstream.misbehave(faults);
    let server = Server::start(database.folder(), &upstream, &[]);
    let task = server.batch(mode);
    until("the source was asked", || (upstream.requests() > 0).then_some(()));
    let load = load_of(&server);
    let progress = server.progress(&task);
    assert_eq!((&progress["status"], &progress["current"]), (&"running".into(), &0.into()), "{progress}");
    load
}

#[test]
fn ten_seconds_of_silence_cost_no_processor_time() {
    for mode in ["market", "per_stock"] {
        let load = waiting(Faults { latency: 10_000, ..Faults::default() }, mode);
        assert!(load < 0.2, "{mode}: {load:.2} of a core while nothing comes");
    }
}

#[test]
fn a_dripping_reply_costs_no_processor_time() {
    let load = waiting(Faults { slow_drip: NonZeroU64::new(20), ..Faults::default() }, "market");
    assert!(load < 0.2, "{load:.2} of a core while a reply drips");
}

#[test]
fn a_server_with_nothing_to_do_costs_no_processor_time() {
    let (database, upstream) = (Database::sqlite(), Upstream::start());
    let server = Server::start(database.folder(), &upstream, &[]);
    let load = load_of(&server);
    assert!(load < 0.2, "{load:.2} of a core while nothing is to be done");
}
