//! A passage to a PostgreSQL server that counts the statements going through it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_postgres::config::Host;

/// Asked before anything else by a client that would like TLS.
const TLS_WANTED: [u8; 4] = 80_877_103_u32.to_be_bytes();

pub(crate) struct Passage {
    /// The database's address through here.
    pub(crate) url: String,
    statements: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Passage {
    pub(crate) async fn to(url: &str) -> Self {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let Some(Host::Tcp(host)) = config.get_hosts().first() else { panic!("no host over TCP in {url}") };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let server = format!("{host}:{port}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let through = url.replacen(&server, &listener.local_addr().unwrap().to_string(), 1);
        assert_ne!(through, url, "the address names host and port");
        let statements = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&statements);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server.clone(), Arc::clone(&counted)));
            }
        });
        Self { url: through, statements, accepting }
    }

    /// Statements run so far.
    pub(crate) fn statements(&self) -> u64 {
        self.statements.load(Ordering::SeqCst)
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(client: TcpStream, server: String, counted: Arc<AtomicU64>) -> io::Result<()> {
    let server = TcpStream::connect(server).await?;
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = server.into_split();
    tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
    forward(from_client, to_server, &counted).await
}

/// Messages one by one: the first ones of a connection are a length and a body, the others have a kind before.
async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counted: &AtomicU64) -> io::Result<()> {
    while body(&mut from, &mut to).await? == TLS_WANTED {}
    loop {
        let kind = from.read_u8().await?;
        // A simple query, or the execution of a prepared one.
        if matches!(kind, b'Q' | b'E') {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        to.write_u8(kind).await?;
        body(&mut from, &mut to).await?;
    }
}

async fn body(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf) -> io::Result<Vec<u8>> {
    let length = from.read_u32().await?;
    let mut body = vec![0; length.saturating_sub(4) as usize];
    from.read_exact(&mut body).await?;
    to.write_u32(length).await?;
    to.write_all(&body).await?;
    Ok(body)
}
