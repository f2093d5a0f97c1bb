//! The log of a run beside its end.

use std::sync::{Arc, Mutex};

use engine::Engine;
use engine::worker::{Worker, WorkerSpec};
use jiff::Timestamp;
use store::{Probe, ProbeAnswer, Store};

use crate::bed::{Model, done, start};

/// What reached the store, and lines that take their time on the way.
#[derive(Default)]
struct Slow(Mutex<Vec<&'static str>>);

const LINES: &str = "writing a run's log";
const END: &str = "taking finished work back";

impl Probe for Slow {
    fn before(&self, tried: &'static str) -> ProbeAnswer {
        if tried == LINES { ProbeAnswer::Wait } else { ProbeAnswer::Go }
    }

    fn after(&self, tried: &'static str) -> ProbeAnswer {
        self.0.lock().unwrap().push(tried);
        ProbeAnswer::Go
    }
}

#[tokio::test]
async fn who_sees_the_end_finds_the_lines_a_beat_was_just_writing() {
    let slow = Arc::new(Slow::default());
    let store = Store::sqlite(":memory:".as_ref()).await.unwrap().with_probe(slow.clone());
    let model = Model::doing(|_, ctx| async move {
        ctx.log(tracing::Level::INFO, "the last word");
        done()
    });
    let now: Timestamp = "2025-10-09T00:00:00Z".parse().unwrap();
    let engine = Engine::new(store, vec![Arc::new(model)], Arc::new(move || now));
    let spec = WorkerSpec { holder: "host-1".to_owned(), slots: 1 };
    let worker = Worker::new(engine.clone(), spec, fastrand::Rng::with_seed(1));
    start(&engine, 1).await;
    assert_eq!(worker.step(now).await.unwrap().claimed, 1);
    while worker.outcomes() == 0 {
        tokio::task::yield_now().await;
    }
    let (beaten, stepped) = tokio::join!(worker.beat(now), worker.step(now));
    beaten.unwrap();
    assert_eq!(stepped.unwrap().finished, 1);
    let reached = slow.0.lock().unwrap();
    let at = |what| reached.iter().position(|tried| *tried == what).unwrap();
    assert!(at(LINES) < at(END), "{reached:?}");
}
