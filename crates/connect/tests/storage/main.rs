//! What every storage promises, asked of each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
mod clouds;
#[cfg(all(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
mod drives;
mod ftp;
mod ftp_words;
mod ftpd;
mod lies;
mod local;
mod opened;
mod patience;
mod proxied;
#[expect(dead_code, reason = "tests of whole runs ask more of it")]
mod proxy;
mod s3;
#[expect(dead_code, reason = "other tests have more acts")]
#[path = "../http/server.rs"]
mod scripted;
mod scripted_ftp;
mod servers;
mod sftp;
mod suite;
mod uploads;
mod webdav;

use bytes::Bytes;
use connect::storage::{Body, Draft, Entry, Kind, Place, Storage, Trouble};
use futures_util::{StreamExt, TryStreamExt, stream};
use tempfile::TempDir;

fn place(path: &str) -> Place {
    Place::parse(path).unwrap()
}

fn pieces(content: &[&'static [u8]]) -> Body {
    let pieces: Vec<_> = content.iter().map(|piece| Ok(Bytes::from_static(piece))).collect();
    Body::Pieces(stream::iter(pieces).boxed())
}

/// A file as it is made by whoever uses a storage.
async fn put(storage: &dyn Storage, path: &str, content: &'static [u8]) {
    storage.make_folder(&place(path).folder()).await.unwrap();
    let draft = draft(storage, path, &[content]).await.unwrap();
    assert_eq!(draft.size, content.len() as u64);
    storage.publish(draft, None).await.unwrap();
}

/// Drafts of files of these names and sizes, all at once.
async fn drafts(
    storage: &dyn Storage,
    files: impl IntoIterator<Item = (String, usize)>,
) -> Vec<(Draft, Option<jiff::Timestamp>)> {
    let mut drafts = Vec::new();
    for (number, (path, size)) in files.into_iter().enumerate() {
        let (content, temporary) = (&[b'x'; 32][..size], format!(".draft-{number}"));
        let draft = storage.draft(&place(&path), &temporary, pieces(&[content]), size as u64).await;
        drafts.push((draft.unwrap(), None));
    }
    drafts
}

/// A draft of all of the content.
async fn draft(storage: &dyn Storage, path: &str, content: &[&'static [u8]]) -> Result<Draft, Trouble> {
    let size = content.iter().map(|piece| piece.len() as u64).sum();
    storage.draft(&place(path), ".draft", pieces(content), size).await
}

async fn content(storage: &dyn Storage, path: &str) -> Vec<u8> {
    let pieces = storage.read(&place(path)).await.unwrap().pieces();
    pieces.map_ok(|piece| piece.to_vec()).try_concat().await.unwrap()
}

/// Names in a folder with what they are, in order: `a.txt 3`, `folder/`.
async fn names(storage: &dyn Storage, path: &str) -> Result<Vec<String>, Trouble> {
    let shown = |entry: Entry| match entry.kind {
        Kind::File(facts) => format!("{} {}", entry.name, facts.size),
        Kind::Folder => format!("{}/", entry.name),
        Kind::Odd(odd) => format!("{} {odd:?}", entry.name),
    };
    let mut names: Vec<String> = storage.list(&place(path)).await?.into_iter().map(shown).collect();
    names.sort();
    Ok(names)
}

/// An empty folder that goes with the test.
fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}
