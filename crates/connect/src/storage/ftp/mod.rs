//! FTP (RFC 959), in the clear or by TLS (RFC 4217): old servers, printers, NAS, what hosts of web sites offer.
//!
//! Times are the server's own and cannot be set; some tell them to the minute, and of old files only the day. The protocol
//! names files by paths and follows links in them. So a way is known to be of folders before it is gone, from what was
//! listed above. A refusal does not say why: what it means is looked up from above, too. Numbers stand in `limits`;
//! bytes and how they are kept secret are `wire`, a server's answers `reply`, one connection is `session`, all of them
//! are `pool`, files on their way `content`, what is told of folders `listing`, what takes several requests `tree`.
//!
//! The client is written here: those there are show the password to whoever reads their traces, or hide what cannot be
//! read in a listing.

mod content;
mod limits;
mod listing;
mod pool;
mod reply;
mod session;
mod tree;
mod wire;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use model::fault::Fault;
use rustls::pki_types::{CertificateDer, ServerName};

use self::pool::{Pool, Use};
use self::session::{Server, sayable};
use self::wire::Tls;
use super::address::split;
use super::folders::Folders;
use super::trouble::or_gone;
use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble, Wrong};
use crate::http::{Secret, tls};

/// The port of FTP.
const PORT: u16 = 21;

/// The port where it is secret from the first byte on.
const SECRET_PORT: u16 = 990;

/// Where a server is, and as whom to go there.
#[derive(Clone)]
pub struct FtpOptions {
    /// `ftp://` or `ftps://`, a host, perhaps a port and the path of the tree's root, as it is (`ftp://host:21/data`;
    /// else it is `/`). `ftps://` asks the server to go on by TLS, and on port 990 begins with it.
    pub endpoint: String,
    /// The user there; nobody in particular else.
    pub user: Option<String>,
    /// The user's.
    pub password: Option<Secret>,
    /// Who vouches for a server of `ftps://`.
    pub authorities: Authorities,
    /// The present: some servers tell times without a year.
    pub now: Timestamp,
}

/// Who vouches for servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Authorities {
    /// Whom the system trusts.
    #[default]
    System,
    /// These, and nobody else.
    Only(Vec<CertificateDer<'static>>),
}

impl fmt::Debug for FtpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FtpOptions(…)")
    }
}

/// See the module. Clones share sessions.
#[derive(Clone)]
pub struct Ftp(Arc<Inner>);

struct Inner {
    pool: Arc<Pool>,
    root: Place,
    opened_at: Timestamp,
    since: Instant,
    folders: Folders,
    /// Folders of which it is known what in them is a link.
    listed: Folders,
    links: Mutex<HashSet<Place>>,
}

impl Ftp {
    /// Opens nothing yet, but reads the system's certificates for `ftps://`.
    ///
    /// # Errors
    /// The options say no server.
    pub fn new(options: FtpOptions) -> Result<Self, Fault> {
        let FtpOptions { endpoint, user, password, authorities, now } = options;
        let refused = |why: &str| Fault::never("config", format!("the FTP {why}"));
        let endpoint = endpoint.trim();
        let (is_secret, rest) = match (endpoint.strip_prefix("ftp://"), endpoint.strip_prefix("ftps://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(refused("endpoint does not begin with ftp:// or ftps://")),
        };
        let (address, root) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) =
            split(address, PORT).ok_or_else(|| refused("endpoint names no host, or no port after it"))?;
        let root = Place::parse(root).map_err(|bad| refused(&format!("endpoint's path is none: {bad}")))?;
        if user.is_none() && password.is_some() {
            return Err(refused("login has a password and no user"));
        }
        let user = user.unwrap_or_else(|| "anonymous".to_owned());
        let password = password.unwrap_or_else(|| Secret::new("anonymous@"));
        if [&user, password.expose()].iter().any(|text| text.contains(['\r', '\n', '\0'])) {
            return Err(refused("login has a line break in it"));
        }
        let tls = match is_secret {
            false => None,
            true => {
                let config = Arc::new(match authorities {
                    Authorities::System => tls::config()?,
                    Authorities::Only(these) => tls::config_of(these)?,
                });
                let name =
                    ServerName::try_from(host.clone()).map_err(|_| refused("host has no valid name"))?;
                Some(Tls { config, name, from_start: port == SECRET_PORT })
            }
        };
        let server = Server { host, port, user, password, tls };
        Ok(Self(Arc::new(Inner {
            pool: Arc::new(Pool::new(server)),
            root,
            opened_at: now,
            since: Instant::now(),
            folders: Folders::default(),
            listed: Folders::default(),
            links: Mutex::default(),
        })))
    }

    fn links(&self) -> MutexGuard<'_, HashSet<Place>> {
        self.0.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts content into a new file beside its place, and makes sure that it is all there.
    async fn put(&self, tried: &str, draft: &Draft, body: Body) -> Result<(), Trouble> {
        let path = self.path(&draft.temporary);
        let mut session = self.lend(tried, Use::Write).await?;
        let written = content::write(&mut session, &path.to_string(), body, draft.size, tried).await;
        drop(session);
        if let Err(trouble) = written {
            return Err(self.refused(tried, &path.folder(), trouble, &Kind::Folder).await);
        }
        match self.glance(tried, &draft.temporary).await? {
            Some(Kind::File(facts)) if facts.size == draft.size => Ok(()),
            Some(Kind::File(FileFacts { size, .. })) => {
                let why = format!("the server has {size} of {} bytes", draft.size);
                Err(Trouble::new(Wrong::Other, tried, why))
            }
            _ => Err(Trouble::new(Wrong::Other, tried, "the server kept no file")),
        }
    }
}

impl fmt::Debug for Ftp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ftp(…)")
    }
}

#[async_trait]
impl Storage for Ftp {
    fn nature(&self) -> Nature {
        Nature {
            service: "ftp",
            keeps_modified: false,
            precision: Duration::from_secs(60),
            tells_days: true,
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
        self.reach(&tried, folder).await?;
        self.doubt(self.entries(&tried, folder).await)
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        let tried = format!("reading {at}");
        let facts = self.doubt(self.file_at(&tried, at).await)?;
        let session = self.lend(&tried, Use::Read).await?;
        let path = self.path(at);
        match content::read(session, &path.to_string(), facts.size, &tried).await {
            Ok(pieces) => Ok(Body::Pieces(pieces)),
            Err(trouble) => {
                let wanted = Kind::File(facts);
                self.doubt(Err(self.refused(&tried, &path, trouble, &wanted).await))
            }
        }
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        let tried = format!("writing {at}");
        sayable(&tried, at.as_str())?;
        let draft = Draft::beside(&tried, at, temporary, size)?;
        self.doubt(self.reach(&tried, &at.folder()).await)?;
        match self.doubt(self.put(&tried, &draft, body).await) {
            Ok(()) => Ok(draft),
            Err(trouble) => {
                // Half a file helps nobody; what went wrong first is what is told.
                let _ = self.discard(draft).await;
                Err(trouble)
            }
        }
    }

    async fn publish(&self, draft: Draft, _modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        let tried = format!("naming {}", draft.at);
        self.doubt(self.name(&tried, &draft).await)?;
        self.file_at(&tried, &draft.at).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        let tried = format!("removing {}", draft.temporary);
        let path = self.path(&draft.temporary);
        match self.change(&tried, &format!("DELE {path}")).await {
            Ok(()) => Ok(()),
            Err(trouble) => {
                let wanted = Kind::File(FileFacts::default());
                or_gone(Err(self.refused(&tried, &path, trouble, &wanted).await))
            }
        }
    }

    async fn make_folder(&self, at: &Place) -> Result<(), Trouble> {
        let tried = &format!("making the folder {at}");
        let steps = std::iter::once(Place::root()).chain(at.way()).collect();
        self.0.folders.each(at, steps, |step| async move { self.make(tried, &step).await }).await
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        let tried = format!("moving {from}");
        self.make_folder(&to.folder()).await?;
        self.doubt(self.file_at(&tried, from).await)?;
        self.doubt(self.rename(&tried, &self.path(from), &self.path(to)).await)
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("removing {at}");
        match self.file_at(&tried, at).await {
            Ok(facts) => {
                let path = self.path(at);
                match self.change(&tried, &format!("DELE {path}")).await {
                    Ok(()) => Ok(()),
                    Err(trouble) => {
                        or_gone(Err(self.refused(&tried, &path, trouble, &Kind::File(facts)).await))
                    }
                }
            }
            Err(trouble) => or_gone(Err(trouble)),
        }
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("removing the folder {at}");
        self.0.folders.forget(at);
        let listed = match self.reach(&tried, at).await {
            Ok(()) => self.entries(&tried, at).await,
            Err(trouble) => Err(trouble),
        };
        self.0.folders.forget(at);
        let path = self.path(at);
        match listed {
            // Some remove a folder with all that is in it.
            Ok(entries) if !entries.is_empty() => {
                Err(Trouble::new(Wrong::NotEmpty, tried, "it is not empty"))
            }
            Ok(_) => match self.change(&tried, &format!("RMD {path}")).await {
                Ok(()) => Ok(()),
                Err(trouble) => or_gone(Err(self.refused(&tried, &path, trouble, &Kind::Folder).await)),
            },
            Err(trouble) => or_gone(Err(trouble)),
        }
    }
}
