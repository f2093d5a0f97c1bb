//! Waiting for what never comes, without waiting: from the moment a server says nothing more, time passes as soon as
//! nobody has anything else to do.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// The side that says nothing more.
#[derive(Default)]
pub(crate) struct Silence {
    began: Notify,
    is_skipped: AtomicBool,
}

impl Silence {
    /// From now on nothing is said.
    pub(crate) fn begin(&self) {
        self.began.notify_one();
    }

    /// Something is asked, which is answered in its own time.
    pub(crate) fn end(&self) {
        if self.is_skipped.swap(false, Ordering::Relaxed) {
            tokio::time::resume();
        }
    }

    /// Once it began.
    pub(crate) async fn began(&self) {
        self.began.notified().await;
    }

    /// What comes of something that meets it.
    pub(crate) async fn outlasted<T>(&self, met: impl Future<Output = T>) -> T {
        let skip = async {
            self.began().await;
            tokio::time::pause();
            self.is_skipped.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        };
        let came = tokio::select! {
            came = met => came,
            () = skip => unreachable!("it is pending"),
        };
        self.end();
        came
    }
}
