//! Object stores: those that speak S3 (AWS, MinIO), and in builds that have them OSS, COS and OBS by their own words.
//!
//! A store has objects by key and no folders: a folder is what keys have in common up to a slash, and one in which
//! nothing lies is not there. An object is seen when all of it is sent, never before, so a draft is kept open until it
//! gets its name. Files of more than 8 MiB go in parts, two at once. What dies with this process leaves no object; parts
//! of it the store keeps, for whoever kept the upload's name to go on with or to throw away.

#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
mod clouds;
mod drafts;
mod requests;
mod said;
mod uploads;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use model::fault::Fault;
use opendal::options::ListOptions;
use opendal::services::S3 as Service;
use opendal::{Buffer, HttpTransport, HttpTransporter, Operator};
use reqsign_aws_v4::{RequestSigner, StaticCredentialProvider};
use reqsign_core::{Context, ProvideCredential, SignRequest, Signer, SigningCredential};

use super::dal::{Line, entry, facts, of_reading, opened, trouble};
use super::exact::exactly;
use super::trouble::{is_there_and_empty, or_gone};
use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble, Wrong};
use crate::http::{Base, Secret};
#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
pub use clouds::{Cloud, CloudOptions};
use drafts::{Drafts, Open};
use requests::{Requests, Signs};
pub use uploads::Upload;

/// Where a store is of which no address is told.
const AWS: &str = "https://s3.amazonaws.com";

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
    requests: Arc<Requests>,
    drafts: Drafts,
}

/// How a bucket is asked past the library.
struct Reached {
    /// Where it is, without a slash behind it.
    bucket: String,
    /// `None`: nobody signs.
    signer: Option<Box<dyn Signs>>,
    /// What is told of an object when its upload begins.
    told: HeaderMap,
}

impl S3 {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// The options lead to no store.
    pub fn new(options: &S3Options) -> Result<Self, Fault> {
        let endpoint = options.endpoint.as_deref().unwrap_or(AWS);
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
        Self::over("s3", (Operator::new(service), options.reached(endpoint)?), line, &options.path)
    }

    /// The tree at a path of a store that is asked by `line`.
    fn over(
        service: &'static str,
        (store, reached): (opendal::Result<Operator>, Reached),
        line: impl HttpTransport,
        path: &str,
    ) -> Result<Self, Fault> {
        let line = HttpTransporter::new(line);
        let store = opened(store, line.clone())?;
        let Reached { bucket, signer, told } = reached;
        let requests = Arc::new(Requests { line, signer, bucket, told });
        let path = path.trim_matches('/');
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        Ok(Self { service, store, prefix, requests, drafts: Drafts::default() })
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

impl S3Options {
    /// The same bucket as the library makes it out, for an address that it was given.
    fn reached(&self, endpoint: &str) -> Result<Reached, Fault> {
        let region = self.region.as_deref().unwrap_or(REGION);
        let endpoint = address(endpoint, &self.bucket);
        let endpoint = match endpoint.as_str() {
            AWS => format!("https://s3.{region}.amazonaws.com"),
            _ => endpoint,
        };
        let bucket = match self.virtual_host_style {
            true => endpoint.replacen("//", &format!("//{}.", self.bucket), 1),
            false => format!("{endpoint}/{}", self.bucket),
        };
        let signer = self.login.as_ref().map(|login| {
            let of = StaticCredentialProvider::new(&login.access_key_id, login.secret_access_key.expose());
            let of = match &login.session_token {
                Some(token) => of.with_session_token(token.expose()),
                None => of,
            };
            signer(of, RequestSigner::new("s3", region))
        });
        let told = [
            ("x-amz-server-side-encryption", &self.server_side_encryption),
            ("x-amz-storage-class", &self.storage_class),
        ];
        let told = told.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))).map(
            |(name, value)| {
                let value = HeaderValue::from_str(value);
                let value = value.map_err(|_| Fault::never("config", format!("{name} cannot be sent")))?;
                Ok((HeaderName::from_static(name), value))
            },
        );
        Ok(Reached { bucket, signer, told: told.collect::<Result<_, Fault>>()? })
    }
}

/// An address without a bucket in its host, as it is asked: what is signed has the host in it.
fn address(endpoint: &str, bucket: &str) -> String {
    let asked = reqwest::Url::parse(endpoint).map_or_else(|_| endpoint.to_owned(), String::from);
    asked.trim_end_matches('/').replacen(&format!("//{bucket}."), "//", 1)
}

/// Who signs with a key that is given.
fn signer<K: SigningCredential>(
    provider: impl ProvideCredential<Credential = K>,
    signs: impl SignRequest<Credential = K>,
) -> Box<dyn Signs> {
    Box::new(Signer::new(Context::new(), provider, signs))
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

    fn in_parts(&self, size: u64) -> Option<&S3> {
        uploads::in_parts(size).then_some(self)
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        let tried = format!("writing {at}");
        let draft = Draft::beside(&tried, at, temporary, size)?;
        let open = match uploads::in_parts(size) {
            true => Open::Sent(self.draft_alone(at, body, &draft).await?),
            false => {
                let pieces: Vec<Bytes> = exactly(body.pieces(), size, tried).try_collect().await?;
                Open::Whole(Buffer::from(pieces))
            }
        };
        self.drafts.keep(draft.temporary.clone(), open);
        Ok(draft)
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
            Some(Open::Whole(content)) => self.store.write(&key, content).await.map(drop),
            Some(Open::Sent(sent)) => return self.finish(&tried, sent).await,
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
            Some(Open::Sent(sent)) => return sent.let_go().await,
            Some(Open::Whole(_) | Open::CopyOf(_)) => Ok(()),
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

    fn bucket(endpoint: Option<&str>, virtual_host_style: bool) -> String {
        let bucket = "photos".to_owned();
        let options = S3Options { bucket, virtual_host_style, ..S3Options::default() };
        options.reached(endpoint.unwrap_or(AWS)).unwrap().bucket
    }

    #[test]
    fn a_bucket_is_where_the_library_looks_for_it() {
        assert_eq!(bucket(None, false), "https://s3.us-east-1.amazonaws.com/photos");
        assert_eq!(bucket(None, true), "https://photos.s3.us-east-1.amazonaws.com");
        assert_eq!(bucket(Some("http://nas:9000/"), false), "http://nas:9000/photos");
        assert_eq!(bucket(Some("https://NAS:443"), false), "https://nas/photos", "as it is asked");
        assert_eq!(bucket(Some("https://photos.cos.example.com"), true), "https://photos.cos.example.com");
    }
}
