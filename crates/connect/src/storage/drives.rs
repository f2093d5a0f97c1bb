//! Drives of people, by the words of whoever runs them: Aliyun's, Microsoft's, Google's and Dropbox.
//!
//! They have folders, and two of them tell no case apart. Where a file is sent in one piece, the drive shows it when
//! all of it is there; so such a file waits here until it gets its name, two at once and none larger than
//! 64 MiB. Aliyun's takes pieces, and forgets the file before as soon as a new one is begun: there a draft lies
//! beside its place. Copies on the drive itself are not asked for: the library removes what was there before it knows
//! that the copy works.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use model::fault::Fault;
use opendal::options::{ListOptions, WriteOptions};
use opendal::{EntryMode, ErrorKind, HttpTransport, Metadata, Operator};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::dal::{Line, Road, entry, facts, of_reading, opened, trouble};
use super::exact::exactly;
use super::trouble::{is_there_and_empty, or_gone};
use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble, Wrong};
use crate::http::{Base, Secret};

/// Bytes of a file that is sent in one piece.
const HELD_MAX: u64 = 64 << 20;

/// So many of them are held at once.
const HELD: usize = 2;

/// Bytes of a piece, where there are pieces.
const PIECE: usize = 8 << 20;

/// Whose drive it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriveKind {
    /// Aliyun's.
    #[cfg(feature = "aliyun-drive")]
    Aliyun,
    /// Dropbox.
    #[cfg(feature = "dropbox")]
    Dropbox,
    /// Google's.
    #[cfg(feature = "gdrive")]
    Google,
    /// Microsoft's.
    #[cfg(feature = "onedrive")]
    Microsoft,
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum DriveLogin {
    /// By a token that is good until it is not.
    Token(Secret),
    /// By one that others are asked for with.
    Refresh {
        /// The program, as the drive knows it.
        client_id: String,
        /// What the program is known by.
        client_secret: Secret,
        /// What new tokens are asked for with.
        token: Secret,
    },
}

/// How a drive is reached.
#[derive(Clone, Debug)]
pub struct DriveOptions {
    /// Whose it is.
    pub kind: DriveKind,
    /// Which of the drives of one person, where there are several.
    pub drive_type: Option<String>,
    /// The path in it that is the root of the tree.
    pub path: String,
    /// Who asks.
    pub login: DriveLogin,
}

/// See the module.
pub struct Drive {
    ways: Ways,
    store: Operator,
    /// Before every place.
    root: Place,
    drafts: Mutex<HashMap<Place, Held>>,
    hands: Arc<Semaphore>,
}

/// Content that waits for its name.
struct Held {
    content: Bytes,
    _hand: OwnedSemaphorePermit,
}

/// How drives of a kind differ from others.
#[derive(Clone, Copy)]
struct Ways {
    /// The word configurations use.
    name: &'static str,
    /// A file is sent in pieces, under another name than its own.
    takes_pieces: bool,
    /// A file is moved by a copy: a new name leaves it in its folder.
    moves_by_copy: bool,
    /// The library tells names in a listing where it tells paths on others.
    lists_names: bool,
    /// Capitals and small letters are one.
    folds_case: bool,
}

impl DriveKind {
    const fn ways(self) -> Ways {
        let (takes_pieces, moves_by_copy, lists_names, folds_case) = (false, false, false, false);
        let usual = Ways { name: "", takes_pieces, moves_by_copy, lists_names, folds_case };
        match self {
            #[cfg(feature = "aliyun-drive")]
            Self::Aliyun => Ways { name: "aliyun-drive", takes_pieces: true, ..usual },
            #[cfg(feature = "dropbox")]
            Self::Dropbox => Ways { name: "dropbox", lists_names: true, folds_case: true, ..usual },
            #[cfg(feature = "gdrive")]
            Self::Google => Ways { name: "gdrive", moves_by_copy: true, ..usual },
            #[cfg(feature = "onedrive")]
            Self::Microsoft => Ways { name: "onedrive", folds_case: true, ..usual },
        }
    }
}

impl Drive {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// The options lead to no drive.
    pub fn new(options: &DriveOptions) -> Result<Self, Fault> {
        // Drives are at many hosts, all of them known by the system's certificates.
        Self::by(options, Line::new(&Base::parse("https://drive.invalid")?)?)
    }

    /// The same, asked by another way than the network, as tests do.
    ///
    /// # Errors
    /// The options lead to no drive.
    pub fn by(options: &DriveOptions, line: impl HttpTransport) -> Result<Self, Fault> {
        let root = Place::parse(&options.path).map_err(|bad| Fault::never("config", bad.to_string()))?;
        Ok(Self {
            ways: options.kind.ways(),
            store: opened(store(options), Road::new(line))?,
            root,
            drafts: Mutex::default(),
            hands: Arc::new(Semaphore::new(HELD)),
        })
    }

    fn key(&self, at: &Place) -> String {
        self.root.descend(at).as_str().to_owned()
    }

    /// What all keys in a folder begin with; of the drive itself a slash.
    fn folder_key(&self, at: &Place) -> String {
        format!("{}/", self.key(at))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<Place, Held>> {
        self.drafts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn found(&self, tried: &str, at: &Place) -> Result<Metadata, Trouble> {
        self.store.stat(&self.key(at)).await.map_err(|error| trouble(tried, &error))
    }

    /// The file at a place, which must have that many bytes.
    async fn arrived(&self, tried: &str, at: &Place, size: u64) -> Result<FileFacts, Trouble> {
        let found = self.found(tried, at).await.map(|found| facts(&found))?;
        match found.size == size {
            true => Ok(found),
            false => {
                let why = format!("{} of {size} bytes arrived", found.size);
                Err(Trouble::new(Wrong::Other, tried, why))
            }
        }
    }

    /// Sends a file in pieces. What was begun and failed is taken away.
    async fn send(&self, tried: &str, at: &Place, body: Body, size: u64) -> Result<(), Trouble> {
        let wrong = |error: opendal::Error| trouble(tried, &error);
        let options = WriteOptions { chunk: Some(PIECE), ..WriteOptions::default() };
        let mut writer = self.store.writer_options(&self.key(at), options).await.map_err(wrong)?;
        let mut pieces = exactly(body.pieces(), size, tried.to_owned());
        let sent = async {
            while let Some(piece) = pieces.try_next().await? {
                writer.write(piece).await.map_err(wrong)?;
            }
            match size {
                // The library makes a file with its first piece.
                0 => Err(Trouble::new(Wrong::Size, tried, "this drive takes no empty file")),
                _ => Ok(()),
            }
        };
        let sent = match sent.await {
            Ok(()) => writer.close().await.map(drop).map_err(wrong),
            Err(trouble) => Err(trouble),
        };
        if sent.is_err() {
            // What went wrong first is what is told.
            let _ = writer.abort().await;
        }
        sent
    }

    /// Holds a file until it gets its name.
    async fn hold(&self, tried: &str, temporary: &Place, body: Body, size: u64) -> Result<(), Trouble> {
        if size > HELD_MAX {
            let why = format!("{size} bytes are too many for this drive, at most {HELD_MAX}");
            return Err(Trouble::new(Wrong::Size, tried, why));
        }
        let hand = Arc::clone(&self.hands).acquire_owned().await;
        let hand = hand.map_err(|_| Trouble::new(Wrong::Other, tried, "the drive is closed"))?;
        let mut pieces = exactly(body.pieces(), size, tried.to_owned());
        let mut content = BytesMut::new();
        while let Some(piece) = pieces.try_next().await? {
            content.extend_from_slice(&piece);
        }
        self.held().insert(temporary.clone(), Held { content: content.freeze(), _hand: hand });
        Ok(())
    }
}

impl fmt::Debug for Drive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drive(…)")
    }
}

/// The drive of the library.
fn store(options: &DriveOptions) -> opendal::Result<Operator> {
    /// They are built alike, and share no trait.
    macro_rules! built {
        ($kind:ident) => {{
            let drive = opendal::services::$kind::default();
            match &options.login {
                DriveLogin::Token(token) => drive.access_token(token.expose()),
                DriveLogin::Refresh { client_id, client_secret, token } => {
                    let drive = drive.client_id(client_id).client_secret(client_secret.expose());
                    drive.refresh_token(token.expose())
                }
            }
        }};
    }
    match options.kind {
        #[cfg(feature = "aliyun-drive")]
        DriveKind::Aliyun => {
            Operator::new(built!(AliyunDrive).drive_type(options.drive_type.as_deref().unwrap_or("default")))
        }
        #[cfg(feature = "dropbox")]
        DriveKind::Dropbox => Operator::new(built!(Dropbox)),
        #[cfg(feature = "gdrive")]
        DriveKind::Google => Operator::new(built!(Gdrive)),
        #[cfg(feature = "onedrive")]
        DriveKind::Microsoft => Operator::new(built!(Onedrive)),
    }
}

fn kind(found: &Metadata) -> Kind {
    match found.mode() {
        EntryMode::DIR => Kind::Folder,
        _ => Kind::File(facts(found)),
    }
}

#[async_trait]
impl Storage for Drive {
    fn nature(&self) -> Nature {
        Nature {
            service: self.ways.name,
            keeps_modified: false,
            precision: Duration::from_secs(1),
            tells_days: false,
            real_folders: true,
            shows_drafts: self.ways.takes_pieces,
            publishes_together: false,
            folds_case: self.ways.folds_case,
        }
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        let tried = format!("looking at {at}");
        if self.key(at).is_empty() {
            // The library answers for the drive itself without asking it.
            let one = ListOptions { limit: Some(1), ..ListOptions::default() };
            let wrong = |error: opendal::Error| trouble(&tried, &error);
            let mut listed = self.store.lister_options("/", one).await.map_err(wrong)?;
            return listed.try_next().await.map_err(wrong).map(|_| Some(Kind::Folder));
        }
        match self.found(&tried, at).await {
            Ok(found) => Ok(Some(kind(&found))),
            Err(trouble) if trouble.wrong == Wrong::Missing => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let tried = format!("listing {folder}");
        let wrong = |error: opendal::Error| trouble(&tried, &error);
        let key = self.folder_key(folder);
        let listed = async {
            let mut listed = self.store.lister_options(&key, ListOptions::default()).await?;
            let mut entries = Vec::new();
            while let Some(found) = listed.try_next().await? {
                let folder = if self.ways.lists_names { "" } else { key.as_str() };
                entries.extend(entry(folder, found.path(), found.metadata()));
            }
            Ok(entries)
        };
        let listed = listed.await.map_err(wrong);
        if listed.as_ref().is_err_and(|trouble| trouble.wrong != Wrong::Missing) {
            return listed;
        }
        // A folder that is not there, or went meanwhile, may list as an empty one, and a file as nothing.
        match self.look(folder).await? {
            Some(Kind::Folder) => listed,
            Some(_) => Err(Trouble::new(Wrong::NotFolder, tried, "it is a file")),
            None => Err(Trouble::new(Wrong::Missing, tried, "nothing is there")),
        }
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        let tried = format!("reading {at}");
        let wrong = |error: opendal::Error| trouble(&tried, &error);
        let found = self.found(&tried, at).await?;
        if found.mode() == EntryMode::DIR {
            return Err(Trouble::new(Wrong::NotFile, tried, "it is a folder"));
        }
        if found.content_length() == 0 {
            return Ok(Body::Pieces(stream::empty().boxed()));
        }
        let reader = self.store.reader(&self.key(at)).await.map_err(wrong)?;
        let pieces = reader.into_bytes_stream(0..found.content_length()).await.map_err(wrong)?;
        Ok(Body::Pieces(pieces.map_err(move |error| of_reading(&tried, &error)).boxed()))
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        let tried = format!("writing {at}");
        let draft = Draft::beside(&tried, at, temporary, size)?;
        match self.ways.takes_pieces {
            true => self.send(&tried, &draft.temporary, body, size).await?,
            false => self.hold(&tried, &draft.temporary, body, size).await?,
        }
        Ok(draft)
    }

    async fn publish(&self, draft: Draft, _modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        let tried = format!("naming {}", draft.at);
        if let Some(Kind::Folder) = self.look(&draft.at).await? {
            return Err(Trouble::new(Wrong::NotFile, tried, "a folder is there"));
        }
        let key = self.key(&draft.at);
        let held = self.held().remove(&draft.temporary);
        let named = match held {
            _ if self.ways.takes_pieces => self.store.rename(&self.key(&draft.temporary), &key).await,
            Some(held) => self.store.write(&key, held.content).await.map(drop),
            None => return Err(Trouble::new(Wrong::Missing, tried, "it was not drafted here")),
        };
        named.map_err(|error| trouble(&tried, &error))?;
        self.arrived(&tried, &draft.at, draft.size).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        self.remove_file(&draft.temporary).await
    }

    async fn make_folder(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("making the folder {at}");
        let mut missing = Vec::new();
        // One that is there must not be made: a drive may put an empty one in its place.
        for folder in self.root.descend(at).way().into_iter().rev() {
            match self.store.stat(folder.as_str()).await {
                Ok(found) if found.mode() == EntryMode::DIR => break,
                Ok(_) => return Err(Trouble::new(Wrong::NotFolder, tried, "a file is in the way")),
                Err(error) if error.kind() == ErrorKind::NotFound => missing.push(folder),
                Err(error) => return Err(trouble(&tried, &error)),
            }
        }
        for folder in missing.into_iter().rev() {
            let made = self.store.create_dir(&format!("{}/", folder.as_str())).await;
            made.map_err(|error| trouble(&tried, &error))?;
        }
        Ok(())
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        let tried = format!("moving {from}");
        let wrong = |error: opendal::Error| trouble(&tried, &error);
        let (source, target) = (self.key(from), self.key(to));
        let size = self.found(&tried, from).await?.content_length();
        self.make_folder(&to.folder()).await?;
        if self.ways.moves_by_copy {
            self.store.copy(&source, &target).await.map_err(wrong)?;
            self.arrived(&tried, to, size).await?;
            return self.store.delete(&source).await.map_err(wrong);
        }
        self.store.rename(&source, &target).await.map_err(wrong)?;
        self.arrived(&tried, to, size).await.map(drop)
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        if self.held().remove(at).is_some() {
            return Ok(());
        }
        let tried = format!("removing {at}");
        match self.look(at).await? {
            None => Ok(()),
            Some(Kind::Folder) => Err(Trouble::new(Wrong::NotFile, tried, "it is a folder")),
            Some(_) => {
                let removed = self.store.delete(&self.key(at)).await;
                or_gone(removed.map_err(|error| trouble(&tried, &error)))
            }
        }
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("removing the folder {at}");
        // The drive would remove all that is in it.
        if !is_there_and_empty(self, &tried, at).await? {
            return Ok(());
        }
        let removed = self.store.delete(&self.folder_key(at)).await;
        or_gone(removed.map_err(|error| trouble(&tried, &error)))
    }
}
