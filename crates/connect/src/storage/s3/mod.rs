//! Object stores: those that speak S3 (AWS, MinIO), and in builds that have them OSS, COS and OBS by their own words.
//!
//! A store has objects by key and no folders: a folder is what keys have in common up to a slash, and one in which
//! nothing lies is not there. An object is seen when all of it is sent, never before, so a draft is kept open until it
//! gets its name. Uploads of more than 8 MiB go in parts, two at once. What dies with this process leaves no object;
//! parts of it the store keeps until its own rule for uploads that were never ended takes them away.

#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
mod clouds;
mod drafts;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use model::fault::Fault;
use opendal::options::{ListOptions, WriteOptions};
use opendal::services::S3 as Service;
use opendal::{HttpTransport, Operator};

use super::dal::{Line, entry, facts, of_reading, opened, trouble};
use super::exact::exactly;
use super::trouble::{is_there_and_empty, or_gone};
use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble, Wrong};
use crate::http::{Base, Secret};
#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
pub use clouds::{Cloud, CloudOptions};
use drafts::{Drafts, Open, Sending};

/// Bytes of a part; files up to this are sent in one piece.
const PART: u64 = 8 << 20;

/// A store takes so many parts of one object.
const PARTS_MAX: u64 = 10_000;

/// Sizes of parts are whole numbers of these.
const PART_STEP: u64 = 1 << 20;

/// Where an address without a region is.
const REGION: &str = "us-east-1";

/// How a bucket is reached.
#[derive(Clone, Debug, Default)]
pub struct S3Options {
    /// The bucket.
    pub bucket: String,
    /// The path in it that is the root of the tree.
    pub path: String,
    /// Where the store is; AWS unless given.
    pub endpoint: Option<String>,
    /// In which of its places.
    pub region: Option<String>,
    /// Who asks; nobody signs requests unless given.
    pub login: Option<S3Login>,
    /// The bucket is in the host's name rather than in the path.
    pub virtual_host_style: bool,
    /// How the store is to encrypt what it keeps.
    pub server_side_encryption: Option<String>,
    /// The class of what is stored.
    pub storage_class: Option<String>,
    /// The store knows the older way of listing only.
    pub old_listing: bool,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct S3Login {
    /// Its public name.
    pub access_key_id: String,
    /// What it signs with.
    pub secret_access_key: Secret,
    /// Of a login that is lent for a while.
    pub session_token: Option<Secret>,
}

/// See the module.
pub struct S3 {
    service: &'static str,
    store: Operator,
    /// Before every place; empty, or ending in a slash.
    prefix: String,
    drafts: Drafts,
}

impl S3 {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// The options lead to no store.
    pub fn new(options: &S3Options) -> Result<Self, Fault> {
        let endpoint = options.endpoint.as_deref().unwrap_or("https://s3.amazonaws.com");
        let line = Line::new(&Base::parse(endpoint)?)?;
        let mut service = Service::default()
            .root("/")
            .bucket(&options.bucket)
            .endpoint(endpoint)
            .region(options.region.as_deref().unwrap_or(REGION))
            .disable_config_load()
            .disable_ec2_metadata();
        match &options.login {
            None => service = service.skip_signature(),
            Some(login) => {
                service = service
                    .access_key_id(&login.access_key_id)
                    .secret_access_key(login.secret_access_key.expose());
                if let Some(token) = &login.session_token {
                    service = service.session_token(token.expose());
                }
            }
        }
        if options.virtual_host_style {
            service = service.enable_virtual_host_style();
        }
        if let Some(encryption) = &options.server_side_encryption {
            service = service.server_side_encryption(encryption);
        }
        if let Some(class) = &options.storage_class {
            service = service.default_storage_class(class);
        }
        if options.old_listing {
            service = service.disable_list_objects_v2();
        }
        Self::over("s3", Operator::new(service), line, &options.path)
    }

    /// The tree at a path of a store that is asked by `line`.
    fn over(
        service: &'static str,
        store: opendal::Result<Operator>,
        line: impl HttpTransport,
        path: &str,
    ) -> Result<Self, Fault> {
        let path = path.trim_matches('/');
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        Ok(Self { service, store: opened(store, line)?, prefix, drafts: Drafts::default() })
    }

    fn key(&self, at: &Place) -> String {
        format!("{}{}", self.prefix, at.as_str())
    }

    /// What all keys in a folder begin with; of the bucket itself a slash.
    fn folder_key(&self, at: &Place) -> String {
        let key = self.key(at);
        let key = key.trim_end_matches('/');
        format!("{key}/")
    }

    /// Whether anything is in the folder; its own marker counts too.
    async fn is_folder(&self, tried: &str, at: &Place) -> Result<bool, Trouble> {
        let one = ListOptions { limit: Some(1), ..ListOptions::default() };
        let listed = self.store.lister_options(&self.folder_key(at), one).await;
        let mut listed = listed.map_err(|error| trouble(tried, &error))?;
        match listed.next().await {
            Some(Ok(_)) => Ok(true),
            Some(Err(error)) => Err(trouble(tried, &error)),
            // The bucket answered.
            None => Ok(self.key(at).is_empty()),
        }
    }

    async fn file_at(&self, tried: &str, key: &str) -> Result<FileFacts, Trouble> {
        self.store.stat(key).await.map(|found| facts(&found)).map_err(|error| trouble(tried, &error))
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S3(…)")
    }
}

/// How large the parts of a file are.
fn part_of(size: u64) -> usize {
    let needed = size.div_ceil(PARTS_MAX).div_ceil(PART_STEP) * PART_STEP;
    usize::try_from(needed.max(PART)).unwrap_or(usize::MAX)
}

#[async_trait]
impl Storage for S3 {
    fn nature(&self) -> Nature {
        Nature {
            service: self.service,
            keeps_modified: false,
            precision: Duration::from_secs(1),
            tells_days: false,
            real_folders: false,
            shows_drafts: false,
            publishes_together: false,
            folds_case: false,
        }
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        let tried = format!("looking at {at}");
        if !at.is_root() {
            match self.file_at(&tried, &self.key(at)).await {
                Err(trouble) if trouble.wrong == Wrong::Missing => {}
                found => return found.map(|facts| Some(Kind::File(facts))),
            }
        }
        Ok(self.is_folder(&tried, at).await?.then_some(Kind::Folder))
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let tried = format!("listing {folder}");
        let key = self.folder_key(folder);
        let wrong = |error: opendal::Error| trouble(&tried, &error);
        let mut listed = self.store.lister_options(&key, ListOptions::default()).await.map_err(wrong)?;
        let (mut entries, mut there) = (Vec::new(), self.key(folder).is_empty());
        while let Some(found) = listed.try_next().await.map_err(wrong)? {
            there = true;
            entries.extend(entry(&key, found.path(), found.metadata()));
        }
        match there {
            true => Ok(entries),
            false => Err(match self.file_at(&tried, &self.key(folder)).await {
                Ok(_) => Trouble::new(Wrong::NotFolder, tried, "it is a file"),
                Err(trouble) => trouble,
            }),
        }
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        let tried = format!("reading {at}");
        let wrong = |error: opendal::Error| trouble(&tried, &error);
        let reader = self.store.reader(&self.key(at)).await.map_err(wrong)?;
        let mut pieces = reader.into_bytes_stream(..).await.map_err(wrong)?.peekable();
        // What is not there is told before anything is read.
        if let Some(Err(_)) = std::pin::Pin::new(&mut pieces).peek().await
            && let Some(Err(error)) = pieces.next().await
        {
            return Err(of_reading(&tried, &error));
        }
        Ok(Body::Pieces(pieces.map_err(move |error| of_reading(&tried, &error)).boxed()))
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        let tried = format!("writing {at}");
        let draft = Draft::beside(&tried, at, temporary, size)?;
        let options = WriteOptions { chunk: Some(part_of(size)), concurrent: 2, ..WriteOptions::default() };
        let writer = self.store.writer_options(&self.key(at), options).await;
        let mut sending = Sending::new(writer.map_err(|error| trouble(&tried, &error))?);
        let mut pieces = exactly(body.pieces(), size, tried.clone());
        let written = loop {
            match pieces.try_next().await {
                Ok(None) => break Ok(()),
                Err(trouble) => break Err(trouble),
                Ok(Some(piece)) => {
                    if let Err(error) = sending.write(piece).await {
                        break Err(trouble(&tried, &error));
                    }
                }
            }
        };
        match written {
            Ok(()) => {
                self.drafts.keep(draft.temporary.clone(), Open::Written(sending));
                Ok(draft)
            }
            Err(trouble) => {
                // What went wrong first is what is told.
                let _ = sending.give_up().await;
                Err(trouble)
            }
        }
    }

    async fn copy(&self, from: &Place, at: &Place, temporary: &str) -> Result<Option<Draft>, Trouble> {
        let tried = format!("copying {from}");
        let size = self.file_at(&tried, &self.key(from)).await?.size;
        let draft = Draft::beside(&tried, at, temporary, size)?;
        self.drafts.keep(draft.temporary.clone(), Open::CopyOf(self.key(from)));
        Ok(Some(draft))
    }

    async fn publish(&self, draft: Draft, _modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        let (tried, key) = (format!("naming {}", draft.at), self.key(&draft.at));
        let named = match self.drafts.take(&draft.temporary) {
            Some(Open::Written(sending)) => sending.close().await,
            Some(Open::CopyOf(from)) => self.store.copy(&from, &key).await.map(drop),
            None => return Err(Trouble::new(Wrong::Missing, tried, "it was not drafted here")),
        };
        named.map_err(|error| trouble(&tried, &error))?;
        self.file_at(&tried, &key).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        self.remove_file(&draft.temporary).await
    }

    async fn make_folder(&self, _at: &Place) -> Result<(), Trouble> {
        Ok(())
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        let tried = format!("moving {from}");
        let (source, target) = (self.key(from), self.key(to));
        let size = self.file_at(&tried, &source).await?.size;
        self.store.copy(&source, &target).await.map_err(|error| trouble(&tried, &error))?;
        let arrived = self.file_at(&tried, &target).await?.size;
        if arrived != size {
            let why = format!("{arrived} of {size} bytes arrived, so it stays where it is");
            return Err(Trouble::new(Wrong::Other, tried, why));
        }
        self.store.delete(&source).await.map_err(|error| trouble(&tried, &error))
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("removing {at}");
        let removed = match self.drafts.take(at) {
            Some(Open::Written(sending)) => sending.give_up().await,
            Some(Open::CopyOf(_)) => Ok(()),
            None => self.store.delete(&self.key(at)).await,
        };
        or_gone(removed.map_err(|error| trouble(&tried, &error)))
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        let tried = format!("removing the folder {at}");
        if !is_there_and_empty(self, &tried, at).await? {
            return Ok(());
        }
        // Its marker, which is all that is left.
        let removed = self.store.delete(&self.folder_key(at)).await;
        or_gone(removed.map_err(|error| trouble(&tried, &error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_with_the_file_so_that_there_are_never_too_many() {
        assert_eq!(part_of(0), 8 << 20);
        assert_eq!(part_of(80_000 << 20), 8 << 20, "ten thousand of them exactly");
        assert_eq!(part_of((80_000 << 20) + 1), 9 << 20);
        assert!(part_of(5 << 40) as u64 * PARTS_MAX >= 5 << 40);
    }
}
