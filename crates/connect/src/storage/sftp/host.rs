//! Whether a server is the one that was meant: its key against those that are known of it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use russh::client;
use russh::keys::known_hosts::{known_host_keys_path, learn_known_hosts_path};
use russh::keys::{Algorithm, PublicKey, PublicKeyOrCertificate};

use super::limits::{QUESTIONS_MAX, QUIET};
use crate::storage::{Trouble, Wrong};

/// What is believed of a server's key. Files are those of OpenSSH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostKeys {
    /// Only what stands in the file.
    Strict(PathBuf),
    /// What stands in the file; the key of a server that does not is written there.
    Add(PathBuf),
    /// Anything. Only for servers on the loopback.
    Accept,
}

/// What was seen of a server's key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is as it should be.
    Known,
    /// Nothing is known of the server.
    New(PublicKey),
    /// Another is known of it.
    Other,
    /// It is no plain key.
    Certificate,
}

/// A server on the way to be known.
pub(super) struct Host {
    name: String,
    port: u16,
    keys: HostKeys,
    known: Vec<PublicKey>,
}

impl Host {
    /// Reads what is known.
    pub(super) fn new(name: &str, port: u16, keys: &HostKeys) -> Result<Self, Trouble> {
        let known = match keys {
            HostKeys::Strict(file) | HostKeys::Add(file) => known_host_keys_path(name, port, file)
                .map_err(|_| unreadable("is not as OpenSSH writes it"))?,
            HostKeys::Accept => Vec::new(),
        };
        let known = known.into_iter().map(|(_, key)| key).collect();
        Ok(Self { name: name.to_owned(), port, keys: keys.clone(), known })
    }

    /// How to talk to it: in a way that it shows a key of a kind that is known, where it has several.
    pub(super) fn config(&self) -> client::Config {
        let mut config = client::Config {
            keepalive_interval: Some(QUIET),
            keepalive_max: QUESTIONS_MAX,
            ..client::Config::default()
        };
        let is_known = |algorithm: &&Algorithm| {
            self.known.is_empty() || self.known.iter().any(|key| is_same_kind(algorithm, &key.algorithm()))
        };
        let has_sha1 = |algorithm: &&Algorithm| matches!(algorithm, Algorithm::Rsa { hash: None });
        let kinds = config.preferred.key.iter().filter(is_known).filter(|kind| !has_sha1(kind));
        let kinds: Vec<Algorithm> = kinds.cloned().collect();
        if !kinds.is_empty() {
            config.preferred.key = kinds.into();
        }
        config
    }

    /// Whether to go on.
    fn may(&self, seen: &Seen) -> bool {
        match seen {
            Seen::Known => true,
            Seen::New(_) => !matches!(self.keys, HostKeys::Strict(_)),
            Seen::Other | Seen::Certificate => false,
        }
    }

    /// What to say when it was not gone on because of the key.
    pub(super) fn refusal(&self, tried: &str, seen: &Seen) -> Option<Trouble> {
        let why = match seen {
            _ if self.may(seen) => return None,
            Seen::Other => "the server shows another key than the one that is known of it",
            Seen::Certificate => "the server shows a certificate in the place of a key",
            _ => "the server's key is not known",
        };
        Some(Trouble::new(Wrong::Auth, tried, why))
    }

    /// Writes down the key of a server that was new, and knows this user.
    pub(super) fn learn(&self, seen: &Seen) -> Result<(), Trouble> {
        let (HostKeys::Add(file), Seen::New(key)) = (&self.keys, seen) else { return Ok(()) };
        learn_known_hosts_path(&self.name, self.port, key, file)
            .map_err(|_| unreadable("could not be written"))
    }
}

fn is_same_kind(one: &Algorithm, other: &Algorithm) -> bool {
    // How an RSA key signs is no kind of key.
    matches!((one, other), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. })) || one == other
}

fn unreadable(how: &str) -> Trouble {
    Trouble::new(Wrong::Other, "looking for the server's key", format!("the file of known hosts {how}"))
}

/// The eye on a handshake, which says whether to go on.
pub(super) struct Eye {
    pub(super) host: Arc<Host>,
    /// What it saw, for whoever looks through it.
    pub(super) seen: Arc<OnceLock<Seen>>,
}

impl client::Handler for Eye {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let seen = match shown {
            PublicKeyOrCertificate::Certificate(_) => Seen::Certificate,
            PublicKeyOrCertificate::PublicKey { key, .. } => of_key(&self.host.known, key),
        };
        let may = self.host.may(&seen);
        // Keys are shown again when the connection takes new ones; the first look counts.
        let _ = self.seen.set(seen);
        Ok(may)
    }
}

fn of_key(known: &[PublicKey], key: &PublicKey) -> Seen {
    match known {
        [] => Seen::New(key.clone()),
        // Comments are no part of a key.
        known if known.iter().any(|known| known.key_data() == key.key_data()) => Seen::Known,
        _ => Seen::Other,
    }
}
