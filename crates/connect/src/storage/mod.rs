//! Trees of files, wherever they lie: one small trait, and the storages that keep to it.
//!
//! A storage answers what is there and does what it is told, one thing at a time; which file goes where is for its
//! callers. Three promises hold for every storage, and one suite (`tests/storage`) asks them of each:
//!
//! - A listing is whole or an error. A folder that is not there, and one that vanishes meanwhile, is an error.
//! - Nothing is seen under a file's name before all of it is there: a file is drafted first, then published.
//! - Links are never followed, and opening a storage makes nothing.
//!
//! What must not enter: what is copied and why, retries, schedules.

mod address;
mod below;
mod dal;
#[cfg(any(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
mod drives;
mod exact;
mod folders;
mod found;
mod ftp;
mod http;
mod local;
mod memory;
mod paced;
mod place;
mod s3;
mod sftp;
mod trouble;
mod webdav;

use std::fs::File;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use jiff::Timestamp;

pub use below::Below;
#[cfg(any(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
pub use drives::{Drive, DriveKind, DriveLogin, DriveOptions};
pub use ftp::{Authorities, Ftp, FtpOptions};
pub use local::{Copied, CopyWanted, Local};
pub use memory::Memory;
pub use paced::Paced;
pub use place::{BadPlace, Place};
#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
pub use s3::{Cloud, CloudOptions};
pub use s3::{S3, S3Login, S3Options, Upload};
pub use sftp::{HostKeys, Sftp, SftpOptions};
pub use trouble::{Trouble, Wrong};
pub use webdav::{WebDav, WebDavOptions};

/// A tree of files. Places are counted from its root. What it cannot do it says in [`Trouble`].
#[async_trait]
pub trait Storage: Send + Sync + 'static {
    /// What it can do.
    fn nature(&self) -> Nature;

    /// The tree itself, when it lies on this machine: trees of one machine copy many small files in one go.
    fn here(&self) -> Option<&Local> {
        None
    }

    /// The store itself, when it sends a file of that size in an upload that can be gone on with.
    fn in_parts(&self, _size: u64) -> Option<&S3> {
        None
    }

    /// What lies at the place; `None` when nothing does.
    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble>;

    /// All that lies in the folder, in no order.
    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble>;

    /// The content of a file.
    async fn read(&self, at: &Place) -> Result<Body, Trouble>;

    /// Puts a file's content beside its final place, under the temporary name. Content that does not come to `size`
    /// bytes is an error, and nothing of it is left.
    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble>;

    /// Drafts a copy of a file of this storage without its content passing through here; `None` where it cannot.
    async fn copy(&self, _from: &Place, _at: &Place, _temporary: &str) -> Result<Option<Draft>, Trouble> {
        Ok(None)
    }

    /// Gives a draft its name, in the place of what is there. Answers the file as the storage then sees it.
    async fn publish(&self, draft: Draft, modified: Option<Timestamp>) -> Result<FileFacts, Trouble>;

    /// Publishes drafts of one folder, one after the other, each when it may. The answers stand in the order of the drafts;
    /// there are none from the first on that it might not.
    async fn publish_all(
        &self,
        drafts: Vec<(Draft, Option<Timestamp>)>,
        may: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<FileFacts, Trouble>> {
        let mut published = Vec::with_capacity(drafts.len());
        for (draft, modified) in drafts {
            if !may() {
                break;
            }
            published.push(self.publish(draft, modified).await);
        }
        published
    }

    /// Takes a draft away.
    async fn discard(&self, draft: Draft) -> Result<(), Trouble>;

    /// Makes a folder, and those above it; one that is there is fine.
    async fn make_folder(&self, at: &Place) -> Result<(), Trouble>;

    /// Moves a file to a place where nothing is, making the folders above it.
    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble>;

    /// Removes a file. One that is gone already is fine.
    async fn remove_file(&self, at: &Place) -> Result<(), Trouble>;

    /// Removes a folder that is empty; one that is not stays and is an error.
    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble>;
}

/// What a storage can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nature {
    /// The word configurations use.
    pub service: &'static str,
    /// A file keeps the time it is given, to within `precision`.
    pub keeps_modified: bool,
    /// How exactly times of files are told.
    pub precision: Duration,
    /// Of old files only the day may be told, as its beginning.
    pub tells_days: bool,
    /// Folders exist without files in them.
    pub real_folders: bool,
    /// What is drafted can be read under its temporary name.
    pub shows_drafts: bool,
    /// Several drafts of one folder are published with fewer requests than each of them alone.
    pub publishes_together: bool,
    /// Capitals and small letters are one to it, as far as is known of all of its kind.
    pub folds_case: bool,
}

/// One thing in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name; of [`Odd::Name`], what can be shown of it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// What lies at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File(FileFacts),
    /// A folder.
    Folder,
    /// Neither; left alone.
    Odd(Odd),
}

/// Why something is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// A link, wherever it leads.
    Link,
    /// A socket, a device or a pipe.
    Device,
    /// Its name is not Unicode text.
    Name,
}

/// What a storage tells of a file without its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// Bytes.
    pub size: u64,
    /// When its content was made, as far as the storage knows.
    pub modified: Option<Timestamp>,
    /// The storage's own mark of the content, without quotes.
    pub etag: Option<String>,
}

/// A file's content on its way.
pub enum Body {
    /// An open file of this machine: a storage of this machine has the kernel copy it.
    Here(File),
    /// Pieces, in order.
    Pieces(BoxStream<'static, Result<Bytes, Trouble>>),
}

/// A file that has its content and not yet its name.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its final place.
    pub at: Place,
    /// Where it lies now.
    pub temporary: Place,
    /// Bytes written.
    pub size: u64,
    /// The file the content came from as it was after the last of it was read, when who wrote it could see that.
    pub source: Option<FileFacts>,
}

impl Draft {
    /// A draft that is to lie beside its place.
    fn beside(tried: &str, at: &Place, temporary: &str, size: u64) -> Result<Self, Trouble> {
        let beside = at.folder().join(temporary);
        let temporary = beside.map_err(|bad| Trouble::new(Wrong::Name, tried, bad.to_string()))?;
        Ok(Self { at: at.clone(), temporary, size, source: None })
    }
}
