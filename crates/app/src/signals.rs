//! The signals that end the process.

use std::time::Duration;

use engine::loops::Shutdown;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// After the second signal, what is written is written; then the process ends whatever still runs.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// SIGTERM and SIGINT.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes the signals from the system's default, which would end the process at once.
    pub(crate) fn take() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for one of them.
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// The first asks to stop, the second does not wait.
    pub(crate) fn drive(mut self, shutdown: Shutdown) {
        tokio::spawn(async move {
            let name = self.next().await;
            tracing::info!("{name}: handing work back; a second signal stops at once");
            shutdown.graceful.cancel();
            let name = self.next().await;
            tracing::warn!("{name} again: stopping now");
            shutdown.now.cancel();
            let _ = tokio::time::timeout(LAST_WORDS, std::future::pending::<()>()).await;
            std::process::exit(1);
        });
    }
}
