//! A WebDAV server over a folder: as much of RFC 4918 as clients that copy trees ask for. No locks, no logins, no
//! properties of others; contents are held whole on their way, so it is for small files.

mod path;
mod told;
mod verbs;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A server that runs. Dropping it leaves it running.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Simulator {
    /// Where it is asked, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it, with the requests it is answering.
    pub async fn shutdown(self) {
        self.stop.cancel();
        // A task that panicked has ended too.
        let _ = self.task.await;
    }
}

/// Serves a folder, which is made, on a free port of the loopback.
///
/// # Errors
/// The folder cannot be made, or there is no port.
pub async fn start(folder: PathBuf) -> io::Result<Simulator> {
    std::fs::create_dir_all(&folder)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let router = Router::new().fallback(verbs::answer).with_state(Arc::new(folder));
    let stopped = stop.clone().cancelled_owned();
    let task = tokio::spawn(async move {
        // It ends when it is asked to; there is nobody to tell of anything else.
        let _ = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
    });
    Ok(Simulator { address, stop, task })
}
