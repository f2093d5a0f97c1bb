//! Serving until told to stop: connections, each bounded in number, header bytes and patience.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Connections at once; further ones wait in the system's own queue. Far above what people and scripts open, far
/// below the usual limit of open files.
const CONNECTIONS_MAX: usize = 900;

/// Until a request's head must be there; idle connections are closed after it too.
const HEAD_TIME_MAX: Duration = Duration::from_secs(30);

/// Bytes of a request's head.
const HEAD_MAX: usize = 64 << 10;

/// After a failed accept (no files left), before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers in flight get this long after the stop; streams end with the stop itself.
const DRAIN: Duration = Duration::from_secs(5);

/// Answers requests until `shutdown`, then lets the ones in flight end, for a bounded time.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, place)) => {
                let (router, shutdown) = (router.clone(), shutdown.clone());
                connections.spawn(async move {
                    answer(stream, router, shutdown).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!("a connection was not accepted: {error}");
                let _ = tokio::time::timeout(ACCEPT_PAUSE, shutdown.cancelled()).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let drained = tokio::time::timeout(DRAIN, async { while connections.join_next().await.is_some() {} });
    if drained.await.is_err() {
        tracing::warn!("{} answers were still under way after the stop and were cut", connections.len());
    }
}

type Place = tokio::sync::OwnedSemaphorePermit;

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> std::io::Result<(TcpStream, Place)> {
    let place = Arc::clone(places).acquire_owned().await.expect("the semaphore is never closed");
    let (stream, _) = listener.accept().await?;
    // Small answers must not wait for the acknowledgement of the ones before them.
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

async fn answer(stream: TcpStream, router: Router, shutdown: CancellationToken) {
    let service = TowerToHyperService::new(router);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX).max_buf_size(HEAD_MAX);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended early: {error}");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn served(router: Router) -> (TcpStream, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, router, shutdown.clone()));
        (TcpStream::connect(address).await.unwrap(), shutdown, serving)
    }

    async fn read_to_end(stream: &mut TcpStream) -> String {
        let mut read = String::new();
        stream.read_to_string(&mut read).await.unwrap();
        read
    }

    #[tokio::test]
    async fn an_answer_under_way_is_finished_after_the_stop() {
        let asked = Arc::new(tokio::sync::Notify::new());
        let go_on = Arc::new(tokio::sync::Notify::new());
        let (ring, wait) = (Arc::clone(&asked), Arc::clone(&go_on));
        let slow = get(|| async move {
            ring.notify_one();
            wait.notified().await;
            "done"
        });
        let (mut stream, shutdown, serving) = served(Router::new().route("/", slow)).await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        asked.notified().await;
        shutdown.cancel();
        go_on.notify_one();
        assert!(read_to_end(&mut stream).await.ends_with("done"));
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_head_over_the_bound_is_refused() {
        let (mut stream, _shutdown, _serving) = served(Router::new()).await;
        let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "x".repeat(2 * HEAD_MAX));
        let _ = stream.write_all(head.as_bytes()).await;
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 431");
    }
}
