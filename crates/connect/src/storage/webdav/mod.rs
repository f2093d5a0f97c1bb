//! WebDAV (RFC 4918): servers of one's own, and drives that are reached through one.
//!
//! Times are the server's own and cannot be set. What each request may cost and how long it may take is in `limits`,
//! the exchange itself in `wire`, content on its way there in `upload`, what answers tell in `listing`, their XML in
//! `multistatus`, addresses and the names in them in `address`; `marks` remembers what a server was asked, `named` looks at several files at once.

mod address;
mod limits;
mod listing;
mod marks;
mod multistatus;
mod named;
mod upload;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use model::fault::Fault;
use reqwest::{StatusCode, Url};

use self::limits::STILL_LOCKED_MS;
use self::listing::{Listing, settle, unusable};
use self::marks::Marks;
use self::named::Crowded;
use self::wire::{Login, Verb, Wire};
use super::folders::Folders;
use super::trouble::{is_there_and_empty, or_gone};
use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble, Wrong};
use crate::http::{Base, Secret};

/// Where a server is, and as whom to go there.
#[derive(Clone)]
pub struct WebDavOptions {
    /// `http://` or `https://`, a host, perhaps a port and a path: the root of the tree.
    pub endpoint: String,
    /// A name, with a password.
    pub username: Option<String>,
    /// The name's.
    pub password: Option<Secret>,
    /// In place of both.
    pub token: Option<Secret>,
}

impl fmt::Debug for WebDavOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebDavOptions(…)")
    }
}

/// See the module. Clones share connections.
#[derive(Clone)]
pub struct WebDav {
    wire: Arc<Wire>,
    folders: Arc<Folders>,
    marks: Arc<Marks>,
    crowded: Arc<Crowded>,
}

impl WebDav {
    /// Opens nothing yet, but reads the system's certificates.
    ///
    /// # Errors
    /// The options say no server, or two ways to go there.
    pub fn new(options: WebDavOptions) -> Result<Self, Fault> {
        let WebDavOptions { endpoint, username, password, token } = options;
        let endpoint = Base::parse(&endpoint)?;
        let refused = |why: &str| Err(Fault::never("config", format!("the WebDAV login {why}")));
        let login = match (username, password, token) {
            (None, None, None) => Login::None,
            (None, None, Some(token)) => Login::Bearer(token),
            (Some(name), _, None) if name.contains(':') => return refused("has a name with a colon in it"),
            (Some(name), password, None) => Login::Basic(name, password.unwrap_or_else(|| Secret::new(""))),
            (None, Some(_), None) => return refused("has a password and no name"),
            (_, _, Some(_)) => return refused("is either a name with a password or a token"),
        };
        Ok(Self {
            wire: Arc::new(Wire::new(&endpoint, login)?),
            folders: Arc::default(),
            marks: Arc::default(),
            crowded: Arc::default(),
        })
    }

    fn file(&self, at: &Place) -> Url {
        address::of_file(self.wire.root(), at)
    }

    fn folder(&self, at: &Place) -> Url {
        address::of_folder(self.wire.root(), at)
    }

    /// Asks for something to be done, and makes sure that all of it was.
    async fn change(&self, tried: &str, verb: &Verb, url: Url) -> Result<(), Trouble> {
        let response = self.wire.ask(tried, verb, url).await?;
        settle(tried, response).await
    }

    async fn put(&self, tried: &str, at: &Place, body: Body, size: u64) -> Result<(), Trouble> {
        let response = upload::put(&self.wire, tried, &self.file(at), body, size).await?;
        settle(tried, response).await
    }

    /// Takes away what came of a content that did not become a file. A server that has not noticed yet that nothing more
    /// comes keeps it locked; what it does not give up soon is left.
    #[expect(clippy::disallowed_methods, reason = "it waits for a server that is busy with what it was sent")]
    async fn take_away(&self, draft: Draft) {
        for pause_ms in STILL_LOCKED_MS {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            match self.discard(draft.clone()).await {
                Err(trouble) if trouble.wrong == Wrong::Busy(None) => {}
                _ => return,
            }
        }
    }

    /// What the server tells of the thing itself.
    async fn look_at(&self, tried: &str, at: &Place) -> Result<Option<Kind>, Trouble> {
        let response = match self.wire.ask(tried, &Verb::Look, self.file(at)).await {
            Ok(response) => response,
            Err(trouble) if trouble.wrong == Wrong::Missing => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let mut listing = Listing::of(tried, response);
        let entries = listing.read().await;
        match (entries, listing.itself) {
            (Err(trouble), None) if trouble.wrong == Wrong::Missing => Ok(None),
            (Err(trouble), _) => Err(trouble),
            (Ok(entries), Some(kind)) if entries.is_empty() => Ok(Some(kind)),
            (Ok(_), _) => Err(unusable(tried, "it tells of something else")),
        }
    }

    /// What is there must be a file.
    async fn file_at(&self, tried: &str, at: &Place) -> Result<FileFacts, Trouble> {
        match self.look_at(tried, at).await? {
            Some(Kind::File(facts)) => Ok(facts),
            Some(_) => Err(Trouble::new(Wrong::NotFile, tried, "it is a folder")),
            None => Err(Trouble::new(Wrong::Missing, tried, "nothing is there")),
        }
    }

    fn make<'a>(&'a self, at: &'a Place) -> BoxFuture<'a, Result<(), Trouble>> {
        let cell = self.folders.cell(at);
        Box::pin(async move { cell.get_or_try_init(|| self.make_with_those_above(at)).await.copied() })
    }

    async fn make_with_those_above(&self, at: &Place) -> Result<(), Trouble> {
        match self.make_one(at).await {
            Err(trouble) if trouble.wrong == Wrong::Missing => {
                match at.is_root() {
                    true => self.make_above_root().await?,
                    false => {
                        // It may have been there once.
                        let above = at.folder();
                        self.folders.forget(&above);
                        self.make(&above).await?;
                    }
                }
                self.make_one(at).await
            }
            made => made,
        }
    }

    /// Makes the folders the root lies in, from the nearest that is there.
    async fn make_above_root(&self) -> Result<(), Trouble> {
        let tried = "making the folders above /";
        let mut missing = Vec::new();
        for url in address::above(self.wire.root()) {
            match self.change(tried, &Verb::MakeFolder, url.clone()).await {
                Err(trouble) if trouble.wrong == Wrong::Missing => missing.push(url),
                // Something is there already.
                Err(trouble) if trouble.wrong == Wrong::Other => break,
                made => {
                    made?;
                    break;
                }
            }
        }
        for url in missing.into_iter().rev() {
            self.change(tried, &Verb::MakeFolder, url).await?;
        }
        Ok(())
    }

    async fn make_one(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("making the folder {at}");
        match self.wire.ask(&tried, &Verb::MakeFolder, self.folder(at)).await {
            Ok(response) => settle(&tried, response).await,
            // Something is there already, or the root is none that can be made.
            Err(trouble) if trouble.wrong == Wrong::Other => match self.look_at(&tried, at).await? {
                Some(Kind::Folder) => Ok(()),
                Some(_) => Err(Trouble::new(Wrong::NotFolder, tried, "it is a file")),
                None => Err(trouble),
            },
            Err(trouble) => Err(trouble),
        }
    }

    /// Moves a draft to its name. What is there goes only when it is a file: a folder would go with all in it.
    async fn name(&self, tried: &str, draft: &Draft) -> Result<(), Trouble> {
        let (from, to) = (self.file(&draft.temporary), self.file(&draft.at));
        match self.change(tried, &Verb::Move(to.clone()), from.clone()).await {
            Err(trouble) if trouble.wrong == Wrong::Other => match self.look_at(tried, &draft.at).await? {
                Some(Kind::File(_)) => self.change(tried, &Verb::MoveOver(to), from).await,
                Some(_) => Err(Trouble::new(Wrong::NotFile, tried, "it is a folder")),
                None => Err(trouble),
            },
            moved => moved,
        }
    }

    /// Remembers nothing of folders where one was missing.
    fn doubt<T>(&self, done: Result<T, Trouble>) -> Result<T, Trouble> {
        done.inspect_err(|trouble| {
            if trouble.wrong == Wrong::Missing {
                self.folders.forget_all();
            }
        })
    }
}

impl fmt::Debug for WebDav {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebDav(…)")
    }
}

#[async_trait]
impl Storage for WebDav {
    fn nature(&self) -> Nature {
        Nature {
            service: "webdav",
            keeps_modified: false,
            precision: Duration::from_secs(1),
            tells_days: false,
            real_folders: true,
            shows_drafts: true,
            publishes_together: true,
            folds_case: false,
        }
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        self.look_at(&format!("looking at {at}"), at).await
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let tried = format!("listing {folder}");
        let response = match self.wire.ask(&tried, &Verb::List, self.folder(folder)).await {
            Err(trouble) if trouble.wrong == Wrong::Missing => {
                // With a slash at its end, a file is missing too.
                return Err(match self.look_at(&tried, folder).await? {
                    Some(Kind::File(_)) => not_folder(&tried),
                    _ => trouble,
                });
            }
            asked => asked?,
        };
        let mut listing = Listing::of(&tried, response);
        let entries = listing.read().await?;
        match listing.itself {
            Some(Kind::Folder) => Ok(entries),
            Some(_) => Err(not_folder(&tried)),
            None => Err(unusable(&tried, "it does not tell of the folder itself")),
        }
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        let tried = format!("reading {at}");
        let response = self.wire.ask(&tried, &Verb::Get, self.file(at)).await?;
        if wire::is_encoded(&response) || response.status() == StatusCode::PARTIAL_CONTENT {
            return Err(unusable(&tried, "it is not the content as it is"));
        }
        Ok(Body::Pieces(wire::pieces(tried, response).boxed()))
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        let tried = format!("writing {at}");
        let draft = Draft::beside(&tried, at, temporary, size)?;
        self.allow(&tried, at).await?;
        let put = self.put(&tried, &draft.temporary, body, size).await;
        match self.doubt(put) {
            Ok(()) => Ok(draft),
            Err(trouble) => {
                // Half a file helps nobody; what went wrong first is what is told.
                self.take_away(draft).await;
                Err(trouble)
            }
        }
    }

    async fn publish(&self, draft: Draft, _modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        let tried = format!("naming {}", draft.at);
        self.doubt(self.name(&tried, &draft).await)?;
        self.file_at(&tried, &draft.at).await
    }

    async fn publish_all(
        &self,
        drafts: Vec<(Draft, Option<Timestamp>)>,
        may: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<FileFacts, Trouble>> {
        let mut named = Vec::with_capacity(drafts.len());
        for (draft, _) in drafts {
            if !may() {
                break;
            }
            let done = self.name(&format!("naming {}", draft.at), &draft).await;
            named.push(self.doubt(done).map(|()| draft));
        }
        self.named(named).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        let tried = format!("removing {}", draft.temporary);
        or_gone(self.change(&tried, &Verb::Delete, self.file(&draft.temporary)).await)
    }

    async fn make_folder(&self, at: &Place) -> Result<(), Trouble> {
        self.make(at).await
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        let tried = format!("moving {from}");
        self.allow(&tried, to).await?;
        self.make(&to.folder()).await?;
        self.doubt(self.change(&tried, &Verb::Move(self.file(to)), self.file(from)).await)
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("removing {at}");
        match self.look_at(&tried, at).await? {
            Some(Kind::File(_)) => or_gone(self.change(&tried, &Verb::Delete, self.file(at)).await),
            Some(_) => Err(Trouble::new(Wrong::NotFile, tried, "it is a folder")),
            None => Ok(()),
        }
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("removing the folder {at}");
        // It would go with all that is in it.
        if !is_there_and_empty(self, &tried, at).await? {
            return Ok(());
        }
        self.folders.forget(at);
        or_gone(self.change(&tried, &Verb::Delete, self.folder(at)).await)
    }

    async fn copy(&self, from: &Place, at: &Place, temporary: &str) -> Result<Option<Draft>, Trouble> {
        let tried = format!("copying {from}");
        let mut draft = Draft::beside(&tried, at, temporary, 0)?;
        let beside = self.file(&draft.temporary);
        self.doubt(self.change(&tried, &Verb::Copy(beside), self.file(from)).await)?;
        draft.size = self.file_at(&tried, &draft.temporary).await?.size;
        Ok(Some(draft))
    }
}

fn not_folder(tried: &str) -> Trouble {
    Trouble::new(Wrong::NotFolder, tried, "it is a file")
}
