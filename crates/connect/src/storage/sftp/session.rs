//! A connection to the server and the one session on it, where all requests go at once; what goes wrong there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use russh::client::{self, AuthResult, Handle as Connection};
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg};
use russh_sftp::client::error::Error;
use russh_sftp::client::{Config, RawSftpSession};
use russh_sftp::protocol::{Handle, Packet, StatusCode};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::host::{Eye, Host, HostKeys};
use super::limits::{ANSWER_SECONDS, CONNECT, HANDSHAKE, OPEN_MAX};
use crate::storage::{Trouble, Wrong};

/// What a rename that replaces is called.
const RENAME_OVER: &str = "posix-rename@openssh.com";

/// Where a server is, and as whom to go there.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) key: Arc<PrivateKey>,
    pub(super) keys: HostKeys,
}

/// An open session.
pub(super) struct Session {
    pub(super) raw: RawSftpSession,
    /// Whether one file can be put in the place of another.
    pub(super) renames_over: bool,
    is_lost: AtomicBool,
    open: Arc<Semaphore>,
    /// The connection lives as long as this does.
    _connection: Connection<Eye>,
}

impl Session {
    /// Connects, and makes both sides known to each other.
    pub(super) async fn open(server: &Server) -> Result<Self, Trouble> {
        let tried = "connecting";
        let stream = timeout(CONNECT, TcpStream::connect((server.host.as_str(), server.port))).await;
        let stream = stream
            .map_err(|_| Trouble::new(Wrong::Timeout, tried, format!("not open after {CONNECT:?}")))?
            .map_err(|error| Trouble::new(Wrong::Network, tried, error.kind().to_string()))?;
        let far = stream.peer_addr().ok();
        if server.keys == HostKeys::Accept && !far.is_some_and(|address| address.ip().is_loopback()) {
            let why = "any key is accepted on the loopback only, and the server is not there";
            return Err(Trouble::new(Wrong::Auth, tried, why));
        }
        // Requests are small and wait for one another.
        let _ = stream.set_nodelay(true);
        let known = timeout(HANDSHAKE, greet(server, stream)).await;
        known.unwrap_or_else(|_| Err(Trouble::new(Wrong::Timeout, tried, "the server said too little")))
    }

    /// Whether requests still get answers.
    pub(super) fn is_open(&self) -> bool {
        !self.is_lost.load(Ordering::Relaxed) && !self._connection.is_closed()
    }

    /// Waits until one more may be open.
    pub(super) async fn room(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.open).acquire_owned().await.expect("the semaphore is never closed")
    }

    /// The server's name for something it has opened.
    pub(super) fn handle(&self, tried: &str, opened: Result<Handle, Error>) -> Result<String, Trouble> {
        let handle = self.settle(tried, opened)?.handle;
        match handle.contains(char::REPLACEMENT_CHARACTER) {
            true => Err(Trouble::new(Wrong::Other, tried, "the server's names for open files are no text")),
            false => Ok(handle),
        }
    }

    /// What an answer amounts to. One that did not come ends the session.
    pub(super) fn settle<T>(&self, tried: &str, answer: Result<T, Error>) -> Result<T, Trouble> {
        answer.map_err(|error| {
            if !matches!(error, Error::Status(_) | Error::Limited(_)) {
                self.is_lost.store(true, Ordering::Relaxed);
            }
            of_error(tried, &error)
        })
    }

    /// Gives a file another name, in the place of what is there.
    pub(super) async fn rename_over(&self, from: &str, to: &str) -> Result<(), Error> {
        let mut names = Vec::with_capacity(8 + from.len() + to.len());
        for name in [from, to] {
            names.extend(u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes());
            names.extend(name.as_bytes());
        }
        match self.raw.extended(RENAME_OVER, names).await? {
            Packet::Status(status) if status.status_code == StatusCode::Ok => Ok(()),
            Packet::Status(status) => Err(Error::Status(status)),
            _ => Err(Error::UnexpectedPacket),
        }
    }
}

async fn greet(server: &Server, stream: TcpStream) -> Result<Session, Trouble> {
    let tried = "connecting";
    let host = Arc::new(Host::new(&server.host, server.port, &server.keys)?);
    let seen = Arc::new(OnceLock::new());
    let eye = Eye { host: Arc::clone(&host), seen: Arc::clone(&seen) };
    let connection = client::connect_stream(Arc::new(host.config()), stream, eye).await;
    let mut connection = match (connection, seen.get()) {
        (Ok(connection), Some(_)) => connection,
        (Ok(_), None) => return Err(Trouble::new(Wrong::Auth, tried, "the server showed no key")),
        (Err(error), seen) => {
            let refusal = seen.and_then(|seen| host.refusal(tried, seen));
            return Err(refusal.unwrap_or_else(|| of_ssh(tried, &error)));
        }
    };
    prove(server, &mut connection).await?;
    if let Some(seen) = seen.get() {
        host.learn(seen)?;
    }
    let channel = connection.channel_open_session().await.map_err(|error| of_ssh(tried, &error))?;
    channel.request_subsystem(true, "sftp").await.map_err(|error| of_ssh(tried, &error))?;
    let config = Config { request_timeout_secs: ANSWER_SECONDS, ..Config::default() };
    let raw = RawSftpSession::new_with_config(channel.into_stream(), config);
    let version = raw.init().await.map_err(|error| of_error(tried, &error))?;
    let renames_over = version.extensions.get(RENAME_OVER).is_some_and(|version| version == "1");
    Ok(Session {
        raw,
        renames_over,
        is_lost: AtomicBool::new(false),
        open: Arc::new(Semaphore::new(OPEN_MAX)),
        _connection: connection,
    })
}

/// Shows the server that the user has the key.
async fn prove(server: &Server, connection: &mut Connection<Eye>) -> Result<(), Trouble> {
    let tried = "signing in";
    let hash = match server.key.algorithm().is_rsa() {
        false => None,
        true => {
            let best = connection.best_supported_rsa_hash().await.map_err(|error| of_ssh(tried, &error))?;
            best.unwrap_or(Some(HashAlg::Sha256))
        }
    };
    let key = PrivateKeyWithHashAlg::new(Arc::clone(&server.key), hash);
    match connection.authenticate_publickey(&server.user, key).await {
        Ok(AuthResult::Success) => Ok(()),
        Ok(AuthResult::Failure { .. }) => {
            Err(Trouble::new(Wrong::Auth, tried, "the server does not take the key of this user"))
        }
        Err(error) => Err(of_ssh(tried, &error)),
    }
}

fn of_ssh(tried: &str, error: &russh::Error) -> Trouble {
    let why = match error {
        russh::Error::IO(error) => error.kind().to_string(),
        russh::Error::Disconnect | russh::Error::HUP => "the server closed the connection".to_owned(),
        russh::Error::NoCommonAlgo { .. } => "both sides have no algorithm in common".to_owned(),
        _ => "both sides did not come to know each other".to_owned(),
    };
    Trouble::new(Wrong::Network, tried, why)
}

fn of_error(tried: &str, error: &Error) -> Trouble {
    let (wrong, why) = match error {
        Error::Status(status) => match status.status_code {
            StatusCode::NoSuchFile => (Wrong::Missing, "nothing is there"),
            StatusCode::PermissionDenied => (Wrong::Permission, "the server does not allow it"),
            // What OpenSSH says of a name that is too long.
            StatusCode::BadMessage => (Wrong::Name, "the server cannot use the name"),
            StatusCode::NoConnection | StatusCode::ConnectionLost => {
                (Wrong::Network, "the connection was lost")
            }
            StatusCode::OpUnsupported => (Wrong::Other, "the server cannot do it"),
            _ => (Wrong::Other, "the server could not do it"),
        },
        Error::Timeout => (Wrong::Timeout, "the server did not answer in time"),
        Error::Limited(_) => (Wrong::Busy(None), "the server has too much open"),
        Error::UnexpectedPacket => (Wrong::Other, "the server's answer cannot be used"),
        _ => (Wrong::Network, "the connection was lost"),
    };
    Trouble::new(wrong, tried, why)
}
