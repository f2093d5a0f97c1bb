//! The program's numbers, for Prometheus.
//!
//! Names are stable: `syncline_*` for what the product does, `syncline_http_*` for the doors.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use model::state::RunState;

const REQUESTS: &str = "syncline_http_requests_total";
const REQUEST_SECONDS: &str = "syncline_http_request_seconds";
const DRAWINGS: &str = "syncline_drawings_total";
const RUNS: &str = "syncline_runs";
const UNREAD: &str = "syncline_runs_unread";
const READY: &str = "syncline_ready";
const SCHEDULE_OVERDUE_SECONDS: &str = "syncline_schedule_overdue_seconds";

/// Bounds of the latency histogram: the doors promise 5 and 10 ms.
const LATENCY_SECONDS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

/// Where the numbers are kept. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

/// One answered request.
pub(crate) struct Answered<'a> {
    pub(crate) method: &'a Method,
    /// The route, not the address: a bounded set.
    pub(crate) path: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
}

/// What is read from the state when the numbers are asked for.
pub(crate) struct Standing {
    pub(crate) runs: Vec<(RunState, usize)>,
    pub(crate) unread: i64,
    pub(crate) schedule_overdue_seconds: f64,
}

impl Metrics {
    /// Makes this the place where the whole process puts its numbers (the macros of the crate `metrics`).
    ///
    /// # Errors
    /// When another place was chosen before.
    pub fn install() -> Result<Self, metrics::SetRecorderError<PrometheusRecorder>> {
        let (recorder, place) = Self::apart();
        metrics::set_global_recorder(recorder)?;
        describe();
        Ok(place)
    }

    /// A place of its own; numbers come into it where its recorder is made the local one, as tests do.
    #[must_use]
    pub fn apart() -> (PrometheusRecorder, Self) {
        let recorder = builder().expect("the bounds are not empty").build_recorder();
        let handle = recorder.handle();
        (recorder, Self { handle })
    }

    #[expect(clippy::unused_self, reason = "the numbers go to the process-wide place this stands for")]
    pub(crate) fn answered(&self, answered: &Answered<'_>) {
        let labels = [
            ("method", known(answered.method).to_owned()),
            ("path", answered.path.to_owned()),
            ("status", answered.status.as_str().to_owned()),
        ];
        counter!(REQUESTS, &labels).increment(1);
        histogram!(REQUEST_SECONDS, &labels[..2]).record(answered.took.as_secs_f64());
    }

    /// The text Prometheus reads. `None`: the state could not be read, and only that is said of it.
    pub(crate) fn text(&self, standing: Option<&Standing>) -> String {
        gauge!(READY).set(if standing.is_some() { 1.0 } else { 0.0 });
        if let Some(standing) = standing {
            for (state, count) in &standing.runs {
                gauge!(RUNS, "state" => state.as_str()).set(*count as f64);
            }
            gauge!(UNREAD).set(standing.unread as f64);
            gauge!(SCHEDULE_OVERDUE_SECONDS).set(standing.schedule_overdue_seconds);
        }
        self.handle.run_upkeep();
        self.handle.render()
    }
}

/// A page that somebody looks at was drawn.
pub(crate) fn drawn() {
    counter!(DRAWINGS).increment(1);
}

/// The method, of a bounded set: clients may send any word.
fn known(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PATCH,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if known.contains(method) { method.as_str() } else { "other" }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCY_SECONDS)
}

fn describe() {
    describe_counter!(REQUESTS, "Requests answered, by route, method and status");
    describe_histogram!(REQUEST_SECONDS, "Time until the answer began, by route and method");
    describe_counter!(DRAWINGS, "Drawings of pages that somebody looks at");
    describe_gauge!(RUNS, "Runs that have not ended, by state");
    describe_gauge!(UNREAD, "Ended runs nobody acknowledged");
    describe_gauge!(READY, "1 when the state database answered this scrape");
    describe_gauge!(SCHEDULE_OVERDUE_SECONDS, "How far the most overdue schedule is behind; 0 when none is");
}
