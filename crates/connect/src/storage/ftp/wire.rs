//! Bytes to a server and back, in the clear or not, and how long they may take. Messages hold no host and no word of the
//! other side.

use std::io;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::limits::{CONNECT, SILENCE};
use crate::storage::{Trouble, Wrong};

/// Both directions of a connection.
pub(super) trait Both: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Both for T {}

/// A connection, whatever it is made of.
pub(super) type Line = Box<dyn Both>;

/// How connections are kept secret.
pub(super) struct Tls {
    /// Shared by all connections: many servers want a transfer's to go on from its session's.
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
    /// From the first byte on; else after it was asked for.
    pub(super) from_start: bool,
}

/// Opens a connection.
pub(super) async fn connect(tried: &str, to: impl ToSocketAddrs) -> Result<TcpStream, Trouble> {
    let opened = timeout(CONNECT, TcpStream::connect(to)).await;
    let stream = opened
        .map_err(|_| Trouble::new(Wrong::Timeout, tried, format!("not open after {CONNECT:?}")))?
        .map_err(|error| Trouble::new(Wrong::Network, tried, error.kind().to_string()))?;
    // Requests are small and wait for one another.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Goes on in secret, once the server has shown that it is the one that was meant.
pub(super) async fn secure(tried: &str, tls: &Tls, line: Line) -> Result<Line, Trouble> {
    let shaken = TlsConnector::from(Arc::clone(&tls.config)).connect(tls.name.clone(), line);
    match timeout(SILENCE, shaken).await {
        Ok(Ok(line)) => Ok(Box::new(line)),
        Ok(Err(error)) => Err(of_handshake(tried, &error)),
        Err(_) => Err(silent(tried)),
    }
}

/// What comes of one step of reading or writing, unless it takes too long.
pub(super) async fn heard<T>(
    tried: &str,
    step: impl Future<Output = io::Result<T>> + Send,
) -> Result<T, Trouble> {
    match timeout(SILENCE, step).await {
        Ok(done) => done.map_err(|error| lost(tried, &error)),
        Err(_) => Err(silent(tried)),
    }
}

pub(super) fn closed(tried: &str) -> Trouble {
    Trouble::new(Wrong::Network, tried, "the server closed the connection")
}

fn silent(tried: &str) -> Trouble {
    Trouble::new(Wrong::Timeout, tried, format!("no byte came or went in {SILENCE:?}"))
}

fn lost(tried: &str, error: &io::Error) -> Trouble {
    Trouble::new(Wrong::Network, tried, format!("the connection was lost: {}", error.kind()))
}

/// A server that is not the one that was meant is not asked again.
fn of_handshake(tried: &str, error: &io::Error) -> Trouble {
    match error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(_)) => {
            Trouble::new(Wrong::Auth, tried, "the server's certificate is not trusted")
        }
        Some(_) => Trouble::new(Wrong::Other, tried, "the TLS handshake failed"),
        None => lost(tried, error),
    }
}
