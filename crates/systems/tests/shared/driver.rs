//! Scheduler and worker, and waiting for what they do.

use std::future::Future;
use std::time::{Duration, Instant};

use engine::Engine;
use engine::loops::{self, Roles, Shutdown, Wall};
use engine::worker::WorkerSpec;
use store::Keep;
use tokio::task::JoinHandle;

/// Nothing in these tests takes longer, on a busy machine either.
const PATIENCE: Duration = Duration::from_secs(60);

/// Scheduler and worker, ended with the bed.
#[derive(Default)]
pub(crate) struct Driver {
    shutdown: Shutdown,
    running: Option<JoinHandle<()>>,
}

impl Driver {
    /// Scheduler and worker at work.
    pub(crate) fn all(engine: &Engine) -> Self {
        let worker = WorkerSpec { holder: format!("test-{}", std::process::id()), slots: 4 };
        Self::with(engine, Some(worker))
    }

    /// The scheduler alone: runs stay queued.
    pub(crate) fn schedules(engine: &Engine) -> Self {
        Self::with(engine, None)
    }

    fn with(engine: &Engine, worker: Option<WorkerSpec>) -> Self {
        let keep = Keep { runs: Duration::from_secs(86_400 * 30), events: Duration::from_secs(86_400) };
        let roles = Roles { scheduler: Some(keep), worker };
        let (engine, shutdown) = (engine.clone(), Shutdown::default());
        let until = shutdown.clone();
        let running = tokio::spawn(async move {
            let rng = fastrand::Rng::with_seed(1);
            loops::run(engine, roles, Wall::default(), rng, until).await.unwrap();
        });
        Self { shutdown, running: Some(running) }
    }

    /// Ends all work in good order.
    pub(crate) async fn stop(mut self) {
        self.shutdown.graceful.cancel();
        if let Some(running) = self.running.take() {
            tokio::time::timeout(PATIENCE, running).await.expect("a graceful end").unwrap();
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.shutdown.graceful.cancel();
        self.shutdown.now.cancel();
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }
}

/// Looks again with every event until there is an answer.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(engine: &Engine, look: impl Fn() -> F) -> T {
    let began = Instant::now();
    let mut events = engine.rings().events;
    loop {
        events.borrow_and_update();
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "it did not come about in {PATIENCE:?}");
        // The ring is a hint: progress between two events is looked at too.
        let _rung = tokio::time::timeout(Duration::from_millis(25), events.changed()).await;
    }
}
