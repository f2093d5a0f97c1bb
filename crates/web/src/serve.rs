//! Serving until told to stop.

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Answers in flight get this long after the stop; streams end with the stop itself.
const DRAIN: Duration = Duration::from_secs(5);

/// Answers requests until `shutdown`, then lets the ones in flight end, for a bounded time.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let stop = shutdown.clone();
    let graceful =
        axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await });
    let mut serving = std::pin::pin!(graceful.into_future());
    tokio::select! {
        ended = &mut serving => return ended,
        () = shutdown.cancelled() => {}
    }
    match tokio::time::timeout(DRAIN, serving).await {
        Ok(ended) => ended,
        Err(_) => {
            tracing::warn!(
                "some answers were still under way {} s after the stop and were cut",
                DRAIN.as_secs()
            );
            Ok(())
        }
    }
}
