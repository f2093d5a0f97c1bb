//! What is done with several requests: looking at a way before it is gone, folders, a draft's way to its name.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use russh_sftp::client::error::Error;
use russh_sftp::protocol::{FileAttributes, StatusCode};

use super::Sftp;
use super::session::Session;
use crate::storage::{Draft, Entry, FileFacts, Kind, Odd, Place, Trouble, Wrong, found};

/// Bits of a mode that say what something is.
const KIND: u32 = 0o170_000;

impl Sftp {
    /// The session that is open, or a new one.
    pub(super) async fn session(&self, tried: &str) -> Result<Arc<Session>, Trouble> {
        let mut kept = self.0.session.lock().await;
        if let Some(session) = kept.as_ref().filter(|session| session.is_open()) {
            return Ok(Arc::clone(session));
        }
        let opened = Session::open(&self.0.server).await;
        let opened = opened.map_err(|trouble| Trouble {
            why: format!("{}: {}", trouble.tried, trouble.why),
            tried: tried.to_owned(),
            ..trouble
        });
        let session = Arc::new(opened?);
        *kept = Some(Arc::clone(&session));
        Ok(session)
    }

    /// The path of a place on the server.
    pub(super) fn path(&self, at: &Place) -> String {
        match (at.is_root(), self.0.root.is_empty()) {
            (true, false) => self.0.root.clone(),
            _ => format!("{}{at}", self.0.root),
        }
    }

    /// What lies there itself, wherever the way leads. Links in the root's own path are followed.
    pub(super) async fn glance(&self, tried: &str, at: &Place) -> Result<Option<Kind>, Trouble> {
        let (session, path) = (self.session(tried).await?, self.path(at));
        let answer = match at.is_root() {
            true => session.raw.stat(path).await,
            false => session.raw.lstat(path).await,
        };
        match session.settle(tried, answer) {
            Ok(found) => kind(tried, &found.attrs).map(Some),
            Err(trouble) if trouble.wrong == Wrong::Missing => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// Makes sure that the way to the folder, and itself, is of folders.
    pub(super) async fn reach(&self, tried: &str, folder: &Place) -> Result<(), Trouble> {
        self.0
            .folders
            .each(folder, folder.way(), |step| async move { self.expect_folder(tried, &step).await })
            .await
    }

    pub(super) async fn expect_folder(&self, tried: &str, at: &Place) -> Result<(), Trouble> {
        found::folder(tried, at, self.glance(tried, at).await?.as_ref())
    }

    /// Looks at a file, the way there included.
    pub(super) async fn file_at(&self, tried: &str, at: &Place) -> Result<FileFacts, Trouble> {
        self.reach(tried, &at.folder()).await?;
        found::file(tried, self.glance(tried, at).await?)
    }

    pub(super) async fn make(&self, tried: &str, at: &Place) -> Result<(), Trouble> {
        match self.glance(tried, at).await? {
            Some(Kind::Folder) => return Ok(()),
            Some(_) => return Err(Trouble::new(Wrong::NotFolder, tried, format!("{at} is no folder"))),
            None => {}
        }
        let session = self.session(tried).await?;
        let mut paths = vec![self.path(at)];
        if at.is_root() {
            // The root's own way is nobody's to look at.
            let slashes =
                self.0.root.match_indices('/').skip(1).map(|(end, _)| self.0.root[..end].to_owned());
            paths = slashes.chain(paths).collect();
        }
        let mut made = Ok(());
        for path in paths {
            let answer = session.raw.mkdir(path, FileAttributes::default()).await;
            made = session.settle(tried, answer).map(drop);
        }
        // Somebody else may have been quicker, and an answer may not be the truth.
        match (self.glance(tried, at).await?, made) {
            (Some(Kind::Folder), _) => Ok(()),
            (_, Err(trouble)) => Err(trouble),
            (_, Ok(())) => Err(Trouble::new(Wrong::Other, tried, "the server made no folder")),
        }
    }

    /// Puts a draft in its place, over a file that is there.
    pub(super) async fn name(&self, tried: &str, draft: &Draft) -> Result<(), Trouble> {
        let session = self.session(tried).await?;
        let (from, to) = (self.path(&draft.temporary), self.path(&draft.at));
        let named = match session.renames_over {
            true => session.rename_over(&from, &to).await,
            false => session.raw.rename(&from, &to).await.map(drop),
        };
        let trouble = match session.settle(tried, named) {
            Ok(()) => return Ok(()),
            Err(trouble) if trouble.wrong == Wrong::Other => trouble,
            Err(trouble) => return Err(trouble),
        };
        match self.glance(tried, &draft.at).await? {
            Some(Kind::File(_)) if !session.renames_over => {}
            Some(Kind::File(_)) | None => return Err(trouble),
            Some(_) => return Err(Trouble::new(Wrong::NotFile, tried, "it is no file")),
        }
        // The old file makes room, and comes back when the new one does not get there.
        let old = format!("{from}.old");
        let set_aside = session.raw.rename(&to, &old).await;
        session.settle(tried, set_aside)?;
        let named = session.raw.rename(&from, &to).await;
        if let Err(trouble) = session.settle(tried, named) {
            let back = session.raw.rename(&old, &to).await;
            let told = |_| Trouble::new(Wrong::Other, tried, format!("what was there before is now {old}"));
            session.settle(tried, back).map_err(told)?;
            return Err(trouble);
        }
        let removed = session.raw.remove(&old).await;
        session.settle(tried, removed).map(drop)
    }

    pub(super) async fn set_time(&self, tried: &str, at: &Place, modified: Timestamp) -> Result<(), Trouble> {
        let session = self.session(tried).await?;
        // What the protocol can say: seconds from 1970 to 2106.
        let seconds = modified.as_second().clamp(0, u32::MAX.into());
        let seconds = u32::try_from(seconds).unwrap_or_default();
        let times =
            FileAttributes { atime: Some(seconds), mtime: Some(seconds), ..FileAttributes::default() };
        let answer = session.raw.setstat(self.path(at), times).await;
        session.settle(tried, answer).map(drop)
    }

    /// All entries of a folder that is one.
    pub(super) async fn entries(&self, tried: &str, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let session = self.session(tried).await?;
        let _room = session.room().await;
        let opened = session.raw.opendir(self.path(folder)).await;
        let handle = session.handle(tried, opened)?;
        let mut entries = Vec::new();
        let listed = loop {
            match session.raw.readdir(handle.clone()).await {
                Ok(name) => entries.extend(name.files),
                Err(Error::Status(status)) if status.status_code == StatusCode::Eof => break Ok(()),
                Err(error) => break session.settle(tried, Err(error)),
            }
        };
        let closed = session.raw.close(handle).await;
        listed?;
        session.settle(tried, closed)?;
        let mut names = HashSet::new();
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries.into_iter().filter(|entry| !matches!(entry.filename.as_str(), "." | "..")) {
            let name = entry.filename;
            Place::root().join(&name).map_err(|bad| unusable(tried, &bad.to_string()))?;
            let is_odd = name.contains(char::REPLACEMENT_CHARACTER);
            if !is_odd && !names.insert(name.clone()) {
                return Err(unusable(tried, &format!("`{name}` is there twice")));
            }
            // What is no Unicode comes here with this in the place of what it is.
            let kind = if is_odd { Kind::Odd(Odd::Name) } else { kind(tried, &entry.attrs)? };
            found.push(Entry { name, kind });
        }
        Ok(found)
    }

    /// Remembers nothing of folders where one was missing.
    pub(super) fn doubt<T>(&self, done: Result<T, Trouble>) -> Result<T, Trouble> {
        done.inspect_err(|trouble| {
            if trouble.wrong == Wrong::Missing {
                self.0.folders.forget_all();
            }
        })
    }
}

fn kind(tried: &str, attributes: &FileAttributes) -> Result<Kind, Trouble> {
    let mode = attributes.permissions.ok_or_else(|| unusable(tried, "it does not say what something is"))?;
    Ok(match mode & KIND {
        0o040_000 => Kind::Folder,
        0o120_000 => Kind::Odd(Odd::Link),
        0o100_000 => {
            let size = attributes.size.ok_or_else(|| unusable(tried, "a file has no size"))?;
            let modified = attributes.mtime.and_then(|seconds| Timestamp::from_second(seconds.into()).ok());
            Kind::File(FileFacts { size, modified, etag: None })
        }
        _ => Kind::Odd(Odd::Device),
    })
}

fn unusable(tried: &str, why: &str) -> Trouble {
    Trouble::new(Wrong::Other, tried, format!("the answer cannot be used: {why}"))
}
