//! SFTP (version 3, as OpenSSH has it): any machine one has a key for.
//!
//! The protocol names files by paths and follows links in them. So every folder on a way is looked at before it is
//! gone through, once; and what is read is looked at each time. All requests share one connection, which is opened
//! with the first of them and anew after it broke. Numbers stand in `limits`; whether a server is the one that was
//! meant decides `host`, the connection is `session`, files on their way are `content`, what is done with several
//! requests is `tree`.

mod content;
mod host;
mod limits;
mod session;
mod tree;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use model::fault::Fault;
use tokio::sync::Mutex;

pub use self::host::HostKeys;
use self::session::{Server, Session};
use super::address::split;
use super::folders::Folders;
use super::trouble::or_gone;
use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble, Wrong};
use crate::http::Secret;

/// The port of SSH.
const PORT: u16 = 22;

/// Where a server is, and as whom to go there.
#[derive(Clone)]
pub struct SftpOptions {
    /// A host, perhaps with a port (`host:22`) and the path of the tree's root (`host:22/data`; else it is `/`).
    pub endpoint: String,
    /// The user there.
    pub user: String,
    /// The user's key, as text: OpenSSH's form or PEM, without a passphrase.
    pub private_key: Secret,
    /// What is believed of the server's key.
    pub host_keys: HostKeys,
}

impl fmt::Debug for SftpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SftpOptions(…)")
    }
}

/// See the module. Clones share the connection.
#[derive(Clone)]
pub struct Sftp(Arc<Inner>);

struct Inner {
    server: Server,
    /// Without a slash at its end.
    root: String,
    session: Mutex<Option<Arc<Session>>>,
    folders: Folders,
}

impl Sftp {
    /// Opens nothing yet.
    ///
    /// # Errors
    /// The options say no server, or the key is none that can be used.
    pub fn new(options: SftpOptions) -> Result<Self, Fault> {
        let SftpOptions { endpoint, user, private_key, host_keys } = options;
        let refused = |why: &str| Fault::never("config", format!("the SFTP {why}"));
        let endpoint = endpoint.trim();
        let endpoint = endpoint.strip_prefix("sftp://").unwrap_or(endpoint);
        let (address, root) = endpoint.split_once('/').unwrap_or((endpoint, ""));
        let (host, port) =
            split(address, PORT).ok_or_else(|| refused("endpoint is not `host` or `host:port`"))?;
        let root = Place::parse(root).map_err(|bad| refused(&format!("endpoint's path is none: {bad}")))?;
        if user.is_empty() {
            return Err(refused("user is missing"));
        }
        if host_keys == HostKeys::Accept && !is_loopback(&host) {
            return Err(refused("server's key can be accepted unseen on the loopback only"));
        }
        let key =
            russh::keys::decode_secret_key(private_key.expose(), None).map_err(|error| match error {
                russh::keys::Error::KeyIsEncrypted => {
                    refused("private key has a passphrase: one without is needed")
                }
                _ => refused("private key cannot be read: OpenSSH's form or PEM is needed, the whole text"),
            })?;
        let root = if root.is_root() { String::new() } else { root.to_string() };
        let server = Server { host, port, user, key: Arc::new(key), keys: host_keys };
        Ok(Self(Arc::new(Inner { server, root, session: Mutex::default(), folders: Folders::default() })))
    }
}

impl fmt::Debug for Sftp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sftp(…)")
    }
}

#[async_trait]
impl Storage for Sftp {
    fn nature(&self) -> Nature {
        Nature {
            service: "sftp",
            keeps_modified: true,
            precision: Duration::from_secs(1),
            tells_days: false,
            real_folders: true,
            shows_drafts: true,
            publishes_together: false,
            folds_case: false,
        }
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        let tried = format!("looking at {at}");
        match self.reach(&tried, &at.folder()).await {
            Ok(()) => self.glance(&tried, at).await,
            // Nothing lies below what is not there, or is no folder.
            Err(trouble) if matches!(trouble.wrong, Wrong::Missing | Wrong::NotFolder) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let tried = format!("listing {folder}");
        self.reach(&tried, &folder.folder()).await?;
        self.doubt(self.expect_folder(&tried, folder).await)?;
        let entries = self.entries(&tried, folder).await?;
        // A folder that was removed meanwhile lists nothing, which is not the same as being empty.
        if entries.is_empty() {
            self.doubt(self.expect_folder(&tried, folder).await)?;
        }
        Ok(entries)
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        let tried = format!("reading {at}");
        let facts = self.doubt(self.file_at(&tried, at).await)?;
        let session = self.session(&tried).await?;
        Ok(Body::Pieces(content::read(session, &self.path(at), facts.size, &tried).await?))
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        let tried = format!("writing {at}");
        let draft = Draft::beside(&tried, at, temporary, size)?;
        self.doubt(self.reach(&tried, &at.folder()).await)?;
        let session = self.session(&tried).await?;
        let path = self.path(&draft.temporary);
        let written = content::write(Arc::clone(&session), &path, body, size, &tried).await;
        let Err(mut trouble) = self.doubt(written) else { return Ok(draft) };
        // The protocol has no word for it.
        if trouble.wrong == Wrong::Other
            && session.raw.statvfs(self.path(&at.folder())).await.is_ok_and(|space| space.blocks_avail == 0)
        {
            trouble.wrong = Wrong::NoSpace;
        }
        // Half a file helps nobody; what went wrong first is what is told.
        let _ = self.discard(draft).await;
        Err(trouble)
    }

    async fn publish(&self, draft: Draft, modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        let tried = format!("naming {}", draft.at);
        if let Some(modified) = modified {
            // A server that sets no times keeps files all the same; which time it has is answered below.
            let set = self.set_time(&tried, &draft.temporary, modified).await;
            set.or_else(|trouble| if trouble.wrong == Wrong::Missing { Err(trouble) } else { Ok(()) })?;
        }
        self.doubt(self.name(&tried, &draft).await)?;
        self.file_at(&tried, &draft.at).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        let tried = format!("removing {}", draft.temporary);
        let session = self.session(&tried).await?;
        let removed = session.raw.remove(self.path(&draft.temporary)).await;
        or_gone(session.settle(&tried, removed).map(drop))
    }

    async fn make_folder(&self, at: &Place) -> Result<(), Trouble> {
        let tried = &format!("making the folder {at}");
        let steps = std::iter::once(Place::root()).chain(at.way()).collect();
        self.0.folders.each(at, steps, |step| async move { self.make(tried, &step).await }).await
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        let tried = format!("moving {from}");
        self.make_folder(&to.folder()).await?;
        self.doubt(self.reach(&tried, &from.folder()).await)?;
        let session = self.session(&tried).await?;
        let moved = session.raw.rename(self.path(from), self.path(to)).await;
        self.doubt(session.settle(&tried, moved).map(drop))
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("removing {at}");
        match self.file_at(&tried, at).await {
            Ok(_) => {}
            Err(trouble) => return or_gone(Err(trouble)),
        }
        let session = self.session(&tried).await?;
        let removed = session.raw.remove(self.path(at)).await;
        or_gone(session.settle(&tried, removed).map(drop))
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("removing the folder {at}");
        self.0.folders.forget(at);
        if let Err(trouble) = self.reach(&tried, at).await {
            return or_gone(Err(trouble));
        }
        self.0.folders.forget(at);
        let session = self.session(&tried).await?;
        let removed = session.raw.rmdir(self.path(at)).await;
        match or_gone(session.settle(&tried, removed).map(drop)) {
            Err(trouble) if trouble.wrong == Wrong::Other => match self.entries(&tried, at).await? {
                entries if entries.is_empty() => Err(trouble),
                _ => Err(Trouble::new(Wrong::NotEmpty, tried, "it is not empty")),
            },
            done => done,
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
